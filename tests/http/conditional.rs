//! Entity tags and preconditions.
