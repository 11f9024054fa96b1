//! The query parser: filters, the parameters of a page, and `problem::Query`.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetRequest, PageRequest};
use api_patterns::problem::{Problem, Query};
use axum::extract::FromRequestParts;
use axum::http::{Request, Uri};
use serde::Deserialize;

use crate::row::{Row, rows};
use crate::{check_refusal, ready};

/// The bytes are a query string. What is not ASCII reaches the extractors only percent-encoded, as
/// on the wire; the parser of the filters is given it as it is too.
pub fn query(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        check_filters(Filters::from_query(Some(text)));
    }
    let escaped: String = data.iter().map(|byte| escape(*byte)).collect();
    if let Ok(uri) = Uri::try_from(format!("/rows?{escaped}")) {
        check_extractors(&uri);
    }
}

fn escape(byte: u8) -> String {
    match byte {
        b'!'..=b'~' if byte != b'#' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

fn check_extractors(uri: &Uri) {
    check_filters(extract::<Filters<Row>>(uri));
    check(extract::<PageRequest<Row>>(uri).and_then(|page| {
        let limit = page.limit();
        let part = page.select(rows())?;
        assert!(
            part.items.len() <= limit && limit <= 100,
            "{limit} rows allowed"
        );
        Ok(())
    }));
    check(extract::<OffsetRequest<Row>>(uri).map(drop));
    check(extract::<Query<Typed>>(uri).map(drop));
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only the reading is tried")]
struct Typed {
    id: Option<i64>,
    #[serde(default)]
    tag: Vec<String>,
    kind: Option<Kind>,
    ratio: Option<f32>,
    exact: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Small,
    Large,
}

fn check_filters(filters: Result<Filters<Row>, Problem>) {
    check(filters.map(|filters| {
        let all = rows().iter().filter(|row| filters.matches(row)).count();
        assert!(
            !filters.is_empty() || all == rows().len(),
            "no filter, yet rows are missing"
        );
    }));
}

fn check<T>(result: Result<T, Problem>) {
    if let Err(problem) = result {
        check_refusal(&problem, &[400, 422]);
    }
}

fn extract<E: FromRequestParts<(), Rejection = Problem>>(uri: &Uri) -> Result<E, Problem> {
    let (mut parts, ()) = Request::get(uri.clone())
        .body(())
        .expect("the address is valid")
        .into_parts();
    ready(E::from_request_parts(&mut parts, &()))
}
