//! SQL taken apart just far enough: what is quoted, what is a comment, where words, placeholders and semicolons stand.
//!
//! Whatever is not understood is copied as it is: the database reads the statement, not this scanner. What must be right
//! is that nothing inside quotation marks or comments is taken for a placeholder, in the engine's own rules.

/// Whose rules of quoting hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL: `E'…\'…'`, `$tag$…$tag$`, `::`, nested comments.
    Postgres,
    /// MySQL and MariaDB: backslashes in strings, `` `name` ``, `#` comments.
    MySql,
    /// SQLite: every quotation mark there is.
    Sqlite,
    /// Whatever is behind ODBC: the standard, `` `name` `` and `[name]`.
    Odbc,
}

/// A piece of a statement; all pieces one after the other are the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// White space or a comment.
    Blank(&'a str),
    /// A word outside quotation marks: a keyword, a name.
    Word(&'a str),
    /// A placeholder, with its colon: `:from`.
    Placeholder(&'a str),
    /// Anything else, quoted text and quoted names included.
    Other(&'a str),
}

/// A quotation or comment without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// What opened it.
    pub opening: char,
    /// The line of the statement on which it opens, from 1.
    pub line: usize,
}

/// Takes a statement apart.
pub(super) fn pieces(sql: &str, dialect: Dialect) -> Result<Vec<Piece<'_>>, Unclosed> {
    let mut pieces = Vec::new();
    let mut rest = sql;
    let mut word_before = "";
    while let Some(first) = rest.chars().next() {
        let scan = Scan { rest, first, dialect, word_before };
        let (length, kind) = scan.next().ok_or_else(|| Unclosed {
            opening: first,
            line: 1 + sql[..sql.len() - rest.len()].matches('\n').count(),
        })?;
        let (text, after) = rest.split_at(length);
        pieces.push(kind(text));
        word_before = if matches!(pieces.last(), Some(Piece::Word(_))) { text } else { "" };
        rest = after;
    }
    Ok(pieces)
}

type Kind<'a> = fn(&'a str) -> Piece<'a>;

struct Scan<'a> {
    rest: &'a str,
    first: char,
    dialect: Dialect,
    /// The word that ends right before, as the `E` of `E'…'`.
    word_before: &'a str,
}

impl<'a> Scan<'a> {
    /// The next piece's length and kind; `None` when it never ends.
    fn next(&self) -> Option<(usize, Kind<'a>)> {
        use Dialect::{MySql, Odbc, Postgres, Sqlite};
        let rest = self.rest;
        match self.first {
            c if c.is_whitespace() => Some((self.run(char::is_whitespace), Piece::Blank)),
            '-' if self.begins_dashes() => Some((line_end(rest), Piece::Blank)),
            '#' if self.dialect == MySql => Some((line_end(rest), Piece::Blank)),
            '/' if rest.starts_with("/*") => Some((self.comment()?, Piece::Blank)),
            '\'' => Some((self.quoted('\'', self.has_backslashes())?, Piece::Other)),
            '"' => Some((self.quoted('"', self.dialect == MySql)?, Piece::Other)),
            '`' if self.dialect != Postgres => Some((self.quoted('`', false)?, Piece::Other)),
            '[' if matches!(self.dialect, Sqlite | Odbc) => {
                Some((self.quoted(']', false)?, Piece::Other))
            }
            '$' if self.dialect == Postgres => Some((self.dollars()?, Piece::Other)),
            ':' => Some(self.colon()),
            c if is_word_start(c) => Some((self.run(is_word), Piece::Word)),
            c if c.is_ascii_digit() => Some((self.run(|c| is_word(c) || c == '.'), Piece::Other)),
            c => Some((c.len_utf8(), Piece::Other)),
        }
    }

