//! The page at `/` in a real browser, where `TEST_CHROMIUM` names one.

use std::future::ready;
use std::process::Command;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::map_request;
use axum::response::IntoResponse as _;
use axum::routing;
use axum::{Router, ServiceExt};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _};

use crate::support::{Database, Vars, get, unique, variable, vars};

/// What the drivers share: hands and eyes.
const TOOLS: &str = include_str!("browser/tools.js");
/// What a person would do who reads, and what they would then see.
const READER: &str = include_str!("browser/reader.js");
/// Many at once: sent, sent again, all or none, stopped, and no JSON at all.
const SENDER: &str = include_str!("browser/sender.js");
/// The forms of a product: saved, refused, overtaken by somebody else, deleted.
const EDITOR: &str = include_str!("browser/editor.js");

/// The page as the browser sees it once its requests have been answered.
pub(crate) fn dump(chromium: &str, url: &str) -> String {
    let profile = std::env::temp_dir().join(unique());
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--virtual-time-budget=20000", "--dump-dom", url])
        .output()
        .expect("TEST_CHROMIUM runs");
    drop(std::fs::remove_dir_all(profile));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The shop, and at `driven` its page with a driver as one more script, under the same policy.
fn driven(shop: Router, driver: &str) -> Router {
    let page = shop.clone();
    let driven = async move || {
        let request = Request::get("/").body(Body::empty()).expect("a request");
        let (mut parts, body) = page.oneshot(request).await.expect("a page").into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        let page = body.collect().await.expect("the whole page").to_bytes();
        let page = String::from_utf8(page.to_vec()).expect("UTF-8");
        let script = "<script src=\"driver.js\" type=\"module\"></script></body>";
        (parts, page.replace("</body>", script)).into_response()
    };
    let driver = (
        [(CONTENT_TYPE, "text/javascript")],
        format!("{TOOLS}{driver}"),
    );
    Router::new()
        .route("/driven", routing::get(driven))
        .route("/driver.js", routing::get(async move || driver.clone()))
        .fallback_service(shop)
}

/// Serves the shop as behind a proxy that cuts off a prefix of this length, after its first slash. What is
/// not below the prefix is cut to something that the shop does not have.
async fn serve(listener: TcpListener, shop: Router, prefix: usize) -> std::io::Result<()> {
    let cut = move |mut request: Request<Body>| {
        if prefix > 0 {
            let target = request.uri().to_string();
            let rest = target
                .get(1 + prefix..)
                .filter(|rest| rest.starts_with('/'));
            *request.uri_mut() = rest.unwrap_or("/outside").parse().expect("a target");
        }
        ready(request)
    };
    // Around the router, which keeps the target it was called with.
    let shop = map_request(cut).layer(shop);
    axum::serve(
        listener,
        ServiceExt::<Request<Body>>::into_make_service(shop),
    )
    .await
}

/// The page of a full shop as `driver` leaves it, and the address below which the shop is.
async fn browse(page: &str, driver: &str) -> Option<(String, String)> {
    let chromium = variable("TEST_CHROMIUM")?;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (prefix, _) = page.rsplit_once('/').unwrap_or_default();
    let host = format!("http://{}", listener.local_addr().expect("an address"));
    let mut set = vars([("SHOP_SEED", "1")]);
    if !prefix.is_empty() {
        set.insert("SHOP_PUBLIC_URL".to_owned(), format!("{host}/{prefix}"));
    }
    let database = Database::sqlite();
    let shop = driven(database.shop(&set).await.router(), driver);
    tokio::spawn(serve(listener, shop, prefix.len()));
    let address = format!("{host}/{page}");
    let dom = tokio::task::spawn_blocking(move || dump(&chromium, &address))
        .await
        .expect("a page");
    let below = if prefix.is_empty() { "" } else { "/" };
    Some((format!("{host}/{prefix}{below}"), dom))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_panels_show_rows_cursors_and_the_request_behind_them() {
    let Some((url, dom)) = browse("", "").await else {
        return;
    };
    let (panels, _template) = dom.split_once("<footer>").expect("a foot");
    let (products, events) = panels.split_once("id=\"events\"").expect("two panels");
    for (panel, path) in [(products, "products"), (events, "events")] {
        let body = panel
            .split_once("<tbody>")
            .expect("a table")
            .1
            .split_once("</tbody>")
            .expect("its end")
            .0;
        assert_eq!(body.matches("<tr>").count(), 20, "{path}: {body}");
        let followed = format!("<a href=\"{url}api/v1/{path}/");
        assert!(body.contains(&followed), "{path}: {body}");
        assert!(
            panel.contains(&format!("curl -i '{url}api/v1/{path}'")),
            "{path}"
        );
        assert!(panel.contains("data-rel=\"prev\" disabled"), "{path}");
        assert!(!panel.contains("data-rel=\"next\" disabled"), "{path}");
        assert!(
            panel.contains("rel=\"next\""),
            "{path}: the Link header is shown"
        );
        assert!(
            panel.contains(&format!("20 {path} (first page).")),
            "{path}"
        );
    }
    assert!(products.contains(">Kitchen</option>"));
}

/// What the driver has noted under `name`.
fn noted<'a>(dom: &'a str, name: &str) -> &'a str {
    let (_, rest) = dom
        .split_once(&format!(" data-{name}=\""))
        .unwrap_or_else(|| panic!("the driver did not come to `{name}`: {dom}"));
    rest.split('"').next().expect("a value")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_can_walk_the_whole_shop_by_its_links() {
    walk("driven").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_walk_stays_below_the_prefix_of_a_proxy() {
    walk("our/wares/driven").await;
}

async fn walk(page: &str) {
    let Some((url, dom)) = browse(page, READER).await else {
        return;
    };
    let api = format!("curl -i '{url}api/v1");
    for (name, path) in [
        ("request", "/products?cursor="),
        ("search", "/products?"),
        ("product", "/products/10000'"),
        ("category", "/categories/"),
        ("products", "/products?category_id="),
        ("reviews", "/products/10000/reviews'"),
        ("images", "/products/10000/images'"),
        ("image", "/products/10000/images/"),
    ] {
        let command = noted(&dom, name);
        assert!(
            command.starts_with(&format!("{api}{path}")),
            "{name}: {command}"
        );
    }
    for pair in ["q=lamp%20%26%20%27%C3%A9%2A", "rating%5Bis_null%5D=true"] {
        assert!(noted(&dom, "search").contains(pair), "{pair}");
    }
    assert_eq!(noted(&dom, "back"), "true");
    assert_eq!(noted(&dom, "picture"), "320 true");
    let expanded = "/a?b=c&amp;x=a%2Cb&amp;y%5Bz%5D=50%25&amp;empty=?q=Hello%20World%21";
    assert_eq!(noted(&dom, "expanded"), expanded);
    assert!(
        noted(&dom, "problem").starts_with("Bad Request `sort`"),
        "{dom}"
    );
    assert_calm(&dom);
}

/// Nothing was kept from the page by its policy, and no script broke.
#[track_caller]
fn assert_calm(dom: &str) {
    for name in ["blocked", "thrown"] {
        assert!(
            !dom.contains(&format!(" data-{name}=")),
            "{}",
            noted(dom, name)
        );
    }
}

#[tokio::test]
async fn the_page_knows_one_address_and_loads_nothing_that_is_not_its_own() {
    let database = Database::sqlite();
    let shop = database.shop(&Vars::new()).await.router();
    let html = get(&shop, "/").await.text;
    assert!(html.contains("<a href=\"api/v1\" data-root"));
    let mut files = vec!["page.css".to_owned(), "page.js".to_owned()];
    let mut scripts = 0;
    while let Some(file) = files.pop() {
        let reply = get(&shop, &format!("/{file}")).await;
        assert_eq!(reply.status, 200, "{file}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{policy}"
        );
        assert!(!reply.text.contains("api/v1"), "{file} builds an address");
        let imports = reply.text.split(" from \"./").skip(1);
        files.extend(imports.map(|rest| rest.split('"').next().expect("a name").to_owned()));
        scripts += usize::from(file.ends_with(".js"));
        assert!(scripts < 20, "{files:?}");
    }
    assert!(scripts >= 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_products_at_once_are_told_apart_and_nothing_is_made_twice() {
    let Some((url, dom)) = browse("driven", SENDER).await else {
        return;
    };
    let noted = |name| noted(&dom, name);
    assert_eq!(noted("end"), "sent");
    let request = format!("curl -i -X POST '{url}api/v1/products/bulk' \\\n  -H 'Content-Type: ");
    assert!(noted("request").starts_with(&request), "{dom}");
    let mixed = "0 201 Created; 1 201 Created; 2 422 Refused: /name /price_cents; \
                 3 201 Created; 4 201 Created";
    assert_eq!(noted("rows"), mixed);
    let status = "207 Multi-Status: 4 of 5 created, 1 refused.";
    assert_eq!(noted("status"), status);
    assert_eq!(noted("replayed"), "not in this answer");
    assert_eq!(noted("total"), "10,004 (10,000 before)");
    let again = format!("{status} The stored answer; nothing ran again.");
    assert_eq!(noted("again"), again);
    assert_eq!(noted("same"), "true");
    assert_eq!(noted("replayed-again"), "true");
    assert_eq!(noted("total-again"), "10,004 (as before)");
    let taken = "0 409 Refused:; 1 409 Refused:; 2 422 Refused: /name /price_cents; \
                 3 409 Refused:; 4 409 Refused:";
    assert_eq!(noted("anew"), taken, "another key, and so another try");
    assert_eq!(noted("new-key"), "true");
    assert_eq!(noted("envelopes"), mixed);
    assert_eq!(noted("opened"), "true");
    assert_eq!(noted("atomic-only"), "true");
    assert!(noted("atomic-request").contains("/bulk?mode=atomic'"));
    let atomic = "0 424 Left out:; 1 424 Left out:; 2 422 Refused: /name /price_cents; \
                  3 424 Left out:; 4 424 Left out:";
    assert_eq!(noted("atomic"), atomic);
    assert_eq!(noted("atomic-total"), "10,008 (as before)");
    assert!(noted("stopped-request").contains("/bulk?stop_after=1'"));
    assert!(noted("stopped-request").contains(r"Don'\''t"), "{dom}");
    let (first, rest) = noted("stopped").split_once("; ").expect("three items");
    assert!(first.starts_with("0 422 Refused:"), "{first}");
    assert_eq!(rest, "1 424 Left out:; 2 424 Left out:");
    assert_eq!(noted("broken"), "true");
    assert_eq!(noted("table-gone"), "true");
    assert_calm(&dom);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_is_changed_and_deleted_only_as_it_was_read() {
    let Some((url, dom)) = browse("our/wares/driven", EDITOR).await else {
        return;
    };
    let noted = |name| noted(&dom, name).replace("&quot;", "\"");
    assert_eq!(noted("end"), "edited");
    assert_eq!(noted("read"), "200 OK · application/json · ETag \"1\"");
    assert!(noted("idle").starts_with("Nothing to save"));
    assert!(noted("idle-request").starts_with("curl -i 'http"));
    let product = format!("'{url}api/v1/products/10000' \\\n  ");
    let saved = format!(
        "curl -i -X PATCH {product}-H 'Content-Type: application/merge-patch+json' \\\n  \
         -H 'If-Match: \"1\"' \\\n  --data-raw '{{\"name\":\"It'\\''s new\",\"price_cents\":1234,\
         \"rating\":9.5,\"description\":null}}'"
    );
    assert_eq!(noted("saved-request"), saved);
    assert_eq!(
        noted("saved"),
        "Saved. 200 OK · application/json · ETag \"2\""
    );
    assert_eq!(noted("heading"), "It's new");
    assert!(noted("refused-status").starts_with("422 "));
    assert_eq!(noted("hints"), "name  rating");
    assert_eq!(noted("focused"), "name");
    assert_eq!(noted("undone"), "It's new ");
    assert!(noted("overtaken").starts_with("412 Precondition Failed This has been changed"));
    assert_eq!(noted("kept"), "Mine");
    assert_eq!(noted("current"), "It's new, 7.77, You had typed: Mine");
    assert_eq!(noted("mine"), "Mine");
    assert!(noted("not-deleted").starts_with("412 Precondition Failed This has been changed"));
    let deleted = format!("curl -i -X DELETE {product}-H 'If-Match: \"5\"'");
    assert_eq!(noted("deleted-request"), deleted);
    assert_eq!(noted("deleted"), "Deleted. 204 No Content");
    assert_eq!(noted("offered"), "false");
    assert_eq!(noted("offered-elsewhere"), "false");
    assert_calm(&dom);
}
