//! What README.md and the examples promise is run here: its commands, what they print, the flags it names, the settings.
//!
//! `<!-- runs -->` before a block of commands has them run in a folder that has `examples/`, as a clone has;
//! `<!-- runs in a copy of the examples -->` has them run in such a copy, against a simulator, as the README sets it up.
//! A command ends with 0 unless a comment at its end says `# ends with N`. `<!-- prints -->` before the block after it
//! says that this is what the last command printed. `cargo run --` stands for the program.

use std::fs;
use std::path::Path;

use wxremind::cli::definition;
use wxremind::cli::exit::Exit;
use wxremind::config::document::Document;
use wxremind::config::environment::Environment;
use wxremind::intake::database::Period;

use crate::support::servers::{Database, mariadb, postgres};
use crate::support::{Desk, Run};

const README: &str = include_str!("../README.md");

#[test]
fn the_first_commands_run_and_print_what_is_shown() {
    let desk = Desk::new();
    lay_out(&desk, "examples/");
    let _ = run_blocks("<!-- runs -->", |words| desk.run(words.iter().map(String::as_str)));
}

#[test]
fn the_rehearsal_runs() {
    let desk = Desk::new();
    lay_out(&desk, "");
    let base = desk.base_url();
    let telephone = run_blocks("<!-- runs in a copy of the examples -->", |words| {
        desk.program(words.iter().map(String::as_str))
            .env("WXREMIND_API_BASE", &base)
            .env("WXREMIND_APP_ID", wechat_simulator::SAMPLE_APP_ID)
            .env("WXREMIND_LEDGER", "sqlite:rehearsal.db")
            .run()
    });
    let phones: Vec<String> =
        desk.simulator().messages().iter().map(|m| m.openid.clone()).collect();
    // The cancelled visit is not on the telephone list, the patient without an openid is.
    assert!(telephone.stdout.contains("YY20261130007"), "{telephone}");
    assert!(!telephone.stdout.contains("YY20261130003"), "{telephone}");
    // Of the seven visits one is cancelled, one has only 上午 and one patient has no openid; one more is caught up.
    assert_eq!(phones.len(), 5, "{phones:?}");
}

#[test]
fn a_newcomer_reaches_a_patient_from_a_fresh_database() {
    if let Some(database) = postgres() {
        follow("<!-- runs on PostgreSQL -->", &database);
    }
    if let Some(database) = mariadb() {
        follow("<!-- runs on MariaDB -->", &database);
    }
}

/// Does what the block says: the SQL file as the owner, the address as the variable, the commands as they are. Only where
/// the server is and what its login is called are this test's own.
fn follow(mark: &str, database: &Database) {
    let desk = Desk::new();
    lay_out(&desk, "examples/");
    let login = format!("wx_reader_{}", database.name());
    let (_, block) = README.split_once(mark).unwrap();
    let (mut source, mut runs) = (String::new(), 0);
    for line in fenced(block, "sh").0.lines() {
        if let Some(address) = line.strip_prefix("export WXREMIND_SOURCE=") {
            let place = format!("{}/{}", database.address(), database.name());
            source = address.trim_matches('\'').replace("127.0.0.1/his", &place);
            source = source.replace("wx_reader", &login);
        } else if let Some(words) = line.strip_prefix("wxremind ") {
            let words: Vec<&str> = words.split_whitespace().collect();
            let settings = fs::read_to_string(desk.path(words[1])).unwrap();
            let template = wechat_simulator::TEMPLATE_REMINDER;
            desk.file(
                words[1],
                format!("{settings}\n[templates.ids]\nreminder = \"{template}\"\n"),
            );
            let run = desk
                .program(words.iter().copied())
                .env("WXREMIND_SOURCE", &source)
                .env("WXREMIND_API_BASE", desk.base_url())
                .env("WXREMIND_APP_ID", wechat_simulator::SAMPLE_APP_ID)
                .env("WXREMIND_LEDGER", "sqlite:ledger.db")
                .run()
                .expect(0);
            assert!(!format!("{}{}", run.stdout, run.stderr).contains("change-me"), "{run}");
            desk.file(words[1], settings);
            runs += 1;
        } else {
            let file = line.split_whitespace().next_back().unwrap().trim_start_matches("--file=");
            let sql = fs::read_to_string(desk.path(file)).unwrap();
            database.execute(&sql.replace("wx_reader", &login));
        }
    }
    assert_eq!(runs, 3, "the block has another form");
    let messages = desk.simulator().messages();
    let phones: Vec<&str> = messages.iter().map(|message| message.openid.as_str()).collect();
    // One visit is cancelled, one patient is bound to no account, one visit is a month away.
    assert_eq!(phones, ["oSampleOpenidOfPatient000001"]);
    assert!(format!("{:?}", messages[0]).contains("Y0001"), "{:?}", messages[0]);
}

