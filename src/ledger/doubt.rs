//! Messages whose outcome cannot be known, by what they were for: that decides who settles it, the program or a person.

use std::ops::AddAssign;

use super::Unknowns;
use crate::domain::message::Kind;

/// How many messages of each kind have an outcome that cannot be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InDoubt {
    /// Reminders.
    pub reminders: u64,
    /// Prescriptions.
    pub prescriptions: u64,
    /// Messages of the connector.
    pub connector: u64,
    /// Tests, which wait for nobody: whoever sent one looks at the phone.
    pub tests: u64,
}

impl InDoubt {
    /// Counts one more of this kind.
    pub const fn add(&mut self, kind: Kind) {
        match kind {
            Kind::Reminder => self.reminders += 1,
            Kind::Prescription => self.prescriptions += 1,
            Kind::Connector => self.connector += 1,
            Kind::Test => self.tests += 1,
        }
    }

    /// All of them.
    pub const fn total(self) -> u64 {
        self.reminders + self.prescriptions + self.connector + self.tests
    }

    /// Those that are not sent again without a person's word.
    pub const fn waiting(self, policy: Unknowns) -> u64 {
        let reminders = if policy.resend_reminders { 0 } else { self.reminders };
        let prescriptions = if policy.resend_prescriptions { 0 } else { self.prescriptions };
        reminders + prescriptions + self.connector
    }
}

impl AddAssign for InDoubt {
    fn add_assign(&mut self, more: Self) {
        self.reminders += more.reminders;
        self.prescriptions += more.prescriptions;
        self.connector += more.connector;
        self.tests += more.tests;
    }
}
