//! RabbitMQ, Redis and SQLite behind the Queue and Store traits.
