//! Deferred work on River, on PostgreSQL and SQLite: the engine alone, whole deliveries, faults, and what operators see.

mod databases;
mod engine;
mod faults;
mod full_disk;
mod observed;
mod shop;
mod work;
