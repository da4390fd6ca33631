//! The rule of every kind, by examples from WeChat's pages and by generated text.

use proptest::prelude::*;

use super::*;

fn problem(key: &str, value: &str) -> Option<Problem> {
    check(key, value, None).err().map(|error| error.problem)
}

#[track_caller]
fn takes(key: &str, values: &[&str]) {
    for value in values {
        assert_eq!(problem(key, value), None, "{key} = {value}");
    }
}

#[track_caller]
fn refuses(key: &str, values: &[&str]) {
    for value in values {
        assert!(problem(key, value).is_some(), "{key} = {value}");
    }
}

#[test]
fn a_thing_takes_twenty_characters_of_any_kind() {
    takes(
        "thing1",
        &["心内科门诊", "Room 3 (B-wing)", "一二三四五六七八九十一二三四五六七八九十", "𠮷田医生"],
    );
    let long = "一二三四五六七八九十一二三四五六七八九十一";
    assert_eq!(problem("thing12", long), Some(Problem::TooLong { limit: 20, length: 21 }));
    assert_eq!(problem("thing1", " "), Some(Problem::Empty));
    assert_eq!(problem("thing1", "甲\n乙"), Some(Problem::LineBreak));
    assert_eq!(problem("thing1", "甲\u{2028}乙"), Some(Problem::LineBreak));
    assert_eq!(problem("thing1", "甲\t乙"), Some(Problem::Control));
    assert_eq!(problem("thing1", "甲\u{202e}乙"), Some(Problem::Invisible));
    assert_eq!(problem("thing1", "复诊😀"), Some(Problem::Emoji));
    assert_eq!(problem("thing1", "✅ 已约"), Some(Problem::Emoji));
}

#[test]
fn a_character_string_takes_no_chinese() {
    takes(
        "character_string3",
        &["RX20261201A0007", "A-1_2/3 #4", "12345678901234567890123456789012", "A（1）"],
    );
    refuses(
        "character_string3",
        &["大礼堂", "RX处方1", "123456789012345678901234567890123", "ＲＸ", "é"],
    );
}

#[test]
fn a_time_is_written_as_the_page_writes_it() {
    takes(
        "time2",
        &[
            "2026年11月30日 09:00",
            "09:00",
            "9:00",
            "15:01:30",
            "2026年11月30日 08:30~09:00",
            "1月20日 8:00~10:00",
            "2026-11-30 09:00",
            "2026/11/30 09:00",
            "2026年11月30日 08:30~2026年12月1日 09:00",
            "2028年2月29日 00:00",
            "08:30~09:00",
        ],
    );
    refuses(
        "time2",
        &[
            "2026年11月30日 08:30～09:00",
            "2026年11月30日 08:30-09:00",
            "2026年11月30日",
            "2026年2月29日 09:00",
            "2026年13月1日 09:00",
            "24:00",
            "9:5",
            "2026-11-30T09:00",
            "1764464400",
            "上午",
            "08:30~09:00~10:00",
            "~09:00",
            "2026年11月30日09:00",
            "２０２６年11月30日 09:00",
        ],
    );
}

#[test]
fn a_date_may_have_a_time() {
    takes(
        "date4",
        &[
            "2019年10月1日",
            "2018-01-01",
            "2018/01/01",
            "2018.01.01",
            "2018-01",
            "01-01",
            "2019年10月",
        ],
    );
    takes(
        "date4",
        &["1月20日", "2019年10月1日 15:01", "2026-11-30~2026-12-01", "2026-11-30 08:30~09:00"],
    );
    refuses(
        "date4",
        &[
            "15:01",
            "2018-02-30",
            "2018-01/01",
            "月日",
            "年月日",
            "2018-1-1-1",
            "02-30",
            "2026-11-30~09:00",
        ],
    );
}

