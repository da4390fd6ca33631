//! What a template's label says about the value that belongs there: 就诊时间 is the visit's start.
//!
//! The head of a Chinese label stands at its end (处方医生 is a doctor, 医院地址 a place), and so it mostly does in
//! English: the word that ends last decides, and of two that end together the longer one.

use Meaning::{Known, Other};

/// What a word means.
#[derive(Clone, Copy)]
enum Meaning {
    /// A variable of templates.
    Known(&'static str),
    /// Something that no variable holds, although a part of the word looks like one that does.
    Other,
}

/// Words in simplified and traditional characters and in English, lower case.
const WORDS: &[(Meaning, &[&str])] = &[
    (
        Known("start"),
        &["时间", "時間", "日期", "时段", "時段", "time", "date", "date and time", "when", "slot"],
    ),
    (
        Known("hospital"),
        &[
            "医院",
            "醫院",
            "机构",
            "機構",
            "诊所",
            "診所",
            "就诊单位",
            "就診單位",
            "hospital",
            "clinic",
            "institution",
        ],
    ),
    (
        Known("department"),
        &[
            "科室",
            "科别",
            "科別",
            "部门",
            "部門",
            "专科",
            "專科",
            "department",
            "dept",
            "specialty",
            "speciality",
        ],
    ),
    (
        Known("doctor"),
        &[
            "医生",
            "醫生",
            "医师",
            "醫師",
            "专家",
            "專家",
            "大夫",
            "doctor",
            "physician",
            "dr",
            "consultant",
        ],
    ),
    (
        Known("patient"),
        &[
            "患者",
            "病人",
            "就诊人",
            "就診人",
            "就诊者",
            "就診者",
            "预约人",
            "預約人",
            "姓名",
            "patient",
            "patient name",
            "name",
        ],
    ),
    (
        Known("location"),
        &[
            "地点", "地點", "地址", "诊室", "診室", "院区", "院區", "位置", "诊区", "診區",
            "location", "address", "room", "venue", "place", "campus",
        ],
    ),
    (
        Known("appointment_id"),
        &[
            "预约号",
            "預約號",
            "预约单号",
            "預約單號",
            "预约码",
            "預約碼",
            "编号",
            "編號",
            "单号",
            "單號",
            "订单号",
            "訂單號",
            "appointment no",
            "appointment number",
            "appointment id",
            "booking no",
            "booking number",
            "booking id",
            "order no",
            "order number",
        ],
    ),
    (
        Known("reference"),
        &[
            "处方",
            "處方",
            "处方号",
            "處方號",
            "处方编号",
            "處方編號",
            "处方单号",
            "處方單號",
            "处方码",
            "處方碼",
            "取药码",
            "取藥碼",
            "取药号",
            "取藥號",
            "领药码",
            "領藥碼",
            "领药号",
            "領藥號",
            "prescription",
            "prescription no",
            "prescription number",
            "prescription id",
            "pick-up code",
            "pickup code",
            "collection code",
        ],
    ),
    (
        Known("expires"),
        &[
            "有效期",
            "有效期至",
            "有效期限",
            "有效时间",
            "有效時間",
            "有效日期",
            "截止",
            "截止时间",
            "截止時間",
            "截止日期",
            "到期时间",
            "到期時間",
            "到期日期",
            "失效时间",
            "失效時間",
            "取药期限",
            "取藥期限",
            "expires",
            "expires on",
            "expiry",
            "expiry date",
            "expiry time",
            "expiration date",
            "valid until",
            "collect by",
        ],
    ),
    (
        Known("issued"),
        &[
            "开具时间",
            "開具時間",
            "开具日期",
            "開具日期",
            "开方时间",
            "開方時間",
            "开方日期",
            "開方日期",
            "处方时间",
            "處方時間",
            "处方日期",
            "處方日期",
            "开立时间",
            "開立時間",
            "开药时间",
            "開藥時間",
            "issued",
            "issued on",
            "issue date",
            "date of issue",
            "prescription date",
        ],
    ),
    (
        Known("patient_id"),
        &[
            "病历号",
            "病歷號",
            "病案号",
            "門診號",
            "门诊号",
            "患者编号",
            "患者編號",
            "患者号",
            "就诊人编号",
            "就诊卡号",
            "診療卡號",
            "卡号",
            "卡號",
            "patient id",
            "patient no",
            "patient number",
            "medical record no",
            "mrn",
        ],
    ),
    (
        Other,
        &[
            "提醒时间",
            "提醒時間",
            "发送时间",
            "發送時間",
            "通知时间",
            "通知時間",
            "创建时间",
            "下单时间",
            "提交时间",
            "申请时间",
            "支付时间",
            "缴费时间",
            "付款时间",
            "取消时间",
            "操作时间",
            "更新时间",
            "完成时间",
            "报告时间",
            "挂号时间",
            "掛號時間",
            "出生日期",
            "取号时间",
            "签到时间",
            "联系地址",
            "家庭地址",
            "身份证号",
            "联系人",
            "药房地址",
            "藥房地址",
            "取药地点",
            "取药地址",
            "取藥地點",
            "药品编号",
            "商品编号",
            "排队号",
            "date of birth",
            "birth date",
            "payment time",
            "cancelled at",
            "order time",
            "user name",
            "username",
        ],
    ),
];

/// Words at the end of a label that say nothing about what it is: 医院名称 is a hospital.
const EMPTY_ENDS: [&str; 8] = ["姓名", "名称", "名稱", "名字", "信息", "资料", "資料", " name"];

/// The variable that belongs behind a label; `None` where the label does not say.
pub fn variable(label: &str) -> Option<&'static str> {
    let label = label.to_lowercase();
    let stripped = EMPTY_ENDS.iter().find_map(|end| label.trim().strip_suffix(end));
    match stripped.and_then(decide).or_else(|| decide(&label))? {
        Known(variable) => Some(variable),
        Other => None,
    }
}

