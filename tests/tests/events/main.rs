//! Every event of the catalogue through an endpoint: how it is read, answered and refused.

mod backend;
mod drift;
mod environments;
mod families;
mod json;
mod refusals;
mod schemas;
