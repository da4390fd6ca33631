//! Magic openids: recipients that always meet the same fate, so that operators can rehearse it.

use crate::fault::FaultKind;

/// An openid, what befalls every send to it, and what that shows.
pub type Magic = (&'static str, FaultKind, &'static str);

const MAGIC: [Magic; 21] = [
    ("oSim_busy_minus_1___________", FaultKind::Busy, "WeChat is busy (-1): retried, then put off"),
    (
        "oSim_40001_token_refused____",
        FaultKind::Errcode(40001),
        "the token is refused again and again: the run stops",
    ),
    (
        "oSim_40003_not_an_openid____",
        FaultKind::Errcode(40003),
        "the openid belongs to another account",
    ),
    ("oSim_40037_template_unknown_", FaultKind::Errcode(40037), "the template was deleted"),
    ("oSim_40241_duplicate_60_s___", FaultKind::Duplicate60s, "a duplicate within 60 seconds"),
    ("oSim_40249_illegal_content__", FaultKind::Errcode(40249), "the content is blocked"),
    ("oSim_40252_under_review_____", FaultKind::Held, "held for review: not to be sent again"),
    (
        "oSim_43004_unfollowed_______",
        FaultKind::Errcode(43004),
        "the patient does not follow the account",
    ),
    (
        "oSim_43019_on_blacklist_____",
        FaultKind::Errcode(43019),
        "the account has blacklisted the patient",
    ),
    ("oSim_43101_refuses_messages_", FaultKind::Errcode(43101), "the patient refuses the message"),
    ("oSim_43116_template_banned__", FaultKind::Errcode(43116), "the template is banned"),
    (
        "oSim_43117_too_frequent_____",
        FaultKind::TooFrequent,
        "too many messages to this patient: later",
    ),
    (
        "oSim_45009_daily_quota______",
        FaultKind::DailyQuota,
        "the day's quota is used up: the run stops",
    ),
    (
        "oSim_45011_minute_quota_____",
        FaultKind::MinuteQuota,
        "too fast: the run waits for the next minute",
    ),
    (
        "oSim_47003_invalid_value____",
        FaultKind::Errcode(47003),
        "a value is refused (data.thing1.value)",
    ),
    (
        "oSim_48001_unauthorized_____",
        FaultKind::Errcode(48001),
        "the account may not send template messages",
    ),
    (
        "oSim_99999_unknown_code_____",
        FaultKind::Errcode(99_999),
        "an errcode that nobody documented",
    ),
    ("oSim_502_bad_gateway________", FaultKind::BadGateway, "a gateway answers HTTP 502 with HTML"),
    (
        "oSim_stall_45_seconds_______",
        FaultKind::Stall { milliseconds: 45_000, accepted: true },
        "the message arrives, but the answer takes 45 seconds",
    ),
    (
        "oSim_close_after_accept_____",
        FaultKind::CloseAfterAccept,
        "the message arrives, but the connection breaks before the answer",
    ),
    (
        "oSim_close_before___________",
        FaultKind::CloseBefore,
        "the connection breaks, and nothing arrives",
    ),
];

/// An openid whose messages are accepted, and what its receipt is like.
pub type MagicReceipt = (&'static str, Receipt, &'static str);

/// What the receipt of a message is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It says so.
    Status(&'static str),
    /// It comes before the answer of the send.
    Early,
    /// Its `MsgID` is 0.
    WithoutId,
    /// There is none.
    Never,
}

const RECEIPTS: [MagicReceipt; 6] = [
    (
        "oSim_receipt_user_block_____",
        Receipt::Status("failed:user block"),
        "accepted; the receipt says that the patient blocks messages",
    ),
    (
        "oSim_receipt_system_failed__",
        Receipt::Status("failed: system failed"),
        "accepted; the receipt says that WeChat failed",
    ),
    (
        "oSim_receipt_freq_limit_____",
        Receipt::Status("failed:freq limit"),
        "accepted; the receipt says that there were too many messages",
    ),
    (
        "oSim_receipt_before_answer__",
        Receipt::Early,
        "accepted; the receipt comes before the answer",
    ),
    ("oSim_receipt_without_id_____", Receipt::WithoutId, "accepted; the receipt has MsgID 0"),
    ("oSim_receipt_never__________", Receipt::Never, "accepted; no receipt comes"),
];

/// The magic openids of receipts; they matter only where receipts are pushed.
pub fn magic_receipts() -> &'static [MagicReceipt] {
    &RECEIPTS
}

/// What the receipts of this openid are like, if it is a magic one.
pub(crate) fn receipt(openid: &str) -> Option<Receipt> {
    RECEIPTS.iter().find(|(magic, ..)| *magic == openid).map(|(_, receipt, _)| *receipt)
}

/// The magic openids. A send to one always meets its fate, whatever faults are set.
pub fn magic_openids() -> &'static [Magic] {
    &MAGIC
}

/// What befalls sends to this openid, if it is a magic one.
pub(crate) fn fate(openid: &str) -> Option<FaultKind> {
    MAGIC.iter().find(|(magic, ..)| *magic == openid).map(|(_, kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_magic_openid_looks_like_a_real_one_and_is_in_the_documentation() {
        let documentation = include_str!("lib.rs");
        for (openid, kind, _) in magic_openids() {
            assert!(crate::account::looks_like_an_openid(openid), "{openid}");
            assert_eq!(fate(openid), Some(*kind), "{openid} is listed once");
            assert!(documentation.contains(&format!("`{openid}`")), "{openid} is not documented");
        }
        for (openid, kind, _) in magic_receipts() {
            assert!(crate::account::looks_like_an_openid(openid), "{openid}");
            assert_eq!((receipt(openid), fate(openid)), (Some(*kind), None), "{openid}");
            assert!(documentation.contains(&format!("`{openid}`")), "{openid} is not documented");
        }
    }
}
