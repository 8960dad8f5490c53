//! Every event of the catalogue over an endpoint: what is read, what is answered, what is refused.

mod backend;
mod drift;
mod environments;
mod families;
mod fixtures;
mod refusals;
