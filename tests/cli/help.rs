//! What a stranger reads first.

use crate::support::Desk;

#[test]
fn without_arguments_the_help_is_shown_and_that_is_a_usage_error() {
    let run = Desk::new().run([]);
    insta::assert_snapshot!(run, @"
    --- stderr
    Appointment reminders and e-prescription references over WeChat, from a hospital's own files

    Usage: wxremind [OPTIONS] <COMMAND>

    Commands:
      auth         The account's credentials: store, check, show, forget
      remind       Send each patient whose visit is near a reminder, once
      prescribe    Send a patient the reference of an e-prescription, to show at the pharmacy
      log          The record of what was sent and when
      ledger       Where the record is kept: bring it up to date, move it to a server
      templates    The message templates: local ones, and the account's own
      serve        Take WeChat's receipts, and messages that programs ask to be sent, until Ctrl-C
      doctor       Check everything that a run needs, and say what to mend
      simulator    Run the simulator of WeChat on this machine until Ctrl-C
      explain      Explain a return code of WeChat: cause, remedy, and whether it is safe to send again
      completions  Print the completions for a shell
      man          Print the manual page, or write one for each command
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Everywhere:
          --config <FILE>   Read the settings from FILE
          --account <NAME>  Use the account of section [accounts.NAME]
          --json            Write JSON to standard output
      -q, --quiet           Show results, warnings and errors only
      -v, --verbose...      Say more; twice for the log of every request
          --color <WHEN>    Colour the messages [default: auto] [possible values: auto, always, never]
    --- exit 2
    ");
}

#[test]
fn the_verbs_of_auth() {
    let run = Desk::new().run(["auth", "--help"]);
    insta::assert_snapshot!(run, @"
    --- stdout
    The account's credentials: store, check, show, forget

    Usage: wxremind auth [OPTIONS] <COMMAND>

    Commands:
      login   Ask for app id and secret, try them, store the secret in the keyring
      status  Say where the secret comes from, whether it works, and the quota left today
      token   Fetch the access token and say how long it is valid; --reveal prints it for other tools
      logout  Remove the secret from the keyring
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help

    Everywhere:
          --config <FILE>   Read the settings from FILE
          --account <NAME>  Use the account of section [accounts.NAME]
          --json            Write JSON to standard output
      -q, --quiet           Show results, warnings and errors only
      -v, --verbose...      Say more; twice for the log of every request
          --color <WHEN>    Colour the messages [default: auto] [possible values: auto, always, never]
    --- exit 0
    ");
}

#[test]
fn help_of_every_verb() {
    let desk = Desk::new();
    let help = |words: &[&str]| desk.run(words.iter().copied().chain(["--help"])).expect(0).stdout;
    // The part that is the same everywhere is shown above.
    let own = |words: &[&str]| help(words).split("Everywhere:").next().unwrap().to_owned();
    let verbs: [&[&str]; 9] = [
        &["auth", "login"],
        &["auth", "status"],
        &["auth", "token"],
        &["auth", "logout"],
        &["ledger"],
        &["ledger", "copy"],
        &["doctor"],
        &["completions"],
        &["man"],
    ];
    let shown: Vec<String> = verbs.iter().map(|words| own(words)).collect();
    insta::assert_snapshot!(shown.join("=====\n"), @r#"
    Ask for app id and secret, try them, store the secret in the keyring

    Usage: wxremind auth login [OPTIONS]

    Options:
          --app-id <APPID>  The account's app id; asked for when neither this nor the settings give it
          --secret-stdin    Read the secret from standard input instead of asking
      -h, --help            Print help

    =====
    Say where the secret comes from, whether it works, and the quota left today

    Usage: wxremind auth status [OPTIONS]

    Options:
          --simulate  Ask the built-in simulator instead of WeChat
      -h, --help      Print help

    =====
    Fetch the access token and say how long it is valid; --reveal prints it for other tools

    Usage: wxremind auth token [OPTIONS]

    Options:
          --reveal    Print the whole token on standard output, for other tools
          --simulate  Ask the built-in simulator instead of WeChat
      -h, --help      Print help

    =====
    Remove the secret from the keyring

    Usage: wxremind auth logout [OPTIONS]

    Options:
          --app-id <APPID>  The account's app id, unless the settings give it
      -h, --help            Print help

    =====
    Where the record is kept: bring it up to date, move it to a server

    Usage: wxremind ledger [OPTIONS] <COMMAND>

    Commands:
      migrate  Bring the ledger's tables up to date, or make them, and say their version
      copy     Copy the SQLite ledger of the settings into an empty one on PostgreSQL
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help  Print help

    =====
    Copy the SQLite ledger of the settings into an empty one on PostgreSQL

    Usage: wxremind ledger copy [OPTIONS] --to <URL>

    Options:
          --to <URL>
              The new ledger, as postgres://user@host/database; - reads it from standard input.
              
              No password may stand in the argument: $PGPASSWORD, ~/.pgpass or standard input give it.

      -h, --help
              Print help (see a summary with '-h')

    =====
    Check everything that a run needs, and say what to mend.

    Looks at settings, clock, files, credentials, templates, record, appointments, contacts and webhook.
    Changes nothing, makes nothing, sends nothing. Without --offline it asks WeChat for a token, the
    account's templates and the quota.

    Usage: wxremind doctor [OPTIONS] [SOURCE]

    Arguments:
      [SOURCE]
              Where the appointments are, as `remind` is given it. Default: [source] url in the settings

    Options:
          --contacts <FILE>
              The table that maps patients to openids

          --days <N[,M]>
              How many days ahead `remind` looks: 7, or 7,1 for two stages

          --offline
              Ask neither WeChat nor any other machine; the account need not exist yet

          --now <TIME>
              Pretend that it is TIME, as 2026-11-23 or "2026-11-23 08:00"

      -h, --help
              Print help (see a summary with '-h')

    =====
    Print the completions for a shell

    Usage: wxremind completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>  Which shell [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help  Print help

    =====
    Print the manual page, or write one for each command

    Usage: wxremind man [OPTIONS]

    Options:
          --out <DIR>  Write the pages of all commands into this folder
      -h, --help       Print help
    "#);
}

#[test]
fn help_of_the_simulator_and_the_dictionary() {
    let desk = Desk::new();
    let help = |verb: &str| desk.run([verb, "--help"]).expect(0).stdout;
    let own = |verb: &str| help(verb).split("Everywhere:").next().unwrap().to_owned();
    insta::assert_snapshot!([own("simulator"), own("explain")].join("=====\n"), @"
    Run the simulator of WeChat on this machine until Ctrl-C

    Usage: wxremind simulator [OPTIONS]

    Options:
          --port <PORT>           The port; 0 takes a free one [default: 0]
          --receipts <URL>        Push a receipt of every message to URL, as WeChat does to the
                                  account's callback URL: http, on this machine
          --receipts-mode <MODE>  Whether receipts are encrypted, as the console lets choose [default:
                                  safe] [possible values: plain, compatible, safe]
      -h, --help                  Print help

    =====
    Explain a return code of WeChat: cause, remedy, and whether it is safe to send again

    Usage: wxremind explain [OPTIONS] [CODE]

    Arguments:
      [CODE]  The code, as 40001 or -1; without it all are listed

    Options:
          --lang <LANG>  In one language instead of both [possible values: en, zh]
      -h, --help         Print help
    ");
}

#[test]
fn global_options_stand_before_or_after_the_verb() {
    let desk = Desk::new();
    let before = desk.run(["--json", "explain", "-1"]).expect(0);
    let after = desk.run(["explain", "-1", "--json"]).expect(0);
    assert_eq!(before.json(), after.json());
}

#[test]
fn an_unknown_verb_is_a_usage_error() {
    insta::assert_snapshot!(Desk::new().run(["remnd"]), @"
    --- stderr
    error: unrecognized subcommand 'remnd'

      tip: a similar subcommand exists: 'remind'

    Usage: wxremind [OPTIONS] <COMMAND>

    For more information, try '--help'.
    --- exit 2
    ");
}

#[test]
fn completions_and_manual_are_written() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(desk.run(["completions", shell]).expect(0).stdout.contains("wxremind"), "{shell}");
    }
    assert!(desk.run(["man"]).expect(0).stdout.starts_with(".ie"));
    let _ = desk.run(["man", "--out", "pages"]).expect(0);
    assert!(desk.path("pages/wxremind-auth-login.1").exists());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::io::Read;
    let mut child = Desk::new().program(["explain"]).spawn();
    // Closed unread: the program finds a broken pipe at its first byte or later.
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
