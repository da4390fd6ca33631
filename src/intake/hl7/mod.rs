//! HL7 version 2 scheduling messages (SIU S12–S26), one after the other in a file.
//!
//! Source: HL7 v2.5.1, chapter 10. The trigger event beats SCH-25, since real interfaces send `Booked` with every
//! event. The last event of a visit in the input wins: a cancelled visit is handed on as one that does not take place,
//! so that a message that is already queued is called off.

mod message;
mod siu;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};

use self::message::Message;
use self::siu::{Effect, Event};
use super::error::Error;
use super::found::Kinds;
use super::settings::Settings;
use super::source::{Reading, Row};
use super::spool::Spool;
use super::text::{Allowance, ROW_LIMIT, Text};

/// Reads every message and hands on the visits of the wanted days as the last of their events left them.
pub(super) fn rows(
    spool: &Spool,
    encoding: &'static Encoding,
    settings: &Settings,
    each: &mut dyn FnMut(Row),
) -> Result<Reading, Error> {
    let mut book = Book {
        settings,
        reading: Reading::default(),
        others: Kinds::default(),
        events: Vec::new(),
        places: HashMap::new(),
    };
    let allowance = Allowance::default();
    let bytes = spool.bytes()?.fingerprinted();
    let mut lines = BufReader::new(Text::new(bytes, encoding, allowance.clone()));
    let (mut message, mut begins, mut number) = (String::new(), 0, 0);
    let mut line = String::new();
    loop {
        line.clear();
        let count = lines.read_line(&mut line).map_err(|source| {
            let name = spool.name().to_owned();
            if allowance.is_spent() {
                Error::TooLong { name, line: begins, limit: ROW_LIMIT }
            } else {
                spool.unreadable(source)
            }
        })?;
        number += 1;
        // Framing of the transport (MLLP): a vertical tab before, a file separator behind.
        let segment = line.trim_matches(|c| matches!(c, '\u{b}' | '\u{1c}' | '\n'));
        let starts = segment.starts_with("MSH");
        if starts || count == 0 {
            book.enter(&message, begins);
            message.clear();
            begins = number;
            allowance.renew();
        }
        if count == 0 {
            break;
        }
        if starts || !message.is_empty() {
            message.push_str(segment);
            message.push('\n');
        }
    }
    if book.reading.rows == 0 {
        book.others.refuse(spool.name(), "HL7 messages SIU^S12 to S19 and S26")?;
    }
    let mut reading = book.hand_on(each);
    reading.fingerprint = lines.into_inner().into_inner().fingerprint();
    Ok(reading)
}

/// The visits so far, each as its last event left it.
struct Book<'a> {
    settings: &'a Settings,
    reading: Reading,
    /// What is about no visit.
    others: Kinds,
    events: Vec<Option<Event>>,
    places: HashMap<String, usize>,
}

impl Book<'_> {
    fn enter(&mut self, text: &str, line: u64) {
        let Some(message) = Message::parse(text) else { return };
        let Some(mut event) = Event::read(&message, line, self.settings) else {
            self.others.add(Some(&message.kind()));
            return;
        };
        self.reading.rows += 1;
        let day = event.draft.day(self.settings);
        if let Some(day) = day {
            self.reading.saw(day);
        }
        let known = event.draft.appointment_id.as_ref().and_then(|id| self.places.get(id)).copied();
        let before = known.and_then(|place| self.events[place].take());
        if let (Some(before), Effect::Ends) = (before, event.effect)
            && event.draft.start.is_none()
        {
            // A cancellation need not repeat when the visit would have been.
            event.draft.start = before.draft.start;
        }
        let day = event.draft.day(self.settings);
        let wanted = self.settings.wanted_days.as_ref();
        let elsewhere = wanted.is_some_and(|days| day.is_some_and(|day| !days.contains(&day)));
        let unknown_end = event.effect == Effect::Ends && day.is_none();
        if let Some(id) = event.draft.appointment_id.as_deref() {
            // The last event counts here as well.
            self.reading.ended.remove(id);
            if unknown_end {
                self.reading.ended.insert(id.into());
            }
        }
        if elsewhere || unknown_end {
            self.reading.elsewhere += 1;
            return;
        }
        if let (Some(days), Some(day)) = (&self.settings.detailed_days, day)
            && !days.contains(&day)
        {
            event.draft.keep_which_and_when();
        }
        if let Some(id) = &event.draft.appointment_id {
            self.places.insert(id.clone(), self.events.len());
        }
        self.events.push(Some(event));
    }

    fn hand_on(self, each: &mut dyn FnMut(Row)) -> Reading {
        for event in self.events.into_iter().flatten() {
            match event.draft.finish(self.settings) {
                Ok(appointment) => each(Row::Visit(Box::new(appointment))),
                Err(refused) => each(Row::Refused(Box::new(refused))),
            }
        }
        self.reading
    }
}

/// The encoding that MSH-18 of the first message states (table 0211, and the spellings that interfaces use).
pub(super) fn stated_encoding(prefix: &[u8]) -> Option<&'static Encoding> {
    let at = prefix.windows(3).position(|window| window == b"MSH")?;
    let line = prefix[at..].split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let separator = *line.get(3)?;
    let stated = line.split(|byte| *byte == separator).nth(17)?;
    let stated = String::from_utf8_lossy(stated).to_uppercase();
    let stated = stated.split('~').next().unwrap_or("");
    let known: [(&str, &'static Encoding); 6] = [
        ("UTF-8", UTF_8),
        ("UTF8", UTF_8),
        ("18030", GB18030),
        ("GBK", GB18030),
        ("GB2312", GB18030),
        ("BIG", BIG5),
    ];
    known.iter().find(|(word, _)| stated.contains(word)).map(|(_, encoding)| *encoding)
}

#[cfg(test)]
mod tests;
