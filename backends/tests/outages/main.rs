//! RabbitMQ and Redis cut off, emptied, restarted and killed under load. The servers are this test's own, started by
//! `tests/services.sh`, so nothing else is disturbed.

#[cfg(test)]
mod air;
#[cfg(test)]
#[expect(dead_code, unused_macros, reason = "the conformance suites use the rest")]
#[path = "../conformance/mod.rs"]
mod conformance;
#[cfg(test)]
#[expect(dead_code, reason = "the conformance suites use the rest")]
#[path = "../foreign/mod.rs"]
mod foreign;
#[cfg(test)]
mod rabbitmq;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod services;
