//! Rows that were never meant to be appointments: totals, signatures, titles, and the header of the next page.

use csv::StringRecord;

use super::cell::clean;
use super::column::Column;
use super::mapping::Mapping;
use super::row::Outcome;

/// How lines of totals begin: no visit, whatever stands beside.
const TOTALS: &[&str] =
    &["合计", "总计", "小计", "合計", "總計", "小計", "total", "totals", "subtotal", "grand total"];

/// How other lines begin that are no visits, where no date stands beside.
const MARGINS: &[&str] = &[
    "共",
    "制表",
    "製表",
    "制单",
    "统计",
    "統計",
    "打印",
    "列印",
    "导出",
    "匯出",
    "资料提供",
    "資料提供",
    "数据来源",
    "資料來源",
    "说明",
    "說明",
    "备注",
    "備註",
    "注:",
    "注：",
    "审核",
    "審核",
    "温馨提示",
    "溫馨提示",
    "提示",
    "注意",
    "附",
    "联系电话",
    "聯絡電話",
    "咨询",
    "諮詢",
    "地址",
    "单位",
    "單位",
    "经办",
    "經辦",
    "复核",
    "複核",
    "负责人",
    "負責人",
    "第",
    "页",
    "頁",
    "【",
    "printed",
    "page",
    "generated",
    "end of",
    "note",
    "notes",
    "--",
    "==",
];

/// Whether a text begins with one of the words; Latin ones must end there, since `Sumiati` and `Noteboom` are names.
fn begins_with(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| {
        let ends = |rest: &str| !word.is_ascii() || !rest.starts_with(char::is_alphanumeric);
        lower.strip_prefix(word).is_some_and(ends)
    })
}

/// What a row without a readable date is, if it was never meant to be an appointment.
pub(super) fn read(mapping: &Mapping, titles: &[String], record: &StringRecord) -> Option<Outcome> {
    let mut filled = record.iter().map(clean).filter(|cell| !cell.is_empty());
    let Some(first) = filled.next() else { return Some(Outcome::Blank) };
    let others = filled.count();
    if is_header(mapping, record) {
        return Some(Outcome::Header);
    }
    let total = others <= 3 && begins_with(first, TOTALS);
    let margin =
        others <= 2 && (begins_with(first, MARGINS) || titles.iter().any(|title| title == first));
    let start = mapping.places(Column::Start).first();
    let dated = start
        .and_then(|place| record.get(*place))
        .is_some_and(|cell| !clean(cell).is_empty() && clean(cell) != first);
    let keyed =
        [Column::AppointmentId, Column::Openid, Column::PatientId, Column::Patient, Column::Phone]
            .iter()
            .flat_map(|column| mapping.places(*column))
            .any(|place| record.get(*place).is_some_and(|cell| !clean(cell).is_empty()));
    let whole = record.len() >= mapping.width;
    (total || (margin && !dated) || (whole && !dated && !keyed)).then_some(Outcome::Margin)
}

/// Whether a row is the table's header once more.
pub(super) fn is_header(mapping: &Mapping, record: &StringRecord) -> bool {
    let headers = mapping.headers();
    let named = headers.iter().take(mapping.width);
    record.len() >= mapping.width
        && named.zip(record.iter()).all(|(header, cell)| clean(cell) == header)
}
