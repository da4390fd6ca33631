//! A view with the usual columns is read without a query; and a source and contacts come of it.

use std::collections::BTreeMap;

use super::super::fault::Fault;
use super::super::query::Query;
use super::query;
use super::servers::{Database, mariadb, postgres, sqlite};
use crate::intake::{Column, ContactSettings, Error, Row, Settings, Source, contacts_of_database};

/// The view that a hospital is asked for, with two columns that nobody needs.
const VIEW: &str = "CREATE TABLE v (appt_id varchar(20), status varchar(20), appt_date DAY, appt_time varchar(10),
    patient_ref varchar(20), display_name varchar(20), dept_name varchar(20), doctor_name varchar(20),
    campus varchar(20), slot_text varchar(20), location varchar(20), updated_at varchar(30), diagnosis varchar(100), photo BYTES);
  INSERT INTO v (appt_id, status, appt_date, appt_time, patient_ref, display_name, dept_name, doctor_name, campus, location)
    VALUES ('Y1', '已预约', '2026-11-30', '08:30', 'P1', '王小明', '内科', '李医生', '东院', '3楼'),
           ('Y2', '已取消', '2026-11-30', '09:00', 'P2', '赵小红', '外科', '周医生', '东院', '2楼'),
           ('Y3', '已预约', '2027-01-15', '09:00', 'P3', '钱小华', '外科', '周医生', '东院', '2楼'),
           ('Y4', '已预约', '2026-11-30', '25:99', 'P4', '孙小刚', '外科', '周医生', '东院', '2楼')";

fn view(database: &Database, day: &str, bytes: &str) -> Query {
    database.execute(&VIEW.replace("DAY", day).replace("BYTES", bytes));
    Query { table: Some("v".to_owned()), ..query(&database.url, None) }
}

/// What is read of the view: the visits, the rows refused, and how many rows came.
fn shown(query: &Query) -> (Vec<String>, Vec<String>, u64) {
    let mut source = Source::query(query, &Settings::default()).unwrap();
    let (mut visits, mut refused) = (Vec::new(), Vec::new());
    let reading = source
        .rows(|row| match row {
            Row::Visit(visit) => visits.push(format!(
                "{} {} {} {} {} {:?}",
                visit.line,
                visit.appointment_id,
                visit.start,
                visit.patient.as_deref().unwrap_or("-"),
                visit.location.as_deref().unwrap_or("-"),
                visit.status
            )),
            Row::Refused(row) => {
                refused.push(format!("{} {:?}", row.refusal.line, row.refusal.reason));
            }
        })
        .unwrap();
    (visits, refused, reading.rows)
}

#[test]
fn a_view_is_read_of_the_days_that_are_asked_for() {
    for (database, bytes) in [(postgres(), "bytea"), (mariadb(), "blob")] {
        let Some(database) = database else { continue };
        let (visits, refused, rows) = shown(&view(&database, "date", bytes));
        let wanted = [
            "1 Y1 2026-11-30 08:30 王小明 东院 3楼 Remind",
            "2 Y2 2026-11-30 09:00 赵小红 东院 2楼 Never",
        ];
        assert_eq!(visits, wanted);
        assert_eq!(refused, ["3 UnreadableTime"]);
        // The visit in January never left the server.
        assert_eq!(rows, 3);
    }
    let (visits, _, rows) = shown(&view(&sqlite(), "text", "blob"));
    assert_eq!((visits.len(), rows), (3, 4), "a text is compared by nobody but us");
}

#[test]
fn what_was_understood_is_said_before_any_row_is_read() {
    let database = sqlite();
    let source = Source::query(&view(&database, "text", "blob"), &Settings::default()).unwrap();
    let read = source.understanding();
    assert!(read.server.as_deref().unwrap().starts_with("SQLite 3."), "{read:?}");
    let columns: Vec<String> =
        read.columns.iter().map(|one| format!("{}={}", one.column, one.header)).collect();
    let wanted = "appointment_id=appt_id patient_id=patient_ref patient=display_name start=appt_date time=appt_time time=slot_text \
                  department=dept_name doctor=doctor_name campus=campus location=location status=status";
    assert_eq!(columns.join(" "), wanted);
    // updated_at, diagnosis and photo: nobody reads them.
    assert_eq!(read.ignored, 3);
}

