//! One morning after another: what is sent, what is not sent again, what is made up for.

use wechat_simulator::{Fault, FaultKind, TEMPLATE_REMINDER};

use super::clinic::{Clinic, HEADER, MONDAY, appointment, openid, visit, visit_at};

const TUESDAY: &str = "2026-11-24 08:00";

/// Everything queued, nothing sent: the day's quota was spent before the first message.
fn queued(patients: usize) -> Clinic {
    let clinic = Clinic::of(patients);
    clinic.simulator().fault(Fault::new(FaultKind::DailyQuota).forever());
    let _ = clinic.remind().expect(6);
    clinic.simulator().clear_faults();
    assert_eq!(clinic.states(), format!("queued {patients}"));
    clinic
}

/// The names of all files at the desk, but those of the test itself.
fn files(clinic: &Clinic) -> Vec<String> {
    fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.push(path.display().to_string());
            if path.is_dir() {
                walk(&path, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(clinic.path("").parent().unwrap(), &mut found);
    found.sort();
    found
}

#[test]
fn the_same_run_twice_sends_nothing_the_second_time() {
    let clinic = Clinic::of(3);
    let _ = clinic.remind().expect(0);
    let asked = clinic.simulator().requests();
    let again = clinic.remind_with(&["--json"]).expect(0).json();
    assert_eq!((&again["due"], &again["already_reminded"]), (&0.into(), &3.into()));
    assert_eq!(clinic.simulator().requests(), asked, "WeChat was asked something");
    clinic.assert_once_each(0..3);
}

#[test]
fn an_empty_day_asks_wechat_nothing_needs_no_secret_and_leaves_no_file() {
    let clinic = Clinic::new();
    clinic.source(&[visit_at(1, "2026-12-15 09:00")]);
    let before = files(&clinic);
    let run = clinic.reminding(MONDAY, &[]).without("WXREMIND_APP_SECRET").run().expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    assert!(clinic.simulator().requests().paths.is_empty());
    assert_eq!(files(&clinic), before);
}

#[test]
fn a_dry_run_leaves_no_trace_and_asks_wechat_nothing() {
    let clinic = Clinic::of(3);
    let before = files(&clinic);
    let run = clinic.reminding(MONDAY, &["--dry-run"]).without("WXREMIND_APP_SECRET").run();
    let run = run.expect(0);
    assert!(run.stdout.contains("Nothing was sent"), "{run}");
    assert_eq!(files(&clinic), before);
    assert!(clinic.simulator().requests().paths.is_empty());
    // It cancelled nothing of the real one either.
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);

    let ledger = || std::fs::read(clinic.path("ledger.db")).unwrap();
    let (before, bytes) = (files(&clinic), ledger());
    let _ = clinic.remind_with(&["--dry-run"]).expect(0);
    assert_eq!(files(&clinic), before);
    assert!(ledger() == bytes, "the ledger was touched");
}

#[test]
fn a_refused_run_leaves_no_trace() {
    let clinic = Clinic::of(3);
    let before = files(&clinic);
    let refused: [(&[&str], i32); 4] = [
        (&["--max-send", "2"], 3),
        (&["--template", "nothing"], 4),
        (&["--encoding", "klingon"], 2),
        (&["--contacts", "nowhere.csv"], 3),
    ];
    clinic.source(&[visit(0), visit(1), visit(2), visit(3).replace(&openid(3), "")]);
    for (arguments, code) in refused {
        let _ = clinic.remind_with(arguments).expect(code);
        assert_eq!(files(&clinic), before, "{arguments:?}");
    }
    let run = clinic.reminding(MONDAY, &[]).without("WXREMIND_APP_SECRET").run().expect(4);
    assert!(run.stderr.contains("No app secret"), "{run}");
    assert!(clinic.simulator().requests().paths.is_empty());
    // The ledger is there by now, and empty.
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);
}

