//! Which failures are those of an item, and which end the request.

use std::error::Error as StdError;

use axum::BoxError;
use http::{StatusCode, header};
use sqlx::error::DatabaseError;

use crate::problem::Problem;
use crate::sql::Dialect;

/// The problem of a request whose transaction failed.
pub(super) fn lost(error: sqlx::Error, dialect: Dialect) -> Problem {
    match kind(&error, dialect) {
        Kind::Conflict => conflict(error),
        Kind::Item | Kind::Lost => Problem::internal(error),
    }
}

/// The problem of one item.
///
/// # Errors
/// The problem of the request, where the failure is none of the item's doing.
pub(super) fn of_item(problem: Problem, dialect: Dialect) -> Result<Problem, Problem> {
    let mut cause: Option<&(dyn StdError + 'static)> = match problem.get_source() {
        Some(source) => Some(source),
        None => None,
    };
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref() {
            return match kind(error, dialect) {
                Kind::Item => Ok(problem),
                Kind::Conflict => Err(conflict(problem)),
                Kind::Lost if problem.status().is_server_error() => Err(problem),
                Kind::Lost => Err(Problem::internal(problem)),
            };
        }
        cause = error.source();
    }
    Ok(problem)
}

/// The problem of an attempt that has ended well in a transaction that has not.
///
/// 500 even after a deadlock: MySQL keeps what was done between it and the end.
pub(super) fn hollow(error: sqlx::Error) -> Problem {
    Problem::internal(Hollow(error))
}

#[derive(Debug, thiserror::Error)]
#[error("what runs bulk items took no notice of a database error that spoilt the transaction")]
struct Hollow(#[source] sqlx::Error);

/// 503 for a request that another transaction was in the way of.
fn conflict(source: impl Into<BoxError>) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE)
        .code("transaction_conflict")
        .public_detail("other requests changed the same things at this moment; try again")
        .header(header::RETRY_AFTER, "1")
        .source(source)
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// A statement is refused; the transaction goes on.
    Item,
    /// Another transaction was in the way. The same request may succeed a moment later.
    Conflict,
    /// The database or the way to it fails.
    Lost,
}

fn kind(error: &sqlx::Error, dialect: Dialect) -> Kind {
    use sqlx::Error;
    match error {
        Error::Database(error) => of_database(&**error, dialect),
        // Also what sqlx says of a statement with too many parameters. Whether the connection is
        // broken will be seen when the item is undone.
        Error::Protocol(_) => Kind::Item,
        Error::RowNotFound
        | Error::TypeNotFound { .. }
        | Error::ColumnIndexOutOfBounds { .. }
        | Error::ColumnNotFound(_)
        | Error::ColumnDecode { .. }
        | Error::Encode(_)
        | Error::Decode(_)
        | Error::InvalidArgument(_) => Kind::Item,
        _ => Kind::Lost,
    }
}

fn of_database(error: &dyn DatabaseError, dialect: Dialect) -> Kind {
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
        // A lock was waited for in vain; a row was changed since the snapshot was taken.
        && matches!(error.number(), 1205 | 1020)
    {
        return Kind::Conflict;
    }
    let code = error.code().unwrap_or_default();
    match dialect {
        Dialect::Sqlite => of_sqlite(code.parse().unwrap_or_default()),
        Dialect::Postgres | Dialect::MySql => of_sqlstate(&code),
    }
}

/// By the result code, whose last byte is the primary one.
fn of_sqlite(code: u32) -> Kind {
    match code & 0xff {
        // BUSY, LOCKED.
        5 | 6 => Kind::Conflict,
        // Others than ERROR, NOTFOUND, TOOBIG, CONSTRAINT, MISMATCH, MISUSE, RANGE speak of the
        // file, the memory or the process.
        0 | 1 | 12 | 18..=21 | 25 => Kind::Item,
        _ => Kind::Lost,
    }
}

/// By the SQLSTATE, whose first two characters are the class.
fn of_sqlstate(code: &str) -> Kind {
    match (code.get(..2).unwrap_or_default(), code) {
        ("40", _) | (_, "55P03") => Kind::Conflict,
        // The statement took too long, or somebody has cancelled it.
        (_, "57014") => Kind::Item,
        // Connections, transactions, resources, operators, system errors, internal errors.
        ("08" | "25" | "53" | "57" | "58" | "F0" | "XX", _) => Kind::Lost,
        _ => Kind::Item,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, of_sqlite, of_sqlstate};

    #[test]
    fn codes_tell_whose_failure_it_is() {
        // UNIQUE, CHECK, syntax error, BUSY, BUSY_SNAPSHOT, FULL, IOERR_WRITE.
        for code in [2067, 275, 1] {
            assert_eq!(of_sqlite(code), Kind::Item, "{code}");
        }
        for code in [5, 517] {
            assert_eq!(of_sqlite(code), Kind::Conflict, "{code}");
        }
        for code in [13, 778] {
            assert_eq!(of_sqlite(code), Kind::Lost, "{code}");
        }
        for code in ["23505", "22003", "42601", "57014", "HY000", ""] {
            assert_eq!(of_sqlstate(code), Kind::Item, "{code}");
        }
        for code in ["40001", "40P01", "55P03"] {
            assert_eq!(of_sqlstate(code), Kind::Conflict, "{code}");
        }
        for code in ["08006", "57P01", "53200", "25P02"] {
            assert_eq!(of_sqlstate(code), Kind::Lost, "{code}");
        }
    }
}
