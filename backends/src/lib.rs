//! Where jobs are kept and how they travel: the [`Store`](pregon_core::Store) and [`Queue`](pregon_core::Queue)
//! traits over SQLite (embedded: one file, several processes), and over Redis and RabbitMQ (distributed).
//!
//! Both ways pass one conformance suite (`tests/conformance`), so whoever holds an `Arc<dyn Store>` need not know
//! which it is.

pub mod rabbitmq;
pub mod redis;
pub mod sqlite;
