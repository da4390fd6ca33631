//! What the page asks of the settings: the next plan, whom to telephone, and how prescriptions are prepared.

use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::error::CommandError;
use crate::cli::log;
use crate::cli::prescribe;
use crate::cli::remind::{self, RemindArgs};
use crate::cli::templates::load;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::source::Origin;
use crate::domain::compose::Composer;
use crate::domain::plan::Action;
use crate::prescribing;
use crate::report::telephone::{self, Book};
use crate::serve::page::{Ahead, Due, LeftOut, Office, Stage, Trouble};

/// The settings, as the page asks them.
struct Settings(Config);

/// The office of these settings.
pub(super) fn office(config: &Config) -> Arc<dyn Office> {
    Arc::new(Settings(config.clone()))
}

impl Office for Settings {
    fn ahead(&self) -> Option<Result<Ahead, Trouble>> {
        (self.is_readable() && !self.0.remind.days.is_empty())
            .then(|| self.plan(Clock::System.now()).map_err(trouble))
    }

    fn book(&self, now: Timestamp, ahead: &telephone::Ahead) -> Result<Book, Trouble> {
        if !self.is_readable() {
            return Ok(Book::default());
        }
        log::book(&self.0, now, ahead).map_err(trouble)
    }

    fn prescribing(&self) -> Result<(prescribing::Settings, Composer), Trouble> {
        let account = self.0.account().map_err(|error| trouble(error.into()))?;
        let composer = load::load(&self.0, &self.0.prescribe.template).map_err(trouble)?;
        Ok((prescribe::settings(&self.0, &account.app_id), composer))
    }
}

impl Settings {
    /// Standard input is read once, and a service has none to read.
    const fn is_readable(&self) -> bool {
        matches!(self.0.source.origin, Some(Origin::File(_) | Origin::Database(_)))
    }

    fn plan(&self, now: Timestamp) -> Result<Ahead, CommandError> {
        let prepared = remind::look(&RemindArgs::default(), &self.0, now)?;
        let plan = &prepared.plan;
        let stages = prepared.window.stages.iter();
        Ok(Ahead {
            source: prepared.source.clone(),
            stages: stages
                .map(|stage| Stage { days: stage.days, from: stage.from, to: stage.due })
                .collect(),
            already: plan.already,
            due: plan
                .items
                .iter()
                .map(|item| Due {
                    appointment_id: item.visit.appointment_id.clone(),
                    patient_id: item.visit.patient_id.clone(),
                    start: item.visit.start.clone(),
                    department: item.visit.department.clone(),
                    doctor: item.visit.doctor.clone(),
                    stage: item.stage,
                    queued: matches!(item.action, Action::Confirm { .. }),
                })
                .collect(),
            left_out: plan
                .not_sent
                .iter()
                .map(|row| LeftOut {
                    appointment_id: row.appointment_id.clone(),
                    patient_id: row.patient_id.clone(),
                    start: row.start.clone(),
                    refusal: row.refusal.clone(),
                })
                .collect(),
        })
    }
}

/// One sentence and its hints.
fn trouble(error: CommandError) -> Trouble {
    let words: Vec<String> = std::iter::once(error.message).chain(error.hints).collect();
    Trouble(words.join(" "))
}
