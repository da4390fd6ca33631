//! Reading the record, resolving, purging and forgetting.

use super::*;

contract![
    enqueueing_twice_changes_nothing,
    the_plan_learns_what_is_known,
    a_reference_is_found_by_its_hash,
    lists_are_filtered_and_newest_first,
    a_message_is_found_by_its_id_its_beginning_or_wechats,
    counts_fall_into_their_stretch_and_leave_tests_out,
    the_telephone_list_holds_each_unreached_visit_once_nearest_first,
    two_patients_of_one_number_stand_both_on_the_telephone_list,
    a_person_resolves_what_is_unknown_and_nothing_else,
    a_purge_leaves_key_and_state_of_visits_ahead_and_nothing_of_past_ones,
    a_forgotten_patient_is_gone_and_on_the_list,
];

fn settled(run: &mut Ledger, message: Message, outcome: Settled) -> i64 {
    run.enqueue(&[message]).unwrap();
    let claimed = claim(run, 1).pop().unwrap().message;
    run.exchange(&tell(claimed, outcome)).unwrap();
    claimed
}

fn failed() -> Settled {
    Settled::Failed { errcode: 43004, errmsg: "require subscribe".into(), rid: None }
}

fn unknown() -> Settled {
    Settled::Unknown { errcode: None, errmsg: None }
}

fn enqueueing_twice_changes_nothing(place: &Place) {
    let mut run = place.run();
    let messages = [reminder("oA", 1), reminder("oB", 2), prescription("oB", "RX0007")];
    assert_eq!(run.enqueue(&messages).unwrap(), Enqueued { inserted: 3, existing: 0 });
    assert_eq!(run.enqueue(&messages).unwrap(), Enqueued { inserted: 0, existing: 3 });
}

fn the_plan_learns_what_is_known(place: &Place) {
    let mut run = place.run();
    let (sent, refused) = (reminder("oA", 1), reminder("oB", 2));
    let visit = sent.visit_at.unwrap();
    settled(&mut run, sent.clone(), accepted());
    settled(&mut run, refused.clone(), failed());
    let known = run.known(ACCOUNT, visit, visit + SignedDuration::from_hours(2)).unwrap();
    assert_eq!(known.reminders[&sent.key].state, State::Accepted);
    assert_eq!(known.reminders[&refused.key].content_hash, Some(refused.content_hash));
    assert!(known.reminded.contains(&(crate::domain::plan::visit_mark("A-oA-1"), visit)));
    assert_eq!(known.reminded.len(), 1, "a refused message reminded nobody");
    assert!(
        run.known(ACCOUNT, visit + SignedDuration::from_hours(2), Timestamp::MAX)
            .unwrap()
            .reminders
            .is_empty()
    );
}

fn a_reference_is_found_by_its_hash(place: &Place) {
    let mut run = place.run();
    let message = prescription("oP", "RX0007");
    settled(&mut run, message.clone(), accepted());
    let uses = run.reference_uses(&mark("reference", &["RX0007"])).unwrap();
    assert_eq!((uses.len(), &*uses[0].openid, uses[0].state), (1, "oP", State::Accepted));
    let known = run.known_prescription(&[message.key]).unwrap();
    assert_eq!(known[&message.key].state, State::Accepted);
}

fn lists_are_filtered_and_newest_first(place: &Place) {
    let mut run = place.open();
    let run_id = begin(&mut run);
    settled(&mut run, reminder("oA", 1), accepted());
    settled(&mut run, reminder("oB", 2), failed());
    settled(&mut run, prescription("oB", "RX0007"), accepted());
    let states = |filter: &Filter, run: &mut Ledger| -> Vec<_> {
        run.list(filter).unwrap().iter().map(|e| (e.kind, e.state)).collect()
    };
    let all =
        Filter { run: Some(run_id.0), since: Some(Timestamp::UNIX_EPOCH), ..Filter::default() };
    assert_eq!(states(&all, &mut run).len(), 3);
    assert_eq!(states(&all, &mut run)[0].0, Kind::Prescription);
    let some = Filter {
        openid: Some("oB".into()),
        states: vec![State::Failed, State::Held],
        kinds: vec![Kind::Reminder],
        limit: Some(5),
        ..Filter::default()
    };
    assert_eq!(states(&some, &mut run), [(Kind::Reminder, State::Failed)]);
    let other = Filter { account: Some("wxother".into()), ..Filter::default() };
    assert!(run.list(&other).unwrap().is_empty());
}

