//! What only a server can do to a ledger: end its connection, refuse it, serve two at once.

use std::cell::Cell;
use std::sync::Barrier;

use super::*;
use crate::ledger::db::{Access, Postgres};

/// Ends the ledger's session, as a restarted server does, and waits until it is gone.
fn cut(place: &Place, ledger: &Ledger) {
    let pid = session(&ledger.db).unwrap();
    let other = Db::open(&place.settings.address, Access::Read).unwrap();
    other.query("SELECT pg_terminate_backend(CAST($1 AS INT))", &[pid.into()]).unwrap();
    while other
        .count("SELECT COUNT(*) FROM pg_stat_activity WHERE pid = $1", &[pid.into()])
        .unwrap()
        > 0
    {}
}

fn address(place: &Place, change: impl FnOnce(String) -> String) -> Address {
    let url = std::env::var("WXREMIND_TEST_POSTGRES").unwrap();
    let schema = place.schema().unwrap();
    Address::postgres(&change(format!("{url}?options=-csearch_path%3D{schema}"))).unwrap()
}

fn refusal(settings: &Settings) -> Error {
    Ledger::open(settings).err().unwrap()
}

#[test]
fn a_lost_connection_is_mended_and_the_run_goes_on() {
    on_postgres(|place| {
        let mut run = place.run();
        run.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
        let message = claim(&mut run, 1)[0].message;
        cut(place, &run);
        let answer = run.exchange(&Exchange { want: 9, ..tell(message, accepted()) }).unwrap();
        assert_eq!((answer.lost, answer.claimed.len()), (0, 1));
        assert_eq!(place.state(message), State::Accepted);
        assert_eq!(
            place.run().recover(now(), POLICY).unwrap().dead_runs,
            0,
            "it holds its lock again"
        );
        cut(place, &run);
        run.finish_run(&RunEnd::default()).unwrap();
        assert_eq!(count(&place.open(), "SELECT COUNT(*) FROM run WHERE died = 1"), 0);
    });
}

#[test]
fn what_another_run_took_over_meanwhile_stays_with_it() {
    on_postgres(|place| {
        let mut one = place.run();
        one.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
        let first = claim(&mut one, 1).pop().unwrap();
        cut(place, &one);
        let mut two = place.run();
        let found = two.recover(now(), POLICY).unwrap();
        assert_eq!((found.dead_runs, found.requeued), (1, 1));
        two.confirm(&[anew(first.message)]).unwrap();
        assert!(claim(&mut two, 1)[0].retry, "under the same client_msg_id");

        let answer =
            one.exchange(&Exchange { want: 9, ..tell(first.message, accepted()) }).unwrap();
        assert_eq!(answer.lost, 1);
        assert_eq!(place.state(first.message), State::Sending, "it is the other's now");
        assert_eq!(answer.claimed.len(), 1, "the run lives again and goes on with its own");
        assert_eq!(count(&one, "SELECT COUNT(*) FROM run WHERE ended_at IS NOT NULL"), 0);
        assert_eq!(two.exchange(&tell(first.message, accepted())).unwrap().lost, 0);
    });
}

#[test]
fn a_run_does_not_claim_what_it_still_has_in_hand() {
    on_postgres(|place| {
        let mut one = place.run();
        one.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
        let first = claim(&mut one, 1).pop().unwrap();
        cut(place, &one);
        let mut two = place.run();
        two.recover(now(), POLICY).unwrap();
        kill(two);
        let others = claim(&mut one, 9);
        assert_eq!(others.len(), 1);
        assert_ne!(others[0].message, first.message);
        assert_eq!(one.exchange(&tell(first.message, accepted())).unwrap().lost, 1);
        let again = claim(&mut one, 9).pop().unwrap();
        assert!(again.message == first.message && again.retry);
    });
}

#[test]
fn a_run_that_ends_leaves_what_may_have_arrived_to_whoever_has_it_in_hand() {
    on_postgres(|place| {
        let mut one = place.run();
        one.enqueue(&[reminder("oA", 1)]).unwrap();
        let first = claim(&mut one, 1).pop().unwrap();
        cut(place, &one);
        let mut two = place.run();
        two.recover(now(), POLICY).unwrap();
        two.finish_run(&RunEnd::default()).unwrap();
        assert_eq!(place.state(first.message), State::Sending);
        // It was never sent by another: the word of the one who sent it is heard.
        assert_eq!(one.exchange(&tell(first.message, accepted())).unwrap().lost, 0);
        assert_eq!(place.state(first.message), State::Accepted);
    });
}

