//! Watching the rows of a source stream by, and keeping those that matter.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::contacts::{ContactKey, Wanted};
use super::known::{Pending, visit_mark};
use super::person::Person;
use crate::domain::appointment::Appointment;
use crate::domain::key::mark;
use crate::domain::reason::{Reason, Refused};
use crate::domain::status::Status;
use crate::domain::window::Window;

/// What was seen of a source, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read, good and bad.
    pub rows: u64,
    /// Rows that could not become an appointment.
    pub refused: u64,
    /// Of those, the ones without a readable day.
    pub undated: u64,
    /// Rows with a readable day in the window.
    pub in_window: u64,
    /// Of those, the ones of which another cell could not be read.
    pub unreadable_in_window: u64,
    /// Of those, the ones whose status word is on some list.
    pub known_status_in_window: u64,
    /// Rows later than the clinic's today.
    pub later_than_today: u64,
    /// Status words on no list, with how often each was seen in the window; at most 20 are kept.
    pub unknown_statuses: BTreeMap<Box<str>, u64>,
}

/// A kept row and the stage it is for.
#[derive(Clone)]
pub struct Due {
    /// The row.
    pub visit: Appointment,
    /// The stage: the window's, or that of the message that waits for it.
    pub stage: u16,
    /// Whether the window asks for it; otherwise only an earlier run's message does.
    pub in_window: bool,
}

/// A visit under an awaited number, at another time than the awaited one.
struct Elsewhere {
    patient: Person,
    /// Whether it is still to come.
    ahead: bool,
}

/// What identifies a visit among the pending ones: a mark of its id and start.
type VisitMark = [u8; 32];

/// Takes rows one by one; memory grows with what is kept, never with the source.
pub struct Gatherer<'a> {
    window: &'a Window,
    pending: Vec<Pending>,
    awaited: HashMap<VisitMark, Vec<usize>>,
    /// For each awaited visit's number, the patients for whom it was seen at another time.
    awaited_ids: HashMap<Box<str>, Vec<Elsewhere>>,
    seen: HashSet<VisitMark>,
    gathered: Gathered,
}

/// The kept rows, ready to be given openids and weighed.
#[derive(Default)]
pub struct Gathered {
    /// Rows in the window or awaited, whatever their status.
    pub due: Vec<Due>,
    /// Rows that could not be read; of those with a readable day, only the ones in the window.
    pub refused: Vec<Refused>,
    /// Messages of earlier runs, to be weighed again.
    pub pending: Vec<Pending>,
    /// Of `pending`, the indices of those whose visit the source now has at another time, or has called off without
    /// saying when it would have been.
    pub moved: Vec<usize>,
    /// Allowed visits nearer than any stage's days, by a mark of id and start. There may be as many as rows, and they
    /// are only counted: eight bytes will do.
    pub nearer: Vec<u64>,
    /// The first and the last instant at which one of these begins.
    pub nearer_span: Option<(Timestamp, Timestamp)>,
    /// Refused rows without a readable day beyond the first `UNDATED`, by reason.
    pub unlisted: BTreeMap<Reason, u64>,
    /// The numbers.
    pub tally: Tally,
}

/// How many refused rows without a readable day are kept whole: a file of nothing else must not fill the memory.
const UNDATED: u64 = 1000;

impl<'a> Gatherer<'a> {
    /// A gatherer for this window that also looks for the visits of `pending`.
    pub fn new(window: &'a Window, pending: Vec<Pending>) -> Self {
        let mut awaited: HashMap<VisitMark, Vec<usize>> = HashMap::new();
        for (index, message) in pending.iter().enumerate() {
            awaited
                .entry(awaited_mark(&message.appointment_id, &message.start.identity()))
                .or_default()
                .push(index);
        }
        let awaited_ids =
            pending.iter().map(|message| (message.appointment_id.clone(), Vec::new())).collect();
        Self {
            window,
            pending,
            awaited,
            awaited_ids,
            seen: HashSet::new(),
            gathered: Gathered::default(),
        }
    }

    /// Takes one readable row.
    pub fn visit(&mut self, visit: Appointment) {
        self.gathered.tally.rows += 1;
        self.count_day(&visit);
        let awaiting = self.note_awaited(&visit);
        if let Some(stage) = self.window.stage_of(visit.start.date) {
            self.count_in_window(&visit);
            self.gathered.due.push(Due { stage: stage.days, visit, in_window: true });
        } else if let Some(stage) = awaiting {
            self.gathered.due.push(Due { stage, visit, in_window: false });
        } else if self.is_nearer(&visit)
            && let Some(begins) = visit.start.instant(&self.window.zone)
        {
            self.gathered.nearer.push(nearer_mark(&visit_mark(&visit.appointment_id), begins));
            self.gathered.nearer_span = Some(widened(self.gathered.nearer_span, begins));
        }
    }

