//! The table that maps a patient to an openid, read as a stream.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use sha2::{Digest, Sha256};

use super::column::Column;
use super::database;
use super::dates::{Rules, When};
use super::error::Error;
use super::listing::{Listed, Listing};
use super::mapping::Mapping;
use super::settings::ContactSettings;
use super::source::Origin;
use super::spool::Spool;
use super::understanding::{Mapped, Passed};
use crate::domain::reason::{Reason, Refusal};

/// One line of the contacts: a patient and the openid that receives for them.
///
/// `Debug` is not derived: it is personal data, and must not slip into a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Contact<'a> {
    /// The line of the file, from 1.
    pub line: u64,
    /// The hospital's own number for the patient.
    pub patient_id: Option<&'a str>,
    /// The patient's telephone number, as written.
    pub phone: Option<&'a str>,
    /// The openid.
    pub openid: &'a str,
    /// The patient's name.
    pub patient: Option<&'a str>,
    /// The patient's day of birth, where it can be read.
    pub birth_date: Option<Date>,
    /// The patient's day of birth as written, also where it cannot be read.
    pub birth_date_text: Option<&'a str>,
    /// When the openid was bound to the patient, on the clinic's wall clock.
    pub bound_at: Option<DateTime>,
}

/// What a reading of contacts came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactsReading {
    /// What the table is called.
    pub name: String,
    /// Whether a database holds it: then a row's number stands for the line.
    pub of_database: bool,
    /// Rows that map a patient to an openid.
    pub rows: u64,
    /// Rows without an openid or without the key: patients who have bound no account.
    pub incomplete: u64,
    /// Rows at fault, by number.
    pub refused: u64,
    /// The same by reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// The first of these.
    pub refusals: Vec<RefusedContact>,
    /// Rows at fault of which it cannot be told whose they are: without a readable key, or beyond the first.
    pub strangers: u64,
    /// Which column of the file is which.
    pub columns: Vec<Mapped>,
    /// Columns that could have been meant, and are not used because a better one is there.
    pub passed_over: Vec<Passed>,
    /// SHA-256 of the bytes.
    pub fingerprint: [u8; 32],
}

/// A row of the contacts at fault, and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct RefusedContact {
    /// What is wrong and where.
    pub refusal: Refusal,
    /// The key by which its patient would be found, where it can be read.
    pub key: Option<Box<str>>,
}

impl fmt::Debug for RefusedContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl ContactsReading {
    fn refuse(&mut self, refusal: Refusal, key: Option<&str>) {
        let kept = self.refusals.len() < REFUSALS;
        self.refused += 1;
        *self.reasons.entry(refusal.reason).or_default() += 1;
        self.strangers += u64::from(!kept || key.is_none());
        if kept {
            self.refusals.push(RefusedContact { refusal, key: key.map(Into::into) });
        }
    }
}

/// How many refusals are kept.
const REFUSALS: usize = 1000;

