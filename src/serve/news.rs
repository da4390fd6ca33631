//! From WeChat's event to the domain's word.

use jiff::Timestamp;
use wechat::callback::{Event, Status, What};

use crate::domain::receipt::{Cause, Fate, Follow, News, Receipt};

/// What an event tells the ledger; `None` when it tells nothing, or of a time that no calendar has.
pub fn news(event: Event) -> Option<News> {
    let made = Timestamp::from_second(event.create_time).ok()?;
    let openid = event.openid.into_boxed_str();
    Some(match event.what {
        What::Receipt { msgid, status } => {
            News::Receipt(Receipt { openid, msgid, made, fate: fate(status) })
        }
        What::Subscribe => News::Follow(Follow { openid, made, follows: true }),
        What::Unsubscribe => News::Follow(Follow { openid, made, follows: false }),
        What::Other => return None,
    })
}

fn fate(status: Status) -> Fate {
    Fate::Undelivered(match status {
        Status::Success => return Fate::Delivered,
        Status::UserBlock => Cause::UserBlock,
        Status::SystemFailed => Cause::SystemFailed,
        Status::FreqLimit => Cause::FreqLimit,
        Status::Other(words) => Cause::Other(words.into()),
    })
}
