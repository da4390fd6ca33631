//! Asks WeChat for the templates of the account.

use wechat::PrivateTemplate;

use crate::cli::error::CommandError;
use crate::cli::{Context, Rehearsal};
use crate::config::{self, Config};

/// The settings as the session leaves them, and the account's templates.
pub async fn templates(
    context: &mut Context,
    rehearsal: &Rehearsal,
) -> Result<(Config, Vec<PrivateTemplate>), CommandError> {
    let config = context.config()?;
    let session = context.session(config, rehearsal).await?;
    let (client, _) = session.client()?;
    let templates = client.templates().await?;
    Ok((session.config, templates))
}

/// As [`templates`], for what also works without: no account set is no matter, and one that does not answer is a warning.
pub async fn templates_if_reachable(
    context: &mut Context,
    rehearsal: &Rehearsal,
) -> Result<(Config, Option<Vec<PrivateTemplate>>), CommandError> {
    let config = context.config()?;
    if !rehearsal.simulate && matches!(config.account(), Err(config::Error::NoAppId { .. })) {
        return Ok((config, None));
    }
    let session = context.session(config, rehearsal).await?;
    let asked = match session.client() {
        Ok((client, _)) => client.templates().await.map_err(CommandError::from),
        Err(error) => Err(error),
    };
    let templates = match asked {
        Ok(templates) => Some(templates),
        Err(error) => {
            context.ui.warn(format!("The account's own templates are not known: {error}"));
            None
        }
    };
    Ok((session.config, templates))
}
