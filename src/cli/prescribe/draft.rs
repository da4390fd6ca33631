//! What the command line, and a row of a table, say of a prescription.

use super::args::PrescribeArgs;
use crate::cli::inputs;
use crate::config::Config;
use crate::config::source::Origin;
use crate::intake::database::Period;
use crate::intake::{self, PrescriptionRow};
use crate::prescribing::{Contacts, Draft, Leave, Settings};

/// What the command line says.
pub fn of_arguments(args: &PrescribeArgs) -> Draft {
    Draft {
        line: None,
        openid: args.openid.clone(),
        patient_id: args.patient_id.clone(),
        patient: args.patient.clone(),
        birth_date: args.birth_date.clone(),
        reference: args.reference.clone(),
        hospital: args.hospital.clone(),
        doctor: args.doctor.clone(),
        issued: args.issued.clone(),
        expires: args.expires.clone(),
        url: args.url.clone(),
    }
}

/// What a row of a table says; what it leaves out, the command line may say for all.
pub fn of_row(row: PrescriptionRow, args: &PrescribeArgs) -> Draft {
    Draft {
        line: Some(row.line),
        openid: row.openid,
        patient_id: row.patient_id,
        patient: row.patient,
        birth_date: row.birth_date,
        reference: row.reference,
        hospital: row.hospital.or_else(|| args.hospital.clone()),
        doctor: row.doctor.or_else(|| args.doctor.clone()),
        issued: row.issued.or_else(|| args.issued.clone()),
        expires: row.expires.or_else(|| args.expires.clone()),
        url: args.url.clone(),
    }
}

/// What the person said about a reference that was sent before.
pub fn leave(args: &PrescribeArgs) -> Leave {
    Leave { again: args.again, reassign: args.reassign.clone() }
}

/// How prescriptions are prepared, by the settings; for an account, or none in a dry run.
pub fn settings(config: &Config, app_id: &str) -> Settings {
    let told = inputs::contact_settings(config);
    let contacts = match inputs::contacts_origin(config) {
        None => Contacts::None,
        Some(Origin::File(path)) => Contacts::Table(intake::Origin::File(path.clone()), told),
        Some(Origin::Stdin) => Contacts::Table(intake::Origin::Stdin, told),
        Some(Origin::Database(url)) => {
            let any = Period::covering([], jiff::civil::Date::constant(1970, 1, 1));
            Contacts::Database(Box::new(inputs::contacts_query(config, url, any)), told)
        }
    };
    Settings {
        app_id: app_id.to_owned(),
        zone: config.zone.clone(),
        hospital: config.defaults.get("hospital").cloned(),
        contacts,
    }
}
