//! stub
/// The shape of every openid seen: `o` and 27 of `A-Z a-z 0-9 _ -`.
pub(crate) fn looks_like_an_openid(text: &str) -> bool {
    text.len() == 28
        && text.starts_with('o')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
