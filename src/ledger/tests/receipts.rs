//! Receipts: early, late, repeated, without an id, about others' messages.

use proptest::prelude::*;

use super::*;
use crate::domain::receipt::{Cause, Fate, Follow, News, Receipt, follower_mark};

contract![
    a_receipt_finds_its_message_by_id_and_openid_and_repetitions_change_nothing,
    a_receipt_that_comes_before_our_own_commit_is_kept_and_matched_on_settling,
    an_early_receipt_of_a_message_put_back_waits_for_its_repetition,
    what_a_dead_run_left_in_flight_is_resolved_by_the_receipt_that_came_meanwhile,
    an_unknown_outcome_is_resolved_by_its_receipt,
    a_held_message_takes_a_receipt_of_unknown_id_and_an_accepted_one_of_another_id_does_not,
    receipts_without_an_id_go_to_the_oldest_that_waits,
    a_receipt_without_an_id_is_about_no_message_of_last_week_nor_of_tomorrow,
    receipts_of_others_leave_no_trace_and_kept_ones_are_dropped_in_time,
    another_account_on_the_ledger_is_not_touched,
    forgetting_a_patient_forgets_the_receipts,
    who_ceased_to_follow_is_noted_and_an_older_word_undoes_nothing,
];

/// WeChat's clock is the database's, as far as a test can tell.
fn made(ledger: &Ledger) -> Timestamp {
    Timestamp::from_second(ledger.db.now().unwrap().as_second()).unwrap()
}

fn receipt(openid: &str, msgid: impl Into<Option<i64>>, at: Timestamp) -> Receipt {
    Receipt { openid: openid.into(), msgid: msgid.into(), made: at, fate: Fate::Delivered }
}

fn told(ledger: &mut Ledger, receipts: &[Receipt]) -> Noted {
    let news: Vec<News> = receipts.iter().cloned().map(News::Receipt).collect();
    ledger.note(ACCOUNT, &news).unwrap()
}

/// A message with this outcome.
fn sent(run: &mut Ledger, message: Message, outcome: Settled) -> i64 {
    run.enqueue(&[message]).unwrap();
    let claimed = claim(run, 1).pop().unwrap().message;
    run.exchange(&tell(claimed, outcome)).unwrap();
    claimed
}

fn accepted_as(msgid: i64) -> Settled {
    Settled::Accepted { msgid: Some(msgid) }
}

fn held() -> Settled {
    Settled::Held { rid: None }
}

fn unknown() -> Settled {
    Settled::Unknown { errcode: Some(99_999), errmsg: Some("?".into()) }
}

fn rows(ledger: &Ledger) -> u64 {
    count(ledger, "SELECT COUNT(*) FROM receipt")
}

fn a_receipt_finds_its_message_by_id_and_openid_and_repetitions_change_nothing(place: &Place) {
    let mut run = place.run();
    let one = sent(&mut run, reminder("oA", 1), accepted_as(7));
    // Two messages with one id have been seen.
    let two = sent(&mut run, reminder("oB", 2), accepted_as(7));
    let mut serve = place.open();
    let at = made(&run);
    let blocked = Receipt { fate: Fate::Undelivered(Cause::UserBlock), ..receipt("oB", 7, at) };
    let noted = told(&mut serve, &[receipt("oA", 7, at), blocked.clone()]);
    assert_eq!((noted.delivered, noted.undelivered), (1, 1));
    assert_eq!((place.state(one), place.state(two)), (State::Delivered, State::Undelivered));
    let again = told(&mut serve, &[receipt("oA", 7, at), blocked, receipt("oB", 7, at)]);
    assert_eq!(again, Noted { repeated: 3, ..Noted::default() });
    assert_eq!(place.state(two), State::Undelivered, "the first word counts");
    let entry = &serve.list(&Filter { openid: Some("oB".into()), ..Filter::default() }).unwrap()[0];
    assert_eq!(entry.reason.as_deref(), Some("user_block"));
    assert!(entry.receipt_at.is_some());
    assert_eq!(rows(&serve), 0);
}

fn a_receipt_that_comes_before_our_own_commit_is_kept_and_matched_on_settling(place: &Place) {
    for msgid in [Some(7), None] {
        place.empty();
        let mut run = place.run();
        run.enqueue(&[reminder("oA", 1)]).unwrap();
        let message = claim(&mut run, 1)[0].message;
        let mut serve = place.open();
        let early = receipt("oA", msgid, made(&run));
        assert_eq!(told(&mut serve, std::slice::from_ref(&early)).kept, 1);
        assert_eq!(told(&mut serve, std::slice::from_ref(&early)).repeated, 1);
        assert_eq!(place.state(message), State::Sending);
        run.exchange(&tell(message, accepted_as(7))).unwrap();
        assert_eq!(place.state(message), State::Delivered, "{msgid:?}");
        assert_eq!(told(&mut serve, &[early]).repeated, 1);
    }
}

