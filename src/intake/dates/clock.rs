//! Times of day: clock times, sessions such as 上午, and slots such as `08:30-09:00`.

use jiff::civil::Time;
use jiff::tz::Offset;

use super::day::fraction;
use super::numbered;
use super::scan::{Scan, fold};

/// A time of day as a source tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The time at which the visit, or its slot, begins.
    pub time: Option<Time>,
    /// The words for a slot or session: `08:30-09:00`, `上午`.
    pub slot: Option<Box<str>>,
}

/// A part of the day, which places the hour beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Session {
    Dawn,
    Morning,
    Noon,
    Afternoon,
    Evening,
    WholeDay,
    Am,
    Pm,
}

/// Longer words first. 午診 is the session between 早診 and 晚診.
const SESSIONS: &[(&str, Session)] = &[
    ("凌晨", Session::Dawn),
    ("上午診", Session::Morning),
    ("上午诊", Session::Morning),
    ("上午", Session::Morning),
    ("早上", Session::Morning),
    ("早晨", Session::Morning),
    ("清晨", Session::Morning),
    ("早診", Session::Morning),
    ("早诊", Session::Morning),
    ("中午", Session::Noon),
    ("午间", Session::Noon),
    ("午間", Session::Noon),
    ("下午診", Session::Afternoon),
    ("下午诊", Session::Afternoon),
    ("下午", Session::Afternoon),
    ("午后", Session::Afternoon),
    ("午後", Session::Afternoon),
    ("午診", Session::Afternoon),
    ("午诊", Session::Afternoon),
    ("晚上", Session::Evening),
    ("晚间", Session::Evening),
    ("晚間", Session::Evening),
    ("夜间", Session::Evening),
    ("夜間", Session::Evening),
    ("夜診", Session::Evening),
    ("夜诊", Session::Evening),
    ("晚診", Session::Evening),
    ("晚诊", Session::Evening),
    ("全天", Session::WholeDay),
    ("全日", Session::WholeDay),
];

/// Codes that stand for a session when they are the whole cell (S, T and U in a Taiwanese front-end).
const CODES: &[(&str, Session)] = &[
    ("1", Session::Morning),
    ("2", Session::Afternoon),
    ("3", Session::Evening),
    ("S", Session::Morning),
    ("T", Session::Afternoon),
    ("U", Session::Evening),
    ("AM", Session::Morning),
    ("PM", Session::Afternoon),
    ("A.M.", Session::Morning),
    ("P.M.", Session::Afternoon),
    // 早診, 午診 and 晚診, as a column 午別 shortens them.
    ("早", Session::Morning),
    ("午", Session::Afternoon),
    ("晚", Session::Evening),
];

impl Session {
    /// The word under which the session is shown and set in `[source.sessions]`.
    const fn word(self) -> &'static str {
        match self {
            Self::Dawn => "凌晨",
            Self::Morning | Self::Am => "上午",
            Self::Noon => "中午",
            Self::Afternoon | Self::Pm => "下午",
            Self::Evening => "晚上",
            Self::WholeDay => "全天",
        }
    }

    /// The hour of 24 for an hour of this session; `None` where they contradict each other or leave a doubt.
    fn hour(self, hour: i8) -> Option<i8> {
        // 12 AM is midnight; 上午12:00 leaves a doubt.
        if matches!((self, hour), (Self::Am, 12)) {
            return Some(0);
        }
        let (as_it_is, after_noon) = match self {
            Self::Dawn | Self::Morning | Self::Am => return (hour <= 11).then_some(hour),
            Self::Noon => (11..=13, 1..=1),
            Self::Afternoon | Self::Pm => (12..=23, 1..=11),
            Self::Evening => (17..=23, 5..=11),
            Self::WholeDay => return None,
        };
        match hour {
            hour if as_it_is.contains(&hour) => Some(hour),
            hour if after_noon.contains(&hour) => Some(hour + 12),
            _ => None,
        }
    }
}

impl Clock {
    /// A clock time without words.
    pub const fn at(time: Time) -> Self {
        Self { time: Some(time), slot: None }
    }

    /// A session of which no clock time is known.
    fn session(session: Session) -> Self {
        Self { time: None, slot: Some(session.word().into()) }
    }

    /// Midnight is how databases and spreadsheets write that there is no time.
    pub(super) fn unless_midnight(self) -> Option<Self> {
        let midnight = self.slot.is_none()
            && self.time.is_some_and(|time| time.hour() == 0 && time.minute() == 0);
        (!midnight).then_some(self)
    }

    /// Reads a cell of a time column; `None` when it is no time, session or slot.
    ///
    /// A remark behind a time (`10:00-10:30（3号）`, `上午第2节`) stays a part of the slot's words, and a slot that has a
    /// number instead of a time (`第一时段`) is its words alone.
    pub fn read(cell: &str) -> Option<Self> {
        let text = fold(cell);
        Self::plain(&text).or_else(|| Self::in_words(&text))
    }

