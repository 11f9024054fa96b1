//! Items as lines of a body that is never held as a whole (NDJSON).

mod answer;
mod extract;
mod source;
mod splitter;

pub use self::answer::{Cut, LineStatus};
pub use self::extract::BulkLines;
pub use self::splitter::{Line, Splitter};
