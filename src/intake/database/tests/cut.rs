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
        // By TLS too, it is what happened that is told, not what the library missed.
        assert!(!cut.to_string().contains("close_notify"), "{cut}");
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
    let Some(root) = variable("WXREMIND_TEST_CA") else { return };
    let other = tempfile::tempdir().unwrap();
    let stranger = other.path().join("stranger.pem");
    std::fs::write(&stranger, STRANGER).unwrap();
    let stranger = stranger.display();
    if let Some(database) = postgres() {
        let used = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        for mode in ["require", "verify-ca", "verify-full"] {
            let url = format!("{}?sslmode={mode}&sslrootcert={root}", database.url);
            assert_eq!(read(&url, used).unwrap().concat(), ["true"], "{mode}");
        }
        let plain = format!("{}?sslmode=disable", database.url);
        assert_eq!(read(&plain, used).unwrap().concat(), ["false"]);
        // A certificate of somebody else's, nobody's word for it, and a name that is not the certificate's.
        refuses(&database.url, &format!("sslmode=verify-full&sslrootcert={stranger}"));
        refuses(&database.url, &format!("sslmode=require&sslrootcert={stranger}"));
        refuses(&database.url, "sslmode=verify-full");
        let by_name = database.url.replace("127.0.0.1", "localhost");
        refuses(&by_name, &format!("sslmode=verify-full&sslrootcert={root}"));
    }
    if let Some(database) = mariadb() {
        let used = "SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'";
        for mode in ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"] {
            let url = format!("{}?ssl-mode={mode}&ssl-ca={root}", database.url);
            assert_eq!(read(&url, used).unwrap().concat(), ["1"], "{mode}");
        }
        refuses(&database.url, &format!("ssl-mode=VERIFY_CA&ssl-ca={stranger}"));
        refuses(&database.url, "ssl-mode=VERIFY_IDENTITY");
    }
}

fn refuses(url: &str, parameters: &str) {
    let refused = fault(&format!("{url}?{parameters}"), "SELECT 1");
    assert!(matches!(&refused, Fault::Tls { .. }), "{parameters}: {refused}");
}

/// A certificate that signed nothing here.
const STRANGER: &str = include_str!("stranger.pem");
