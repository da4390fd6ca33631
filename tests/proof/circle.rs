//! The whole circle at one clinic: appointments in, messages on the phones, receipts and events back, staff at the
//! page, and a report in which every figure is the record's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wechat_simulator::{PushMode, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use super::clinic::{Clinic, appointment, openid, wait};
use super::connector::body;
use super::crash::until;
use super::page::{acted, day};
use super::receipts::BLOCKED;
use crate::support::browser::Browser;
use crate::support::receiver::{KEY, Receiver, SECRET};
use crate::support::serving::{API_KEY, Serving};
use crate::support::tables::{columns, table};

const REFUSED: &str = "oSim_43004_unfollowed_______";
const REFERENCE: &str = "RX-20261125-0009";
/// The patient who gets a prescription too.
const PRESCRIBED: usize = 1;
/// The one whom a program writes to.
const WRITTEN_TO: usize = 5;

/// A clinic with four visits in a week, contacts, a webhook, and the key of whoever works at the page.
fn clinic(receiver: &Receiver) -> (Clinic, String) {
    let clinic = Clinic::new();
    let scopes = "read,contact,prescribe";
    let made = clinic.run(["serve", "key", "ward", "--scope", scopes, "--json"]).expect(0).json();
    let (hash, scopes, url) = (&made["hash"], &made["scopes"], receiver.url());
    clinic.settings(&format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n\
         [send]\nwait_scale = 0.01\n[source]\nurl = \"appointments.csv\"\n[contacts]\nurl = \"contacts.csv\"\n\
         [defaults]\nhospital = \"协和医院\"\n[remind]\ndays = [7]\n\
         [webhook]\nurl = \"{url}\"\npatience = \"1s\"\n[serve.keys.ward]\nhash = {hash}\nscopes = {scopes}\n"
    ));
    let day = day();
    let visits = [(1, &*openid(PRESCRIBED)), (2, BLOCKED), (3, REFUSED), (4, "")].map(|(n, openid)| {
        let id = appointment(n);
        format!("{id},{openid},P00000{n},患者{n},{day} 09:0{n},李医生,协和医院,已预约,1390000000{n},内科\n")
    });
    let header = format!("{},phone,department\n", super::clinic::HEADER);
    clinic.file("appointments.csv", header + &visits.concat());
    let contact = format!("P000001,张三,1961-04-12,13900000001,{}\n", openid(PRESCRIBED));
    clinic.file("contacts.csv", format!("patient_id,patient,birth_date,phone,openid\n{contact}"));
    (clinic, made["key"].as_str().unwrap().to_owned())
}

/// Whose phones have how many messages.
fn phones(clinic: &Clinic) -> BTreeMap<String, usize> {
    let mut phones = BTreeMap::new();
    for message in clinic.simulator().messages() {
        *phones.entry(message.openid).or_default() += 1;
    }
    phones
}

/// Checks that these phones have so many messages, and no other any.
fn assert_phones<const N: usize>(clinic: &Clinic, expected: [(String, usize); N]) {
    assert_eq!(phones(clinic), BTreeMap::from(expected));
}

#[test]
fn appointments_phones_receipts_events_page_and_report_tell_the_same() {
    let receiver = Receiver::start();
    receiver.answer(503, &[]);
    let (clinic, key) = clinic(&receiver);
    let serving = Serving::with(&clinic, PushMode::Safe, &[("WXREMIND_WEBHOOK_SECRET", SECRET)]);
    clinic.simulator().receipts(Some(serving.receipts(PushMode::Safe)));

    // The morning's run, while the webhook is down.
    let remind = clinic.program(["remind", "--yes", "--rate", "0"]);
    let run = remind.env("WXREMIND_WEBHOOK_SECRET", SECRET).run().expect(1);
    assert!(run.stderr.contains("not delivered to the webhook"), "{run}");
    assert_phones(&clinic, [(openid(PRESCRIBED), 1), (BLOCKED.to_owned(), 1)]);
    until(|| clinic.states() == "delivered 1, failed 1, skipped 1, undelivered 1");
    assert_eq!(
        [1, 2, 3, 4].map(|n| clinic.state(n)),
        ["delivered", "undelivered", "failed", "skipped"]
    );

    // A program's message, which asks again and is told.
    let asked = body(WRITTEN_TO, "flow-1").to_string();
    let ask = || wait(serving.post("/v1/messages", asked.clone(), &[("x-api-key", API_KEY)])).0;
    assert_eq!(ask(), 202);
    until(|| clinic.states() == "delivered 2, failed 1, skipped 1, undelivered 1");
    assert_eq!(ask(), 200);
    let before = [(openid(PRESCRIBED), 1), (BLOCKED.to_owned(), 1), (openid(WRITTEN_TO), 1)];
    assert_phones(&clinic, before);
    assert!(receiver.taken().is_empty() && !receiver.asked().is_empty());

    let mut expected =
        BTreeMap::from([("delivered", 2), ("undelivered", 1), ("failed", 1), ("skipped", 1)]);
    if at_the_page(&clinic, &serving, &key) {
        expected.insert("delivered", 3);
        let after = [(openid(PRESCRIBED), 2), (BLOCKED.to_owned(), 1), (openid(WRITTEN_TO), 1)];
        assert_phones(&clinic, after);
    }
    assert_eq!(recorded(&clinic), expected.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect());
    assert_eq!(clinic.simulator().pushes().given_up, 0);

    receiver.answer(202, &[]);
    assert_events(&clinic, &receiver);
    let (code, said) = serving.stop();
    assert_eq!(code, Some(0), "{said}");
    assert_report(&clinic);
}

