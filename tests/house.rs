//! The rules of the house, held by reading the source: which room may use which, what a room may not touch, how long a
//! file may be. Paths are read as text, so a rule can be broken only on purpose.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `src/`, and what each may use of the crate.
const ROOMS: [(&str, &[&str]); 10] = [
    ("domain", &["domain"]),
    ("intake", &["intake", "domain"]),
    ("ledger", &["ledger", "domain"]),
    ("delivery", &["delivery", "ledger", "domain"]),
    ("webhook", &["webhook", "ledger", "domain", "clock"]),
    ("prescribing", &["prescribing", "intake", "ledger", "domain", "clock"]),
    ("report", &["report", "ledger", "domain"]),
    ("serve", &["serve", "prescribing", "delivery", "report", "ledger", "domain"]),
    ("config", &["config"]),
    ("clock.rs", &["clock"]),
];

/// What `domain` must not touch: it reads no clock, file, environment or network.
const IMPURE: [&str; 9] = [
    "SystemTime",
    "std::time::Instant",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "Timestamp::now",
    "ZonedDateTime::now",
    "tokio::",
];

/// What of crate `wechat` the domain may name: the values and the rules of their fields, no call.
const WECHAT_IN_DOMAIN: [&str; 6] = [
    "TemplateMessage",
    "MessageError",
    "field",
    "FieldError",
    "message",
    "{MessageError, TemplateMessage}",
];

const LONGEST: usize = 450;

struct Source {
    /// Relative to the package, with `/`.
    path: String,
    /// Without comments.
    code: String,
    text: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join(folder), &mut paths);
    assert!(!paths.is_empty(), "{folder} holds no source");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> =
            text.lines().map(|line| line.split("//").next().unwrap_or("")).collect();
        let path = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        Source { path, code: code.join("\n"), text }
    };
    paths.into_iter().map(read).collect()
}

fn walk(place: &Path, found: &mut Vec<PathBuf>) {
    if place.is_file() {
        found.push(place.to_owned());
        return;
    }
    let mut entries: Vec<_> =
        fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            walk(&path, found);
        }
    }
}

/// The first words after each `start` in the code: `crate::domain::x` gives `domain`.
fn after<'a>(code: &'a str, start: &str) -> Vec<&'a str> {
    let word = |rest: &'a str| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end == 0 { rest.split(';').next().unwrap_or(rest).trim() } else { &rest[..end] }
    };
    code.match_indices(start)
        // Not the end of a longer word, such as `pub(crate)` or `subcrate::`.
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .map(|(at, _)| word(&code[at + start.len()..]))
        .collect()
}

/// Every breach, so that one run of the test shows all.
fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn imports_point_downwards_only() {
    let mut breaches = Vec::new();
    for (room, allowed) in ROOMS {
        for source in sources(&format!("src/{room}")) {
            for used in after(&source.code, "crate::") {
                let names: Vec<&str> =
                    used.trim_matches(|c| c == '{' || c == '}').split(',').map(str::trim).collect();
                let names = if used.starts_with('{') { names } else { vec![used] };
                for name in names {
                    let name = name.split("::").next().unwrap_or(name);
                    if !allowed.contains(&name) {
                        breaches.push(format!("{}: uses crate::{name}", source.path));
                    }
                }
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn the_domain_is_pure() {
    let mut breaches = Vec::new();
    for source in sources("src/domain") {
        for impure in IMPURE.iter().filter(|impure| source.code.contains(**impure)) {
            breaches.push(format!("{}: touches {impure}", source.path));
        }
        for used in after(&source.code, "wechat::") {
            if !WECHAT_IN_DOMAIN.contains(&used) {
                breaches.push(format!("{}: uses wechat::{used}", source.path));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn only_delivery_serve_cli_and_domain_know_wechat_and_no_room_but_cli_the_simulator() {
    let mut breaches = Vec::new();
    for room in ["intake", "ledger", "webhook", "config", "clock.rs"] {
        for source in sources(&format!("src/{room}")) {
            breaches.extend(
                after(&source.code, "wechat::")
                    .iter()
                    .map(|used| format!("{}: uses wechat::{used}", source.path)),
            );
        }
    }
    for room in ROOMS.map(|(room, _)| room) {
        for source in sources(&format!("src/{room}")) {
            if source.code.contains("wechat_simulator") {
                breaches.push(format!("{}: uses the simulator", source.path));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn only_the_command_line_prints() {
    let words =
        ["println!", "eprintln!", "print!(", "eprint!(", "io::stdout", "io::stderr", "dbg!("];
    let mut breaches = Vec::new();
    for source in sources("src") {
        let may = source.path.starts_with("src/cli/")
            || source.path == "src/main.rs"
            || source.path.contains("/tests/");
        for word in words.iter().filter(|word| !may && source.code.contains(**word)) {
            breaches.push(format!("{}: {word}", source.path));
        }
    }
    assert_none(&breaches);
}

#[test]
fn the_client_library_and_the_simulator_know_nothing_of_the_program_or_of_each_other() {
    let mut breaches = Vec::new();
    for (folder, words) in [
        ("src/wechat", ["wxremind", "remind ", "ledger", "appointment", "wechat_simulator"]),
        (
            "src/simulator",
            ["wxremind::", "wechat::Client", "wxremind remind", "crate::ledger", "use wechat::"],
        ),
    ] {
        for source in sources(folder) {
            let code = source.code.to_lowercase();
            for word in words.iter().filter(|word| code.contains(&word.to_lowercase())) {
                breaches.push(format!("{}: says {word}", source.path));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn every_file_says_what_it_is_for_and_is_short() {
    let mut breaches = Vec::new();
    for source in sources("src").into_iter().chain(sources("tests")) {
        if !source.text.starts_with("//!") {
            breaches.push(format!("{}: does not open with //!", source.path));
        }
        let lines = source.text.lines().count();
        if lines > LONGEST {
            breaches.push(format!("{}: {lines} lines", source.path));
        }
    }
    assert_none(&breaches);
}
