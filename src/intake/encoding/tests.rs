//! Texts in every encoding that hospitals write, and texts that could be in two.

use std::collections::BTreeMap;

use jiff::tz::offset;
use proptest::prelude::*;

use super::super::column::Column;
use super::super::spool::Spool;
use super::*;

fn choose_with(bytes: &[u8], label: Option<&str>) -> Result<(&'static str, String), Error> {
    let spool = Spool::copy(bytes, "appointments.csv")?;
    let prefix = spool.prefix()?;
    let configured = BTreeMap::new();
    let search = Search {
        spool: &spool,
        prefix: &prefix,
        configured: &configured,
        needs: &[&[Column::Start], &[Column::PatientId, Column::Phone]],
    };
    let zone = TimeZone::fixed(offset(8));
    choose(&search, label, &zone).map(|choice| (choice.encoding.name(), choice.because))
}

fn chosen(bytes: &[u8]) -> &'static str {
    choose_with(bytes, None).map_or("?", |(name, _)| name)
}

fn gbk(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = GB18030.encode(text);
    assert!(!lost);
    bytes.into_owned()
}

fn big5(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = BIG5.encode(text);
    assert!(!lost, "{text}");
    bytes.into_owned()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

const SIMPLIFIED: &str = "预约号,患者姓名,病历号,就诊日期,状态\nA1,张三,P1,2026-11-30,已预约\n";
const TRADITIONAL: &str = "預約號,姓名,病歷號,看診日期,狀態\nA1,王小明,P1,115/11/30,預約\n";

#[test]
fn marks_and_patterns_come_first() {
    let marked = |mark: &[u8], text: Vec<u8>| [mark, &text].concat();
    assert_eq!(chosen(&marked(b"\xef\xbb\xbf", SIMPLIFIED.into())), "UTF-8");
    assert_eq!(chosen(&marked(b"\xff\xfe", utf16(SIMPLIFIED, u16::to_le_bytes))), "UTF-16LE");
    assert_eq!(chosen(&marked(b"\xfe\xff", utf16(SIMPLIFIED, u16::to_be_bytes))), "UTF-16BE");
    assert_eq!(chosen(&utf16(SIMPLIFIED, u16::to_le_bytes)), "UTF-16LE");
    assert_eq!(chosen(&utf16(TRADITIONAL, u16::to_be_bytes)), "UTF-16BE");
    assert_eq!(chosen(&marked(b"\x84\x31\x95\x33", gbk(SIMPLIFIED))), "gb18030");
}

#[test]
fn the_header_tells_what_has_no_mark() {
    let (name, because) = choose_with(&gbk(SIMPLIFIED), None).unwrap();
    assert_eq!((name, because.as_str()), ("gb18030", "5 known names in its header"));
    assert_eq!(chosen(&big5(TRADITIONAL)), "Big5");
    assert_eq!(chosen(SIMPLIFIED.as_bytes()), "UTF-8");
    assert_eq!(chosen(b"mrn,date\nP1,2026-11-30\n"), "UTF-8");
}

#[test]
fn valid_utf8_is_no_proof_of_utf8() {
    assert_eq!(chosen(b"id,\xd4\xa4\xd4\xbc\r\n1,2026-11-30\r\n"), "gb18030");
    assert_eq!(chosen(&gbk("mrn,date,name\nP1,2026-11-30,肖英\n")), "gb18030");
    assert_eq!(chosen("mrn,date,name\nP1,2026-11-30,José Müller\n".as_bytes()), "UTF-8");
    assert_eq!(chosen("mrn,date,name\nP1,2026-11-30,Nguyễn Văn An\n".as_bytes()), "UTF-8");
}

#[test]
fn a_few_bad_bytes_do_not_make_another_encoding() {
    let mut bytes = SIMPLIFIED.repeat(3).into_bytes();
    let at = bytes.len() - 3;
    bytes[at] = 0xff;
    assert_eq!(chosen(&bytes), "UTF-8");
    let mut bytes = format!("mrn,date,name\n{}", "P1,2026-11-30,张三丰\n".repeat(20)).into_bytes();
    let at = bytes.len() - 3;
    bytes[at] = 0xff;
    assert_eq!(chosen(&bytes), "UTF-8");
}

#[test]
fn the_first_character_beyond_ascii_may_come_late() {
    let head = format!("mrn,date,name\n{}", "P1,2026-11-30,Tan Ah Kow\n".repeat(20_000));
    let simplified = [head.clone().into_bytes(), gbk("P2,2026-11-30,刘晓东\n")].concat();
    assert_eq!(chosen(&simplified), "gb18030");
    let traditional = [head.clone().into_bytes(), big5("P2,2026-11-30,劉曉東\n")].concat();
    assert_eq!(chosen(&traditional), "Big5");
    assert_eq!(chosen(head.as_bytes()), "UTF-8");
}

#[test]
fn what_fits_two_encodings_equally_is_refused_with_both_readings() {
    let error = choose_with(&gbk("mrn,date,name\nP1,2026-11-30,苗柏\n"), None).unwrap_err();
    insta::assert_snapshot!(error, @"appointments.csv could be in more than one encoding: line 2, name: “苗*” in gb18030, “醮*” in Big5; say which it is with --encoding");
    // A cell that is not personal is shown whole, and before one that is.
    let error = choose_with(
        &gbk("mrn,date,name,room\nP1,2026-11-30,苗柏,\nP2,2026-11-30,苗柏,柏苗\n"),
        None,
    );
    insta::assert_snapshot!(error.unwrap_err(), @"appointments.csv could be in more than one encoding: line 3, room: “柏苗” in gb18030, “啡醮” in Big5; say which it is with --encoding");
    // The headers are shown where they differ.
    let error = choose_with(&gbk("mrn,date,苗柏\nP1,2026-11-30,苗柏\n"), None);
    insta::assert_snapshot!(error.unwrap_err(), @"appointments.csv could be in more than one encoding: in gb18030 its columns are called mrn, date, 苗柏; in Big5 its columns are called mrn, date, 醮啡; say which it is with --encoding");
    let latin = b"mrn,date,name,room\nP1,2026-11-30,Jos\xe9 Tan,Caf\xe9 1\n";
    insta::assert_snapshot!(choose_with(latin, None).unwrap_err(), @"appointments.csv could be in more than one encoding: line 2, room: “Caf� 1” in gb18030, “Caf� 1” in Big5, “Café 1” in windows-1252; say which it is with --encoding");
}

#[test]
fn a_name_of_an_encoding_is_believed() {
    for (label, name) in [
        ("gbk", "gb18030"),
        ("GB2312", "gb18030"),
        ("big5-hkscs", "Big5"),
        ("utf-16", "UTF-16LE"),
        ("windows-1252", "windows-1252"),
    ] {
        assert_eq!(choose_with(SIMPLIFIED.as_bytes(), Some(label)).unwrap().0, name);
    }
    assert!(matches!(choose_with(b"a", Some("klingon")), Err(Error::UnknownEncoding { .. })));
}

/// Characters of names in Big5 and in GB2312 that are not all familiar.
const NAMES_GB: &str = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝安常乐于时傅皮卞齐康伍余元顾孟平黄和穆萧尹欣怡子涵梓萱一诺浩宇雨泽博文若曦语嫣";
const NAMES_BIG5: &str = "趙錢孫李周吳鄭王馮陳褚衛蔣沈韓楊朱秦尤許何呂施張孔曹嚴華金魏陶姜戚謝鄒喻柏水竇章雲蘇潘葛奚范彭郎魯韋昌馬苗鳳花方俞任袁柳鮑史唐費廉岑薛雷賀倪湯滕殷羅畢郝安常樂于時傅皮卞齊康伍余元顧孟平黃和穆蕭尹欣怡承恩品妍冠廷雅雯柏翰宜蓁";

fn rows(pool: &'static str) -> impl Strategy<Value = String> {
    let chars: Vec<char> = pool.chars().collect();
    let name = proptest::collection::vec(proptest::sample::select(chars), 2..=3);
    proptest::collection::vec(name, 1..12).prop_map(|names| {
        let rows =
            names.into_iter().map(|name| format!("P1,2026-11-30,{}\n", String::from_iter(name)));
        format!("mrn,date,name\n{}", rows.collect::<String>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn simplified_names_are_never_read_as_big5(text in rows(NAMES_GB)) {
        prop_assert!(matches!(chosen(&gbk(&text)), "gb18030" | "?"));
        prop_assert_eq!(chosen(text.as_bytes()), "UTF-8");
    }

    #[test]
    fn traditional_names_are_never_read_as_gbk(text in rows(NAMES_BIG5)) {
        prop_assert!(matches!(chosen(&big5(&text)), "Big5" | "?"));
        prop_assert_eq!(chosen(text.as_bytes()), "UTF-8");
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
        let _ = choose_with(&bytes, None);
    }
}
