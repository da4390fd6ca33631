//! TLS as hospitals have it: an authority of one's own, a certificate that nobody knows, a proxy with a password.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::SECRET;
use crate::{Client, Error, Outcome, Settings};

/// The name that the servers' certificates are for, beside localhost; it resolves nowhere.
const NAME: &str = "wechat.example";
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 43\r\nConnection: close\r\n\r\n{\"access_token\":\"86_tls\",\"expires_in\":7200}";

/// A certificate authority of the hospital's own, and what it has signed.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        let folder = std::env::temp_dir().join(format!("wechat-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self { issuer, folder }
    }

    /// Its own certificate in a file.
    fn file(&self) -> PathBuf {
        let file = self.folder.join("ca.pem");
        std::fs::write(&file, self.issuer.pem()).unwrap();
        file
    }

    /// A server for these names that gives a token to whoever asks; its port.
    async fn serve(&self, names: &[&str]) -> u16 {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(certificate.der().to_vec())],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust the certificate hangs up.
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let _ = stream.write_all(ANSWER.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        port
    }
}

/// A plain HTTP proxy that takes every tunnel to this port of this machine, or wants a password; what it was asked.
async fn proxy(to: Option<u16>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let asked = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, to, asked.clone()));
        }
    });
    (port, seen)
}

async fn tunnel(stream: TcpStream, to: Option<u16>, asked: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    asked.lock().unwrap().push(head);
    let Some(port) = to else {
        let no = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
        let _ = stream.write_all(no).await;
        return;
    };
    let mut target = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut stream, &mut target).await;
}

fn client(base_url: String, ca_file: Option<PathBuf>, proxy: Option<String>) -> Client {
    let settings = Settings { base_url, proxy, ca_file, ..Settings::default() };
    Client::new("wx0123456789abcdef", SecretString::from(SECRET), settings).unwrap()
}

/// Everything that an error can show.
fn shown(error: &Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let _ = write!(text, " {next} {next:?}");
        cause = next.source();
    }
    text
}

#[tokio::test]
async fn an_authority_named_in_the_ca_file_is_trusted_and_otherwise_the_error_says_what_to_do() {
    let hospital = Authority::new("trusted");
    let port = hospital.serve(&["localhost", NAME]).await;
    let base = format!("https://localhost:{port}");
    let token = client(base.clone(), Some(hospital.file()), None).token().await.unwrap();
    assert_eq!(token.expires_in.as_secs() / 10, 719);

    let stranger = Authority::new("stranger");
    for ca_file in [None, Some(stranger.file())] {
        let error = client(base.clone(), ca_file, None).token().await.unwrap_err();
        let told = error.to_string();
        assert!(told.contains("certificate") && told.contains("ca_file"), "{told}");
        assert!(told.contains("UnknownIssuer"), "{told}");
        assert!(error.is_untrusted() && error.outcome() == Outcome::NotSent);
        assert!(!shown(&error).contains(SECRET));
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_accepted() {
    let hospital = Authority::new("names");
    let port = hospital.serve(&[NAME]).await;
    let error = client(format!("https://localhost:{port}"), Some(hospital.file()), None)
        .token()
        .await
        .unwrap_err();
    assert!(error.is_untrusted() && error.to_string().contains("not valid for name"), "{error}");
}

#[tokio::test]
async fn a_proxy_is_used_with_its_password_which_nobody_sees() {
    let hospital = Authority::new("proxied");
    let port = hospital.serve(&[NAME]).await;
    let base = format!("https://{NAME}");
    let (through, asked) = proxy(Some(port)).await;
    let with = |port: u16| Some(format!("http://clerk:hunter2@127.0.0.1:{port}"));
    client(base.clone(), Some(hospital.file()), with(through)).token().await.unwrap();
    let head = asked.lock().unwrap()[0].clone();
    assert!(head.starts_with(&format!("CONNECT {NAME}:443 HTTP/1.1\r\n")), "{head}");
    // clerk:hunter2
    assert!(
        head.to_lowercase().contains("proxy-authorization: basic y2xlcms6ahvudgvymg=="),
        "{head}"
    );
    assert!(!head.contains("secret") && !head.contains(SECRET));

    let (closed, asked) = proxy(None).await;
    let error = client(base.clone(), None, with(closed)).token().await.unwrap_err();
    let nowhere = client(base, None, with(1)).token().await.unwrap_err();
    assert_eq!(asked.lock().unwrap().len(), 1);
    for error in [error, nowhere] {
        let shown = shown(&error);
        assert!(!shown.contains("hunter2") && !shown.contains("Y2xlcms6"), "{shown}");
        assert!(
            error.outcome() == Outcome::NotSent && error.to_string().contains("proxy"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn no_proxy_stands_between_this_machine_and_itself() {
    let hospital = Authority::new("loopback");
    let port = hospital.serve(&["localhost"]).await;
    let proxy = Some("http://127.0.0.1:1".to_owned());
    client(format!("https://localhost:{port}"), Some(hospital.file()), proxy)
        .token()
        .await
        .unwrap();
}
