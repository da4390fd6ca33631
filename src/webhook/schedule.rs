//! When a failed event is tried again: over three days, as the Standard Webhooks specification suggests, with a quick
//! first repetition for a receiver that stumbled.

use std::time::Duration;

use uuid::Uuid;

/// The wait after each failed attempt; after the last one's failure the event is given up.
const WAITS: [Duration; 10] = [
    Duration::from_secs(2),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// How long an event waits that has failed `before` times in its turn and now once more; `None`: it is given up.
///
/// Up to a fifth is added, by the event's own random digits, so that events that failed together do not return together.
pub(super) fn wait(event: Uuid, before: u32) -> Option<Duration> {
    let wait = WAITS.get(usize::try_from(before).ok()?)?;
    let random = event.as_bytes()[15] ^ u8::try_from(before).unwrap_or_default();
    Some(*wait + wait.mul_f64(f64::from(random) / 255.0 / 5.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_each_time_and_ends_after_three_days() {
        let (mut total, mut last) = (Duration::ZERO, Duration::ZERO);
        for before in 0..10 {
            // An event's last byte is its random digit; the first of these adds nothing to the wait.
            let shortest = wait(Uuid::from_u128(before.into()), before).unwrap();
            let longer = wait(Uuid::from_u128(255), before).unwrap();
            assert!(last < shortest && shortest <= longer && longer <= shortest.mul_f64(1.2));
            (total, last) = (total + shortest, shortest);
        }
        assert!((70..80).contains(&(total.as_secs() / 3600)), "{total:?}");
        assert_eq!(wait(Uuid::from_u128(1), 10), None);
    }
}