fn a_message_is_found_by_its_id_its_beginning_or_wechats(place: &Place) {
    let mut run = place.run();
    settled(&mut run, reminder("oA", 1), accepted());
    let entry = run.list(&Filter::default()).unwrap().pop().unwrap();
    assert_eq!(entry.start, reminder("oA", 1).start);
    let id = entry.message_id.to_string();
    for name in [&id, &id[..13], &entry.client_msg_id, &entry.message_id.simple().to_string()] {
        assert_eq!(run.show(name).unwrap(), Found::One(Box::new(entry.clone())), "{name}");
    }
    for nothing in [&id[..5], "oA", "ffffffffffff", "' OR 1=1"] {
        assert_eq!(run.show(nothing).unwrap(), Found::None);
    }
    run.enqueue(&[reminder("oB", 2)]).unwrap();
    assert!(matches!(run.show(&id[..6]).unwrap(), Found::Several(all) if all.len() == 2));
}

fn counts_fall_into_their_stretch_and_leave_tests_out(place: &Place) {
    let mut run = place.run();
    let test = Message { kind: Kind::Test, ..prescription("oT", "T") };
    settled(&mut run, reminder("oA", 1), accepted());
    settled(&mut run, reminder("oB", 2), failed());
    settled(&mut run, test, accepted());
    let now = run.db.now().unwrap();
    let hour = SignedDuration::from_hours(1);
    let stretches = run.stats_between(None, &[now - hour - hour, now - hour, now + hour]).unwrap();
    assert!(stretches[0].is_empty());
    assert_eq!(stretches[1].iter().map(|row| row.count).sum::<u64>(), 2);
    assert_eq!(run.stats(now - hour, now + hour).unwrap(), stretches[1]);
}

fn the_telephone_list_holds_each_unreached_visit_once_nearest_first(place: &Place) {
    let mut run = place.run();
    settled(&mut run, reminder("oC", 3), failed());
    settled(&mut run, reminder("oB", 2), failed());
    let again = Message { copy: 1, key: Key::prescription("", "", "copy", 1), ..reminder("oB", 2) };
    settled(&mut run, again, accepted());
    settled(&mut run, reminder("oA", 1), Settled::Held { rid: None });
    run.skip(&[nobody(5, None)]).unwrap();
    let whom = |run: &mut Ledger, at| -> Vec<_> {
        run.unreached(at).unwrap().iter().map(|e| e.appointment_id.clone().unwrap()).collect()
    };
    assert_eq!(whom(&mut run, now()), ["A-oC-3", "A--5"]);
    tick(&run, 25 * 60);
    assert_eq!(whom(&mut run, now()), ["A-oA-1", "A-oC-3", "A--5"], "held for a day");
    assert!(whom(&mut run, now() + SignedDuration::from_hours(24 * 8)).is_empty());
}

fn two_patients_of_one_number_stand_both_on_the_telephone_list(place: &Place) {
    let mut run = place.run();
    let numbered = |openid: &str, patient: &str| Message {
        appointment_id: Some("1".into()),
        patient_id: Some(patient.into()),
        ..reminder(openid, 1)
    };
    // Reached: neither the first's failure nor another patient's success may hide who was not.
    settled(&mut run, numbered("oA", "PA"), failed());
    settled(
        &mut run,
        Message { key: Key::prescription("", "", "new", 1), ..numbered("oA2", "PA") },
        accepted(),
    );
    settled(&mut run, numbered("oB", "PB"), failed());
    settled(&mut run, numbered("oC", "PC"), failed());
    let whom: Vec<_> =
        run.unreached(now()).unwrap().iter().map(|e| e.patient_id.clone().unwrap()).collect();
    assert_eq!(whom, ["PC", "PB"]);
    let told: Vec<_> = run.reminded(now()).unwrap().iter().map(|e| e.openid.clone()).collect();
    assert_eq!(told, [Some("oA2".to_owned())]);
}

