//! Databases of a test's own, on the servers that `tests/servers.sh` starts; and a network that cuts connections.
//!
//! Also used by the tests inside the library.
#![allow(dead_code, reason = "the two test programs use different parts")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};
use tempfile::TempDir;

/// A database of this test's own.
pub struct Database {
    /// Its address.
    pub url: String,
    /// Where it is, if it is a file; removed with this.
    _folder: Option<TempDir>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

fn name() -> String {
    format!("wx_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The variable's value; where it is not set the test is left out, and says so.
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    if value.is_none() {
        // Past the test harness, which keeps what a passing test prints.
        let what = format!("left out: {name} is not set\n");
        std::io::stderr().write_all(what.as_bytes()).unwrap();
    }
    value
}

/// The server's address without its database.
fn server(name: &str) -> Option<String> {
    variable(name).map(|url| url.rsplit_once('/').unwrap().0.to_owned())
}

/// A PostgreSQL database.
pub fn postgres() -> Option<Database> {
    let server = server("WXREMIND_TEST_POSTGRES")?;
    let name = name();
    execute(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}"));
    Some(Database { url: format!("{server}/{name}"), _folder: None })
}

/// A MariaDB database.
pub fn mariadb() -> Option<Database> {
    let server = server("WXREMIND_TEST_MARIADB")?;
    let name = name();
    execute(&format!("{server}/test"), &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
    Some(Database { url: format!("{server}/{name}"), _folder: None })
}

/// A SQLite file.
pub fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("his.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 1").unwrap();
    Database { url: format!("sqlite:{}", path.display()), _folder: Some(folder) }
}

impl Database {
    /// Runs these statements, as the database's owner.
    pub fn execute(&self, sql: &str) {
        execute(&self.url, sql);
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.url.rsplit_once('/').unwrap().1
    }

    /// Host and port of its server.
    pub fn address(&self) -> String {
        let (_, rest) = self.url.split_once('@').unwrap();
        rest.split('/').next().unwrap().to_owned()
    }

    /// Its address by way of another host and port.
    pub fn by(&self, address: &str) -> String {
        self.url.replace(&self.address(), address)
    }
}

fn execute(url: &str, sql: &str) {
    if let Some(path) = url.strip_prefix("sqlite:") {
        rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let sql = AssertSqlSafe(sql.to_owned());
        if url.starts_with("postgres") {
            let mut connection = PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        } else {
            let mut connection = MySqlConnection::connect(url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    });
}

/// The same databases by their ODBC drivers, where those are installed.
#[cfg(feature = "odbc")]
pub fn by_odbc(database: &Database) -> Option<String> {
    variable("WXREMIND_TEST_ODBC")?;
    if let Some(path) = database.url.strip_prefix("sqlite:") {
        return Some(format!("odbc:Driver={{SQLite3}};Database={path}"));
    }
    let driver =
        if database.url.starts_with("postgres") { "PostgreSQL Unicode" } else { "MariaDB Unicode" };
    let (login, rest) = database.url.split_once("://").unwrap().1.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let (address, name) = rest.split_once('/').unwrap();
    let (host, port) = address.split_once(':').unwrap();
    Some(format!(
        "odbc:Driver={{{driver}}};Server={host};Port={port};Database={name};UID={user};PWD={password}"
    ))
}

/// An address at which nobody listens.
pub fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Forwards connections, and cuts each once the server has sent so many bytes; answers with its own address.
pub fn cutting(server: &str, after: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = server.to_owned();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
            let (from_client, to_server) =
                (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || forward(from_client, to_server, usize::MAX));
            thread::spawn(move || forward(server, client, after));
        }
    });
    address
}

fn forward(mut from: TcpStream, mut to: TcpStream, most: usize) {
    let mut buffer = [0; 16 * 1024];
    let mut sent = 0;
    while let Ok(count) = from.read(&mut buffer) {
        let count = count.min(most - sent);
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
        sent += count;
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
