//! The code of `docs/guide`, as tests of documentation: `cargo test -p aghanim-hooks-guide`.

macro_rules! chapters {
    ($($chapter:ident)*) => {
        $(
            #[doc = include_str!(concat!("../../../docs/guide/src/", stringify!($chapter), ".md"))]
            pub mod $chapter {}
        )*
    };
}

chapters! { about receive answer once later test operate extend }
