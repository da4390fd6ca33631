//! The one place that prints and asks: standard output, standard error, quiet, verbose, colour, prompts, progress.
//!
//! The law: a command hands over a value that is `Display + Serialize`, and whether people or programs read it is
//! decided here once. Data goes to standard output, everything else to standard error. All text passes through
//! [`sanitise::text`], so that no cell of a source and no answer from the network reaches a terminal as a command;
//! what `Display` writes therefore carries no colours, and no colour is ever the only signal. A reader that went away
//! (`wxremind … | head`) ends the printing, not the work.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use clap::ColorChoice;
use dialoguer::console::Term;
use dialoguer::{Confirm, Input, Password};
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::SecretString;
use serde::Serialize;

use super::error::CommandError;
use super::exit::Exit;
use super::sanitise;

/// The program's name in front of every line on standard error.
const NAME: &str = "wxremind";

/// What was asked about output on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// JSON instead of text.
    pub json: bool,
    /// Errors only.
    pub quiet: bool,
    /// How many `-v`.
    pub verbose: u8,
    /// When to colour standard error.
    pub color: ColorChoice,
}

/// Which streams may be coloured.
#[derive(Clone, Copy, Debug, Default)]
struct Coloured {
    out: bool,
    err: bool,
}

/// Standard output, standard error and the terminal.
pub struct Ui {
    manner: Manner,
    color: Coloured,
    terminal: bool,
    /// Until the reader of standard output goes away.
    open: bool,
    out: Box<dyn Write>,
    err: Box<dyn Write>,
}