fn an_early_receipt_of_a_message_put_back_waits_for_its_repetition(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    let mut serve = place.open();
    assert_eq!(told(&mut serve, &[receipt("oA", 7, made(&run))]).kept, 1);
    let unsure = Settled::Requeued { not_before: None, sure: false, errcode: None, errmsg: None };
    run.exchange(&tell(message, unsure)).unwrap();
    assert_eq!(place.state(message), State::Queued);
    assert_eq!(claim(&mut run, 1)[0].message, message);
    run.exchange(&tell(message, accepted_as(7))).unwrap();
    assert_eq!(place.state(message), State::Delivered);
}

fn what_a_dead_run_left_in_flight_is_resolved_by_the_receipt_that_came_meanwhile(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let message = claim(&mut run, 1)[0].message;
    kill(run);
    let mut serve = place.open();
    let at = made(&serve);
    assert_eq!(told(&mut serve, &[receipt("oA", 7, at)]).kept, 1);
    let mut next = place.run();
    tick(&next, 9);
    next.recover(now(), POLICY).unwrap();
    assert_eq!(place.state(message), State::Delivered, "not unknown, and so not sent again");
    let entry = &next.list(&Filter::default()).unwrap()[0];
    assert_eq!(entry.msgid, Some(7));
}

fn an_unknown_outcome_is_resolved_by_its_receipt(place: &Place) {
    let mut run = place.run();
    let message = sent(&mut run, reminder("oA", 1), unknown());
    let noted = told(&mut place.open(), &[receipt("oA", 7, made(&run))]);
    assert_eq!((noted.delivered, place.state(message)), (1, State::Delivered));
    let entry = &run.list(&Filter::default()).unwrap()[0];
    assert_eq!((entry.errcode, entry.msgid), (None, Some(7)));
    assert_eq!(count(&run, "SELECT COUNT(*) FROM message WHERE content IS NOT NULL"), 0);
}

fn a_held_message_takes_a_receipt_of_unknown_id_and_an_accepted_one_of_another_id_does_not(
    place: &Place,
) {
    let mut run = place.run();
    let known = sent(&mut run, reminder("oA", 1), accepted_as(7));
    let mut serve = place.open();
    let at = made(&run);
    // The vendor's own message to the same patient.
    assert_eq!(told(&mut serve, &[receipt("oA", 99, at)]).foreign, 1);
    let reviewed = sent(&mut run, reminder("oA", 2), held());
    assert_eq!(told(&mut serve, &[receipt("oA", 100, at)]).delivered, 1);
    assert_eq!((place.state(known), place.state(reviewed)), (State::Accepted, State::Delivered));
    assert_eq!(told(&mut serve, &[receipt("oA", 100, at)]).repeated, 1);
}

fn receipts_without_an_id_go_to_the_oldest_that_waits(place: &Place) {
    let mut run = place.run();
    let first = sent(&mut run, reminder("oA", 1), accepted_as(7));
    let second = sent(&mut run, reminder("oA", 2), held());
    let other = sent(&mut run, reminder("oB", 3), accepted_as(9));
    let mut serve = place.open();
    let at = made(&run);
    assert_eq!(told(&mut serve, &[receipt("oA", None, at)]).delivered, 1);
    assert_eq!((place.state(first), place.state(second)), (State::Delivered, State::Held));
    assert_eq!(told(&mut serve, &[receipt("oA", None, at)]).repeated, 1, "the same second");
    let later = at + SignedDuration::from_secs(1);
    assert_eq!(told(&mut serve, &[receipt("oA", None, later)]).delivered, 1);
    assert_eq!((place.state(second), place.state(other)), (State::Delivered, State::Accepted));
}

fn a_receipt_without_an_id_is_about_no_message_of_last_week_nor_of_tomorrow(place: &Place) {
    let mut run = place.run();
    let message = sent(&mut run, reminder("oA", 1), accepted_as(7));
    let at = made(&run);
    let mut serve = place.open();
    for days in [7, -1] {
        let strange = at + SignedDuration::from_hours(24 * days);
        assert_eq!(told(&mut serve, &[receipt("oA", None, strange)]).foreign, 1);
    }
    assert_eq!(place.state(message), State::Accepted);
}

