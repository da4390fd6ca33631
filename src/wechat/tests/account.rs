//! An account on a mock server: it gives tokens, counts them, and refuses those that are revoked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::SEND_PATH;

/// What the account's tokens look like.
pub(super) const TOKEN: &str = "85_sampleTokenNumber";

/// The account, seen from its own side.
#[derive(Clone, Default)]
pub(super) struct Account {
    /// The number of the token that is valid; revoking raises it.
    pub(super) valid: Arc<AtomicUsize>,
    /// How often a token was asked for.
    pub(super) fetches: Arc<AtomicUsize>,
    /// How many sends were accepted.
    pub(super) sent: Arc<AtomicUsize>,
    /// Whether every send is refused, whatever its token.
    pub(super) refuses_all: bool,
    /// Whether each fetch gives another token, as /cgi-bin/token would.
    pub(super) rotates: bool,
}

impl Account {
    pub(super) async fn start(&self) -> MockServer {
        let server = MockServer::start().await;
        let (tokens, sends) = (self.clone(), self.clone());
        let token = Mock::given(path("/cgi-bin/stable_token"));
        token.respond_with(move |request: &Request| tokens.give(request)).mount(&server).await;
        Mock::given(path(SEND_PATH)).respond_with(Sends(sends)).mount(&server).await;
        server
    }

    pub(super) fn revoke(&self) {
        self.valid.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    fn give(&self, request: &Request) -> ResponseTemplate {
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(asked["force_refresh"], json!(false), "the normal mode only");
        let fetch = self.fetches.fetch_add(1, Ordering::SeqCst);
        if self.rotates {
            self.valid.store(fetch, Ordering::SeqCst);
        }
        let number = self.valid.load(Ordering::SeqCst);
        ResponseTemplate::new(200)
            .set_body_json(json!({"access_token": format!("{TOKEN}{number}"), "expires_in": 7200}))
    }
}

struct Sends(Account);

impl Respond for Sends {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let valid = format!("{TOKEN}{}", self.0.valid.load(Ordering::SeqCst));
        let fits =
            request.url.query_pairs().any(|(key, value)| key == "access_token" && value == valid);
        if self.0.refuses_all || !fits {
            return ResponseTemplate::new(200)
                .set_body_json(json!({"errcode": 40001, "errmsg": "invalid credential"}));
        }
        self.0.sent.fetch_add(1, Ordering::SeqCst);
        ResponseTemplate::new(200).set_body_json(
            json!({"errcode": 0, "errmsg": "ok", "msgid": 3_717_005_636_572_528_642_i64}),
        )
    }
}
