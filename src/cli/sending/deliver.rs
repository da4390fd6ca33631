//! Running delivery: the progress bar, and what a signal does.

use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::signal;
use crate::cli::ui::Ui;
use crate::clock::Clock;
use crate::config::sending::Send;
use crate::delivery::{self, Progress, Settings, Tally, Waits, Why};
use crate::ledger::Desk;

/// What a run of delivery is given.
pub struct Course<'a> {
    /// The ledger, its run begun and its messages queued.
    pub desk: &'a Desk,
    /// The account.
    pub client: &'a wechat::Client,
    /// The pace.
    pub send: &'a Send,
    /// The clinic's time.
    pub clock: &'a Clock,
    /// How many messages the plan has, for the progress bar.
    pub messages: u64,
    /// When the quiet hours begin: what is not sent by then stays queued.
    pub until: Option<Timestamp>,
}

/// How often the clock is looked at: a machine that slept meanwhile has missed its timer.
const LOOK: Duration = Duration::from_secs(10);

/// Sends what the run may claim. The first Ctrl-C or SIGTERM lets what flies land and ends the run; the second leaves at
/// once, and the ledger still tells the truth.
pub async fn deliver(ui: &Ui, course: &Course<'_>) -> Result<Tally, CommandError> {
    let (stopper, stop) = delivery::stopper();
    let (seen, mut watched) = watch::channel(Progress::default());
    let bar = ui.progress(course.messages);
    let settings = pace(course.send);
    let now = || course.clock.now();
    let sending = delivery::run(course.desk, course.client, &settings, &now, stop, seen);
    tokio::pin!(sending);
    let mut signal = Box::pin(signal::stop());
    let mut quiet = Box::pin(reach(course.clock, course.until));
    let mut is_quiet = false;
    let mut asked = false;
    let ended = loop {
        tokio::select! {
            ended = &mut sending => break ended,
            () = &mut signal => {
                if asked {
                    #[expect(clippy::disallowed_methods, reason = "a second signal leaves at once; the ledger tells the truth")]
                    std::process::exit(i32::from(Exit::Interrupted.code()));
                }
                asked = true;
                signal = Box::pin(signal::stop());
                stopper.stop(Why::Interrupted);
                bar.set_message("stopping: what is under way is finished; again to leave at once");
            }
            () = &mut quiet, if !is_quiet => {
                is_quiet = true;
                stopper.stop(Why::QuietHours);
                bar.set_message("the quiet hours begin: what is under way is finished");
            }
            Ok(()) = watched.changed() => show(&bar, &watched.borrow_and_update()),
        }
    };
    bar.finish_and_clear();
    Ok(ended?)
}

/// Done when the clock says that this instant has come; never, where there is none.
async fn reach(clock: &Clock, until: Option<Timestamp>) {
    let Some(until) = until else { return std::future::pending().await };
    while let Ok(left @ 1..) = u64::try_from(until.duration_since(clock.now()).as_millis()) {
        tokio::time::sleep(Duration::from_millis(left).min(LOOK)).await;
    }
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_position(progress.done);
    bar.set_message(if progress.waiting { "waiting for messages put off" } else { "" });
}

/// The pace of a run, by the settings.
pub fn pace(send: &Send) -> Settings {
    Settings {
        rate: (send.rate > 0.0).then_some(send.rate),
        concurrency: send.concurrency,
        waits: Waits::default().scaled(send.wait_scale),
        ..Settings::default()
    }
}