#[test]
fn the_sample_settings_of_every_kind_of_source_load() {
    let desk = Desk::new();
    lay_out(&desk, "examples/");
    let mut kinds = Vec::new();
    for entry in fs::read_dir(desk.path("examples/sources")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        kinds.push(file.file_stem().unwrap().to_str().unwrap().to_owned());
        let request = wxremind::config::Request { file: Some(&file), account: None };
        let config = wxremind::config::Config::load(&request, Environment::default()).unwrap();
        config.account().unwrap();
        assert_eq!((config.remind.days.as_slice(), config.remind.catch_up), (&[7][..], 3));
        assert!(config.source.origin.is_some(), "{}", file.display());
        // What needs no server to be found wrong is right.
        let today = jiff::civil::date(2026, 11, 23);
        wxremind::cli::inputs::check(&config, Period::covering([], today)).unwrap();
    }
    kinds.sort();
    assert_eq!(kinds.join(" "), "csv excel fhir hl7 mysql odbc pipe postgres sqlite");
}

#[test]
fn every_command_and_option_named_in_the_readme_exists() {
    let mut program = definition();
    program.build();
    let mut named = 0;
    for line in code() {
        let words: Vec<&str> = line.split_whitespace().take_while(|word| *word != "#").collect();
        // The program stands first, but for the times of a crontab.
        let Some(start) = words
            .iter()
            .position(|word| !word.starts_with(|c: char| c == '*' || c.is_ascii_digit()))
        else {
            continue;
        };
        if words[start] == "wxremind" || words[start].ends_with("/wxremind") {
            named += check(&program, &words[start + 1..], &line);
        } else if words[start].starts_with("--") {
            let option = words[start].trim_start_matches("--").split('=').next().unwrap();
            assert!(has_option(&program, option), "no command has --{option}: {line}");
        }
    }
    assert!(named > 30, "only {named} were found: has the README another form?");
}

#[test]
fn the_sample_event_is_the_one_in_the_examples() {
    assert_eq!(fenced(README, "json").0, include_str!("../examples/event.json"));
}

#[test]
fn every_exit_code_is_in_the_readme() {
    for exit in Exit::ALL {
        assert!(README.contains(&format!("\n| {} | ", exit.code())), "{exit:?}");
    }
}

#[test]
fn the_example_settings_load_as_they_are_and_with_everything_switched_on() {
    for everything in [false, true] {
        let desk = Desk::new();
        lay_out(&desk, "");
        if everything {
            let on = switched_on(&fs::read_to_string(desk.path("wxremind.toml")).unwrap());
            desk.file("wxremind.toml", on);
        }
        let days = ["remind", "--dry-run", "--now", "2026-11-23", "--contacts", "contacts.csv"];
        let _ = desk.run(days.into_iter().chain(["appointments.csv"])).expect(0);
    }
}

