//! The statements of a [`SqlStore`](super::SqlStore).

use std::sync::Arc;

use crate::sql::Dialect;

/// How long, in milliseconds, the fence of a record is remembered after its end: nobody is at work
/// under an older one by then.
const REMEMBERED: i64 = 600_000;

/// A statement, and which of the values each of its placeholders stands for.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(super) sql: Arc<str>,
    pub(super) order: Vec<usize>,
}

/// All statements over one table of records and one of leases. `$1` is the first value that a
/// statement is run with.
///
/// A lease that was renewed lies in a row of its own, under the fence of its reservation. A renewal
/// in the record would be a change to a row that the handler's transaction is going to write, and
/// with a snapshot from before it that transaction could never commit.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) schema: Arc<str>,
    /// Key, fingerprint, lease: the fence, where there was no record.
    pub(super) insert: Statement,
    /// Key, fingerprint, lease: the fence, where there was one that no longer counts.
    pub(super) take_over: Statement,
    /// Key: fingerprint, what is left, answer.
    pub(super) read: Statement,
    /// Key, fence, lease.
    pub(super) renew: Statement,
    /// Key, fence: whether the reservation still is.
    pub(super) holds: Statement,
    /// Key, fence, answer, time to keep.
    pub(super) complete: Statement,
    /// Key, fence.
    pub(super) release: Statement,
    /// How many at most.
    pub(super) sweep: Statement,
    /// How many at most.
    pub(super) sweep_leases: Statement,
}

impl Statements {
    pub(super) fn new(dialect: Dialect, table: &str) -> Self {
        let write = |template: &str| statement(dialect, template, table);
        let own = "WHERE id = $1 AND fence = $2 AND answer IS NULL";
        Self {
            schema: fill(dialect, schema(dialect), table).into(),
            insert: write(insert(dialect)),
            take_over: write(take_over(dialect)),
            read: write(
                "SELECT fingerprint, {ends} - {now} AS remaining, answer FROM {table} WHERE id = $1",
            ),
            renew: write(&format!(
                "INSERT INTO {{leases}} (id, fence, expires_at) \
                 SELECT id, fence, {{now}} + $3 FROM {{table}} {own} {}",
                latest_lease(dialect)
            )),
            holds: write(&format!("SELECT COUNT(*) FROM {{table}} {own}")),
            complete: write(&format!(
                "UPDATE {{table}} SET answer = $3, expires_at = {{now}} + $4 {own}"
            )),
            // The row stays, for the sake of its fence.
            release: write(&format!(
                "UPDATE {{table}} SET fence = fence + 1, expires_at = {{now}} {own}"
            )),
            sweep: write(&sweep(
                dialect,
                "{table}",
                "AND {ends} <= {now} - {remembered}",
            )),
            sweep_leases: write(&sweep(dialect, "{leases}", "")),
        }
    }
}

pub(super) const fn schema(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "CREATE TABLE IF NOT EXISTS {table} (
    id BYTEA PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answer BYTEA
);
CREATE INDEX IF NOT EXISTS {index} ON {table} (expires_at);
CREATE TABLE IF NOT EXISTS {leases} (
    id BYTEA PRIMARY KEY,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS {lease_index} ON {leases} (expires_at);
"
        }
        Dialect::Sqlite => {
            "CREATE TABLE IF NOT EXISTS {table} (
    id BLOB NOT NULL PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    fence INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    answer BLOB
);
CREATE INDEX IF NOT EXISTS {index} ON {table} (expires_at);
CREATE TABLE IF NOT EXISTS {leases} (
    id BLOB NOT NULL PRIMARY KEY,
    fence INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS {lease_index} ON {leases} (expires_at);
"
        }
        Dialect::MySql => {
            "CREATE TABLE IF NOT EXISTS {table} (
    id BINARY(32) NOT NULL PRIMARY KEY,
    fingerprint BINARY(32) NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answer LONGBLOB,
    INDEX {index} (expires_at)
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS {leases} (
    id BINARY(32) NOT NULL PRIMARY KEY,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    INDEX {lease_index} (expires_at)
) ENGINE = InnoDB;
"
        }
    }
}

/// When a record no longer counts: with its lease while it is reserved, of which the row itself has
/// only the first.
const ENDS: &str = "COALESCE((SELECT lease.expires_at FROM {leases} AS lease \
    WHERE lease.id = {table}.id AND lease.fence = {table}.fence AND {table}.answer IS NULL), \
    {table}.expires_at)";

/// Makes the row if there is none.
///
/// On MySQL and MariaDB, here and in [`take_over`], what became of it comes back as the statement's
/// insert id, which each `LAST_INSERT_ID(…)` that is evaluated replaces: a fence, or 1 for a row that
/// was there, where the connection's count of rows would not tell.
fn insert(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres | Dialect::Sqlite => {
            "INSERT INTO {table} (id, fingerprint, fence, expires_at, answer) \
             VALUES ($1, $2, {fence}, {now} + $3, NULL) ON CONFLICT (id) DO NOTHING RETURNING fence"
        }
        Dialect::MySql => {
            "INSERT INTO {table} (id, fingerprint, fence, expires_at, answer) \
             VALUES ($1, $2, LAST_INSERT_ID({fence}), {now} + $3, NULL) \
             ON DUPLICATE KEY UPDATE fence = IF(LAST_INSERT_ID(1) = 1, fence, fence)"
        }
    }
}

