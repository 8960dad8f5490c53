//! Quantities and amounts that are checked before a game acts on them.
//!
//! The signature proves who sent an event, not that its numbers make sense. A negative quantity would take items away,
//! and 2^63 - 1 of them overflow the next sum.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use super::{AnyOrder, FraudReported, Item, Order, Payment};
use crate::Rejection;

impl Item {
    /// The quantity, from 1 to `u32::MAX`.
    ///
    /// Many of these can be added in an `i64` or `u64` without overflow. To add to a balance that is already large, use
    /// `checked_add`.
    ///
    /// ```
    /// use aghanim_hooks::{Rejection, webhook};
    /// use aghanim_hooks::events::ItemAdd;
    ///
    /// #[webhook("item.add")]
    /// async fn grant(event: ItemAdd) -> Result<(), Rejection> {
    ///     for item in &event.items {
    ///         println!("+{} {:?}", item.checked_quantity()?, item.sku);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// Returns an error for any other quantity. With `?` it becomes [`Rejection::declined`]: Aghanim then refunds the
    /// payment, where it has enabled that for the account.
    pub fn checked_quantity(&self) -> Result<u32, NumberError> {
        match u32::try_from(self.quantity) {
            Ok(0) => Err(NumberError::NotPositive(self.quantity)),
            Ok(quantity) => Ok(quantity),
            Err(_) if self.quantity < 0 => Err(NumberError::NotPositive(self.quantity)),
            Err(_) => Err(NumberError::TooLarge),
        }
    }

    /// The price of one, in minor units of [`currency`](Self#structfield.currency).
    ///
    /// `None` if it did not come.
    ///
    /// # Errors
    /// Returns an error if the price is negative.
    pub fn checked_price(&self) -> Result<Option<u64>, NumberError> {
        self.price.map(amount).transpose()
    }
}

impl Order {
    /// The amount that the player pays, in minor units of [`currency`](Self#structfield.currency).
    ///
    /// # Errors
    /// Returns an error if the amount is negative.
    pub fn checked_amount(&self) -> Result<u64, NumberError> {
        amount(self.amount)
    }
}

impl AnyOrder {
    /// The amount that the player pays, in minor units of [`currency`](Self#structfield.currency).
    ///
    /// `None` if it did not come.
    ///
    /// # Errors
    /// Returns an error if the amount is negative.
    pub fn checked_amount(&self) -> Result<Option<u64>, NumberError> {
        self.amount.map(amount).transpose()
    }
}

impl Payment {
    /// The amount that is paid, in minor units of [`currency`](Self#structfield.currency).
    ///
    /// `None` if it did not come.
    ///
    /// # Errors
    /// Returns an error if the amount is negative.
    pub fn checked_total(&self) -> Result<Option<u64>, NumberError> {
        self.total.map(amount).transpose()
    }
}

impl FraudReported {
    /// The amount that was paid, in minor units of [`currency`](Self#structfield.currency).
    ///
    /// # Errors
    /// Returns an error if the amount is negative.
    pub fn checked_amount(&self) -> Result<u64, NumberError> {
        amount(self.amount)
    }
}

fn amount(amount: i64) -> Result<u64, NumberError> {
    u64::try_from(amount).map_err(|_| NumberError::Negative(amount))
}

/// How the quantities of [nested items](Item#structfield.nested_items) count.
///
/// It is not documented whether Aghanim states them for one bundle or for all bundles of the item. Ask Aghanim before
/// you sell two of one bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Nested {
    /// The quantity is for one bundle: two bundles of 100 gems are 200 gems.
    PerBundle,
    /// The quantity is for all bundles together: if it is 100 gems, two bundles are 100 gems.
    InTotal,
    /// The nested items are not counted: two bundles are two bundles.
    Ignored,
}

