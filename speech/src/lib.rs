//! Text to a verified, cached clip through a chain of engines.
