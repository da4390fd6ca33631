//! The page at `/`: the phones as message cards, as patients see them, with the body beside.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::Html;

use crate::office::{Kept, Office};
use crate::simulator::Simulator;

/// Cards on the page; more would only make the browser slow.
const MOST: usize = 200;
/// The simulator shows its times as in Beijing, in seconds east of UTC.
const BEIJING: u64 = 8 * 60 * 60;
const STYLE: &str = include_str!("page.css");

pub(crate) async fn page(State(simulator): State<Simulator>) -> Html<String> {
    let state = simulator.state();
    Html(render(&state.office))
}

/// The whole page, self-contained; it asks for itself again every five seconds.
fn render(office: &Office) -> String {
    let (messages, held) = (office.messages(), office.held());
    let last = |kept: &[Kept]| kept.len().saturating_sub(MOST)..kept.len();
    let mut newest: Vec<(&Kept, bool)> =
        messages[last(messages)].iter().map(|kept| (kept, false)).collect();
    newest.extend(held[last(held)].iter().map(|kept| (kept, true)));
    newest.sort_by_key(|(kept, _)| std::cmp::Reverse(kept.message.msgid));
    let mut cards = String::new();
    for (kept, held) in newest.into_iter().take(MOST) {
        card(&mut cards, kept, held);
    }
    if cards.is_empty() {
        cards.push_str("<p class=\"empty\">还没有消息 · No message yet.</p>");
    }
    let phones = office.openids().count();
    let more = (messages.len() + held.len()).saturating_sub(MOST);
    if more > 0 {
        let _ = write!(cards, "<p class=\"empty\">{more} earlier messages are not shown.</p>");
    }
    format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"5\">\
         <title>WeChat simulator</title><style>{STYLE}</style></head><body>\
         <header><h1>微信模拟器 <small>WeChat simulator</small></h1>\
         <p>{} messages on {phones} phones, {} under review. Nothing here leaves this computer.</p></header>\
         <main>{cards}</main></body></html>",
        messages.len(),
        held.len(),
    )
}

/// One message: the card on the left, what was sent on the right.
fn card(page: &mut String, kept: &Kept, held: bool) {
    let message = &kept.message;
    let body = if kept.raw.is_empty() { "(not kept)".to_owned() } else { escape(&kept.raw) };
    let review = if held {
        "<p class=\"review\">审核中，尚未送达 · under review, not delivered</p>"
    } else {
        ""
    };
    let mut rows = String::new();
    for (label, value) in &message.shown {
        let _ = write!(rows, "<dt>{}</dt><dd>{}</dd>", escape(label), escape(value));
    }
    let more =
        if message.url.is_some() { "<p class=\"more\">详情<span>›</span></p>" } else { "" };
    let _ = write!(
        page,
        "<section{}><div class=\"phone\"><p class=\"time\">{}</p><article><h2>{}</h2>{review}<dl>{rows}</dl>{more}</article></div>\
         <div class=\"raw\"><p>→ <b>{}</b> · msgid {}</p><pre>{body}</pre></div></section>",
        if held { " class=\"held\"" } else { "" },
        clock(message.at),
        escape(&message.title),
        escape(&message.openid),
        message.msgid,
    );
}

/// `15:01` in Beijing.
fn clock(unix: u64) -> String {
    let minutes = (unix + BEIJING) / 60;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// Text that is nothing but text in HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
