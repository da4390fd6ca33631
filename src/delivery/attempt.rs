//! One message: the request, its backoffs, and what came of it.

use std::time::Duration;

use tokio::time::Instant;
use wechat::{Client, Outcome, TemplateMessage};

use super::settings::Waits;
use super::stop::Stop;
use super::verdict::{Scope, Verdict, judge, requeued};
use crate::ledger::{Claimed, Settled};

/// How long after its first intent a message is repeated under the same `client_msg_id`; WeChat's window is 10 minutes.
const REPEAT: Duration = Duration::from_mins(8);

/// What came of one claimed message.
#[derive(Debug)]
pub struct Done {
    /// The message.
    pub claimed: Claimed,
    /// What the ledger is to be told.
    pub settled: Settled,
    /// What the run is to learn.
    pub lesson: Lesson,
    /// WeChat's last word, where it was an error.
    pub error: Option<wechat::Error>,
}

/// What an outcome teaches the run beyond its own message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// Nothing.
    None,
    /// The account pauses to the next minute.
    Pause,
    /// The template is to be stopped.
    StopTemplate,
    /// The run is to be stopped.
    StopRun(Scope),
}

/// Sends one message, trying again while that is right. Waits end at a stop; a request under way does not.
pub async fn attempt(client: Client, claimed: Claimed, waits: Waits, stop: Stop) -> Done {
    let message: TemplateMessage = match serde_json::from_str(&claimed.content) {
        Ok(message) => message,
        Err(_) => return unreadable(claimed),
    };
    let mut open = claimed.retry;
    let repeatable_until = Instant::now() + REPEAT.saturating_sub(claimed.intent_age);
    let mut backoffs = waits.backoff.iter();
    loop {
        let error = match client.send(&message).await {
            Ok(accepted) => {
                let settled = Settled::Accepted { msgid: accepted.msgid };
                return Done { claimed, settled, lesson: Lesson::None, error: None };
            }
            Err(error) => error,
        };
        let verdict = judge(&error, open, &waits);
        open |= error.outcome() == Outcome::Open;
        let back = |lesson| (requeued(Some(&error), None, !open), lesson);
        let (settled, lesson) = match verdict {
            Verdict::Settle(settled) => (settled, Lesson::None),
            // Put off beyond the pause, so that a message that meets 45011 again does not hold up the others.
            Verdict::Pause => (requeued(Some(&error), Some(waits.put_off), !open), Lesson::Pause),
            Verdict::StopTemplate => back(Lesson::StopTemplate),
            Verdict::StopRun(scope) => back(Lesson::StopRun(scope)),
            Verdict::Retry => match backoffs.next() {
                // Beyond its window WeChat would not recognise the repetition: nobody knows any more.
                Some(_) if open && Instant::now() >= repeatable_until => {
                    (unknown(&error), Lesson::None)
                }
                Some(wait) if sleep(*wait, &stop).await => continue,
                Some(_) => back(Lesson::None),
                None => (requeued(Some(&error), Some(waits.put_off), !open), Lesson::None),
            },
        };
        return Done { claimed, settled, lesson, error: Some(error) };
    }
}

/// An outcome that cannot be known.
fn unknown(error: &wechat::Error) -> Settled {
    Settled::Unknown { errcode: error.errcode(), errmsg: error.errmsg().map(str::to_owned) }
}

/// Sleeps; `false` when a stop cut it short.
async fn sleep(wait: Duration, stop: &Stop) -> bool {
    tokio::select! {
        () = stop.wait() => false,
        () = tokio::time::sleep(wait) => true,
    }
}

/// The ledger's own text of a message cannot be read: nothing was sent, and it must not be tried for ever.
fn unreadable(claimed: Claimed) -> Done {
    let errmsg = "the stored message cannot be read".to_owned();
    let settled = Settled::Failed { errcode: 0, errmsg, rid: None };
    Done { claimed, settled, lesson: Lesson::None, error: None }
}
