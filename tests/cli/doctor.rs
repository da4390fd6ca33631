//! The health check as people read it: a desk in order, a bare one, one before its account exists, a broken one.

mod checks;

use std::fs;

use wechat_simulator::{SAMPLE_APP_ID, TEMPLATE_PRESCRIPTION, TEMPLATE_REMINDER};

use crate::support::{Desk, Run, set_mode};

const SECRET: &str = "WXREMIND_APP_SECRET";
const WEBHOOK_SECRET: (&str, &str) =
    ("WXREMIND_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
const APPOINTMENTS: &str = include_str!("../../examples/appointments.csv");
const CONTACTS: &str = include_str!("../../examples/contacts.csv");
const NOW: &str = "2026-11-23 08:00";

/// A desk whose settings are in the user's folder, with a source, contacts, a template and a webhook.
fn in_order() -> Desk {
    let desk = Desk::new();
    for (name, text) in [("appointments.csv", APPOINTMENTS), ("contacts.csv", CONTACTS)] {
        // The last row of contacts is of a patient without an openid, and the fourth visit is that of another.
        desk.file(
            name,
            text.replace(
                "陈六,1999-12-24,13800000006,",
                "陈六,1999-12-24,13800000006,oSampleOpenidOfPatient000008",
            ),
        );
    }
    settings(&desk, "url = \"https://hooks.example.org/flow/hunter2?sig=hunter2\"");
    desk
}

fn settings(desk: &Desk, webhook: &str) {
    let work = desk.path("");
    let work = work.to_str().unwrap().trim_end_matches('/');
    let file = desk.home("config/wxremind/wxremind.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(
        &file,
        format!(
            "[account]\napp_id = \"{SAMPLE_APP_ID}\"\napi_base = \"{}\"\n[ledger]\nurl = \"sqlite://{work}/ledger.db\"\n\
             [source]\nurl = \"{work}/appointments.csv\"\n[source.columns]\ndoctor = \"医生\"\n\
             [contacts]\nurl = \"{work}/contacts.csv\"\n[remind]\ndays = [7]\n\
             [templates]\nids = {{ reminder = \"{TEMPLATE_REMINDER}\", prescription = \"{TEMPLATE_PRESCRIPTION}\" }}\n[webhook]\n{webhook}\n",
            desk.base_url()
        ),
    )
    .unwrap();
    set_mode(&file, 0o600);
}

fn doctor(desk: &Desk, more: &[&str]) -> Run {
    let words = ["doctor", "--now", NOW].into_iter().chain(more.iter().copied());
    desk.program(words).env(WEBHOOK_SECRET.0, WEBHOOK_SECRET.1).run()
}

fn without_size(line: &str) -> String {
    match (line.split_once("Schema "), line.split_once(" KiB")) {
        (Some((before, _)), Some((_, after))) => format!("{before}Schema N, N KiB{after}"),
        _ => line.to_owned(),
    }
}

#[test]
fn a_desk_in_order() {
    let desk = in_order();
    let _ = desk.run(["remind", "--now", NOW, "--days", "7", "--yes"]);
    assert_eq!(desk.simulator().messages().len(), 6);
    let run = doctor(&desk, &[]).expect(0);
    assert!(!run.to_string().contains("hunter2"), "{run}");
    // The schema grows, and the file with it.
    let shown: Vec<_> = run.to_string().lines().map(without_size).collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    --- stdout
    pass  settings.file           [DESK]/home/config/wxremind/wxremind.toml, the first of the usual places that has one.
    pass  settings.others         There is no other settings file.

    pass  clock.time              This machine's clock agrees with WeChat's.
    pass  clock.zone              The clinic's zone is Asia/Shanghai: there it is Monday, 2026-11-23 08:00 (as --now says). This machine's own zone is UTC, which does not matter.

    pass  files.settings          Nobody else can read a password in the settings file, or change it.
    pass  files.ledger            Only its owner can read the ledger.
    pass  files.source            The file of appointments is not open to everybody.
    pass  files.contacts          The file of contacts is not open to everybody.

    pass  account.id              wx51a0000000000000; calls go to http://[SIMULATOR]----, a simulator on this machine.
    pass  account.secret          The app secret comes from $WXREMIND_APP_SECRET.
    pass  account.token           WeChat takes the secret, and calls from this machine.
    pass  account.quota           99994 of 100000 template messages are left today.

    pass  templates.account       The account has 4 of its own.
    pass  templates.prescription  Matches the account's template.
                                    note  WeChat has not shown first since 2023.
                                    note  WeChat has not shown remark since 2023.
    pass  templates.reminder      Matches the account's template.
                                    note  WeChat has not shown first since 2023.
                                    note  WeChat has not shown remark since 2023.

    pass  ledger.place            [DESK]/work/ledger.db, as the settings say.
    pass  ledger.record           Schema N, N KiB, 6 messages.
                                    accepted  6
    pass  ledger.owner            It belongs to this user.
    pass  ledger.disk             It lies on this machine, and there is room.
    pass  ledger.cron             Whoever reads these settings uses this ledger.

    pass  source.file             appointments.csv is read as UTF-8 (valid UTF-8), with the header on line 1.
    pass  source.columns          12 columns are read.
                                    appointment_id  column 1 “预约号”
                                    openid          column 5 “openid”
                                    patient_id      column 2 “门诊号”
                                    patient         column 3 “患者姓名”
                                    phone           column 4 “手机号”
                                    start           column 10 “就诊日期”
                                    time            column 11 “时段”
                                    department      column 6 “科室”
                                    doctor          column 7 “医生”       by the settings
                                    hospital        column 8 “医院名称”
                                    campus          column 9 “院区”
                                    status          column 12 “状态”
    pass  source.rows             9 rows, 7 of them on 2026-11-30: 6 would be reminded, if nobody has been.

    pass  contacts.file           Rows with an openid: 7. Without an openid or a key: 0; at fault: 0.
    pass  contacts.due            6 of 6 due visits have an openid.

    pass  webhook.address         Events go to https://hooks.example.org/***.
    pass  webhook.secret          Events are signed.

    27 passed, 0 to look at, 0 failed: exit code 0.
    --- exit 0
    ");
}

#[test]
fn a_bare_desk_gets_a_list_of_what_to_do() {
    let desk = Desk::new();
    let run = desk.program(["doctor", "--now", NOW]).without(SECRET).run();
    insta::assert_snapshot!(run, @r#"
    --- stdout
    warn  settings.file           There is no settings file: the usual values and the environment count.
                                  Fix: Copy examples/wxremind.toml to one of [DESK]/work/wxremind.toml, [DESK]/home/config/wxremind/wxremind.toml, /etc/wxremind/wxremind.toml, and write your app id into it.

    pass  clock.zone              The clinic's zone is Asia/Shanghai: there it is Monday, 2026-11-23 08:00 (as --now says). This machine's own zone is UTC, which does not matter.

    fail  account.id              No app id is set.
                                  Fix: Write wxremind.toml with: [account] app_id = "wx…"; or set $WXREMIND_APP_ID. Without an account, --simulate rehearses with the built-in simulator.

    warn  templates.prescription  The template prescription (built in) has no WeChat template id.
                                  Fix: `wxremind templates pull prescription --id=TEMPLATE_ID` writes it from a template of the account. Or set it in wxremind.toml: [templates] ids = { prescription = "TEMPLATE_ID" }
    fail  templates.reminder      The template reminder (built in) has no WeChat template id.
                                  Fix: `wxremind templates pull reminder --id=TEMPLATE_ID` writes it from a template of the account. Or set it in wxremind.toml: [templates] ids = { reminder = "TEMPLATE_ID" }

    pass  ledger.place            [DESK]/home/state/wxremind/ledger.db, in this user's state folder, does not exist yet: the first run makes it.
    pass  ledger.disk             It lies on this machine, and there is room.
    warn  ledger.cron             No ledger is set, so each user has another one: cron's or the service's run would not know what this user sent.
                                  Fix: Set url under [ledger] in wxremind.toml, and let cron and the service read that file.

    warn  source.file             No source is set: each command must name one.
                                  Fix: Give it to doctor as cron's line does, `wxremind doctor SOURCE`, or set url under [source].

    pass  contacts.file           No contacts are set: the source itself must have the openids.

    pass  webhook.address         No webhook is set: events go nowhere.

    Not checked:
      clock.time: WeChat was not asked
      account.secret, account.token, account.quota: no account is set up
      templates.account: WeChat was not asked
      source.columns, source.rows: no source is named
      contacts.due: it is not known who is due

    5 passed, 4 to look at, 2 failed: exit code 4.
    --- exit 4
    "#);
}

#[test]
fn before_the_account_exists_nothing_fails_that_need_not_work_yet() {
    let desk = Desk::new();
    desk.file("appointments.csv", APPOINTMENTS);
    let words = ["doctor", "--offline", "--days", "7", "--now", NOW, "appointments.csv"];
    let run = desk.program(words).without(SECRET).run();
    insta::assert_snapshot!(run, @r#"
    --- stdout
    warn  settings.file           There is no settings file: the usual values and the environment count.
                                  Fix: Copy examples/wxremind.toml to one of [DESK]/work/wxremind.toml, [DESK]/home/config/wxremind/wxremind.toml, /etc/wxremind/wxremind.toml, and write your app id into it.

    pass  clock.zone              The clinic's zone is Asia/Shanghai: there it is Monday, 2026-11-23 08:00 (as --now says). This machine's own zone is UTC, which does not matter.

    pass  files.source            The file of appointments is not open to everybody.

    warn  account.id              No app id is set.
                                  Fix: Write wxremind.toml with: [account] app_id = "wx…"; or set $WXREMIND_APP_ID. Without an account, --simulate rehearses with the built-in simulator.

    warn  templates.prescription  The template prescription (built in) has no WeChat template id.
                                  Fix: `wxremind templates pull prescription --id=TEMPLATE_ID` writes it from a template of the account. Or set it in wxremind.toml: [templates] ids = { prescription = "TEMPLATE_ID" }
    warn  templates.reminder      The template reminder (built in) has no WeChat template id.
                                  Fix: `wxremind templates pull reminder --id=TEMPLATE_ID` writes it from a template of the account. Or set it in wxremind.toml: [templates] ids = { reminder = "TEMPLATE_ID" }

    pass  ledger.place            [DESK]/home/state/wxremind/ledger.db, in this user's state folder, does not exist yet: the first run makes it.
    pass  ledger.disk             It lies on this machine, and there is room.
    warn  ledger.cron             No ledger is set, so each user has another one: cron's or the service's run would not know what this user sent.
                                  Fix: Set url under [ledger] in wxremind.toml, and let cron and the service read that file.

    pass  source.file             appointments.csv is read as UTF-8 (valid UTF-8), with the header on line 1.
    pass  source.columns          12 columns are read.
                                    appointment_id  column 1 “预约号”
                                    openid          column 5 “openid”
                                    patient_id      column 2 “门诊号”
                                    patient         column 3 “患者姓名”
                                    phone           column 4 “手机号”
                                    start           column 10 “就诊日期”
                                    time            column 11 “时段”
                                    department      column 6 “科室”
                                    doctor          column 7 “医生”
                                    hospital        column 8 “医院名称”
                                    campus          column 9 “院区”
                                    status          column 12 “状态”
    pass  source.rows             9 rows, 7 of them on 2026-11-30: 4 would be reminded, if nobody has been.

    pass  contacts.file           No contacts are set: the source itself must have the openids.
    warn  contacts.due            4 of 6 due visits have an openid.
                                  Fix: Add the others to contacts, or telephone: `wxremind log unreached SOURCE` lists them after the run.

    pass  webhook.address         No webhook is set: events go nowhere.

    Not checked:
      clock.time: WeChat was not asked
      account.secret, account.token, account.quota: no account is set up
      templates.account: --offline

    9 passed, 6 to look at, 0 failed: exit code 0.
    --- exit 0
    "#);
}

#[test]
fn a_broken_desk() {
    let desk = in_order();
    desk.file("appointments.csv", b"%PDF-1.7\n\x00\x01\x02");
    desk.file(
        "ledger.db",
        "a shopping list, and certainly no record of what was sent to whom, nor any other database",
    );
    desk.file("contacts.csv", "病历号,微信\nP1,oA\n");
    settings(&desk, "url = \"https://hooks.example.org/flow/hunter2?sig=hunter2\"");
    set_mode(&desk.home("config/wxremind/wxremind.toml"), 0o644);
    for table in ["appointments.csv", "contacts.csv", "ledger.db"] {
        set_mode(&desk.path(table), 0o666);
    }
    let run = desk.program(["doctor", "--now", NOW]).env(SECRET, "hunter2").run();
    assert!(!run.to_string().contains("hunter2"), "{run}");
    insta::assert_snapshot!(run, @r#"
    --- stdout
    pass  settings.file           [DESK]/home/config/wxremind/wxremind.toml, the first of the usual places that has one.
    pass  settings.others         There is no other settings file.

    pass  clock.time              This machine's clock agrees with WeChat's.
    pass  clock.zone              The clinic's zone is Asia/Shanghai: there it is Monday, 2026-11-23 08:00 (as --now says). This machine's own zone is UTC, which does not matter.

    warn  files.settings          Others on this machine can read [DESK]/home/config/wxremind/wxremind.toml, which holds a password ([webhook] url).
                                  Fix: Run `chmod 600 [DESK]/home/config/wxremind/wxremind.toml`; if it was so for long, change the password.
    warn  files.ledger            Others on this machine can read [DESK]/work/ledger.db.
                                  Fix: Run `chmod go-rwx [DESK]/work/ledger.db`.
    warn  files.source            Everybody on this machine can change the appointments in [DESK]/work/appointments.csv.
                                  Fix: Run `chmod o-rwx [DESK]/work/appointments.csv`, and have the export written so.
    warn  files.contacts          Everybody on this machine can change the contacts in [DESK]/work/contacts.csv.
                                  Fix: Run `chmod o-rwx [DESK]/work/contacts.csv`, and have the export written so.

    pass  account.id              wx51a0000000000000; calls go to http://[SIMULATOR]----, a simulator on this machine.
    pass  account.secret          The app secret comes from $WXREMIND_APP_SECRET.
    fail  account.token           WeChat refused the call (40125): The AppSecret is wrong, or was reset in the console.
                                  Fix: The operator enters the current AppSecret again. If nobody has it, an administrator resets it in the console (设置与开发 → 基本配置); every other system of the account then needs the new one too. `wxremind explain 40125` says more, also in Chinese. The secret that was tried comes from $WXREMIND_APP_SECRET.

    pass  templates.prescription  Its fields take what fills them; not held against the account's.
    pass  templates.reminder      Its fields take what fills them; not held against the account's.

    pass  ledger.place            [DESK]/work/ledger.db, as the settings say.
    fail  ledger.record           The ledger cannot be used: [DESK]/work/ledger.db is not a wxremind ledger and was left alone.
                                  Fix: Name another file.
    pass  ledger.owner            It belongs to this user.
    pass  ledger.disk             It lies on this machine, and there is room.
    pass  ledger.cron             Whoever reads these settings uses this ledger.

    fail  source.file             appointments.csv is a PDF document.
                                  Fix: Save it as CSV text or as an Excel workbook (.xlsx) and try again.

    fail  contacts.file           contacts.csv has no column for openid; right now it has columns called 病历号, 微信 (line 1).
                                  Fix: Map them in the settings under [source.columns]: openid = "…".

    pass  webhook.address         Events go to https://hooks.example.org/***.
    warn  webhook.secret          Events go out unsigned: whoever knows the address can send the receiver false ones.
                                  Fix: Set $WXREMIND_WEBHOOK_SECRET to whsec_ and the base64 of 24 to 64 random bytes, and give the receiver the same: `echo whsec_$(openssl rand -base64 32)` makes one.

    Not checked:
      account.quota, templates.account: WeChat gave no token
      source.columns, source.rows: the source cannot be read
      contacts.due: contacts cannot be read

    13 passed, 5 to look at, 4 failed: exit code 5.
    --- exit 5
    "#);
}