#[test]
fn columns_are_found_by_the_settings_where_their_names_say_nothing() {
    let database = sqlite();
    database.execute(
        "CREATE TABLE v (k1, k2, k3); INSERT INTO v VALUES ('Y1', 'P1', '2026-11-30 08:30')",
    );
    let asked = query(&database.url, Some("SELECT k1, k2, k3 FROM v WHERE k3 >= :from"));
    let Err(Error::Database { fault, .. }) = Source::query(&asked, &Settings::default()) else {
        panic!("understood")
    };
    insta::assert_snapshot!(fault, @"no column for start and none for openid or patient_id or phone; right now it has columns called k1, k2, k3: rename them with AS in the query, or map them in the settings under [source.columns]");
    let title = |title: &str| vec![crate::intake::ColumnRef::Header(title.to_owned())];
    let columns = BTreeMap::from([
        (Column::AppointmentId, title("k1")),
        (Column::PatientId, title("k2")),
        (Column::Start, title("k3")),
    ]);
    let mut source = Source::query(&asked, &Settings { columns, ..Settings::default() }).unwrap();
    assert_eq!(source.rows(|_| {}).unwrap().rows, 1);
}

#[test]
fn two_columns_of_one_name_and_two_that_contradict_are_refused() {
    let database = sqlite();
    let refused = |select: &str| {
        let source = Source::query(&query(&database.url, Some(select)), &Settings::default());
        let error = source.and_then(|mut source| source.rows(|_| {})).unwrap_err();
        let Error::Database { fault, .. } = error else { panic!("{error}") };
        *fault
    };
    let twice = refused("SELECT 'P1' AS patient_id, 'P2' AS patient_id, '2026-11-30' AS start");
    assert!(matches!(&twice, Fault::Doubled { .. }), "{twice}");
    let two = refused("SELECT 'P1' AS mrn, 'P2' AS chart_no, '2026-11-30' AS start");
    assert!(matches!(&two, Fault::Contradiction { row: 1, .. }), "{two}");
    let order = refused("SELECT 'P1' AS mrn, '03/04/2026' AS start");
    assert!(matches!(&order, Fault::UnknownDayOrder { row: 1 }), "{order}");
}

#[test]
fn contacts_are_read_in_the_same_way() {
    let rows = "VALUES ('P1', 'oA', '2026-01-02 10:00:00'), ('P2', NULL, NULL), ('P3', 'oC', '2026-02-03 11:30:00')";
    for (database, kind) in
        [(postgres(), "timestamptz"), (mariadb(), "datetime"), (Some(sqlite()), "text")]
    {
        let Some(database) = database else { continue };
        let zoned =
            if kind == "timestamptz" { rows.replace("00')", "00+08')") } else { rows.to_owned() };
        database.execute(&format!(
            "CREATE TABLE binding (patient_id varchar(20), openid varchar(40), bound_at {kind}); INSERT INTO binding {zoned}"
        ));
        let asked = query(
            &database.url,
            Some("SELECT patient_id, openid, bound_at FROM binding ORDER BY 1"),
        );
        let mut found = Vec::new();
        let reading = contacts_of_database(&asked, &ContactSettings::default(), &mut |contact| {
            found.push(format!(
                "{} {:?} {} {:?}",
                contact.line, contact.patient_id, contact.openid, contact.bound_at
            ));
        })
        .unwrap();
        assert_eq!((reading.rows, reading.incomplete), (2, 1));
        assert_eq!(
            found,
            [
                "1 Some(\"P1\") oA Some(2026-01-02T10:00:00)",
                "3 Some(\"P3\") oC Some(2026-02-03T11:30:00)"
            ]
        );
    }
}
