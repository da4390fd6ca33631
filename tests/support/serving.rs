//! `wxremind serve`, running: WeChat's side of the callback, and a vendor's.

use std::io::{BufRead, BufReader};
use std::process::Child;

use secrecy::SecretString;
use wechat::callback::Callback;
use wechat_simulator::{PushMode, Receipts, SAMPLE_AES_KEY, SAMPLE_APP_ID, SAMPLE_TOKEN};

use super::Desk;

/// The key that the environment of every served desk holds.
pub const API_KEY: &str = "wxr_a-key-for-the-vendors-program";

/// A running server; dropping it kills it.
pub struct Serving {
    child: Child,
    url: String,
    encrypted: bool,
    http: reqwest::Client,
}

/// A status and what came with it.
pub type Answer = (u16, String);

impl Serving {
    /// Serves the desk's account: in this mode, with the simulator's sample token and key.
    pub fn start(desk: &Desk, mode: PushMode) -> Self {
        Self::with(desk, mode, &[])
    }

    /// The same with more variables.
    pub fn with(desk: &Desk, mode: PushMode, variables: &[(&str, &str)]) -> Self {
        let program = desk
            .program(["serve", "--listen", "127.0.0.1:0"])
            .env("WXREMIND_CALLBACK_TOKEN", SAMPLE_TOKEN)
            .env("WXREMIND_API_KEY", API_KEY);
        let program =
            variables.iter().fold(program, |program, (name, value)| program.env(name, value));
        let encrypted = mode == PushMode::Safe;
        let program = if encrypted {
            program.env("WXREMIND_ENCODING_AES_KEY", SAMPLE_AES_KEY)
        } else {
            program
        };
        let mut child = program.spawn();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_else(|| panic!("no address: {line:?}")).to_owned();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, url, encrypted, http }
    }

    /// The simulator's settings for pushes to this server.
    pub fn receipts(&self, mode: PushMode) -> Receipts {
        Receipts { url: self.at("/wechat/callback"), mode, ..Receipts::default() }
    }

    /// An address of the server.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Pushes this as WeChat does, signed, and encrypted if the server wants it so.
    pub async fn push(&self, text: &str) -> Answer {
        let (path, body) = self.signed(text);
        self.post(&path, body, &[]).await
    }

    /// The path and the body of such a push.
    pub fn signed(&self, text: &str) -> (String, String) {
        let callback = Callback::new(
            SAMPLE_APP_ID,
            SecretString::from(SAMPLE_TOKEN),
            Some(&SecretString::from(SAMPLE_AES_KEY)),
        )
        .unwrap();
        let path = format!(
            "/wechat/callback?timestamp=1700000000&nonce=7&signature={}",
            callback.sign("1700000000", "7", None)
        );
        if !self.encrypted {
            return (path, text.to_owned());
        }
        let sealed = callback.encrypt(*b"0123456789abcdef", text.as_bytes()).unwrap();
        let signature = callback.sign("1700000000", "7", Some(&sealed));
        (
            format!("{path}&encrypt_type=aes&msg_signature={signature}"),
            format!("<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"),
        )
    }

    /// Passes events on as a vendor's program does.
    pub async fn forward(&self, body: impl Into<String>) -> Answer {
        self.post("/v1/receipts", body.into(), &[("x-api-key", API_KEY)]).await
    }

    /// Any POST.
    pub async fn post(&self, path: &str, body: String, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.post(self.at(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.send().await {
            Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_default()),
            // The server went away.
            Err(_) => (0, String::new()),
        }
    }

    /// Any GET.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.http.get(self.at(path)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// A GET with this key.
    pub async fn get_with(&self, path: &str, key: &str) -> Answer {
        let answer = self.http.get(self.at(path)).header("x-api-key", key).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The status and headers of a GET with this key.
    pub async fn headers(&self, path: &str, key: &str) -> (u16, reqwest::header::HeaderMap) {
        let answer = self.http.get(self.at(path)).header("x-api-key", key).send().await.unwrap();
        (answer.status().as_u16(), answer.headers().clone())
    }

    /// The process.
    pub const fn child(&self) -> &Child {
        &self.child
    }

    /// Kills it at once.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as systemd does; answers with its exit code and what it logged.
    pub fn stop(mut self) -> (Option<i32>, String) {
        super::super::proof::crash::send(&self.child, "TERM");
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A receipt as WeChat writes it.
pub fn receipt(openid: &str, msgid: i64, made: i64, status: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_51a000000000]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>\
         <CreateTime>{made}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
         <Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>{msgid}</MsgID>\
         <Status><![CDATA[{status}]]></Status></xml>"
    )
}