#[test]
fn the_example_settings_name_every_setting() {
    let example = include_str!("../examples/wxremind.toml");
    let text = switched_on(example);
    let document = Document { file: Path::new("wxremind.toml"), text: &text };
    document.parse().unwrap();
    // Whatever the sections ask for by name.
    let sources = ["account", "messages", "sending", "serve", "source", "webhook"].map(|name| {
        fs::read_to_string(format!("{}/src/config/{name}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap()
    });
    for source in &sources {
        let own = source.split("#[cfg(test)]").next().unwrap();
        for key in [
            "take(\"",
            "text(&mut section, \"",
            "duration(&mut section, \"",
            "switch(&mut section, \"",
            "words(&mut status, \"",
        ]
        .iter()
        .flat_map(|call| own.split(call).skip(1))
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|key| !LATER.contains(key))
        {
            let set = text.lines().any(|line| {
                line.starts_with(&format!("{key} = ")) || line.starts_with(&format!("[{key}]"))
            });
            assert!(set, "examples/wxremind.toml lacks {key}");
        }
    }
}

/// Settings that are read but do nothing yet, so that the example does not offer them; and one that is for tests.
const LATER: [&str; 1] = ["wait_scale"];

/// Copies the examples onto the desk.
fn lay_out(desk: &Desk, folder: &str) {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    lay_out_folder(desk, &examples, folder);
}

fn lay_out_folder(desk: &Desk, from: &Path, to: &str) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            lay_out_folder(desk, &path, &format!("{to}{name}/"));
        } else {
            desk.file(&format!("{to}{name}"), fs::read(&path).unwrap());
        }
    }
}

/// The settings with every line that begins with # and no space switched on.
fn switched_on(text: &str) -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.starts_with(' ') && !rest.is_empty() => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(on).collect()
}

/// Runs the blocks with this mark, and compares what follows them under `<!-- prints -->`; answers with the last run.
fn run_blocks(mark: &str, run: impl Fn(&[String]) -> Run) -> Run {
    let mut found = None;
    for part in README.split(mark).skip(1) {
        let (commands, rest) = fenced(part, "sh");
        let mut last = None;
        for line in commands.lines() {
            let (command, note) = line.split_once(" # ").unwrap_or((line, ""));
            let words: Vec<String> = command
                .trim_start_matches("cargo run -- ")
                .trim_start_matches("wxremind ")
                .split_whitespace()
                .map(str::to_owned)
                .collect();
            let code = note.trim().strip_prefix("ends with ").map_or(0, |rest| {
                rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
            });
            last = Some(run(&words).expect(code));
        }
        if let Some(shown) = rest.trim_start().strip_prefix("<!-- prints -->") {
            let last = last.as_ref().expect("a command is run before its output is shown");
            assert_eq!(fenced(shown, "text").0, format!("{}{}", last.stdout, last.stderr));
        }
        found = last;
    }
    found.unwrap_or_else(|| panic!("README.md has no command under {mark}"))
}

/// The first fenced block of this kind, and what follows it.
fn fenced<'a>(text: &'a str, kind: &str) -> (&'a str, &'a str) {
    let (_, block) = text.split_once(&format!("```{kind}\n")).expect("a fenced block");
    block.split_once("```").expect("the end of the block")
}

/// Every line of the README's blocks, and every span of code in its text.
fn code() -> Vec<String> {
    let mut lines = Vec::new();
    for (number, part) in README.split("```").enumerate() {
        if number % 2 == 1 {
            lines.extend(part.lines().skip(1).map(str::to_owned));
        } else {
            let spans = part.split('`').enumerate().filter(|(at, _)| at % 2 == 1);
            lines.extend(spans.map(|(_, span)| span.to_owned()));
        }
    }
    lines.into_iter().map(|line| line.replace("cargo run --", "wxremind")).collect()
}

/// Whether the program or any of its commands has this option.
fn has_option(command: &clap::Command, option: &str) -> bool {
    command.get_arguments().any(|one| one.get_long() == Some(option))
        || command.get_subcommands().any(|verb| has_option(verb, option))
}

/// Follows the words through the command line's definition; answers how many it knew.
fn check(program: &clap::Command, words: &[&str], line: &str) -> usize {
    let mut command = program;
    let mut known = 0;
    for word in words {
        if let Some(verb) = command.find_subcommand(word) {
            command = verb;
            known += 1;
        } else if let Some(option) = word.strip_prefix("--") {
            let option = option.split('=').next().unwrap();
            let exists = command.get_arguments().any(|one| one.get_long() == Some(option));
            assert!(exists, "{} has no --{option}: {line}", command.get_name());
            known += 1;
        } else {
            let verb_is_missing = command.has_subcommands()
                && command.get_name() == program.get_name()
                && word.chars().all(|c| c.is_ascii_lowercase());
            assert!(!verb_is_missing, "there is no command {word}: {line}");
        }
    }
    known
}
