//! Whatever a query is, it changes nothing; and it ends when it takes too long.

use std::time::Duration;

use super::super::fault::Fault;
use super::super::query::Query;
use super::servers::{mariadb, nobody, postgres, sqlite};
use super::{answer, at, fault, query, read};

fn count(url: &str) -> Vec<String> {
    read(url, "SELECT count(*) FROM v").unwrap().concat()
}

#[test]
fn nothing_is_written_to_postgresql() {
    let Some(database) = postgres() else { return };
    database.execute(
        "CREATE TABLE v (a int); INSERT INTO v VALUES (1);
         CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM v; RETURN 1; END $$",
    );
    for select in [
        "WITH gone AS (DELETE FROM v RETURNING a) SELECT * FROM gone",
        "SELECT sneak()",
        "SELECT a FROM v FOR UPDATE",
        "SELECT nextval(pg_get_serial_sequence('v', 'a')), set_config('transaction_read_only', 'off', false), sneak()",
    ] {
        let fault = fault(&database.url, select);
        assert!(matches!(&fault, Fault::Server { .. }), "{select}: {fault}");
    }
    assert_eq!(count(&database.url), ["1"]);
}

#[test]
fn nothing_is_written_to_mariadb() {
    let Some(database) = mariadb() else { return };
    database.execute(
        "CREATE TABLE v (a int); INSERT INTO v VALUES (1);
         CREATE FUNCTION sneak() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM v; RETURN 1; END",
    );
    let fault = fault(&database.url, "SELECT sneak()");
    assert!(matches!(&fault, Fault::Server { fix, .. } if fix.contains("only reading")), "{fault}");
    assert_eq!(count(&database.url), ["1"]);
}

#[test]
fn nothing_is_written_to_sqlite() {
    let database = sqlite();
    database.execute("CREATE TABLE v (a int); INSERT INTO v VALUES (1)");
    let written = fault(&database.url, "WITH x AS (SELECT 1) DELETE FROM v");
    assert!(matches!(&written, Fault::Server { .. }), "{written}");
    assert_eq!(count(&database.url), ["1"]);
    let missing = fault("sqlite:/nowhere/his.db", "SELECT 1");
    assert!(matches!(&missing, Fault::File { .. }), "{missing}");
}

#[cfg(feature = "odbc")]
#[test]
fn nothing_is_written_by_odbc() {
    use super::servers::by_odbc;

    let Some((database, url)) = postgres().and_then(|one| by_odbc(&one).map(|url| (one, url)))
    else {
        return;
    };
    database.execute(
        "CREATE TABLE v (a int); INSERT INTO v VALUES (1);
         CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM v; RETURN 1; END $$",
    );
    assert!(matches!(fault(&url, "SELECT sneak()"), Fault::Server { .. }));
    assert_eq!(count(&database.url), ["1"]);
}

#[test]
fn a_statement_that_takes_too_long_ends() {
    let limit = Duration::from_secs(1);
    let slow = |url: &str, select| {
        let patient = query(url, Some(select));
        let query = at(url, &Query { timeout: limit, ..patient });
        assert_eq!(answer(&query).unwrap_err(), Fault::TimedOut(limit), "{select}");
    };
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    slow(&sqlite().url, endless);
    if let Some(database) = postgres() {
        slow(&database.url, "SELECT pg_sleep(600)");
    }
    if let Some(database) = mariadb() {
        slow(&database.url, "SELECT SLEEP(600)");
    }
}

#[test]
fn no_fault_shows_the_password() {
    for database in [postgres(), mariadb()].into_iter().flatten() {
        let wrong = database.url.replace("wxremind-test", "s3cret-word");
        let refused = fault(&wrong, "SELECT 1");
        assert!(!format!("{refused} {refused:?}").contains("s3cret-word"), "{refused}");
        assert!(
            matches!(&refused, Fault::Server { fix, .. } if fix.contains("password")),
            "{refused}"
        );
        let gone = fault(&wrong.replace(&database.address(), &nobody()), "SELECT 1");
        assert!(!format!("{gone} {gone:?}").contains("s3cret-word"), "{gone}");
        assert!(matches!(&gone, Fault::Connect { .. }), "{gone}");
    }
}
