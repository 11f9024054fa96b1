//! The statement of a page, for those who run it themselves.

use api_patterns::pagination::{Bind, KeyValue, Keyset, PageRequest, Pagination, Scan};
use api_patterns::sql::Dialect::{self, MySql, Postgres, Sqlite};
use expect_test::{Expect, expect};

#[derive(Clone, Keyset)]
#[keyset(unique = id, default = "-at", sortable(at, price, rating, shelf), nulls_first(shelf))]
struct Item {
    id: i64,
    at: i64,
    #[keyset(column = "cents")]
    price: i64,
    rating: Option<f64>,
    shelf: Option<String>,
}

const ITEM: Item = Item {
    id: 7,
    at: 50,
    price: 990,
    rating: Some(4.5),
    shelf: None,
};

fn after(sort: &str, dialect: Dialect) -> String {
    let start =
        || PageRequest::<Item>::start(&Pagination::plain(), Some(sort), 2).expect("allowed");
    let scan = Scan::<Item>::new(&Pagination::plain(), Some(sort), []).expect("allowed");
    let position = scan
        .open(&scan.after(&ITEM).expect("a cursor"))
        .expect("its own");
    let select = match dialect {
        Postgres => "SELECT * FROM t WHERE kind = $1",
        _ => "SELECT * FROM t WHERE kind = ?",
    };
    let statement = start()
        .at(position)
        .expect("of this scan")
        .statement(dialect, select, 1);
    let binds: Vec<String> = statement
        .binds
        .iter()
        .map(|bind| match bind {
            Bind::Select => "kind".to_owned(),
            Bind::Key(value) => format!("{value:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    let placeholders = statement.sql.matches('?').count();
    assert!(
        dialect == Postgres || placeholders == binds.len(),
        "{}",
        statement.sql
    );
    format!(
        "{}\n{}\n",
        statement.sql.replace(select, "…"),
        binds.join(", ")
    )
}

fn check(sort: &str, dialect: Dialect, expected: Expect) {
    expected.assert_eq(&after(sort, dialect));
}

#[test]
fn one_direction_on_postgres_is_a_row_value() {
    check(
        "-at",
        Postgres,
        expect![[r#"
        SELECT * FROM (…) AS page WHERE (page."at", page."id") < ($2, $3) ORDER BY page."at" DESC, page."id" DESC LIMIT 3
        kind, I64(50), I64(7)
    "#]],
    );
}

#[test]
fn one_direction_on_sqlite_is_an_arm_for_each_prefix() {
    check(
        "-at",
        Sqlite,
        expect![[r#"
            SELECT * FROM (…) AS page WHERE page.`at` = ? AND page.`id` < ? UNION ALL SELECT * FROM (…) AS page WHERE page.`at` < ? ORDER BY `at` DESC, `id` DESC LIMIT 3
            kind, I64(50), I64(7), kind, I64(50)
        "#]],
    );
}

#[test]
fn mixed_directions_are_an_arm_for_each_prefix() {
    check(
        "-price,at",
        Postgres,
        expect![[r#"
        (SELECT * FROM (…) AS page WHERE page."cents" = $2 AND page."at" = $3 AND page."id" < $4 ORDER BY page."cents" DESC, page."at" ASC, page."id" DESC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page."cents" = $5 AND page."at" > $6 ORDER BY page."cents" DESC, page."at" ASC, page."id" DESC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page."cents" < $7 ORDER BY page."cents" DESC, page."at" ASC, page."id" DESC LIMIT 3) ORDER BY "cents" DESC, "at" ASC, "id" DESC LIMIT 3
        kind, I64(990), I64(50), I64(7), I64(990), I64(50), I64(990)
    "#]],
    );
    check(
        "-price,at",
        Sqlite,
        expect![[r#"
            SELECT * FROM (…) AS page WHERE page.`cents` = ? AND page.`at` = ? AND page.`id` < ? UNION ALL SELECT * FROM (…) AS page WHERE page.`cents` = ? AND page.`at` > ? UNION ALL SELECT * FROM (…) AS page WHERE page.`cents` < ? ORDER BY `cents` DESC, `at` ASC, `id` DESC LIMIT 3
            kind, I64(990), I64(50), I64(7), kind, I64(990), I64(50), kind, I64(990)
        "#]],
    );
    check(
        "-price,at",
        MySql,
        expect![[r#"
        SELECT * FROM ((SELECT * FROM (…) AS page WHERE page.`cents` = ? AND page.`at` = ? AND page.`id` < ? ORDER BY page.`cents` DESC, page.`at` ASC, page.`id` DESC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page.`cents` = ? AND page.`at` > ? ORDER BY page.`cents` DESC, page.`at` ASC, page.`id` DESC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page.`cents` < ? ORDER BY page.`cents` DESC, page.`at` ASC, page.`id` DESC LIMIT 3)) AS page ORDER BY page.`cents` DESC, page.`at` ASC, page.`id` DESC LIMIT 3
        kind, I64(990), I64(50), I64(7), kind, I64(990), I64(50), kind, I64(990)
    "#]],
    );
}

#[test]
fn nulls_are_arms_of_their_own() {
    check(
        "rating",
        Postgres,
        expect![[r#"
        (SELECT * FROM (…) AS page WHERE (page."rating", page."id") > ($2, $3) ORDER BY page."rating" ASC, page."id" ASC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page."rating" IS NULL ORDER BY page."rating" ASC, page."id" ASC LIMIT 3) ORDER BY "rating" ASC, "id" ASC LIMIT 3
        kind, F64(4.5), I64(7)
    "#]],
    );
    check(
        "-rating",
        Sqlite,
        expect![[r#"
            SELECT * FROM (…) AS page WHERE page.`rating` = ? AND page.`id` < ? UNION ALL SELECT * FROM (…) AS page WHERE page.`rating` < ? UNION ALL SELECT * FROM (…) AS page WHERE page.`rating` IS NULL ORDER BY `rating` DESC, `id` DESC LIMIT 3
            kind, F64(4.5), I64(7), kind, F64(4.5), kind
        "#]],
    );
    check(
        "rating",
        MySql,
        expect![[r#"
        SELECT * FROM ((SELECT * FROM (…) AS page WHERE page.`rating` = ? AND page.`id` > ? ORDER BY page.`rating` ASC, page.`id` ASC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page.`rating` > ? ORDER BY page.`rating` ASC, page.`id` ASC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page.`rating` IS NULL ORDER BY page.`id` ASC LIMIT 3)) AS page ORDER BY (page.`rating` IS NULL) ASC, page.`rating` ASC, page.`id` ASC LIMIT 3
        kind, F64(4.5), I64(7), kind, F64(4.5), kind
    "#]],
    );
}

#[test]
fn a_null_key_is_compared_as_null() {
    check(
        "shelf",
        Postgres,
        expect![[r#"
        (SELECT * FROM (…) AS page WHERE page."shelf" IS NULL AND page."id" > $2 ORDER BY page."shelf" ASC, page."id" ASC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page."shelf" IS NOT NULL ORDER BY page."shelf" ASC, page."id" ASC LIMIT 3) ORDER BY "shelf" ASC NULLS FIRST, "id" ASC LIMIT 3
        kind, I64(7)
    "#]],
    );
    check(
        "shelf",
        MySql,
        expect![[r#"
        SELECT * FROM ((SELECT * FROM (…) AS page WHERE page.`shelf` IS NULL AND page.`id` > ? ORDER BY page.`id` ASC LIMIT 3) UNION ALL (SELECT * FROM (…) AS page WHERE page.`shelf` IS NOT NULL ORDER BY page.`shelf` ASC, page.`id` ASC LIMIT 3)) AS page ORDER BY page.`shelf` ASC, page.`id` ASC LIMIT 3
        kind, I64(7), kind
    "#]],
    );
}

#[test]
fn the_first_page_splits_values_from_nulls_where_the_index_needs_it() {
    let first =
        PageRequest::<Item>::start(&Pagination::plain(), Some("-rating"), 2).expect("allowed");
    let sql = |dialect| first.statement(dialect, "SELECT * FROM t", 0).sql;
    let all = format!("{}\n{}\n{}\n", sql(Postgres), sql(Sqlite), sql(MySql));
    expect![[r#"
        (SELECT * FROM (SELECT * FROM t) AS page WHERE page."rating" IS NOT NULL ORDER BY page."rating" DESC, page."id" DESC LIMIT 3) UNION ALL (SELECT * FROM (SELECT * FROM t) AS page WHERE page."rating" IS NULL ORDER BY page."rating" DESC, page."id" DESC LIMIT 3) ORDER BY "rating" DESC NULLS LAST, "id" DESC LIMIT 3
        SELECT * FROM (SELECT * FROM t) AS page ORDER BY page.`rating` DESC, page.`id` DESC LIMIT 3
        SELECT * FROM (SELECT * FROM t) AS page ORDER BY page.`rating` DESC, page.`id` DESC LIMIT 3
    "#]].assert_eq(&all);
}

#[test]
fn values_come_with_their_types() {
    let scan = Scan::<Item>::new(&Pagination::plain(), Some("rating,shelf"), []).expect("allowed");
    let cursor = scan.after(&ITEM).expect("a cursor");
    let page =
        PageRequest::<Item>::start(&Pagination::plain(), Some("rating,shelf"), 2).expect("allowed");
    let statement = page
        .at(scan.open(&cursor).expect("its own"))
        .expect("of this scan")
        .statement(Sqlite, "SELECT * FROM t", 0);
    assert!(statement.binds.contains(&Bind::Key(KeyValue::F64(4.5))));
    assert!(statement.binds.contains(&Bind::Key(KeyValue::I64(7))));
}
