//! The promises of the ledger, each as something that could fail.

use super::*;

contract![
    an_intent_is_on_disk_before_the_claim_is_known,
    a_message_interrupted_in_flight_is_repeated_under_the_same_id,
    after_eight_minutes_the_outcome_is_unknown,
    an_intent_from_the_future_is_not_repeated,
    a_message_put_back_unsure_becomes_unknown_when_its_time_is_over,
    what_may_have_arrived_never_reads_as_queued,
    a_sure_word_about_a_retry_leaves_the_first_attempt_open,
    unknown_reminders_are_resent_and_unknown_prescriptions_wait_for_a_person,
    a_run_sends_only_what_was_confirmed,
    what_the_source_calls_off_it_may_allow_again_and_what_a_person_does_stays,
    runs_alive_together_share_the_work_and_each_message_goes_once,
    a_run_that_only_minds_its_own_takes_nothing_of_others,
    a_living_runs_prescription_is_left_to_it_and_a_killed_ones_is_sent,
    orphans_of_a_killed_run_are_found_by_a_run_beside_it_at_once,
    a_living_run_is_never_taken_for_dead,
    a_settlement_of_a_row_that_is_not_ours_changes_nothing,
    a_lost_answer_is_repaired_by_the_next_attempt,
    a_database_that_stays_busy_is_an_error_and_no_row_is_stuck,
    little_is_kept,
    no_two_messages_of_an_openid_fly_together,
    what_is_put_off_waits_and_says_how_long,
    visits_that_have_begun_expire_and_prescriptions_go_before_reminders,
    a_stopped_template_is_left_queued,
    the_rate_belongs_to_the_account_whoever_sends,
    the_eight_minutes_count_from_the_first_attempt,
];

fn an_intent_is_on_disk_before_the_claim_is_known(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let claimed = claim(&mut run, 10);
    // Another connection sees it, so it is committed.
    assert_eq!(place.state(claimed[0].message), State::Sending);
    let other = place.open();
    assert_eq!(count(&other, "SELECT COUNT(*) FROM message WHERE intent_at IS NOT NULL"), 1);
    let on_disk = either(
        &run.db,
        "SELECT synchronous = 2 FROM pragma_synchronous",
        "SELECT current_setting('synchronous_commit') <> 'off'",
    );
    assert_eq!(run.db.query(on_disk, &[]).unwrap().pop().unwrap().int("s").unwrap(), 1);
}

fn a_message_interrupted_in_flight_is_repeated_under_the_same_id(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let first = claim(&mut run, 1).pop().unwrap();
    assert!(!first.retry);
    kill(run);

    let mut next = place.run();
    tick(&next, 7);
    let found = next.recover(now(), POLICY).unwrap();
    assert_eq!((found.requeued, found.unknown.total()), (1, 0));
    assert!(claim(&mut next, 1).is_empty(), "nobody has confirmed it yet");
    assert_eq!(next.confirm(&[anew(first.message)]).unwrap(), 1);
    let again = claim(&mut next, 1).pop().unwrap();
    assert!(again.retry && again.intent_age >= Duration::from_mins(7));
    assert_eq!(again.key.client_msg_id(), first.key.client_msg_id());
    assert_eq!(again.content, first.content, "a retry is the same message");
    assert_eq!(again.attempts, 2);
}

fn after_eight_minutes_the_outcome_is_unknown(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    kill(run);
    let mut next = place.run();
    tick(&next, 8);
    assert_eq!(next.recover(now(), POLICY).unwrap().unknown.total(), 1);
    assert_eq!(place.state(message), State::Unknown);
}

fn an_intent_from_the_future_is_not_repeated(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    kill(run);
    let mut next = place.run();
    tick(&next, -1);
    assert_eq!(next.recover(now(), POLICY).unwrap().unknown.total(), 1);
    assert_eq!(place.state(message), State::Unknown);
}

