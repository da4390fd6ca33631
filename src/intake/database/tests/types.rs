//! Every type that a hospital's columns have arrives as what it says, and one that cannot is named.

use super::super::fault::Fault;
use super::servers::{mariadb, postgres, sqlite};
use super::{fault, row};

#[test]
fn postgresqls_types_arrive_as_what_they_say() {
    let Some(database) = postgres() else { return };
    database.execute(
        "CREATE TYPE state AS ENUM ('已预约', '已取消'); CREATE DOMAIN card AS varchar(20);
         SET TIME ZONE 'UTC';
         CREATE TABLE v AS SELECT DATE '2026-11-30' AS a, TIMESTAMP '2026-11-30 08:30:15.25' AS b,
           TIMESTAMPTZ '2026-11-30 00:30:00+00' AS c, TIME '08:30' AS d,
           12345678901234567890.50::numeric(30,2) AS e, 1::smallint AS f, -2 AS g,
           9007199254740993::bigint AS h, 1.5::real AS i, 2.25::double precision AS j, true AS k,
           'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS l, '王小明'::varchar AS m,
           'ab'::char(4) AS n, '已预约'::state AS o, '00012345'::card AS p,
           NULL::timestamptz AS q, NULL::text AS r, 'infinity'::date AS s, 138.0::numeric AS t",
    );
    let cells = row(&database.url, "SELECT * FROM v");
    let wanted = [
        "2026-11-30",
        "2026-11-30 08:30:15",
        // The clinic is in Shanghai, whatever the server thinks.
        "2026-11-30 08:30:00",
        "08:30:00",
        "12345678901234567890.50",
        "1",
        "-2",
        "9007199254740993",
        "1.5",
        "2.25",
        "true",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "王小明",
        "ab  ",
        "已预约",
        "00012345",
        "",
        "",
        "infinity",
        "138.0",
    ];
    assert_eq!(cells, wanted);
}

#[test]
fn mariadbs_types_arrive_as_what_they_say() {
    let Some(database) = mariadb() else { return };
    database.execute(
        "SET time_zone = '+00:00';
         CREATE TABLE v (a DATE, b DATETIME(3), c TIMESTAMP NULL, d TIME, e DECIMAL(30,2), f TINYINT(1),
           g SMALLINT, h BIGINT UNSIGNED, i FLOAT, j DOUBLE, k BIT(1), l UUID, m VARCHAR(20), n CHAR(4),
           o ENUM('已预约', '已取消'), p TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, q DATETIME NULL,
           r TEXT NULL, s DATE, t YEAR);
         SET sql_mode = '';
         INSERT INTO v VALUES ('2026-11-30', '2026-11-30 08:30:15.250', '2026-11-30 00:30:00', '08:30',
           12345678901234567890.50, 1, -2, 18446744073709551615, 1.5, 2.25, 1,
           'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '王小明', 'ab', '已预约', '00012345', NULL, NULL,
           '0000-00-00', 2026)",
    );
    let cells = row(&database.url, "SELECT * FROM v");
    let wanted = [
        "2026-11-30",
        "2026-11-30 08:30:15",
        "2026-11-30 08:30:00",
        "08:30:00",
        "12345678901234567890.50",
        "1",
        "-2",
        "18446744073709551615",
        "1.5",
        "2.25",
        "1",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "王小明",
        "ab",
        "已预约",
        "00012345",
        "",
        "",
        "",
        "2026",
    ];
    assert_eq!(cells, wanted);
}

#[test]
fn sqlites_values_arrive_as_what_they_say() {
    let database = sqlite();
    let select =
        "SELECT 1, -2, 13800000001.0, 2.5, '王小明', '2026-11-30 08:30', NULL, 9007199254740993";
    let cells = row(&database.url, select);
    let wanted =
        ["1", "-2", "13800000001", "2.5", "王小明", "2026-11-30 08:30", "", "9007199254740993"];
    assert_eq!(cells, wanted);
    // What is no UTF-8 is marked, so that the row is refused rather than sent.
    assert_eq!(row(&database.url, "SELECT CAST(x'D6D0' AS text)"), ["\u{fffd}\u{fffd}"]);
}

