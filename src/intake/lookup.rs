//! Codes and what they stand for, from a file of the hospital's: `KSDM = 110` becomes `内科`.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::str::FromStr;

use csv::StringRecord;
use jiff::tz::TimeZone;

use super::cell::clean;
use super::column::Column;
use super::error::Error;
use super::form::{Form, Wish};
use super::records::Rows;
use super::source::Origin;
use super::spool::Spool;

/// The most codes that are held in memory.
const MOST: usize = 100_000;

/// What each code of a column stands for.
#[derive(Clone, Default)]
pub struct Lookup {
    names: HashMap<(Column, Box<str>), Box<str>>,
}

impl std::fmt::Debug for Lookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lookup({} codes)", self.names.len())
    }
}

impl Lookup {
    /// Reads a table of three columns, `column,code,name`, whose first row says so: `department,110,内科`.
    ///
    /// A column is a canonical name. The same code with two names is an error, and so is a column that does not exist.
    pub fn read(origin: &Origin, encoding: Option<&str>) -> Result<Self, Error> {
        Self::from_spool(&origin.spool()?, encoding)
    }

    fn from_spool(spool: &Spool, encoding: Option<&str>) -> Result<Self, Error> {
        let (columns, zone) = (BTreeMap::new(), TimeZone::UTC);
        let wish = Wish { columns: &columns, needs: &[], encoding, zone: &zone, sheet: None };
        let (form, _) = Form::open(spool, &spool.prefix()?, &wish)?;
        let (lookup, _) = form.read(spool, |rows| Self::gather(rows, spool.name()))?;
        Ok(lookup)
    }

    fn gather(rows: &mut dyn Rows, name: &str) -> Result<Self, Error> {
        let wrong = |line, what| Err(Error::Lookup { name: name.to_owned(), line, what });
        let mut lookup = Self::default();
        let mut record = StringRecord::new();
        let mut header = false;
        while let Some(line) = rows.next(&mut record)? {
            let cell = |place| record.get(place).map_or("", clean);
            if cell(0).is_empty() && cell(1).is_empty() {
                continue;
            }
            if !header {
                if [0, 1, 2].map(cell) != ["column", "code", "name"] {
                    return wrong(line, "the first row must be column,code,name");
                }
                header = true;
                continue;
            }
            let Ok(column) = Column::from_str(cell(0)) else {
                return wrong(line, "the first cell is the name of no column");
            };
            if cell(1).is_empty() || cell(2).is_empty() {
                return wrong(line, "a code and a name are needed");
            }
            let before = lookup.names.insert((column, cell(1).into()), cell(2).into());
            if before.is_some_and(|before| *before != *cell(2)) {
                return wrong(line, "the code was given another name further up");
            }
            if lookup.names.len() > MOST {
                return wrong(line, "there are more than 100,000 codes");
            }
        }
        Ok(lookup)
    }

    /// What a code stands for; `None` when the file does not say.
    pub fn name(&self, column: Column, code: &str) -> Option<&str> {
        if self.names.is_empty() {
            return None;
        }
        self.names.get(&(column, code.into())).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Lookup, Error> {
        Lookup::from_spool(&Spool::copy(text.as_bytes(), "codes.csv")?, None)
    }

    #[test]
    fn a_code_is_known_in_its_own_column() {
        let lookup = read("column,code,name\ndepartment,110,内科\nstatus,2,已退号\n").unwrap();
        assert_eq!(lookup.name(Column::Department, "110"), Some("内科"));
        assert_eq!(lookup.name(Column::Doctor, "110"), None);
    }

    #[test]
    fn a_file_at_fault_is_refused_with_its_line() {
        for (text, at) in [
            ("code,name\n1,x\n", 1),
            ("column,code,name\nroom number,1,x\n", 2),
            ("column,code,name\ndepartment,1,\n", 2),
            ("column,code,name\ndepartment,1,x\n\ndepartment,1,y\n", 4),
        ] {
            let error = read(text).unwrap_err();
            assert!(matches!(error, Error::Lookup { line, .. } if line == at), "{error}");
        }
    }
}
