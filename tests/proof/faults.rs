//! Faults that pass: what the run does about them, and that nobody gets a message twice.

use wechat_simulator::{DuplicateAnswer, Fault, FaultKind, Settings, Which};

use super::clinic::{Clinic, openid};

/// A clinic of three patients, the first of whose sends meets this fault once.
fn struck(kind: FaultKind) -> Clinic {
    let clinic = Clinic::of(3);
    clinic.simulator().fault(Fault::new(kind));
    clinic
}

/// Checks that a fault cost nothing: all three phones have their message, and this many requests were needed.
fn assert_overcome(clinic: &Clinic, sends: u64) {
    let run = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);
    assert_eq!(clinic.states(), "accepted 3", "{run}");
    assert_eq!(clinic.simulator().requests().sends, sends, "{run}");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn a_busy_wechat_is_asked_again() {
    assert_overcome(&struck(FaultKind::Busy), 4);
}

#[test]
fn a_gateway_that_answers_for_wechat_is_asked_again() {
    assert_overcome(&struck(FaultKind::BadGateway), 4);
}

#[test]
fn a_portal_that_answers_200_with_a_page_is_no_success() {
    assert_overcome(&struck(FaultKind::HtmlOk), 4);
}

#[test]
fn an_answer_is_json_whatever_its_content_type_says() {
    assert_overcome(&struck(FaultKind::TextPlain), 3);
}

#[test]
fn a_connection_that_breaks_after_acceptance_costs_no_second_message() {
    let clinic = struck(FaultKind::CloseAfterAccept);
    assert_overcome(&clinic, 4);
    assert_eq!(clinic.simulator().requests().duplicates, 1);
}

#[test]
fn a_connection_that_breaks_before_acceptance_costs_no_message() {
    let clinic = struck(FaultKind::CloseBefore);
    assert_overcome(&clinic, 4);
    assert_eq!(clinic.simulator().requests().duplicates, 0);
}

#[test]
fn a_repetition_that_wechat_calls_a_duplicate_has_arrived() {
    let settings = Settings { duplicates: DuplicateAnswer::Errcode(40241), ..Settings::default() };
    let clinic = Clinic::with_simulator(settings, "[send]\nwait_scale = 0.01\n");
    clinic.visits(0..3);
    clinic.simulator().fault(Fault::new(FaultKind::CloseAfterAccept));
    assert_overcome(&clinic, 4);
}

#[test]
fn a_first_attempt_called_a_duplicate_waits_and_is_sent() {
    // The wait is 61 s and the run's patience three minutes: here two seconds and six.
    let clinic = Clinic::with("[send]\nwait_scale = 0.033\n");
    clinic.visits(0..3);
    clinic.simulator().fault(Fault::new(FaultKind::Duplicate60s));
    assert_overcome(&clinic, 4);
    assert_eq!(clinic.reached()[2], 0, "the one put off comes last");
}

#[test]
fn a_spent_minute_pauses_the_account_and_then_all_are_sent() {
    let clinic = struck(FaultKind::MinuteQuota);
    assert_overcome(&clinic, 4);
}

#[test]
fn an_answer_that_takes_too_long_is_asked_for_again_whether_or_not_it_was_accepted() {
    for accepted in [true, false] {
        let clinic = Clinic::with("[send]\nwait_scale = 0.01\ntimeout = \"300ms\"\n");
        clinic.visits(0..3);
        let stall = FaultKind::Stall { milliseconds: 60_000, accepted };
        clinic.simulator().fault(Fault::new(stall));
        assert_overcome(&clinic, 4);
        assert_eq!(clinic.simulator().requests().duplicates, u64::from(accepted));
    }
}

#[test]
fn a_token_that_expires_or_is_revoked_mid_run_is_fetched_once_for_all_in_flight() {
    for kind in [FaultKind::ExpireToken, FaultKind::RevokeToken] {
        let clinic = Clinic::of(30);
        clinic.simulator().fault(Fault::new(kind).after(10));
        let run = clinic.remind_with(&["--rate", "0"]).expect(0);
        clinic.assert_once_each(0..30);
        assert_eq!(clinic.states(), "accepted 30", "{run}");
        assert_eq!(clinic.simulator().requests().tokens, 2, "{kind:?}");
    }
}

#[test]
fn every_revocation_costs_one_token_request() {
    let clinic = Clinic::of(60);
    let revocations = Fault::new(FaultKind::RevokeToken).after(10).every(20).times(2);
    clinic.simulator().fault(revocations);
    let _ = clinic.remind_with(&["--rate", "0"]).expect(0);
    clinic.assert_once_each(0..60);
    assert_eq!(clinic.simulator().requests().tokens, 3);
}

#[test]
fn a_busy_token_endpoint_is_asked_again() {
    let clinic = Clinic::of(3);
    clinic.simulator().fault(Fault::new(FaultKind::Busy).at(Which::Token));
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);
    assert_eq!(clinic.simulator().requests().tokens, 2);
}

#[test]
fn one_patient_for_whom_wechat_stays_busy_does_not_stop_the_others() {
    let clinic = Clinic::of(3);
    clinic.simulator().fault(Fault::new(FaultKind::Busy).forever().openid(openid(0)));
    let run = clinic.remind().expect(1);
    clinic.assert_once_each(1..3);
    assert_eq!((clinic.state(0), clinic.states().as_str()), ("queued", "accepted 2, queued 1"));
    assert!(run.stderr.contains("still queued             1"), "{run}");

    clinic.simulator().clear_faults();
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);
}

#[test]
fn a_wechat_that_stays_busy_leaves_all_queued_for_the_next_run() {
    for kind in [FaultKind::Busy, FaultKind::CloseBefore, FaultKind::BadGateway] {
        let clinic = Clinic::of(3);
        clinic.simulator().fault(Fault::new(kind).forever());
        let run = clinic.remind().expect(1);
        assert_eq!(clinic.reached(), [0; 0], "{run}");
        // After an answer of WeChat's own it is certain that nothing was sent; after a broken connection it is not.
        let state = if kind == FaultKind::Busy { "queued 3" } else { "unknown 3" };
        assert_eq!(clinic.states(), state, "{kind:?}\n{run}");

        clinic.simulator().clear_faults();
        let _ = clinic.remind().expect(0);
        clinic.assert_once_each(0..3);
    }
}

#[test]
fn what_was_accepted_without_an_answer_all_day_is_on_each_phone_once() {
    let clinic = Clinic::of(3);
    clinic.simulator().fault(Fault::new(FaultKind::CloseAfterAccept).forever());
    let run = clinic.remind().expect(1);
    clinic.assert_once_each(0..3);
    assert_eq!(clinic.states(), "unknown 3", "{run}");

    clinic.simulator().clear_faults();
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);
    assert_eq!(clinic.states(), "accepted 3");
}

#[test]
fn without_a_network_everything_stays_queued() {
    let clinic = Clinic::of(3);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = format!("http://{closed}");
    let run = clinic
        .reminding(super::clinic::MONDAY, &[])
        .env("WXREMIND_API_BASE", nowhere)
        .run()
        .expect(1);
    assert_eq!(clinic.states(), "queued 3", "{run}");

    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);
}