impl Ui {
    /// The process's own streams.
    pub fn new(manner: Manner) -> Self {
        let terminal = io::stderr().is_terminal();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let color = |terminal: bool| match manner.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && wanted,
        };
        Self {
            manner,
            color: Coloured { out: color(io::stdout().is_terminal()), err: color(terminal) },
            terminal,
            open: true,
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
        }
    }

    /// Whether programs read the output. Commands need it only to refuse, never to choose between two outputs.
    pub const fn json(&self) -> bool {
        self.manner.json
    }

    /// Whether standard error may be coloured.
    pub const fn color(&self) -> bool {
        self.color.err
    }

    /// Whether `-v` was given.
    pub const fn verbose(&self) -> bool {
        self.manner.verbose > 0
    }

    /// Hands over a command's result: text by `Display`, or one JSON value, on standard output.
    pub fn out<T: Display + Serialize>(&mut self, value: &T) -> Result<(), CommandError> {
        let mut shown =
            if self.manner.json { json(value)? } else { sanitise::text(&value.to_string()) };
        // An empty text is no line; an empty JSON value is still a value.
        if !shown.is_empty() && !shown.ends_with('\n') {
            shown.push('\n');
        }
        self.raw(shown.as_bytes())
    }

    /// As [`Ui::out`], with each of these words painted in its colour where a line begins with it. Only at a terminal, and
    /// after foreign text has lost its own colours.
    pub fn out_painted<T: Display + Serialize>(
        &mut self,
        value: &T,
        words: &[(&str, &str)],
    ) -> Result<(), CommandError> {
        if self.manner.json || !self.color.out {
            return self.out(value);
        }
        let paint = |line: &str| {
            let found = words.iter().find_map(|(word, code)| {
                Some((word, code, line.strip_prefix(*word)?.strip_prefix(' ')?))
            });
            match found {
                Some((word, code, rest)) => format!("{} {rest}\n", painted(word, code)),
                None => format!("{line}\n"),
            }
        };
        let shown: String = sanitise::text(&value.to_string()).lines().map(paint).collect();
        self.raw(shown.as_bytes())
    }

    /// How wide standard output is, where it is a terminal.
    pub fn width(&self) -> Option<usize> {
        let out = Term::stdout();
        out.is_term().then(|| out.size_checked()).flatten().map(|(_, columns)| columns.into())
    }

    /// Hands over a command's result as JSON, whatever `--json` says: for verbs with `--format`.
    pub fn out_json<T: Serialize>(&mut self, value: &T) -> Result<(), CommandError> {
        let shown = json(value)? + "\n";
        self.raw(shown.as_bytes())
    }

    /// Hands over the summary of a run: JSON on standard output always; text on standard error, at a terminal or with
    /// `-v`, so that a run from cron that needs nobody prints nothing.
    pub fn summary<T: Display + Serialize>(&mut self, value: &T) -> Result<(), CommandError> {
        if self.manner.json {
            return self.out(value);
        }
        if (self.terminal || self.verbose()) && !self.manner.quiet {
            self.line(&value.to_string());
        }
        Ok(())
    }

    /// Hands over the summary of a run that needs somebody: as [`Ui::summary`], but said from cron too.
    pub fn report<T: Display + Serialize>(&mut self, value: &T) -> Result<(), CommandError> {
        if self.manner.json {
            return self.out(value);
        }
        self.line(&sanitise::text(&value.to_string()));
        Ok(())
    }

    /// Hands over bytes that another program reads as they are: completions, a manual page, CSV.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), CommandError> {
        if !self.open {
            return Ok(());
        }
        match self.out.write_all(bytes).and_then(|()| self.out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.open = false;
                Ok(())
            }
            Err(error) => Err(CommandError::new(Exit::Partly, "The output could not be written.")
                .caused_by(error)),
        }
    }

    /// Says something on standard error that is neither data nor a problem; silent with `--quiet`.
    pub fn note(&mut self, text: impl Display) {
        if !self.manner.quiet {
            self.line(&text.to_string());
        }
    }

    /// Says something that only `-v` asks for.
    pub fn detail(&mut self, text: impl Display) {
        if self.verbose() && !self.manner.quiet {
            self.line(&text.to_string());
        }
    }

    /// Warns: the work goes on, but somebody should know. Shown with `--quiet` too.
    pub fn warn(&mut self, text: impl Display) {
        let label = self.paint("warning", "33");
        self.line(&format!("{NAME}: {label}: {}", sanitise::text(&text.to_string())));
    }

    /// Reports the error that ends the program.
    pub fn error(&mut self, error: &CommandError) {
        let label = self.paint("error", "31");
        self.line(&format!("{NAME}: {label}: {}", sanitise::text(&error.message)));
        if self.verbose() {
            let said = error.said();
            for cause in error.causes().filter(|cause| !said.holds(cause)) {
                self.line(&format!("  caused by: {}", sanitise::line(&cause)));
            }
        }
        let label = self.paint("hint", "36");
        for hint in &error.hints {
            self.line(&format!("{label}: {}", sanitise::text(hint)));
        }
    }

    /// Whether somebody can be asked: standard error is a terminal, and programs do not read the output.
    pub const fn can_ask(&self) -> bool {
        self.terminal
    }

    /// Asks for a yes or no at the terminal, whatever standard input is; the answer of the enter key is no.
    pub fn confirm(&mut self, question: &str) -> Result<bool, CommandError> {
        let asked = Confirm::new()
            .with_prompt(sanitise::text(question))
            .default(false)
            .interact_on(&Term::stderr());
        asked.map_err(unanswered)
    }

    /// Asks for a line of text at the terminal; `offered` is what the enter key answers.
    pub fn ask(&mut self, question: &str, offered: Option<&str>) -> Result<String, CommandError> {
        ask_line(question, offered, false)
    }

    /// Asks for a line of text at the terminal that may stay empty.
    pub fn ask_optional(
        &mut self,
        question: &str,
        offered: Option<&str>,
    ) -> Result<Option<String>, CommandError> {
        let line = ask_line(question, offered, true)?;
        Ok(Some(line).filter(|line| !line.is_empty()))
    }

    /// Asks for a secret at the terminal; it is not echoed.
    pub fn ask_secret(&mut self, question: &str) -> Result<SecretString, CommandError> {
        let asked =
            Password::new().with_prompt(sanitise::line(question)).interact_on(&Term::stderr());
        asked.map(|secret| SecretString::from(secret.trim().to_owned())).map_err(unanswered)
    }

    /// A progress bar on standard error; one that shows nothing without a terminal, with `--quiet` or `--json`.
    pub fn progress(&self, length: u64) -> ProgressBar {
        if !self.terminal || self.manner.quiet || self.manner.json {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(length);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {eta}") {
            bar.set_style(style.progress_chars("## "));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    fn paint(&self, word: &str, code: &str) -> String {
        if self.color.err { painted(word, code) } else { word.to_owned() }
    }

    /// One line on standard error. A standard error that cannot be written leaves nobody to tell.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.err, "{}", text.trim_end_matches('\n'));
    }
}

fn painted(word: &str, code: &str) -> String {
    format!("\u{1b}[1;{code}m{word}\u{1b}[0m")
}

/// Asks for a line of text at the terminal.
fn ask_line(
    question: &str,
    offered: Option<&str>,
    may_be_empty: bool,
) -> Result<String, CommandError> {
    let mut input =
        Input::<String>::new().with_prompt(sanitise::line(question)).allow_empty(may_be_empty);
    if let Some(offered) = offered {
        input = input.default(offered.to_owned());
    }
    input.interact_text_on(&Term::stderr()).map(|text| text.trim().to_owned()).map_err(unanswered)
}

fn json<T: Serialize>(value: &T) -> Result<String, CommandError> {
    serde_json::to_string_pretty(value).map_err(|error| {
        CommandError::new(Exit::Partly, "The result could not be written as JSON.").caused_by(error)
    })
}

