//! What others ask of a service: taken once, sent by whoever serves, left alone by everybody else.

use super::*;
use crate::domain::receipt::{Follow, News};

const KEY: &str = "flow";

/// A message that a program asks for, in these words.
fn asked(openid: &str, id: &str, words: &str) -> Asked {
    let message = Message {
        key: Key::connector(ACCOUNT, openid, id),
        kind: Kind::Connector,
        reference: None,
        content: format!("{{\"words\":\"{words}\"}}").into(),
        content_hash: mark("connector", &[words]),
        not_after: Some(now() + SignedDuration::from_hours(24)),
        template: "TID".into(),
        ..prescription(openid, id)
    };
    Asked { message, client_msg_id: id.into(), asked_by: KEY.into() }
}

/// A ledger that takes orders.
fn desk(place: &Place) -> Ledger {
    let mut ledger = place.open();
    ledger.take_orders(ACCOUNT).unwrap();
    ledger
}

/// A run of a service.
fn serving(place: &Place) -> Ledger {
    let mut ledger = place.open();
    let run = NewRun { account: ACCOUNT, verb: "serve", actor: "wxremind", host: None };
    ledger.begin_run(&run).unwrap();
    ledger.claim_orders();
    ledger.recover(now(), POLICY).unwrap();
    ledger
}

fn queue(ledger: &mut Ledger, asked: &Asked) {
    assert!(matches!(ledger.ask(asked), Ok(Answer::Queued(_))));
}

fn what_is_asked_twice_is_taken_once_and_other_words_are_seen(place: &Place) {
    let mut desk = desk(place);
    let first = asked("oA", "1", "a");
    assert_eq!(desk.asked_before(&first).unwrap(), None);
    queue(&mut desk, &first);
    let Ok(Answer::Known { entry, same: true }) = desk.ask(&first) else { panic!("known") };
    assert_eq!((&*entry.client_msg_id, entry.asked_by.as_deref()), ("1", Some(KEY)));
    assert_eq!((entry.kind, entry.state), (Kind::Connector, State::Queued));
    let other = desk.ask(&asked("oA", "1", "b"));
    assert!(matches!(other, Ok(Answer::Known { same: false, .. })));
    queue(&mut desk, &asked("oB", "1", "a"));
    assert!(matches!(desk.show("1").unwrap(), Found::Several(both) if both.len() == 2));
    // Settled and its words erased, the hash still decides.
    let mut run = serving(place);
    for one in claim(&mut run, 9) {
        run.exchange(&tell(one.message, accepted())).unwrap();
    }
    assert!(matches!(desk.ask(&first), Ok(Answer::Known { same: true, .. })));
    assert!(matches!(desk.ask(&asked("oA", "1", "b")), Ok(Answer::Known { same: false, .. })));
}

fn only_who_serves_sends_what_was_asked_for(place: &Place) {
    let mut desk = desk(place);
    queue(&mut desk, &asked("oA", "1", "a"));
    let mut morning = place.run();
    morning.enqueue(&[reminder("oM", 1)]).unwrap();
    assert_eq!(claim(&mut morning, 9).len(), 1, "its own");
    let mut served = serving(place);
    morning.enqueue(&[reminder("oN", 2)]).unwrap();
    let claimed = claim(&mut served, 9);
    assert_eq!(
        (claimed.len(), claimed[0].kind),
        (1, Kind::Connector),
        "and nothing of the morning's"
    );
    // It dies in the middle: another that serves repeats it, and the morning does not.
    kill(served);
    assert_eq!(desk.waiting_for_service(ACCOUNT).unwrap(), Waiting::Now);
    assert!(claim(&mut morning, 9).iter().all(|one| one.kind == Kind::Reminder));
    let mut served = serving(place);
    let again = claim(&mut served, 9);
    assert_eq!((again.len(), again[0].retry), (1, true));
    served.exchange(&tell(again[0].message, accepted())).unwrap();
    assert_eq!(served.left().unwrap(), Left::default());
    assert_eq!(desk.waiting_for_service(ACCOUNT).unwrap(), Waiting::Nothing);
}