    fn in_words(text: &str) -> Option<Self> {
        let words = |time| Self { time, slot: Some(text.into()) };
        if numbered::is_slot(text) {
            return Some(words(None));
        }
        let mut scan = Scan::new(text[..remark(text)?].trim_end());
        let clock = slot(&mut scan).filter(|_| scan.is_done())?;
        Some(words(clock.time))
    }

    fn plain(text: &str) -> Option<Self> {
        let code = CODES.iter().find(|(code, _)| text.eq_ignore_ascii_case(code));
        if let Some((_, session)) = code {
            return Some(Self::session(*session));
        }
        if let Some(rest) = text.strip_prefix('0').filter(|rest| rest.starts_with('.')) {
            let mut scan = Scan::new(rest);
            return fraction(&mut scan).filter(|_| scan.is_done()).map(Self::at);
        }
        let mut scan = Scan::new(text);
        slot(&mut scan).filter(|_| scan.is_done())
    }
}

/// Where a remark begins that ends the text: `(3号)`, `第2节`. One with a colon would be another time.
fn remark(text: &str) -> Option<usize> {
    let at = if text.ends_with(')') { text.rfind('(') } else { text.find('第') }?;
    (!text[at..].contains(':')).then_some(at)
}

/// The rest of a date cell: a time or slot, and the offset from UTC that may follow a time.
pub(super) fn with_offset(scan: &mut Scan<'_>, iso: bool) -> Option<(Clock, Option<Offset>)> {
    let mut ahead = scan.clone();
    if let Some(clock) = slot(&mut ahead).filter(|_| ahead.is_done()).filter(|_| !iso) {
        return Some((clock, None));
    }
    if let Some(clock) = Clock::in_words(scan.rest()).filter(|_| !iso) {
        return Some((clock, None));
    }
    let (time, _) = point(scan, None)?;
    let offset = offset(scan, iso)?;
    scan.is_done().then_some((Clock::at(time), offset))
}

/// `Z`, `+08:00`, `+0800`, `+08`, or nothing, and what RFC 9557 puts behind it: `[Asia/Shanghai]`. After a time written
/// with a space, `-09:00` would be the end of a slot.
#[expect(clippy::option_option, reason = "no offset is an answer, a malformed one is not")]
fn offset(scan: &mut Scan<'_>, iso: bool) -> Option<Option<Offset>> {
    scan.spaces();
    if scan.is_done() {
        return Some(None);
    }
    let found = signed(scan, iso)?;
    zone(scan)?;
    Some(Some(found))
}

/// Passes the name of the zone behind an offset, which says the same in words. Alone it is not enough: of an hour that
/// the clocks repeat it leaves a doubt, and nobody is known to write it.
fn zone(scan: &mut Scan<'_>) -> Option<()> {
    while scan.eat('[') {
        let (name, _) = scan.rest().split_once(']')?;
        let length = name.chars().count();
        let fits = |c: char| c.is_ascii_alphanumeric() || "/_+-!=".contains(c);
        if length == 0 || !name.chars().all(fits) {
            return None;
        }
        for c in name.chars() {
            scan.eat(c);
        }
        scan.eat(']');
    }
    Some(())
}

/// The offset alone.
fn signed(scan: &mut Scan<'_>, iso: bool) -> Option<Offset> {
    if scan.eat_any(&["Z"]).is_some() {
        return Some(Offset::UTC);
    }
    let sign = match scan.eat_any(if iso { &["+", "-"] } else { &["+"] })? {
        "-" => -1,
        _ => 1,
    };
    let hours = scan.take_digits(2)?;
    let colon = scan.eat(':');
    let minutes = if colon || scan.digits_ahead() == 2 { scan.take_digits(2)? } else { 0 };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Offset::from_seconds(sign * seconds).ok()
}

/// A session, a time, or two times with a dash between them.
fn slot(scan: &mut Scan<'_>) -> Option<Clock> {
    let whole = scan.rest();
    let session = session(scan);
    scan.spaces();
    if let (Some(session), true) = (session, scan.is_done()) {
        return Some(Clock::session(session));
    }
    // `上午(08:00-12:00)`.
    let open = session.is_some() && scan.eat('(');
    let (begins, said) = point(scan, session)?;
    let mut ahead = scan.clone();
    ahead.spaces();
    if ahead.eat_any(&["--", "-", "~", "至", "到", "to"]).is_none() {
        return (!open || scan.eat(')')).then(|| Clock::at(begins));
    }
    ahead.spaces();
    let own = self::session(&mut ahead);
    ahead.spaces();
    let (ends, said_at_end) = end(&mut ahead, own, session)?;
    if open && !ahead.eat(')') {
        return None;
    }
    // `2:30-3:30 PM` does not say whether the first is before or after noon.
    let doubtful = said_at_end.is_some() && said.is_none() && session.is_none();
    if ends <= begins || doubtful {
        return None;
    }
    *scan = ahead;
    let words = &whole[..whole.len() - scan.rest().len()];
    Some(Clock { time: Some(begins), slot: Some(words.trim().into()) })
}

