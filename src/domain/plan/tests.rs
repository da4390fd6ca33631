//! What a plan does with rows, said case by case.

mod properties;

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::civil::{date, time};
use jiff::tz::{TimeZone, offset};

use super::*;
use crate::domain::appointment::{Appointment, Start};
use crate::domain::key::{Key, mark};
use crate::domain::reason::{Reason, Refusal, Refused};
use crate::domain::state::State;
use crate::domain::status::Status;
use crate::domain::window::Window;

const APP: &str = "wx0123456789abcdef";

fn window(days: &[u16], catch_up: u16) -> Window {
    let zone = TimeZone::fixed(offset(8));
    Window::new("2026-11-23T00:00:00Z".parse().unwrap(), zone, days, catch_up, None).unwrap()
}

fn row(id: &str, openid: &str, day: i8) -> Appointment {
    Appointment {
        line: 2,
        appointment_id: id.into(),
        openid: (!openid.is_empty()).then(|| openid.into()),
        patient_id: Some(format!("P-{id}").into()),
        patient: None,
        phone: None,
        start: Start::at(date(2026, 11, day), time(9, 0, 0, 0)),
        department: None,
        doctor: None,
        hospital: None,
        location: None,
        status: Status::Remind,
        status_word: None,
    }
}

/// A world in which rows are planned; the text of a message is `text`.
struct World {
    window: Window,
    known: Known,
    pending: Vec<Pending>,
    policy: Policy,
    contacts: Vec<(&'static str, &'static str)>,
    opted_out: Option<&'static str>,
    text: &'static str,
    misfit: Option<Reason>,
    composed: RefCell<u32>,
}

impl World {
    fn new() -> Self {
        Self {
            window: window(&[7], 0),
            known: Known::default(),
            pending: Vec::new(),
            policy: Policy { resend_unknown: true, ..Policy::default() },
            contacts: Vec::new(),
            opted_out: None,
            text: "text",
            misfit: None,
            composed: RefCell::new(0),
        }
    }

    fn hash(&self) -> [u8; 32] {
        mark("content", &[self.text])
    }

    /// The ledger has a reminder of this row, in this state.
    fn had(&mut self, row: &Appointment, openid: &str, days: u16, copy: u32, state: State) -> i64 {
        let message = i64::try_from(self.known.reminders.len()).unwrap() + 1;
        let key = Key::reminder(APP, days, openid, &row.appointment_id, &row.start, copy);
        let existing = Existing {
            message,
            state,
            copy,
            content_hash: Some(self.hash()),
            settled_at: None,
            cancelled_by_source: false,
        };
        self.known.reminders.insert(key, existing);
        if matches!(state, State::Queued | State::Unknown) {
            self.pending.push(Pending {
                message,
                key,
                state,
                stage: days,
                copy,
                openid: openid.into(),
                patient_id: row.patient_id.clone(),
                appointment_id: row.appointment_id.clone(),
                visit_at: row.start.instant(&self.window.zone).unwrap(),
                start: row.start.clone(),
            });
        }
        message
    }

    fn plan(&self, rows: Vec<Appointment>) -> Plan {
        self.gathered(rows).settle(&self.scales_with(&self.contacts()))
    }

    fn gathered(&self, rows: Vec<Appointment>) -> Gathered {
        let mut gatherer = Gatherer::new(&self.window, self.pending.clone());
        for row in rows {
            gatherer.visit(row);
        }
        gatherer.finish(&BTreeSet::new())
    }

    fn contacts(&self) -> Contacts {
        let found = |openid: &str| {
            if openid.is_empty() { Found::Several } else { Found::One(openid.into()) }
        };
        self.contacts.iter().map(|(patient, openid)| ((*patient).into(), found(openid))).collect()
    }

    fn scales_with<'a>(&'a self, contacts: &'a Contacts) -> Scales<'a> {
        Scales {
            app_id: APP,
            window: &self.window,
            contacts,
            contact_key: &|row| row.patient_id.clone(),
            known: &self.known,
            policy: &self.policy,
            compose: Box::leak(Box::new(move |row: &Appointment, _: &str, _: u16, _: &Key| {
                *self.composed.borrow_mut() += 1;
                match self.misfit {
                    None => Ok(self.hash()),
                    Some(reason) => {
                        Err(Refusal { line: row.line, column: None, reason, detail: None })
                    }
                }
            })),
            opted_out: Box::leak(Box::new(move |openid: Option<&str>, _: Option<&str>| {
                (openid == self.opted_out).then_some(Reason::OptedOut)
            })),
        }
    }
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.items.iter().map(|item| &*item.visit.appointment_id).collect()
}

