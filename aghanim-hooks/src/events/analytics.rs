use super::payload::payload;

payload! {
    /// `analytics.*`: a player did something in the hub or at the checkout.
    ///
    /// Answered by an acknowledgement.
    ///
    /// The event's type says what the player did. These events exist since 2026-04, and their names change:
    /// `analytics.checkout.payment_method.select` was called `….open`, then `….selected` until 2026-06. A handler of
    /// the family takes all of them. Some events have more fields, which are not documented. They are only in
    /// [`Event::data_raw`](crate::Event::data_raw).
    ///
    /// ```
    /// use aghanim_hooks::{Event, webhook};
    /// use aghanim_hooks::events::Analytics;
    ///
    /// #[webhook("analytics.checkout.*")]
    /// async fn checkout(event: Event<Analytics>) {
    ///     println!("{} {:?}", event.event_type, event.data.label);
    /// }
    /// ```
    pub struct Analytics {
        optional {
            /// The place: `hub.buy_click`, `checkout.payment_method`.
            pub name: Option<String>,
            /// The action: `event`, `click`.
            pub action: Option<String>,
            /// The object of the action, for example the payment method.
            pub label: Option<String>,
        }
    }
}
