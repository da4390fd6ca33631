//! Slots that have a number instead of a time: `第一时段`, `上午第二诊`, `时段3`. Their words are all that is known of them.

use super::scan::Scan;

/// What is numbered. 号 is not: `第3号` is a place in the queue.
const UNITS: &[&str] = &[
    "时间段",
    "時間段",
    "时段",
    "時段",
    "节",
    "節",
    "诊",
    "診",
    "场",
    "場",
    "班",
    "段",
    "档",
    "檔",
    "批",
    "轮",
    "輪",
];

/// What may stand before its number: `时段一`.
const LEADING: &[&str] = &["时间段", "時間段", "时段", "時段"];

const FIGURES: &[char] = &['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

const SESSIONS: &[&str] = &["上午", "下午", "早上", "中午", "晚上", "晚间", "晚間", "夜间", "夜間"];

/// Whether the text, folded, is such a slot and nothing else.
pub(super) fn is_slot(text: &str) -> bool {
    let mut scan = Scan::new(text);
    scan.eat_any(SESSIONS);
    scan.spaces();
    if scan.eat_any(LEADING).is_some() {
        return number(&mut scan) && scan.is_done();
    }
    scan.eat_any(&["第"]);
    number(&mut scan) && scan.eat_any(UNITS).is_some() && scan.is_done()
}

/// Passes one or two figures of either kind.
fn number(scan: &mut Scan<'_>) -> bool {
    scan.spaces();
    let count = scan.digits_ahead();
    let found = if count > 0 {
        count <= 2 && scan.take_digits(count).is_some()
    } else {
        let before = scan.rest().len();
        for _ in 0..3 {
            if let Some(figure) = FIGURES.iter().find(|figure| scan.rest().starts_with(**figure)) {
                scan.eat(*figure);
            }
        }
        scan.rest().len() < before
    };
    scan.spaces();
    found
}
