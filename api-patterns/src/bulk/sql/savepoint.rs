//! The savepoint that each attempt of a unit is made under.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use sqlx::AssertSqlSafe;

use super::failure::{hollow, lost, of_item};
use super::scope::sealed::{Scope, Unit};
use crate::bulk::response::MultiStatus;
use crate::bulk::tally::Tally;
use crate::problem::Problem;
use crate::sql::{Dialect, SqlDatabase as _};

/// A transaction, and where in it the next attempt begins.
pub(super) struct Attempts<U> {
    unit: U,
    savepoint: Savepoint,
    name: Name,
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
            name: match U::Database::DIALECT {
                Dialect::MySql => Name::unused(),
                _ => Name(None),
            },
        })
    }

    fn lost(error: sqlx::Error) -> Problem {
        lost(error, U::Database::DIALECT)
    }

    /// Begins an attempt that can be undone, in the [`connection`](Self::connection).
    ///
    /// Where there is a problem, the attempt before has failed after all, and is undone.
    ///
    /// # Errors
    /// The problem of the request.
    pub(super) async fn begin(&mut self) -> Result<Option<Problem>, Problem> {
        match self.savepoint {
            Savepoint::Nothing => Ok(None),
            Savepoint::None => {
                let begun = self.script(format!("SAVEPOINT {}", self.name)).await;
                begun.map_err(Self::lost)?;
                self.savepoint = Savepoint::Nothing;
                Ok(None)
            }
            Savepoint::Kept => {
                let next = format!("RELEASE SAVEPOINT {0}; SAVEPOINT {0}", self.name);
                self.release(next, Savepoint::Nothing).await
            }
        }
    }

    /// Makes sure that a commit would keep the last attempt. The answer is as that of
    /// [`begin`](Self::begin).
    ///
    /// # Errors
    /// The problem of the request.
    pub(super) async fn settle(&mut self) -> Result<Option<Problem>, Problem> {
        match self.savepoint {
            Savepoint::None | Savepoint::Nothing => Ok(None),
            Savepoint::Kept => {
                let release = format!("RELEASE SAVEPOINT {}", self.name);
                self.release(release, Savepoint::None).await
            }
        }
    }

    /// PostgreSQL refuses this after a statement has failed, even if what ran it took no notice, and
    /// would answer a `COMMIT` with a rollback and no error. MySQL and SQLite refuse it where they
    /// have ended the transaction by themselves, as after a deadlock or on a full disk.
    async fn release(
        &mut self,
        script: String,
        then: Savepoint,
    ) -> Result<Option<Problem>, Problem> {
        let Err(error) = self.script(script).await else {
            self.savepoint = then;
            return Ok(None);
        };
        match self.undo().await {
            Ok(()) => Ok(Some(hollow(error))),
            Err(sqlx::Error::Database(_)) => Err(hollow(error)),
            Err(error) => Err(Self::lost(error)),
        }
    }

    async fn undo(&mut self) -> sqlx::Result<()> {
        let script = format!("ROLLBACK TO SAVEPOINT {}", self.name);
        self.script(script).await?;
        self.savepoint = Savepoint::Nothing;
        Ok(())
    }

    async fn script(&mut self, script: String) -> sqlx::Result<()> {
        // All that is put in is a name of this module.
        U::Database::script(AssertSqlSafe(script), self.unit.connection()).await
    }

    pub(super) fn connection(&mut self) -> &mut <U::Database as sqlx::Database>::Connection {
        self.unit.connection()
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
        self.undo().await.map_err(Self::lost)?;
        Ok(Err(problem))
    }

    /// Keeps what the attempts did, the last of which is [settled](Self::settle); nothing, where one
    /// failed and they stand or fall together.
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

/// The name of a savepoint, `bulk_item` and maybe a number.
///
/// On MySQL a savepoint takes the place of an older one with its name, so one within an item needs
/// another. Numbers are used again, as statistics keep each statement they have seen.
struct Name(Option<u32>);

/// The number of names, and those of them that nobody uses.
static NAMES: Mutex<(u32, Vec<u32>)> = Mutex::new((0, Vec::new()));

impl Name {
    fn unused() -> Self {
        let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, unused) = &mut *names;
        Self(Some(unused.pop().unwrap_or_else(|| {
            *all += 1;
            *all
        })))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => write!(f, "bulk_item_{number}"),
            None => f.write_str("bulk_item"),
        }
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        if let Some(number) = self.0 {
            let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
            names.1.push(number);
        }
    }
}
