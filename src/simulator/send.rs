//! `/cgi-bin/message/template/send`: checks a message as WeChat does and puts it on its phone.

use serde_json::{Value, json};

use crate::account::looks_like_an_openid;
use crate::call::Call;
use crate::field;
use crate::office::{Kept, Seen};
use crate::phone::Delivered;
use crate::refusal::{Answer, Refusal};
use crate::settings::{DuplicateAnswer, Settings};
use crate::state::State;
use crate::template::Listed;

/// Accepts the message, or keeps it for review if `held`.
pub(crate) fn send(state: &mut State, settings: &Settings, call: &Call, held: bool) -> Answer {
    let body = call.body.as_ref().map_err(|code| *code)?;
    let openid = call.openid().unwrap_or_default();
    if openid.is_empty() || (settings.check_openids && !looks_like_an_openid(openid)) {
        return Err(Refusal::from(40003));
    }
    let listed = template(&state.templates, call.text("template_id").unwrap_or_default())?;
    let data = field::check_all(&listed.rows, &body["data"])?;
    if state.unfollowed.contains(openid) {
        return Err(Refusal::from(43004));
    }
    let client_msg_id = call.text("client_msg_id").filter(|id| !id.is_empty());
    let now = state.clock.now();
    if let Some(seen) = client_msg_id.and_then(|id| state.office.seen(openid, id, now)) {
        state.tally.counts.duplicates += 1;
        return duplicate(state, settings, seen);
    }
    let day = state.clock.day();
    if state.office.used(day) >= settings.daily_quota {
        return Err(Refusal::from(45009));
    }
    let shown = field::shown(&listed.rows, &data);
    let message = Delivered {
        openid: openid.to_owned(),
        msgid: state.ids.msgid(),
        template_id: listed.template.template_id.clone(),
        title: listed.template.title.clone(),
        client_msg_id: client_msg_id.map(str::to_owned),
        data,
        shown,
        url: call.text("url").filter(|url| !url.is_empty()).map(str::to_owned),
        at: state.clock.unix(),
        body: Value::Null,
    };
    state.office.use_one(day);
    accept(state, kept(message, &call.raw, settings.lean), held)
}

/// The message as it is remembered: whole, or without its contents.
fn kept(message: Delivered, raw: &[u8], lean: bool) -> Kept {
    if lean {
        let message = Delivered { data: Vec::new(), shown: Vec::new(), url: None, ..message };
        return Kept { message, raw: Box::default() };
    }
    Kept { message, raw: String::from_utf8_lossy(raw).into() }
}

fn accept(state: &mut State, kept: Kept, held: bool) -> Answer {
    let msgid = kept.message.msgid;
    let openid = kept.message.openid.clone();
    state.office.take(kept, held, state.clock.now());
    let counts = &mut state.tally.counts;
    if held {
        counts.held += 1;
        return Err(Refusal::from(40252));
    }
    counts.accepted += 1;
    state.push_receipt(&openid, msgid);
    Ok(accepted(Some(msgid)))
}

fn template<'a>(templates: &'a [Listed], id: &str) -> Result<&'a Listed, i64> {
    if id.is_empty() {
        return Err(40036);
    }
    templates.iter().find(|listed| listed.template.template_id == id).ok_or(40037)
}

fn duplicate(state: &mut State, settings: &Settings, seen: Seen) -> Answer {
    if seen.held {
        return Err(Refusal::from(40252));
    }
    match settings.duplicates {
        DuplicateAnswer::SameMsgid => Ok(accepted(Some(seen.msgid))),
        DuplicateAnswer::NewMsgid => Ok(accepted(Some(state.ids.msgid()))),
        DuplicateAnswer::ZeroMsgid => Ok(accepted(Some(0))),
        DuplicateAnswer::NoMsgid => Ok(accepted(None)),
        DuplicateAnswer::Errcode(code) => Err(Refusal::from(code)),
    }
}

fn accepted(msgid: Option<i64>) -> Value {
    match msgid {
        Some(msgid) => json!({ "errcode": 0, "errmsg": "ok", "msgid": msgid }),
        None => json!({ "errcode": 0, "errmsg": "ok" }),
    }
}
