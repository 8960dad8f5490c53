use super::payload::raw_payload;

raw_payload! {
    /// `campaign.custom`: an action of the game's live-ops campaign.
    ///
    /// Answered by an acknowledgement.
    ///
    /// ```
    /// use aghanim_hooks::{Rejection, webhook};
    /// use aghanim_hooks::events::CampaignCustom;
    ///
    /// /// The game's own parameters of its campaign.
    /// #[derive(serde::Deserialize)]
    /// struct Boost {
    ///     factor: f64,
    /// }
    ///
    /// #[webhook("campaign.custom")]
    /// async fn boost(event: CampaignCustom) -> Result<(), Rejection> {
    ///     let boost: Boost = event.raw.parse()?;
    ///     println!("everything is worth {} times as much", boost.factor);
    ///     Ok(())
    /// }
    /// ```
    pub struct CampaignCustom;
}