fn receipts_of_others_leave_no_trace_and_kept_ones_are_dropped_in_time(place: &Place) {
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    claim(&mut run, 1);
    let mut serve = place.open();
    let at = made(&run);
    let strangers: Vec<Receipt> = (1..=50).map(|n| receipt(&format!("oX{n}"), n, at)).collect();
    assert_eq!(told(&mut serve, &strangers), Noted { foreign: 50, ..Noted::default() });
    assert_eq!(rows(&serve), 0);
    assert_eq!(told(&mut serve, &[receipt("oA", 7, at)]).kept, 1);
    tick(&serve, 60 * 73);
    told(&mut serve, &[]);
    assert_eq!(rows(&serve), 0);
}

fn another_account_on_the_ledger_is_not_touched(place: &Place) {
    let mut run = place.run();
    let message = sent(&mut run, reminder("oA", 1), accepted_as(7));
    let news = [News::Receipt(receipt("oA", 7, made(&run)))];
    assert_eq!(place.open().note("wxfedcba9876543210", &news).unwrap().foreign, 1);
    assert_eq!(place.state(message), State::Accepted);
}

fn forgetting_a_patient_forgets_the_receipts(place: &Place) {
    let mut run = place.run();
    sent(&mut run, reminder("oA", 1), accepted_as(7));
    let at = made(&run);
    told(&mut place.open(), &[receipt("oA", None, at)]);
    assert_eq!(rows(&run), 1);
    let who = Who { account: ACCOUNT.into(), identity: Identity::Patient("P-oA".into()) };
    run.forget(&who, "nurse").unwrap();
    assert_eq!(rows(&run), 0);
}

fn who_ceased_to_follow_is_noted_and_an_older_word_undoes_nothing(place: &Place) {
    let mut serve = place.open();
    let at = made(&serve);
    let follow = |seconds: i64, follows: bool| {
        let made = at + SignedDuration::from_secs(seconds);
        [News::Follow(Follow { openid: "oA".into(), made, follows })]
    };
    let mark = follower_mark(ACCOUNT, "oA");
    let gone = |ledger: &mut Ledger| ledger.unsubscribed().unwrap().contains(&mark);
    assert_eq!(serve.note(ACCOUNT, &follow(0, false)).unwrap().follows, 1);
    assert!(gone(&mut serve));
    assert_eq!(serve.note(ACCOUNT, &follow(0, false)).unwrap().follows, 0);
    serve.note(ACCOUNT, &follow(10, true)).unwrap();
    assert!(!gone(&mut serve));
    serve.note(ACCOUNT, &follow(5, false)).unwrap();
    assert!(!gone(&mut serve), "an older word");
    tick(&serve, 60 * 73);
    told(&mut serve, &[]);
    assert_eq!(count(&serve, "SELECT COUNT(*) FROM follow"), 0);
}

/// What a step of a story does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Settle(usize),
    Tell(usize),
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// However settlings and receipts are interleaved and repeated, each message ends as its own receipt says.
    #[test]
    fn every_order_of_settling_and_receipts_ends_the_same(
        order in Just((0..4).flat_map(|n| [Step::Settle(n), Step::Tell(n), Step::Tell(n)]).collect::<Vec<_>>()).prop_shuffle(),
        fails in any::<[bool; 4]>(),
    ) {
        let place = place();
        let mut run = place.run();
        let openid = |n: usize| format!("oP{n}");
        let messages: Vec<Message> = (0..4).map(|n| reminder(&openid(n), 1)).collect();
        run.enqueue(&messages).unwrap();
        let claimed = claim(&mut run, 9);
        let row = |n: usize| claimed.iter().find(|c| *c.openid == *openid(n)).unwrap().message;
        let mut serve = place.open();
        let at = made(&run);
        for step in order {
            match step {
                Step::Settle(n) => {
                    let msgid = i64::try_from(n).unwrap() + 1;
                    run.exchange(&tell(row(n), accepted_as(msgid))).unwrap();
                }
                Step::Tell(n) => {
                    let msgid = i64::try_from(n).unwrap() + 1;
                    let fate = if fails[n] { Fate::Undelivered(Cause::UserBlock) } else { Fate::Delivered };
                    told(&mut serve, &[Receipt { fate, ..receipt(&openid(n), msgid, at) }]);
                }
            }
        }
        for (n, fails) in fails.into_iter().enumerate() {
            let expected = if fails { State::Undelivered } else { State::Delivered };
            prop_assert_eq!(place.state(row(n)), expected);
        }
        prop_assert_eq!(rows(&serve), 0);
    }
}