#[test]
fn a_server_that_stays_away_ends_the_patience_and_nothing_is_claimed() {
    on_postgres(|place| {
        let mut run = place.run();
        run.settings.patience = Duration::from_millis(50);
        run.enqueue(&[reminder("oA", 1)]).unwrap();
        cut(place, &run);
        let here = std::mem::replace(
            &mut run.settings.address,
            Address::postgres("postgres://nobody:hunter2@127.0.0.1:1/nowhere").unwrap(),
        );
        let error = run.exchange(&ask(1)).unwrap_err();
        assert!(
            matches!(error, Error::Unreachable { .. }) && !error.to_string().contains("hunter2")
        );
        assert_eq!(count(&place.open(), "SELECT COUNT(*) FROM message WHERE state = 'queued'"), 1);
        run.settings.address = here;
        assert_eq!(claim(&mut run, 1).len(), 1);
    });
}

#[test]
fn a_server_whose_locks_are_stubs_is_refused() {
    on_postgres(|place| {
        let schema = place.schema().unwrap();
        let stub =
            "CREATE FUNCTION pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT ";
        for (says, reason) in [("true", "two sessions"), ("false", "nobody holds")] {
            place.empty();
            let db = Db::open(&place.settings.address, Access::Write).unwrap();
            db.batch(&format!("{stub}{says}'")).unwrap();
            // Searched after the schema only where it is named.
            let own = address(place, |url| url.replace(schema, &format!("{schema},pg_catalog")));
            let error = refusal(&Settings::new(own));
            assert!(matches!(error, Error::NoLocks { .. }), "{error}");
            assert!(error.to_string().contains(reason), "{error}");
            assert!(db.is_empty().unwrap(), "nothing was made");
        }
    });
}

#[test]
fn a_database_that_is_no_ledger_or_a_later_one_is_refused_and_left_alone() {
    on_postgres(|place| {
        let db = Db::open(&place.settings.address, Access::Write).unwrap();
        db.batch("CREATE TABLE patients (name TEXT)").unwrap();
        assert!(matches!(refusal(&place.settings), Error::ForeignDatabase { .. }));
        assert!(matches!(
            Ledger::open_reading(&place.settings),
            Err(Error::ForeignDatabase { .. })
        ));
        db.batch("DROP TABLE patients").unwrap();
        assert!(Ledger::open_reading(&place.settings).unwrap().is_none(), "reading makes nothing");
        assert!(db.is_empty().unwrap());
        kill(place.open());
        db.batch("INSERT INTO wxremind_schema VALUES (99, 'later', '')").unwrap();
        assert!(matches!(refusal(&place.settings), Error::Newer { found: 99, .. }));
        db.batch("DELETE FROM wxremind_schema").unwrap();
        assert!(Ledger::open_reading(&place.settings).unwrap().is_none());
    });
}

#[test]
fn why_a_server_does_not_let_us_in_is_said_without_the_password() {
    on_postgres(|place| {
        let wrong =
            |change: &dyn Fn(String) -> String| refusal(&Settings::new(address(place, change)));
        let password = wrong(&|url| url.replace("wxremind-test", "hunter2"));
        assert!(matches!(password, Error::Refused { .. }), "{password}");
        assert!(!format!("{password} {password:?}").contains("hunter2"));
        let database = wrong(&|url| url.replace("/postgres?", "/nowhere?"));
        assert!(matches!(database, Error::Refused { .. }), "{database}");
        let schema = wrong(&|url| format!("{url}nowhere"));
        assert!(matches!(schema, Error::NoSchema { .. }), "{schema}");
    });
}

#[test]
fn two_who_come_at_once_make_one_ledger() {
    on_postgres(|place| {
        let start = Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    place.open();
                });
            }
        });
        let made = "SELECT COUNT(*) FROM wxremind_schema";
        assert_eq!(count(&place.open(), made), u64::try_from(schema::known()).unwrap());
    });
}

