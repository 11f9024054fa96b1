//! Documented parameters are those that the extractors take.

use api_patterns::filter::Filters;
use api_patterns::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};

use super::{Api, Product, document, numbered, operation, products, relay};
use crate::problem::send;

pub(super) fn all(operation: &Value) -> &[Value] {
    operation["parameters"]
        .as_array()
        .map_or(&[], Vec::as_slice)
}

pub(super) fn names(operation: &Value) -> Vec<&str> {
    let names = all(operation).iter();
    names
        .filter_map(|parameter| parameter["name"].as_str())
        .collect()
}

pub(super) fn named<'a>(operation: &'a Value, name: &str) -> &'a Value {
    let mut found = all(operation)
        .iter()
        .filter(|parameter| parameter["name"] == name);
    found
        .next()
        .unwrap_or_else(|| panic!("no parameter {name}"))
}

/// Values that fit a parameter's schema: its bounds, default and enumerated values.
fn samples(schema: &Value) -> Vec<String> {
    match schema["type"].as_str().expect("a type") {
        "array" => {
            let items = samples(&schema["items"]);
            vec![items[0].clone(), items.join(",")]
        }
        "integer" => ["minimum", "maximum", "default"]
            .into_iter()
            .filter_map(|key| schema.get(key))
            .map(Value::to_string)
            .chain(schema.get("maximum").is_none().then(|| "7".to_owned()))
            .collect(),
        "number" => vec!["0".to_owned(), "-1.5".to_owned(), "1e10".to_owned()],
        "boolean" => vec!["true".to_owned(), "false".to_owned()],
        "string" => vec![match schema["format"].as_str() {
            Some("date-time") => "2026-01-31T09:30:00Z".to_owned(),
            Some("date") => "2026-01-31".to_owned(),
            Some("uuid") => "67e55044-10b1-426f-9247-bb680e5fe0c8".to_owned(),
            Some(other) => panic!("no sample of {other}"),
            None => match schema["default"].as_str() {
                Some(default) => default.to_owned(),
                None => "12".to_owned(),
            },
        }],
        other => panic!("no sample of {other}"),
    }
}

fn query(name: &str, value: &str) -> String {
    let value: String = value
        .bytes()
        .map(|byte| match byte {
            b'+' | b'&' | b'%' | b' ' => format!("%{byte:02X}"),
            other => char::from(other).to_string(),
        })
        .collect();
    format!("{name}={value}")
}

fn read(query: &str) -> Result<Filters<Product>, Problem> {
    Filters::from_query(Some(query))
}

fn filters() -> Vec<Value> {
    let document = document::<Api>();
    let all = all(operation(&document, "get", "/products")).to_vec();
    let paging = ["cursor", "limit", "sort", "include_total"];
    all.into_iter()
        .filter(|parameter| !paging.iter().any(|name| parameter["name"] == *name))
        .collect()
}

#[test]
fn every_documented_filter_is_taken() {
    let filters = filters();
    let names: Vec<_> = filters.iter().map(|filter| &filter["name"]).collect();
    assert_eq!(
        json!(names),
        json!([
            "id",
            "id[ne]",
            "id[in]",
            "sku",
            "sku[in]",
            "name",
            "name[like]",
            "price_cents[lt]",
            "price_cents[lte]",
            "price_cents[gt]",
            "price_cents[gte]",
            "rating[gte]",
            "rating[in]",
            "rating[is_null]",
            "active",
            "shelf",
            "shelf[in]",
            "atoms",
            "created_at[lt]",
            "maker",
            "weight",
            "weight[in]",
            "born",
            "q",
        ]),
    );
    for filter in &filters {
        assert_eq!(filter["in"], "query");
        assert_eq!(filter["required"], false);
        let name = filter["name"].as_str().expect("a name");
        for value in samples(&filter["schema"]) {
            let taken = read(&query(name, &value));
            assert!(taken.is_ok(), "{name}={value}: {taken:?}");
        }
    }
}

#[test]
fn no_two_documented_filters_are_the_same_condition() {
    // A request has 20 conditions at the most.
    for some in filters().chunks(20) {
        let pairs = some.iter().map(|filter| {
            let name = filter["name"].as_str().expect("a name");
            query(name, &samples(&filter["schema"])[0])
        });
        let whole = pairs.collect::<Vec<_>>().join("&");
        assert!(read(&whole).is_ok(), "{whole}");
    }
}

