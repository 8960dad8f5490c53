//! An endpoint as its operators see it: reports, metrics, spans, secrets, maintenance, health, drain.

mod control;
mod endpoint;
mod health;
mod metrics;
mod reports;
mod spans;
