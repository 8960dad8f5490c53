//! Error types of a game's own: the texts are written once, and `?` converts.

use std::num::ParseIntError;

use aghanim_hooks::IntoRejection;

/// Without `thiserror`: the derive makes the `From`.
#[derive(Debug, IntoRejection)]
enum GrantError {
    #[reject(status = 400, code = "declined", message = "no such item: {sku}")]
    NoSuchItem { sku: String },
    #[reject(internal)]
    Quantity(#[from] ParseIntError),
}

/// With `thiserror`: it makes the `From` and the texts.
#[derive(Debug, thiserror::Error, IntoRejection)]
#[reject(message = display)]
enum ShopError {
    #[error("no such offer: {0}")]
    #[reject(status = 404, code = "not_found")]
    NoSuchOffer(String),
    #[error("closed until {0}")]
    #[reject(status = 409, message = "closed")]
    Closed(u64),
    #[error("not a number")]
    #[reject(internal)]
    Quantity(#[from] ParseIntError),
}

/// A struct whose one variant is itself.
#[derive(Debug, thiserror::Error, IntoRejection)]
#[error("level {level} is needed")]
#[reject(status = 403, code = "level", message = display)]
struct TooLow {
    level: u32,
}

fn quantity<E: From<ParseIntError>>(text: &str) -> Result<u32, E> {
    Ok(text.parse()?)
}

#[test]
fn a_question_mark_converts() {
    let error = quantity::<GrantError>("many").unwrap_err();
    assert!(matches!(error, GrantError::Quantity(_)));
    assert_eq!(error.into_rejection().status(), 500);
    assert_eq!(quantity::<ShopError>("many").unwrap_err().into_rejection().status(), 500);
    assert_eq!(quantity::<GrantError>("3").unwrap(), 3);
}

#[test]
fn a_message_is_the_display_unless_it_is_given() {
    let said = |error: ShopError| {
        let rejection = error.into_rejection();
        (rejection.status(), rejection.code().to_owned(), rejection.message().to_owned())
    };
    assert_eq!(
        said(ShopError::NoSuchOffer("gold".to_owned())),
        (404, "not_found".to_owned(), "no such offer: gold".to_owned())
    );
    assert_eq!(said(ShopError::Closed(7)), (409, "closed".to_owned(), "closed".to_owned()));
    let rejection = GrantError::NoSuchItem { sku: "gold".to_owned() }.into_rejection();
    assert_eq!(rejection.message(), "no such item: gold");
    assert_eq!(TooLow { level: 5 }.into_rejection().message(), "level 5 is needed");
}
