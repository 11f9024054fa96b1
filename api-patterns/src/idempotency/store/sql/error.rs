//! What the errors of databases mean for a store.

use crate::storage::{StoreError, StoreErrorKind};

pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    StoreError::new(kind(&error)).with_source(error)
}

fn kind(error: &sqlx::Error) -> StoreErrorKind {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => StoreErrorKind::Unavailable,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreErrorKind::Corrupt,
        sqlx::Error::Database(refusal) if gave_way(&**refusal) => StoreErrorKind::Unavailable,
        sqlx::Error::Database(refusal) => match refusal.code() {
            Some(code) => kind_of_code(&code),
            None => StoreErrorKind::Failed,
        },
        _ => StoreErrorKind::Failed,
    }
}

/// Whether MySQL or MariaDB refused because of others, where its SQLSTATE does not tell: a lock was
/// waited for in vain, or a row was changed since the snapshot was taken.
fn gave_way(refusal: &dyn sqlx::error::DatabaseError) -> bool {
    #[cfg(feature = "mysql")]
    if let Some(refusal) = refusal.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return matches!(refusal.number(), 1205 | 1020);
    }
    let _ = refusal;
    false
}

/// Of a SQLSTATE, which has five characters, or a result code of SQLite, which has fewer.
fn kind_of_code(code: &str) -> StoreErrorKind {
    if code.len() < 5 {
        // The low byte of an extended code is the code that it extends.
        return match code.parse::<u16>().map(|code| code & 0xff) {
            Ok(5 | 6) => StoreErrorKind::Unavailable,
            Ok(13) => StoreErrorKind::Full,
            Ok(11 | 26) => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Failed,
        };
    }
    match (&code[..2], code) {
        (_, "53100") => StoreErrorKind::Full,
        // Connections, rolled back for others' sake, too many, locks, shutting down; and a server
        // that became a replica.
        ("08" | "40" | "53" | "55" | "57", _) | (_, "25006") => StoreErrorKind::Unavailable,
        _ => StoreErrorKind::Failed,
    }
}

/// Whether a statement that is a transaction of its own was refused because of others that ran
/// beside it, and may be sent again.
pub(super) fn lost_a_race(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.len() == 5 && code.starts_with("40"))
}

#[cfg(test)]
mod tests {
    use super::{StoreErrorKind, kind_of_code};

    #[test]
    fn codes_tell_what_passes() {
        let table = [
            ("40001", StoreErrorKind::Unavailable),
            ("57P01", StoreErrorKind::Unavailable),
            ("25006", StoreErrorKind::Unavailable),
            ("53100", StoreErrorKind::Full),
            ("42P01", StoreErrorKind::Failed),
            ("5", StoreErrorKind::Unavailable),
            ("517", StoreErrorKind::Unavailable),
            ("13", StoreErrorKind::Full),
            ("11", StoreErrorKind::Corrupt),
            ("1", StoreErrorKind::Failed),
        ];
        for (code, kind) in table {
            assert_eq!(kind_of_code(code), kind, "{code}");
        }
    }
}
