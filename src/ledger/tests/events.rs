//! What others are told: exactly what changed, once, and gone when the patient is.

use std::collections::BTreeMap;

use super::*;
use crate::domain::event::{EventFields, EventType, openid_hash};

/// A place whose changes are told.
struct Told<'a> {
    place: &'a Place,
    settings: Settings,
}

fn told(place: &Place, fields: EventFields) -> Told<'_> {
    Told { place, settings: Settings { events: Some(fields), ..place.settings.clone() } }
}

impl Told<'_> {
    fn open(&self) -> Ledger {
        Ledger::open(&self.settings).unwrap()
    }

    fn run(&self) -> Ledger {
        let mut ledger = self.open();
        begin(&mut ledger);
        ledger
    }
}

fn unknown() -> Settled {
    Settled::Unknown { errcode: None, errmsg: None }
}

fn failed() -> Settled {
    Settled::Failed { errcode: 43004, errmsg: "require subscribe".into(), rid: None }
}

fn round(want: usize, pick: Pick) -> Round {
    let lease = Duration::from_mins(1);
    Round { accounts: vec![ACCOUNT.to_owned()], results: Vec::new(), want, pick, lease }
}

fn due(ledger: &mut Ledger) -> Vec<Handed> {
    ledger.deliver_events(&round(99, Pick::Due)).unwrap()
}

fn tell_of(ledger: &mut Ledger, handed: &Handed, outcome: Outcome) {
    let results = vec![handed.came_to(outcome)];
    ledger.deliver_events(&Round { results, ..round(0, Pick::Due) }).unwrap();
}

fn all(ledger: &mut Ledger) -> Vec<Listed> {
    let mut all = ledger.list_events(&EventFilter::default()).unwrap();
    all.reverse();
    all
}

fn words(ledger: &mut Ledger) -> Vec<&'static str> {
    all(ledger).iter().map(|listed| listed.event.event_type.as_str()).collect()
}

/// A run that has sent one message, which was accepted.
fn one_accepted(place: &Told<'_>) -> Ledger {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    run.exchange(&tell(message, accepted())).unwrap();
    run
}

contract! {
    without_a_webhook_nothing_is_written,
    every_outcome_is_told_once_with_what_the_row_says_and_the_runs_end_last,
    what_must_be_asked_for_is_stored_only_then,
    doubts_are_told_wherever_they_arise_and_a_persons_word_too,
    called_off_too_late_skipped_and_put_back_are_no_events,
    an_event_is_never_without_its_change_nor_a_change_without_its_event,
    an_event_is_in_one_hand_at_a_time_and_comes_back_when_its_holder_dies,
    a_failed_event_waits_for_its_turn_unless_a_person_asks,
    a_replayed_event_is_the_same_event,
    another_accounts_events_are_left_to_it,
    who_is_forgotten_is_in_no_event_delivered_or_not,
    a_purge_takes_the_events_and_the_count_goes_on,
    what_a_receipt_says_is_told_like_any_other_change,
}

fn without_a_webhook_nothing_is_written(place: &Place) {
    let place = Told { place, settings: place.settings.clone() };
    let mut run = one_accepted(&place);
    run.finish_run(&RunEnd::default()).unwrap();
    assert!(all(&mut place.open()).is_empty());
}

fn every_outcome_is_told_once_with_what_the_row_says_and_the_runs_end_last(place: &Place) {
    let place = told(place, EventFields::default());
    let mut run = place.run();
    let outcomes = [accepted(), Settled::Held { rid: None }, failed(), unknown()];
    let openids = ["oA", "oB", "oC", "oD"];
    run.enqueue(&openids.map(|openid| reminder(openid, 1))).unwrap();
    for (claimed, outcome) in claim(&mut run, 9).into_iter().zip(outcomes) {
        run.exchange(&tell(claimed.message, outcome.clone())).unwrap();
        // The answer to an exchange may get lost, and it is repeated.
        run.exchange(&tell(claimed.message, outcome)).unwrap();
    }
    let ended = RunEnd { exit_code: 1, accepted: 1, held: 1, failed: 1, unknown: 1, left: 0 };
    run.finish_run(&ended).unwrap();
    let events = all(&mut run);
    let rows: BTreeMap<_, _> = run
        .list(&Filter::default())
        .unwrap()
        .into_iter()
        .map(|entry| (entry.message_id, entry))
        .collect();
    assert_eq!((events.len(), rows.len()), (5, 4));
    for (number, listed) in (1..).zip(&events) {
        let event = &listed.event;
        assert_eq!((event.sequence, listed.delivery), (number, Delivery::Pending));
        let Some(message_id) = event.message_id else {
            assert_eq!((number, event.event_type), (5, EventType::RunFinished));
            let finished = event.finished.unwrap();
            assert_eq!((finished.exit_code, finished.unknown, finished.left_queued), (1, 1, 0));
            assert_eq!(event.run_id, events[0].event.run_id);
            continue;
        };
        let entry = &rows[&message_id];
        assert_eq!(EventType::of(entry.state), Some(event.event_type));
        assert_eq!((event.state, event.errcode), (Some(entry.state), entry.errcode));
        assert_eq!((event.msgid, event.run_id), (entry.msgid, entry.run_id));
        assert_eq!((&event.appointment_id, &event.start), (&entry.appointment_id, &entry.start));
        assert_eq!((event.kind, event.stage), (Some(entry.kind), entry.stage));
        let openid = entry.openid.as_deref().unwrap();
        assert_eq!(event.openid_hash, Some(openid_hash(ACCOUNT, openid)));
        assert_eq!((&event.patient_id, &event.reference_tail), (&None, &None));
    }
}

