//! stub
use crate::simulator::Simulator;
pub(crate) const TOKEN: &str = "/cgi-bin/token";
pub(crate) const STABLE_TOKEN: &str = "/cgi-bin/stable_token";
pub(crate) const SEND: &str = "/cgi-bin/message/template/send";
pub(crate) const PATHS: [(&str, &str); 0] = [];
pub(crate) fn router(_s: Simulator) -> axum::Router {
    axum::Router::new()
}
