//! The ledger's files: made private, refused when they are not ours, and the thread around them.

use std::fs;

use super::*;

#[cfg(unix)]
#[test]
fn everything_is_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    let folder = place.file().unwrap().parent().unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
    }
}

#[test]
fn a_file_that_is_no_ledger_is_refused_and_left_alone() {
    let place = place();
    let path = place.file().unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "appointment_id,openid\n").unwrap();
    assert!(matches!(Ledger::open(&place.settings), Err(Error::Foreign { .. })));
    assert_eq!(fs::read_to_string(path).unwrap(), "appointment_id,openid\n");

    fs::remove_file(path).unwrap();
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("CREATE TABLE patients (name TEXT)").unwrap();
    drop(other);
    let before = fs::read(path).unwrap();
    assert!(matches!(Ledger::open(&place.settings), Err(Error::Foreign { .. })));
    assert!(matches!(Ledger::open_reading(&place.settings), Err(Error::Foreign { .. })));
    assert_eq!(fs::read(path).unwrap(), before);
}

#[test]
fn a_file_cut_short_is_refused() {
    let place = place();
    drop(place.open());
    let whole = fs::read(place.file().unwrap()).unwrap();
    for size in [50, 5000] {
        fs::write(place.file().unwrap(), &whole[..size]).unwrap();
        assert!(matches!(Ledger::open(&place.settings), Err(Error::Truncated { .. })), "{size}");
    }
}

#[test]
fn a_newer_file_is_refused_by_name() {
    let place = place();
    let ledger = place.open();
    ledger.db.batch("INSERT INTO wxremind_schema VALUES (99, 'later', '')").unwrap();
    drop(ledger);
    let error = Ledger::open(&place.settings).err().unwrap();
    assert!(matches!(error, Error::Newer { found: 99, .. }));
    assert!(error.to_string().contains("ledger.db"));
}

#[test]
fn a_path_that_cannot_be_is_unwritable() {
    let place = place();
    let file = place.folder.path().join("file");
    fs::write(&file, "").unwrap();
    let settings = Settings::new(file.join("ledger.db"));
    assert!(matches!(Ledger::open(&settings), Err(Error::Unwritable { .. })));
}

#[test]
fn looking_leaves_what_a_killed_run_has_logged_for_the_next_run() {
    let place = place();
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1), reminder("oB", 2)]).unwrap();
    claim(&mut run, 1);
    // The files as a killed process leaves them.
    let left = TempDir::new().unwrap();
    let copy = Settings::new(left.path().join("ledger.db"));
    for ending in ["", "-wal"] {
        fs::copy(
            file::beside(place.file().unwrap(), ending),
            file::beside(copy.address.file().unwrap(), ending),
        )
        .unwrap();
    }
    let files = || {
        ["", "-wal"]
            .map(|ending| fs::read(file::beside(copy.address.file().unwrap(), ending)).unwrap())
    };
    let before = files();
    let standing = Ledger::open_reading(&copy).unwrap().unwrap().standing().unwrap();
    assert_eq!(standing.schema, schema::known());
    assert_eq!(standing.states, [(State::Queued, 1), (State::Sending, 1)]);
    assert_eq!((standing.messages(), standing.count(State::Unknown)), (2, 0));
    assert!(before == files());
    assert_eq!(Ledger::open(&copy).unwrap().standing().unwrap(), standing);
}

#[test]
fn reading_creates_nothing() {
    let place = place();
    assert!(Ledger::open_reading(&place.settings).unwrap().is_none());
    assert!(!place.file().unwrap().parent().unwrap().exists());
    drop(place.open());
    let mut reader = Ledger::open_reading(&place.settings).unwrap().unwrap();
    assert!(reader.list(&Filter::default()).unwrap().is_empty());
    let run = NewRun { account: ACCOUNT, verb: "remind", actor: "nurse", host: None };
    assert!(reader.begin_run(&run).is_err());
}

#[test]
fn opening_again_finds_everything_and_finished_runs_leave_no_lock() {
    let place = place();
    let mut run = place.run();
    run.enqueue(&[reminder("oA", 1)]).unwrap();
    drop(run);
    let mut run = place.run();
    assert_eq!(run.recover(now(), POLICY).unwrap().dead_runs, 1);
    assert_eq!(run.recover(now(), POLICY).unwrap().dead_runs, 0);
    assert_eq!(run.pending(ACCOUNT).unwrap().len(), 1);
    run.finish_run(&RunEnd { exit_code: 1, ..RunEnd::default() }).unwrap();
    assert_eq!(count(&run, "SELECT COUNT(*) FROM run WHERE died = 1"), 1);
    let locks = fs::read_dir(place.file().unwrap().with_file_name("ledger.db.runs")).unwrap();
    assert_eq!(locks.count(), 0);
}

#[tokio::test]
async fn a_desk_runs_jobs_in_order_and_closes_the_ledger_when_it_goes() {
    let place = place();
    let desk = Desk::open(place.settings.clone()).unwrap();
    desk.call(|ledger| {
        begin(ledger);
        ledger.enqueue(&[reminder("oA", 1)])
    })
    .await
    .unwrap();
    // The caller goes away; the job runs all the same.
    drop(desk.call(|ledger| ledger.exchange(&ask(1))));
    let mut forgotten = Box::pin(desk.call(|ledger| ledger.exchange(&ask(1))));
    let _ = futures_util::poll!(&mut forgotten);
    drop(forgotten);
    let entries = desk.call(|ledger| ledger.list(&Filter::default())).await.unwrap();
    assert_eq!(entries[0].state, State::Sending);
    drop(desk);
    let mut next = place.run();
    assert_eq!(next.recover(now(), POLICY).unwrap().requeued, 1);
}

#[test]
fn a_desk_says_why_it_did_not_open() {
    let place = place();
    fs::create_dir_all(place.file().unwrap().parent().unwrap()).unwrap();
    fs::write(place.file().unwrap(), "not a database").unwrap();
    assert!(matches!(Desk::open(place.settings.clone()), Err(Error::Foreign { .. })));
}
