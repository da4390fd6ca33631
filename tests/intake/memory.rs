//! Memory does not grow with the file: its peak is read from the kernel while the program runs.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::process::Child;
use std::time::Duration;

use crate::proof::clinic::{Clinic, MONDAY, openid};

/// What the program may have in memory at its peak, in KiB.
const LIMIT: u64 = 64 * 1024;

const HEADER: &str = "预约号,openid,患者姓名,就诊日期,时段,科室,医生,状态";

/// Of each thousand rows one is due; a quarter are nearer, the rest are later.
fn rows(from: u32, to: u32) -> Vec<u8> {
    let mut text = String::new();
    for n in from..to {
        let day = match n % 1000 {
            500 => "2026-11-30".to_owned(),
            k if k % 4 == 0 => format!("2026-11-{}", 24 + k % 5),
            k => format!("2026-12-{:02}", 1 + k % 28),
        };
        let (id, clock) = (openid(n as usize), n % 60);
        writeln!(text, "YY{n:08},{id},患者{n},{day},09:{clock:02}-10:00,心血管内科,李医生,已预约")
            .unwrap();
    }
    let (bytes, _, lost) = encoding_rs::GB18030.encode(&text);
    assert!(!lost);
    bytes.into_owned()
}

/// Pipes so many rows in GBK into the program; the answer is the peak in KiB.
fn peak(clinic: &Clinic, count: u32, how: &[&str]) -> u64 {
    let usual = ["remind", "--days", "7", "--now", MONDAY, "--json", "-"];
    let program = clinic.program(usual.into_iter().chain(how.iter().copied()));
    let mut child = program.open();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let (header, _, _) = encoding_rs::GB18030.encode(HEADER);
        input.write_all(&header).unwrap();
        input.write_all(b"\r\n").unwrap();
        for from in (0..count).step_by(10_000) {
            input.write_all(&rows(from, count.min(from + 10_000))).unwrap();
        }
    });
    let mut output = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        text
    });
    let peak = watch(&mut child);
    writer.join().unwrap();
    let told: serde_json::Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(told["rows"], count);
    assert_eq!(told["due"], count / 1000);
    assert_eq!(told["understanding"]["encoding"], "gb18030");
    peak
}

/// The most that the program ever had in memory, as its kernel counts.
fn watch(child: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.map_or(peak, |line| line.trim().trim_end_matches(" kB").parse().unwrap());
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return peak;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn clinic() -> Clinic {
    Clinic::with("[send]\nwait_scale = 0.01\n[defaults]\nhospital = \"协和医院\"\n")
}

#[test]
fn a_longer_file_takes_no_more_memory_from_a_pipe() {
    let clinic = clinic();
    let short = peak(&clinic, 10_000, &["--dry-run"]);
    let long = peak(&clinic, 100_000, &["--dry-run"]);
    assert!(long < LIMIT, "{long} KiB");
    assert!(long < short + 8 * 1024, "{short} KiB became {long} KiB");
}

#[test]
#[ignore = "a million rows take a minute: for the figures"]
fn a_million_rows_are_planned_and_sent_within_64_mib() {
    let clinic = clinic();
    let planned = peak(&clinic, 1_000_000, &["--dry-run"]);
    let sent = peak(&clinic, 1_000_000, &["--rate", "0"]);
    assert_eq!(clinic.reached().len(), 1000);
    assert!(planned < LIMIT && sent < LIMIT, "{planned} KiB planned, {sent} KiB sent");
    let _ = writeln!(std::io::stderr(), "peak: {planned} KiB planned, {sent} KiB sent");
}