fn a_message_put_back_unsure_becomes_unknown_when_its_time_is_over(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    let unsure = Settled::Requeued { not_before: None, sure: false, errcode: None, errmsg: None };
    run.exchange(&tell(message, unsure)).unwrap();
    tick(&run, 9);
    let answer = run.exchange(&ask(1)).unwrap();
    assert!(answer.claimed.is_empty());
    assert_eq!(answer.became.unknown.total(), 1);
    assert_eq!(place.state(message), State::Unknown);
}

fn what_may_have_arrived_never_reads_as_queued(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
    let claimed = claim(&mut run, 9);
    for (claimed, sure) in claimed.iter().zip([true, false]) {
        let not_before = Some(Duration::from_mins(1));
        let back = Settled::Requeued { not_before, sure, errcode: None, errmsg: None };
        run.exchange(&tell(claimed.message, back)).unwrap();
    }
    // Put off, in a run that lives: only the reading tells them apart.
    let seen = |ledger: &mut Ledger| {
        let entries = ledger.list(&Filter::default()).unwrap();
        let standing = ledger.standing().unwrap();
        let states: Vec<State> = entries.iter().map(|entry| entry.state).collect();
        assert_eq!(states, [State::Sending, State::Queued]);
        assert_eq!((standing.count(State::Sending), standing.count(State::Queued)), (1, 1));
        let sending = Filter { states: vec![State::Sending], ..Filter::default() };
        assert_eq!(ledger.list(&sending).unwrap().len(), 1);
    };
    seen(&mut run);
    assert_eq!(run.left().unwrap(), Left { queued: 1, open: 1 });
    assert_eq!(place.state(claimed[1].message), State::Queued);
    // Once it ends, the row itself says so, and the next run takes care of it.
    run.finish_run(&RunEnd::default()).unwrap();
    let mut next = place.run();
    seen(&mut next);
    assert_eq!(place.state(claimed[1].message), State::Sending);
    assert_eq!(next.recover(now(), POLICY).unwrap().requeued, 1);
    next.abandon_run().unwrap();
    assert_eq!(place.state(claimed[1].message), State::Sending);
}

fn a_sure_word_about_a_retry_leaves_the_first_attempt_open(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    let put_back = |sure| Settled::Requeued { not_before: None, sure, errcode: None, errmsg: None };
    run.exchange(&tell(message, put_back(false))).unwrap();
    assert!(claim(&mut run, 1)[0].retry);
    run.exchange(&tell(message, put_back(true))).unwrap();
    assert!(claim(&mut run, 1)[0].retry);
}

fn unknown_reminders_are_resent_and_unknown_prescriptions_wait_for_a_person(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), prescription("oB", "RX0007")]).unwrap();
    for claimed in claim(&mut run, 9) {
        let unknown = Settled::Unknown { errcode: None, errmsg: Some("no answer".into()) };
        run.exchange(&tell(claimed.message, unknown)).unwrap();
    }
    kill(run);
    let mut next = place.run();
    next.recover(now(), POLICY).unwrap();
    let rows = next.list(&Filter::default()).unwrap();
    let confirmations: Vec<_> = rows.iter().map(|entry| anew(entry.message)).collect();
    assert_eq!(next.confirm(&confirmations).unwrap(), 1);
    let claimed = claim(&mut next, 9);
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].kind, Kind::Reminder);
    assert!(!claimed[0].retry);
    assert_eq!(claimed[0].content, "{\"anew\":true}");
}

fn a_run_sends_only_what_was_confirmed(place: &Place) {
    let mut first = place.run();
    first.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
    first.finish_run(&RunEnd::default()).unwrap();

    let mut next = place.run();
    next.recover(now(), POLICY).unwrap();
    let pending = next.pending(ACCOUNT).unwrap();
    assert_eq!(pending.len(), 2);
    assert!(claim(&mut next, 9).is_empty());
    next.confirm(&[anew(pending[1].message)]).unwrap();
    let claimed = claim(&mut next, 9);
    assert_eq!(claimed.iter().map(|c| &*c.openid).collect::<Vec<_>>(), ["oB"]);
    assert_eq!(next.confirm_all(POLICY).unwrap(), 1, "the other one");
    assert_eq!(claim(&mut next, 9).len(), 1);
}

