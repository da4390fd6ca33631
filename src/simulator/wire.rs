//! The WeChat side of the wire: which calls there are, and how an answer leaves.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;

use crate::call::{Call, Plan, Reply, answer};
use crate::hold::Moment;
use crate::line::Line;
use crate::refusal::Refusal;
use crate::simulator::Simulator;

pub(crate) const TOKEN: &str = "/cgi-bin/token";
pub(crate) const STABLE_TOKEN: &str = "/cgi-bin/stable_token";
pub(crate) const SEND: &str = "/cgi-bin/message/template/send";
pub(crate) const TEMPLATES: &str = "/cgi-bin/template/get_all_private_template";
pub(crate) const INDUSTRY: &str = "/cgi-bin/template/get_industry";
pub(crate) const ADD_TEMPLATE: &str = "/cgi-bin/template/api_add_template";
pub(crate) const USER: &str = "/cgi-bin/user/info";
pub(crate) const USERS: &str = "/cgi-bin/user/info/batchget";
pub(crate) const FOLLOWERS: &str = "/cgi-bin/user/get";
pub(crate) const QUOTA: &str = "/cgi-bin/openapi/quota/get";

/// Every call of the WeChat side, and its method.
pub(crate) const PATHS: [(&str, Method); 10] = [
    (TOKEN, Method::GET),
    (STABLE_TOKEN, Method::POST),
    (SEND, Method::POST),
    (TEMPLATES, Method::GET),
    (INDUSTRY, Method::GET),
    (ADD_TEMPLATE, Method::POST),
    (USER, Method::GET),
    (USERS, Method::POST),
    (FOLLOWERS, Method::GET),
    (QUOTA, Method::POST),
];

/// No body of a known call comes near this, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// Where a redirect leads: a closed port, so that nothing leaves loopback if it is followed.
const ELSEWHERE: HeaderValue = HeaderValue::from_static("http://127.0.0.1:9/needauth");

/// The page, the control calls, and WeChat for every other path.
pub(crate) fn router(simulator: Simulator) -> Router {
    Router::new()
        .route("/", get(crate::page::page))
        .nest("/_simulator", crate::control::router())
        .fallback(wechat)
        .with_state(simulator)
}

/// An answer of WeChat, dated by the simulator's clock.
async fn wechat(State(simulator): State<Simulator>, request: Request) -> Response {
    let mut response = respond(&simulator, request).await;
    let date = httpdate::fmt_http_date(simulator.state().clock.date());
    if let Ok(date) = HeaderValue::try_from(date) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

async fn respond(simulator: &Simulator, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    simulator.state().tally.call(&path);
    // Seen for several calls: chunked bodies are refused by the gateway, before WeChat.
    if request.headers().contains_key(header::TRANSFER_ENCODING) {
        simulator.state().tally.counts.chunked += 1;
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    let (parts, body) = request.into_parts();
    let line = parts.extensions.get::<ConnectInfo<Line>>().map(|line| line.0.clone());
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if let Some(refusal) = wrong_method(&path, &parts.method) {
        return render(simulator, Reply::Json(Err(refusal)), line.as_ref());
    }
    let call = Call::read(path, query(&parts.uri), body, simulator.settings());
    let plan =
        if call.path == SEND { send(simulator, &call).await } else { act(simulator, &call).await };
    render(simulator, plan.reply, line.as_ref())
}

/// Sends may be held, before and after their effect, and are counted while they are under way.
async fn send(simulator: &Simulator, call: &Call) -> Plan {
    let _flight = Flight::departs(simulator, call.openid());
    simulator.gate().pass(Moment::Arrival).await;
    let plan = act(simulator, call).await;
    simulator.post(call.openid()).await;
    simulator.gate().pass(Moment::Answer).await;
    plan
}

/// Does what the call does, then takes the time that its answer takes.
async fn act(simulator: &Simulator, call: &Call) -> Plan {
    let plan = answer(&mut simulator.state(), simulator.settings(), call);
    simulator.wait(plan.wait.saturating_add(simulator.settings().answer_delay)).await;
    plan
}

/// A send under way; it lands when its answer leaves, or when the client goes away.
struct Flight<'a>(&'a Simulator, Option<&'a str>);

impl<'a> Flight<'a> {
    fn departs(simulator: &'a Simulator, openid: Option<&'a str>) -> Self {
        simulator.state().tally.departs(openid);
        Self(simulator, openid)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.state().tally.lands(self.1);
    }
}

fn wrong_method(path: &str, method: &Method) -> Option<Refusal> {
    match PATHS.iter().find(|(known, _)| *known == path) {
        None => Some(Refusal::from(40066)),
        Some((_, right)) if right == method => None,
        Some((_, right)) => Some(Refusal::from(if *right == Method::GET { 43001 } else { 43002 })),
    }
}

/// The query's pairs, decoded.
fn query(uri: &Uri) -> Vec<(String, String)> {
    axum::extract::Query::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
}

fn render(simulator: &Simulator, reply: Reply, line: Option<&Line>) -> Response {
    match reply {
        Reply::Json(answer) => json(simulator, answer, "application/json; encoding=utf-8"),
        Reply::Plain(answer) => json(simulator, answer, "text/plain"),
        Reply::BadGateway => html(StatusCode::BAD_GATEWAY, BAD_GATEWAY),
        Reply::Portal => html(StatusCode::OK, PORTAL),
        Reply::Elsewhere => (StatusCode::FOUND, [(header::LOCATION, ELSEWHERE)]).into_response(),
        Reply::Cut => {
            if let Some(line) = line {
                line.cut();
            }
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn json(
    simulator: &Simulator,
    answer: Result<Value, Refusal>,
    content_type: &'static str,
) -> Response {
    let body = answer.unwrap_or_else(|refusal| {
        let state = &mut *simulator.state();
        *state.tally.counts.errcodes.entry(refusal.code).or_default() += 1;
        refusal.body(&state.ids.rid(state.clock.unix()))
    });
    let body = Body::from(Bytes::from(body.to_string()));
    ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response()
}

fn html(status: StatusCode, page: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("text/html"))], page).into_response()
}

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

const PORTAL: &str = "<!DOCTYPE html><html><head><title>needauth</title></head>\
    <body>Please log in to the hospital network.</body></html>";