/// Reads contacts and hands on each; those at fault are counted and listed.
pub fn contacts(
    origin: &Origin,
    settings: &ContactSettings,
    wanted: &mut dyn FnMut(&Contact<'_>),
) -> Result<ContactsReading, Error> {
    read(&origin.spool()?, settings, wanted)
}

/// Reads contacts from a database in the same way; the row's number stands for the line.
pub fn contacts_of_database(
    query: &database::Query,
    settings: &ContactSettings,
    wanted: &mut dyn FnMut(&Contact<'_>),
) -> Result<ContactsReading, Error> {
    let opened = open_database(query, settings)?;
    let mut reading = ContactsReading::under(&query.name, &opened.mapping);
    reading.of_database = true;
    let mut hash = Sha256::new();
    let mut rows = opened.rows()?;
    while let Some((row, record)) = rows.next()? {
        hash.update(record.as_slice());
        reading.take(&Listed::new(row, &record, &opened.mapping), settings, wanted);
    }
    reading.fingerprint = hash.finalize().into();
    Ok(reading)
}

fn open_database(
    query: &database::Query,
    settings: &ContactSettings,
) -> Result<database::Opened, Error> {
    let wish = database::Wish {
        columns: &settings.columns,
        needs: needs(settings),
        section: "[contacts.columns]",
    };
    database::Opened::open(query, &wish)
}

fn read(
    spool: &Spool,
    settings: &ContactSettings,
    wanted: &mut dyn FnMut(&Contact<'_>),
) -> Result<ContactsReading, Error> {
    let listing = Listing::open(spool, settings, needs(settings))?;
    let mut reading = ContactsReading::under(spool.name(), &listing.mapping);
    reading.fingerprint = listing.rows(|row| reading.take(row, settings, wanted))?;
    Ok(reading)
}

/// What contacts must tell: an openid, and whose it is.
const fn needs(settings: &ContactSettings) -> &'static [&'static [Column]] {
    match settings.key {
        Column::Phone => &[&[Column::Openid], &[Column::Phone]],
        _ => &[&[Column::Openid], &[Column::PatientId]],
    }
}

impl ContactsReading {
    fn under(name: &str, mapping: &Mapping) -> Self {
        Self {
            name: name.to_owned(),
            columns: mapping.mapped(),
            passed_over: mapping.passed(),
            ..Self::default()
        }
    }

    fn take(
        &mut self,
        row: &Listed<'_>,
        settings: &ContactSettings,
        wanted: &mut dyn FnMut(&Contact<'_>),
    ) {
        let reader = ContactReader { settings };
        match reader.read(row) {
            Ok(Some(contact)) => {
                self.rows += 1;
                wanted(&contact);
            }
            Ok(None) => self.incomplete += 1,
            Err(refusal) => self.refuse(refusal, reader.key(row)),
        }
    }
}

struct ContactReader<'a> {
    settings: &'a ContactSettings,
}

impl ContactReader<'_> {
    /// `None` when the row has no openid or no key.
    fn read<'r>(&self, row: &Listed<'r>) -> Result<Option<Contact<'r>>, Refusal> {
        row.check_width()?;
        let (patient_id, phone) = (row.text(Column::PatientId)?, row.text(Column::Phone)?);
        let key = if self.settings.key == Column::Phone { phone } else { patient_id };
        let (Some(openid), Some(_)) = (row.text(Column::Openid)?, key) else { return Ok(None) };
        let birth_date_text = row.text(Column::BirthDate)?;
        Ok(Some(Contact {
            line: row.line,
            patient_id,
            phone,
            openid,
            patient: row.text(Column::Patient)?,
            birth_date: birth_date_text
                .and_then(|cell| self.moment(cell, true))
                .map(DateTime::date),
            birth_date_text,
            bound_at: row.text(Column::BoundAt)?.and_then(|cell| self.moment(cell, false)),
        }))
    }

    /// What is left of a row at fault: the key, if that can be read.
    fn key<'r>(&self, row: &Listed<'r>) -> Option<&'r str> {
        row.text(self.settings.key).ok().flatten()
    }

    fn moment(&self, cell: &str, births: bool) -> Option<DateTime> {
        let rules = Rules {
            zone: &self.settings.zone,
            order: self.settings.day_order,
            instants_are_local: false,
            excel_1904: false,
            births,
        };
        let when = When::read(cell, &rules).ok()?;
        let time = when.clock.and_then(|clock| clock.time).unwrap_or(Time::midnight());
        Some(when.date.to_datetime(time))
    }
}

/// A value that was typed, read as a cell is: without space around it, `="…"` or a leading apostrophe.
pub fn typed(text: &str) -> &str {
    super::cell::clean(text)
}

/// What a spreadsheet program did to a value that identifies something, so that it cannot be known any more.
pub fn destroyed(text: &str) -> Option<&'static str> {
    super::cell::damage(text).map(super::cell::Damage::describe)
}

/// A day of birth as people and files write it.
pub fn birth_date(text: &str, zone: &jiff::tz::TimeZone) -> Option<Date> {
    let settings = ContactSettings { zone: zone.clone(), ..ContactSettings::default() };
    ContactReader { settings: &settings }.moment(text, true).map(DateTime::date)
}

/// The openids that contacts give for one patient, and which of them it is.
#[derive(Clone, Default)]
pub struct Candidates {
    openids: Vec<(Box<str>, Option<DateTime>)>,
}

/// Several openids for one patient, and nothing that says which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("contacts give {0} openids for the patient and do not say which it is")]
pub struct SeveralOpenids(pub usize);

impl Candidates {
    /// Notes an openid; the same pair twice is one.
    pub fn add(&mut self, openid: &str, bound_at: Option<DateTime>) {
        match self.openids.iter_mut().find(|(known, _)| **known == *openid) {
            Some((_, known)) => *known = (*known).max(bound_at),
            None => self.openids.push((openid.into(), bound_at)),
        }
    }

