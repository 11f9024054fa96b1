//! A document with one list, cut into the bytes of its elements.

use std::borrow::Cow;

use crate::json::{self, elements, members};
use crate::problem::{FieldError, Problem};
use crate::query::shorten;

/// The elements of the one member, 1 to `most` of them. Nothing is built of any.
///
/// # Errors
/// 400 for what is not JSON, 422 for every other document.
pub(super) fn split<'a>(
    document: &'a [u8],
    member: &'static str,
    most: usize,
) -> Result<Vec<&'a [u8]>, Problem> {
    json::check(document).map_err(|json::Malformed(error)| not_json(&error))?;
    let members = members(document)
        .ok_or_else(|| refused("", format!("expected an object with the member `{member}`")))?;
    let mut list = None;
    for (name, value) in members {
        let name = name_of(name);
        if name != member {
            let detail = format!("`{}` is not known; allowed: `{member}`", shorten(&name));
            return Err(refused("", detail));
        }
        if list.replace(value).is_some() {
            return Err(refused(member, "is given more than once"));
        }
    }
    let list = list.ok_or_else(|| refused(member, "is missing"))?;
    let mut rest = elements(list).ok_or_else(|| refused(member, "expected an array"))?;
    let found: Vec<_> = rest.by_ref().take(most).collect();
    match (found.len(), rest.count()) {
        (1.., 0) => Ok(found),
        (few, more) => Err(out_of_bounds(member, most, few + more)),
    }
}

/// The problem of a list of another length.
pub(super) fn out_of_bounds(member: &'static str, most: usize, found: usize) -> Problem {
    refused(
        member,
        format!("must hold 1 to {most} items, and holds {found}"),
    )
}

/// A name as it is meant, without quotes and escapes.
fn name_of(quoted: &[u8]) -> Cow<'_, str> {
    let read: Result<String, _> = serde_json::from_slice(quoted);
    // A lone surrogate is JSON, but no text.
    read.map_or_else(|_| String::from_utf8_lossy(quoted), Cow::Owned)
}

fn refused(member: &'static str, detail: impl Into<Cow<'static, str>>) -> Problem {
    let detail = detail.into();
    let (pointer, summary) = match member {
        "" => (Cow::Borrowed(""), detail.clone().into_owned()),
        _ => (format!("/{member}").into(), format!("`{member}` {detail}")),
    };
    Problem::unprocessable(summary)
        .code("invalid_body")
        .error(FieldError::pointer(pointer, detail))
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("the body is not valid JSON: {error}"))
        .code("malformed_json")
        .extension("line", error.line())
        .extension("column", error.column())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_list_is_cut_into_its_elements() {
        let document = br#" { "\u0069tems" : [ {"a":[1]} , 2,"]" ] } "#;
        let parts = split(document, "items", 3).expect("a list");
        assert_eq!(parts, [&br#"{"a":[1]}"#[..], b"2", br#""]""#]);
    }

    #[test]
    fn any_other_document_is_refused() {
        let table = [
            ("", 400, ""),
            ("[1", 400, ""),
            ("{\"items\":[1]}x", 400, ""),
            ("[1]", 422, ""),
            ("null", 422, ""),
            ("{}", 422, "/items"),
            ("{\"items\":null}", 422, "/items"),
            ("{\"items\":{}}", 422, "/items"),
            ("{\"items\":[]}", 422, "/items"),
            ("{\"items\":[1,2,3,4]}", 422, "/items"),
            ("{\"items\":[1],\"items\":[1]}", 422, "/items"),
            ("{\"items\":[1],\"x\":1}", 422, ""),
            ("{\"\\ud800\":[1]}", 422, ""),
        ];
        for (document, status, place) in table {
            let problem = split(document.as_bytes(), "items", 3).expect_err(document);
            assert_eq!(problem.status().as_u16(), status, "{document}");
            let places = problem.get_errors().iter().map(|error| error.get_place());
            let expected: &[&str] = if status == 422 { &[place] } else { &[] };
            assert_eq!(places.collect::<Vec<_>>(), expected, "{document}");
        }
    }
}
