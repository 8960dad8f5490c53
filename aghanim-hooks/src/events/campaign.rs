use super::payload::raw_payload;

raw_payload! {
    /// `campaign.custom`: an action of a live-ops campaign that the game defined. Answered by an acknowledgement.
    pub struct CampaignCustom;
}
