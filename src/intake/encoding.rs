//! Which encoding a text is in, and why: marks, patterns, and three judges for what has neither.
//!
//! The judges are the header (whose names are known only in the right encoding), a detector that knows which characters
//! are frequent, and a list of characters that every hospital's export is full of. The detector is never told that a
//! source is from `cn` or `tw`: it would then believe that against all evidence, since nearly every GBK text is also
//! error-free Big5 and the other way round.

mod evidence;
mod familiar;
mod readings;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use jiff::tz::TimeZone;

use self::evidence::{Evidence, Utf8};
use super::error::Error;
use super::layout::{Layout, Score, Search};
use super::settings::Settings;
use super::spool::Spool;

/// An encoding, the reason for it, and the layout that was seen with it.
pub(super) struct Choice {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// How it was found, for people.
    pub because: String,
    /// Whether characters that a user defined are to be told apart: in Big5 that is not said to be Hong Kong's.
    pub marks_user_defined: bool,
    /// What [`Search::under`] found.
    pub layout: Option<(Score, Layout)>,
}

/// Decides from the settings, or from the bytes.
pub(super) fn choose(
    search: &Search<'_>,
    label: Option<&str>,
    zone: &TimeZone,
) -> Result<Choice, Error> {
    let (encoding, because) = match label {
        Some(label) => (named(label)?, "set".to_owned()),
        None => match plain(search.prefix) {
            Some((encoding, because)) => (encoding, because.to_owned()),
            None => return weigh(search, zone),
        },
    };
    let hkscs = label.is_some_and(|label| label.to_lowercase().contains("hkscs"));
    let marks_user_defined = encoding == BIG5 && !hkscs && !is_hong_kong(zone);
    Ok(Choice { encoding, because, marks_user_defined, layout: search.under(encoding)? })
}

/// Decides for a text without a header: `stated` is what the text says of itself.
pub(super) fn choose_text(
    spool: &Spool,
    prefix: &[u8],
    settings: &Settings,
    stated: Option<&'static Encoding>,
) -> Result<(&'static Encoding, String), Error> {
    if let Some(label) = &settings.encoding {
        return Ok((named(label)?, "set".to_owned()));
    }
    if let Some((encoding, because)) = plain(prefix) {
        return Ok((encoding, because.to_owned()));
    }
    let evidence = Evidence::gather(spool, prefix)?;
    let certain = match evidence.utf8() {
        Utf8::Ascii => Some("plain ASCII"),
        Utf8::Certain => Some("valid UTF-8"),
        Utf8::Damaged => Some("UTF-8, with a few bytes that are not"),
        Utf8::Doubtful | Utf8::Invalid => None,
    };
    if let Some(because) = certain {
        return Ok((UTF_8, because.to_owned()));
    }
    if let Some(encoding) = stated {
        return Ok((encoding, "stated in the text".to_owned()));
    }
    let candidates = [GB18030, BIG5];
    match by_text(&evidence, &settings.zone) {
        Some(winner) => Ok((candidates[winner], "frequent characters".to_owned())),
        None => Err(Error::AmbiguousEncoding {
            name: spool.name().to_owned(),
            readings: candidates.map(|encoding| (encoding.name(), Vec::new())).to_vec(),
            unlike: None,
        }),
    }
}

/// The encoding of a name; GBK and GB2312 are read as GB18030, which holds them both.
fn named(label: &str) -> Result<&'static Encoding, Error> {
    let unknown = || Error::UnknownEncoding { label: label.to_owned() };
    let encoding = Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(unknown)?;
    Ok(if encoding == encoding_rs::GBK { GB18030 } else { encoding })
}

/// What needs no weighing: a mark of byte order, or the NUL bytes of UTF-16.
pub(super) fn plain(prefix: &[u8]) -> Option<(&'static Encoding, &'static str)> {
    const MARK: &str = "byte order mark";
    const MARKS: [(&[u8], &Encoding); 4] = [
        (b"\xef\xbb\xbf", UTF_8),
        (b"\xff\xfe", UTF_16LE),
        (b"\xfe\xff", UTF_16BE),
        (b"\x84\x31\x95\x33", GB18030),
    ];
    let marked = MARKS.iter().find(|(mark, _)| prefix.starts_with(mark));
    marked
        .map(|(_, encoding)| (*encoding, MARK))
        .or_else(|| utf16(prefix).map(|encoding| (encoding, "NUL bytes at every second place")))
}

