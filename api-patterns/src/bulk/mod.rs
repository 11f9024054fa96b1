//! Many items in one request, and what became of each: 207 Multi-Status.
