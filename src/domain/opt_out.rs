//! Who wants no messages: kept as one-way marks, compared as such.

use std::collections::HashSet;
use std::hash::BuildHasher;

use super::key::mark;

/// Whether a patient has asked for no messages.
pub fn is_opted_out<S: BuildHasher>(
    marks: &HashSet<[u8; 32], S>,
    app_id: &str,
    openid: Option<&str>,
    patient: Option<&str>,
) -> bool {
    let asked = |what: &str, who: Option<&str>| {
        who.is_some_and(|who| marks.contains(&mark("opt-out", &[app_id, what, who])))
    };
    !marks.is_empty() && (asked("openid", openid) || asked("patient", patient))
}
