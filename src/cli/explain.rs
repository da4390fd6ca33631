//! `wxremind explain`: WeChat's return codes in words.

use std::fmt;

use clap::ValueEnum;
use serde::Serialize;
use wechat::Explanation;

use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;
use super::table::{row, table};

/// Explain a return code of WeChat: cause, remedy, and whether it is safe to send again.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The code, as 40001 or -1; without it all are listed.
    #[arg(allow_negative_numbers = true, value_parser = super::values::code)]
    code: Option<i64>,
    /// In one language instead of both.
    #[arg(long, value_name = "LANG")]
    lang: Option<Language>,
}

/// A language of the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    En,
    Zh,
}

/// One entry, in the languages asked for.
#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    explanation: &'static Explanation,
    #[serde(skip)]
    languages: Vec<Language>,
}

/// The code of success, which is in no dictionary of errors.
#[derive(Serialize)]
struct Success {
    code: i64,
    #[serde(skip)]
    lang: Option<Language>,
}

/// All entries, one line each.
#[derive(Serialize)]
#[serde(transparent)]
struct Entries {
    entries: Vec<&'static Explanation>,
    #[serde(skip)]
    lang: Language,
}

pub(super) fn run(arguments: &Args, context: &mut Context) -> Result<Exit, CommandError> {
    let Some(code) = arguments.code else {
        let mut entries: Vec<_> = wechat::explanations().collect();
        entries.sort_by_key(|entry| entry.code);
        context.ui.out(&Entries { entries, lang: arguments.lang.unwrap_or(Language::En) })?;
        return Ok(Exit::Done);
    };
    if code == 0 {
        context.ui.out(&Success { code, lang: arguments.lang })?;
        return Ok(Exit::Done);
    }
    let explanation = wechat::explain(code).ok_or_else(|| {
        CommandError::usage(format!("{code} is not in the dictionary of WeChat's return codes."))
            .hint("`wxremind explain` lists all that are.")
    })?;
    let languages =
        arguments.lang.map_or_else(|| vec![Language::En, Language::Zh], |lang| vec![lang]);
    context.ui.out(&Entry { explanation, languages })?;
    Ok(Exit::Done)
}

impl fmt::Display for Success {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "0  ok")?;
        if self.lang != Some(Language::Zh) {
            writeln!(
                f,
                "\nNo error: WeChat did what it was asked. A message was accepted; that it was delivered, only a"
            )?;
            writeln!(f, "receipt says (`wxremind serve`).")?;
        }
        if self.lang != Some(Language::En) {
            writeln!(
                f,
                "\n请求成功。对消息而言，仅表示微信已受理；是否送达以回执为准（`wxremind serve`）。"
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.explanation;
        writeln!(f, "{}  {}", known.code, known.errmsg)?;
        for language in &self.languages {
            let (meaning, advice, again) = match language {
                Language::En => (known.meaning_en, known.advice_en, known.again.en()),
                Language::Zh => (known.meaning_zh, known.advice_zh, known.again.zh()),
            };
            writeln!(f)?;
            for line in [meaning, advice, again].into_iter().filter(|line| !line.is_empty()) {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = table(&["code", "meaning"]);
        for entry in &self.entries {
            let meaning =
                if self.lang == Language::En { entry.meaning_en } else { entry.meaning_zh };
            shown.add_row(row([entry.code.to_string().as_str(), meaning]));
        }
        writeln!(f, "{}", shown.trim_fmt())
    }
}
