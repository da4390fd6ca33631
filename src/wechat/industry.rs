//! Industries: what the account has declared itself to be.

use serde::Deserialize;

use crate::errcode::Endpoint;
use crate::wire::Call;

pub(crate) static GET: Call =
    Call::new("/cgi-bin/template/get_industry", Endpoint::Other, "primary_industry");

/// The account's two industries (`/cgi-bin/template/get_industry`).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct Industries {
    /// The main one.
    #[serde(rename = "primary_industry")]
    pub primary: Industry,
    /// The other one, where declared.
    #[serde(default, rename = "secondary_industry")]
    pub secondary: Option<Industry>,
}

/// An industry, in two steps, such as 医药护理 and 医药医疗.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct Industry {
    /// The wider one.
    pub first_class: String,
    /// The narrower one.
    pub second_class: String,
}
