//! Counts by department and doctor: they agree with the record at every moment, and outlive it without naming anybody.

use std::collections::BTreeMap;

use super::*;

contract![
    every_reminder_counts_once_at_every_moment,
    a_second_word_on_a_visit_is_no_second_visit,
    a_visit_that_the_source_called_off_counts_nowhere,
    counts_outlive_what_they_count,
    a_name_of_a_department_is_one_short_line,
    causes_and_waits_are_those_of_the_record,
];

fn seat(message: &Message, department: &str, doctor: &str) -> Seat {
    Seat {
        key: message.key,
        visit_at: message.visit_at.unwrap(),
        day: message.start.as_ref().unwrap().date,
        appointment_id: message.appointment_id.clone().unwrap(),
        department: Some(department.into()),
        doctor: Some(doctor.into()),
    }
}

fn cells(ledger: &mut Ledger) -> Vec<Cell> {
    ledger.insight(Some(ACCOUNT), date(2026, 11, 1), date(2026, 12, 31)).unwrap()
}

/// How many reminders have come to what, in all cells, and as the record has them.
fn assert_agrees(ledger: &mut Ledger) -> BTreeMap<End, u64> {
    let (mut counted, mut recorded) = (BTreeMap::new(), BTreeMap::new());
    for cell in cells(ledger) {
        *counted.entry(cell.outcome).or_default() += cell.messages;
    }
    for entry in ledger.list(&Filter::default()).unwrap() {
        *recorded.entry(End::of(entry.state)).or_default() += 1;
    }
    assert_eq!(counted, recorded);
    counted
}

fn every_reminder_counts_once_at_every_moment(place: &Place) {
    let mut run = place.run();
    let messages = [reminder("oA", 1), reminder("oB", 2), reminder("oC", 3), reminder("oD", 4)];
    run.enqueue(&messages).unwrap();
    let seats: Vec<Seat> = messages.iter().map(|message| seat(message, "骨科", "王")).collect();
    run.seat(&seats).unwrap();
    run.seat(&seats).unwrap();
    run.skip(&[nobody(5, Some("眼科"))]).unwrap();
    assert_eq!(assert_agrees(&mut run), BTreeMap::from([(End::Waiting, 4), (End::Skipped, 1)]));
    let outcomes = [
        accepted(),
        Settled::Failed { errcode: 43004, errmsg: "require subscribe".into(), rid: None },
        Settled::Unknown { errcode: None, errmsg: None },
    ];
    for outcome in outcomes {
        let claimed = claim(&mut run, 1).pop().unwrap().message;
        assert_agrees(&mut run);
        run.exchange(&tell(claimed, outcome)).unwrap();
        assert_agrees(&mut run);
    }
    run.finish_run(&RunEnd::default()).unwrap();
    // What has an outcome is counted, and nobody can tell any more where; what is open will be.
    let mut next = place.run();
    assert_agrees(&mut next);
    assert_eq!(count(&next, "SELECT COUNT(*) FROM message WHERE cell > 0"), 2);
    let departments: Vec<String> = cells(&mut next).into_iter().map(|c| c.department).collect();
    assert!(departments.contains(&"眼科".to_owned()) && departments.contains(&"骨科".to_owned()));
}

fn a_second_word_on_a_visit_is_no_second_visit(place: &Place) {
    let mut run = place.run();
    let first = reminder("oA", 1);
    let second = Message {
        copy: 1,
        key: Key::prescription("", "", "copy", 1),
        content_hash: mark("content", &["anew"]),
        ..first.clone()
    };
    for message in [&first, &second] {
        run.enqueue(std::slice::from_ref(message)).unwrap();
        run.seat(&[seat(message, "骨科", "王")]).unwrap();
    }
    let all = cells(&mut run);
    assert_eq!(all.iter().map(|cell| (cell.messages, cell.visits)).collect::<Vec<_>>(), [(2, 1)]);
    claim(&mut run, 1);
    run.finish_run(&RunEnd::default()).unwrap();
    let mut next = place.run();
    assert_eq!(cells(&mut next).iter().map(|cell| cell.visits).sum::<u64>(), 1);
}