/// Takes the row if it no longer counts.
///
/// On PostgreSQL a renewal that commits while this runs is not seen by it. Such a lease was over
/// before, and its holder completes nothing under an older fence.
fn take_over(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres | Dialect::Sqlite => {
            "UPDATE {table} SET fingerprint = $2, fence = {greatest}(fence + 1, {fence}), \
             expires_at = {now} + $3, answer = NULL WHERE id = $1 AND {ends} <= {now} \
             RETURNING fence"
        }
        Dialect::MySql => {
            "UPDATE {table} SET fingerprint = $2, \
             fence = LAST_INSERT_ID({greatest}(fence + 1, {fence})), \
             expires_at = {now} + $3, answer = NULL WHERE id = $1 AND {ends} <= {now}"
        }
    }
}

/// What is renewed late, does not replace the lease of whoever has the record now.
fn latest_lease(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres | Dialect::Sqlite => {
            "ON CONFLICT (id) DO UPDATE SET fence = excluded.fence, \
             expires_at = excluded.expires_at WHERE {leases}.fence <= excluded.fence"
        }
        // Set from left to right.
        Dialect::MySql => {
            "ON DUPLICATE KEY UPDATE expires_at = IF({leases}.fence <= VALUES(fence), \
             VALUES(expires_at), {leases}.expires_at), \
             fence = GREATEST({leases}.fence, VALUES(fence))"
        }
    }
}

fn sweep(dialect: Dialect, table: &str, unless: &str) -> String {
    let old = format!("FROM {table} WHERE expires_at <= {{now}} - {{remembered}} {unless}");
    let first = "ORDER BY expires_at LIMIT $1";
    match dialect {
        Dialect::Postgres => format!(
            "DELETE FROM {table} WHERE id IN (SELECT id {old} {first} FOR UPDATE SKIP LOCKED)"
        ),
        Dialect::Sqlite => {
            format!("DELETE FROM {table} WHERE id IN (SELECT id {old} {first})")
        }
        Dialect::MySql => format!("DELETE {old} {first}"),
    }
}

/// The database's clock in milliseconds since 1970, and what is greater at each reservation of a key
/// that nothing is remembered of: the same clock in microseconds, on SQLite with digits by chance in
/// place of those it has not. On PostgreSQL it is read after a wait for the row, and not before.
fn clock(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Postgres => (
            "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT",
            "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT",
        ),
        Dialect::Sqlite => (
            "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
            "(CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000 + abs(random() % 1000))",
        ),
        // Of UTC, so that neither the session's time zone nor its summer time matters.
        Dialect::MySql => (
            "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000)",
            "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
        ),
    }
}

fn fill(dialect: Dialect, template: &str, table: &str) -> String {
    let (now, fence) = clock(dialect);
    let greatest = match dialect {
        Dialect::Sqlite => "max",
        Dialect::Postgres | Dialect::MySql => "GREATEST",
    };
    let named = |suffix: &str| dialect.quote(&format!("{table}{suffix}")).to_string();
    template
        .replace("{ends}", ENDS)
        .replace("{table}", &named(""))
        .replace("{index}", &named("_expires_at"))
        .replace("{leases}", &named("_leases"))
        .replace("{lease_index}", &named("_lease_ends"))
        .replace("{now}", now)
        .replace("{fence}", fence)
        .replace("{greatest}", greatest)
        .replace("{remembered}", &REMEMBERED.to_string())
}

fn statement(dialect: Dialect, template: &str, table: &str) -> Statement {
    let filled = fill(dialect, template, table);
    let mut parts = filled.split('$');
    let mut sql = String::from(parts.next().unwrap_or_default());
    let mut order = Vec::new();
    for part in parts {
        let (digit, rest) = part.split_at(1);
        let nth: usize = digit.parse().expect("a dollar is followed by a digit");
        match dialect {
            Dialect::MySql => {
                order.push(nth - 1);
                sql.push('?');
            }
            Dialect::Postgres | Dialect::Sqlite => {
                order.resize(order.len().max(nth), 0);
                order[nth - 1] = nth - 1;
                sql.push('$');
                sql.push_str(digit);
            }
        }
        sql.push_str(rest);
    }
    Statement {
        sql: sql.into(),
        order,
    }
}

#[cfg(test)]
mod tests {
    use super::{Statements, statement};
    use crate::sql::Dialect;

    #[test]
    fn placeholders_are_bound_in_the_order_of_the_dialect() {
        let template = "UPDATE {table} SET a = $2 WHERE b = $1 OR c = $2";
        let postgres = statement(Dialect::Postgres, template, "t");
        assert_eq!(
            &*postgres.sql,
            "UPDATE \"t\" SET a = $2 WHERE b = $1 OR c = $2"
        );
        assert_eq!(postgres.order, [0, 1]);
        let mysql = statement(Dialect::MySql, template, "t");
        assert_eq!(&*mysql.sql, "UPDATE `t` SET a = ? WHERE b = ? OR c = ?");
        assert_eq!(mysql.order, [1, 0, 1]);
    }

    #[test]
    fn nothing_is_left_to_be_filled_in() {
        for dialect in [Dialect::Postgres, Dialect::Sqlite, Dialect::MySql] {
            let all = format!("{:?}", Statements::new(dialect, "t"));
            let names = ["table", "index", "leases", "lease_index", "ends"];
            for name in names
                .into_iter()
                .chain(["now", "fence", "greatest", "remembered"])
            {
                assert!(!all.contains(&format!("{{{name}}}")), "{name}: {all}");
            }
        }
    }
}
