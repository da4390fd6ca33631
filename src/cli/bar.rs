//! Bars of blocks, for numbers that want to be compared at a glance.

/// The parts of a block, by eighths.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar as long as `count` is beside `most`, which fills `room` columns; what is there is always seen. Some terminals in
/// Chinese locales draw blocks two columns wide, so a bar stands last on its line, with as much room again behind it.
pub fn bar(count: u64, most: u64, room: usize) -> String {
    if count == 0 || most == 0 {
        return String::new();
    }
    let eighths = u128::from(count.min(most)) * room as u128 * 8 / u128::from(most);
    let eighths = usize::try_from(eighths).unwrap_or(room * 8).max(1);
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(eighths.checked_rem(8).filter(|part| *part > 0).map(|part| EIGHTHS[part - 1]));
    bar
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_there_is_seen_and_the_most_fills_the_room() {
        assert_eq!(bar(0, 10, 10), "");
        assert_eq!(bar(1, 1_000_000, 10), "▏");
        assert_eq!(bar(5, 10, 10), "█████");
        assert_eq!(bar(10, 10, 10), "██████████");
        assert_eq!(bar(3, 16, 10), "█▉");
    }

    proptest! {
        #[test]
        fn more_is_never_shorter(a: u64, b: u64, room in 1_usize..200) {
            let (less, more) = (a.min(b), a.max(b));
            prop_assert!(bar(less, more, room).chars().count() <= bar(more, more, room).chars().count());
            prop_assert!(bar(more, more, room).chars().count() <= room);
        }
    }
}
