//! An answer that was cut off is an error, never a shorter answer; and TLS is what the address asks for.

use super::super::fault::Fault;
use super::servers::{cutting, mariadb, postgres, variable};
use super::{fault, read};

#[test]
fn an_answer_cut_off_by_the_network_is_no_answer() {
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
                SELECT a.i, b.i FROM n a, n b";
    for database in [postgres(), mariadb()].into_iter().flatten() {
        let cut = fault(&database.by(&cutting(&database.address(), 1_000_000)), many);
        assert!(matches!(&cut, Fault::Lost { .. }), "{cut}");
    }
}

#[test]
fn an_answer_ended_by_the_administrator_is_no_answer() {
    let Some(database) = postgres() else { return };
    let ended = fault(
        &database.url,
        "SELECT i, CASE WHEN i = 5000 THEN pg_terminate_backend(pg_backend_pid()) END AS x FROM generate_series(1, 9000) i",
    );
    assert!(matches!(&ended, Fault::Lost { .. }), "{ended}");
}

#[test]
fn a_row_that_cannot_be_computed_ends_the_answer_in_an_error() {
    if let Some(database) = postgres() {
        let select = "SELECT 1 / (5000 - i) FROM generate_series(1, 9000) i";
        let fault = fault(&database.url, select);
        assert!(matches!(&fault, Fault::Server { state, .. } if state == "22012"), "{fault}");
    }
    if let Some(database) = mariadb() {
        // What MariaDB stops after a while, it stops among the rows.
        let select = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) \
                      SELECT a.i, b.i, IF(a.i = 190, (SELECT i FROM n), 0) AS x FROM n a, n b";
        let fault = fault(&database.url, select);
        assert!(matches!(&fault, Fault::Server { .. }), "{fault}");
    }
}

#[test]
fn the_servers_certificate_is_held_against_the_one_in_the_address() {
    let Some(database) = postgres() else { return };
    let Some(root) = variable("WXREMIND_TEST_POSTGRES_CA") else { return };
    let used = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let with = |parameters: &str| format!("{}?{parameters}", database.url);
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = with(&format!("sslmode={mode}&sslrootcert={root}"));
        assert_eq!(read(&url, used).unwrap().concat(), ["true"], "{mode}");
    }
    assert_eq!(read(&with("sslmode=disable"), used).unwrap().concat(), ["false"]);
    // A certificate of somebody else's, a name that is not the certificate's, and nobody's word for it.
    let other = tempfile::tempdir().unwrap();
    let stranger = other.path().join("stranger.pem");
    std::fs::write(&stranger, STRANGER).unwrap();
    let by_name = database.url.replace("127.0.0.1", "localhost");
    for url in [
        with(&format!("sslmode=verify-full&sslrootcert={}", stranger.display())),
        with(&format!("sslmode=require&sslrootcert={}", stranger.display())),
        with("sslmode=verify-full"),
        format!("{by_name}?sslmode=verify-full&sslrootcert={root}"),
    ] {
        let refused = fault(&url, used);
        assert!(matches!(&refused, Fault::Tls { .. }), "{refused}");
    }
}

/// A certificate that signed nothing here.
const STRANGER: &str = include_str!("stranger.pem");
