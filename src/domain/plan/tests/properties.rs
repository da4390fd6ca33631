//! What holds of a plan for any rows.

use jiff::civil::{date, time};
use proptest::prelude::*;

use super::{World, row, window};
use crate::domain::appointment::{Appointment, Start};
use crate::domain::key::Key;
use crate::domain::state::State;
use crate::domain::status::Status;

fn any_row() -> impl Strategy<Value = Appointment> {
    let status = proptest::sample::select(vec![
        Status::Remind,
        Status::Absent,
        Status::Hold,
        Status::Never,
        Status::Unknown,
    ]);
    ("[AB]", "o?[12]?", 22i8..=30, status, 0i8..24).prop_map(|(id, openid, day, status, hour)| {
        let mut row = row(&id, &openid, day);
        row.start = Start::at(date(2026, 11, day), time(hour, 0, 0, 0));
        row.status = status;
        row
    })
}

proptest! {
    #[test]
    fn no_message_twice_none_late_none_without_leave(rows in proptest::collection::vec(any_row(), 0..12), catch_up in 0u16..8) {
        let mut world = World::new();
        world.window = window(&[7, 3], catch_up);
        let plan = world.plan(rows);
        let mut keys: Vec<Key> = plan.items.iter().map(|item| item.key).collect();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), plan.items.len());
        for item in &plan.items {
            prop_assert!(item.visit.status.allows());
            prop_assert!(item.begins > world.window.now);
        }
        prop_assert!(plan.items.is_sorted_by_key(|item| item.begins));
    }

    #[test]
    fn the_same_rows_planned_twice_send_nothing_the_second_time(rows in proptest::collection::vec(any_row(), 0..12)) {
        let mut world = World::new();
        world.window = window(&[7, 3], 7);
        let first = world.plan(rows.clone());
        for item in &first.items {
            world.had(&item.visit, &item.openid, item.stage, item.copy, State::Accepted);
        }
        prop_assert!(world.plan(rows).items.is_empty());
    }
}