fn what_the_source_calls_off_it_may_allow_again_and_what_a_person_does_stays(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
    let ids: Vec<_> = run.pending(ACCOUNT).unwrap().iter().map(|p| p.message).collect();
    run.cancel(&ids[..1], CancelledBy::Source).unwrap();
    run.cancel(&ids[1..], CancelledBy::Person { actor: "nurse".into() }).unwrap();
    assert!(claim(&mut run, 9).is_empty());
    assert_eq!(run.confirm(&[anew(ids[0]), anew(ids[1])]).unwrap(), 1);
    assert_eq!(claim(&mut run, 9)[0].message, ids[0]);
    assert_eq!(count(&run, "SELECT COUNT(*) FROM audit WHERE verb = 'log cancel'"), 1);
}

fn runs_alive_together_share_the_work_and_each_message_goes_once(place: &Place) {
    let mut one = place.run();
    let messages: Vec<_> = (0..20).map(|n| reminder(&format!("o{n}"), 1)).collect();
    one.enqueue(&messages).unwrap();
    let mut two = place.run();
    let mut all: Vec<i64> = Vec::new();
    for _ in 0..5 {
        all.extend(claim(&mut one, 2).iter().map(|c| c.message));
        all.extend(claim(&mut two, 2).iter().map(|c| c.message));
    }
    assert_eq!(all.len(), 20);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 20);
    let mut planned = Planned::default();
    for message in &messages {
        planned.add(message.key, message.visit_at);
    }
    assert_eq!(one.taken_by_others(&planned).unwrap(), 10, "in flight there");
    let theirs = all.iter().find(|id| two.exchange(&tell(**id, accepted())).unwrap().lost == 0);
    assert!(theirs.is_some());
    assert_eq!(one.taken_by_others(&planned).unwrap(), 10, "and settled there");
    assert_eq!(two.taken_by_others(&planned).unwrap(), 10);
}

#[test]
fn a_nurses_message_that_another_run_took_is_said_to_her() {
    let place = place();
    let mut nurse = place.run();
    nurse.share_work(false);
    let message = prescription("oB", "RX0007");
    nurse.enqueue(std::slice::from_ref(&message)).unwrap();
    let mut planned = Planned::default();
    planned.add(message.key, None);
    assert_eq!(nurse.taken_by_others(&planned).unwrap(), 0);
    let mut morning = place.run();
    let claimed = claim(&mut morning, 9);
    morning.exchange(&tell(claimed[0].message, accepted())).unwrap();
    assert_eq!(nurse.taken_by_others(&planned).unwrap(), 1);
    assert_eq!(morning.taken_by_others(&planned).unwrap(), 0);
}

fn a_run_that_only_minds_its_own_takes_nothing_of_others(place: &Place) {
    let mut morning = place.run();
    morning.enqueue(&[reminder("oA", 1)]).unwrap();
    let mut nurse = place.run();
    nurse.share_work(false);
    nurse.enqueue(&[prescription("oB", "RX0007")]).unwrap();
    let answer = nurse.exchange(&ask(9)).unwrap();
    assert_eq!(answer.claimed.len(), 1);
    assert_eq!((answer.claimed[0].kind, answer.waiting), (Kind::Prescription, 0));
}

fn a_living_runs_prescription_is_left_to_it_and_a_killed_ones_is_sent(place: &Place) {
    let mut nurse = place.open();
    let run = NewRun { account: ACCOUNT, verb: "prescribe", actor: "nurse", host: None };
    nurse.begin_run(&run).unwrap();
    nurse.enqueue(&[prescription("oB", "RX0007")]).unwrap();
    let mut morning = place.run();
    assert!(claim(&mut morning, 9).is_empty());
    kill(nurse);
    assert_eq!(claim(&mut morning, 9).len(), 1);
}

