//! Preconditions in the one statement that makes the change.

use sqlx::{Encode, QueryBuilder, Type};

use super::preconditions::{Preconditions, Sent, Tags};
use super::suffix;
use crate::sql::SqlDatabase;

impl Preconditions {
    /// Puts the preconditions into the `WHERE` clause of an `UPDATE` or `DELETE`, where `column`
    /// holds the version that [`ETag::version`](super::ETag::version) makes tags of: no change is
    /// overwritten, with no read before the change. See the [module docs](super) for an example.
    ///
    /// | sent | appended |
    /// | --- | --- |
    /// | no precondition, `If-Match: *` | nothing |
    /// | `If-Match` with version tags | ` AND version = $1`, ` AND version IN ($1, $2)` |
    /// | `If-Match` with no tag that is a version's | ` AND 1 = 0` |
    /// | `If-None-Match: *` | ` AND 1 = 0` |
    /// | `If-None-Match` with version tags | ` AND version NOT IN ($1, $2)` |
    ///
    /// The name is quoted, the versions are bound. No row touched means that there is none, or that
    /// it is in another state: [`missed`](Self::missed). Dates are not looked at: a resource that
    /// has `Last-Modified` is [checked](Self::check).
    pub fn push_where<DB>(&self, query: &mut QueryBuilder<DB>, column: &str)
    where
        DB: SqlDatabase,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
    {
        if self.required && !self.guards(false) {
            push_never(query);
        }
        let Some(fields) = &self.fields else {
            return;
        };
        match &fields.if_match {
            None | Some(Tags::Any) => {}
            Some(Tags::List(tags)) => {
                let named = tags.iter().filter(|tag| self.weakened || !tag.weak);
                match versions(named) {
                    named if named.is_empty() => push_never(query),
                    named => push_among(query, column, "", &named),
                }
            }
        }
        match &fields.if_none_match {
            None => {}
            Some(Tags::Any) => push_never(query),
            Some(Tags::List(tags)) => match versions(tags.iter()) {
                named if named.is_empty() => {}
                named => push_among(query, column, "NOT ", &named),
            },
        }
    }
}

fn versions<'a>(tags: impl Iterator<Item = &'a Sent>) -> Vec<i64> {
    let mut versions: Vec<_> = tags.filter_map(|tag| suffix::version(&tag.text)).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn push_never<DB: SqlDatabase>(query: &mut QueryBuilder<DB>) {
    query.push(" AND 1 = 0");
}

fn push_among<DB>(query: &mut QueryBuilder<DB>, column: &str, not: &str, versions: &[i64])
where
    DB: SqlDatabase,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    query.push(format_args!(" AND {}", DB::DIALECT.quote(column)));
    if let ([version], "") = (versions, not) {
        query.push(" = ").push_bind(*version);
        return;
    }
    query.push(format_args!(" {not}IN ("));
    let mut list = query.separated(", ");
    for version in versions {
        list.push_bind(*version);
    }
    query.push(")");
}