fn what_must_be_asked_for_is_stored_only_then(place: &Place) {
    for asked in [false, true] {
        place.empty();
        let place = told(place, EventFields { patient_id: asked, reference: asked });
        let mut run = place.run();
        run.enqueue(&[prescription("oB", "RX0007")]).unwrap();
        let message = claim(&mut run, 1)[0].message;
        run.exchange(&tell(message, accepted())).unwrap();
        let event = &all(&mut run)[0].event;
        let has = |value: &Option<String>| value.is_some();
        assert_eq!((has(&event.patient_id), has(&event.reference_tail)), (asked, asked));
        assert_eq!((&event.start, &event.appointment_id), (&None, &None));
    }
}

fn doubts_are_told_wherever_they_arise_and_a_persons_word_too(place: &Place) {
    let place = told(place, EventFields::default());
    // An orphan too old to be repeated, found by the next run.
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    claim(&mut run, 1);
    kill(run);
    let mut next = place.run();
    tick(&next, 9);
    next.recover(now(), POLICY).unwrap();
    assert_eq!(words(&mut next), ["message.unknown"]);
    // One put back unsure, of which the run's end despairs.
    next.enqueue(&[reminder("oB", 2)]).unwrap();
    let message = claim(&mut next, 1)[0].message;
    let unsure = Settled::Requeued { not_before: None, sure: false, errcode: None, errmsg: None };
    next.exchange(&tell(message, unsure.clone())).unwrap();
    assert_eq!(next.doubt().unwrap().unknown.total(), 1);
    // One whose repetition comes too late, found by a claim.
    next.enqueue(&[reminder("oC", 3)]).unwrap();
    let message = claim(&mut next, 1)[0].message;
    next.exchange(&tell(message, unsure)).unwrap();
    tick(&next, 9);
    assert_eq!(next.exchange(&ask(1)).unwrap().became.unknown.total(), 1);
    // An orphan that another run's exchange finds.
    next.enqueue(&[reminder("oD", 4)]).unwrap();
    claim(&mut next, 1);
    next.finish_run(&RunEnd::default()).unwrap();
    let mut third = place.run();
    tick(&third, 30);
    third.exchange(&ask(0)).unwrap();
    let id = third.list(&Filter::default()).unwrap().pop().unwrap().message_id.to_string();
    assert!(matches!(third.resolve(&id, true, "nurse").unwrap(), Resolved::Done(_)));
    let said = [
        "message.unknown",
        "message.unknown",
        "message.unknown",
        "run.finished",
        "message.unknown",
        "message.accepted",
    ];
    assert_eq!(words(&mut third), said);
    let rows = third.stats(Timestamp::MIN, Timestamp::MAX).unwrap();
    let unknown: u64 = rows.iter().filter(|row| row.state == State::Unknown).map(|r| r.count).sum();
    assert_eq!(unknown, 3);
}

fn called_off_too_late_skipped_and_put_back_are_no_events(place: &Place) {
    let place = told(place, EventFields::default());
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), reminder("oB", 2), reminder("oC", 3)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    let sure = Settled::Requeued { not_before: None, sure: true, errcode: None, errmsg: None };
    run.exchange(&tell(message, sure)).unwrap();
    run.cancel(&[message], CancelledBy::Source).unwrap();
    let late = now() + SignedDuration::from_hours(24 * 7 + 2);
    assert_eq!(run.exchange(&Exchange { now: late, ..ask(9) }).unwrap().became.expired, 1);
    assert!(all(&mut run).is_empty());
}

