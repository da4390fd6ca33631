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
}

impl Default for Vocabulary {
    fn default() -> Self {
        let lists = [(REMIND, Status::Remind), (HOLD, Status::Hold), (NEVER, Status::Never)];
        let words = lists
            .into_iter()
            .flat_map(|(list, status)| list.iter().map(move |word| (normalise(word), status)));
        Self { words: words.collect() }
    }
}

impl Vocabulary {
    /// The built-in lists with the reminded words replaced by `remind`, and `never` added to those that forbid.
    pub fn with(remind: Option<&[String]>, never: &[String]) -> Self {
        let mut vocabulary = Self::default();
        if let Some(remind) = remind {
            vocabulary.words.retain(|_, status| *status != Status::Remind);
            vocabulary.words.extend(remind.iter().map(|word| (normalise(word), Status::Remind)));
        }
        vocabulary.words.extend(never.iter().map(|word| (normalise(word), Status::Never)));
        vocabulary
    }

    /// What a cell's word means. An empty cell is no permission.
    pub fn read(&self, cell: &str) -> Status {
        self.words.get(&normalise(cell)).copied().unwrap_or(Status::Unknown)
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

/// NFKC, lower case, no surrounding space: how words are compared.
fn normalise(word: &str) -> String {
    word.nfkc().flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
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
        let vocabulary = Vocabulary::with(Some(&["2".to_owned()]), &["已预约".to_owned()]);
        assert_eq!(vocabulary.read("2"), Status::Remind);
        assert_eq!(vocabulary.read("booked"), Status::Unknown);
        assert_eq!(vocabulary.read("已预约"), Status::Never);
    }

    #[test]
    fn the_column_that_allows_least_decides() {
        assert_eq!(Status::Remind.and(Status::Never), Status::Never);
        assert_eq!(Status::Absent.and(Status::Remind), Status::Remind);
        assert!(!Status::Unknown.and(Status::Remind).allows());
    }
}
