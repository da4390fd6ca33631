//! Several machines on one PostgreSQL ledger: they share the work, they die, and each message goes once.

use std::process::Child;
use std::time::{Duration, Instant};

use wechat_simulator::{Settings, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use super::clinic::{Clinic, MONDAY, openid, reached, visit, wait};
use super::crash::Chance;
use super::shared::{Shared, reminding};

const FAST: [&str; 4] = ["--rate", "0", "--concurrency", "32"];
const MACHINES: usize = 3;
const MESSAGES: usize = 20_000;
const KILLS: u64 = 24;

/// Three machines work on 20,000 messages; one is killed at a random instant and another takes its place, again and
/// again while the work lasts.
#[test]
#[expect(
    clippy::print_stderr,
    reason = "the seed and the numbers are what a failure is repeated with"
)]
fn three_machines_of_which_one_is_killed_again_and_again_send_each_message_once() {
    let Some(shared) = Shared::new() else { return };
    let seed = std::env::var("WXREMIND_TEST_SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut chance = Chance(seed);
    let simulator = Settings { lean: true, ..Settings::default() };
    let clinic = Clinic::with_simulator(simulator, "[send]\nwait_scale = 0.01\n");
    clinic.visits(0..MESSAGES);
    let url = shared.url();
    // A machine begins with the source, or with what is queued already.
    let start = |resume: bool| -> Child {
        if resume {
            let words = [
                "remind",
                "--resume",
                "--yes",
                "--now",
                MONDAY,
                "--rate",
                "0",
                "--concurrency",
                "32",
            ];
            return clinic.program(words).env("WXREMIND_LEDGER", &url).spawn();
        }
        reminding(&clinic, &url, MONDAY, &FAST).spawn()
    };
    let started = Instant::now();
    let mut machines: Vec<Child> = (0..MACHINES).map(|_| start(false)).collect();
    let mut kills = 0;
    for round in 0..KILLS {
        // Somewhere in this round's part of the work; in the first ones before anything is sent.
        let part = MESSAGES as u64 / (KILLS + 2);
        let goal = round.saturating_sub(2) * part + chance.below(part);
        while clinic.simulator().requests().accepted < goal
            && machines.iter_mut().any(|machine| machine.try_wait().unwrap().is_none())
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_micros(chance.below(300_000)));
        let victim = usize::try_from(chance.below(MACHINES as u64)).unwrap();
        machines[victim].kill().unwrap();
        kills += u64::from(machines[victim].wait().unwrap().code().is_none());
        machines[victim] = start(chance.below(3) > 0);
    }
    let codes: Vec<_> = machines.into_iter().map(|m| m.wait_with_output().unwrap()).collect();
    assert!(codes.iter().all(|end| end.status.code() == Some(0)), "{codes:?}");
    let last = reminding(&clinic, &url, MONDAY, &FAST).run().expect(0);
    let requests = clinic.simulator().requests();
    eprintln!(
        "seed {seed}: {kills} times one of {MACHINES} machines was killed over {MESSAGES} messages in {:.0?}; {} requests were repeated and dropped by WeChat",
        started.elapsed(),
        requests.duplicates
    );
    clinic.assert_once_each(0..MESSAGES);
    assert_eq!(shared.states(), format!("accepted {MESSAGES}"), "{last}");
    assert!(kills >= 20, "{kills} kills only; the others had ended by themselves");
}

#[test]
fn machines_share_the_work_and_the_others_finish_a_killed_ones_part() {
    let Some(shared) = Shared::new() else { return };
    let clinic = Clinic::of(700);
    let url = shared.url();
    let hold = clinic.simulator().hold_answers();
    let machines = [(); MACHINES].map(|()| reminding(&clinic, &url, MONDAY, &FAST).spawn());
    // The first message of each goes alone, so each of the three has claimed a part.
    wait(hold.waiting(MACHINES));
    let mut machines = machines.into_iter();
    let mut killed = machines.next().unwrap();
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().code(), None);
    hold.release();
    for machine in machines {
        assert_eq!(machine.wait_with_output().unwrap().status.code(), Some(0));
    }
    clinic.assert_once_each(0..700);
    assert_eq!(shared.states(), "accepted 700", "no further run was needed");
}