#[tokio::test]
async fn it_may_be_read_inside_a_runtime() {
    on_postgres(|place| {
        let mut run = place.run();
        run.enqueue(&[reminder("oA", 1)]).unwrap();
        let mut reader = Ledger::open_reading(&place.settings).unwrap().unwrap();
        assert_eq!(reader.list(&Filter::default()).unwrap().len(), 1);
        let run = NewRun { account: ACCOUNT, verb: "remind", actor: "nurse", host: None };
        assert!(reader.begin_run(&run).is_err(), "it reads only");
    });
}

#[test]
fn of_two_transactions_in_a_circle_both_are_done() {
    on_postgres(|place| {
        let db = place.open().db;
        db.batch("CREATE TABLE t (id BIGINT, n BIGINT); INSERT INTO t VALUES (1, 0), (2, 0)")
            .unwrap();
        let meet = Barrier::new(2);
        let add = "UPDATE t SET n = n + 1 WHERE id = $1";
        std::thread::scope(|scope| {
            for [first, second] in [[1_i64, 2], [2, 1]] {
                let (meet, address) = (&meet, &place.settings.address);
                scope.spawn(move || {
                    let db = Db::open(address, Access::Write).unwrap();
                    let has_waited = Cell::new(false);
                    db.transaction(|| {
                        db.execute(add, &[first.into()])?;
                        if !has_waited.replace(true) {
                            meet.wait();
                        }
                        db.execute(add, &[second.into()])
                    })
                    .unwrap();
                });
            }
        });
        assert_eq!(db.count("SELECT COUNT(*) FROM t WHERE n = 2", &[]).unwrap(), 2);
    });
}

#[test]
fn a_claim_walks_the_partial_index_of_a_server_too() {
    on_postgres(|place| {
        let run = place.run();
        run.db.batch("SET enable_seqscan = off; SET enable_bitmapscan = off").unwrap();
        let sql = format!("EXPLAIN {}", claim::candidates_sql(0));
        let values = [1_i64.into(), ACCOUNT.into(), now().into(), 9_i64.into()];
        let rows = run.db.query(&sql, &values).unwrap();
        let plan: Vec<String> = rows.into_iter().map(|mut row| row.text("plan").unwrap()).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("using message_queued"), "{plan}");
        assert!(plan.contains("message_sending"), "{plan}");
    });
}

#[test]
fn a_session_is_told_to_look_after_a_silent_client() {
    on_postgres(|place| {
        let Address::Postgres(server) = &place.settings.address else { panic!() };
        let postgres = Postgres::open(server, Access::Write).unwrap();
        let told = |name: &str| {
            let mut row = postgres
                .query("SELECT current_setting($1)", &[name.into()])
                .unwrap()
                .pop()
                .unwrap();
            row.text("setting").unwrap()
        };
        assert_eq!(told("tcp_keepalives_idle"), "15");
        assert_eq!(told("tcp_user_timeout"), "30000");
        assert_eq!(told("application_name"), "wxremind");
        assert_eq!(told("idle_in_transaction_session_timeout"), "30s");
    });
}

#[test]
fn rights_that_a_run_would_miss_are_told_before_it() {
    on_postgres(|place| {
        let schema = place.schema().unwrap();
        let role = format!("{schema}_reader");
        let db = Db::open(&place.settings.address, Access::Write).unwrap();
        let told = |url: &dyn Fn(String) -> String| {
            prove_rights(&Settings::new(address(place, |all| url(all.to_owned()))))
        };
        let same = |url: String| url;
        let as_reader = |url: String| url.replace(schema, &format!("{schema}%20-crole%3D{role}"));
        assert!(told(&same).is_ok());
        place.empty();
        db.batch(&format!("CREATE ROLE {role}; GRANT USAGE ON SCHEMA {schema} TO {role}")).unwrap();
        let error = told(&as_reader).unwrap_err();
        assert!(error.to_string().contains("may not make tables in the schema"), "{error}");
        drop(place.open());
        db.batch(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}")).unwrap();
        let error = told(&as_reader).unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        assert!(
            error.to_string().contains("the tables account, audit, event, follow, message"),
            "{error}"
        );
        let all = "SELECT, INSERT, UPDATE, DELETE";
        db.batch(&format!("GRANT {all} ON ALL TABLES IN SCHEMA {schema} TO {role}")).unwrap();
        assert!(told(&as_reader).is_ok());
        let error = told(&|url| url.replace(schema, "nowhere_at_all")).unwrap_err();
        assert!(matches!(error, Error::NoSchema { .. }), "{error}");
        db.batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
    });
}
