//! The places where a handler can be defined, and the ways to list it.

use aghanim_hooks::{Handlers, webhooks};

mod game {
    pub(crate) mod items {
        #[aghanim_hooks::webhook("item.add")]
        pub(in crate::places) async fn grant(_event: aghanim_hooks::events::ItemAdd) {}

        pub(crate) mod season {
            use super::super::super::places_of_extractors::Shard;
            use axum::extract::State;

            #[aghanim_hooks::webhook("item.remove")]
            pub(crate) async fn take(State(_shard): State<Shard>, _event: aghanim_hooks::events::ItemRemove) {}
        }
    }

    pub(crate) use items::season::take;
}

mod places_of_extractors {
    #[derive(Clone)]
    pub(crate) struct Shard;
}

use places_of_extractors::Shard;

macro_rules! acknowledge {
    ($($name:ident: $payload:ty = $pattern:literal;)*) => {$(
        #[aghanim_hooks::webhook($pattern)]
        async fn $name(_event: $payload) {}
    )*};
}

acknowledge! {
    coupon: aghanim_hooks::events::CouponRedeemed = "coupon.redeemed";
    fraud: aghanim_hooks::events::FraudReported = "fraud.reported";
}

/// The handler's name is the macro's own, so lints see what is generated for it as code of this file.
macro_rules! handlers_of {
    ($payload:ty) => {
        #[aghanim_hooks::webhook("coupon.redeemed")]
        pub(crate) async fn redeem(_event: $payload) {}

        #[aghanim_hooks::webhook("order.paid", later(attempts = 3))]
        pub(crate) async fn book(_attempt: aghanim_hooks::later::Attempt, _event: aghanim_hooks::events::Order) {}
    };
}

mod made {
    handlers_of!(aghanim_hooks::events::CouponRedeemed);
}

macro_rules! listed {
    ($($handler:path),*) => {
        aghanim_hooks::webhooks![$($handler),*]
    };
}

#[cfg(not(test))]
compile_error!("this is a test");

#[aghanim_hooks::webhook("cfg.set")]
#[cfg(test)]
async fn set(_event: aghanim_hooks::RawEvent) {}

#[cfg(not(test))]
#[aghanim_hooks::webhook("cfg.unset")]
async fn unset(_event: aghanim_hooks::NotThere) {}

#[aghanim_hooks::webhook("cfg.unset")]
#[cfg(not(test))]
async fn unset_below(_event: aghanim_hooks::NotThere) {}

#[test]
fn nested_modules_and_reexports() {
    let handlers: Handlers<Shard> = webhooks![game::items::grant, crate::places::game::take,];
    assert_eq!(crate::events(&handlers), ["item.add", "item.remove"]);
}

#[test]
fn inside_a_function() {
    #[aghanim_hooks::webhook("local.one", "local.two")]
    async fn local(_event: aghanim_hooks::RawEvent) {}

    let handlers: Handlers<()> = webhooks![local];
    assert_eq!(crate::events(&handlers), ["local.one", "local.two"]);
}

#[test]
fn written_by_a_macro() {
    let handlers: Handlers<()> = webhooks![coupon, fraud];
    assert_eq!(crate::events(&handlers), ["coupon.redeemed", "fraud.reported"]);
    let handlers: Handlers<()> = webhooks![made::redeem, made::book];
    assert_eq!(crate::events(&handlers), ["coupon.redeemed", "order.paid"]);
    let handlers: Handlers<()> = listed![coupon, set];
    assert_eq!(crate::events(&handlers), ["coupon.redeemed", "cfg.set"]);
}

#[test]
fn the_crate_by_its_path() {
    #[aghanim_hooks::webhook("item.add", crate = ::aghanim_hooks)]
    async fn grant(_event: aghanim_hooks::events::ItemAdd) {}

    let handlers: Handlers<()> = webhooks![grant];
    assert_eq!(crate::events(&handlers), ["item.add"]);
}
