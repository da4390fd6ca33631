//! Who gets the prescription: exactly one openid, and the patient who was named.

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use super::order::Named;
use super::refusal::{Identifier, Refusal};
use super::settings::Settings;
use crate::intake::database::Period;
use crate::intake::{self, Candidates, Contact, RefusedContact};

/// The recipient, and what contacts hold of them.
#[derive(Clone, Default)]
pub struct Recipient {
    /// The openid.
    pub openid: String,
    /// The name in contacts.
    pub patient: Option<String>,
    /// The telephone number in contacts; only its last digits are ever shown.
    pub phone: Option<String>,
}

/// What contacts hold of the patients in question.
#[derive(Default)]
struct Held {
    /// The openids of the patient who is named by number.
    candidates: Candidates,
    /// Everybody with the openid or the number that is named.
    people: Vec<Person>,
    /// A line of contacts about the patient that is at fault.
    damaged: Option<u64>,
}

struct Person {
    openid: String,
    patient_id: Option<String>,
    patient: Option<String>,
    phone: Option<String>,
    birth_date: Option<jiff::civil::Date>,
    has_birth_date: bool,
}

/// Finds the recipient of each, reading contacts once. A telephone number never selects anybody.
///
/// # Errors
/// When contacts as a whole cannot be read. That one patient is not found is an answer, in their place.
pub fn find(
    settings: &Settings,
    named: &[&Named],
    now: Timestamp,
) -> Result<Vec<Result<Recipient, Refusal>>, intake::Error> {
    let mut held: Vec<Held> = named.iter().map(|_| Held::default()).collect();
    let today = now.to_zoned_datetime(settings.zone.clone()).date();
    let read = settings.contacts.read(Period::covering([], today), &mut |contact| {
        for (held, named) in held.iter_mut().zip(named) {
            held.take(named, contact);
        }
    })?;
    if let Some(reading) = &read {
        for (held, named) in held.iter_mut().zip(named) {
            held.look_for_damage(named, &reading.refusals);
        }
    }
    let known = read.is_some();
    Ok(held.iter().zip(named).map(|(held, named)| held.decide(named, known)).collect())
}

impl Held {
    fn take(&mut self, named: &Named, contact: &Contact<'_>) {
        let is_patient =
            named.patient_id.as_deref().is_some_and(|patient| contact.patient_id == Some(patient));
        let is_openid = named.openid.as_deref() == Some(contact.openid);
        if is_patient {
            self.candidates.add(contact.openid, contact.bound_at);
        }
        if !is_patient && !is_openid {
            return;
        }
        self.people.push(Person {
            openid: contact.openid.to_owned(),
            patient_id: contact.patient_id.map(str::to_owned),
            patient: contact.patient.map(str::to_owned),
            phone: contact.phone.map(str::to_owned),
            birth_date: contact.birth_date,
            has_birth_date: contact.birth_date_text.is_some(),
        });
    }

    /// A line at fault may say that the patient has another openid.
    fn look_for_damage(&mut self, named: &Named, refusals: &[RefusedContact]) {
        let theirs = |refused: &&RefusedContact| {
            named.patient_id.is_some() && refused.key.as_deref() == named.patient_id.as_deref()
        };
        self.damaged = refusals.iter().find(theirs).map(|refused| refused.refusal.line);
    }

    fn decide(&self, named: &Named, known: bool) -> Result<Recipient, Refusal> {
        if let Some(line) = self.damaged {
            return Err(Refusal::DamagedContact(line));
        }
        let Some(openid) = &named.openid else { return self.looked_up(named, known) };
        if self.people.is_empty() {
            return Ok(Recipient { openid: openid.clone(), ..Recipient::default() });
        }
        // One openid may serve several patients (a parent): one of them must be the one who was named. A number that
        // contacts know under other openids only is another person.
        let checked: Vec<Result<&Person, Refusal>> = self
            .people
            .iter()
            .map(|person| person.is_at(openid).and_then(|()| person.check(named)).map(|()| person))
            .collect();
        let fitting = checked.iter().find_map(|checked| checked.as_ref().ok());
        match fitting {
            Some(person) => Ok(person.recipient()),
            None => {
                Err(checked.into_iter().find_map(Result::err).unwrap_or(Refusal::NotInContacts))
            }
        }
    }

    fn looked_up(&self, named: &Named, known: bool) -> Result<Recipient, Refusal> {
        if !known {
            return Err(Refusal::NoContacts);
        }
        let openid = match self.candidates.only() {
            Ok(Some(openid)) => openid,
            Ok(None) => return Err(Refusal::NotInContacts),
            Err(several) => return Err(Refusal::SeveralOpenids(several.0)),
        };
        // Every line about the patient must agree with what was typed, and one of them must have been compared.
        self.people.iter().try_for_each(|person| person.check(named))?;
        second_identifier(&self.people, named)?;
        let named_first = self.people.iter().max_by_key(|person| person.patient.is_some());
        named_first
            .filter(|person| person.openid == openid)
            .map(Person::recipient)
            .ok_or(Refusal::NotInContacts)
    }
}

/// A patient looked up by number alone needs a second identifier where contacts hold one: a digit mistyped is another
/// patient.
fn second_identifier(people: &[Person], named: &Named) -> Result<(), Refusal> {
    let hold_names = people.iter().any(|person| person.patient.is_some());
    let hold_births = people.iter().any(|person| person.has_birth_date);
    let compared =
        hold_names && named.patient.is_some() || hold_births && named.birth_date.is_some();
    match (compared, hold_names, hold_births) {
        (false, true, _) => Err(Refusal::SecondIdentifier(Identifier::Name)),
        (false, false, true) => Err(Refusal::SecondIdentifier(Identifier::BirthDate)),
        _ => Ok(()),
    }
}

impl Person {
    fn is_at(&self, openid: &str) -> Result<(), Refusal> {
        if self.openid == openid { Ok(()) } else { Err(Refusal::Differs(Identifier::Openid)) }
    }

    /// What contacts hold must be what was typed.
    fn check(&self, named: &Named) -> Result<(), Refusal> {
        match (&self.patient_id, &named.patient_id) {
            (Some(held), Some(typed)) if held != typed => {
                return Err(Refusal::Differs(Identifier::PatientId));
            }
            _ => {}
        }
        match (&self.patient, &named.patient) {
            (Some(held), Some(typed)) if fold(held) != fold(typed) => {
                return Err(Refusal::Differs(Identifier::Name));
            }
            _ => {}
        }
        if let Some(typed) = named.birth_date {
            // A day of birth that cannot be read is no match.
            if self.has_birth_date && self.birth_date != Some(typed) {
                return Err(Refusal::Differs(Identifier::BirthDate));
            }
        }
        Ok(())
    }

    fn recipient(&self) -> Recipient {
        Recipient {
            openid: self.openid.clone(),
            patient: self.patient.clone(),
            phone: self.phone.clone(),
        }
    }
}

/// How names are compared: width, case and spaces do not matter.
fn fold(name: &str) -> String {
    name.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