/// The meaning of the word that ends last, the longest of those; `None` where no word is known.
fn decide(label: &str) -> Option<Meaning> {
    let words =
        WORDS.iter().flat_map(|(meaning, words)| words.iter().map(move |word| (*meaning, *word)));
    let found =
        words.filter_map(|(meaning, word)| Some((last_end(label, word)?, word.len(), meaning)));
    found.max_by_key(|(end, length, _)| (*end, *length)).map(|(_, _, meaning)| meaning)
}

/// Where a word ends that stands in the label, the last time it does; an English one must stand alone.
fn last_end(label: &str, word: &str) -> Option<usize> {
    let alone = |at: usize| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let (before, after) = (label.get(..at), label.get(at + word.len()..));
        !letter(before.and_then(|text| text.chars().next_back()))
            && !letter(after.and_then(|text| text.chars().next()))
    };
    let places = label.rmatch_indices(word).map(|(at, _)| at);
    places.into_iter().find(|at| !word.is_ascii() || alone(*at)).map(|at| at + word.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::template::VARIABLES;

    #[test]
    fn the_head_of_the_label_decides() {
        for (label, expected) in [
            ("就诊时间", Some("start")),
            ("預約時間", Some("start")),
            ("Visit date", Some("start")),
            ("就诊医院", Some("hospital")),
            ("医院名称", Some("hospital")),
            ("医院地址", Some("location")),
            ("就诊地点", Some("location")),
            ("就诊科室", Some("department")),
            ("科室名称", Some("department")),
            ("处方医生", Some("doctor")),
            ("医生姓名", Some("doctor")),
            ("Doctor name", Some("doctor")),
            ("Address", Some("location")),
            ("就诊人", Some("patient")),
            ("患者姓名", Some("patient")),
            ("姓名", Some("patient")),
            ("预约单号", Some("appointment_id")),
            ("预约编号", Some("appointment_id")),
            ("Appointment No.", Some("appointment_id")),
            ("处方编号", Some("reference")),
            ("取藥碼", Some("reference")),
            ("有效期至", Some("expires")),
            ("截止时间", Some("expires")),
            ("Valid until", Some("expires")),
            ("开具时间", Some("issued")),
            ("病历号", Some("patient_id")),
            ("就诊人编号", Some("patient_id")),
        ] {
            assert_eq!(variable(label), expected, "{label}");
        }
    }

    #[test]
    fn what_a_label_does_not_say_is_not_guessed() {
        for label in [
            "",
            "温馨提示",
            "联系电话",
            "手机号码",
            "提醒时间",
            "支付时间",
            "出生日期",
            "Date of birth",
            "取药地点",
            "状态",
            "就诊序号",
            "Update",
            "Amount",
        ] {
            assert_eq!(variable(label), None, "{label}");
        }
    }

    #[test]
    fn every_meaning_is_a_variable() {
        for (meaning, _) in WORDS {
            if let Known(name) = meaning {
                assert!(VARIABLES.iter().any(|(known, _)| known == name), "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn never_panics(label in "\\PC{0,20}") {
            let _ = variable(&label);
        }
    }
}
