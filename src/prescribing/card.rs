//! What a person compares with the patient in front of them before saying yes.

use super::prepare::Ready;
use crate::domain::{mask, privacy};

/// One message that may be sent.
pub struct Card {
    /// The line of the table; none for a single one.
    pub line: Option<u64>,
    /// The patient's name in contacts, else as it was typed.
    pub patient: Option<String>,
    /// The last four digits.
    pub phone: Option<String>,
    /// Masked.
    pub openid: String,
    /// The reference.
    pub reference: String,
    /// Which copy it is, from 0.
    pub copy: u32,
    /// The fields as the patient reads them, without the reference.
    pub fields: Vec<(String, String)>,
}

impl Card {
    /// The card of a prescription. `whole` shows names and references whole: to the person who must compare them.
    pub fn of(ready: &Ready, whole: bool) -> Self {
        let name = ready.recipient.patient.as_deref().or(ready.order.named.patient.as_deref());
        let reference = ready.order.reference.as_str();
        let fields = ready.fields().into_iter().filter(|(_, value)| value != reference);
        Self {
            line: ready.order.line,
            patient: name
                .map(|name| if whole { name.to_owned() } else { privacy::mask_name(name) }),
            phone: ready.recipient.phone.as_deref().map(mask::phone),
            openid: mask::openid(&ready.recipient.openid),
            reference: if whole { reference.to_owned() } else { mask::reference(reference) },
            copy: ready.verdict.copy,
            fields: fields.collect(),
        }
    }
}
