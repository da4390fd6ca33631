//! The environment variables, taken once.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use super::error::Error;

/// The variables of the environment that settings and secrets come from.
#[derive(Clone, Default)]
pub struct Environment(HashMap<String, OsString>);

impl fmt::Debug for Environment {
    /// How many there are: values and even names may be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}

impl Environment {
    /// Those of the process.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect()
    }

    /// A variable's text; unset and empty are the same.
    pub fn text(&self, variable: &'static str) -> Result<Option<&str>, Error> {
        let Some(value) = self.0.get(variable).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let what = || "must be readable as UTF-8".to_owned();
        value.to_str().map(Some).ok_or_else(|| Error::Environment { variable, what: what() })
    }

    /// A variable that holds a path.
    pub fn path(&self, variable: &str) -> Option<PathBuf> {
        self.0.get(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
    }
}

impl<V: Into<OsString>> FromIterator<(String, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name, value.into())).collect())
    }
}
