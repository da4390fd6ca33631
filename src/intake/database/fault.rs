//! What can be wrong with a database as a source: with its address, its query, its columns, or on the way.
//!
//! Every message says what happened and, after its last semicolon, what to do. None shows a password or a cell.

use std::time::Duration;

use crate::intake::column::Column;

/// Why a database gave no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The address cannot be understood.
    #[error(
        "the address is not understood ({why}); write it as postgres://user@host/database, mysql://user@host/database, sqlite:file.db or odbc:DSN=name, with % codes for the special characters of a password"
    )]
    Address {
        /// What is wrong with it.
        why: String,
    },
    /// A parameter of the address that means nothing.
    #[error("the address has a parameter {name}, which is not known; the known ones are {known}")]
    AddressParameter {
        /// Its name.
        name: String,
        /// Those that are known.
        known: &'static str,
    },
    /// This program cannot speak ODBC.
    #[error(
        "this program was built without ODBC; build it with `cargo build --release --features odbc` where unixodbc-dev is installed"
    )]
    NoOdbc,
    /// Neither a query nor a table is said.
    #[error(
        "neither a query nor a table is given; set query or table beside the url in the settings, or add ?table=NAME to the address"
    )]
    NoQuestion,
    /// Both are said.
    #[error("a query and a table are given; leave one of them out")]
    TwoQuestions,
    /// The query is another statement.
    #[error("the query is no SELECT; write one statement that begins with SELECT or WITH")]
    NotSelect,
    /// There is more than one statement.
    #[error("the query holds more than one statement; write a single SELECT")]
    SeveralStatements,
    /// The query would write.
    #[error(
        "the query holds the word {word}, with which a statement writes; read from a view instead, or quote the name"
    )]
    Writes {
        /// The word.
        word: &'static str,
    },
    /// A comment that MySQL executes.
    #[error("the query holds a comment that MySQL executes, /*! … */; leave it out")]
    ExecutedComment,
    /// A quotation or comment has no end.
    #[error(
        "the query opens {opening} on its line {line} and never closes it; add the closing mark"
    )]
    Unclosed {
        /// What opens it.
        opening: char,
        /// The line of the query, from 1.
        line: usize,
    },
    /// A placeholder that nothing is bound to.
    #[error(
        "the query has a placeholder {name}; the known ones are :from, :to, :today, :from_text and :to_text"
    )]
    UnknownPlaceholder {
        /// The placeholder.
        name: String,
    },
    /// A `?` of the query's own.
    #[error("the query has a ? outside quotation marks; write :from, :to or :today")]
    BareParameter,
    /// A placeholder is compared with a type that it cannot be.
    #[error("the query compares {placeholder} with a value of type {kind}; {fix}")]
    Comparand {
        /// The placeholder.
        placeholder: &'static str,
        /// The database's name of the type.
        kind: String,
        /// What to write.
        fix: &'static str,
    },
    /// The server cannot be reached.
    #[error("cannot be reached ({why}); check host, port and network")]
    Connect {
        /// What the system says.
        why: String,
    },
    /// The server's certificate is not the one it should be, or TLS cannot be had.
    #[error(
        "no trusted TLS connection ({why}); name the certificate of the authority in the address, with sslrootcert= (PostgreSQL) or ssl-ca= (MySQL)"
    )]
    Tls {
        /// What the TLS library says.
        why: String,
    },
    /// The driver manager has no such driver or source.
    #[error(
        "the ODBC driver cannot be used ({why}); see which there are with `odbcinst -q -d` and `odbcinst -q -s`"
    )]
    Driver {
        /// What the driver manager says.
        why: String,
    },
    /// The file cannot be opened.
    #[error("cannot be opened ({why}); check the path and the rights of the file")]
    File {
        /// What the system says.
        why: String,
    },
    /// The server, or the driver, refused.
    #[error("the database says: {message}{}; {fix}", code(.state))]
    Server {
        /// SQLSTATE, where there is one.
        state: String,
        /// Its own words, without values.
        message: String,
        /// What to do.
        fix: &'static str,
    },
    /// The connection ended before the last row.
    #[error("the connection was lost before the last row ({why}); nothing was sent, run again")]
    Lost {
        /// What the system says.
        why: String,
    },
    /// The statement took too long.
    #[error(
        "the query took longer than {} s; an index on the date column helps, or raise timeout in the settings beside the url",
        .0.as_secs()
    )]
    TimedOut(Duration),
    /// A column of a type that is no text, number, date or time.
    #[error(
        "the column {column} has the type {kind}, which cannot be read; write {cast} in the query"
    )]
    Type {
        /// The column.
        column: String,
        /// The database's name of the type.
        kind: String,
        /// What to write instead.
        cast: String,
    },
    /// A needed column is not there.
    #[error(
        "no column for {missing}; right now it has columns called {found}: rename them with AS in the query, or map them in the settings under {section}"
    )]
    MissingColumns {
        /// What is needed.
        missing: String,
        /// The columns there are.
        found: String,
        /// The section of the settings.
        section: &'static str,
    },
    /// The settings name a column that is not there.
    #[error(
        "no column {wanted}, which the settings give for {column}; right now it has columns called {found}"
    )]
    NoSuchColumn {
        /// What the settings say.
        wanted: String,
        /// What it would have been.
        column: Column,
        /// The columns there are.
        found: String,
    },
    /// Two columns have one name.
    #[error("two columns are called \u{201c}{header}\u{201d}; rename one with AS in the query")]
    Doubled {
        /// Their name.
        header: String,
    },
    /// Two columns mean the same and do not say the same.
    #[error(
        "row {row}: \u{201c}{first}\u{201d} and \u{201c}{second}\u{201d} both look like {column} but differ; leave one out of the query, or say which one to use in the settings under [source.columns]"
    )]
    Contradiction {
        /// The row, from 1.
        row: u64,
        /// What both would be.
        column: Column,
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// Dates such as `03/04/2026`.
    #[error(
        "row {row}: the date may be day/month or month/day; set [source] day_order to \u{201c}day-first\u{201d} or \u{201c}month-first\u{201d}"
    )]
    UnknownDayOrder {
        /// The row, from 1.
        row: u64,
    },
    /// The server keeps no time zones, and the clinic's is no fixed one.
    #[error(
        "the server does not know the time zone {zone}; load its time zone tables (mysql_tzinfo_to_sql)"
    )]
    Zone {
        /// The clinic's zone.
        zone: String,
    },
}