/// UTF-16 without a mark: at least 5 % NUL bytes, and at least 90 % of them at odd (or at even) places.
pub(super) fn utf16(prefix: &[u8]) -> Option<&'static Encoding> {
    let odd = prefix.iter().skip(1).step_by(2).filter(|byte| **byte == 0).count();
    let even = prefix.iter().step_by(2).filter(|byte| **byte == 0).count();
    let all = odd + even;
    if all * 20 < prefix.len() || all == 0 {
        return None;
    }
    if odd * 10 >= all * 9 {
        Some(UTF_16LE)
    } else if even * 10 >= all * 9 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// With fewer bytes beyond ASCII than this (eight characters), the detector's word alone is not taken.
const FEW: usize = 16;

/// How much larger the share of familiar characters must be in one encoding than in the other.
const MARGIN: f64 = 0.15;

/// Weighs UTF-8, GB18030 and Big5 against each other.
fn weigh(search: &Search<'_>, zone: &TimeZone) -> Result<Choice, Error> {
    let evidence = Evidence::gather(search.spool, search.prefix)?;
    let choice = |encoding, because: &str| {
        let because = because.to_owned();
        let layout = search.under(encoding)?;
        Ok(Choice { encoding, because, marks_user_defined: false, layout })
    };
    match evidence.utf8() {
        Utf8::Ascii => return choice(UTF_8, "plain ASCII"),
        Utf8::Certain => return choice(UTF_8, "valid UTF-8"),
        Utf8::Damaged => return choice(UTF_8, "UTF-8, with a few bytes that are not"),
        Utf8::Doubtful | Utf8::Invalid => {}
    }
    let candidates = [GB18030, BIG5, UTF_8];
    let mut layouts = Vec::new();
    for encoding in candidates {
        layouts.push(search.under(encoding)?);
    }
    let known: Vec<usize> =
        layouts.iter().map(|found| found.as_ref().map_or(0, |(score, _)| score.known)).collect();
    let verdict = by_header(&known)
        .map(|winner| (winner, format!("{} known names in its header", known[winner])))
        .or_else(|| {
            by_text(&evidence, zone).map(|winner| (winner, "frequent characters".to_owned()))
        });
    match verdict {
        Some((winner, because)) => {
            let layout = layouts.swap_remove(winner);
            let encoding = candidates[winner];
            let marks_user_defined = encoding == BIG5 && !is_hong_kong(zone);
            Ok(Choice { encoding, because, marks_user_defined, layout })
        }
        None => Err(readings::ambiguous(search, &evidence)?),
    }
}

/// The only candidate under which most names of the header, at least two, are known.
fn by_header(known: &[usize]) -> Option<usize> {
    let most = *known.iter().max()?;
    let mut winners = (0..known.len()).filter(|index| known[*index] == most);
    match (winners.next(), winners.next()) {
        (Some(winner), None) if most >= 2 => Some(winner),
        _ => None,
    }
}

/// GB18030 (0) or Big5 (1), when the detector and the familiar characters leave no doubt.
fn by_text(evidence: &Evidence, zone: &TimeZone) -> Option<usize> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(evidence.bytes(), true);
    let guess = |hint| {
        let guess = detector.guess(hint, Utf8Detection::Deny);
        match guess {
            _ if guess == encoding_rs::GBK || guess == GB18030 => Some(0),
            _ if guess == BIG5 => Some(1),
            _ => None,
        }
    };
    let guesses = [guess(Some(b"hk")), guess(Some(b"sg")), guess(None)];
    let unanimous = guesses[0].filter(|first| guesses.iter().all(|guess| *guess == Some(*first)));
    let few = evidence.beyond_ascii() < FEW;
    let [gb, big5] = familiar::shares(evidence.bytes());
    let familiar = match gb - big5 {
        margin if margin >= MARGIN => Some(0),
        margin if margin <= -MARGIN => Some(1),
        _ => None,
    };
    let every_one = gb.max(big5) >= 1.0 && gb.min(big5) <= 0.0;
    match familiar {
        // Of a few characters no judge is sure enough alone.
        familiar if few && !every_one => familiar.filter(|winner| unanimous == Some(*winner)),
        Some(winner) if guesses.contains(&Some(winner)) => Some(winner),
        Some(_) => None,
        None if unanimous.is_some() => unanimous,
        // The clinic's own place decides what the detector leaves open between its two hints.
        None => {
            guesses[usize::from(!is_traditional(zone))].filter(|guess| guesses[2] == Some(*guess))
        }
    }
}

/// Whether the clinic is where Big5 is at home.
fn is_traditional(zone: &TimeZone) -> bool {
    zone.iana_name() == Some("Asia/Taipei") || is_hong_kong(zone)
}

/// Whether the clinic is where Big5 means Big5-HKSCS.
fn is_hong_kong(zone: &TimeZone) -> bool {
    matches!(zone.iana_name(), Some("Asia/Hong_Kong" | "Asia/Macau" | "Asia/Macao"))
}

#[cfg(test)]
mod tests;