fn reasons(plan: &Plan) -> Vec<Reason> {
    plan.not_sent.iter().map(|row| row.refusal.reason).collect()
}

#[test]
fn the_seventh_day_is_due_and_its_neighbours_are_not() {
    let plan = World::new().plan(vec![row("A", "o1", 29), row("B", "o2", 30), row("C", "o3", 28)]);
    assert_eq!(ids(&plan), ["B"]);
    assert_eq!(plan.nearer_without, 2);
}

#[test]
fn what_was_reminded_is_not_reminded_again() {
    for (state, counted) in [
        (State::Accepted, [1, 0, 0, 0]),
        (State::Delivered, [1, 0, 0, 0]),
        (State::Sending, [1, 0, 0, 0]),
        (State::Expired, [1, 0, 0, 0]),
        (State::Held, [0, 1, 0, 0]),
        (State::Undelivered, [0, 0, 1, 0]),
        // Not by the source, which may change its mind: by a person.
        (State::Cancelled, [0, 0, 0, 1]),
    ] {
        let mut world = World::new();
        world.had(&row("A", "o1", 30), "o1", 7, 0, state);
        let plan = world.plan(vec![row("A", "o1", 30)]);
        assert!(plan.items.is_empty(), "{state}");
        let said = [plan.already, plan.held_before, plan.undelivered, plan.called_off_by_person];
        assert_eq!(said, counted, "{state}");
    }
}

#[test]
fn a_moved_visit_is_a_new_one_and_what_waited_for_the_old_time_is_called_off() {
    let mut world = World::new();
    let waiting = world.had(&row("A", "o1", 29), "o1", 7, 0, State::Queued);
    let plan = world.plan(vec![row("A", "o1", 30)]);
    assert_eq!(ids(&plan), ["A"]);
    assert_eq!(plan.items[0].action, Action::Enqueue);
    assert_eq!(plan.cancelled, [waiting]);
}

#[test]
fn a_moved_visit_is_known_by_the_patients_number_where_contacts_give_the_openid() {
    let mut world = World::new();
    let waiting = world.had(&row("A", "", 29), "o1", 7, 0, State::Queued);
    let plan = world.plan(vec![row("A", "", 30)]);
    assert_eq!(plan.cancelled, [waiting]);
    // A number that is another patient's too is given out anew each day.
    let other = Appointment { patient_id: Some("P-other".into()), ..row("A", "", 28) };
    let plan = world.plan(vec![row("A", "", 30), other.clone()]);
    assert!(plan.cancelled.is_empty() && plan.still_waiting == 1);
    assert!(world.plan(vec![other]).cancelled.is_empty());
}

#[test]
fn a_patient_at_another_openid_is_reminded_there_and_only_there() {
    let mut world = World::new();
    let waiting = world.had(&row("A", "o1", 30), "o1", 7, 0, State::Queued);
    let plan = world.plan(vec![row("A", "o2", 30)]);
    assert_eq!(&*plan.items[0].openid, "o2");
    assert_eq!(plan.cancelled, [waiting]);
}

#[test]
fn yesterdays_rest_is_found_outside_the_window_and_confirmed() {
    let mut world = World::new();
    let waiting = world.had(&row("A", "o1", 29), "o1", 7, 0, State::Queued);
    let plan = world.plan(vec![row("A", "o1", 29), row("B", "o2", 30)]);
    assert_eq!(ids(&plan), ["A", "B"]);
    assert_eq!(plan.items[0].action, Action::Confirm { message: waiting });
    assert_eq!(plan.items[0].stage, 7);
}

#[test]
fn an_absent_row_proves_nothing() {
    let mut world = World::new();
    world.had(&row("A", "o1", 29), "o1", 7, 0, State::Queued);
    let plan = world.plan(vec![row("B", "o2", 30)]);
    assert!(plan.cancelled.is_empty());
    assert_eq!(plan.still_waiting, 1);
}

