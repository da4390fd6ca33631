//! What WeChat refuses: the message, the patient, the template, the account, the day. What the run does then, and what
//! it leaves for the next one.

use wechat_simulator::{
    Fault, FaultKind, SAMPLE_SECRET, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER, Which,
};

use super::clinic::{Clinic, MONDAY, openid};

/// Three patients, the second of whom is always answered this code.
fn second_refused(code: i64) -> Clinic {
    let clinic = Clinic::of(3);
    clinic.simulator().fault(Fault::new(FaultKind::Errcode(code)).forever().openid(openid(1)));
    clinic
}

/// Every send is always answered this.
fn all_refused(patients: usize, kind: FaultKind) -> Clinic {
    let clinic = Clinic::of(patients);
    clinic.simulator().fault(Fault::new(kind).forever());
    clinic
}

/// The rest goes once the fault is mended.
fn assert_the_next_run_sends_all(clinic: &Clinic, patients: usize) {
    clinic.simulator().clear_faults();
    let run = clinic.remind();
    clinic.assert_once_each(0..patients);
    assert_eq!((run.code, clinic.states()), (Some(0), format!("accepted {patients}")), "{run}");
}

#[test]
fn a_patient_who_does_not_follow_or_is_not_known_fails_alone_and_is_not_tried_again() {
    for code in [43004, 40003, 43101, 43019] {
        let clinic = second_refused(code);
        let run = clinic.remind().expect(1);
        assert_eq!(clinic.reached(), [0, 2], "{run}");
        assert_eq!(clinic.states(), "accepted 2, failed 1");
        let entries = clinic.entries();
        let failed = entries.iter().find(|entry| entry.errcode.is_some()).unwrap();
        assert_eq!((failed.errcode, failed.rid.is_some()), (Some(code), true));
        assert!(run.stderr.contains(&format!("    {code} ")), "{run}");

        let sends = clinic.simulator().requests().sends;
        let again = clinic.remind_with(&["--json"]).expect(0);
        assert_eq!(again.json()["failed_before"], 1);
        assert_eq!(clinic.simulator().requests().sends, sends);

        clinic.simulator().clear_faults();
        let _ = clinic.remind_with(&["--retry-failed"]).expect(0);
        clinic.assert_once_each(0..3);
    }
}

#[test]
fn a_patient_who_got_too_many_messages_is_left_for_later() {
    let clinic = Clinic::of(3);
    clinic.simulator().fault(Fault::new(FaultKind::TooFrequent).forever().openid(openid(1)));
    let run = clinic.remind().expect(1);
    assert_eq!(clinic.reached(), [0, 2], "{run}");
    assert_eq!(clinic.states(), "accepted 2, queued 1");
    assert!(clinic.entries().iter().any(|entry| entry.errcode == Some(43117)));
    // Half an hour later, by the ledger's clock.
    assert_eq!(clinic.meddle("UPDATE message SET not_before = NULL WHERE state = 'queued'"), 1);
    assert_the_next_run_sends_all(&clinic, 3);
}

#[test]
fn a_message_under_review_is_held_never_resent_and_arrives_by_itself() {
    let clinic = Clinic::of(3);
    clinic.simulator().fault(Fault::new(FaultKind::Held).openid(openid(1)));
    let run = clinic.remind().expect(0);
    assert_eq!((clinic.reached(), clinic.state(1)), (vec![0, 2], "held"), "{run}");

    let again = clinic.remind_with(&["--json"]).expect(0).json();
    assert_eq!((&again["due"], &again["already_reminded"]), (&0.into(), &2.into()));
    assert_eq!(again["held_before"], 1);
    assert_eq!(clinic.simulator().requests().sends, 3);
    assert_eq!(clinic.simulator().release_held(), 1);
    clinic.assert_once_each(0..3);
}

#[test]
fn a_value_refused_once_costs_one_message() {
    let clinic = second_refused(47003);
    let run = clinic.remind().expect(1);
    assert_eq!(clinic.reached(), [0, 2], "{run}");
    assert_eq!(clinic.states(), "accepted 2, failed 1");
}

#[test]
fn the_same_field_or_the_content_refused_twice_stops_the_template() {
    for code in [47003, 40249] {
        let clinic = Clinic::of(6);
        let refused = Fault::new(FaultKind::Errcode(code)).after(1);
        clinic.simulator().fault(refused.forever());
        let run = clinic.remind_with(&["--concurrency", "1"]).expect(6);
        assert_eq!(clinic.reached(), [0], "{run}");
        assert_eq!(clinic.states(), "accepted 1, failed 2, queued 3", "{code}\n{run}");
        assert_eq!(clinic.simulator().requests().sends, 3);

        clinic.simulator().clear_faults();
        let _ = clinic.remind_with(&["--retry-failed"]).expect(0);
        clinic.assert_once_each(0..6);
    }
}

