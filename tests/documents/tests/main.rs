//! The documents are sound, and say what the endpoint does.

mod changed;
mod endpoint;
mod game;
mod outside;
mod samples;
mod standards;

use aghanim_hooks::documents::Contract;
use aghanim_hooks_documents_tests::Document;

/// Both documents of a contract.
fn documents(contract: &Contract) -> [Document; 2] {
    [Document::new(contract.openapi()), Document::new(contract.asyncapi())]
}
