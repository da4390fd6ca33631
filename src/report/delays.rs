//! How long messages took: from the plan to WeChat's answer, and from there to the receipt.

use crate::ledger::DelayRow;

/// The steps in which waits are counted: up to so many seconds; the last one has no end.
pub const STEPS: [i64; 6] = [5, 60, 600, 3_600, 86_400, i64::MAX];

/// Waits, counted by step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// From the queue to WeChat's answer.
    pub to_answer: [u64; STEPS.len()],
    /// From WeChat's answer to its receipt.
    pub to_receipt: [u64; STEPS.len()],
    /// Accepted messages without a receipt.
    pub without_receipt: u64,
}

impl Delays {
    pub(super) fn add(&mut self, row: &DelayRow) {
        self.to_answer[step(row.to_answer)] += row.count;
        match row.to_receipt {
            Some(wait) => self.to_receipt[step(wait)] += row.count,
            None => self.without_receipt += row.count,
        }
    }

    /// Whether nothing was accepted.
    pub fn is_empty(&self) -> bool {
        self.to_answer.iter().all(|count| *count == 0)
    }
}

/// The step of a wait. A receipt that was recorded before its answer took no time.
fn step(seconds: i64) -> usize {
    STEPS.iter().position(|end| seconds <= *end).unwrap_or(STEPS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_counts_in_the_first_step_that_it_does_not_pass() {
        let mut delays = Delays::default();
        for (to_answer, to_receipt) in [(-1, Some(5)), (6, Some(60)), (90_000, None)] {
            delays.add(&DelayRow { to_answer, to_receipt, count: 2 });
        }
        assert_eq!(delays.to_answer, [2, 2, 0, 0, 0, 2]);
        assert_eq!((delays.to_receipt, delays.without_receipt), ([2, 2, 0, 0, 0, 0], 2));
    }
}
