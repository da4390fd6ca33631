//! What things are called, in English and in simplified Chinese.

use super::reasons;
use crate::domain::reason::Reason;
use crate::domain::receipt::Cause;
use crate::domain::state::State;
use crate::ledger::End;

/// The language of what people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// The language of a locale such as `zh_CN.UTF-8`.
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Zh } else { Self::En }
    }

    /// The tag for `lang` in HTML.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The one of two texts that is in this language.
    pub const fn pick<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

/// What a state is called.
pub const fn state(state: State, language: Language) -> &'static str {
    let zh = match state {
        State::Queued => "待发送",
        State::Sending => "发送中",
        State::Accepted => "微信已接收",
        State::Held => "微信审核中",
        State::Failed => "发送失败",
        State::Unknown => "结果不明",
        State::Delivered => "已送达",
        State::Undelivered => "未送达",
        State::Expired => "已过时",
        State::Cancelled => "已取消",
        State::Skipped => "未发送",
    };
    language.pick(state.as_str(), zh)
}

/// What the end of a reminder is called.
pub const fn end(end: End, language: Language) -> &'static str {
    let zh = match end {
        End::Waiting => "待发送",
        End::Sent => "已发送",
        End::Failed => "发送失败",
        End::Unknown => "结果不明",
        End::Expired => "已过时",
        End::Cancelled => "已取消",
        End::Skipped => "未发送",
    };
    language.pick(end.as_str(), zh)
}

/// Why a row got no message: the sentence for people.
pub const fn reason(reason: Reason, language: Language) -> &'static str {
    match language {
        Language::En => reasons::english(reason),
        Language::Zh => reasons::chinese(reason),
    }
}

/// Why a message did not get through, in a few words: by the reason that the ledger keeps, by WeChat's code, or by its
/// state. Empty for one that did.
pub fn why(state: State, errcode: Option<i64>, given: Option<&str>, language: Language) -> String {
    let told = |en: &'static str, zh: &'static str| language.pick(en, zh).to_owned();
    if let Some(word) = given {
        return match word {
            "source" => told("called off by the source", "预约已取消或改期"),
            "person" => told("called off by a person", "由工作人员取消"),
            word => cause(word, language).unwrap_or_else(|| {
                let known = Reason::ALL.into_iter().find(|reason| reason.as_str() == word);
                known.map_or_else(|| word.to_owned(), |known| reason(known, language).to_owned())
            }),
        };
    }
    if let Some(code) = errcode {
        let meaning = wechat::explain(code).map(|known| match language {
            Language::En => known.meaning_en,
            Language::Zh => known.meaning_zh,
        });
        // The first clause; `log show` and `explain` have the rest.
        let clause = meaning.and_then(|text| text.split([';', '.', '；', '。']).next());
        return match clause {
            Some(clause) => format!("{} {code}: {clause}", language.pick("WeChat", "微信")),
            None => format!("{} {code}", language.pick("WeChat", "微信")),
        };
    }
    match state {
        State::Unknown => told("nobody knows whether it arrived", "不知道是否送达"),
        State::Expired => told("its time passed before it could be sent", "未能在就诊前发出"),
        State::Held => told("under review at WeChat", "微信正在审核"),
        _ => String::new(),
    }
}

/// What a receipt gives as its cause.
fn cause(word: &str, language: Language) -> Option<String> {
    let known = Cause::KNOWN.into_iter().find(|cause| cause.as_str() == word)?;
    let (en, zh) = match known {
        Cause::UserBlock => ("the patient blocks the account's messages", "患者拒收公众号消息"),
        Cause::SystemFailed => ("WeChat could not deliver it", "微信未能送达"),
        Cause::FreqLimit => {
            ("WeChat had too many messages for the patient", "发给该患者的消息过多")
        }
        Cause::Other(_) => return None,
    };
    Some(language.pick(en, zh).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_did_not_get_through_is_explained_in_both_languages() {
        let cases = [
            (State::Failed, Some(43004), None, "WeChat 43004", "微信 43004"),
            (State::Failed, Some(-987_654), None, "WeChat -987654", "微信 -987654"),
            (State::Undelivered, None, Some("user_block"), "the patient blocks", "患者拒收"),
            (State::Undelivered, None, Some("new words"), "new words", "new words"),
            (State::Skipped, None, Some("no_openid"), "no openid is known", "未找到"),
            (State::Unknown, None, None, "nobody knows", "不知道"),
        ];
        for (state, code, given, en, zh) in cases {
            assert!(why(state, code, given, Language::En).starts_with(en), "{en}");
            let told = why(state, code, given, Language::Zh);
            assert!(told.starts_with(zh), "{told}");
        }
    }

    #[test]
    fn a_locale_chooses_the_language() {
        assert_eq!(Language::of_locale("zh_CN.UTF-8"), Language::Zh);
        assert_eq!(Language::of_locale("C"), Language::En);
    }
}
