//! Who asks: the key behind the cookie, what it may do, and the language.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use tokio::time::Instant;

use super::session::Session;
use super::view::{self, Who};
use super::words::{self, Words};
use crate::domain::message::Kind;
use crate::ledger::Entry;
use crate::serve::keys::Scope;
use crate::serve::router::Shared;

/// The session's cookie, and its name where the browser promises that it came by https and from this host alone.
pub(super) const COOKIES: [&str; 2] = ["__Host-wxremind", "wxremind"];
/// The cookie of the language.
pub(super) const LANGUAGE: &str = "language";

/// Somebody with a session.
pub(super) struct Visitor {
    /// Everything that is shared.
    pub shared: Arc<Shared>,
    /// Their session.
    pub session: Session,
    /// What their key may do.
    scopes: Vec<Scope>,
    /// Their language.
    pub words: &'static Words,
    /// The path and query that they asked for.
    pub path: String,
}

impl Visitor {
    /// Whether their key may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Nothing, or the page that says that their key may not.
    #[expect(clippy::result_large_err, reason = "what is refused is answered at once")]
    pub fn need(&self, scope: Scope) -> Result<(), Response> {
        if self.may(scope) {
            return Ok(());
        }
        let needed = view::Forbidden { scope: scope.as_str() };
        Err(self.show_as(axum::http::StatusCode::FORBIDDEN, "forbidden.html", &needed))
    }

    /// Nothing, or the page that says that the form is not one of this session's.
    #[expect(clippy::result_large_err, reason = "what is refused is answered at once")]
    pub fn need_token(&self, token: &str) -> Result<(), Response> {
        if self.shared.page.sessions.is_token(&self.session, token) {
            return Ok(());
        }
        Err(self.show_as(axum::http::StatusCode::FORBIDDEN, "stale.html", &()))
    }

    /// Whether they may see this message: one who only sends prescriptions sees those.
    pub fn sees(&self, entry: &Entry) -> bool {
        entry.account == self.shared.settings.account
            && (self.may(Scope::Read) || entry.kind == Kind::Prescription)
    }

    /// The page of this template.
    pub fn show(&self, template: &str, page: &impl serde::Serialize) -> Response {
        self.show_as(axum::http::StatusCode::OK, template, page)
    }

    /// The same with another status.
    pub fn show_as(
        &self,
        status: axum::http::StatusCode,
        template: &str,
        page: &impl serde::Serialize,
    ) -> Response {
        let who = Who {
            name: &self.session.key,
            token: &self.shared.page.sessions.token(&self.session),
            read: self.may(Scope::Read),
            contact: self.may(Scope::Contact),
            prescribe: self.may(Scope::Prescribe),
        };
        self.shared.page.views.show(status, template, self.words, &self.path, Some(who), page)
    }
}

impl FromRequestParts<Arc<Shared>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        let to_sign_in = || Redirect::to("/sign-in").into_response();
        let session = session(shared, &parts.headers).ok_or_else(to_sign_in)?;
        let key = shared.settings.keys.named(&session.key).ok_or_else(to_sign_in)?;
        Ok(Self {
            scopes: key.scopes.clone(),
            shared: Arc::clone(shared),
            session,
            words: language(&parts.headers),
            path: path(parts).to_owned(),
        })
    }
}

/// Where the visitor is, as they may come back to it: what was sent by a form is not to be sent again.
fn path(parts: &Parts) -> &str {
    let asked = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if asked.starts_with("/prescription") { "/prescription" } else { asked }
}

/// The open session of a request.
pub(super) fn session(shared: &Shared, headers: &HeaderMap) -> Option<Session> {
    let now = Instant::now();
    COOKIES.iter().find_map(|name| shared.page.sessions.read(cookie(headers, name)?, now))
}

/// The language that was chosen, else the first that the browser asks for and there is.
pub(super) fn language(headers: &HeaderMap) -> &'static Words {
    let chosen = cookie(headers, LANGUAGE).and_then(words::tagged);
    let asked = || headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok();
    chosen.unwrap_or_else(|| words::accepted(asked().unwrap_or_default()))
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter();
    let pairs = all.filter_map(|cookies| cookies.to_str().ok()).flat_map(|all| all.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|pair| pair.0 == name)
        .map(|pair| pair.1)
}