fn an_event_is_never_without_its_change_nor_a_change_without_its_event(place: &Place) {
    let place = told(place, EventFields::default());
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    // The event cannot be written, so neither is the outcome.
    let (refuse, permit) = either(
        &run.db,
        (
            "CREATE TRIGGER refuse BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END",
            "DROP TRIGGER refuse",
        ),
        (
            "ALTER TABLE event ADD CONSTRAINT refuse CHECK (sequence < 0)",
            "ALTER TABLE event DROP CONSTRAINT refuse",
        ),
    );
    run.db.batch(refuse).unwrap();
    assert!(run.exchange(&tell(message, accepted())).is_err());
    assert_eq!(place.place.state(message), State::Sending);
    run.db.batch(permit).unwrap();
    run.exchange(&tell(message, accepted())).unwrap();
    assert_eq!(
        (place.place.state(message), words(&mut run)),
        (State::Accepted, vec!["message.accepted"])
    );
    assert_eq!(all(&mut run)[0].event.sequence, 1, "no gap");
}

fn an_event_is_in_one_hand_at_a_time_and_comes_back_when_its_holder_dies(place: &Place) {
    let place = told(place, EventFields::default());
    drop(one_accepted(&place));
    let (mut one, mut other) = (place.open(), place.open());
    let held = due(&mut one);
    assert_eq!(held.len(), 1);
    assert!(due(&mut other).is_empty() && due(&mut one).is_empty());
    tick(&other, 2);
    let again = due(&mut other);
    assert_eq!(again[0].event, held[0].event);
    // The first was only slow: that it failed is no news any more, that it succeeded is.
    let late = || Outcome::PutOff("HTTP 500".to_owned(), Duration::from_hours(1));
    tell_of(&mut one, &held[0], late());
    assert_eq!((all(&mut one)[0].attempts, &all(&mut one)[0].error), (0, &None));
    tell_of(&mut one, &held[0], Outcome::Delivered);
    tell_of(&mut other, &again[0], late());
    assert_eq!(all(&mut one)[0].delivery, Delivery::Delivered);
    assert_eq!(one.undelivered_events(&[ACCOUNT.to_owned()]).unwrap(), Undelivered::default());
}

fn a_failed_event_waits_for_its_turn_unless_a_person_asks(place: &Place) {
    let place = told(place, EventFields::default());
    let mut run = one_accepted(&place);
    let handed = due(&mut run).pop().unwrap();
    let put_off = Outcome::PutOff("HTTP 503".to_owned(), Duration::from_mins(5));
    tell_of(&mut run, &handed, put_off);
    assert!(due(&mut run).is_empty());
    let early = run.deliver_events(&round(9, Pick::After(0))).unwrap().pop().unwrap();
    assert_eq!((early.due, early.attempts), (false, 1));
    tell_of(&mut run, &early, Outcome::Early("HTTP 500".to_owned()));
    assert!(run.deliver_events(&round(9, Pick::After(1))).unwrap().is_empty());
    let listed = all(&mut run).pop().unwrap();
    assert_eq!((listed.attempts, listed.error.as_deref()), (1, Some("HTTP 500")));
    tick(&run, 6);
    let turn = due(&mut run).pop().unwrap();
    assert!(turn.due);
    tell_of(&mut run, &turn, Outcome::Untried);
    let turn = due(&mut run).pop().unwrap();
    tell_of(&mut run, &turn, Outcome::Dead("HTTP 500".to_owned()));
    tick(&run, 99_999);
    assert!(due(&mut run).is_empty());
    let left = run.undelivered_events(&[ACCOUNT.to_owned()]).unwrap();
    assert_eq!((left.pending, left.dead), (0, 1));
}

fn a_replayed_event_is_the_same_event(place: &Place) {
    let place = told(place, EventFields::default());
    let mut run = one_accepted(&place);
    let first = due(&mut run).pop().unwrap();
    tell_of(&mut run, &first, Outcome::Delivered);
    let since = |at| EventFilter { since: Some(at), ..EventFilter::default() };
    let later = first.event.time + SignedDuration::from_secs(1);
    assert_eq!(run.replay_events(&since(later), "nurse").unwrap(), 0);
    assert_eq!(run.replay_events(&since(first.event.time), "nurse").unwrap(), 1);
    assert_eq!(due(&mut run).pop().unwrap().event, first.event);
    assert_eq!(count(&run, "SELECT COUNT(*) FROM audit WHERE actor = 'nurse'"), 2);
}

