//! One request, and what its answer means. No address and no text of the receiver gets out of here.

use std::error::Error as _;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use secrecy::SecretSlice;

use super::signature::sign;

/// The longest time that a receiver may name before it is asked again.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// How much of an answer is read, so that its connection can be used again.
const READ: usize = 64 * 1024;

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A 2xx.
    Taken,
    /// Anything else.
    Refused {
        /// Why, in a few words without anything secret.
        why: String,
        /// When the receiver wants to be asked again (429 and 503 with `Retry-After`).
        wait: Option<Duration>,
        /// It wants no events any more (410).
        gone: bool,
    },
}

/// Posts one event. `at` is when, for the signature; receivers refuse one that is minutes off.
pub(super) async fn post(
    client: Client,
    address: Url,
    keys: Vec<SecretSlice<u8>>,
    id: String,
    at: Timestamp,
    body: String,
) -> Answer {
    let seconds = at.as_second();
    let mut request = client
        .post(address)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", seconds);
    if let Some(signature) = sign(&keys, &id, seconds, &body) {
        request = request.header("webhook-signature", signature);
    }
    match request.body(body).send().await {
        Ok(response) => {
            let answer = judge(response.status(), response.headers(), at);
            drain(response).await;
            answer
        }
        Err(error) => refused(fault(&error)),
    }
}

fn judge(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Answer {
    if status.is_success() {
        return Answer::Taken;
    }
    let why = match status {
        StatusCode::GONE => "HTTP 410: it wants no events any more".to_owned(),
        status if status.is_redirection() => {
            format!("HTTP {}: redirects are not followed", status.as_u16())
        }
        status => format!("HTTP {}", status.as_u16()),
    };
    let waits = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    let wait = if waits { retry_after(headers, now) } else { None };
    Answer::Refused { why, wait, gone: status == StatusCode::GONE }
}

/// Seconds, or a date as seen from the answer's own clock, else from ours.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |text| jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp());
    let named = text(RETRY_AFTER)?;
    let wait = if let Ok(seconds) = named.parse() {
        Duration::from_secs(seconds)
    } else {
        let from = text(DATE).and_then(date).unwrap_or(now);
        Duration::try_from(date(named)?.duration_since(from)).unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > READ {
            return;
        }
    }
}

fn refused(why: &str) -> Answer {
    Answer::Refused { why: why.to_owned(), wait: None, gone: false }
}

/// What is wrong with the connection, in our own words: reqwest's hold the address.
fn fault(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        return "no answer in time";
    }
    if !error.is_connect() {
        return "the connection broke";
    }
    let causes: String = std::iter::successors(error.source(), |cause| (*cause).source())
        .map(|cause| cause.to_string().to_lowercase())
        .collect();
    let known = [
        ("refused", "the connection was refused"),
        ("dns", "its host name is not known"),
        ("lookup", "its host name is not known"),
        ("certificate", "its certificate is not trusted"),
    ];
    known.iter().find(|(word, _)| causes.contains(word)).map_or("no connection", |(_, said)| said)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn judged(status: u16, headers: &[(&'static str, &'static str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        judge(StatusCode::from_u16(status).unwrap(), &headers.collect(), now)
    }

    fn wait(answer: &Answer) -> Option<u64> {
        match answer {
            Answer::Refused { wait, .. } => wait.map(|wait| wait.as_secs()),
            Answer::Taken => panic!("taken"),
        }
    }

    #[test]
    fn only_a_2xx_is_taken_and_only_410_is_the_end() {
        for status in [200, 202, 204, 299] {
            assert_eq!(judged(status, &[]), Answer::Taken);
        }
        for status in [100, 301, 307, 400, 401, 404, 410, 429, 500, 503] {
            let Answer::Refused { why, gone, .. } = judged(status, &[]) else { panic!("{status}") };
            assert!(why.contains(&status.to_string()));
            assert_eq!(gone, status == 410);
        }
    }

    #[test]
    fn a_time_that_the_receiver_names_counts_in_seconds_or_as_a_date() {
        assert_eq!(wait(&judged(429, &[("retry-after", "120")])), Some(120));
        let date = "Mon, 23 Nov 2026 00:01:30 GMT";
        assert_eq!(wait(&judged(503, &[("retry-after", date)])), Some(90));
        let theirs = ("date", "Mon, 23 Nov 2026 00:01:00 GMT");
        assert_eq!(wait(&judged(503, &[("retry-after", date), theirs])), Some(30));
        let past = "Sun, 22 Nov 2026 00:01:30 GMT";
        assert_eq!(wait(&judged(503, &[("retry-after", past)])), Some(0));
        assert_eq!(wait(&judged(429, &[("retry-after", "99999999999")])), Some(86_400));
        assert_eq!(wait(&judged(429, &[("retry-after", "soon")])), None);
        // Of other answers it is no promise.
        assert_eq!(wait(&judged(500, &[("retry-after", "120")])), None);
    }
}