    /// Takes one row that could not be read. One whose day is known to lie elsewhere is nobody's concern today.
    pub fn refused(&mut self, row: Refused) {
        self.gathered.tally.rows += 1;
        self.gathered.tally.refused += 1;
        let day = row.start.as_ref().map(|start| start.date);
        if day.is_some_and(|day| day > self.window.today) {
            self.gathered.tally.later_than_today += 1;
        }
        let in_window = day.map(|day| self.window.stage_of(day).is_some());
        if in_window == Some(true) {
            self.gathered.tally.in_window += 1;
            self.gathered.tally.unreadable_in_window += 1;
        }
        if in_window.is_none() {
            self.gathered.tally.undated += 1;
            if self.gathered.tally.undated > UNDATED {
                *self.gathered.unlisted.entry(row.refusal.reason).or_default() += 1;
                return;
            }
        }
        if in_window != Some(false) {
            self.gathered.refused.push(row);
        }
    }

    /// Ends the reading. `ended` are the numbers of visits that were called off without a day.
    pub fn finish(mut self, ended: &BTreeSet<Box<str>>) -> Gathered {
        for (index, message) in self.pending.iter().enumerate() {
            let here = self
                .seen
                .contains(&awaited_mark(&message.appointment_id, &message.start.identity()));
            let elsewhere =
                self.awaited_ids.get(&message.appointment_id).map_or(&[][..], Vec::as_slice);
            let patient = Person::known_by(message.patient_id.as_deref(), Some(&message.openid));
            let ended = ended.contains(&message.appointment_id);
            if !here && (ended || is_moved(&patient, elsewhere)) {
                self.gathered.moved.push(index);
            }
        }
        self.gathered.pending = self.pending;
        self.gathered
    }

    fn count_day(&mut self, visit: &Appointment) {
        if visit.start.date > self.window.today {
            self.gathered.tally.later_than_today += 1;
        }
    }

    fn count_in_window(&mut self, visit: &Appointment) {
        let tally = &mut self.gathered.tally;
        tally.in_window += 1;
        if visit.status != Status::Unknown {
            tally.known_status_in_window += 1;
            return;
        }
        let word = visit.status_word.clone().unwrap_or_default();
        let room = tally.unknown_statuses.len() < 20;
        if let Some(count) = tally.unknown_statuses.get_mut(&word) {
            *count += 1;
        } else if room {
            tally.unknown_statuses.insert(word, 1);
        }
    }

    /// Notes that an awaited visit was seen, here or at another time; returns the stage of the message that waits.
    fn note_awaited(&mut self, visit: &Appointment) -> Option<u16> {
        let anywhere = self.awaited_ids.get_mut(&visit.appointment_id)?;
        let mark = awaited_mark(&visit.appointment_id, &visit.start.identity());
        let Some(waiting) = self.awaited.get(&mark) else {
            let ahead = !self.window.has_begun(&visit.start);
            anywhere.push(Elsewhere { patient: Person::of(visit), ahead });
            return None;
        };
        self.seen.insert(mark);
        waiting.first().map(|index| self.pending[*index].stage)
    }

    fn is_nearer(&self, visit: &Appointment) -> bool {
        let last = self.window.days().1;
        visit.status.allows() && visit.start.date <= last && !self.window.has_begun(&visit.start)
    }
}

impl Gathered {
    /// The patients whose openid the source does not give, by their key in contacts.
    pub fn contacts_wanted(&self, key: &ContactKey<'_>) -> Wanted {
        let without = self.due.iter().filter(|due| due.visit.openid.is_none());
        without.filter_map(|due| key(&due.visit)).collect()
    }

    /// The first and the last instant at which a kept or nearer visit begins: of these the ledger must tell.
    pub fn span(&self, window: &Window) -> Option<(Timestamp, Timestamp)> {
        let kept = self.due.iter().filter_map(|due| due.visit.start.instant(&window.zone));
        let nearer = self.nearer_span.into_iter().flat_map(|(first, last)| [first, last]);
        kept.chain(nearer).fold(None, |span, at| Some(widened(span, at)))
    }
}

fn widened(span: Option<(Timestamp, Timestamp)>, at: Timestamp) -> (Timestamp, Timestamp) {
    let (first, last) = span.unwrap_or((at, at));
    (first.min(at), last.max(at))
}

/// A short mark of a visit's own mark and of when it begins, for counting.
pub(super) fn nearer_mark(visit: &[u8; 32], begins: Timestamp) -> u64 {
    let (head, _) = visit.split_first_chunk().unwrap_or((&[0; 8], &[]));
    u64::from_le_bytes(*head) ^ begins.as_second().cast_unsigned().rotate_left(32)
}

/// Whether a visit that is not in the source at its time is the one seen there under the same number at other times. An
/// absent row proves nothing, but a visit of the same patient elsewhere does. Some systems number each day's visits
/// anew: a number that is also another patient's proves nothing either.
fn is_moved(patient: &Person, elsewhere: &[Elsewhere]) -> bool {
    elsewhere.iter().any(|seen| seen.ahead && patient.is(&seen.patient) == Some(true))
        && !elsewhere.iter().any(|seen| patient.differs(&seen.patient))
}

fn awaited_mark(appointment_id: &str, start: &str) -> VisitMark {
    mark("awaited", &[appointment_id, start])
}
