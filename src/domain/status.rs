//! Whether a visit will take place: an allow-list of the words that hospital systems use.
//!
//! What is on no list is not reminded, and said. Bare digits mean different things in different systems
//! (退号标志 0/1, GHBZ 2), so none is known unless the configuration says so.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// What a row's status says about reminding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// The source has no status column: every row counts.
    Absent,
    /// The visit is booked.
    Remind,
    /// The visit is not firm yet: unpaid, unconfirmed, waiting.
    Hold,
    /// Cancelled, moved, missed, under way or over.
    Never,
    /// A word on no list.
    Unknown,
}

impl Status {
    /// Several status-like columns must all allow: the one that allows least decides.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// Whether a reminder may be sent.
    pub const fn allows(self) -> bool {
        matches!(self, Self::Absent | Self::Remind)
    }
}

const REMIND: &[&str] = &[
    "booked",
    "confirmed",
    "scheduled",
    "已预约",
    "预约成功",
    "预约",
    "已挂号",
    "已确认",
    "待就诊",
    "未就诊",
    "已缴费",
    "已支付",
    "已排程",
    "預約",
    "已預約",
    "預約成功",
    "已掛號",
    "已確認",
    "待就診",
    "未就診",
    "已繳費",
    "e",
];

const HOLD: &[&str] = &[
    "pending",
    "proposed",
    "tentative",
    "waitlist",
    "waitlisted",
    "待确认",
    "待支付",
    "未支付",
    "候补",
    "候補",
    "待審",
    "待審核",
    "待審核中",
    "待審查",
    "待確認",
    "待繳費",
    "未繳費",
    "待审核",
];

const NEVER: &[&str] = &[
    "cancelled",
    "canceled",
    "已取消",
    "取消",
    "退号",
    "已退号",
    "已退费",
    "作废",
    "已作废",
    "停诊",
    "已停诊",
    "改期",
    "已改期",
    "已改约",
    "替换",
    "過號",
    "过号",
    "noshow",
    "no-show",
    "no show",
    "爽约",
    "爽約",
    "未到",
    "失约",
    "失約",
    "entered-in-error",
    "deleted",
    "dc",
    "arrived",
    "checked-in",
    "checked in",
    "已取号",
    "已报到",
    "已報到",
    "签到",
    "已签到",
    "簽到",
    "就诊中",
    "看診中",
    "fulfilled",
    "completed",
    "complete",
    "已就诊",
    "已就診",
    "完診",
    "rescheduled",
    "退掛",
    "已退掛",
    "退號",
    "已退號",
    "停診",
    "作廢",
    "已改約",
    "started",
    "blocked",
    "h",
    "f",
];

/// The words and what they mean; the built-in lists, or the configuration's.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    words: HashMap<String, Status>,
    of_columns: bool,
}

/// How a configuration changes the built-in lists.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// The words that allow a reminder, instead of the built-in ones.
    pub remind: Option<&'a [String]>,
    /// Words that allow one as well, such as `pending` in a system that never confirms.
    pub also: &'a [String],
    /// Words for visits that are not firm yet.
    pub hold: &'a [String],
    /// Words that forbid a reminder.
    pub never: &'a [String],
}

impl Default for Vocabulary {
    fn default() -> Self {
        let lists = [(REMIND, Status::Remind), (HOLD, Status::Hold), (NEVER, Status::Never)];
        let words = lists
            .into_iter()
            .flat_map(|(list, status)| list.iter().map(move |word| (normalise(word), status)));
        Self { words: words.collect(), of_columns: false }
    }
}

impl Vocabulary {
    /// The built-in lists as the configuration changes them. A word may be of one column: `退号标志=0`.
    pub fn with(change: &Change<'_>) -> Self {
        let mut vocabulary = Self::default();
        if let Some(remind) = change.remind {
            vocabulary.words.retain(|_, status| *status != Status::Remind);
            vocabulary.set(remind, Status::Remind);
        }
        vocabulary.set(change.also, Status::Remind);
        vocabulary.set(change.hold, Status::Hold);
        vocabulary.set(change.never, Status::Never);
        vocabulary
    }

