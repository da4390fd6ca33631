//! `:from`, `:to` and `:today` mean the clinic's days, whatever type the column has.

use super::super::fault::Fault;
use super::servers::{mariadb, postgres, sqlite};
use super::{fault, read};

/// One visit just before the day, two in it, one just after.
const MOMENTS: [(&str, &str); 4] = [
    ("before", "2026-11-29 23:59:59"),
    ("first", "2026-11-30 00:00:00"),
    ("last", "2026-11-30 23:59:59"),
    ("after", "2026-12-01 00:00:00"),
];

fn values(write: impl Fn(&str) -> String) -> String {
    let rows = MOMENTS.map(|(name, moment)| format!("('{name}', {})", write(moment)));
    rows.join(", ")
}

fn found(url: &str, column: &str, suffix: &str) -> Vec<String> {
    let select = format!(
        "SELECT name FROM v WHERE {column} >= :from{suffix} AND {column} < :to{suffix} ORDER BY name"
    );
    read(url, &select).unwrap().into_iter().flatten().collect()
}

#[test]
fn the_days_are_the_clinics_in_postgresql() {
    let Some(database) = postgres() else { return };
    let at = |moment: &str| format!("'{moment}'");
    let shanghai = |moment: &str| format!("'{moment}+08'");
    database.execute(&format!(
        "CREATE TABLE v (name text, wall timestamp, instant timestamptz, day date, written text);
         INSERT INTO v (name, wall) VALUES {}; INSERT INTO v (name, instant) VALUES {};
         INSERT INTO v (name, day) VALUES {}; INSERT INTO v (name, written) VALUES {}",
        values(at),
        values(shanghai),
        values(at),
        values(at)
    ));
    for (column, suffix) in [("wall", ""), ("instant", ""), ("day", ""), ("written", "_text")] {
        assert_eq!(found(&database.url, column, suffix), ["first", "last"], "{column}");
    }
    let compared = fault(&database.url, "SELECT name FROM v WHERE written >= :from");
    let Fault::Comparand { placeholder, fix, .. } = &compared else { panic!("{compared}") };
    assert_eq!(*placeholder, ":from");
    assert!(fix.contains(":from_text"), "{compared}");
    let number = fault(&database.url, "SELECT name FROM v WHERE length(name) = :today");
    assert!(matches!(number, Fault::Comparand { .. }), "{number}");
    // One placeholder, two types.
    let both = "SELECT name FROM v WHERE wall >= :from AND wall::date < :to AND :today < wall::date ORDER BY name";
    assert_eq!(read(&database.url, both).unwrap().concat(), ["first", "last"]);
    let zone = read(&database.url, "SELECT current_setting('TimeZone')").unwrap();
    assert_eq!(zone.concat(), ["Asia/Shanghai"]);
}

#[test]
fn the_days_are_the_clinics_in_mariadb() {
    let Some(database) = mariadb() else { return };
    let at = |moment: &str| format!("'{moment}'");
    database.execute(&format!(
        "SET time_zone = '+08:00';
         CREATE TABLE v (name text, wall datetime, instant timestamp NULL, day date, written varchar(30));
         INSERT INTO v (name, wall) VALUES {}; INSERT INTO v (name, instant) VALUES {};
         INSERT INTO v (name, day) VALUES {}; INSERT INTO v (name, written) VALUES {}",
        values(at),
        values(at),
        values(|moment| format!("'{}'", &moment[..10])),
        values(at)
    ));
    for (column, suffix) in [("wall", ""), ("instant", ""), ("day", ""), ("written", "_text")] {
        assert_eq!(found(&database.url, column, suffix), ["first", "last"], "{column}");
    }
    let today = "SELECT name FROM v WHERE wall >= :from AND DATE(wall) > :today AND wall < :to ORDER BY name";
    assert_eq!(read(&database.url, today).unwrap().concat(), ["first", "last"]);
    let zone = read(&database.url, "SELECT TIMEDIFF(NOW(), UTC_TIMESTAMP())").unwrap();
    assert_eq!(zone.concat(), ["08:00:00"]);
}

#[test]
fn the_days_are_the_clinics_in_sqlite() {
    let database = sqlite();
    let forms: [fn(&str) -> String; 3] = [
        |moment| format!("'{moment}'"),
        |moment| format!("'{}'", moment.replace(' ', "T")),
        |moment| format!("'{}'", &moment[..10]),
    ];
    for write in forms {
        database.execute(&format!(
            "DROP TABLE IF EXISTS v; CREATE TABLE v (name, wall); INSERT INTO v VALUES {}",
            values(write)
        ));
        assert_eq!(found(&database.url, "wall", ""), ["first", "last"]);
    }
}

#[cfg(feature = "odbc")]
#[test]
fn the_days_are_the_clinics_by_odbc() {
    use super::servers::by_odbc;

    let at = |moment: &str| format!("'{moment}'");
    let wall = |kind: &str| {
        format!(
            "CREATE TABLE v (name varchar(20), wall {kind}); INSERT INTO v VALUES {}",
            values(at)
        )
    };
    if let Some((database, url)) = postgres().and_then(|one| by_odbc(&one).map(|url| (one, url))) {
        database.execute(&wall("timestamp"));
        assert_eq!(found(&url, "wall", ""), ["first", "last"]);
        database.execute(&format!("DROP TABLE v; {}", wall("date")));
        assert_eq!(found(&url, "wall", ""), ["first", "last"]);
    }
    if let Some((database, url)) = mariadb().and_then(|one| by_odbc(&one).map(|url| (one, url))) {
        database.execute(&wall("datetime"));
        assert_eq!(found(&url, "wall", ""), ["first", "last"]);
    }
    let database = sqlite();
    if let Some(url) = by_odbc(&database) {
        database.execute(&wall("text"));
        assert_eq!(found(&url, "wall", "_text"), ["first", "last"]);
    }
}