fn what_waits_is_told_with_its_time(place: &Place) {
    let mut desk = desk(place);
    assert_eq!(desk.waiting_for_service(ACCOUNT).unwrap(), Waiting::Nothing);
    queue(&mut desk, &asked("oA", "1", "a"));
    assert_eq!(desk.waiting_for_service(ACCOUNT).unwrap(), Waiting::Now);
    assert_eq!(desk.waiting_for_service("wxother").unwrap(), Waiting::Nothing);
    let mut served = serving(place);
    let claimed = claim(&mut served, 1);
    let put_off = Settled::Requeued {
        not_before: Some(Duration::from_mins(5)),
        sure: true,
        errcode: Some(-1),
        errmsg: None,
    };
    served.exchange(&tell(claimed[0].message, put_off)).unwrap();
    assert_eq!(served.left().unwrap(), Left { queued: 1, open: 0 });
    let Waiting::Later(wait) = desk.waiting_for_service(ACCOUNT).unwrap() else { panic!("later") };
    assert!((Duration::from_mins(4)..=Duration::from_mins(5)).contains(&wait));
    // Another message does not wait for it.
    queue(&mut desk, &asked("oB", "1", "a"));
    assert_eq!(desk.waiting_for_service(ACCOUNT).unwrap(), Waiting::Now);
}

fn what_is_stale_expires_and_what_is_in_doubt_waits_for_a_person(place: &Place) {
    let mut desk = desk(place);
    queue(&mut desk, &asked("oA", "1", "a"));
    queue(
        &mut desk,
        &Asked {
            message: Message { not_after: Some(now()), ..asked("oB", "1", "a").message },
            ..asked("oB", "1", "a")
        },
    );
    let mut served = serving(place);
    assert_eq!(claim(&mut served, 9).len(), 1);
    kill(served);
    let mut next = place.open();
    tick(&next, 9);
    let run = NewRun { account: ACCOUNT, verb: "serve", actor: "wxremind", host: None };
    next.begin_run(&run).unwrap();
    next.claim_orders();
    assert_eq!(next.recover(now(), POLICY).unwrap().unknown.waiting(POLICY), 1);
    assert!(claim(&mut next, 9).is_empty());
    let states: Vec<State> =
        next.list(&Filter::default()).unwrap().iter().map(|e| e.state).collect();
    assert_eq!(states, [State::Expired, State::Unknown]);
    assert!(matches!(desk.ask(&asked("oA", "1", "a")), Ok(Answer::Known { same: true, .. })));
    assert!(claim(&mut next, 9).is_empty(), "asking again sends nothing");
}

fn the_page_queues_prescriptions_for_who_serves(place: &Place) {
    let mut desk = desk(place);
    desk.enqueue(&[prescription("oA", "RX0007")]).unwrap();
    let known = desk.known_prescription(&[prescription("oA", "RX0007").key]).unwrap();
    let row = known.values().next().unwrap().message;
    assert_eq!(desk.confirm(&[anew(row)]).unwrap(), 1);
    let claimed = claim(&mut serving(place), 9);
    assert_eq!((claimed.len(), &*claimed[0].content), (1, "{\"anew\":true}"));
}

contract! {
    what_is_asked_twice_is_taken_once_and_other_words_are_seen,
    only_who_serves_sends_what_was_asked_for,
    what_waits_is_told_with_its_time,
    what_is_stale_expires_and_what_is_in_doubt_waits_for_a_person,
    the_page_queues_prescriptions_for_who_serves,
}

#[test]
fn without_a_service_or_a_run_nothing_is_queued() {
    let place = place();
    assert!(matches!(place.open().ask(&asked("oA", "1", "a")), Err(Error::NoRun)));
    assert!(matches!(place.open().enqueue(&[reminder("oA", 1)]), Err(Error::NoRun)));
}

#[test]
fn who_wants_no_messages_is_known() {
    let place = place();
    let mut desk = desk(&place);
    assert_eq!(desk.turned_away(ACCOUNT, "oA").unwrap(), None);
    let who = Who { account: ACCOUNT.into(), identity: Identity::Openid("oA".into()) };
    desk.forget(&who, "nurse").unwrap();
    let follow = |follows| News::Follow(Follow { openid: "oB".into(), made: now(), follows });
    desk.note(ACCOUNT, &[follow(false)]).unwrap();
    assert_eq!(desk.turned_away(ACCOUNT, "oA").unwrap(), Some(TurnedAway::OptedOut));
    assert_eq!(desk.turned_away(ACCOUNT, "oB").unwrap(), Some(TurnedAway::Unsubscribed));
    assert_eq!(desk.turned_away("wxother", "oA").unwrap(), None);
}