#[test]
fn a_visit_called_off_in_the_source_calls_off_its_message() {
    let mut world = World::new();
    let waiting = world.had(&row("A", "o1", 29), "o1", 7, 0, State::Queued);
    let cancelled = Appointment { status: Status::Never, ..row("A", "o1", 29) };
    let plan = world.plan(vec![cancelled]);
    assert_eq!(plan.cancelled, [waiting]);
    assert!(plan.items.is_empty());
    assert!(plan.not_sent.is_empty(), "the row is not in today's window");
}

#[test]
fn a_visit_not_firm_leaves_its_message_waiting() {
    let mut world = World::new();
    world.had(&row("A", "o1", 29), "o1", 7, 0, State::Queued);
    let plan = world.plan(vec![Appointment { status: Status::Hold, ..row("A", "o1", 29) }]);
    assert!(plan.cancelled.is_empty() && plan.items.is_empty());
    assert_eq!(plan.still_waiting, 1);
}

#[test]
fn an_unknown_outcome_is_sent_again_or_waits_as_told() {
    let mut world = World::new();
    let unknown = world.had(&row("A", "o1", 30), "o1", 7, 0, State::Unknown);
    assert_eq!(
        world.plan(vec![row("A", "o1", 30)]).items[0].action,
        Action::Confirm { message: unknown }
    );
    world.policy.resend_unknown = false;
    let plan = world.plan(vec![row("A", "o1", 30)]);
    assert!(plan.items.is_empty());
    assert_eq!(plan.waiting_for_person, 1);
}

#[test]
fn a_refused_message_is_planned_again_only_when_something_about_it_changed() {
    let mut world = World::new();
    world.had(&row("A", "o1", 30), "o1", 7, 0, State::Failed);
    let plan = world.plan(vec![row("A", "o1", 30)]);
    assert!(plan.items.is_empty());
    assert_eq!(plan.failed_before, 1);
    world.text = "another text";
    let plan = world.plan(vec![row("A", "o1", 30)]);
    assert_eq!((plan.items[0].copy, plan.items[0].action), (1, Action::Enqueue));
    world.text = "text";
    world.policy.retry_failed = true;
    assert_eq!(world.plan(vec![row("A", "o1", 30)]).items[0].copy, 1);
}

#[test]
fn an_erased_copy_hides_no_later_one() {
    let mut world = World::new();
    world.had(&row("A", "o1", 30), "o1", 7, 1, State::Accepted);
    let plan = world.plan(vec![row("A", "o1", 30)]);
    assert_eq!((plan.items.len(), plan.already), (0, 1));
}

#[test]
fn what_a_person_called_off_stays_called_off() {
    let mut world = World::new();
    world.had(&row("A", "o1", 30), "o1", 7, 0, State::Cancelled);
    assert!(world.plan(vec![row("A", "o1", 30)]).items.is_empty());
    for existing in world.known.reminders.values_mut() {
        existing.cancelled_by_source = true;
    }
    assert_eq!(world.plan(vec![row("A", "o1", 30)]).items.len(), 1);
}

#[test]
fn identical_rows_are_one_and_one_openid_may_serve_several_patients() {
    let plan = World::new().plan(vec![row("A", "o1", 30), row("A", "o1", 30), row("B", "o1", 30)]);
    assert_eq!(ids(&plan), ["A", "B"]);
    assert_eq!(plan.repeated, 1);
}

#[test]
fn one_visit_for_two_patients_rejects_both_rows() {
    let other = Appointment { patient_id: Some("P-other".into()), ..row("A", "o2", 30) };
    let plan = World::new().plan(vec![row("A", "o1", 30), other]);
    assert_eq!(reasons(&plan), [Reason::TwoPatients, Reason::TwoPatients]);
    assert!(plan.items.is_empty());
}

#[test]
fn a_visit_booked_in_one_row_and_called_off_in_another_is_not_reminded() {
    let off = Appointment { status: Status::Never, ..row("A", "o1", 30) };
    let plan = World::new().plan(vec![row("A", "o1", 30), off]);
    assert!(plan.items.is_empty());
    assert_eq!(reasons(&plan), [Reason::NotTakingPlace, Reason::NotTakingPlace]);
}

#[test]
fn openids_come_from_contacts_when_the_row_has_none() {
    let mut world = World::new();
    world.contacts = vec![("P-A", "o9"), ("P-B", "")];
    let plan = world.plan(vec![row("A", "", 30), row("B", "", 30), row("C", "", 30)]);
    assert_eq!(&*plan.items[0].openid, "o9");
    assert_eq!(reasons(&plan), [Reason::SeveralOpenids, Reason::NoOpenid]);
    assert_eq!(plan.rejected().count(), 1);
}