#[test]
fn the_other_kinds_follow_their_rows() {
    takes("amount5", &["￥100.21", "410.67元", "$5", "1234567890", "¥12.5元"]);
    refuses("amount5", &["￥￥1", "12345678901", "1,000", "-5", "元", "￥", "1.", "免费"]);
    takes("phone_number6", &["+86-0766-66888866", "021 1234 5678", "(852) 2345-6789"]);
    refuses("phone_number6", &["+86-0766-668888661", "转1", "12a"]);
    takes("car_number7", &["粤A8Z888挂", "粤A8Z888", "京A12345"]);
    refuses("car_number7", &["粤粤88888", "粤A8Z8888挂", "粤A-12"]);
    takes(
        "name8",
        &["张三", "张*", "Zhang San", "一二三四五六七八九十", "abcdefghijklmnopqrst", "O'Neil"],
    );
    refuses("name8", &["一二三四五六七八九十一", "abcdefghijklmnopqrstu", "张abcdefghij", "张3"]);
    takes("number9", &["42", "4.5", "00012"]);
    refuses("number9", &["-1", "4.", ".5", "四", "1e5", "123456789012345678901234567890123"]);
    takes("letter1", &["ABC"]);
    refuses("letter1", &["A1", "甲", "A B"]);
    takes("symbol1", &["***", "！？"]);
    refuses("symbol1", &["a", "******", "* *"]);
    takes("phrase1", &["配送中", "待就诊"]);
    refuses("phrase1", &["配送中abc", "一二三四五六", "OK"]);
    takes("const1", &["已预约"]);
    refuses("const1", &["", "一二三四五六七八九十一二三四五六七八九十一"]);
    takes("enum1", &["已预约"]);
    takes("short_thing1", &["一二三四五六七八九十一二三四五六七八九十一二三四五六"]);
}

#[test]
fn a_keyword_takes_twenty_unless_raised_and_typed_keys_cannot_be_raised() {
    let text = "一二三四五六七八九十一二三四五六七八九十一";
    assert!(check("keyword1", text, None).is_err());
    assert!(check("keyword1", text, Some(40)).is_ok());
    assert!(check("thing1", text, Some(40)).is_err());
    assert!(check("thing1", "一二三", Some(2)).is_err());
    assert!(check("keyword1", "甲\n乙", Some(40)).is_err());
    assert!(check("orderno", text, None).is_err(), "older templates are cut at 20 too");
}

#[test]
fn first_and_remark_are_refused_for_control_characters_only() {
    let long = "长".repeat(300);
    takes("first", &["", "您好😀", &long, "a\nb"]);
    refuses("remark", &["a\u{1b}[0m", "\u{0}"]);
}

#[test]
fn an_error_names_the_key_and_the_fix_and_never_the_value() {
    let error = check("phrase2", "Zhang San", None).unwrap_err();
    assert_eq!(error.to_string(), "phrase2: only Chinese characters are allowed");
    let error = check("time2", "Zhang San", None).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Zhang"));
}

fn any_key() -> impl Strategy<Value = String> {
    let kinds = "thing|character_string|time|date|amount|phone_number|car_number|const|name|number|letter|symbol|phrase|enum|short_thing|keyword";
    proptest::string::string_regex(&format!("({kinds})[1-9]")).unwrap()
}

proptest! {
    #[test]
    fn no_text_makes_a_rule_panic_and_what_passes_is_one_short_visible_line(key in any_key(), value in "\\PC{0,40}|[0-9年月日:~. /-]{0,24}") {
        if check(&key, &value, None).is_ok() {
            prop_assert!(!value.trim().is_empty());
            prop_assert!(!value.contains(char::is_control));
            let limit = KeyKind::of(&key).limit().unwrap_or(usize::MAX);
            prop_assert!(value.chars().count() <= limit);
        }
    }

    #[test]
    fn a_control_character_is_refused_wherever_it_stands(key in any_key(), at in 0usize..6, c in "[\\x00-\\x1f\\x7f-\\u{9f}]") {
        let mut value = "已预约成功".to_owned();
        let place = value.char_indices().nth(at).map_or(value.len(), |(place, _)| place);
        value.insert_str(place, &c);
        prop_assert!(matches!(problem(&key, &value), Some(Problem::Control | Problem::LineBreak)));
    }

    #[test]
    fn every_real_day_is_taken(year in 2000u32..2100, month in 1u32..=12, day in 1u32..=28, hour in 0u32..24, minute in 0u32..60) {
        let value = format!("{year}年{month}月{day}日 {hour:02}:{minute:02}");
        prop_assert_eq!(problem("time1", &value), None);
        prop_assert_eq!(problem("date1", &value), None);
    }
}
