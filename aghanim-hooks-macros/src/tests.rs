//! Tests of the macros on tokens, without a compiler: expansions are compared with the files in `snapshots`, and every
//! mistake that tokens alone show has its message.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test -p aghanim-hooks-macros` writes the files.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Item};

use crate::{derive, list, webhook};

/// Compares an expansion with its file.
fn snapshot(name: &str, expansion: TokenStream) {
    let file = syn::parse2::<syn::File>(expansion).expect("items");
    let expansion = prettyplease::unparse(&syn::File { items: unfold(file.items), ..file });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/snapshots/{name}.txt"));
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &expansion).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == expansion, "{name} is not as in {}, but\n{expansion}", path.display());
}

/// Moves the items in `#[with { … }]` behind the item that has the attribute.
fn unfold(items: Vec<Item>) -> Vec<Item> {
    let mut unfolded = Vec::new();
    for mut item in items {
        let Item::Struct(marker) = &mut item else {
            unfolded.push(item);
            continue;
        };
        let is_with = |attribute: &Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == "with");
        let with: Vec<_> = marker.attrs.extract_if(.., |attribute| is_with(attribute)).collect();
        unfolded.push(item);
        for attribute in with {
            let tokens = attribute.meta.require_list().expect("braces").tokens.clone();
            unfolded.extend(syn::parse2::<syn::File>(tokens).expect("items").items);
        }
    }
    unfolded
}

/// The messages in an expansion, in order.
fn messages(expansion: TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut tokens = expansion.into_iter();
    while let Some(token) = tokens.next() {
        if token.to_string() == "compile_error" {
            let message = tokens.nth(1).expect("a group").to_string();
            let message = message.trim_matches(['{', '}', '(', ')', ' ']);
            messages.push(syn::parse_str::<syn::LitStr>(message).expect("a text").value());
        }
    }
    messages
}

fn of_webhook(attribute: &str, item: &str) -> Vec<String> {
    messages(webhook::expand(attribute.parse().unwrap(), &item.parse().unwrap()))
}

fn of_event(item: &str) -> Vec<String> {
    messages(derive::event::expand(item.parse().unwrap()))
}

fn of_reject(item: &str) -> Vec<String> {
    messages(derive::reject::expand(item.parse().unwrap()))
}

/// There are as many messages as parts, and each message contains its part.
#[track_caller]
fn assert_says(said: &[String], parts: &[&str], of: &str) {
    assert_eq!(said.len(), parts.len(), "{of}: {said:#?}");
    for (said, part) in said.iter().zip(parts) {
        assert!(said.contains(part), "{of}: {said:?} does not say {part:?}");
    }
}

#[test]
fn a_handler() {
    let item = quote! {
        /// Grants items.
        #[cfg(feature = "shop")]
        pub(crate) async fn grant(State(game): State<Game>, event: Event<ItemAdd>) -> Result<(), GrantError> {
            game.grant(event).await
        }
    };
    snapshot("handler", webhook::expand(quote!("item.add", "item.remove", only = "live"), &item));
}

#[test]
fn a_handler_of_the_event_alone() {
    let item = quote!(
        async fn r#type(event: Order) {}
    );
    snapshot("event_alone", webhook::expand(quote!("order.*", crate = ::hooks), &item));
}

#[test]
fn a_handler_of_constants() {
    let item = quote!(
        async fn grant(event: RawEvent) {}
    );
    snapshot("paths", webhook::expand(quote!("item.add", name::ITEM_REMOVE, undocumented), &item));
}

#[test]
fn a_broken_handler() {
    let item = quote!(
        pub fn grant(event: ItemAdd) {
            body();
        }
    );
    snapshot("broken_handler", webhook::expand(quote!("Item.Add", crate = crate::hooks), &item));
}

#[test]
fn an_event() {
    let item = quote! {
        #[event("guild.joined", "guild.left", reply = GuildCard)]
        struct GuildChanged { guild_id: String }
    };
    snapshot("event", derive::event::expand(item));
}

