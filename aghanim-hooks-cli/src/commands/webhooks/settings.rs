use clap::Args;

use crate::management::events;
use crate::management::webhook::Settings;

/// The fields of a webhook, but for its URL and its events.
#[derive(Debug, Args)]
pub(super) struct SettingsArgs {
    /// A text for people
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Say if anything is sent
    #[arg(long, value_name = "BOOL")]
    enabled: Option<bool>,
    /// Say if Aghanim keeps a log of the deliveries
    #[arg(long, value_name = "BOOL")]
    logs: Option<bool>,
    /// Say if deliveries have the player's attributes in `context`
    #[arg(long, value_name = "BOOL")]
    player_context: Option<bool>,
    /// Say if events are collected in files, which `batch.ready` announces
    #[arg(long, value_name = "BOOL")]
    batch_mode: Option<bool>,
    /// Take names of events that are not documented
    #[arg(long)]
    undocumented: bool,
}

impl SettingsArgs {
    pub(super) fn settings(&self) -> Settings {
        Settings {
            description: self.description.clone(),
            enabled: self.enabled,
            enabled_logs: self.logs,
            player_context_enabled: self.player_context,
            batch_mode: self.batch_mode,
            ..Settings::default()
        }
    }

    /// Checks the names of events that are to be subscribed to.
    pub(super) fn check_events<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> anyhow::Result<()> {
        for name in names {
            if !self.undocumented {
                events::check(name).map_err(anyhow::Error::msg)?;
            }
        }
        Ok(())
    }
}
