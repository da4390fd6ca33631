//! The query of the settings: one SELECT, its placeholders turned into the engine's parameters.

use std::fmt::Write as _;

use super::fault::Fault;
use super::scan::{self, Dialect, Piece};

/// What may be bound to a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// `:from`: the first day that is asked for.
    From,
    /// `:to`: the day after the last.
    To,
    /// `:today`: the clinic's day.
    Today,
    /// `:from_text`: the same as text, `2026-11-30`.
    FromText,
    /// `:to_text`: the same as text.
    ToText,
}

impl Parameter {
    const ALL: [(&'static str, Self); 5] = [
        (":from", Self::From),
        (":to", Self::To),
        (":today", Self::Today),
        (":from_text", Self::FromText),
        (":to_text", Self::ToText),
    ];

    /// The placeholder in the query.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::From => ":from",
            Self::To => ":to",
            Self::Today => ":today",
            Self::FromText => ":from_text",
            Self::ToText => ":to_text",
        }
    }

    /// Whether it is bound as text whatever the column is.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::FromText | Self::ToText)
    }

    fn named(placeholder: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == placeholder).map(|(_, parameter)| parameter)
    }
}

/// A statement as the engine takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Select {
    /// The SQL.
    pub sql: String,
    /// What is bound, in the order of the SQL's parameters.
    pub parameters: Vec<Parameter>,
}

/// The words with which a statement writes. A server's own read-only mode stops them; some drivers have none.
const WRITES: [&str; 4] = ["insert", "update", "delete", "merge"];

impl Select {
    /// Reads the query. What is no single SELECT is refused here, before any server sees it.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, Fault> {
        let pieces = scan::pieces(text, dialect).map_err(|unclosed| Fault::Unclosed {
            opening: unclosed.opening,
            line: unclosed.line,
        })?;
        let pieces = single(&pieces)?;
        check(pieces, dialect)?;
        let mut select =
            Self { sql: String::with_capacity(text.len() + 16), parameters: Vec::new() };
        for piece in pieces {
            match *piece {
                Piece::Placeholder(name) => {
                    let parameter = Parameter::named(name)
                        .ok_or_else(|| Fault::UnknownPlaceholder { name: name.to_owned() })?;
                    select.bind(parameter, dialect);
                }
                Piece::Blank(text) | Piece::Word(text) | Piece::Other(text) => {
                    select.sql.push_str(text);
                }
            }
        }
        Ok(select)
    }

    /// A statement without parameters.
    pub fn plain(sql: String) -> Self {
        Self { sql, parameters: Vec::new() }
    }

    /// Appends a parameter, each with a place of its own: one placeholder may be compared with columns of several types.
    pub fn bind(&mut self, parameter: Parameter, dialect: Dialect) {
        self.parameters.push(parameter);
        let placed = match (dialect, parameter) {
            (Dialect::Postgres, _) => write!(self.sql, "${}", self.parameters.len()),
            // MySQL's protocol does not say what type a parameter is compared with: the statement does.
            (Dialect::MySql, Parameter::From | Parameter::To) => {
                write!(self.sql, "CAST(? AS DATETIME)")
            }
            (Dialect::MySql, Parameter::Today) => write!(self.sql, "CAST(? AS DATE)"),
            _ => write!(self.sql, "?"),
        };
        // Writing to a string cannot fail.
        let _ = placed;
    }
}

/// The pieces of the only statement, without a semicolon at its end.
fn single<'p, 'a>(pieces: &'p [Piece<'a>]) -> Result<&'p [Piece<'a>], Fault> {
    let end = pieces.iter().position(|piece| *piece == Piece::Other(";"));
    let Some(end) = end else { return Ok(pieces) };
    let (statement, rest) = pieces.split_at(end);
    let blank = |piece: &Piece<'_>| matches!(piece, Piece::Blank(_) | Piece::Other(";"));
    if rest.iter().all(blank) { Ok(statement) } else { Err(Fault::SeveralStatements) }
}

