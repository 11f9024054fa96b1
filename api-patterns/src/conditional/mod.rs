//! Entity tags, `Last-Modified` and preconditions.
