//! The savepoint that each attempt of a unit is made under.

use super::failure::{lost, of_item};
use super::scope::sealed::{Scope, Unit};
use crate::bulk::response::MultiStatus;
use crate::bulk::tally::Tally;
use crate::problem::Problem;
use crate::sql::{Dialect, SqlDatabase as _};

/// A transaction, and where in it the next attempt begins.
pub(super) struct Attempts<U> {
    unit: U,
    savepoint: Savepoint,
}

/// What the savepoint stands before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    None,
    Nothing,
    Kept,
}

impl<U: Unit> Attempts<U> {
    pub(super) async fn begin_in<S: Scope<Unit = U>>(scope: S) -> Result<Self, Problem> {
        Ok(Self {
            unit: scope.begin().await.map_err(Self::lost)?,
            savepoint: match S::AT_SAVEPOINT {
                true => Savepoint::Nothing,
                false => Savepoint::None,
            },
        })
    }

    fn lost(error: sqlx::Error) -> Problem {
        lost(error, U::Database::DIALECT)
    }

    /// Where an attempt runs that can be undone.
    pub(super) async fn begin(
        &mut self,
    ) -> Result<&mut <U::Database as sqlx::Database>::Connection, Problem> {
        let script = match (self.savepoint, U::Database::DIALECT) {
            (Savepoint::Nothing, _) => None,
            (Savepoint::None, _) => Some("SAVEPOINT bulk_item"),
            // A savepoint takes the place of an older one with its name.
            (Savepoint::Kept, Dialect::MySql) => Some("SAVEPOINT bulk_item"),
            (Savepoint::Kept, _) => Some("RELEASE SAVEPOINT bulk_item; SAVEPOINT bulk_item"),
        };
        if let Some(script) = script {
            let connection = self.unit.connection();
            U::Database::script(script, connection)
                .await
                .map_err(Self::lost)?;
            self.savepoint = Savepoint::Nothing;
        }
        Ok(self.unit.connection())
    }

    /// Ends an attempt: one that has failed leaves no trace.
    ///
    /// # Errors
    /// The problem of the request, where the failure is none of the attempt's doing.
    pub(super) async fn end<R>(
        &mut self,
        outcome: Result<R, Problem>,
    ) -> Result<Result<R, Problem>, Problem> {
        let problem = match outcome {
            Ok(made) => {
                self.savepoint = Savepoint::Kept;
                return Ok(Ok(made));
            }
            Err(problem) => of_item(problem, U::Database::DIALECT)?,
        };
        let script = "ROLLBACK TO SAVEPOINT bulk_item";
        let undone = U::Database::script(script, self.unit.connection()).await;
        undone.map_err(Self::lost)?;
        self.savepoint = Savepoint::Nothing;
        Ok(Err(problem))
    }

    /// Keeps what the attempts did; nothing, where one failed and they stand or fall together.
    pub(super) async fn finish<R>(
        self,
        mut tally: Tally<R>,
        atomic: bool,
    ) -> Result<MultiStatus<R>, Problem> {
        let ended = if atomic && tally.has_failed() {
            tally.undo();
            self.unit.rollback().await
        } else {
            self.unit.commit().await
        };
        ended.map_err(Self::lost)?;
        Ok(tally.finish())
    }
}