/// Adds up the quantities of items by their `sku`.
///
/// An item with nested items counts as what it holds, at any depth, unless they are [`Ignored`](Nested::Ignored).
///
/// ```
/// use aghanim_hooks::events::{Item, Nested, total_quantities};
///
/// let item = |sku: &str, quantity| Item::builder().id("itm_1").sku(sku).name("…").quantity(quantity).build();
/// let items = [item("gems", 5), item("starter_pack", 2).nested_items([item("gems", 100), item("sword", 1)])];
///
/// let totals = total_quantities(&items, Nested::PerBundle)?;
/// assert_eq!((totals["gems"], totals["sword"]), (205, 2));
/// assert!(total_quantities(&[item("gems", -1)], Nested::PerBundle).is_err());
/// # Ok::<(), aghanim_hooks::events::NumberError>(())
/// ```
///
/// # Errors
/// Returns an error if a quantity is not positive, or if a sum is larger than `u32::MAX`.
pub fn total_quantities(items: &[Item], nested: Nested) -> Result<BTreeMap<&str, u32>, NumberError> {
    fn add<'a>(
        items: &'a [Item],
        times: u32,
        nested: Nested,
        totals: &mut BTreeMap<&'a str, u32>,
    ) -> Result<(), NumberError> {
        for item in items {
            let quantity = item.checked_quantity()?.checked_mul(times).ok_or(NumberError::TooLarge)?;
            match item.nested_items.as_deref() {
                Some(inner) if !inner.is_empty() && nested != Nested::Ignored => {
                    let times = if nested == Nested::PerBundle { quantity } else { 1 };
                    add(inner, times, nested, totals)?;
                }
                _ => {
                    let total = totals.entry(&item.sku).or_default();
                    *total = total.checked_add(quantity).ok_or(NumberError::TooLarge)?;
                }
            }
        }
        Ok(())
    }
    let mut totals = BTreeMap::new();
    add(items, 1, nested, &mut totals)?;
    Ok(totals)
}

/// Adds up the prices of items, each times its quantity, in minor units.
///
/// `None` if a price did not come.
///
/// The items must have one currency. The prices of nested items do not count: the bundle has its own.
///
/// ```
/// use aghanim_hooks::events::{Item, total_price};
///
/// let gems = Item::builder().id("itm_1").sku("gems").name("Gems").quantity(2).build();
/// assert_eq!(total_price(&[gems.clone().price(499)])?, Some(998));
/// assert_eq!(total_price(&[gems])?, None);
/// # Ok::<(), aghanim_hooks::events::NumberError>(())
/// ```
///
/// # Errors
/// Returns an error if a price is negative, if a quantity is not positive, or if the sum does not fit into a `u64`.
pub fn total_price(items: &[Item]) -> Result<Option<u64>, NumberError> {
    let mut total = Some(0_u64);
    for item in items {
        let quantity = item.checked_quantity()?;
        let Some(price) = item.checked_price()? else {
            total = None;
            continue;
        };
        let price = price.checked_mul(quantity.into()).ok_or(NumberError::TooLarge)?;
        if let Some(sum) = &mut total {
            *sum = sum.checked_add(price).ok_or(NumberError::TooLarge)?;
        }
    }
    Ok(total)
}

/// A quantity or an amount that makes no sense.
///
/// It becomes [`Rejection::declined`] by `?` in a handler: the event is refused for good, and its payment refunded
/// where Aghanim has enabled that. Like a [`Rejection`], it is no [`Error`], since every error becomes a 500 and is
/// retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberError {
    /// A quantity of zero, or below it.
    NotPositive(i64),
    /// An amount below zero.
    Negative(i64),
    /// A quantity, an amount or a sum that does not fit.
    TooLarge,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositive(quantity) => write!(f, "a quantity of {quantity} is not positive"),
            Self::Negative(amount) => write!(f, "an amount of {amount} is negative"),
            Self::TooLarge => f.write_str("a quantity or an amount is too large"),
        }
    }
}

impl From<NumberError> for Rejection {
    fn from(error: NumberError) -> Self {
        Self::declined(error.to_string())
    }
}

