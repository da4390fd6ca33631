//! What makes two messages the same message: the key that the ledger holds unique.

use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256};

use super::appointment::Start;
use super::message::Kind;

/// SHA-256 over everything that makes a message that message, so that a retry, a restart and another machine agree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a reminder: account, stage, recipient, visit, and which copy of it.
    pub fn reminder(
        app_id: &str,
        stage: u16,
        openid: &str,
        appointment_id: &str,
        start: &Start,
        copy: u32,
    ) -> Self {
        let (stage, copy) = (stage.to_string(), copy.to_string());
        let kind = Kind::Reminder.as_str();
        Self::digest(&[app_id, kind, &stage, openid, appointment_id, &start.identity(), &copy])
    }

    /// The key of a prescription: account, recipient, reference, and which copy of it.
    pub fn prescription(app_id: &str, openid: &str, reference: &str, copy: u32) -> Self {
        Self::digest(&[app_id, Kind::Prescription.as_str(), openid, reference, &copy.to_string()])
    }

    /// The key of a message that another program asks for: its recipient and the program's own id of it.
    pub fn connector(app_id: &str, openid: &str, client_msg_id: &str) -> Self {
        Self::digest(&[app_id, Kind::Connector.as_str(), openid, client_msg_id])
    }

    /// The key of a sample message; `trial` sets apart one sending of it from another.
    pub fn test(app_id: &str, openid: &str, template: &str, trial: &str) -> Self {
        Self::digest(&[app_id, Kind::Test.as_str(), openid, template, trial])
    }

    /// The key of a row that got no message; apart from the keys of messages, so that it never stands in their way.
    pub fn skipped(
        app_id: &str,
        stage: u16,
        patient: &str,
        appointment_id: &str,
        start: &Start,
    ) -> Self {
        Self::digest(&[
            app_id,
            "skipped",
            &stage.to_string(),
            patient,
            appointment_id,
            &start.identity(),
        ])
    }

    /// Each part is preceded by its length, so that no two lists of parts read the same.
    fn digest(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().into())
    }

    /// The bytes, for the ledger.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key read back from the ledger; `None` when it is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// WeChat's `client_msg_id`: the first 32 hex digits, stable across retries, restarts and machines.
    pub fn client_msg_id(&self) -> String {
        hex(&self.0[..16])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}…)", hex(&self.0[..4]))
    }
}

/// A short, one-way mark of a text: SHA-256 with a label, so that marks of different things never compare equal.
pub fn mark(label: &str, parts: &[&str]) -> [u8; 32] {
    let mut all = vec![label];
    all.extend_from_slice(parts);
    Key::digest(&all).0
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    fn start() -> Start {
        Start::at(date(2026, 11, 30), time(9, 0, 0, 0))
    }

    #[test]
    fn the_client_msg_id_is_32_hex_digits_and_never_changes() {
        let key = Key::reminder("wx0123456789abcdef", 7, "oSample", "A1", &start(), 0);
        assert_eq!(
            key.client_msg_id(),
            Key::reminder("wx0123456789abcdef", 7, "oSample", "A1", &start(), 0).client_msg_id()
        );
        assert_eq!(key.client_msg_id().len(), 32);
    }

    #[test]
    fn seconds_and_slot_words_do_not_make_another_visit() {
        let with_slot = start().with_slot("09:00-09:30");
        assert_eq!(
            Key::reminder("wx", 7, "o", "A1", &start(), 0),
            Key::reminder("wx", 7, "o", "A1", &with_slot, 0)
        );
    }

    proptest! {
        #[test]
        fn any_difference_makes_another_key(
            a in ("[a-z]{0,4}", 0u16..9, "[a-z]{0,4}", "[a-z]{0,4}", 0u32..3),
            b in ("[a-z]{0,4}", 0u16..9, "[a-z]{0,4}", "[a-z]{0,4}", 0u32..3),
        ) {
            let key = |t: &(String, u16, String, String, u32)| Key::reminder(&t.0, t.1, &t.2, &t.3, &start(), t.4);
            prop_assert_eq!(a == b, key(&a) == key(&b));
        }
    }
}
