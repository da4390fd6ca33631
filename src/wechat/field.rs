//! What each kind of template key may hold: WeChat's table of parameter rules, checked before anything is sent.
//!
//! The table is on the page of `/cgi-bin/message/template/send` and, for the kinds that only older templates have,
//! on that of subscription messages. Lengths are counted in characters (Unicode scalar values): the pages do not
//! say what they count, and for all that passes here the possible answers agree.
//!
//! An error names the key and what is wrong, never the value: it may be a patient's name.

mod characters;
mod moment;

use std::fmt;

use serde::Serialize;

use characters::{is_currency, is_emoji, is_ideograph, is_invisible, is_line_break, is_symbol};

/// The kind of a key: the letters before its number.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyKind {
    /// `thing`: any text, at most 20 characters.
    Thing,
    /// `character_string`: digits, letters and symbols, no Chinese, at most 32 characters.
    CharacterString,
    /// `time`: a 24-hour time with or without a date before it, or two of them joined by `~`.
    Time,
    /// `date`: a date with or without a time, or two of them joined by `~`.
    Date,
    /// `amount`: a currency symbol, at most 10 digits, decimals, 元.
    Amount,
    /// `phone_number`: digits and symbols, at most 17.
    PhoneNumber,
    /// `car_number`: at most 8; the first and last may be Chinese, the others are letters and digits.
    CarNumber,
    /// `const`: one of the values registered for the template, at most 20 characters.
    Const,
    /// `name`: at most 10 characters if one is Chinese, else 20 letters and symbols.
    Name,
    /// `number`: digits, at most 32, decimals allowed.
    Number,
    /// `letter`: letters, at most 32.
    Letter,
    /// `symbol`: symbols, at most 5.
    Symbol,
    /// `phrase`: Chinese, at most 5 characters.
    Phrase,
    /// `enum`: one of the values registered for the template.
    Enum,
    /// `short_thing`: its limit is not documented, so none is applied.
    ShortThing,
    /// `keyword`, and whatever else older templates use: one line, of which 20 characters are shown.
    Keyword,
    /// `first` and `remark`: sent, but not shown since 2023-05-04.
    Unshown,
}

/// What is wrong with a value.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing, or only spaces: WeChat answers `is empty`.
    #[error("it is empty")]
    Empty,
    /// More characters than fit.
    #[error("{length} characters are too long, {limit} fit")]
    TooLong {
        /// How many fit.
        limit: usize,
        /// How many there are.
        length: usize,
    },
    /// A character that this kind does not take.
    #[error("only {allowed} are allowed")]
    Charset {
        /// What it takes.
        allowed: &'static str,
    },
    /// Not written the way this kind wants it.
    #[error("it must be {expected}")]
    Format {
        /// How it wants it.
        expected: &'static str,
    },
    /// A line break: what follows it would not be shown.
    #[error("it has a line break")]
    LineBreak,
    /// A control character.
    #[error("it has a control character")]
    Control,
    /// An invisible character, or one that reorders the text around it.
    #[error("it has an invisible character (zero-width or text direction)")]
    Invisible,
    /// An emoji or another character that WeChat drops or shows as □.
    #[error("it has an emoji or another character that WeChat does not show")]
    Emoji,
}

/// A value that its key does not take.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct FieldError {
    /// The key, such as `thing1`.
    pub key: String,
    /// What is wrong.
    pub problem: Problem,
}