impl Fault {
    /// Whether the settings or the command line are at fault, and no server was needed to find out.
    pub const fn is_of_settings(&self) -> bool {
        matches!(
            self,
            Self::Address { .. }
                | Self::AddressParameter { .. }
                | Self::NoOdbc
                | Self::NoQuestion
                | Self::TwoQuestions
                | Self::NotSelect
                | Self::SeveralStatements
                | Self::Writes { .. }
                | Self::ExecutedComment
                | Self::Unclosed { .. }
                | Self::UnknownPlaceholder { .. }
                | Self::BareParameter
        )
    }

    /// What a server says, by its SQLSTATE: the first two characters are the class.
    pub(super) fn server(state: Option<&str>, message: &str) -> Self {
        let state = state.unwrap_or_default();
        let class = state.get(..2).unwrap_or_default();
        let fix = match (class, state) {
            ("28", _) => "check user and password",
            ("08", _) => "check that the server is up",
            // SQLite has no codes of that kind; these are its words for it, and ours.
            ("", _) if message.contains("readonly") || message.contains("reads only") => {
                "only reading is allowed here: use a query that writes nothing"
            }
            ("25", _) | (_, "HY000") if message.to_lowercase().contains("read") => {
                "only reading is allowed here: use a query that writes nothing"
            }
            (_, "42501") => "ask for the right to SELECT from this view",
            (_, "42000") if message.contains("denied") => {
                "ask for the right to SELECT from this view"
            }
            ("42", _) => "correct the query or the table's name, as the database itself writes it",
            ("22", _) => {
                "a value in the table is not what the query takes it for: correct the query"
            }
            ("40", _) => "run again",
            _ => "ask the database's administrator, with these words",
        };
        let message = if class == "22" { without_values(message) } else { message.to_owned() };
        Self::Server { state: state.to_owned(), message: one_line(&message), fix }
    }

    /// A read that failed on the way.
    pub(super) fn lost(why: &dyn std::fmt::Display) -> Self {
        Self::Lost { why: one_line(&why.to_string()) }
    }

    /// A connection that was not made.
    pub(super) fn connect(why: &dyn std::fmt::Display) -> Self {
        Self::Connect { why: one_line(&why.to_string()) }
    }
}

fn code(state: &str) -> String {
    if state.is_empty() { String::new() } else { format!(" ({state})") }
}

/// Foreign words on one line, without the semicolons that divide a message from its remedy.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut line: String = words.join(" ").replace(';', ",").chars().take(300).collect();
    line.truncate(line.trim_end_matches(['.', ',']).len());
    line
}

/// An error about data may quote a patient's data: what stands in quotation marks is left out.
fn without_values(message: &str) -> String {
    let mut shown = String::new();
    let mut inside = None;
    for c in message.chars() {
        match inside {
            Some(mark) if c == mark => {
                inside = None;
                shown.push(c);
            }
            Some(_) => {}
            None => {
                shown.push(c);
                if matches!(c, '"' | '\'') {
                    inside = Some(c);
                    shown.push('…');
                }
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_about_data_does_not_quote_it() {
        let fault = Fault::server(Some("22007"), "invalid input syntax for type date: \"王小明\"");
        assert!(!fault.to_string().contains("王小明"), "{fault}");
        assert!(fault.to_string().contains("type date: \"…\" (22007)"), "{fault}");
        let fault = Fault::server(Some("42703"), "column \"startt\" does not exist");
        assert!(fault.to_string().contains("\"startt\""), "{fault}");
    }

    #[test]
    fn a_query_that_would_write_is_told_to_read() {
        for (state, message) in [
            (None, "the statement writes, and the session reads only"),
            (None, "attempt to write a readonly database"),
            (Some("25006"), "cannot execute INSERT in a read-only transaction"),
        ] {
            let told = Fault::server(state, message).to_string();
            assert!(told.ends_with("use a query that writes nothing"), "{told}");
        }
    }

    #[test]
    fn foreign_words_are_one_line_without_semicolons() {
        assert_eq!(one_line("a\n b; c."), "a b, c");
    }
}