#[test]
fn integers_beyond_their_documented_bounds_are_refused() {
    let mut checked = 0;
    for filter in filters() {
        let name = filter["name"].as_str().expect("a name");
        for (bound, step) in [("minimum", -1), ("maximum", 1)] {
            if let Some(bound) = filter["schema"].get(bound) {
                let beyond = bound.to_string().parse::<i128>().expect("an integer") + step;
                assert!(
                    read(&query(name, &beyond.to_string())).is_err(),
                    "{name}={beyond}"
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 16, "{checked}");
}

#[test]
fn filters_are_typed() {
    let filters = filters();
    let schema = |name: &str| {
        let found = filters.iter().find(|filter| filter["name"] == name);
        found.map(|filter| filter["schema"].clone()).expect(name)
    };
    assert_eq!(
        schema("id"),
        json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }),
    );
    assert_eq!(schema("atoms")["maximum"], u64::MAX);
    assert_eq!(
        schema("shelf[in]"),
        json!({
            "type": "array", "minItems": 1, "maxItems": 100,
            "items": { "type": "integer", "minimum": 0, "maximum": 255 },
        }),
    );
    assert_eq!(schema("rating[is_null]"), json!({ "type": "boolean" }));
    assert_eq!(
        schema("maker"),
        json!({ "type": "string", "format": "uuid" })
    );
    assert_eq!(schema("weight")["type"], "string");
    let list = filters
        .iter()
        .find(|filter| filter["name"] == "id[in]")
        .expect("a list");
    assert_eq!(
        (&list["style"], &list["explode"]),
        (&json!("form"), &json!(false))
    );
    let words = list["description"].as_str().expect("words");
    assert_eq!(
        words,
        "`id` equals one of these, separated by commas: \
         integer from -9223372036854775808 to 9223372036854775807.",
    );
}

async fn status(path: &str, query: &str) -> (StatusCode, String) {
    let app = Router::new()
        .route("/products", get(products))
        .route("/numbered", get(numbered))
        .route("/relay", get(relay));
    let request = Request::get(format!("{path}?{query}"));
    let answer = send(&app, request.body(Body::empty()).expect("a request")).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn documented_page_parameters_are_taken_within_their_bounds() {
    let document = document::<Api>();
    for path in ["/products", "/numbered", "/relay"] {
        let parameters = all(operation(&document, "get", path));
        // A cursor comes from a page, and what needs one goes with it.
        let own = |name: &str| ["cursor", "after", "before", "last"].contains(&name);
        let filter = |name: &str| name.contains('[') || filters().iter().any(|f| f["name"] == name);
        for parameter in parameters {
            let name = parameter["name"].as_str().expect("a name");
            if own(name) || filter(name) {
                continue;
            }
            for value in samples(&parameter["schema"]) {
                let extra = match name == "page" {
                    // Every page is reached by the smallest ones.
                    true => "&page_size=1",
                    false => "",
                };
                let (status, body) = status(path, &format!("{name}={value}{extra}")).await;
                assert_eq!(status, 200, "{path}?{name}={value}: {body}");
            }
            if let Some(most) = parameter["schema"].get("maximum").and_then(Value::as_u64) {
                for value in [0, most + 1] {
                    let (status, body) = status(path, &format!("{name}={value}")).await;
                    assert_eq!(status, 400, "{path}?{name}={value}: {body}");
                }
            }
        }
    }
}

#[test]
fn cursor_pages_document_the_parameters_they_take() {
    let document = document::<Api>();
    let names = |path| names(operation(&document, "get", path));
    assert_eq!(
        names("/wrapped"),
        ["cursor", "limit", "sort", "include_total"]
    );
    assert_eq!(names("/numbered"), ["page", "page_size", "sort"]);
    assert_eq!(
        names("/relay"),
        ["first", "after", "last", "before", "sort", "include_total"],
    );
    let sort = &named(operation(&document, "get", "/wrapped"), "sort")["schema"];
    assert_eq!(sort["default"], "-price_cents");
    assert_eq!(
        sort["pattern"],
        "^(?!(?:.*,)?-?([^,]+),(?:.*,)?-?\\1(?:,|$))\
         -?(?:id|name|price_cents)(?:,-?(?:id|name|price_cents)){0,2}$",
    );
}