#[test]
fn a_code_that_nobody_knows_stops_the_template_at_its_fifth_row() {
    let clinic = all_refused(8, FaultKind::Errcode(99_999));
    let run = clinic.remind().expect(6);
    assert_eq!(clinic.reached(), [0; 0]);
    assert_eq!(clinic.states(), "failed 5, queued 3", "{run}");
    assert_eq!(clinic.simulator().requests().sends, 5);
}

#[test]
fn a_template_that_was_deleted_costs_one_request_and_no_message() {
    let clinic = Clinic::slow();
    clinic.visits(0..5);
    clinic.simulator().fault(Fault::new(FaultKind::Errcode(40037)).forever());
    let run = clinic.remind_with(&["--rate", "0"]).expect(6);
    assert_eq!(clinic.states(), "queued 5", "{run}");
    assert_eq!(clinic.simulator().requests().sends, 1, "{run}");
    assert!(run.stderr.contains("Template reminder was stopped"), "{run}");
    assert_the_next_run_sends_all(&clinic, 5);
}

#[test]
fn while_one_template_is_stopped_the_other_goes_on() {
    let clinic = Clinic::of(3);
    let ids = format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", other = \"{TEMPLATE_PRESCRIPTION}\" }}\n[send]\nwait_scale = 0.01\n"
    );
    clinic.settings(&ids);
    clinic.file(
        "templates/other.toml",
        "title = \"提醒\"\n[fields]\nfirst = \"您好\"\nkeyword1 = \"{{ appointment_id }}\"\nkeyword2 = \"{{ start }}\"\nkeyword3 = \"{{ hospital }}\"\nremark = \"再见\"\n",
    );
    clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).forever());
    let _ = clinic.remind().expect(6);
    clinic.visits(3..6);
    let _ = clinic.remind_with(&["--template", "other"]).expect(6);
    assert_eq!(clinic.states(), "queued 6");

    clinic.simulator().clear_faults();
    for patient in 0..3 {
        clinic
            .simulator()
            .fault(Fault::new(FaultKind::Errcode(40037)).forever().openid(openid(patient)));
    }
    let run = clinic.run(["remind", "--resume", "--now", MONDAY]).expect(6);
    clinic.assert_once_each(3..6);
    assert_eq!(clinic.states(), "accepted 3, queued 3", "{run}");
}

#[test]
fn an_account_without_the_right_stops_at_once_and_keeps_all_queued() {
    for kind in [FaultKind::Errcode(48001), FaultKind::Redirect] {
        let clinic = all_refused(5, kind);
        let run = clinic.remind().expect(6);
        assert_eq!(clinic.states(), "queued 5", "{run}");
        assert_eq!(clinic.simulator().requests().sends, 1);
        assert_the_next_run_sends_all(&clinic, 5);
    }
}

#[test]
fn yesterdays_rest_beyond_the_quota_goes_today_nearest_visit_first() {
    let clinic = Clinic::of(6);
    clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).after(2).forever());
    let run = clinic.remind_with(&["--concurrency", "1"]).expect(6);
    assert_eq!(clinic.reached(), [0, 1], "{run}");
    assert_eq!(clinic.states(), "accepted 2, queued 4");

    clinic.simulator().clear_faults();
    let run = clinic.remind_at("2026-11-24 08:00", &["--json"]).expect(0);
    assert_eq!(clinic.reached(), [0, 1, 2, 3, 4, 5], "{run}");
    assert_eq!(clinic.states(), "accepted 6");
}

#[test]
fn the_same_token_refused_for_ever_stops_the_run_after_one_replay() {
    let clinic = all_refused(5, FaultKind::Errcode(40001));
    let run = clinic.remind().expect(5);
    assert_eq!(clinic.states(), "queued 5", "{run}");
    let asked = clinic.simulator().requests();
    assert_eq!((asked.tokens, asked.sends), (2, 2));
    assert_the_next_run_sends_all(&clinic, 5);
}

#[test]
fn an_address_that_is_not_on_the_whitelist_is_named() {
    let clinic = Clinic::of(5);
    clinic.simulator().fault(Fault::new(FaultKind::Errcode(40164)).at(Which::Token).forever());
    let run = clinic.remind().expect(5);
    assert_eq!((clinic.states().as_str(), clinic.simulator().requests().tokens), ("queued 5", 1));
    assert!(run.stderr.contains("203.0.113.7"), "{run}");
    assert_the_next_run_sends_all(&clinic, 5);
}

#[test]
fn a_wrong_secret_stops_the_run_and_keeps_all_queued() {
    let clinic = Clinic::of(5);
    let wrong = SAMPLE_SECRET.replace("cafe", "beef");
    let run = clinic.reminding(MONDAY, &[]).env("WXREMIND_APP_SECRET", wrong).run().expect(5);
    assert_eq!((clinic.states().as_str(), clinic.simulator().requests().tokens), ("queued 5", 1));
    assert!(run.stderr.contains("40125"), "{run}");
    assert_the_next_run_sends_all(&clinic, 5);
}