#[test]
fn a_moved_appointment_is_reminded_anew() {
    let clinic = Clinic::new();
    clinic.source(&[visit_at(1, "2026-11-30 09:00")]);
    let _ = clinic.remind().expect(0);
    for (now, start) in [
        (MONDAY, "2026-11-30 10:30"),
        (TUESDAY, "2026-12-01 10:30"),
        // Moved back: a message for the first time is there already.
        (MONDAY, "2026-11-30 09:00"),
    ] {
        clinic.source(&[visit_at(1, start)]);
        let _ = clinic.remind_at(now, &[]).expect(0);
    }
    let times: Vec<String> = clinic
        .simulator()
        .messages()
        .iter()
        .map(|message| message.value("keyword2").unwrap().to_owned())
        .collect();
    assert_eq!(times.len(), 3, "{times:?}");
    for (time, part) in times.iter().zip(["9:00", "10:30", "12"]) {
        assert!(time.contains(part), "{times:?}");
    }
}

#[test]
fn a_patient_with_a_new_openid_is_reminded_there() {
    let clinic = Clinic::of(1);
    let _ = clinic.remind().expect(0);
    clinic.source(&[visit(0).replace(&openid(0), &openid(77))]);
    let _ = clinic.remind().expect(0);
    assert_eq!(clinic.reached(), [0, 77]);
}

#[test]
fn a_corrected_template_sends_what_it_had_stopped() {
    let clinic = Clinic::of(3);
    let deleted = TEMPLATE_REMINDER.replace("ngq", "xxx");
    let ids = |id: &str| {
        format!("[templates]\nids = {{ reminder = \"{id}\" }}\n[send]\nwait_scale = 0.01\n")
    };
    clinic.settings(&ids(&deleted));
    let run = clinic.remind().expect(6);
    assert_eq!((clinic.states().as_str(), clinic.reached().len()), ("queued 3", 0), "{run}");
    clinic.settings(&ids(TEMPLATE_REMINDER));
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..3);
}

#[test]
fn a_message_that_failed_for_its_content_goes_out_when_the_content_is_mended() {
    let clinic = Clinic::of(2);
    clinic.simulator().fault(Fault::new(FaultKind::Errcode(47003)).openid(openid(1)));
    let _ = clinic.remind().expect(1);
    assert_eq!(clinic.state(1), "failed");
    let _ = clinic.remind().expect(0);
    assert_eq!(clinic.reached(), [0], "nothing had changed");
    clinic.source(&[visit(0), visit(1).replace("李医生", "王医生")]);
    let _ = clinic.remind().expect(0);
    clinic.assert_once_each(0..2);
}

#[test]
fn a_missed_cron_day_is_made_up_for() {
    let clinic = Clinic::new();
    clinic.source(&[
        visit_at(1, "2026-11-30 09:00"),
        visit_at(2, "2026-12-01 09:00"),
        visit_at(3, "2026-11-27 09:00"),
    ]);
    // Monday's run did not happen.
    let run = clinic.remind_at(TUESDAY, &["-v"]).expect(0);
    assert_eq!(clinic.reached(), [2]);
    assert!(run.stderr.contains("--catch-up"), "{run}");
    let _ = clinic.remind_at(TUESDAY, &["--catch-up", "3"]).expect(0);
    assert_eq!(clinic.reached(), [2, 1], "the visit in three days is further than that");
}

#[test]
fn a_visit_cancelled_after_queueing_gets_no_message() {
    let clinic = queued(3);
    clinic.source(&[visit(0), visit(1).replace("已预约", "已取消"), visit(2)]);
    let run = clinic.remind().expect(0);
    assert_eq!(clinic.reached(), [0, 2]);
    assert_eq!(
        (clinic.state(1), clinic.states().as_str()),
        ("cancelled", "accepted 2, cancelled 1"),
        "{run}"
    );
}

#[test]
fn a_visit_that_left_the_source_stays_queued_until_a_person_says_so() {
    let clinic = queued(3);
    clinic.visits([0, 2]);
    let run = clinic.remind_with(&["-v"]).expect(0);
    assert_eq!((clinic.reached(), clinic.state(1)), (vec![0, 2], "queued"), "{run}");
    assert!(run.stderr.contains("waiting elsewhere"), "{run}");
    let _ = clinic.run(["remind", "--resume", "--now", MONDAY]).expect(0);
    clinic.assert_once_each(0..3);
}

