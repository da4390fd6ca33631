//! Which path is whose, and what holds for all of them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, http};
use wechat::callback::LARGEST_PUSH;

use super::error::Refusal;
use super::recorder::Recorder;
use super::throttle::Throttle;
use super::{Desks, Orders, Settings, callback, health, receipts};

/// A request takes no longer, with the reading of its body.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the handlers share.
pub(super) struct Shared {
    pub settings: Settings,
    pub recorder: Recorder,
    pub desks: Desks,
    /// Takes what is to be sent; none when nothing can be sent.
    pub orders: Option<Orders>,
    pub refused_pushes: Throttle,
    pub refused_keys: Throttle,
}

/// Everything that is answered.
pub(super) fn router(
    settings: Settings,
    recorder: Recorder,
    desks: Desks,
    orders: Option<Orders>,
) -> Router {
    let refused_pushes = Throttle::new("pushes to the callback were refused");
    let refused_keys = Throttle::new("calls with a wrong API key were refused");
    let has_callback = settings.callback.is_some();
    let shared =
        Arc::new(Shared { settings, recorder, desks, orders, refused_pushes, refused_keys });
    let mut router = Router::new().route("/healthz", get(health::health)).route(
        "/v1/receipts",
        post(receipts::forwarded).layer(DefaultBodyLimit::max(receipts::LARGEST)),
    );
    if has_callback {
        let calls = get(callback::handshake).post(callback::push);
        router = router.route("/wechat/callback", calls.layer(DefaultBodyLimit::max(LARGEST_PUSH)));
    }
    router
        .fallback(|| async { Refusal::NotFound })
        .method_not_allowed_fallback(|| async { Refusal::Method })
        .layer(from_fn(in_time))
        .with_state(shared)
}

/// Ends a request that dawdles, and forbids what nobody needs of an answer.
async fn in_time(request: Request, next: Next) -> Result<Response, Refusal> {
    let answer = tokio::time::timeout(PATIENCE, next.run(request)).await;
    let mut answer = answer.map_err(|_| Refusal::TooSlow)?;
    let headers = answer.headers_mut();
    headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    headers.insert(http::header::X_CONTENT_TYPE_OPTIONS, http::HeaderValue::from_static("nosniff"));
    Ok(answer)
}
