//! A listener that answers byte for byte, for when the shape of the connection matters.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens to one request.
#[derive(Clone)]
pub(super) enum Reply {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// The end of the connection, without an answer.
    Close,
    /// Nothing, ever.
    Stall,
}

/// A server that answers token requests with [`GOOD_TOKEN`] and all others with one reply.
pub(super) struct Script {
    pub(super) base_url: String,
    /// Every request as text.
    pub(super) requests: Arc<Mutex<Vec<String>>>,
}

/// The token that a script gives.
pub(super) const GOOD_TOKEN: &str = "86_scriptedToken";

/// An answer of status 200 with this body.
pub(super) fn ok(body: &str) -> Reply {
    http("200 OK", "Content-Type: application/json\r\n", body)
}

pub(super) fn http(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Bytes(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}").into_bytes())
}

pub(super) async fn start(reply: Reply) -> Script {
    let token = ok(&format!(r#"{{"access_token":"{GOOD_TOKEN}","expires_in":7200}}"#));
    start_with(token, reply).await
}

pub(super) async fn start_with(token: Reply, reply: Reply) -> Script {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, token.clone(), reply.clone(), seen.clone()));
        }
    });
    Script { base_url, requests }
}

async fn serve(mut stream: TcpStream, token: Reply, reply: Reply, seen: Arc<Mutex<Vec<String>>>) {
    let request = read(&mut stream).await;
    let reply = if request.contains("/cgi-bin/stable_token") { token } else { reply };
    seen.lock().unwrap().push(request);
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Close => {}
        Reply::Stall => std::future::pending().await,
    }
}

/// One request, its body included.
async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
            });
            if body.len() >= length.unwrap_or(0_usize) {
                return text;
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(length) if length > 0 => bytes.extend_from_slice(&more[..length]),
            _ => return text,
        }
    }
}

/// Reads one request from `stream` and answers it with [`GOOD_TOKEN`].
pub(super) async fn answer_token(stream: &mut TcpStream) {
    read(stream).await;
    let Reply::Bytes(bytes) =
        ok(&format!(r#"{{"access_token":"{GOOD_TOKEN}","expires_in":7200}}"#))
    else {
        return;
    };
    stream.write_all(&bytes).await.unwrap();
}
