//! What an account is asked about itself: templates, industry, followers, quota.

use serde_json::{Value, json};

use crate::call::Call;
use crate::fault::FaultKind;
use crate::magic;
use crate::refusal::Answer;
use crate::settings::Settings;
use crate::state::State;
use crate::template::{Listed, category};
use crate::wire;

/// Templates an account may use at once (guide page of template messages).
const MOST_TEMPLATES: usize = 25;
/// Openids a page of `user/get` holds.
const FOLLOWERS_A_PAGE: usize = 10_000;
/// Openids a call of `user/info/batchget` may ask for.
const MOST_USERS: usize = 100;
/// What `quota/get` says of calls other than sends.
const OTHER_QUOTA: u64 = 500_000;

/// The shape of every openid seen: `o` and 27 of `A-Z a-z 0-9 _ -`.
pub(crate) fn looks_like_an_openid(text: &str) -> bool {
    text.len() == 28
        && text.starts_with('o')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Answers every call that is neither a token's nor a send.
pub(crate) fn answer(state: &mut State, settings: &Settings, call: &Call) -> Answer {
    match call.path.as_str() {
        wire::TEMPLATES => Ok(templates(state)),
        wire::INDUSTRY => Ok(industry()),
        wire::ADD_TEMPLATE => add_template(state, call),
        wire::USER => user(state, settings, call.parameter("openid")),
        wire::USERS => users(state, settings, call),
        wire::FOLLOWERS => {
            Ok(followers(state, settings, call.parameter("next_openid").unwrap_or_default()))
        }
        wire::QUOTA => quota(state, settings, call),
        _ => Err(40066.into()),
    }
}

/// `/cgi-bin/template/get_all_private_template`
fn templates(state: &State) -> Value {
    let list: Vec<_> = state.templates.iter().map(|listed| &listed.template).collect();
    json!({ "template_list": list })
}

/// `/cgi-bin/template/get_industry`
fn industry() -> Value {
    json!({
        "primary_industry": { "first_class": "医药护理", "second_class": "医药医疗" },
        "secondary_industry": { "first_class": "医药护理", "second_class": "保健与卫生" },
    })
}

/// `/cgi-bin/template/api_add_template`: any library number will do; the keys' types are guessed
/// from the keywords, as the library itself is not published.
fn add_template(state: &mut State, call: &Call) -> Answer {
    let body = call.body.as_ref().map_err(|code| *code)?;
    let id = call.text("template_id_short").unwrap_or_default();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(40247.into());
    }
    let keywords: Vec<&str> = body["keyword_name_list"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if keywords.is_empty() || keywords.iter().any(|keyword| keyword.trim().is_empty()) {
        return Err(40246.into());
    }
    if state.templates.len() >= MOST_TEMPLATES {
        return Err(45026.into());
    }
    let line = |(index, keyword): (usize, &&str)| {
        format!("{keyword}：{{{{{}{}.DATA}}}}", kind(keyword), index + 1)
    };
    let content: Vec<String> = keywords.iter().enumerate().map(line).collect();
    let template_id = state.ids.template_id();
    let template = category(&template_id, &format!("类目模板{id}"), &content.join("\n"), "");
    state.templates.push(Listed::from(template));
    Ok(json!({ "errcode": 0, "errmsg": "ok", "template_id": template_id }))
}

fn kind(keyword: &str) -> &'static str {
    match keyword {
        _ if keyword.ends_with("时间") || keyword.ends_with("日期") => "time",
        _ if keyword.ends_with('号') || keyword.ends_with("编码") => "character_string",
        _ => "thing",
    }
}

/// `/cgi-bin/user/info`
fn user(state: &State, settings: &Settings, openid: Option<&str>) -> Answer {
    let openid = openid.unwrap_or_default();
    let fate = magic::fate(openid);
    let unknown = fate == Some(FaultKind::Errcode(40003));
    if openid.is_empty() || unknown || (settings.check_openids && !looks_like_an_openid(openid)) {
        return Err(40003.into());
    }
    if fate == Some(FaultKind::Errcode(43004)) || state.unfollowed.contains(openid) {
        return Ok(json!({ "subscribe": 0, "openid": openid }));
    }
    Ok(json!({
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "subscribe_time": 1_382_694_957,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE",
        "qr_scene": 0,
        "qr_scene_str": "",
    }))
}

/// `/cgi-bin/user/info/batchget`: one openid that is none fails the whole call.
fn users(state: &State, settings: &Settings, call: &Call) -> Answer {
    let body = call.body.as_ref().map_err(|code| *code)?;
    let asked = body["user_list"].as_array().filter(|list| !list.is_empty()).ok_or(40032)?;
    if asked.len() > MOST_USERS {
        return Err(40032.into());
    }
    let list: Result<Vec<Value>, _> =
        asked.iter().map(|one| user(state, settings, one["openid"].as_str())).collect();
    Ok(json!({ "user_info_list": list? }))
}

/// `/cgi-bin/user/get`: the followers of the settings and every phone, in the order of openids.
fn followers(state: &State, settings: &Settings, after: &str) -> Value {
    let known = settings.followers.iter().chain(state.office.openids());
    let all: std::collections::BTreeSet<&String> =
        known.filter(|openid| !state.unfollowed.contains(*openid)).collect();
    let page: Vec<_> =
        all.iter().filter(|openid| openid.as_str() > after).take(FOLLOWERS_A_PAGE).collect();
    match page.last() {
        None => json!({ "total": all.len(), "count": 0, "next_openid": "" }),
        Some(last) => {
            json!({ "total": all.len(), "count": page.len(), "data": { "openid": page }, "next_openid": last })
        }
    }
}

/// `/cgi-bin/openapi/quota/get`
fn quota(state: &State, settings: &Settings, call: &Call) -> Answer {
    call.body.as_ref().map_err(|code| *code)?;
    let path = call.text("cgi_path").unwrap_or_default();
    if !path.starts_with('/') {
        return Err(76003.into());
    }
    let (limit, used) = if path == wire::SEND {
        (settings.daily_quota, state.office.used(state.clock.day()))
    } else if wire::PATHS.iter().any(|(known, _)| *known == path) {
        (OTHER_QUOTA, state.tally.counts.paths.get(path).copied().unwrap_or(0))
    } else {
        return Err(76021.into());
    };
    Ok(json!({
        "errcode": 0,
        "errmsg": "ok",
        "quota": { "daily_limit": limit, "used": used, "remain": limit.saturating_sub(used) },
        "rate_limit": { "call_count": 0, "refresh_second": 60 },
    }))
}
