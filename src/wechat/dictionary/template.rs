//! template

use super::Explanation;

pub(super) const TABLE: &[Explanation] = &[];
