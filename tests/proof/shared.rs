//! A ledger on a PostgreSQL server for one test, and a wire to it that can be cut.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sqlx::{Connection, PgConnection};
use wxremind::ledger::{Address, Entry, Filter, Ledger, Settings};

use super::clinic::{Clinic, wait};
use crate::support::Program;
use crate::support::servers::{self, Database};

/// A ledger in a database of its own.
pub struct Shared {
    database: Database,
}

impl Shared {
    /// A place for a ledger; `None`, and a word about it, where no server is named.
    pub fn new() -> Option<Self> {
        servers::postgres().map(|database| Self { database })
    }

    /// The ledger's address.
    pub fn url(&self) -> String {
        self.by(&self.database.address())
    }

    /// The ledger's address by way of another host and port.
    pub fn by(&self, host: &str) -> String {
        // The name lets a test tell this ledger's sessions from others'.
        format!("{}?application_name={}", self.database.by(host), self.database.name())
    }

    /// Runs these statements in the ledger's database.
    pub fn execute(&self, sql: &str) {
        self.database.execute(sql);
    }

    /// How many runs the ledger knows.
    pub fn runs(&self) -> usize {
        let count: i64 = wait(async {
            let mut connection = PgConnection::connect(&self.database.url).await.unwrap();
            sqlx::query_scalar("SELECT COUNT(*) FROM run")
                .fetch_one(&mut connection)
                .await
                .unwrap_or(0)
        });
        usize::try_from(count).unwrap()
    }

    /// Ends every session that works on this ledger, as a restart of the server does.
    pub fn end_sessions(&self) {
        let name = self.database.name();
        self.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
        ));
    }

    /// The ledger, for a look.
    pub fn ledger(&self) -> Ledger {
        let settings = Settings::new(Address::postgres(&self.url()).unwrap());
        Ledger::open_reading(&settings).unwrap().expect("there is a ledger")
    }

    /// Every message of the ledger.
    pub fn entries(&self) -> Vec<Entry> {
        self.ledger().list(&Filter::default()).unwrap()
    }

    /// How many messages are in which state, such as `accepted 2, queued 1`.
    pub fn states(&self) -> String {
        let mut counts = BTreeMap::new();
        for entry in self.entries() {
            *counts.entry(entry.state.as_str()).or_insert(0) += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(state, n)| format!("{state} {n}")).collect();
        counts.join(", ")
    }
}

/// The morning's command on this ledger.
pub fn reminding<'a>(
    clinic: &'a Clinic,
    url: &str,
    now: &'a str,
    more: &'a [&'a str],
) -> Program<'a> {
    clinic.reminding(now, more).env("WXREMIND_LEDGER", url)
}

/// A wire to the server that can be cut and mended: while it is cut every connection ends.
pub struct Wire {
    listener: String,
    shared: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    refused: AtomicUsize,
    ends: Mutex<Vec<TcpStream>>,
}

impl Wire {
    /// A wire to this server.
    pub fn to(server: &Shared) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (shared, to) = (Arc::<State>::default(), server.database.address());
        let state = Arc::clone(&shared);
        std::thread::spawn(move || {
            for near in listener.incoming() {
                let near = near.unwrap();
                if state.cut.load(Ordering::SeqCst) {
                    state.refused.fetch_add(1, Ordering::SeqCst);
                    continue;
                }
                let far = TcpStream::connect(&to).unwrap();
                for end in [&near, &far] {
                    end.set_nodelay(true).unwrap();
                    state.ends.lock().unwrap().push(end.try_clone().unwrap());
                }
                pump(near.try_clone().unwrap(), far.try_clone().unwrap());
                pump(far, near);
            }
        });
        Self { listener: address, shared }
    }

    /// Its near end, as host and port.
    pub fn host(&self) -> &str {
        &self.listener
    }

    /// Ends every connection, and every new one until it is mended.
    pub fn cut(&self) {
        self.shared.cut.store(true, Ordering::SeqCst);
        for end in self.shared.ends.lock().unwrap().drain(..) {
            // It may have ended by itself.
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.shared.cut.store(false, Ordering::SeqCst);
    }

    /// How many connections it has refused.
    pub fn refused(&self) -> usize {
        self.shared.refused.load(Ordering::SeqCst)
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count) = from.read(&mut buffer) {
            if count == 0 || to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}
