//! A message of the record as the page shows it: in the visitor's language, ids masked unless the key may see people.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::words::Words;
use crate::domain::mask;
use crate::domain::state::State;
use crate::ledger::Entry;
use crate::report;

/// One message.
#[derive(Serialize)]
pub(super) struct Record {
    pub id: String,
    pub kind: String,
    /// The visit or the reference that it is about.
    pub about: String,
    /// When the visit is.
    pub visit: String,
    pub patient: String,
    pub openid: String,
    /// The word of the ledger, for the style.
    pub state: &'static str,
    /// The same in the visitor's language.
    pub state_word: String,
    /// Why it did not get through.
    pub why: String,
    /// What to do about it.
    pub advice: String,
    pub changed: String,
    pub queued: String,
    pub sent: String,
    pub settled: String,
    pub receipt: String,
    pub attempts: u32,
    pub copy: u32,
    pub asked_by: String,
    /// Whether it is still on its way to `WeChat`.
    pub is_open: bool,
}

/// How entries are shown.
pub(super) struct Showing<'a> {
    pub words: &'a Words,
    pub zone: &'a TimeZone,
    /// Whether the patient's number is whole.
    pub whole: bool,
}

impl Showing<'_> {
    /// What is shown of an entry.
    pub fn record(&self, entry: &Entry) -> Record {
        let at = |at: Option<Timestamp>| at.map(|at| self.time(at)).unwrap_or_default();
        let changed = entry.receipt_at.or(entry.settled_at).or(entry.sent_at);
        let reference = entry.reference_tail.as_ref().map(|tail| format!("***{tail}"));
        Record {
            id: entry.message_id.to_string(),
            kind: self.words.say("kind", entry.kind.as_str()).to_owned(),
            about: entry.appointment_id.clone().or(reference).unwrap_or_default(),
            visit: entry.start.as_ref().map(ToString::to_string).unwrap_or_default(),
            patient: self.id(entry.patient_id.as_deref()),
            openid: entry.openid.as_deref().map(mask::openid).unwrap_or_default(),
            state: entry.state.as_str(),
            state_word: report::state(entry.state, self.words.language).to_owned(),
            why: self.why(entry),
            advice: self.advice(entry),
            changed: self.time(changed.unwrap_or(entry.queued_at)),
            queued: self.time(entry.queued_at),
            sent: at(entry.sent_at),
            settled: at(entry.settled_at),
            receipt: at(entry.receipt_at),
            attempts: entry.attempts,
            copy: entry.copy + 1,
            asked_by: entry.asked_by.clone().unwrap_or_default(),
            is_open: matches!(entry.state, State::Queued | State::Sending),
        }
    }

    /// A number of the hospital's for a patient.
    pub fn id(&self, id: Option<&str>) -> String {
        id.map(|id| if self.whole { id.to_owned() } else { mask::id(id) }).unwrap_or_default()
    }

    /// An instant on the clinic's clock.
    pub fn time(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// Why it did not get through, in a sentence; nothing for one that did.
    pub fn why(&self, entry: &Entry) -> String {
        let Entry { state, errcode, ref reason, .. } = *entry;
        report::why(state, errcode, reason.as_deref(), self.words.language)
    }

    /// What to do about it; nothing where nothing is to be done.
    fn advice(&self, entry: &Entry) -> String {
        let needs_help = matches!(entry.state, State::Failed | State::Undelivered | State::Queued);
        let known = entry.errcode.filter(|_| needs_help).and_then(wechat::explain);
        let of_code = known
            .filter(|known| known.is_full())
            .map(|known| self.words.language.pick(known.advice_en, known.advice_zh));
        let of_state = self.words.find("todo", entry.state.as_str());
        of_code.or(of_state).unwrap_or_default().to_owned()
    }
}