fn orphans_of_a_killed_run_are_found_by_a_run_beside_it_at_once(place: &Place) {
    let mut one = place.run();
    one.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
    let mut two = place.run();
    let first = claim(&mut one, 1).pop().unwrap();
    kill(one);
    let claimed = claim(&mut two, 9);
    assert_eq!(claimed.len(), 2, "what the killed run had in flight, and what it had planned");
    assert!(claimed[0].retry && claimed[0].message == first.message);
    assert!(!claimed[1].retry);
}

fn a_living_run_is_never_taken_for_dead(place: &Place) {
    let mut one = place.run();
    one.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut one, 1)[0].message;
    for _ in 0..3 {
        let mut other = place.run();
        assert_eq!(other.recover(now(), POLICY).unwrap(), Recovered::default());
        assert!(claim(&mut other, 9).is_empty());
        other.finish_run(&RunEnd::default()).unwrap();
    }
    assert_eq!(one.exchange(&tell(message, accepted())).unwrap().lost, 0);
    assert_eq!(place.state(message), State::Accepted);
}

fn a_settlement_of_a_row_that_is_not_ours_changes_nothing(place: &Place) {
    let mut one = place.run();
    one.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut one, 1)[0].message;
    let mut two = place.run();
    assert_eq!(two.exchange(&tell(message, accepted())).unwrap().lost, 1);
    assert_eq!(place.state(message), State::Sending);
}

fn a_lost_answer_is_repaired_by_the_next_attempt(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), reminder("oB", 2), reminder("oC", 3)]).unwrap();
    let first = claim(&mut run, 1).pop().unwrap();
    run.lose_answer = true;
    let answer = run.exchange(&Exchange { want: 1, ..tell(first.message, accepted()) }).unwrap();
    assert_eq!((answer.lost, answer.claimed.len()), (0, 1));
    assert!(!answer.claimed[0].retry, "the lost claim was never handed out");
    assert_eq!(answer.claimed[0].attempts, 1);
    assert_eq!(place.state(first.message), State::Accepted);
    assert_eq!(count(&run, "SELECT COUNT(*) FROM message WHERE state = 'sending'"), 1);
}

fn a_database_that_stays_busy_is_an_error_and_no_row_is_stuck(place: &Place) {
    let mut run = place.run();
    run.settings.patience = Duration::from_millis(20);
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let other = place.open();
    let hold = either(&run.db, "BEGIN IMMEDIATE", "BEGIN; UPDATE account SET serial = serial");
    other.db.batch(hold).unwrap();
    run.db.batch(either(&run.db, "", "SET lock_timeout = 100")).unwrap();
    assert!(matches!(run.exchange(&ask(1)), Err(Error::Busy { .. } | Error::Contended { .. })));
    other.db.batch("COMMIT").unwrap();
    assert_eq!(claim(&mut run, 1).len(), 1);
}

fn little_is_kept(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), reminder("oB", 2), reminder("oC", 3)]).unwrap();
    let claimed = claim(&mut run, 9);
    let failed = Settled::Failed { errcode: 43004, errmsg: "require subscribe".into(), rid: None };
    run.exchange(&tell(claimed[0].message, accepted())).unwrap();
    run.exchange(&tell(claimed[1].message, failed)).unwrap();
    let unknown = Settled::Unknown { errcode: None, errmsg: None };
    run.exchange(&tell(claimed[2].message, unknown)).unwrap();
    let kept = "SELECT COUNT(*) FROM message WHERE content IS NOT NULL";
    assert_eq!(count(&run, kept), 1, "only the unknown one may have to be sent again");
}