#[test]
fn a_rejection() {
    let item = quote! {
        enum GrantError<E> where E: Error {
            #[reject(status = 400, code = "declined", message = "no such item: {sku}")]
            NoSuchItem { sku: String },
            #[reject(status = 409, message = "{0} of at most {1}")]
            TooMany(u32, u32),
            #[reject(code = "gone")]
            AllGone,
            #[reject(internal)]
            Io(E),
            #[reject(internal)]
            Unknown,
            #[reject(transparent)]
            Decided(Rejection),
        }
    };
    snapshot("rejection", derive::reject::expand(item));
}

#[test]
fn a_rejection_with_messages_of_its_own() {
    let item = quote! {
        #[reject(message = display)]
        enum GrantError {
            #[reject(status = 400, code = "declined")]
            NoSuchItem { sku: String },
            #[reject(status = 409, message = "closed")]
            Closed,
            #[reject(internal)]
            Io(#[from] Error),
        }
    };
    snapshot("rejection_display", derive::reject::expand(item));
}

#[test]
fn thiserror_makes_the_conversions() {
    let item = quote! {
        enum GrantError {
            #[error(transparent)]
            #[reject(internal)]
            Io(#[from] Error),
        }
    };
    assert!(!derive::reject::expand(item).to_string().contains("From"));
}

#[test]
fn a_list() {
    let list = list::expand(quote!(::aghanim_hooks; verify, items::grant));
    snapshot("list", quote!(fn handlers() #list));
}

#[test]
fn the_item_comes_out_first_and_as_it_went_in() {
    for attribute in ["\"item.add\"", "", "\"Item.Add\", crate = a", "nonsense ( [ {} ] )"] {
        for item in [
            "async fn grant(event: ItemAdd) { anything { at = all } }",
            "fn grant() {}",
            "async fn grant(&self, event: ItemAdd) {}",
            "unsafe extern \"C\" fn grant<T>(event: &T, _: impl Copy, ...) -> impl Copy {}",
            "struct Grant;",
            "async fn grant(event: ItemAdd);",
        ] {
            let item: TokenStream = item.parse().unwrap();
            let expansion = webhook::expand(attribute.parse().unwrap(), &item);
            let first: TokenStream = expansion.into_iter().take(item.clone().into_iter().count()).collect();
            assert_eq!(first.to_string(), item.to_string(), "#[webhook({attribute})]");
        }
    }
}

#[test]
fn mistakes_in_the_attribute_of_a_handler() {
    let fine = "async fn grant(event: ItemAdd) {}";
    for (attribute, parts) in [
        ("\"item.add\"", &[][..]),
        ("\"item.add\",", &[]),
        ("", &["missing event name for `grant`"]),
        ("crate = ::hooks", &["missing event name for `grant`"]),
        ("\"\"", &["the event name is empty"]),
        ("\"a\", \"b\", \"a\"", &["`a` is listed twice: remove one"]),
        ("\"Item.Add\", \"item add\"", &["lower case", "no spaces"]),
        ("\"item.add\" \"item.remove\"", &["missing `,` before this"]),
        ("item.add", &["in quotes: write `\"item.add\"`"]),
        ("7", &["expected an event name in quotes"]),
        ("\"a\", onyl = \"live\"", &["`onyl`: did you mean `only`?"]),
        ("\"a\", retries = 3", &["the keys are `only`, `otherwise`, `once`, `later`, `undocumented` and `crate`"]),
        ("\"a\", crate = hooks", &["write `crate = ::hooks`"]),
        ("\"a\", undocumented", &[]),
        ("\"a\", undocumented, undocumented", &["`undocumented` is given twice"]),
        ("name::ITEM_ADD", &[]),
        ("ITEM_ADD, ::names::REST, self::a", &[]),
        ("ITEM_ADD = 7", &["unknown key"]),
        ("\"a\", crate = \"hooks\"", &["`crate = ::aghanim_hooks`"]),
        ("\"a\", crate", &["`crate = ::aghanim_hooks`"]),
        ("\"a\", only = \"prod\"", &["write `only = \"live\"` or `only = \"sandbox\"`"]),
        ("\"a\", only = \"live\", only = \"live\"", &["`only` is given twice"]),
        ("\"a\", otherwise = \"refuse\"", &["`otherwise` needs `only`"]),
        ("onyl = 1, \"A\"", &["unknown key", "lower case"]),
    ] {
        assert_says(&of_webhook(attribute, fine), parts, attribute);
    }
}

#[test]
fn mistakes_in_the_signature_of_a_handler() {
    for (item, parts) in [
        ("fn grant(event: ItemAdd) {}", &["write `async fn`"][..]),
        ("const fn grant(event: ItemAdd) {}", &["can't be `const`"]),
        ("async unsafe fn grant(event: ItemAdd) {}", &["can't be unsafe"]),
        ("async extern \"C\" fn grant(event: ItemAdd) {}", &["remove `extern`"]),
        ("unsafe extern \"C\" fn grant(event: ItemAdd, ...) {}", &["can't be variadic"]),
        ("async fn grant<'a, T, const N: u8>(event: ItemAdd) {}", &["lifetimes", "generic", "generic"]),
        ("async fn grant(event: ItemAdd) where ItemAdd: Clone {}", &["remove the `where` clause"]),
        ("async fn grant() {}", &["missing event parameter"]),
        ("async fn grant(&self, event: ItemAdd) {}", &["can't be a method"]),
        ("async fn grant(&self) {}", &["can't be a method"]),
        ("async fn grant(event: &ItemAdd) {}", &["owned types"]),
        ("async fn grant(event: &'static ItemAdd) {}", &[]),
        ("async fn grant(game: Game<'_>, event: ItemAdd) {}", &["owned types"]),
        ("async fn grant(game: State<impl Game>, event: ItemAdd) {}", &["write the type of the extractor"]),
        ("async fn grant(event: ItemAdd) -> Result<(), impl Error> {}", &["return the type that answers the event"]),
        ("async fn grant(event: ItemAdd);", &["a free function with a body"]),
        ("struct Grant;", &["goes on a function"]),
        ("pub const GRANT: u8 = 0;", &["goes on a function"]),
        ("fn grant<T>(&self, event: &T) -> impl Copy {}", &["async", "generic", "a method", "owned", "return"]),
    ] {
        assert_says(&of_webhook("\"item.add\"", item), parts, item);
    }
}

#[test]
fn mistakes_in_an_event() {
    for (item, parts) in [
        ("#[event(\"guild.joined\")] struct A;", &[][..]),
        ("struct A;", &["missing event name"]),
        ("#[event] struct A;", &["missing event name"]),
        ("#[event()] struct A;", &["missing event name"]),
        ("#[event(\"a\")] #[event(\"b\")] struct A;", &["`#[event]` is given twice"]),
        ("#[event(\"a\")] union A { a: u8 }", &["a payload can't be a union"]),
        ("#[event(\"A\", \"b..c\")] struct A;", &["lower case", "single dots"]),
        ("#[event(\"a\", repyl = B)] struct A;", &["did you mean `reply`?"]),
        ("#[event(\"a\", reply)] struct A;", &["`reply = GuildCard`"]),
        ("#[event(\"a\", reply = 7)] struct A;", &["`reply = GuildCard`"]),
        ("#[event(name::A)] struct A;", &[]),
        ("#[event(\"a\")] struct A<'a, T, const N: usize>;", &["can't borrow", "can't be generic", "can't be generic"]),
        ("#[event(\"a\", crate = b)] struct A;", &["write `crate = ::b`"]),
    ] {
        assert_says(&of_event(item), parts, item);
    }
}

#[test]
fn mistakes_in_a_rejection() {
    let variant = |reject: &str, fields: &str| format!("enum E {{ {reject} A{fields} }}");
    for (item, parts) in [
        (variant("#[reject(status = 404)]", ""), &[][..]),
        (variant("", ""), &["no answer for `A`"]),
        (variant("#[reject]", ""), &["is empty: write `#[reject(status = 400, code = \"a\")]`"]),
        (variant("#[reject()]", ""), &["is empty: write `#[reject(status = 400, code = \"a\")]`"]),
        (variant("#[reject(status = 404)] #[reject(code = \"a\")]", ""), &["given twice"]),
        (variant("#[reject(status = 200)]", ""), &["400 to 499"]),
        (variant("#[reject(status = 999)]", ""), &["400 to 499"]),
        (variant("#[reject(status = 99999999)]", ""), &["400 to 499"]),
        (variant("#[reject(status = \"404\")]", ""), &["`status = 400`"]),
        (variant("#[reject(code = 7, message)]", ""), &["`code = \"declined\"`", "`message = display`"]),
        (variant("#[reject(status = 404, status = 404)]", ""), &["`status` is given twice"]),
        (variant("#[reject(statsu = 404)]", ""), &["did you mean `status`?"]),
        (variant("#[reject(7)]", ""), &["the keys are `status`"]),
        (variant("#[reject(internal, status = 500)]", "(B)"), &["`internal` can't have other keys"]),
        (variant("#[reject(status = 500, transparent)]", "(B)"), &["`transparent` can't have other keys"]),
        (variant("#[reject(internal, transparent)]", "(B)"), &["`internal` can't have other keys"]),
        (variant("#[reject(internal)]", "(B, C)"), &["needs one field, the cause"]),
        (variant("#[reject(transparent)]", ""), &["needs one field: the rejection"]),
        (variant("#[reject(status = 404, crate = ::a)]", ""), &["`crate` goes on the enum"]),
        ("#[reject(status = 404)] enum E {}".to_owned(), &["`status` goes on a variant"]),
        ("#[reject(crate = a)] enum E {}".to_owned(), &["write `crate = ::a`"]),
        ("#[reject(status = 404, crate = ::a)] struct E;".to_owned(), &[]),
        ("union E { a: u8 }".to_owned(), &["a rejection can't be a union"]),
        (variant("#[reject(status = 404, message = display)]", "(B)"), &[]),
        (variant("#[reject(status = 404, message = dispaly)]", "(B)"), &["or `message = display`"]),
        ("#[reject(message = display)] enum E { #[reject(status = 404)] A }".to_owned(), &[]),
        (
            "#[reject(message = \"a\")] enum E { #[reject(status = 404)] A }".to_owned(),
            &["`message` goes on a variant"],
        ),
        ("#[reject(crate = ::a)] #[reject(crate = ::a)] enum E {}".to_owned(), &["given twice"]),
        (variant("#[reject(internal)]", "(#[from] B)"), &[]),
        (variant("#[reject(internal)]", "(#[from(B)] B)"), &["has no arguments"]),
        (variant("#[reject(status = 404)]", "(#[from] B, C)"), &["this field alone"]),
        (variant("#[error(\"a\")] #[reject(status = 404)]", "(#[from] B, C)"), &[]),
    ] {
        assert_says(&of_reject(&item), parts, &item);
    }
}

#[test]
fn mistakes_in_a_list() {
    for (handlers, part) in [
        ("grant take", "expected `,` between two handlers"),
        ("grant; take", "expected `,` between two handlers"),
        ("grant()", "remove the parentheses"),
        ("grant, ..", "expected the name of a handler"),
        ("\"grant\"", "expected the name of a handler"),
    ] {
        let list = format!("::aghanim_hooks; {handlers}");
        let expansion = list::expand(list.parse().unwrap()).into_token_stream();
        assert_says(&messages(expansion), &[part], handlers);
    }
}
