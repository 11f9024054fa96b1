//! The bench harness: everyone who takes part in a case is timed in the same run, turn by turn, so
//! that a noisy machine is as noisy for the peers as for us and the ratio holds.
//!
//! A bench file builds [`Case`]s, [`Bench::run`]s them and ends with [`Bench::finish`], which
//! prints two tables: what was measured, and which goals that reaches. Time never fails a run; a
//! wrong result does, in every mode.
//!
//! ```text
//! cargo bench -p benches --bench cursor              # the whole measurement
//! cargo bench -p benches --bench cursor -- --quick   # a few seconds, same table
//! cargo bench -p benches --bench cursor -- --test    # each operation once, results asserted
//! ```

pub mod catalogue;
pub mod items;
pub mod microseconds;
pub mod products;
pub mod tokens;

mod allocations;
mod case;
mod goal;
mod mode;
mod run;
mod table;

pub use case::{Case, Contender};
pub use goal::Goal;
pub use mode::Mode;
pub use run::Bench;
