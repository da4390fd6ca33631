//! Where a test's ledger is: a file in a folder of its own, or a schema of its own on a server.
//!
//! A test of the contract is written once, takes a [`Place`], and is listed in `contract!`: it runs on SQLite, and on
//! PostgreSQL where `WXREMIND_TEST_POSTGRES` names a server.

use std::io::Write;
use std::sync::Once;

use uuid::Uuid;

use super::*;
use crate::ledger::db::{Access, Engine};

/// The variable that names the server, and a user who may make schemas on it.
const SERVER: &str = "WXREMIND_TEST_POSTGRES";

/// Runs each of these tests on both databases.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&super::place()); })+
        }
        mod postgres {
            $(#[test] fn $test() { super::on_postgres(super::$test); })+
        }
    };
}
pub(super) use contract;

pub(super) struct Place {
    /// Of a file.
    pub folder: TempDir,
    pub settings: Settings,
    /// The schema on the server, and the server's own address.
    schema: Option<(String, Address)>,
}

/// A place for a file.
pub(super) fn place() -> Place {
    let folder = TempDir::new().unwrap();
    let mut settings = Settings::new(folder.path().join("state/ledger.db"));
    settings.patience = Duration::from_secs(5);
    Place { folder, settings, schema: None }
}

/// Runs the test on a new schema of the server, or says that it was left out.
pub(super) fn on_postgres(test: impl FnOnce(&Place)) {
    static LEFT_OUT: Once = Once::new();
    let Ok(url) = std::env::var(SERVER) else {
        LEFT_OUT.call_once(|| {
            // Past the test harness, which keeps what a passing test prints.
            let what =
                format!("left out: the ledger's tests on PostgreSQL ({SERVER} is not set)\n");
            let _ = std::io::stderr().write_all(what.as_bytes());
        });
        return;
    };
    let schema = format!("wx_{}", Uuid::now_v7().simple());
    let address = Address::postgres(&url).unwrap();
    Db::open(&address, Access::Write).unwrap().batch(&format!("CREATE SCHEMA {schema}")).unwrap();
    let own = Address::postgres(&format!("{url}?options=-csearch_path%3D{schema}")).unwrap();
    let mut settings = Settings::new(own);
    settings.patience = Duration::from_secs(5);
    test(&Place { folder: TempDir::new().unwrap(), settings, schema: Some((schema, address)) });
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((schema, address)) = &self.schema else { return };
        if let Ok(db) = Db::open(address, Access::Write) {
            let _ = db.batch(&format!("DROP SCHEMA {schema} CASCADE"));
        }
    }
}

impl Place {
    pub fn open(&self) -> Ledger {
        Ledger::open(&self.settings).unwrap()
    }

    /// A process with a run under way.
    pub fn run(&self) -> Ledger {
        let mut ledger = self.open();
        begin(&mut ledger);
        ledger
    }

    pub fn state(&self, message: i64) -> State {
        let rows =
            self.open().db.query("SELECT state FROM message WHERE id = $1", &[message.into()]);
        rows.unwrap().pop().unwrap().word("state").unwrap()
    }

    /// The schema, where the ledger is on a server.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_ref().map(|(schema, _)| schema.as_str())
    }

    /// The file, where the ledger is one.
    pub fn file(&self) -> Option<&std::path::Path> {
        self.settings.address.file()
    }

    /// Makes it a new one.
    pub fn empty(&self) {
        match &self.schema {
            Some((schema, address)) => {
                let anew = format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}");
                Db::open(address, Access::Write).unwrap().batch(&anew).unwrap();
            }
            None => {
                let _ = std::fs::remove_dir_all(self.folder.path().join("state"));
            }
        }
    }

    /// Whether the file holds these bytes; a server's cannot be looked at.
    pub fn keeps(&self, bytes: &[u8]) -> bool {
        let file = self.file().map(|path| std::fs::read(path).unwrap());
        file.is_some_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
    }
}

/// What a killed process does: it is gone, and so is its session once the server has noticed.
pub(super) fn kill(ledger: Ledger) {
    let session = session(&ledger.db);
    let address = ledger.settings.address.clone();
    drop(ledger);
    let Some(pid) = session else { return };
    let watch = Db::open(&address, Access::Read).unwrap();
    let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = $1";
    while watch.count(open, &[pid.into()]).unwrap() > 0 {
        std::thread::yield_now();
    }
}

/// The server's process for this connection.
pub(super) fn session(db: &Db) -> Option<i64> {
    let Engine::Postgres(postgres) = db.engine() else { return None };
    let pid = postgres.query("SELECT pg_backend_pid()", &[]);
    pid.unwrap().pop().map(|mut row| row.int("pid").unwrap())
}

/// What SQLite and PostgreSQL say in different words.
pub(super) fn either<T>(db: &Db, sqlite: T, postgres: T) -> T {
    match db.engine() {
        Engine::Sqlite(_) => sqlite,
        Engine::Postgres(_) => postgres,
    }
}