impl From<NumberError> for Box<dyn Error + Send + Sync> {
    fn from(error: NumberError) -> Self {
        error.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn item(sku: &str, quantity: i64) -> Item {
        Item::builder().id("itm_1").sku(sku).name("an item").quantity(quantity).build()
    }

    #[test]
    fn quantities_are_from_one_to_u32_max() {
        for (quantity, checked) in [
            (1, Ok(1)),
            (i64::from(u32::MAX), Ok(u32::MAX)),
            (0, Err(NumberError::NotPositive(0))),
            (-1, Err(NumberError::NotPositive(-1))),
            (i64::MIN, Err(NumberError::NotPositive(i64::MIN))),
            (i64::from(u32::MAX) + 1, Err(NumberError::TooLarge)),
            (i64::MAX, Err(NumberError::TooLarge)),
        ] {
            assert_eq!(item("gems", quantity).checked_quantity(), checked, "{quantity}");
        }
    }

    #[test]
    fn amounts_are_not_negative() {
        assert_eq!(item("gems", 1).price(0).checked_price(), Ok(Some(0)));
        assert_eq!(item("gems", 1).price(i64::MAX).checked_price(), Ok(Some(i64::MAX.unsigned_abs())));
        assert_eq!(item("gems", 1).checked_price(), Ok(None));
        assert_eq!(item("gems", 1).price(-1).checked_price(), Err(NumberError::Negative(-1)));
        assert_eq!(AnyOrder::new("ord_1").amount(-1).checked_amount(), Err(NumberError::Negative(-1)));
        assert_eq!(AnyOrder::new("ord_1").checked_amount(), Ok(None));
        assert_eq!(Payment::new("pmt_1").total(499).checked_total(), Ok(Some(499)));
    }

    #[test]
    fn nested_items_count_as_asked() {
        let pack = item("pack", 2).nested_items([item("gems", 100), item("box", 3).nested_items([item("gems", 1)])]);
        let items = [item("gems", 5), pack, item("empty", 4).nested_items([])];
        let totals = |nested| total_quantities(&items, nested).unwrap();
        assert_eq!(totals(Nested::PerBundle), BTreeMap::from([("gems", 5 + 2 * (100 + 3)), ("empty", 4)]));
        assert_eq!(totals(Nested::InTotal), BTreeMap::from([("gems", 5 + 100 + 1), ("empty", 4)]));
        assert_eq!(totals(Nested::Ignored), BTreeMap::from([("gems", 5), ("pack", 2), ("empty", 4)]));
    }

    #[test]
    fn a_sum_that_does_not_fit_is_refused() {
        let large = i64::from(u32::MAX);
        let pack = item("pack", large).nested_items([item("gems", 2)]);
        for items in [vec![item("gems", large), item("gems", 1)], vec![pack], vec![item("gems", i64::MAX)]] {
            assert_eq!(total_quantities(&items, Nested::PerBundle), Err(NumberError::TooLarge));
        }
        let dear = item("gems", large).price(i64::MAX);
        assert_eq!(total_price(&[dear]), Err(NumberError::TooLarge));
        let half = item("gems", 1).price(i64::MAX);
        assert_eq!(total_price(&[half.clone(), half.clone(), half]), Err(NumberError::TooLarge));
        // A wrong number behind a missing price is found too.
        assert_eq!(total_price(&[item("a", 1), item("b", -1)]), Err(NumberError::NotPositive(-1)));
    }

    #[test]
    fn a_handler_declines_what_makes_no_sense() {
        let rejection = Rejection::from(item("gems", -5).checked_quantity().unwrap_err());
        assert_eq!((rejection.status(), rejection.code()), (400, "declined"));
        assert_eq!(rejection.message(), "a quantity of -5 is not positive");
    }

    fn numbers() -> impl Strategy<Value = i64> {
        prop_oneof![Just(i64::MIN), Just(-1), Just(0), 1..1000_i64, 1..i64::MAX, Just(i64::MAX)]
    }

    proptest! {
        /// The sums are those of exact arithmetic, or an error.
        #[test]
        fn sums_are_exact(lines in prop::collection::vec((numbers(), numbers(), numbers()), 0..6)) {
            let items: Vec<_> = lines.iter().map(|(quantity, price, nested)| {
                item("pack", *quantity).price(*price).nested_items([item("gems", *nested)])
            }).collect();
            let fits = |n: i64| (1..=i64::from(u32::MAX)).contains(&n);
            let gems = lines.iter().map(|(quantity, _, nested)| i128::from(*quantity) * i128::from(*nested));
            let gems = gems.fold(0, i128::saturating_add);
            match total_quantities(&items, Nested::PerBundle) {
                Ok(totals) => prop_assert_eq!(i128::from(totals.get("gems").copied().unwrap_or(0)), gems),
                Err(_) => prop_assert!(
                    lines.iter().any(|(quantity, _, nested)| !fits(*quantity) || !fits(*nested)) || gems > u32::MAX.into()
                ),
            }
            let price = lines.iter().map(|(quantity, price, _)| i128::from(*quantity) * i128::from(*price));
            let price = price.fold(0, i128::saturating_add);
            match total_price(&items) {
                Ok(total) => prop_assert_eq!(i128::from(total.unwrap()), price),
                Err(_) => prop_assert!(
                    lines.iter().any(|(quantity, price, _)| !fits(*quantity) || *price < 0) || price > u64::MAX.into()
                ),
            }
        }
    }
}