fn no_two_messages_of_an_openid_fly_together(place: &Place) {
    let mut one = place.run();
    one.enqueue(&[reminder("oA", 1), reminder("oA", 2), reminder("oB", 3)]).unwrap();
    let mut two = place.run();
    let first = one.exchange(&ask(9)).unwrap();
    assert_eq!(first.claimed.len(), 2);
    let waits = two.exchange(&ask(9)).unwrap();
    assert!(waits.claimed.is_empty());
    assert_eq!(waits.waiting, 1);
    assert!(waits.next_due.is_some(), "another run holds the openid, so it must look again");
    let next = one.exchange(&Exchange { want: 9, ..tell(first.claimed[0].message, accepted()) });
    assert_eq!(next.unwrap().claimed[0].openid, first.claimed[0].openid);
}

fn what_is_put_off_waits_and_says_how_long(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    let minute = Duration::from_mins(1);
    let put_off =
        Settled::Requeued { not_before: Some(minute), sure: true, errcode: Some(-1), errmsg: None };
    let answer = run.exchange(&Exchange { want: 9, ..tell(message, put_off) }).unwrap();
    assert_eq!((answer.claimed.len(), answer.waiting), (0, 1));
    assert!(answer.next_due.is_some_and(|due| due <= minute && due > minute / 2));
    tick(&run, 1);
    let again = claim(&mut run, 9);
    assert!(again.len() == 1 && !again[0].retry);
}

fn visits_that_have_begun_expire_and_prescriptions_go_before_reminders(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oC", 3), reminder("oA", 1), prescription("oP", "RX0007")]).unwrap();
    let later = now() + SignedDuration::from_hours(24 * 7 + 2);
    let answer = run.exchange(&Exchange { now: later, ..ask(9) }).unwrap();
    let order: Vec<_> = answer.claimed.iter().map(|c| &*c.openid).collect();
    assert_eq!(order, ["oP", "oC"]);
    assert_eq!(answer.became.expired, 1);
}

fn a_stopped_template_is_left_queued(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), prescription("oP", "RX0007")]).unwrap();
    run.stop_template("reminder");
    let answer = run.exchange(&ask(9)).unwrap();
    assert_eq!((answer.claimed.len(), answer.waiting), (1, 0));
}

fn the_rate_belongs_to_the_account_whoever_sends(place: &Place) {
    let mut one = place.run();
    one.enqueue(&[reminder("oA", 1), reminder("oB", 2), reminder("oC", 3)]).unwrap();
    let mut two = place.run();
    let one_a_minute = Exchange { rate: Some(1.0 / 60.0), ..ask(256) };
    let first = one.exchange(&one_a_minute).unwrap();
    assert_eq!((first.claimed.len(), first.start_after), (1, Duration::ZERO));
    let turned_away = two.exchange(&one_a_minute).unwrap();
    assert!(turned_away.claimed.is_empty() && turned_away.next_due.is_some());
    assert_eq!(turned_away.waiting, 2);
    tick(&two, 1);
    assert_eq!(two.exchange(&one_a_minute).unwrap().claimed.len(), 1);
}

fn the_eight_minutes_count_from_the_first_attempt(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    for _ in 0..2 {
        let message = claim(&mut run, 1)[0].message;
        let unsure =
            Settled::Requeued { not_before: None, sure: false, errcode: None, errmsg: None };
        run.exchange(&tell(message, unsure)).unwrap();
        tick(&run, 5);
    }
    assert_eq!(run.exchange(&ask(1)).unwrap().became.unknown.total(), 1);
}

#[test]
fn a_claim_walks_the_partial_index() {
    let run = place().run();
    let sql = format!("EXPLAIN QUERY PLAN {}", claim::candidates_sql(0));
    let values = [1_i64.into(), ACCOUNT.into(), now().into(), 9_i64.into()];
    let plan: Vec<String> = run
        .db
        .query(&sql, &values)
        .unwrap()
        .into_iter()
        .map(|mut row| {
            for column in ["id", "parent", "notused"] {
                row.opt_int(column).unwrap();
            }
            row.text("detail").unwrap()
        })
        .collect();
    let plan = plan.join("\n");
    assert!(plan.contains("INDEX message_queued (planned_run=?)"), "{plan}");
    assert!(plan.contains("message_sending (account=? AND openid=?)"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}
