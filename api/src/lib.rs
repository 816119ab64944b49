//! The HTTP API: accepts, validates, enqueues; status, stats, OpenAPI.