fn another_accounts_events_are_left_to_it(place: &Place) {
    let place = told(place, EventFields::default());
    let mut run = one_accepted(&place);
    let theirs = Round { accounts: vec!["wxfedcba9876543210".to_owned()], ..round(9, Pick::Due) };
    assert!(run.deliver_events(&theirs).unwrap().is_empty());
    let both = vec!["wxfedcba9876543210".to_owned(), ACCOUNT.to_owned()];
    assert_eq!(run.deliver_events(&Round { accounts: both, ..theirs }).unwrap().len(), 1);
}

fn who_is_forgotten_is_in_no_event_delivered_or_not(place: &Place) {
    for by_openid in [true, false] {
        place.empty();
        let place = told(place, EventFields { patient_id: true, reference: true });
        let mut run = place.run();
        run.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
        for claimed in claim(&mut run, 9) {
            run.exchange(&tell(claimed.message, accepted())).unwrap();
        }
        let identity = if by_openid {
            Identity::Openid("oA".into())
        } else {
            Identity::Patient("P-oA".into())
        };
        run.forget(&Who { account: ACCOUNT.into(), identity }, "nurse").unwrap();
        let left = all(&mut run);
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].event.patient_id.as_deref(), Some("P-oB"));
    }
}

fn a_purge_takes_the_events_and_the_count_goes_on(place: &Place) {
    let place = told(place, EventFields::default());
    let mut run = one_accepted(&place);
    let past = Timestamp::MAX;
    run.purge(past, now()).unwrap();
    assert!(all(&mut run).is_empty());
    run.finish_run(&RunEnd::default()).unwrap();
    assert_eq!(all(&mut run)[0].event.sequence, 2);
}

fn what_a_receipt_says_is_told_like_any_other_change(place: &Place) {
    let place = told(place, EventFields::default());
    let run = one_accepted(&place);
    let update = "UPDATE message SET state = $1, reason = $2 WHERE state = 'accepted'";
    let values = ["undelivered".into(), "user block".into()];
    let changed = run.db.transaction(|| run.outbox().change(&run.db, update, &values));
    assert_eq!(changed.unwrap(), 1);
    let mut ledger = place.open();
    let event = all(&mut ledger).pop().unwrap().event;
    assert_eq!((event.event_type, event.state), (EventType::Undelivered, Some(State::Undelivered)));
    assert_eq!((event.reason.as_deref(), event.msgid), (Some("user block"), Some(1)));
}

#[test]
fn a_copy_takes_the_events_along_and_goes_on_counting() {
    on_postgres(|server| {
        let file = place();
        let from = told(&file, EventFields::default());
        let mut run = one_accepted(&from);
        run.finish_run(&RunEnd::default()).unwrap();
        let before = all(&mut run);
        drop(run);
        copy(&file.settings.address, &server.settings.address).unwrap().unwrap();
        let to = told(server, EventFields::default());
        assert_eq!(all(&mut to.open()), before);
        to.run().finish_run(&RunEnd::default()).unwrap();
        assert_eq!(all(&mut to.open()).last().unwrap().event.sequence, 3);
    });
}

#[test]
fn a_ledger_of_before_there_were_events_gets_them_and_keeps_its_messages() {
    let file = place();
    let mut run = file.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    claim(&mut run, 1);
    // What later migrations made, undone.
    let back = "DROP INDEX message_cell; ALTER TABLE message DROP COLUMN cell; ALTER TABLE message DROP COLUMN again;
        DROP TABLE insight_count; DROP TABLE insight; DROP INDEX message_msgid; DROP INDEX message_accepted; DROP INDEX message_held; DROP INDEX message_open;
        ALTER TABLE message DROP COLUMN receipt_at; DROP TABLE receipt; DROP TABLE follow;
        DROP INDEX message_client_msg_id; ALTER TABLE message DROP COLUMN client_msg_id;
        ALTER TABLE message DROP COLUMN asked_by;
        DROP TABLE event; DROP TABLE outbox; DELETE FROM wxremind_schema WHERE version > 1";
    run.db.batch(back).unwrap();
    drop(run);
    let place = told(&file, EventFields::default());
    let mut next = place.run();
    tick(&next, 9);
    assert_eq!(next.recover(now(), POLICY).unwrap().unknown.total(), 1);
    assert_eq!(words(&mut next), ["message.unknown"]);
}
