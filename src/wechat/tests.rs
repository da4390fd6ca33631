//! The client against small stand-ins for WeChat on loopback: what it asks, and what it makes of the answers.

mod account;
mod calls;
mod privacy;
mod refresh;
mod script;
mod tls;
mod wire;

use secrecy::SecretString;

use crate::{Client, Settings, TemplateMessage};

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const OPENID: &str = "oSample-openid-0000000000001";

/// A client for an account that lives at `base_url`.
fn client(base_url: &str) -> Client {
    let settings = Settings { base_url: base_url.to_owned(), ..Settings::default() };
    Client::new("wx0123456789abcdef", SecretString::from(SECRET), settings).unwrap()
}

fn message() -> TemplateMessage {
    let builder = TemplateMessage::builder(OPENID, "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY");
    builder.field("thing1", "心内科").client_msg_id("MSG_000001").build().unwrap()
}
