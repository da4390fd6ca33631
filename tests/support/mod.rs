//! A desk to run the program at: its own folders, a cleared environment, a simulator on demand, and what a run said
//! as one text for snapshots.
//!
//! ```ignore
//! let desk = Desk::with_account();                  // wxremind.toml points at a simulator of its own
//! desk.file("appointments.csv", "openid,start\n…");
//! let run = desk.run(["remind", "--days", "7", "appointments.csv"]);
//! insta::assert_snapshot!(run, @"");
//! assert_eq!(desk.simulator().messages().len(), 1);
//! ```

pub mod browser;
pub mod receiver;
pub mod servers;
pub mod serving;
pub mod tables;

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;
use wechat_simulator::{Running, SAMPLE_APP_ID, SAMPLE_SECRET, Settings, Simulator};

/// How long a run may take.
const PATIENCE: Duration = Duration::from_mins(4);

/// A person's place of work: a home folder, a working folder, and perhaps a simulator.
pub struct Desk {
    folder: TempDir,
    simulator: OnceLock<Running>,
    settings: Settings,
}

impl Desk {
    /// A desk with nothing on it.
    pub fn new() -> Self {
        Self::with_simulator(Settings::default())
    }

    /// A desk whose simulator will have these settings.
    pub fn with_simulator(settings: Settings) -> Self {
        let folder = tempfile::Builder::new().prefix("desk-").tempdir().unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        Self { folder, simulator: OnceLock::new(), settings }
    }

    /// A desk whose `wxremind.toml` holds the simulator's account and keeps the ledger in the working folder.
    pub fn with_account() -> Self {
        let desk = Self::new();
        desk.settings("");
        desk
    }

    /// Writes `wxremind.toml`: the simulator's account, the ledger, a short wait, then `more`.
    pub fn settings(&self, more: &str) {
        let base = self.base_url();
        self.file(
            "wxremind.toml",
            format!(
                "ledger = \"sqlite:ledger.db\"\n{more}\n[account]\napp_id = \"{SAMPLE_APP_ID}\"\napi_base = \"{base}\"\n",
            ),
        );
    }

    /// Writes a file of the working folder, readable by its owner only.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        path
    }

    /// A path of the working folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// A path of the home folder.
    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join("home").join(name)
    }

    /// The simulator, started at the first call.
    pub fn simulator(&self) -> &Simulator {
        self.running().simulator()
    }

    /// Where the simulator answers.
    pub fn base_url(&self) -> String {
        self.running().base_url()
    }

    fn running(&self) -> &Running {
        self.simulator
            .get_or_init(|| Simulator::new(self.settings.clone()).start_on_thread().unwrap())
    }

    /// The program with these arguments, to be changed before it runs.
    pub fn program<'a>(&'a self, arguments: impl IntoIterator<Item = &'a str>) -> Program<'a> {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("wxremind"));
        command.args(arguments).current_dir(self.path("")).env_clear();
        let home = self.home("");
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("TMPDIR", self.folder.path())
            // No keyring, wherever the tests run.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
            .env("TZ", "UTC")
            .env("LANG", "C.UTF-8")
            .env("TERM", "dumb")
            .env("COLUMNS", "100")
            .env("WXREMIND_APP_SECRET", SAMPLE_SECRET);
        Program { desk: self, command, stdin: Vec::new() }
    }

    /// Runs the program with nothing on standard input.
    pub fn run<'a>(&'a self, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        self.program(arguments).run()
    }

    /// Replaces what differs from run to run by words of the same width, so that tables stay aligned.
    fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(running) = self.simulator.get() {
            text =
                same_width(&text, running.base_url().trim_start_matches("http://"), "[SIMULATOR]");
        }
        let folder = self.folder.path().to_str().unwrap();
        text = text.replace(folder, "[DESK]");
        // What a token has left, since a run may take a second or two.
        for seconds in 7190..=7200 {
            text = text.replace(&seconds.to_string(), "7xxx");
        }
        shapes(&text)
    }
}

/// A run to be.
pub struct Program<'a> {
    desk: &'a Desk,
    command: Command,
    stdin: Vec<u8>,
}

impl Program<'_> {
    /// Sets a variable.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable away, such as the sample secret that every run has.
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Gives this to standard input.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Starts it with piped streams, all of them the caller's; for input that is too long to be held.
    pub fn open(mut self) -> std::process::Child {
        let (input, output) = (Stdio::piped(), Stdio::piped());
        self.command.stdin(input).stdout(output).stderr(Stdio::inherit()).spawn().unwrap()
    }

    /// Starts it without waiting, with piped streams; for kill tests.
    pub fn spawn(mut self) -> std::process::Child {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read its input closes it early.
        let _ = child.stdin.take().unwrap().write_all(&self.stdin);
        child
    }

    /// Runs it to its end. What has not ended after minutes never will: it is killed, so that its test fails and the
    /// others go on.
    pub fn run(self) -> Run {
        let desk = self.desk;
        let child = self.spawn();
        let (id, (ended, heard)) = (child.id(), std::sync::mpsc::channel::<()>());
        std::thread::spawn(move || {
            if heard.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            }
        });
        let run = Run::of(desk, child);
        drop(ended);
        run
    }
}

/// What a run said. As text: standard output, standard error and status, each only when it says something.
#[must_use]
pub struct Run {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output as it was.
    pub stdout: String,
    /// Standard error as it was.
    pub stderr: String,
    shown: (String, String),
}

impl Run {
    /// What a program that was spawned at this desk says until its end.
    pub fn of(desk: &Desk, child: std::process::Child) -> Self {
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        let (stdout, stderr) = (text(stdout), text(stderr));
        let shown = (desk.redact(&stdout), desk.redact(&stderr));
        Self { code: status.code(), stdout, stderr, shown }
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON ({error}):\n{self}"))
    }

    /// This run, after checking its exit code.
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "unexpected exit code:\n{self}");
        self
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in [("stdout", &self.shown.0), ("stderr", &self.shown.1)] {
            if !text.is_empty() {
                writeln!(f, "--- {name}\n{}", text.trim_end_matches('\n'))?;
            }
        }
        match self.code {
            Some(code) => write!(f, "--- exit {code}"),
            None => write!(f, "--- ended by a signal"),
        }
    }
}

/// A file's permissions.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Sets a file's permissions.
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn same_width(text: &str, varying: &str, word: &str) -> String {
    text.replace(varying, &format!("{word:-<width$}", width = varying.len()))
}

/// Request ids and UUIDs, by their shape: groups of hexadecimal digits become as many `x`.
fn shapes(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..end];
        let groups: Vec<usize> = word.split('-').map(str::len).collect();
        let varies = groups == [8, 4, 4, 4, 12] || groups == [8, 8, 8];
        shown.push_str(&rest[..start]);
        shown.extend(word.chars().map(|c| if varies && c != '-' { 'x' } else { c }));
        rest = &rest[end..];
    }
    shown + rest
}
