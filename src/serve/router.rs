//! Which path is whose, and what holds for all of them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, http};
use tokio::sync::Semaphore;
use wechat::callback::LARGEST_PUSH;

use super::error::Refusal;
use super::pace::Pace;
use super::page::Page;
use super::recorder::Recorder;
use super::throttle::Throttle;
use super::{Desks, Orders, Settings, callback, health, messages, page, receipts};

/// A request takes no longer, with the reading of its body.
const PATIENCE: Duration = Duration::from_secs(15);
/// So many calls of the connector are under way at the most.
const MOST_AT_ONCE: usize = 256;

/// What the handlers share.
pub(super) struct Shared {
    pub settings: Settings,
    pub page: Page,
    pub recorder: Recorder,
    pub desks: Desks,
    /// Takes what is to be sent; none when nothing can be sent.
    pub orders: Option<Orders>,
    pub pace: Pace,
    pub refused_pushes: Throttle,
    pub refused_keys: Throttle,
}

/// Everything that is answered.
pub(super) fn router(
    settings: Settings,
    staff: Page,
    recorder: Recorder,
    desks: Desks,
    orders: Option<Orders>,
) -> Router {
    let refused_pushes = Throttle::new("pushes to the callback were refused");
    let refused_keys = Throttle::new("calls with a wrong API key were refused");
    let has_callback = settings.callback.is_some();
    let allowance = Pace::new(settings.calls_per_minute);
    let shared = Arc::new(Shared {
        settings,
        page: staff,
        recorder,
        desks,
        orders,
        pace: allowance,
        refused_pushes,
        refused_keys,
    });
    let one_of_many = Arc::new(Semaphore::new(MOST_AT_ONCE));
    let connector = get(messages::list)
        .post(messages::send)
        .layer(DefaultBodyLimit::max(messages::LARGEST))
        .layer(from_fn_with_state(one_of_many, in_turn));
    let receipts = post(receipts::forwarded).layer(DefaultBodyLimit::max(receipts::LARGEST));
    let mut router = Router::new()
        .route("/healthz", get(health::health))
        .route("/v1/messages", connector)
        .route("/v1/receipts", receipts)
        .merge(page::routes());
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

/// Turns a request away that would be one too many.
async fn in_turn(
    State(one_of_many): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let _turn = one_of_many.try_acquire().map_err(|_| Refusal::Busy)?;
    Ok(next.run(request).await)
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
