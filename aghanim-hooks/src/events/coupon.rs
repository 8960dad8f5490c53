use super::Item;
use super::payload::payload;
use crate::UnixTime;
use crate::open_enum::open_enum;

payload! {
    /// `coupon.redeemed`: a player redeemed a coupon.
    ///
    /// Answered by an acknowledgement.
    ///
    /// [`all_items`](Self::all_items) has the items of the coupon, in both forms that Aghanim sends.
    pub struct CouponRedeemed {
        required {
            /// The game's own id of the player.
            pub player_id: String,
            /// The coupon.
            pub coupon: RedeemedCoupon,
        }
        optional {
            /// The item of the coupon.
            ///
            /// To have the items in either form, use [`all_items`](Self::all_items).
            pub item: Option<Item>,
            /// The items of the coupon, since 2026-05-25.
            ///
            /// To have the items in either form, use [`all_items`](Self::all_items).
            pub items: Option<Vec<Item>>,
        }
    }
}

impl CouponRedeemed {
    /// The items of the coupon: `items`, or `item` if `items` is missing or empty.
    ///
    /// An event can have both, since Aghanim added `items` beside `item`. They are then not added up.
    ///
    /// ```
    /// use aghanim_hooks::events::{CouponRedeemed, Item, RedeemedCoupon};
    /// use aghanim_hooks::UnixTime;
    ///
    /// let redeemed_at = UnixTime::from_secs(1_748_131_200);
    /// let coupon = RedeemedCoupon::builder().code("WELCOME").sku("gems_100").redeemed_at(redeemed_at).build();
    /// let gems = Item::builder().id("itm_1").sku("gems_100").name("100 gems").quantity(1).build();
    /// let event = CouponRedeemed::new("2D2R-OP3C", coupon).item(gems);
    /// assert_eq!(event.all_items()[0].sku, "gems_100");
    /// ```
    #[must_use]
    pub fn all_items(&self) -> &[Item] {
        match (&self.items, &self.item) {
            (Some(items), _) if !items.is_empty() => items,
            (_, Some(item)) => std::slice::from_ref(item),
            (_, None) => &[],
        }
    }
}

payload! {
    /// The coupon of [`CouponRedeemed`].
    pub struct RedeemedCoupon by RedeemedCouponBuilder {
        required {
            /// The code that the player typed.
            pub code: String,
            /// The `sku` of the item that the coupon gives.
            pub sku: String,
            /// The time at which it was redeemed.
            pub redeemed_at: UnixTime,
        }
    }
}

payload! {
    /// A coupon that was applied to an [`Order`](super::Order) or a [`Payment`](super::Payment).
    ///
    /// Known from Aghanim's API, not seen in a webhook.
    pub struct Coupon {
        optional {
            /// Aghanim's id of the coupon.
            pub id: Option<String>,
            /// The code that the player typed.
            pub code: Option<String>,
            /// The coupon's name for people.
            pub name: Option<String>,
            /// `type`: the effect of the coupon.
            #[serde(rename = "type")]
            pub coupon_type: Option<CouponType>,
            /// The discount on the price, in percent.
            pub discount_percent: Option<i64>,
            /// The bonus on the amount, in percent.
            pub bonus_percent: Option<i64>,
            /// The bonus on the amount. Its unit is not documented.
            pub bonus_fixed: Option<i64>,
        }
    }
}

open_enum! {
    /// The effect of a [`Coupon`].
    pub enum CouponType {
        Bonus = "bonus",
        Discount = "discount",
        FreeItem = "free_item",
        VirtualCurrency = "vc",
        NonBenefit = "non_benefit",
        DiscountFixed = "discount_fixed",
        DiscountRewardPoint = "discount_reward_point",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_items_has_both_forms() {
        let item = |sku| Item::builder().id("itm").sku(sku).name("name").quantity(1).build();
        let coupon = RedeemedCoupon::builder().code("CODE").sku("sku").redeemed_at(UnixTime::from_secs(0)).build();
        let event = CouponRedeemed::new("player", coupon);
        let skus = |event: &CouponRedeemed| event.all_items().iter().map(|item| item.sku.clone()).collect::<Vec<_>>();
        assert!(skus(&event).is_empty());
        assert_eq!(skus(&event.clone().item(item("a"))), ["a"]);
        assert_eq!(skus(&event.clone().items([item("b"), item("c")])), ["b", "c"]);
        assert_eq!(skus(&event.clone().item(item("b")).items([item("b"), item("c")])), ["b", "c"]);
        assert_eq!(skus(&event.item(item("a")).items([])), ["a"]);
    }
}