#[test]
fn every_verb_works_on_a_server() {
    let Some(shared) = Shared::new() else { return };
    let clinic = Clinic::new();
    clinic.set(&format!(
        "[send]\nwait_scale = 0.01\n[prescribe]\ntemplate = \"{}\"\n",
        "prescription"
    ));
    clinic.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n[send]\nwait_scale = 0.01\n"
    ));
    let unfollowed = "YY000900,oSim_43004_unfollowed_______,P000900,患者,2026-11-30 10:00,李医生,协和医院,已预约";
    let nobody = "YY000901,,P000901,患者,2026-11-30 11:00,李医生,协和医院,已预约";
    clinic.source(&[visit(0), visit(1), unfollowed.to_owned(), nobody.to_owned()]);
    let url = shared.url();
    let run =
        |words: &[&str]| clinic.program(words.iter().copied()).env("WXREMIND_LEDGER", &url).run();

    let made = run(&["ledger", "migrate", "--json"]).expect(0).json();
    assert_eq!((&made["version_before"], &made["ledger"]), (&0.into(), &shown(&url).into()));
    let sent = reminding(&clinic, &url, MONDAY, &["--json"]).run().expect(1).json();
    assert_eq!((&sent["accepted"], &sent["failed"]), (&2.into(), &1.into()));
    let patient = openid(500);
    let words =
        ["prescribe", "--openid", &patient, "--ref", "RX20261123001", "--yes", "--now", MONDAY];
    let _ = run(&words).expect(0);
    let _ = run(&words).expect(3);
    assert_eq!(reached(clinic.simulator()), [0, 1, 500]);

    let listed = run(&["log", "list", "--json"]).expect(0).json();
    assert_eq!(listed.as_array().unwrap().len(), 5);
    let id = listed[0]["message_id"].as_str().unwrap().to_owned();
    assert_eq!(run(&["log", "show", &id, "--json"]).expect(0).json()["message_id"], id);
    assert!(run(&["log", "stats"]).expect(0).stdout.contains("43004"));
    let unreached = run(&["log", "unreached", "--json", "--now", MONDAY]).expect(0).json();
    assert_eq!(unreached.as_array().unwrap().len(), 2);

    shared.execute("UPDATE message SET state = 'unknown' WHERE kind = 'prescription'");
    let _ = run(&["log", "resolve", &id, "--as", "sent"]).expect(0);
    assert_eq!(shared.states(), "accepted 3, failed 1, skipped 1");
    let _ = run(&["log", "forget", "--patient-id", "P000001", "--yes"]).expect(0);
    let _ = run(&["log", "list", "--show-personal-data"]).expect(0);
    let purged = run(&["log", "purge", "--older-than", "0h", "--json"]).expect(0).json();
    assert!(purged["deleted"].as_u64().unwrap() >= 1, "{purged}");
    let again = reminding(&clinic, &url, MONDAY, &[]).run();
    assert_eq!(reached(clinic.simulator()), [0, 1, 500], "{again}");
}

/// The address as it is shown.
fn shown(url: &str) -> String {
    let (_, rest) = url.split_once('@').unwrap();
    format!("postgres://{}", rest.split('?').next().unwrap())
}

#[test]
fn a_file_moves_to_a_server_and_nothing_is_sent_again() {
    let Some(shared) = Shared::new() else { return };
    let clinic = Clinic::of(3);
    let _ = clinic.remind().expect(0);
    let url = shared.url();
    let refused = clinic.run(["ledger", "copy", "--to", &url]).expect(2);
    assert!(!refused.stderr.contains("wxremind-test"), "{refused}");
    let copy = |url: &str| clinic.program(["ledger", "copy", "--to", "-"]).stdin(url).run();
    let copied = copy(&url).expect(0);
    assert!(copied.stdout.contains("3 messages, 1 run,"), "{copied}");
    assert!(!format!("{}{}", copied.stdout, copied.stderr).contains("wxremind-test"));
    let _ = copy(&url).expect(7);

    clinic.visits(0..5);
    let _ = reminding(&clinic, &url, MONDAY, &[]).run().expect(0);
    clinic.assert_once_each(0..5);
    assert_eq!(clinic.states(), "accepted 3", "the file is as it was");
    assert_eq!(shared.states(), "accepted 5");
}
