//! The token decoder.

use std::sync::LazyLock;

use api_patterns::pagination::{CursorKey, CursorPage, PageRequest, Pagination};
use api_patterns::problem::Problem;
use axum::extract::FromRequestParts as _;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::row::{Row, SORTS, rows};
use crate::{check_refusal, ready};

/// Bytes of a plain token before its keys: the header and the fingerprint.
const PLAIN_START: usize = 7;
const LIMIT: usize = 5;

/// Two bytes choose the mode and the order; the rest is tried as a token as it stands, and as the
/// keys of a token whose header and fingerprint are right, which a fuzzer would not guess.
pub fn cursor(data: &[u8]) {
    let [mode, sort, rest @ ..] = data else {
        return;
    };
    let mode = &MODES[usize::from(*mode) % MODES.len()];
    let sort = SORTS[usize::from(*sort) % SORTS.len()];
    if let Ok(token) = std::str::from_utf8(rest) {
        open(mode, sort, token);
    }
    open(mode, sort, &URL_SAFE_NO_PAD.encode(rest));
    forge(mode, sort, rest);
}

struct Mode {
    pagination: Pagination,
    secret: bool,
}

static MODES: LazyLock<[Mode; 3]> = LazyLock::new(|| {
    let keys = || {
        [b"the key that signs".as_slice(), b"the key of yesterday"]
            .map(|key| CursorKey::new(key).expect("long enough"))
    };
    [
        Mode {
            pagination: Pagination::plain(),
            secret: false,
        },
        Mode {
            pagination: Pagination::signed(keys()),
            secret: true,
        },
        Mode {
            pagination: Pagination::sealed(keys()),
            secret: true,
        },
    ]
});

fn forge(mode: &Mode, sort: &str, keys: &[u8]) {
    let first = page(mode, sort, None)
        .and_then(|page| page.select(rows()))
        .expect("the first page is there");
    let genuine = first
        .next_cursor
        .expect("there are more rows than one page");
    let mut token = URL_SAFE_NO_PAD
        .decode(&genuine)
        .expect("tokens are base64url");
    let start = token.len().min(PLAIN_START);
    let altered = token[start..] != *keys;
    token.truncate(start);
    token.extend_from_slice(keys);
    let accepted = open(mode, sort, &URL_SAFE_NO_PAD.encode(&token));
    assert!(
        !(mode.secret && altered && accepted),
        "a forged cursor was accepted"
    );
}

/// Whether the token was accepted. One that was must give a page of the rows, in their order.
fn open(mode: &Mode, sort: &str, token: &str) -> bool {
    let request = match page(mode, sort, Some(token)) {
        Ok(request) => request,
        Err(problem) => {
            check_refusal(&problem, &[400]);
            return false;
        }
    };
    match request.select(rows()) {
        Ok(page) => check_page(mode, sort, &page),
        Err(problem) => check_refusal(&problem, &[400]),
    }
    true
}

fn check_page(mode: &Mode, sort: &str, part: &CursorPage<Row>) {
    assert!(part.items.len() <= LIMIT, "more rows than asked for");
    let all = whole(mode, sort);
    let found = all
        .windows(part.items.len().max(1))
        .any(|window| window == part.items.as_slice());
    assert!(
        found || part.items.is_empty(),
        "rows skipped or out of order: {:?}",
        part.items
    );
    for cursor in part.next_cursor.iter().chain(&part.previous_cursor) {
        page(mode, sort, Some(cursor)).expect("a cursor of ours is accepted");
    }
}

fn whole(mode: &Mode, sort: &str) -> Vec<Row> {
    let request = extract(mode, &format!("/rows?limit=100&sort={sort}"));
    request
        .and_then(|request| request.select(rows()))
        .expect("all rows fit one page")
        .items
}

fn page(mode: &Mode, sort: &str, cursor: Option<&str>) -> Result<PageRequest<Row>, Problem> {
    let mut uri = format!("/rows?limit={LIMIT}&sort={sort}");
    if let Some(cursor) = cursor {
        uri.push_str("&cursor=");
        uri.extend(cursor.bytes().map(|byte| format!("%{byte:02x}")));
    }
    extract(mode, &uri)
}

fn extract(mode: &Mode, uri: &str) -> Result<PageRequest<Row>, Problem> {
    let request = Request::get(uri)
        .extension(mode.pagination.clone())
        .body(());
    let (mut parts, ()) = request.expect("the address is escaped").into_parts();
    ready(PageRequest::from_request_parts(&mut parts, &()))
}
