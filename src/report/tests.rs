//! Pictures and rows of figures that were made up.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::*;
use crate::domain::message::Kind;
use crate::domain::state::State;
use crate::ledger::{Cell, DelayRow, End, StatRow};

const HOSTILE: &str = "</svg><script>alert(1)</script>&\"'";

fn asked(zone: &TimeZone, days: i64) -> Asked<'_> {
    let until = date(2026, 11, 23);
    Asked {
        account: None,
        since: until.saturating_sub((days - 1).days()),
        until,
        now: "2026-11-23T00:30:00Z".parse().unwrap(),
        zone,
    }
}

fn cell(day: Date, department: &str, doctor: &str, outcome: End, messages: u64) -> Cell {
    let (department, doctor) = (department.to_owned(), doctor.to_owned());
    Cell { day, department, doctor, outcome, messages, visits: messages }
}

/// A hospital with `days` of messages behind it, and visits ahead in many departments.
pub(super) fn busy(days: i64) -> Figures {
    let mut figures = Figures::none(&asked(&TimeZone::UTC, days)).unwrap();
    for (number, day) in (1u64..).zip(&mut figures.days) {
        let row = |state, errcode, count| StatRow { kind: Kind::Reminder, state, errcode, count };
        day.counts = vec![
            row(State::Delivered, None, 300 + number * 37 % 90),
            row(State::Accepted, None, 20 + number % 9),
            row(State::Held, None, number % 4),
            row(State::Failed, Some(43004), 3 + number % 5),
            row(State::Undelivered, None, number % 3),
            row(State::Unknown, None, number % 2),
            row(State::Skipped, None, 11 + number % 7),
        ];
        day.counts.retain(|row| row.count > 0 && number % 7 != 0);
    }
    let failure = |state, errcode, reason: Option<&str>, count| Failure {
        state,
        errcode,
        reason: reason.map(str::to_owned),
        count,
    };
    figures.failures = vec![
        failure(State::Skipped, None, Some("no_openid"), 211),
        failure(State::Failed, Some(43004), None, 90),
        failure(State::Undelivered, None, Some("user_block"), 12),
        failure(State::Unknown, None, None, 4),
        failure(State::Failed, Some(47003), None, 2),
    ];
    let names = [
        "心内科",
        "骨科",
        "儿科",
        "眼科",
        "神经内科",
        "呼吸与危重症医学科",
        "内分泌科",
        "皮肤科",
        "口腔科",
        "妇科",
        "产科",
        "泌尿外科",
        "耳鼻咽喉头颈外科",
        "Pain clinic",
        "国际医疗部特需综合门诊（东院区三楼）",
        "",
    ];
    for ahead in 0..14i64 {
        let day = figures.today.saturating_add(ahead.days());
        for (number, department) in (0u64..).zip(names) {
            let doctor = ["王建国", "李秀英", "张伟", ""][usize::try_from(number % 4).unwrap()];
            let sent = 40u64.saturating_sub(number * 2 + ahead.unsigned_abs());
            figures.ahead.push(cell(day, department, doctor, End::Sent, sent));
            figures.ahead.push(cell(day, department, doctor, End::Skipped, number % 3));
        }
    }
    figures.ahead.push(cell(figures.today, HOSTILE, HOSTILE, End::Waiting, 60));
    for (to_answer, to_receipt, count) in
        [(2, Some(3), 4000), (40, Some(9), 900), (900, Some(200), 30), (90_000, None, 3)]
    {
        figures.delays.add(&DelayRow { to_answer, to_receipt, count });
    }
    figures
}

/// Every picture of these figures.
fn pictures(figures: &Figures, language: Language) -> Vec<String> {
    let all = [
        chart::days,
        chart::failures,
        chart::departments,
        chart::doctors,
        chart::visit_days,
        chart::delays,
    ];
    all.iter().map(|draw| draw(figures, language)).collect()
}

#[test]
fn pictures_need_nothing_from_elsewhere_and_run_nothing() {
    let mut figures = busy(7);
    // First of all, so that it stands in the picture.
    figures.ahead.push(cell(figures.today, HOSTILE, HOSTILE, End::Sent, 100_000));
    for language in [Language::En, Language::Zh] {
        for svg in pictures(&figures, language) {
            assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
            assert_eq!(svg.matches("</svg>").count(), 1);
            assert!(svg.contains("<title>") && svg.contains("<desc>"));
            for word in ["<script", "style=", "href", "url(", "<image", "<foreignObject"] {
                assert!(!svg.contains(word), "{word} in {svg}");
            }
        }
    }
    let departments = chart::departments(&figures, Language::Zh);
    assert!(departments.contains("&lt;/svg&gt;&lt;script&gt;"), "{departments}");
}

#[test]
fn pictures_of_nothing_say_so() {
    let zone = TimeZone::UTC;
    let figures = Figures::none(&asked(&zone, 7)).unwrap();
    for svg in pictures(&figures, Language::Zh) {
        assert!(svg.contains("没有"), "{svg}");
    }
    let rows = [
        table::days,
        table::kinds,
        table::failures,
        table::departments,
        table::doctors,
        table::visit_days,
        table::delays,
    ];
    assert!(rows.iter().all(|rows| rows(&figures, Language::En).rows.is_empty()));
}

#[test]
fn days_that_end_before_they_begin_are_refused() {
    let zone = TimeZone::UTC;
    assert!(matches!(Figures::none(&asked(&zone, 0)), Err(Error::Days)));
    assert!(Figures::none(&asked(&zone, 1)).is_ok());
    assert!(matches!(Figures::none(&asked(&zone, 5_000)), Err(Error::Days)));
}

#[test]
fn the_rest_of_many_departments_shares_a_bar_and_no_visit_is_lost() {
    let figures = busy(7);
    let visits: u64 = figures.departments().iter().map(|share| share.visits).sum();
    assert_eq!(visits, figures.ahead.iter().map(|cell| cell.visits).sum::<u64>());
    assert_eq!(visits, figures.visit_days().iter().map(|(_, share)| share.visits).sum::<u64>());
    let svg = chart::departments(&figures, Language::En);
    assert!(svg.contains("5 others"), "{svg}");
    let drawn: u64 = svg.lines().filter_map(|line| line.trim().parse::<u64>().ok()).sum();
    assert_eq!(drawn, visits);
}
