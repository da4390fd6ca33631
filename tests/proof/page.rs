//! The page with the real binary: nothing of a patient without a key, and in a browser without scripts what staff do.

use std::fmt::Write;

use jiff::{Timestamp, ToSpan};
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use wechat_simulator::{Fault, FaultKind, PushMode, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use super::clinic::{Clinic, HEADER, openid, wait};
use super::crash::until;
use crate::support::browser::Browser;
use crate::support::serving::{API_KEY, Serving};

const REFERENCE: &str = "RX-20261125-0007";
/// A key that may only read.
const READER: &str = "wxr_a-key-for-a-ward-that-reads";
/// Its hash, as `serve key` prints it.
const READER_HASH: &str = "sha256:e36db053f51ba2bb466c40077217a537de3a80eb74a50920bf3d69358beb55df";

/// A clinic whose patients come in a week, with contacts; the second patient has blocked the account.
fn clinic() -> Clinic {
    let clinic = Clinic::new();
    let ids = format!(
        "[templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n"
    );
    let keys = format!("[serve.keys.ward]\nhash = \"{READER_HASH}\"\nscopes = [\"read\"]\n");
    clinic.settings(&format!(
        "{ids}[send]\nwait_scale = 0.01\n[source]\nurl = \"appointments.csv\"\n[contacts]\nurl = \"contacts.csv\"\n\
         [defaults]\nhospital = \"协和医院\"\n[remind]\ndays = [7]\ncatch_up = 2\n{keys}"
    ));
    let mut contacts = "patient_id,patient,birth_date,phone,openid\n".to_owned();
    for (patient, name, birth) in [(1, "张三", "1961-04-12"), (2, "李四", "1970-01-30")] {
        let openid = openid(patient);
        writeln!(contacts, "P00000{patient},{name},{birth},1390000000{patient},{openid}").unwrap();
    }
    clinic.file("contacts.csv", contacts);
    appointments(&clinic, &[1, 2]);
    clinic.simulator().fault(Fault::new(FaultKind::Errcode(43004)).forever().openid(openid(2)));
    clinic
}

/// The day in a week, in the clinic: the server knows no pretended time.
#[expect(clippy::disallowed_methods, reason = "the server's own time")]
pub fn day() -> String {
    let now = Timestamp::now().in_tz("Asia/Shanghai").unwrap();
    now.date().saturating_add(7.days()).to_string()
}

fn appointments(clinic: &Clinic, patients: &[usize]) {
    let mut text = format!("{HEADER},phone,department\n");
    for patient in patients {
        let (openid, day) = (openid(*patient), day());
        writeln!(
            text,
            "YY00000{patient},{openid},P00000{patient},患者{patient},{day} 09:0{patient},李医生,协和医院,已预约,1390000000{patient},内科"
        )
        .unwrap();
    }
    clinic.file("appointments.csv", text);
}

/// A caller who is no browser.
struct Caller {
    http: reqwest::Client,
    base: String,
}

impl Caller {
    fn of(serving: &Serving) -> Self {
        let http =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { http: http.build().unwrap(), base: serving.at("") }
    }

    fn get(&self, path: &str, cookie: &str) -> (u16, HeaderMap, String) {
        let request = self.http.get(format!("{}{path}", self.base)).header(COOKIE, cookie);
        let request = request.header("accept-language", "en");
        wait(async {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.headers().clone(), answer.text().await.unwrap())
        })
    }

    fn post(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
        let request = self.http.post(format!("{}{path}", self.base)).body(body.to_owned());
        let usual =
            [("content-type", "application/x-www-form-urlencoded"), ("accept-language", "en")];
        let all = usual.iter().chain(headers);
        let request = all.fold(request, |request, (name, value)| request.header(*name, *value));
        wait(async {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.headers().clone(), answer.text().await.unwrap())
        })
    }

    /// Signs in, and gives the cookie.
    fn sign_in(&self, key: &str) -> String {
        let (status, headers, said) = self.post("/sign-in", &format!("key={key}"), &[]);
        assert_eq!(status, 303, "{said}");
        let cookie = headers[SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

/// Who did this, by the record.
pub fn acted(clinic: &Clinic, verb: &str) -> Vec<String> {
    let ledger = rusqlite::Connection::open(clinic.path("ledger.db")).unwrap();
    let mut asked = ledger.prepare("SELECT actor FROM audit WHERE verb = ?1").unwrap();
    let actors = asked.query_map([verb], |row| row.get(0)).unwrap();
    actors.map(Result::unwrap).collect()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let start = page.find(&format!("name=\"{name}\" value=\"")).expect(name);
    page[start..].split('"').nth(3).unwrap().to_owned()
}

#[test]
fn without_a_key_nothing_is_shown_and_a_session_is_its_keys() {
    let clinic = clinic();
    let _ = clinic.run(["remind", "--yes"]).expect(1);
    let serving = Serving::start(&clinic, PushMode::Plain);
    let caller = Caller::of(&serving);
    for path in ["/", "/due", "/unreached", "/charts", "/prescription", "/message/0a0a0a0a"] {
        for cookie in ["", "wxremind=AAAA.BBBB"] {
            let (status, headers, said) = caller.get(path, cookie);
            assert_eq!((status, headers[LOCATION].to_str().unwrap()), (303, "/sign-in"), "{path}");
            assert!(said.is_empty(), "{said}");
        }
    }
    let (status, headers, _) = caller.get("/sign-in", "");
    assert_eq!(status, 200);
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("script"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "same-origin");

    let (_, headers, _) = caller.post("/sign-in", &format!("key={API_KEY}"), &[]);
    let cookie = headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    let by_https = [("x-forwarded-proto", "https")];
    let (_, headers, _) = caller.post("/sign-in", &format!("key={API_KEY}"), &by_https);
    let cookie = headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-wxremind=") && cookie.contains("; Secure"), "{cookie}");
    let abroad = [("sec-fetch-site", "cross-site")];
    assert_eq!(caller.post("/sign-in", &format!("key={API_KEY}"), &abroad).0, 403);

    // A reader sees the record, and no name, number or form.
    let reader = caller.sign_in(READER);
    let (status, _, page) = caller.get("/", &reader);
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("***001") && !page.contains("P000001"), "{page}");
    let (_, _, page) = caller.get("/unreached", &reader);
    assert!(page.contains("YY000002") && page.contains("does not show names"), "{page}");
    assert!(!page.contains("13900000002") && !page.contains("患者2"), "{page}");
    assert_eq!(caller.get("/prescription", &reader).0, 403);
    // Whoever may see them does, and the record remembers it.
    let all = caller.sign_in(API_KEY);
    let (_, _, page) = caller.get("/unreached", &all);
    assert!(page.contains("13900000002") && page.contains("患者2"), "{page}");
    assert_eq!(acted(&clinic, "page unreached"), ["environment"]);
    // A session ends when it is left, and only that one.
    let (_, _, page) = caller.get("/", &all);
    let token = hidden(&page, "token");
    let cookies = [("cookie", all.as_str())];
    assert_eq!(caller.post("/sign-out", "token=", &cookies).0, 403);
    assert_eq!(caller.post("/sign-out", &format!("token={token}"), &cookies).0, 303);
    assert_eq!(caller.get("/", &all).0, 303);
    assert_eq!(caller.get("/", &reader).0, 200);
    // Wrong keys are counted, and a right one is let in all the same.
    let wrong: Vec<u16> = (0..25).map(|_| caller.post("/sign-in", "key=guess", &[]).0).collect();
    assert_eq!((wrong[0], wrong[24]), (403, 429), "{wrong:?}");
    let _ = caller.sign_in(READER);
}

#[test]
fn a_prescription_needs_the_forms_token_and_the_preview_that_was_seen() {
    let clinic = clinic();
    let serving = Serving::start(&clinic, PushMode::Plain);
    let caller = Caller::of(&serving);
    let cookie = caller.sign_in(API_KEY);
    let cookies = [("cookie", cookie.as_str())];
    let (_, _, page) = caller.get("/prescription", &cookie);
    let token = hidden(&page, "token");
    let typed = |name: &str, token: &str, more: &str| {
        format!("patient_id=P000001&patient={name}&reference={REFERENCE}&token={token}{more}")
    };
    for (name, token, status, because) in [
        ("张三", "", 403, "no longer valid"),
        ("", token.as_str(), 422, "the name or the day of birth"),
        ("李四", token.as_str(), 422, "another one than was typed"),
    ] {
        let (said, _, page) = caller.post("/prescription", &typed(name, token, ""), &cookies);
        assert_eq!(said, status, "{page}");
        assert!(page.contains(because), "{page}");
    }
    let (status, _, page) = caller.post("/prescription", &typed("张三", &token, ""), &cookies);
    assert_eq!(status, 200, "{page}");
    assert!(
        page.contains(REFERENCE) && page.contains("张三") && page.contains("***0001"),
        "{page}"
    );
    let seen = hidden(&page, "seen");
    let send =
        |more: &str| caller.post("/prescription/send", &typed("张三", &token, more), &cookies);
    // Without the preview, or once contacts name another phone, it is shown again and not sent.
    assert_eq!(send("").0, 409);
    let contacts = std::fs::read_to_string(clinic.path("contacts.csv")).unwrap();
    clinic.file("contacts.csv", contacts.replace(&openid(1), &openid(7)));
    assert_eq!(send(&format!("&seen={seen}")).0, 409);
    clinic.file("contacts.csv", contacts);
    assert!(clinic.simulator().messages().is_empty());
    let (status, headers, page) = send(&format!("&seen={seen}"));
    assert_eq!(status, 303, "{page}");
    until(|| clinic.states() == "accepted 1");
    clinic.assert_once_each([1]);
    let path = headers[LOCATION].to_str().unwrap().to_owned();
    assert!(caller.get(&path, &cookie).2.contains("accepted"));
    // The same again is refused, in words; the record knows the key's name.
    let (status, _, page) = send(&format!("&seen={seen}"));
    assert_eq!(status, 422);
    assert!(page.contains("It was sent to this patient"), "{page}");
    clinic.assert_once_each([1]);
    assert_eq!(acted(&clinic, "page prescribe"), ["environment"]);
}

#[test]
fn in_a_browser_without_scripts_staff_see_what_failed_and_send_a_prescription() {
    let clinic = clinic();
    let _ = clinic.run(["remind", "--yes"]).expect(1);
    appointments(&clinic, &[1, 2, 3, 4]);
    let serving = Serving::start(&clinic, PushMode::Plain);
    let Some(browser) = Browser::open(&serving.at(""), "zh-CN,zh", (1280, 900)) else { return };
    browser.visit("/");
    assert_eq!(browser.path(), "/sign-in");
    browser.picture("zh-sign-in");
    browser.fill("key", "wxr_wrong");
    browser.click("main button");
    assert!(browser.text().contains("密钥不正确"), "{}", browser.text());
    browser.fill("key", API_KEY);
    browser.click("main button");
    let text = browser.text();
    assert!(text.contains("发送记录") && text.contains("发送失败"), "{text}");
    // The style sheet is let in by the policy.
    assert_eq!(browser.style("header", "display"), "flex");
    browser.picture("zh-messages");
    browser.choose("state", "problem");
    browser.click(".filters button");
    let text = browser.text();
    assert!(text.contains("YY000002") && !text.contains("YY000001"), "{text}");

    browser.click("nav a[href='/due']");
    let text = browser.text();
    assert!(text.contains("YY000003") && !text.contains("YY000001"), "{text}");
    browser.picture("zh-due");
    browser.click("nav a[href='/unreached']");
    assert!(browser.text().contains("13900000002"), "{}", browser.text());
    browser.picture("zh-unreached");
    browser.click("nav a[href='/charts']");
    assert!(!browser.style("svg.chart", "width").starts_with('0'), "no chart");
    browser.picture("zh-charts");

    browser.click("nav a[href='/prescription']");
    browser.fill("patient_id", "P000001");
    browser.fill("patient", "张五");
    browser.fill("reference", REFERENCE);
    browser.click("main button");
    assert!(browser.text().contains("与名册不一致"), "{}", browser.text());
    browser.picture("zh-prescription-refused");
    browser.fill("patient", "张三");
    browser.click("main button");
    let text = browser.text();
    assert!(text.contains("核对处方") && text.contains(REFERENCE), "{text}");
    browser.picture("zh-preview");
    let before = clinic.simulator().messages().len();
    browser.click(".answers button");
    assert!(browser.path().starts_with("/message/"), "{}", browser.path());
    until(|| clinic.simulator().messages().len() > before);
    until(|| browser.text().contains("微信已接收"));
    browser.picture("zh-message");
    let messages = clinic.simulator().messages();
    let sent: Vec<_> = messages.iter().skip(before).map(|one| one.openid.clone()).collect();
    assert_eq!(sent, [openid(1)]);

    browser.click(".languages a[lang='en']");
    browser.click("nav a[href='/']");
    assert!(browser.text().contains("Prescription"), "{}", browser.text());
    browser.picture("en-messages");
    browser.click("header .leave button");
    browser.visit("/unreached");
    assert_eq!(browser.path(), "/sign-in");
}

#[test]
fn on_a_telephone_in_english_every_page_fits() {
    let clinic = clinic();
    let _ = clinic.run(["remind", "--yes"]).expect(1);
    appointments(&clinic, &[1, 2, 3, 4]);
    let serving = Serving::start(&clinic, PushMode::Plain);
    let Some(browser) = Browser::open(&serving.at(""), "en-GB,en", (500, 900)) else { return };
    browser.visit("/sign-in");
    browser.picture("en-narrow-sign-in");
    browser.fill("key", API_KEY);
    browser.click("main button");
    for (path, name) in [
        ("/", "messages"),
        ("/due", "due"),
        ("/unreached", "unreached"),
        ("/charts", "charts"),
        ("/prescription", "prescription"),
    ] {
        browser.visit(path);
        browser.picture(&format!("en-narrow-{name}"));
        let (page, window) = (browser.width("html"), browser.width("header"));
        assert!(page <= window, "{path} is {page} wide in {window}");
    }
}