fn check(pieces: &[Piece<'_>], dialect: Dialect) -> Result<(), Fault> {
    let first = pieces
        .iter()
        .find(|piece| !matches!(piece, Piece::Blank(_)) && **piece != Piece::Other("("));
    match first {
        Some(Piece::Word(word))
            if ["select", "with"].iter().any(|known| word.eq_ignore_ascii_case(known)) => {}
        _ => return Err(Fault::NotSelect),
    }
    for piece in pieces {
        match *piece {
            // SELECT … INTO writes a table or, in MySQL, a file.
            Piece::Word(word) if word.eq_ignore_ascii_case("into") => {
                return Err(Fault::Writes { word: "INTO" });
            }
            Piece::Word(word) if dialect == Dialect::Odbc => {
                if let Some(write) = WRITES.iter().find(|write| word.eq_ignore_ascii_case(write)) {
                    return Err(Fault::Writes { word: write });
                }
            }
            Piece::Blank(comment) if dialect == Dialect::MySql && is_executed(comment) => {
                return Err(Fault::ExecutedComment);
            }
            Piece::Other("?") if dialect != Dialect::Postgres => return Err(Fault::BareParameter),
            _ => {}
        }
    }
    Ok(())
}

/// `/*! … */` and `/*M! … */` are comments for everybody but MySQL and MariaDB.
fn is_executed(comment: &str) -> bool {
    comment.starts_with("/*!") || comment.starts_with("/*M!")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str, dialect: Dialect) -> String {
        Select::parse(text, dialect).unwrap().sql
    }

    #[test]
    fn placeholders_become_the_engines_parameters() {
        let text = "SELECT a FROM v WHERE d >= :from AND d < :to AND e >= :from_text;\n";
        assert_eq!(
            sql(text, Dialect::Postgres),
            "SELECT a FROM v WHERE d >= $1 AND d < $2 AND e >= $3"
        );
        assert_eq!(
            sql(text, Dialect::MySql),
            "SELECT a FROM v WHERE d >= CAST(? AS DATETIME) AND d < CAST(? AS DATETIME) AND e >= ?"
        );
        assert_eq!(sql(text, Dialect::Sqlite), "SELECT a FROM v WHERE d >= ? AND d < ? AND e >= ?");
        let select = Select::parse(text, Dialect::Odbc).unwrap();
        assert_eq!(select.parameters, [Parameter::From, Parameter::To, Parameter::FromText]);
    }

    #[test]
    fn only_one_select_passes() {
        for text in [
            "select 1",
            "  -- why\n (SELECT 1) UNION (SELECT 2) ; -- end",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "SELECT 'insert into', \"update\" FROM x",
            "SELECT updated_at, deleted, last_update FROM x",
        ] {
            assert!(Select::parse(text, Dialect::Odbc).is_ok(), "{text}");
        }
        for text in ["", "DELETE FROM x", "-- SELECT\nUPDATE x SET a = 1", "CALL p()", "PRAGMA x"] {
            assert_eq!(Select::parse(text, Dialect::Postgres), Err(Fault::NotSelect), "{text}");
        }
        for text in ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE x;"] {
            assert_eq!(Select::parse(text, Dialect::MySql), Err(Fault::SeveralStatements));
        }
    }

    #[test]
    fn what_writes_is_refused_where_no_server_would() {
        let parse = |text, dialect| Select::parse(text, dialect).unwrap_err();
        let outfile = parse("SELECT * FROM x INTO OUTFILE '/tmp/x'", Dialect::MySql);
        assert_eq!(outfile, Fault::Writes { word: "INTO" });
        let with = parse("WITH a AS (SELECT 1) DELETE FROM x", Dialect::Odbc);
        assert_eq!(with, Fault::Writes { word: "delete" });
        let hidden = parse("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", Dialect::MySql);
        assert_eq!(hidden, Fault::ExecutedComment);
    }

    #[test]
    fn a_parameter_that_nothing_is_bound_to_is_refused() {
        let parse = |text, dialect| Select::parse(text, dialect).unwrap_err();
        let unknown = parse("SELECT 1 WHERE d >= :form", Dialect::Postgres);
        assert_eq!(unknown, Fault::UnknownPlaceholder { name: ":form".to_owned() });
        assert_eq!(parse("SELECT 1 WHERE d >= ?", Dialect::Sqlite), Fault::BareParameter);
    }
}
