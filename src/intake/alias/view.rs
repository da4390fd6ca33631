//! The names of the view that a hospital's database is asked for, beyond those that exports have too.

use super::{Names, PLAIN};
use crate::intake::column::Column;

/// `appt_id`, `appt_date`, `appt_time`, `dept_name`, `doctor_name`, `campus`, `status` and `rx_no` are known anyway.
pub(super) const VIEW: Names = &[
    (Column::PatientId, PLAIN, &["patient_ref"]),
    (Column::Patient, PLAIN, &["display_name"]),
    (Column::Time, PLAIN, &["slot_text"]),
];