fn a_visit_that_the_source_called_off_counts_nowhere(place: &Place) {
    let mut run = place.run();
    let (stays, goes) = (reminder("oA", 1), reminder("oB", 2));
    run.enqueue(&[stays.clone(), goes.clone()]).unwrap();
    run.seat(&[seat(&stays, "骨科", "王"), seat(&goes, "骨科", "王")]).unwrap();
    let pending = run.pending(ACCOUNT).unwrap();
    let gone = pending.iter().find(|one| &*one.openid == "oB").unwrap().message;
    run.cancel(&[gone], CancelledBy::Source).unwrap();
    let visits = |ledger: &mut Ledger| cells(ledger).iter().map(|cell| cell.visits).sum::<u64>();
    assert_eq!(visits(&mut run), 1);
    run.finish_run(&RunEnd::default()).unwrap();
    let mut next = place.run();
    assert_eq!(visits(&mut next), 1);
}

fn counts_outlive_what_they_count(place: &Place) {
    let mut run = place.run();
    let (sent, open) = (reminder("oA", 1), reminder("oB", 2));
    run.enqueue(&[sent.clone(), open.clone()]).unwrap();
    run.seat(&[seat(&sent, "心内科", "王"), seat(&open, "心内科", "李")]).unwrap();
    let claimed = claim(&mut run, 1).pop().unwrap().message;
    run.exchange(&tell(claimed, accepted())).unwrap();
    let before = cells(&mut run);
    let long_after = now() + SignedDuration::from_hours(24 * 30);
    let later = run.db.now().unwrap() + SignedDuration::from_hours(1);
    assert_eq!(run.purge(later, long_after).unwrap().deleted, 2);
    assert_eq!(cells(&mut run), before);
    assert!(run.list(&Filter::default()).unwrap().is_empty());
}

fn a_name_of_a_department_is_one_short_line(place: &Place) {
    let mut run = place.run();
    let message = reminder("oA", 1);
    run.enqueue(std::slice::from_ref(&message)).unwrap();
    let hostile = format!("骨科\u{1b}[31m\n东\u{202e}区 {}", "长".repeat(500));
    run.seat(&[seat(&message, &hostile, " ")]).unwrap();
    let cell = cells(&mut run).pop().unwrap();
    assert!(cell.department.starts_with("骨科[31m 东区 长"), "{}", cell.department);
    assert_eq!((cell.department.chars().count(), &*cell.doctor), (80, ""));
}

fn causes_and_waits_are_those_of_the_record(place: &Place) {
    let mut run = place.run();
    let messages = [reminder("oA", 1), reminder("oB", 2), reminder("oC", 3)];
    run.enqueue(&messages).unwrap();
    let refused = || Settled::Failed { errcode: 43004, errmsg: "no".into(), rid: None };
    for outcome in [accepted(), refused(), refused()] {
        let claimed = claim(&mut run, 1).pop().unwrap().message;
        run.exchange(&tell(claimed, outcome)).unwrap();
    }
    let hour = SignedDuration::from_hours(1);
    let (since, until) = (run.db.now().unwrap() - hour, run.db.now().unwrap() + hour);
    let cause = Trouble { state: State::Failed, errcode: Some(43004), reason: None, count: 2 };
    for account in [None, Some(ACCOUNT)] {
        assert_eq!(run.troubles(account, since, until).unwrap(), std::slice::from_ref(&cause));
        let waits = run.delays(account, since, until).unwrap();
        assert_eq!(
            waits.iter().map(|wait| (wait.to_receipt, wait.count)).collect::<Vec<_>>(),
            [(None, 1)]
        );
    }
    assert!(run.troubles(Some("wx0"), since, until).unwrap().is_empty());
    assert!(run.delays(Some("wx0"), since, until).unwrap().is_empty());
}
