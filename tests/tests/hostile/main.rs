//! Hostile input, and the proof that it does no harm. `SECURITY.md` names the test behind each of its claims.

mod attacks;
mod authentication;
mod bad_input;
mod dependencies;
mod leaks;
mod properties;
mod receiver;
mod secrets;
mod security_md;
mod vectors;