/// What staff see and do in a browser; false where there is none.
fn at_the_page(clinic: &Clinic, serving: &Serving, key: &str) -> bool {
    let Some(browser) = Browser::open(&serving.at(""), "zh-CN,zh", (1280, 900)) else {
        return false;
    };
    browser.visit("/");
    browser.fill("key", key);
    browser.click("main button");
    for (state, shown) in [("delivered", 1), ("failed", 3)] {
        browser.choose("state", state);
        browser.click(".filters button");
        let seen = || {
            let text = browser.text();
            (1..=4).filter(|n| text.contains(&appointment(*n))).collect::<Vec<_>>()
        };
        until(|| seen() == [shown]);
    }
    browser.click("nav a[href='/prescription']");
    browser.fill("patient_id", "P000001");
    browser.fill("patient", "张三");
    browser.fill("reference", REFERENCE);
    browser.click("main button");
    // The driver may answer a click before the next page is there.
    until(|| browser.text().contains("核对处方"));
    assert!(browser.text().contains(REFERENCE), "{}", browser.text());
    assert_eq!(phones(clinic)[&openid(PRESCRIBED)], 1, "a preview sends nothing");
    browser.click(".answers button");
    until(|| browser.path().starts_with("/message/"));
    let prescribed =
        || clinic.entries().into_iter().find(|one| one.kind.as_str() == "prescription");
    until(|| prescribed().is_some_and(|one| one.state.as_str() == "delivered"));
    let sent = clinic.simulator().messages().pop().unwrap();
    assert_eq!(sent.openid, openid(PRESCRIBED));
    assert_eq!(acted(clinic, "page prescribe"), ["ward"]);
    until(|| browser.text().contains("已送达"));
    browser.visit("/");
    // The list shows the end of a reference only.
    let text = browser.text();
    assert!(text.contains("***0009") && !text.contains(REFERENCE), "{text}");
    true
}

/// How many messages are in which state.
fn recorded(clinic: &Clinic) -> BTreeMap<String, u64> {
    let mut states = BTreeMap::new();
    for entry in clinic.entries() {
        *states.entry(entry.state.to_string()).or_default() += 1;
    }
    states
}

/// The webhook is up again: it hears every change once and signed, and each message's last is what the ledger says.
fn assert_events(clinic: &Clinic, receiver: &Receiver) {
    until(|| {
        let flush = clinic.program(["log", "events", "--flush", "--json"]);
        let flushed = flush.env("WXREMIND_WEBHOOK_SECRET", SECRET).run();
        flushed.code == Some(0) && flushed.json()["pending"] == 0
    });
    let listed = clinic.run(["log", "events", "--json"]).expect(0).json();
    let listed = listed.as_array().unwrap();
    assert!(listed.iter().all(|event| event["delivery"] == "delivered"), "{listed:?}");
    let now = super::receipts::now();
    assert!(receiver.taken().iter().all(|one| one.is_signed_with(KEY, now)));
    let mut events = receiver.events();
    let ids: BTreeSet<String> = events.iter().map(|event| event["event_id"].to_string()).collect();
    assert_eq!((events.len(), ids.len()), (listed.len(), listed.len()), "each once");
    events.sort_by_key(|event| event["sequence"].as_i64());
    let last: BTreeMap<String, Value> = events
        .iter()
        .filter(|event| event["type"] != "run.finished")
        .map(|event| (event["message_id"].as_str().unwrap().to_owned(), event["type"].clone()))
        .collect();
    // Of who could not be written to there is nothing to tell.
    let entries = clinic.entries().into_iter().filter(|entry| entry.state.as_str() != "skipped");
    let states: BTreeMap<String, Value> = entries
        .map(|entry| (entry.message_id.to_string(), format!("message.{}", entry.state).into()))
        .collect();
    assert_eq!(last, states);
}

/// The report's tables, the counts and the ledger's rows are three times the same.
fn assert_report(clinic: &Clinic) {
    let _ = clinic.run(["log", "report", "--lang", "en", "--output", "report.html"]).expect(0);
    let html = std::fs::read_to_string(clinic.path("report.html")).unwrap();
    let days = "Messages by day and outcome";
    let totals = table(&html, days).pop().unwrap();
    let totals: BTreeMap<String, u64> = columns(&html, days)
        .into_iter()
        .zip(totals)
        .skip(1)
        .map(|(state, count)| (state, count.parse().unwrap()))
        .collect();
    let shown = clinic.run(["log", "stats", "--since", "30d", "--json"]).expect(0).json();
    let mut counted = BTreeMap::<String, u64>::new();
    for row in shown["total"].as_array().unwrap() {
        let state = row["state"].as_str().unwrap().to_owned();
        *counted.entry(state).or_default() += row["messages"].as_u64().unwrap();
    }
    let recorded = recorded(clinic);
    assert_eq!((&totals, &counted), (&recorded, &recorded));
    let causes = table(&html, "What did not get through, by cause");
    assert_eq!(causes.len(), 3, "{causes:?}");
    for word in ["oPatient", "oSim", "P00000", "张三", "患者", "1390000000"] {
        assert!(!html.contains(word), "{word}");
    }
}
