//! Deferred work on River, on PostgreSQL and SQLite: the engine alone, the way of a job, and what may go wrong on it.

mod databases;
mod engine;
mod faults;
mod full_disk;
mod observed;
mod shop;
mod work;