/// A question that was not answered: interrupted, or the terminal is gone.
fn unanswered(error: dialoguer::Error) -> CommandError {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == ErrorKind::Interrupted {
        return CommandError::new(Exit::Interrupted, "Stopped at a question; nothing was done.");
    }
    CommandError::usage("Nobody could be asked: no terminal answers.")
        .hint("Give the answer on the command line; --yes stands for a yes.")
        .caused_by(error)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A stream that keeps what was written, or whose reader has gone.
    #[derive(Clone, Default)]
    pub(crate) struct Kept(Arc<Mutex<Vec<u8>>>, bool);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1 {
                return Err(ErrorKind::BrokenPipe.into());
            }
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Ui {
        /// A `Ui` that prints nowhere but into the two values beside it.
        pub(crate) fn kept(manner: Manner) -> (Self, Kept, Kept) {
            let (out, err) = (Kept::default(), Kept::default());
            let streams = (Box::new(out.clone()), Box::new(err.clone()));
            (
                Self {
                    manner,
                    color: Coloured::default(),
                    terminal: false,
                    open: true,
                    out: streams.0,
                    err: streams.1,
                },
                out,
                err,
            )
        }
    }

    #[derive(Serialize)]
    struct Greeting {
        patient: &'static str,
    }

    impl Display for Greeting {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Hello {}", self.patient)
        }
    }

    #[test]
    fn text_or_json_is_decided_once_and_escapes_never_get_out() {
        let hostile = Greeting { patient: "王\u{1b}[2J" };
        let (mut ui, out, _) = Ui::kept(Manner::default());
        ui.out(&hostile).unwrap();
        assert_eq!(out.text(), "Hello 王\n");
        let (mut ui, out, _) = Ui::kept(Manner { json: true, ..Manner::default() });
        ui.out(&hostile).unwrap();
        assert_eq!(out.text(), "{\n  \"patient\": \"王\\u001b[2J\"\n}\n");
    }

    #[test]
    fn words_are_painted_where_they_begin_a_line_and_nowhere_else() {
        let words = [("Hello", "32")];
        let (mut ui, out, _) = Ui::kept(Manner::default());
        ui.out_painted(&Greeting { patient: "A" }, &words).unwrap();
        assert_eq!(out.text(), "Hello A\n");
        let (mut ui, out, _) = Ui::kept(Manner::default());
        ui.color.out = true;
        ui.out_painted(&Greeting { patient: "Hello\u{1b}[31m\nHelloes" }, &words).unwrap();
        assert_eq!(out.text(), "\u{1b}[1;32mHello\u{1b}[0m Hello\nHelloes\n");
    }

    #[test]
    fn without_a_terminal_a_summary_is_silent_unless_asked_for() {
        let cases = [
            (Manner::default(), "", ""),
            (Manner { verbose: 1, ..Manner::default() }, "", "Hello A\n"),
            (Manner { json: true, ..Manner::default() }, "{\n  \"patient\": \"A\"\n}\n", ""),
        ];
        for (manner, on_out, on_err) in cases {
            let (mut ui, out, err) = Ui::kept(manner);
            ui.summary(&Greeting { patient: "A" }).unwrap();
            assert_eq!((out.text().as_str(), err.text().as_str()), (on_out, on_err), "{manner:?}");
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let (mut ui, _, _) = Ui::kept(Manner::default());
        ui.out = Box::new(Kept(Arc::default(), true));
        ui.out(&Greeting { patient: "A" }).unwrap();
        ui.out(&Greeting { patient: "B" }).unwrap();
        assert!(!ui.open);
    }

    #[test]
    fn a_cause_that_says_no_more_than_the_error_is_not_repeated() {
        let told = |cause: &'static str| {
            let (mut ui, _, err) = Ui::kept(Manner { verbose: 1, ..Manner::default() });
            let error = CommandError::usage("The table a.csv is empty.").hint("Run it again.");
            ui.error(&error.caused_by(io::Error::other(cause)));
            err.text()
        };
        assert!(!told("the table a.csv is empty; run it again").contains("caused by"));
        assert!(told("the table a.csv is empty (os error 2)").contains("caused by"));
    }

    #[test]
    fn an_error_shows_its_causes_with_verbose_only() {
        let error =
            || CommandError::usage("No.").hint("Try yes.").caused_by(io::Error::other("beneath"));
        let (mut ui, _, err) = Ui::kept(Manner { quiet: true, ..Manner::default() });
        ui.error(&error());
        assert_eq!(err.text(), "wxremind: error: No.\nhint: Try yes.\n");
        let (mut ui, _, err) = Ui::kept(Manner { verbose: 1, ..Manner::default() });
        ui.error(&error());
        assert_eq!(err.text(), "wxremind: error: No.\n  caused by: beneath\nhint: Try yes.\n");
    }
}
