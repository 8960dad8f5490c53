//! A builder whose required field `sku` is not set.

use aghanim_hooks::events::Item;

fn main() {
    Item::builder().id("itm_1").name("100 gems").quantity(2).build();
}