    fn run(&self, belongs: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len())
    }

    /// In MySQL `5--3` is arithmetic: the dashes of a comment have white space after them.
    fn begins_dashes(&self) -> bool {
        let Some(after) = self.rest.strip_prefix("--") else { return false };
        self.dialect != Dialect::MySql || after.is_empty() || after.starts_with(char::is_whitespace)
    }

    fn has_backslashes(&self) -> bool {
        match self.dialect {
            Dialect::MySql => true,
            Dialect::Postgres => self.word_before.eq_ignore_ascii_case("e"),
            Dialect::Sqlite | Dialect::Odbc => false,
        }
    }

    /// Up to the closing mark; a doubled one stands for itself.
    fn quoted(&self, closing: char, backslashes: bool) -> Option<usize> {
        let mut characters = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = characters.next() {
            if c == '\\' && backslashes {
                characters.next();
            } else if c == closing && characters.next_if(|(_, next)| *next == closing).is_none() {
                return Some(at + closing.len_utf8());
            }
        }
        None
    }

    /// Up to the end of a comment, which may hold others where the engine says so.
    fn comment(&self) -> Option<usize> {
        let nests = matches!(self.dialect, Dialect::Postgres | Dialect::Odbc);
        let (mut at, mut depth) = (2, 1);
        while depth > 0 {
            let rest = &self.rest[at..];
            let end = rest.find("*/")?;
            if let Some(inner) = rest[..end].find("/*").filter(|_| nests) {
                at += inner + 2;
                depth += 1;
            } else {
                at += end + 2;
                depth -= 1;
            }
        }
        Some(at)
    }

    /// `$tag$…$tag$`, else the dollar sign alone.
    fn dollars(&self) -> Option<usize> {
        let after = &self.rest[1..];
        let tag = after.find(|c| !is_word(c) || c == '$').unwrap_or(after.len());
        let is_tag =
            after[tag..].starts_with('$') && !after.starts_with(|c: char| c.is_ascii_digit());
        if !is_tag {
            return Some(1);
        }
        let mark = &self.rest[..tag + 2];
        self.rest[mark.len()..].find(mark).map(|end| end + 2 * mark.len())
    }

    /// `:from`, or the colons of `::date`, `:=` and `a[1:2]`.
    fn colon(&self) -> (usize, Kind<'a>) {
        let after = &self.rest[1..];
        if after.starts_with([':', '=']) {
            return (2, Piece::Other);
        }
        if !after.starts_with(is_word_start) {
            return (1, Piece::Other);
        }
        let name = after.find(|c| !is_word(c)).unwrap_or(after.len());
        (1 + name, Piece::Placeholder)
    }
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Dialect; 4] = [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite, Dialect::Odbc];

    fn placeholders(sql: &str, dialect: Dialect) -> Vec<&str> {
        let pieces = pieces(sql, dialect).unwrap();
        let name = |piece: &Piece<'_>| matches!(piece, Piece::Placeholder(_));
        pieces
            .into_iter()
            .filter(name)
            .map(|piece| match piece {
                Piece::Placeholder(text) => text,
                _ => "",
            })
            .collect()
    }

    #[test]
    fn a_placeholder_stands_outside_quotation_marks_comments_and_casts() {
        for (sql, dialects) in [
            ("SELECT ':a', \":b\" -- :c\n/* :d */ FROM x WHERE t >= :from", &ALL[..]),
            ("SELECT 'it''s :a' FROM x WHERE t >= :from", &ALL),
            ("SELECT t::date, a[1:2], x := 1 FROM x WHERE t >= :from", &[Dialect::Postgres]),
            ("SELECT E'\\':a', $$:b$$, $q$ :c $$ $q$ WHERE t >= :from", &[Dialect::Postgres]),
            ("SELECT 'a\\', /* /* :b */ :c */ t >= :from", &[Dialect::Postgres]),
            ("SELECT 'a\\':b', `:c`, 5--3 # :d\n t >= :from", &[Dialect::MySql]),
            ("SELECT 'a\\', [:b], `:c`, t >= :from", &[Dialect::Sqlite, Dialect::Odbc]),
            ("SELECT '中文:a', 状态 FROM 预约 WHERE t>=:from", &ALL),
        ] {
            for dialect in dialects {
                assert_eq!(placeholders(sql, *dialect), [":from"], "{dialect:?}: {sql}");
            }
        }
    }

    #[test]
    fn what_never_ends_is_named_with_its_line() {
        for (sql, opening) in [("SELECT\n 'a", '\''), ("SELECT\n/* a", '/'), ("a\n\"", '"')] {
            let unclosed = Unclosed { opening, line: 2 };
            assert_eq!(pieces(sql, Dialect::Postgres), Err(unclosed));
        }
    }

    /// A part of a statement, and how many placeholders it has.
    fn part() -> impl Strategy<Value = (String, usize)> {
        let quoted = "[a-z:'\" ]{0,8}";
        prop_oneof![
            quoted.prop_map(|text| (format!("'{}'", text.replace('\'', "''")), 0)),
            quoted.prop_map(|text| (format!("\"{}\"", text.replace('"', "\"\"")), 0)),
            "[a-z:' ]{0,8}".prop_map(|text| (format!("-- {text}\n"), 0)),
            "[a-z:' ]{0,8}".prop_map(|text| (format!("/*{text}*/"), 0)),
            Just((" a::text ".to_owned(), 0)),
            Just((" >= ".to_owned(), 0)),
            Just((" :from ".to_owned(), 1)),
        ]
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_statement(sql in "[a-z:'\"$`#/*\\[\\];\\\\ \n中-]{0,40}") {
            for dialect in ALL {
                let Ok(pieces) = pieces(&sql, dialect) else { continue };
                let whole: String = pieces.into_iter().map(|piece| match piece {
                    Piece::Blank(text) | Piece::Word(text) | Piece::Placeholder(text) | Piece::Other(text) => text,
                }).collect();
                prop_assert_eq!(&whole, &sql);
            }
        }

        #[test]
        fn only_what_stands_free_is_a_placeholder(parts in proptest::collection::vec(part(), 0..8)) {
            // Between the parts stands a blank, so that no two quotations run together.
            let sql: Vec<&str> = parts.iter().map(|(text, _)| text.as_str()).collect();
            let wanted: usize = parts.iter().map(|(_, count)| count).sum();
            for dialect in ALL {
                prop_assert_eq!(placeholders(&sql.join(" "), dialect).len(), wanted);
            }
        }
    }
}
