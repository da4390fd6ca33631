//! Who calls: the key of the header, and what it may do.

use axum::http::HeaderMap;
use tokio::time::Instant;

use super::error::Refusal;
use super::keys::{Key, Refused, Scope};
use super::router::Shared;

/// The caller's key, if it may do this.
pub(super) fn authorise<'a>(
    shared: &'a Shared,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<&'a Key, Refusal> {
    let key = headers.get("x-api-key").ok_or(Refusal::NoKey)?;
    let allowed = shared.settings.keys.allow(key.as_bytes(), scope, Instant::now());
    allowed.map_err(|refused| match refused {
        Refused::Unknown => {
            shared.refused_keys.warn(&"the key is not known");
            Refusal::UnknownKey
        }
        Refused::TooMany => Refusal::TooMany,
        Refused::Scope => Refusal::Scope(scope.as_str()),
    })
}

/// The same, for one of so many calls a minute.
pub(super) fn authorise_paced<'a>(
    shared: &'a Shared,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<&'a Key, Refusal> {
    let key = authorise(shared, headers, scope)?;
    shared.pace.take(&key.name, Instant::now()).map_err(Refusal::TooFast)?;
    Ok(key)
}
