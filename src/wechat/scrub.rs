//! Makes text that came from outside fit to be kept in an error: short, one line, and without anything secret.

/// Runs of this length of base64url characters are tokens (136 and more), secrets (32), template ids (43) or
/// openids (28); a request id (`rid`, 26) and words stay.
const LONG_RUN: usize = 27;
/// What is hidden by its name, however short: `access_token=…` of an echoed URL, `"secret":"…"` of an echoed body.
const NAMES: [&str; 2] = ["access_token", "secret"];
/// What stands where something was taken out.
const HIDDEN: &str = "[hidden]";
/// How much of the text is looked at: enough that nothing within the kept part is cut before it is recognised.
const LOOKED_AT: usize = 4096;

/// The start of `bytes`, at most `limit` bytes, on one line, with `secrets` and all that looks like one taken out.
pub(crate) fn bytes(bytes: &[u8], limit: usize, secrets: &[&str]) -> String {
    text(&String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]), limit, secrets)
}

/// The same for text.
pub(crate) fn text(text: &str, limit: usize, secrets: &[&str]) -> String {
    let mut text = prefix(text, LOOKED_AT).to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, HIDDEN);
    }
    for name in NAMES {
        text = hide_named(&text, name);
    }
    let line = hide_long_runs(&text)
        .split(unprintable)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    prefix(line.trim(), limit).to_owned()
}

/// Whether a character would move the cursor, break the line or reorder the text around it.
fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn hide_named(text: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(name) {
        let value = after.trim_start_matches(['"', '\\', ' ']);
        let value =
            value.strip_prefix(['=', ':']).map(|value| value.trim_start_matches(['"', '\\', ' ']));
        let end = value.map(|value| value.trim_start_matches(is_run));
        out.extend([before, name]);
        if value.map(str::len) != end.map(str::len) {
            out.extend(["=", HIDDEN]);
        }
        rest = end.unwrap_or(after);
    }
    out + rest
}

fn hide_long_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_run) {
        let run = &rest[start..];
        let length = run.find(|c| !is_run(c)).unwrap_or(run.len());
        out.push_str(&rest[..start]);
        out.push_str(if length >= LONG_RUN { HIDDEN } else { &run[..length] });
        rest = &run[length..];
    }
    out + rest
}

fn is_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// At most `limit` bytes of `text`, cut between characters.
fn prefix(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rid_and_an_address_stay_and_a_token_goes() {
        let said = "invalid ip 116.25.45.231 ipv6 ::ffff:116.25.45.231, not in whitelist rid: 61250a39-612fed42-36740516";
        assert_eq!(text(said, 300, &[]), said);
        assert_eq!(text(&format!("token 85_{}", "aB3-".repeat(33)), 300, &[]), "token [hidden]");
        assert_eq!(
            text("for short-1, again short-1", 300, &["short-1"]),
            "for [hidden], again [hidden]"
        );
    }

    #[test]
    fn what_is_named_a_token_or_secret_is_hidden_however_short() {
        assert_eq!(
            text("/x?access_token=a1&openid=o1", 300, &[]),
            "/x?access_token=[hidden]&openid=o1"
        );
        assert_eq!(text(r#"{"secret": "s1","a":1}"#, 300, &[]), r#"{"secret=[hidden]","a":1}"#);
        assert_eq!(text("invalid appsecret, rid: 1", 300, &[]), "invalid appsecret, rid: 1");
        assert_eq!(text("access_token missing", 300, &[]), "access_token missing");
    }

    #[test]
    fn control_characters_go_and_the_cut_is_between_characters() {
        assert_eq!(text("a\r\n\x1b[31mb\u{202e}c", 300, &[]), "a [31mb c");
        assert_eq!(text("医院医院", 7, &[]), "医院");
        assert_eq!(bytes(b"\xff\xfe<html>", 200, &[]), "\u{fffd}\u{fffd}<html>");
    }

    #[test]
    fn a_secret_across_the_cut_is_hidden_before_it_is_cut() {
        let said = format!("{}{}", "x ".repeat(98), "y".repeat(500));
        assert!(!text(&said, 200, &[]).contains("yy"));
    }
}