#[test]
fn a_type_that_cannot_be_read_is_named_with_the_cast_to_write() {
    let named = |fault: Fault| match fault {
        Fault::Type { column, kind, cast } => format!("{column}: {kind}: {cast}"),
        other => panic!("{other}"),
    };
    let database = sqlite();
    let blob = fault(&database.url, "SELECT x'00' AS photo");
    assert_eq!(named(blob), "photo: BLOB: CAST(photo AS text) AS photo");
    if let Some(database) = postgres() {
        let array = fault(&database.url, "SELECT ARRAY['a'] AS names");
        assert_eq!(named(array), "names: TEXT[]: CAST(names AS text) AS names");
    }
    if let Some(database) = mariadb() {
        let bytes = fault(&database.url, "SELECT CAST('王' AS BINARY) AS name");
        assert_eq!(named(bytes), "name: VARBINARY: CONVERT(name USING utf8mb4) AS name");
    }
}

#[test]
fn chinese_arrives_whole_from_a_table_in_gbk() {
    let Some(database) = mariadb() else { return };
    database.execute(
        "CREATE TABLE 预约 (预约号 VARCHAR(20), 姓名 VARCHAR(20), 就诊日期 VARCHAR(20))
           CHARACTER SET gbk COLLATE gbk_chinese_ci;
         INSERT INTO 预约 VALUES ('Y1', '陶喆', '2026-11-30'), ('Y2', '游錫堃', '2026-12-01')",
    );
    let select =
        "SELECT 预约号, 姓名 FROM 预约 WHERE 就诊日期 >= :from_text AND 就诊日期 < :to_text";
    assert_eq!(row(&database.url, select), ["Y1", "陶喆"]);
    assert_eq!(row(&database.url, "SELECT 姓名 FROM 预约 WHERE 姓名 = '游錫堃'"), ["游錫堃"]);
}

#[cfg(feature = "odbc")]
#[test]
fn what_odbc_drivers_give_is_the_same() {
    use super::servers::by_odbc;

    let columns = "a, b, d, e, g, m, r";
    let wanted = [
        "2026-11-30",
        "2026-11-30 08:30:15",
        "08:30:00",
        "12345678901234567890.50",
        "-2",
        "王小明",
        "",
    ];
    if let Some((database, url)) = postgres().and_then(|one| by_odbc(&one).map(|url| (one, url))) {
        database.execute(
            "CREATE TABLE v AS SELECT DATE '2026-11-30' AS a, TIMESTAMP '2026-11-30 08:30:15.25' AS b,
               TIME '08:30' AS d, 12345678901234567890.50::numeric(30,2) AS e, -2 AS g, '王小明'::varchar AS m,
               NULL::text AS r, TIMESTAMPTZ '2026-11-30 00:30:00+00' AS c",
        );
        assert_eq!(row(&url, &format!("SELECT {columns} FROM v")), wanted);
        assert_eq!(row(&url, "SELECT c FROM v"), ["2026-11-30 08:30:00"]);
    }
    if let Some((database, url)) = mariadb().and_then(|one| by_odbc(&one).map(|url| (one, url))) {
        database.execute(
            "CREATE TABLE v (a DATE, b DATETIME(3), d TIME, e DECIMAL(30,2), g INT, m VARCHAR(20) CHARACTER SET gbk,
               r TEXT NULL);
             INSERT INTO v VALUES ('2026-11-30', '2026-11-30 08:30:15.250', '08:30', 12345678901234567890.50, -2,
               '王小明', NULL)",
        );
        assert_eq!(row(&url, &format!("SELECT {columns} FROM v")), wanted);
    }
    let database = sqlite();
    if let Some(url) = by_odbc(&database) {
        database.execute("CREATE TABLE v (a TEXT, m TEXT, r TEXT); INSERT INTO v VALUES ('2026-11-30', '王小明', NULL)");
        assert_eq!(row(&url, "SELECT a, m, r FROM v"), ["2026-11-30", "王小明", ""]);
    }
}
