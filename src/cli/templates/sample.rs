//! An invented visit and prescription: what templates are previewed, checked and drafted with.

use jiff::civil::{date, time};

use crate::domain::appointment::{Appointment, Start};
use crate::domain::privacy::Privacy;
use crate::domain::status::Status;
use crate::domain::template::Facts;

/// A value for every variable there is.
pub fn facts(privacy: &Privacy) -> Facts {
    let mut facts = Facts::of_visit(&visit(), 7, privacy);
    facts.set("reference", Some("RX20261123A0007".to_owned()));
    facts.set("issued", Some("2026年11月23日 15:01".to_owned()));
    facts.set("expires", Some("2026年11月26日 23:59".to_owned()));
    facts
}

fn visit() -> Appointment {
    let text = |text: &str| Some(text.into());
    Appointment {
        line: 0,
        appointment_id: "A20261130007".into(),
        openid: None,
        patient_id: text("P0007"),
        patient: text("王小明"),
        phone: None,
        start: Start::at(date(2026, 11, 30), time(9, 0, 0, 0)).with_slot("09:00-09:30"),
        department: text("心内科"),
        doctor: text("李医生"),
        hospital: text("协和医院"),
        location: text("门诊楼三层"),
        status: Status::Remind,
        status_word: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::template::{Rendering, Template, VARIABLES};

    #[test]
    fn every_variable_has_a_sample() {
        for (name, _) in VARIABLES {
            let text = format!("[fields]\nshort_thing1 = \"{{{{ {name} }}}}\"");
            let template = Template::parse("sample", &text).unwrap();
            let facts = facts(&Privacy::default());
            assert!(template.render(&facts, &Rendering::default()).is_ok(), "{name}");
        }
    }
}
