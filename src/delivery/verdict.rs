//! What an answer means for its message, its template and its run (design: the class of an errcode decides).

use std::time::Duration;

use wechat::{Class, Outcome};

use super::settings::Waits;
use crate::ledger::Settled;

/// 45011: slower, and not before the next minute.
const MINUTE_QUOTA: i64 = 45011;

/// What is to be done after one request.
#[derive(Debug)]
pub enum Verdict {
    /// The message has its outcome, or goes back into the queue.
    Settle(Settled),
    /// Try the same request again after the next backoff.
    Retry,
    /// Back into the queue, and all of the account waits for the next minute.
    Pause,
    /// Back into the queue, and no more of this template.
    StopTemplate,
    /// Back into the queue, and no more at all.
    StopRun(Scope),
}

/// What a stopped run was refused for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The token endpoint, or a token that is refused however fresh.
    Credentials,
    /// The account.
    Account,
    /// The day's quota.
    Quota,
}

/// Judges an error answer. `open` says that an earlier attempt at this message may have arrived.
pub fn judge(error: &wechat::Error, open: bool, waits: &Waits) -> Verdict {
    if error.token_refused() || (error.at_token_endpoint() && error.class() != Class::Backoff) {
        return Verdict::StopRun(Scope::Credentials);
    }
    if error.outcome() == Outcome::Open {
        return Verdict::Retry;
    }
    match error.class() {
        Class::Backoff if error.errcode() == Some(MINUTE_QUOTA) => Verdict::Pause,
        Class::Backoff | Class::Refresh => Verdict::Retry,
        Class::Held => Verdict::Settle(Settled::Held { rid: error.rid().map(str::to_owned) }),
        // An earlier attempt with the same client_msg_id arrived: that is what the code says.
        Class::Duplicate if open => Verdict::Settle(Settled::Accepted { msgid: None }),
        Class::Duplicate => Verdict::Settle(put_off(error, waits.duplicate)),
        Class::Defer => Verdict::Settle(put_off(error, waits.recipient)),
        Class::Quota => Verdict::StopRun(Scope::Quota),
        Class::Account => Verdict::StopRun(Scope::Account),
        Class::Template => Verdict::StopTemplate,
        Class::Unknown if open => {
            let errmsg = error.errmsg().map(str::to_owned);
            Verdict::Settle(Settled::Unknown { errcode: error.errcode(), errmsg })
        }
        _ => Verdict::Settle(failed(error)),
    }
}

fn failed(error: &wechat::Error) -> Settled {
    Settled::Failed {
        errcode: error.errcode().unwrap_or_default(),
        errmsg: error.errmsg().unwrap_or_default().to_owned(),
        rid: error.rid().map(str::to_owned),
    }
}

/// WeChat answered, so the message is certainly not on its way.
fn put_off(error: &wechat::Error, wait: Duration) -> Settled {
    requeued(Some(error), Some(wait), true)
}

/// Back into the queue; `sure` says that no attempt at the message can have arrived.
pub fn requeued(
    error: Option<&wechat::Error>,
    not_before: Option<Duration>,
    sure: bool,
) -> Settled {
    Settled::Requeued {
        not_before,
        sure,
        errcode: error.and_then(wechat::Error::errcode),
        errmsg: error.and_then(wechat::Error::errmsg).map(str::to_owned),
    }
}