    fn set(&mut self, words: &[String], status: Status) {
        self.of_columns |= words.iter().any(|word| word.contains(['=', '＝']));
        self.words.extend(words.iter().map(|word| (normalise(word), status)));
    }

    /// What a word means, whatever column it stands in. An empty one is no permission.
    pub fn read(&self, word: &str) -> Status {
        self.words.get(&normalise(word)).copied().unwrap_or(Status::Unknown)
    }

    /// Whether some words are of one column only.
    pub fn knows_columns(&self) -> bool {
        self.of_columns
    }

    /// What a word means in a column, which may have words of its own.
    pub fn read_in(&self, column: &str, word: &str) -> Status {
        let own = self.words.get(&normalise(&format!("{column}={word}"))).copied();
        own.unwrap_or_else(|| self.read(word))
    }

    /// The words that allow a reminder, sorted, for an error that says what is known.
    pub fn reminded(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self
            .words
            .iter()
            .filter(|(_, status)| **status == Status::Remind)
            .map(|(word, _)| word.as_str())
            .collect();
        words.sort_unstable();
        words
    }
}

/// NFKC, lower case, no surrounding space and none around `=`: how words are compared.
fn normalise(word: &str) -> String {
    let word: String = word.nfkc().flat_map(char::to_lowercase).collect();
    match word.split_once('=') {
        Some((column, word)) => format!("{}={}", column.trim(), word.trim()),
        None => word.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_case_do_not_matter() {
        let vocabulary = Vocabulary::default();
        assert_eq!(vocabulary.read(" ＢＯＯＫＥＤ "), Status::Remind);
        assert_eq!(vocabulary.read("NoShow"), Status::Never);
    }

    #[test]
    fn digits_and_empty_cells_allow_nothing() {
        let vocabulary = Vocabulary::default();
        for cell in ["", "0", "1", "2", "Y", "N", "随便"] {
            assert_eq!(vocabulary.read(cell), Status::Unknown, "{cell}");
        }
    }

    #[test]
    fn the_lists_do_not_overlap() {
        let all: Vec<String> =
            [REMIND, HOLD, NEVER].concat().iter().map(|word| normalise(word)).collect();
        let mut once = all.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), all.len());
    }

    #[test]
    fn the_configuration_replaces_what_is_reminded() {
        let change = Change {
            remind: Some(&["2".to_owned()]),
            never: &["已预约".to_owned()],
            ..Change::default()
        };
        let vocabulary = Vocabulary::with(&change);
        assert_eq!(vocabulary.read("2"), Status::Remind);
        assert_eq!(vocabulary.read("booked"), Status::Unknown);
        assert_eq!(vocabulary.read("已预约"), Status::Never);
    }

    #[test]
    fn the_configuration_adds_words_and_words_of_one_column() {
        let (also, hold) =
            (["pending".to_owned(), "退号标志 = 0".to_owned()], ["booked".to_owned()]);
        let vocabulary =
            Vocabulary::with(&Change { also: &also, hold: &hold, ..Change::default() });
        assert_eq!(vocabulary.read("pending"), Status::Remind);
        assert_eq!(vocabulary.read("已预约"), Status::Remind);
        assert_eq!(vocabulary.read("booked"), Status::Hold);
        assert_eq!(vocabulary.read("0"), Status::Unknown);
        assert_eq!(vocabulary.read_in("退号标志", "0"), Status::Remind);
        assert_eq!(vocabulary.read_in("状态", "已取消"), Status::Never);
    }

    #[test]
    fn the_column_that_allows_least_decides() {
        assert_eq!(Status::Remind.and(Status::Never), Status::Never);
        assert_eq!(Status::Absent.and(Status::Remind), Status::Remind);
        assert!(!Status::Unknown.and(Status::Remind).allows());
    }
}
