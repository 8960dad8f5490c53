//! The page of `aghanim-hooks listen` in a real, headless Chromium: each action, each key, each state, and hostile pages.
//!
//! The tests need `chromium` and `chromedriver` in the path. Without them, they say that they are skipped.
//!
//! `AGHANIM_SCREENSHOTS=DIR` keeps every screenshot there. `AGHANIM_PICTURES=1` renews the pictures of `docs/inspector.md`.

mod actions;
mod hostile;
mod keys;
mod labels;
mod listen;
mod many;
mod receiver;
mod screens;
mod tab;
mod walk;
