//! Many items in one request, and what became of each: 207 Multi-Status.

mod choices;
mod config;
mod delete;
mod extract;
mod items;
mod lines;
mod outcome;
mod response;
mod split;
#[cfg(feature = "__sqlx")]
mod sql;
mod tally;
mod update;

pub use self::config::{BulkSettings, Mode};
pub use self::delete::{BulkDelete, Deleted};
pub use self::extract::Bulk;
pub use self::items::{Duplicates, Items};
#[doc(hidden)]
pub use self::lines::{Line, Splitter};
pub use self::lines::{BulkLines, Cut, LineStatus};
pub use self::outcome::{Cost, Outcome};
pub use self::response::MultiStatus;
#[cfg(feature = "__sqlx")]
pub use self::sql::Scope;
pub use self::update::Update;
