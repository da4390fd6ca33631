//! The dictionary is whole, and its classes are the ones that errors use.

use std::collections::HashSet;

use super::*;

/// What a token, send, user or callback call can return.
const FULL: [i64; 47] = [
    -1, 40001, 40002, 40003, 40008, 40013, 40014, 40032, 40036, 40037, 40039, 40125, 40164, 40165,
    40166, 40241, 40243, 40249, 40252, 41001, 41002, 41004, 41009, 42001, 43002, 43003, 43004,
    43019, 43116, 43117, 44002, 45009, 45011, 46004, 47001, 47003, 48001, 48004, 49003, 50002,
    50004, 50007, 89501, 89503, 89506, 89507, -40001,
];

#[test]
fn every_code_has_one_entry_in_both_languages() {
    let mut seen = HashSet::new();
    for entry in explanations() {
        assert!(seen.insert(entry.code), "{} twice", entry.code);
        assert!(!entry.meaning_en.is_empty() && !entry.meaning_zh.is_empty(), "{}", entry.code);
        assert!(entry.meaning_en.is_ascii() || entry.meaning_en.contains('认'), "{}", entry.code);
        assert!(entry.meaning_zh.chars().any(|c| c > '\u{4e00}'), "{}", entry.code);
        assert_eq!(entry.advice_en.is_empty(), entry.advice_zh.is_empty(), "{}", entry.code);
        for text in [entry.meaning_en, entry.meaning_zh, entry.advice_en, entry.advice_zh] {
            assert!(text.is_empty() || text.ends_with(['.', '。']), "{}: {text}", entry.code);
        }
    }
}

#[test]
fn codes_that_a_token_send_user_or_callback_call_returns_are_explained_in_full() {
    for code in FULL {
        assert!(explain(code).is_some_and(Explanation::is_full), "{code}");
    }
}

#[test]
fn classes_are_those_of_the_table_and_depend_on_the_call() {
    use Class::*;
    use Endpoint::{Other, Send, Token};
    let expected = [
        (-1, Send, Backoff),
        (40001, Send, Refresh),
        (40001, Token, Account),
        (40014, Token, Account),
        (40013, Send, Template),
        (40013, Token, Account),
        (40013, Other, Account),
        (40003, Send, Recipient),
        (40003, Other, Recipient),
        (50002, Send, Recipient),
        (50002, Token, Account),
        (40241, Send, Duplicate),
        (43117, Send, Defer),
        (40252, Send, Held),
        (45011, Send, Backoff),
        (45009, Send, Quota),
        (45009, Token, Quota),
        (47003, Send, Message),
        (40037, Send, Template),
        (48001, Send, Account),
        (40164, Token, Account),
        (43004, Send, Recipient),
        (123_456, Send, Unknown),
        (45065, Send, Unknown),
    ];
    for (code, endpoint, class) in expected {
        assert_eq!(Class::of(code, endpoint), class, "{code} at {endpoint:?}");
    }
}

#[test]
fn nothing_can_be_a_stale_token_at_the_token_endpoint() {
    assert!(explanations().all(|entry| entry.class_at(Endpoint::Token) != Class::Refresh));
}
