//! What is left of the day's quota, said before a large run. Only an errcode stops a run: the counter is not exact.

use crate::cli::count::messages;
use crate::cli::ui::Ui;

/// From how many messages on a run is large enough to ask.
const LARGE: u64 = 500;

/// Asks and says, before a large run. An answer that is not to be had is no reason not to send.
pub async fn say_quota(ui: &mut Ui, client: &wechat::Client, planned: u64) {
    if planned < LARGE {
        return;
    }
    let Ok(quota) = client.quota(wechat::SEND_PATH).await else {
        ui.detail("WeChat did not say what is left of today's quota.");
        return;
    };
    let left = u64::try_from(quota.remain).unwrap_or(0);
    if left < planned {
        ui.warn(format!(
            "{} to be sent, and WeChat says that today's quota has room for {left}; the nearest visits go first, the \
             rest stays queued.",
            messages(planned)
        ));
    } else {
        ui.detail(format!("{} to be sent; today's quota has room for {left}.", messages(planned)));
    }
}