fn a_person_resolves_what_is_unknown_and_nothing_else(place: &Place) {
    let mut run = place.run();
    settled(&mut run, prescription("oA", "RX0001"), unknown());
    settled(&mut run, prescription("oB", "RX0002"), unknown());
    let entries = run.list(&Filter::default()).unwrap();
    let [b, a] = [0, 1].map(|n| entries[n].message_id.to_string());
    kill(run);
    let mut person = place.open();
    assert!(
        matches!(person.resolve(&a, true, "nurse").unwrap(), Resolved::Done(e) if e.state == State::Accepted)
    );
    assert!(matches!(
        person.resolve(&a, true, "nurse").unwrap(),
        Resolved::NotUnknown(State::Accepted)
    ));
    assert!(
        matches!(person.resolve(&b, false, "nurse").unwrap(), Resolved::Done(e) if e.state == State::Queued)
    );
    assert!(matches!(person.resolve("ffffffff", false, "nurse").unwrap(), Resolved::NotFound));
    assert_eq!(count(&person, "SELECT COUNT(*) FROM audit WHERE actor = 'nurse'"), 2);
    let mut next = place.run();
    next.recover(now(), POLICY).unwrap();
    let claimed = claim(&mut next, 9);
    assert_eq!(claimed.len(), 1);
    assert!(!claimed[0].retry && &*claimed[0].openid == "oB");
}

fn a_purge_leaves_key_and_state_of_visits_ahead_and_nothing_of_past_ones(place: &Place) {
    let mut run = place.run();
    settled(&mut run, reminder("oA", 1), accepted());
    settled(&mut run, reminder("oC", 9), accepted());
    run.enqueue(&[reminder("oQ", 10)]).unwrap();
    let at = now() + SignedDuration::from_hours(24 * 7 + 5);
    let later = run.db.now().unwrap() + SignedDuration::from_hours(1);
    assert_eq!(run.purge(later, at).unwrap(), Purged { deleted: 1, erased: 1 });
    assert_eq!(run.purge(later, at).unwrap(), Purged::default());
    let left = run.list(&Filter::default()).unwrap();
    assert_eq!(left.iter().map(|e| e.state).collect::<Vec<_>>(), [State::Queued, State::Accepted]);
    assert!(
        left[1].openid.is_none() && left[1].appointment_id.is_none() && left[1].start.is_none()
    );
    assert_eq!(left[0].openid.as_deref(), Some("oQ"), "what is still to be sent is whole");
    assert_eq!(run.enqueue(&[reminder("oC", 9)]).unwrap().inserted, 0, "still known as sent");
    assert!(!place.keeps(b"A-oC-9"), "nothing of it is left in the file");
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is set is how far the pretended day lies from the real one"
)]
fn a_forgotten_patient_is_gone_and_on_the_list(place: &Place) {
    let mut run = place.run();
    settled(&mut run, reminder("oForget", 1), accepted());
    settled(&mut run, reminder("oOther", 3), accepted());
    run.enqueue(&[reminder("oForget", 2)]).unwrap();
    // Visits of 2026-11-30 lie ahead of a clock set to the day of the run.
    run.db.skew.set(now() - Timestamp::now());
    let who = Who { account: ACCOUNT.into(), identity: Identity::Openid("oForget".into()) };
    let forgotten = run.forget(&who, "nurse").unwrap();
    assert_eq!(forgotten, Forgotten { deleted: 0, erased: 2, in_flight: 0 });
    assert!(claim(&mut run, 9).is_empty());
    assert!(run.opted_out().unwrap().contains(&who.opt_out_mark()));
    let filter = Filter { openid: Some("oForget".into()), ..Filter::default() };
    assert!(run.list(&filter).unwrap().is_empty());
    assert_eq!(
        run.list(&Filter { openid: Some("oOther".into()), ..Filter::default() }).unwrap().len(),
        1
    );
    assert!(!place.keeps(b"oForget"));
}