impl KeyKind {
    /// The kind of a key. A name that is not in WeChat's table counts as an older template's.
    pub fn of(key: &str) -> Self {
        match key.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "thing" => Self::Thing,
            "character_string" => Self::CharacterString,
            "time" => Self::Time,
            "date" => Self::Date,
            "amount" => Self::Amount,
            "phone_number" => Self::PhoneNumber,
            "car_number" => Self::CarNumber,
            "const" => Self::Const,
            "name" => Self::Name,
            "number" => Self::Number,
            "letter" => Self::Letter,
            "symbol" => Self::Symbol,
            "phrase" => Self::Phrase,
            "enum" => Self::Enum,
            "short_thing" => Self::ShortThing,
            "first" | "remark" => Self::Unshown,
            _ => Self::Keyword,
        }
    }

    /// How many characters fit, where that is one number. A `name` with a Chinese character takes 10.
    pub fn limit(self) -> Option<usize> {
        match self {
            Self::Thing | Self::Const | Self::Name | Self::Keyword => Some(20),
            Self::CharacterString | Self::Number | Self::Letter => Some(32),
            Self::PhoneNumber => Some(17),
            Self::CarNumber => Some(8),
            Self::Symbol | Self::Phrase => Some(5),
            Self::Time
            | Self::Date
            | Self::Amount
            | Self::Enum
            | Self::ShortThing
            | Self::Unshown => None,
        }
    }

    /// The rule in words, for people.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Thing => "any text on one line, at most 20 characters",
            Self::CharacterString => {
                "letters, digits and symbols without Chinese, at most 32 characters"
            }
            Self::Time => moment::TIME,
            Self::Date => moment::DATE,
            Self::Amount => AMOUNT,
            Self::PhoneNumber => "digits and symbols, at most 17",
            Self::CarNumber => CAR_NUMBER,
            Self::Const => "one of the values registered for the template, at most 20 characters",
            Self::Name => "at most 10 characters with Chinese, or 20 letters and symbols",
            Self::Number => "digits with or without decimals, at most 32",
            Self::Letter => "letters A to Z, at most 32",
            Self::Symbol => "symbols, at most 5",
            Self::Phrase => "Chinese characters, at most 5",
            Self::Enum => "one of the values registered for the template",
            Self::ShortThing => "short text on one line",
            Self::Keyword => "any text on one line, at most 20 characters are shown",
            Self::Unshown => "any text; WeChat has not shown it since 2023",
        }
    }

    /// Checks a value against the rule. `max` replaces the 20 characters of a [`Keyword`](Self::Keyword); for other
    /// kinds it can only make the limit smaller.
    pub fn check(self, value: &str, max: Option<usize>) -> Result<(), Problem> {
        self.check_characters(value)?;
        if self != Self::Unshown && value.trim().is_empty() {
            return Err(Problem::Empty);
        }
        let limit = match (self, self.limit(), max) {
            (Self::Keyword, _, Some(max)) => Some(max),
            (_, Some(limit), Some(max)) => Some(limit.min(max)),
            (_, limit, max) => limit.or(max),
        };
        self.check_form(value)?;
        within(value, limit.unwrap_or(usize::MAX))
    }

    fn check_characters(self, value: &str) -> Result<(), Problem> {
        for c in value.chars() {
            match c {
                // Never shown, so a break in it does no harm; older templates begin `remark` with one.
                '\n' | '\r' if self == Self::Unshown => {}
                c if is_line_break(c) => return Err(Problem::LineBreak),
                c if c.is_control() => return Err(Problem::Control),
                _ if self == Self::Unshown => {}
                c if is_invisible(c) => return Err(Problem::Invisible),
                c if is_emoji(c) => return Err(Problem::Emoji),
                _ => {}
            }
        }
        Ok(())
    }

    fn check_form(self, value: &str) -> Result<(), Problem> {
        let all = |allowed, fits: fn(char) -> bool| {
            if value.chars().all(fits) { Ok(()) } else { Err(Problem::Charset { allowed }) }
        };
        let form =
            |expected, fits: bool| if fits { Ok(()) } else { Err(Problem::Format { expected }) };
        match self {
            Self::CharacterString => {
                all("letters, digits and symbols (no Chinese)", |c| c.is_ascii() || is_symbol(c))
            }
            Self::PhoneNumber => all("digits and symbols", |c| c.is_ascii_digit() || is_symbol(c)),
            Self::Letter => all("letters A to Z", |c| c.is_ascii_alphabetic()),
            Self::Symbol => all("symbols", |c| is_symbol(c) && c != ' '),
            Self::Phrase => all("Chinese characters", is_ideograph),
            Self::Name => check_name(value),
            Self::Number => form("a number such as 42 or 4.5", is_decimal(value)),
            Self::Time => form(moment::TIME, moment::is_time(value)),
            Self::Date => form(moment::DATE, moment::is_date(value)),
            Self::Amount => form(AMOUNT, is_amount(value)),
            Self::CarNumber => form(CAR_NUMBER, is_car_number(value)),
            Self::Thing
            | Self::Const
            | Self::Enum
            | Self::ShortThing
            | Self::Keyword
            | Self::Unshown => Ok(()),
        }
    }
}

/// Checks a value against the rule of its key: [`KeyKind::check`] with the key in the error.
pub fn check(key: &str, value: &str, max: Option<usize>) -> Result<(), FieldError> {
    KeyKind::of(key)
        .check(value, max)
        .map_err(|problem| FieldError { key: key.to_owned(), problem })
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule())
    }
}

const AMOUNT: &str = "an amount of at most 10 digits, such as ￥100.21 or 410.67元";
const CAR_NUMBER: &str = "a number plate such as 粤A8Z888挂";

fn within(value: &str, limit: usize) -> Result<(), Problem> {
    let length = value.chars().count();
    if length > limit { Err(Problem::TooLong { limit, length }) } else { Ok(()) }
}

fn check_name(value: &str) -> Result<(), Problem> {
    if !value.chars().all(|c| c.is_alphabetic() || is_symbol(c)) {
        return Err(Problem::Charset { allowed: "Chinese characters, letters and symbols" });
    }
    within(value, if value.chars().any(is_ideograph) { 10 } else { 20 })
}

fn is_decimal(value: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    value
        .split_once('.')
        .map_or_else(|| digits(value), |(whole, decimals)| digits(whole) && digits(decimals))
}

fn is_amount(value: &str) -> bool {
    let number = value.strip_prefix(is_currency).unwrap_or(value);
    let number = number.strip_suffix('元').unwrap_or(number);
    is_decimal(number) && number.bytes().filter(u8::is_ascii_digit).count() <= 10
}

fn is_car_number(value: &str) -> bool {
    let last = value.chars().count().saturating_sub(1);
    let fits = |(at, c): (usize, char)| {
        c.is_ascii_alphanumeric() || ((at == 0 || at == last) && is_ideograph(c))
    };
    value.chars().enumerate().all(fits)
}

#[cfg(test)]
mod tests;