    /// The only openid; `None` when there is none. Several are a doubt, whichever was bound last.
    pub fn only(&self) -> Result<Option<&str>, SeveralOpenids> {
        match self.openids.as_slice() {
            [] => Ok(None),
            [(openid, _)] => Ok(Some(openid)),
            several => Err(SeveralOpenids(several.len())),
        }
    }

    /// The only openid, or the one bound last; `None` when there is none.
    ///
    /// An openid without a readable `bound_at` beside others leaves a doubt, and so do two bound at the same time.
    pub fn choose(&self) -> Result<Option<&str>, SeveralOpenids> {
        let [(first, _), rest @ ..] = self.openids.as_slice() else { return Ok(None) };
        if rest.is_empty() {
            return Ok(Some(first));
        }
        let doubt = SeveralOpenids(self.openids.len());
        let newest = self.openids.iter().map(|(_, at)| *at).max().flatten().ok_or(doubt)?;
        let mut of_newest = self.openids.iter().filter(|(_, at)| *at == Some(newest));
        let undated = self.openids.iter().any(|(_, at)| at.is_none());
        match (of_newest.next(), of_newest.next()) {
            (Some((openid, _)), None) if !undated => Ok(Some(openid)),
            _ => Err(doubt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, settings: &ContactSettings) -> (Vec<String>, ContactsReading) {
        let spool = Spool::copy(text.as_bytes(), "contacts.csv").unwrap();
        let mut lines = Vec::new();
        let reading = read(&spool, settings, &mut |contact| {
            let text = |value: Option<&str>| value.unwrap_or("-").to_owned();
            lines.push(format!(
                "{}: {} {} {} {:?} {:?}",
                contact.line,
                text(contact.patient_id),
                text(contact.phone),
                contact.openid,
                contact.birth_date,
                contact.bound_at
            ));
        })
        .unwrap();
        (lines, reading)
    }

    #[test]
    fn a_row_without_openid_or_key_is_counted_and_one_at_fault_is_named() {
        let text = "病历号,openid,出生日期,绑定时间\nP1,oA,1985/3/7,2026-01-02 10:00\nP2,,,\n,oB,,\nP4\n1.38E+10,oC,,\n";
        let (lines, reading) = lines(text, &ContactSettings::default());
        assert_eq!(lines, ["2: P1 - oA Some(1985-03-07) Some(2026-01-02T10:00:00)"]);
        assert_eq!((reading.rows, reading.incomplete, reading.refusals.len()), (1, 2, 2));
        let told = |n: usize| {
            let RefusedContact { refusal, key } = &reading.refusals[n];
            (refusal.line, refusal.reason, key.as_deref())
        };
        assert_eq!(
            [told(0), told(1)],
            [(5, Reason::Ragged, Some("P4")), (6, Reason::Destroyed, None)]
        );
        assert_eq!(reading.strangers, 1);
    }

    #[test]
    fn the_key_must_have_a_column() {
        let spool = Spool::copy(&b"mobile,openid\n13800000001,oA\n"[..], "contacts.csv").unwrap();
        let error = read(&spool, &ContactSettings::default(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, Error::MissingColumns { .. }), "{error}");
        let by_phone = ContactSettings { key: Column::Phone, ..ContactSettings::default() };
        assert_eq!(read(&spool, &by_phone, &mut |_| {}).unwrap().rows, 1);
    }

    #[test]
    fn of_several_openids_the_one_bound_last_is_taken_and_a_doubt_is_none() {
        let at = |day| Some(jiff::civil::date(2026, 1, day).at(0, 0, 0, 0));
        let choose = |pairs: &[(&str, Option<DateTime>)]| {
            let mut candidates = Candidates::default();
            for (openid, at) in pairs {
                candidates.add(openid, *at);
            }
            candidates.choose().map(|openid| openid.map(str::to_owned))
        };
        assert_eq!(choose(&[]), Ok(None));
        assert_eq!(choose(&[("oA", None), ("oA", None)]), Ok(Some("oA".to_owned())));
        assert_eq!(choose(&[("oA", at(1)), ("oB", at(2))]), Ok(Some("oB".to_owned())));
        for doubt in [
            [("oA", None), ("oB", None)],
            [("oA", at(1)), ("oB", None)],
            [("oA", at(1)), ("oB", at(1))],
        ] {
            assert_eq!(choose(&doubt), Err(SeveralOpenids(2)));
        }
        let mut several = Candidates::default();
        several.add("oA", at(1));
        assert_eq!(several.only(), Ok(Some("oA")));
        several.add("oB", at(2));
        assert_eq!(several.only(), Err(SeveralOpenids(2)));
    }
}