/// The end of a slot; a morning that began before may last until noon: `上午 08:00-12:00`.
fn end(
    scan: &mut Scan<'_>,
    own: Option<Session>,
    session: Option<Session>,
) -> Option<(Time, Option<Session>)> {
    let mut ahead = scan.clone();
    if let Some(found) = point(&mut ahead, own.or(session)) {
        *scan = ahead;
        return Some(found);
    }
    let found = point(scan, None)?;
    let until_noon = own.is_none() && session == Some(Session::Morning) && found.0.hour() == 12;
    until_noon.then_some(found)
}

fn session(scan: &mut Scan<'_>) -> Option<Session> {
    let found = SESSIONS.iter().find(|(word, _)| scan.rest().starts_with(word));
    let found = found.map(|(word, session)| {
        scan.eat_any(&[word]);
        *session
    });
    found.or_else(|| meridiem(scan))
}

fn meridiem(scan: &mut Scan<'_>) -> Option<Session> {
    match scan.eat_any(&["a.m.", "am", "p.m.", "pm"])? {
        "a.m." | "am" => Some(Session::Am),
        _ => Some(Session::Pm),
    }
}

/// A clock time, placed by the session before it or the AM or PM after it; and whether the latter was there.
fn point(scan: &mut Scan<'_>, before: Option<Session>) -> Option<(Time, Option<Session>)> {
    let bare = scan.digits_ahead();
    let (hour, minute, second) = match bare {
        3..=6 => run_together(scan, bare)?,
        1 | 2 => apart(scan)?,
        _ => return None,
    };
    let mut ahead = scan.clone();
    ahead.spaces();
    let after = meridiem(&mut ahead);
    if after.is_some() {
        *scan = ahead;
    }
    let hour = i8::try_from(hour).ok()?;
    let placed = match (before, after) {
        (Some(Session::WholeDay), _) => return None,
        (Some(before), Some(after)) => {
            let (one, other) = (before.hour(hour)?, after.hour(hour)?);
            if one != other {
                return None;
            }
            one
        }
        (Some(session), None) | (None, Some(session)) => session.hour(hour)?,
        (None, None) => hour,
    };
    let time = Time::new(placed, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()?;
    Some((time, after))
}

/// `830`, `0830`, `083000`, and `83000` whose zero a spreadsheet dropped.
fn run_together(scan: &mut Scan<'_>, count: usize) -> Option<(u32, u32, u32)> {
    let hour = scan.take_digits(if count.is_multiple_of(2) { 2 } else { 1 })?;
    let minute = scan.take_digits(2)?;
    let second = if count > 4 { scan.take_digits(2)? } else { 0 };
    Some((hour, minute, second))
}

/// `8:30`, `8.30`, `8:30:00.000`, `8點30分`, `8点半`, `8am`.
fn apart(scan: &mut Scan<'_>) -> Option<(u32, u32, u32)> {
    let hour = scan.number(1, 2)?;
    if scan.eat_any(&["时", "時", "点", "點"]).is_some() {
        return minutes_in_words(scan).map(|(minute, second)| (hour, minute, second));
    }
    if scan.eat_any(&[":", ".", "h"]).is_some() {
        let minute = scan.number(2, 2)?;
        let second = if scan.eat(':') { scan.number(2, 2)? } else { 0 };
        if second_fraction(scan) { Some((hour, minute, second)) } else { None }
    } else {
        // An hour alone is one only beside AM or PM.
        let mut ahead = scan.clone();
        ahead.spaces();
        meridiem(&mut ahead).map(|_| (hour, 0, 0))
    }
}

/// Passes `.123`; false when the point has no digits.
fn second_fraction(scan: &mut Scan<'_>) -> bool {
    let mut ahead = scan.clone();
    if !ahead.eat('.') {
        return true;
    }
    let count = ahead.digits_ahead();
    if count == 0 || count > 9 {
        return false;
    }
    ahead.take_digits(count);
    *scan = ahead;
    true
}

fn minutes_in_words(scan: &mut Scan<'_>) -> Option<(u32, u32)> {
    if scan.eat_any(&["半"]).is_some() {
        return Some((30, 0));
    }
    scan.eat_any(&["整"]);
    if scan.digits_ahead() == 0 {
        return Some((0, 0));
    }
    let minute = scan.number(1, 2)?;
    scan.eat_any(&["分"]);
    if scan.digits_ahead() == 0 {
        return Some((minute, 0));
    }
    let second = scan.number(1, 2)?;
    scan.eat_any(&["秒"]);
    Some((minute, second))
}