#[test]
fn who_wants_no_messages_gets_none() {
    let mut world = World::new();
    world.opted_out = Some("o1");
    assert_eq!(reasons(&world.plan(vec![row("A", "o1", 30)])), [Reason::OptedOut]);
}

#[test]
fn a_text_that_does_not_fit_rejects_its_row_alone() {
    let mut world = World::new();
    world.misfit = Some(Reason::DoesNotFit);
    let plan = world.plan(vec![row("A", "o1", 30)]);
    assert_eq!(plan.rejected().count(), 1);
}

#[test]
fn the_nearest_visit_goes_first_and_a_limit_cuts_the_far_end() {
    let mut world = World::new();
    world.window = window(&[7], 6);
    world.policy.limit = Some(2);
    let plan = world.plan(vec![row("C", "o3", 30), row("A", "o1", 25), row("B", "o2", 27)]);
    assert_eq!(ids(&plan), ["A", "B"]);
    assert_eq!(plan.beyond_limit, 1);
}

#[test]
fn a_file_of_yesterday_a_foreign_status_column_and_many_bad_rows_are_refused() {
    let world = World::new();
    let guards = Guards::default();
    let check = |rows: Vec<Appointment>| guards.check_rows(&world.gathered(rows).tally);
    assert_eq!(check(vec![]), Ok(()));
    assert_eq!(check(vec![row("A", "o", 20)]), Err(PlanRefusal::Stale { rows: 1 }));
    let foreign =
        Appointment { status: Status::Unknown, status_word: Some("2".into()), ..row("A", "o", 30) };
    let words = vec!["2".into()];
    assert_eq!(check(vec![foreign]), Err(PlanRefusal::NoKnownStatus { rows: 1, words }));

    let mut gatherer = Gatherer::new(&world.window, Vec::new());
    let refusal = Refusal { line: 3, column: None, reason: Reason::Destroyed, detail: None };
    for _ in 0..3 {
        let start = Some(Start::on(date(2026, 11, 30), None));
        gatherer.refused(Refused {
            refusal: refusal.clone(),
            appointment_id: None,
            patient_id: None,
            start,
        });
        gatherer.visit(row("A", "o", 30));
    }
    let refused = guards.check_rows(&gatherer.finish(&BTreeSet::new()).tally);
    assert_eq!(refused, Err(PlanRefusal::Unreadable { unreadable: 3, rows: 6, percent: 20 }));
    assert_eq!(
        guards.check_messages(20_001),
        Err(PlanRefusal::TooMany { messages: 20_001, max: 20_000 })
    );
}

#[test]
fn the_share_of_unreadable_rows_is_a_setting_and_one_bad_row_is_no_bad_file() {
    let tally = |unreadable, rows| Tally {
        rows,
        in_window: rows,
        unreadable_in_window: unreadable,
        later_than_today: rows,
        known_status_in_window: rows,
        ..Tally::default()
    };
    let refused = |percent, unreadable, rows| {
        let guards = Guards { max_unreadable_percent: percent, ..Guards::default() };
        guards.check_rows(&tally(unreadable, rows)).is_err()
    };
    for (percent, unreadable, rows, expected) in [
        (20, 2, 10, false),
        (20, 3, 10, true),
        (20, 21, 100, true),
        (20, 1, 2, false),
        (20, 2, 9, true),
        (50, 3, 6, false),
        (0, 1, 100, true),
        (100, 5, 5, false),
    ] {
        assert_eq!(
            refused(percent, unreadable, rows),
            expected,
            "{unreadable} of {rows} at {percent} %"
        );
    }
}

#[test]
fn rows_without_a_day_are_counted_and_only_the_first_are_kept() {
    let world = World::new();
    let mut gatherer = Gatherer::new(&world.window, Vec::new());
    for line in 0..1500 {
        gatherer.refused(Refused {
            refusal: Refusal { line, column: None, reason: Reason::Ragged, detail: None },
            appointment_id: None,
            patient_id: None,
            start: None,
        });
    }
    let kept = gatherer.finish(&BTreeSet::new());
    assert_eq!((kept.refused.len(), kept.unlisted[&Reason::Ragged]), (1000, 500));
    let refused = Guards::default().check_rows(&kept.tally);
    assert_eq!(refused, Err(PlanRefusal::NoDay { rows: 1500 }));
}