#[test]
fn a_visit_that_began_meanwhile_expires() {
    let clinic = queued(3);
    // 09:00 has begun, 09:01 is too near for a new reminder but was queued in time.
    let run = clinic.remind_at("2026-11-30 09:00:30", &[]);
    assert_eq!((clinic.state(0), clinic.reached().contains(&0)), ("expired", false), "{run}");
}

#[test]
fn on_a_server_in_utc_the_clinics_calendar_and_clock_count() {
    let clinic = Clinic::new();
    clinic.source(&[visit_at(1, "2026-11-30 09:00"), visit_at(2, "2026-11-29 09:00")]);
    // Still Sunday in UTC, Monday morning in Shanghai.
    let _ = clinic.remind_at("2026-11-22T23:30:00Z", &[]).expect(0);
    assert_eq!(clinic.reached(), [1]);
    let shown = clinic.simulator().messages()[0].value("keyword2").unwrap().to_owned();
    assert!(shown.contains("9:00"), "{shown}");
}

#[test]
fn the_first_patients_text_never_reaches_the_second() {
    let clinic = Clinic::of(40);
    let _ = clinic.remind_with(&["--rate", "0"]).expect(0);
    for message in clinic.simulator().messages() {
        let patient = super::clinic::number(&message.openid);
        assert_eq!(message.value("keyword1"), Some(appointment(patient).as_str()));
        let minute = format!("09:{patient:02}");
        assert!(message.value("keyword2").unwrap().contains(&minute), "{message:?}");
    }
}

#[test]
fn a_family_on_one_phone_gets_a_message_for_each_child_one_after_another() {
    let clinic = Clinic::slow();
    let children = [1, 2, 3].map(|child| visit(child).replace(&openid(child), &openid(9)));
    clinic.source(&children);
    let _ = clinic.remind_with(&["--rate", "0"]).expect(0);
    assert_eq!(clinic.reached(), [9, 9, 9]);
    assert_eq!(clinic.simulator().requests().most_for_one_openid, 1);
}

#[test]
fn cron_hears_nothing_of_a_good_run_and_all_of_a_bad_one() {
    let clinic = Clinic::of(3);
    let silent = clinic.remind().expect(0);
    assert_eq!((silent.stdout.as_str(), silent.stderr.as_str()), ("", ""));
    clinic.visits(10..13);
    let told = clinic.remind_with(&["-v"]).expect(0);
    insta::assert_snapshot!(told, @"
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read                3
      in these days            3
      to be sent               3
      accepted by WeChat       3
    --- exit 0
    ");
    clinic.visits(20..23);
    clinic.simulator().fault(Fault::new(FaultKind::Errcode(43004)).openid(openid(21)));
    insta::assert_snapshot!(clinic.remind().expect(1), @"
    --- stderr
    appointments.csv: visits on 2026-11-30 (7 days ahead of 2026-11-23)
      read as                  UTF-8 (valid UTF-8)
      rows read                3
      in these days            3
      to be sent               3
      accepted by WeChat       2
      refused by WeChat        1
        43004                  1   The person does not follow the account; template messages reach followers only. It was also reported for a short while after following again.
      `wxremind log unreached` lists whom to telephone.
    --- exit 1
    ");
}

#[test]
fn programs_hear_the_summary_as_json() {
    let clinic = Clinic::of(3);
    let summary = clinic.remind_with(&["--json"]).expect(0);
    assert_eq!(summary.stderr, "");
    let numbers = summary.json();
    assert_eq!(
        (&numbers["due"], &numbers["accepted"], &numbers["exit_code"]),
        (&3.into(), &3.into(), &0.into())
    );
    insta::assert_snapshot!("summary_as_json", summary);
}

#[test]
fn the_source_may_come_through_a_pipe() {
    let clinic = Clinic::new();
    let text = format!("{HEADER}\n{}\n", visit(1));
    let arguments = ["remind", "--days", "7", "--now", MONDAY, "-"];
    let _ = clinic.program(arguments).stdin(text).run().expect(0);
    assert_eq!(clinic.reached(), [1]);
}
