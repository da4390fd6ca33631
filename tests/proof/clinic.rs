//! A clinic with a desk, an account and some invented patients; and what to look at when a run is over.

use std::collections::BTreeMap;
use std::fmt::Write;

use wechat_simulator::{Settings, Simulator, TEMPLATE_REMINDER};
use wxremind::ledger::{Entry, Filter, Ledger};

use crate::support::{Desk, Program, Run};

/// The pretended time of most runs: a Monday morning in Shanghai.
pub const MONDAY: &str = "2026-11-23 08:00";
/// The day that `--days 7` is about on that Monday.
pub const DUE: &str = "2026-11-30";
/// The columns of [`visit`].
pub const HEADER: &str = "appointment_id,openid,patient_id,patient,start,doctor,hospital,status";

/// A desk with an account whose waits are short.
pub struct Clinic {
    desk: Desk,
}

impl std::ops::Deref for Clinic {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Clinic {
    /// A clinic with no appointments yet. Its waits are a hundredth of the real ones.
    pub fn new() -> Self {
        Self::with("[send]\nwait_scale = 0.01\n")
    }

    /// A clinic with `count` visits on the due day.
    pub fn of(count: usize) -> Self {
        let clinic = Self::new();
        clinic.visits(0..count);
        clinic
    }

    /// A clinic with these settings beside account, ledger and template.
    pub fn with(more: &str) -> Self {
        Self::with_simulator(Settings::default(), more)
    }

    /// A clinic whose simulator and settings are these.
    pub fn with_simulator(settings: Settings, more: &str) -> Self {
        let clinic = Self { desk: Desk::with_simulator(settings) };
        clinic.set(more);
        clinic
    }

    /// Writes the settings anew: account, ledger and template, and `more`.
    pub fn set(&self, more: &str) {
        let ids = format!("[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\" }}\n");
        self.desk.settings(&format!("{ids}{more}"));
    }

    /// Writes `appointments.csv` with these patients' visits on the due day.
    pub fn visits(&self, patients: impl IntoIterator<Item = usize>) {
        let rows: Vec<String> = patients.into_iter().map(visit).collect();
        self.source(&rows);
    }

    /// Writes `appointments.csv` with these rows.
    pub fn source(&self, rows: &[impl AsRef<str>]) {
        let mut text = format!("{HEADER}\n");
        for row in rows {
            writeln!(text, "{}", row.as_ref()).unwrap();
        }
        self.file("appointments.csv", text);
    }

    /// The morning's command, on the Monday.
    pub fn remind(&self) -> Run {
        self.remind_at(MONDAY, &[])
    }

    /// The morning's command with more arguments.
    pub fn remind_with(&self, more: &[&str]) -> Run {
        self.remind_at(MONDAY, more)
    }

    /// The morning's command at another time.
    pub fn remind_at(&self, now: &str, more: &[&str]) -> Run {
        self.reminding(now, more).run()
    }

    /// The morning's command, to be changed before it runs.
    pub fn reminding<'a>(&'a self, now: &'a str, more: &'a [&'a str]) -> Program<'a> {
        let usual = ["remind", "--days", "7", "--now", now, "appointments.csv"];
        self.program(usual.into_iter().chain(more.iter().copied()))
    }

    /// The ledger, for a look.
    pub fn ledger(&self) -> Option<Ledger> {
        let settings = wxremind::ledger::Settings::new(self.path("ledger.db"));
        Ledger::open_reading(&settings).unwrap()
    }

    /// Every message of the ledger, oldest first.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = self.ledger().unwrap().list(&Filter::default()).unwrap();
        entries.reverse();
        entries
    }

    /// How many messages are in which state, such as `accepted 2, queued 1`.
    pub fn states(&self) -> String {
        let mut counts = BTreeMap::new();
        for entry in self.entries() {
            *counts.entry(entry.state.as_str()).or_insert(0) += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(state, n)| format!("{state} {n}")).collect();
        counts.join(", ")
    }

    /// The state of this patient's message; of the newest if there are several.
    pub fn state(&self, patient: usize) -> &'static str {
        let id = appointment(patient);
        let entries = self.entries();
        let entry = entries.iter().rev().find(|e| e.appointment_id.as_deref() == Some(&id));
        entry.map_or("", |entry| entry.state.as_str())
    }

    /// How many runs the ledger knows.
    pub fn runs_begun(&self) -> i64 {
        let ledger = rusqlite::Connection::open(self.path("ledger.db")).unwrap();
        ledger.query_row("SELECT COUNT(*) FROM run", [], |row| row.get(0)).unwrap()
    }

    /// Changes the ledger behind the program's back, such as a time long past.
    pub fn meddle(&self, sql: &str) -> usize {
        rusqlite::Connection::open(self.path("ledger.db")).unwrap().execute(sql, []).unwrap()
    }

    /// Which patients' phones got a message, in order of arrival; one who got two is there twice.
    pub fn reached(&self) -> Vec<usize> {
        reached(self.simulator())
    }

    /// Checks that each of these patients got exactly one message and nobody else any.
    pub fn assert_once_each(&self, patients: impl IntoIterator<Item = usize>) {
        let mut reached = self.reached();
        reached.sort_unstable();
        assert_eq!(reached, patients.into_iter().collect::<Vec<_>>());
    }
}

/// Whose openid it is.
pub fn number(openid: &str) -> usize {
    openid.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}

/// Which patients' phones got a message, in order of arrival.
pub fn reached(simulator: &Simulator) -> Vec<usize> {
    simulator.messages().iter().map(|message| number(&message.openid)).collect()
}

/// The openid of a patient: 28 characters.
pub fn openid(patient: usize) -> String {
    format!("oPatient{patient:020}")
}

/// The hospital's number for a patient's visit.
pub fn appointment(patient: usize) -> String {
    format!("YY{patient:06}")
}

/// A patient's visit on the due day, each a minute later than the one before (within the day).
pub fn visit(patient: usize) -> String {
    let minute = patient % 540;
    visit_at(patient, &format!("{DUE} {:02}:{:02}", 9 + minute / 60, minute % 60))
}

/// A patient's visit at this time.
pub fn visit_at(patient: usize, start: &str) -> String {
    let (id, openid) = (appointment(patient), openid(patient));
    format!("{id},{openid},P{patient:06},患者{patient},{start},李医生,协和医院,已预约")
}

/// Waits for something of the simulator's, on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
