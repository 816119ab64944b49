//! Server-rendered pages, live.
