use super::payload::payload;

payload! {
    /// `analytics.*`: what a player does in the hub and at the checkout, since 2026-04. Answered by an acknowledgement.
    ///
    /// What happened is said by the event's type. Names change: `analytics.checkout.payment_method.select` was
    /// `….open`, then `….selected` until 2026-06. A handler of the family takes them all. More fields come with some
    /// of the events; they are not documented, and are only in [`Event::data_raw`](crate::Event::data_raw).
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
            /// Where: `hub.buy_click`, `checkout.payment_method`.
            pub name: Option<String>,
            /// What: `event`, `click`.
            pub action: Option<String>,
            /// On what: the payment method, for instance.
            pub label: Option<String>,
        }
    }
}
