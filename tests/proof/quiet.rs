//! Quiet hours: no reminder in them, whenever the run was started.

use super::clinic::{Clinic, wait};

const QUIET: &str = "[send]\nwait_scale = 0.01\nquiet_hours = \"21:00-08:00\"\n";

#[test]
fn a_run_started_in_them_reads_nothing_and_is_exit_4() {
    let clinic = Clinic::with(QUIET);
    for now in ["2026-11-23 21:00", "2026-11-23 07:59:59"] {
        let run = clinic.remind_at(now, &[]).expect(4);
        assert!(run.stderr.contains("quiet hours"), "{run}");
    }
    assert!(clinic.ledger().is_none() && clinic.simulator().requests().paths.is_empty());
    clinic.visits(0..1);
    let _ = clinic.remind_at("2026-11-23 08:00", &[]).expect(0);
    assert_eq!(clinic.reached(), [0]);
}

#[test]
fn a_run_that_reaches_them_finishes_what_flies_and_leaves_the_rest_queued() {
    let clinic = Clinic::with(QUIET);
    clinic.visits(0..40);
    // A second before nine, the first message on its way and its answer held until nine has struck.
    let hold = clinic.simulator().hold_answers();
    let mut run = clinic.reminding("2026-11-23 20:59:59", &["--json"]).spawn();
    wait(hold.waiting(1));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(run.try_wait().unwrap().is_none());
    hold.release();
    let ended = run.wait_with_output().unwrap();
    let told = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("The quiet hours began"), "{told}");
    assert_eq!(clinic.reached(), [0]);
    assert_eq!(clinic.states(), "accepted 1, queued 39");

    let _ = clinic.remind_at("2026-11-24 08:00", &[]).expect(0);
    clinic.assert_once_each(0..40);
}

#[test]
fn a_prescription_knows_no_quiet_hours() {
    let clinic = Clinic::with(QUIET);
    let night = ["prescribe", "--simulate", "--yes", "--now", "2026-11-23 23:00"];
    let patient = super::clinic::openid(1);
    let _ = clinic.run(night.into_iter().chain(["--openid", &patient, "--ref", "RX-1"])).expect(0);
}
