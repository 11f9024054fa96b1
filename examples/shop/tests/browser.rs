//! The page at `/` in a real browser, where `TEST_CHROMIUM` names one.

use std::process::Command;

use shop::Server;
use tokio::net::TcpListener;

use crate::support::{Database, variable, vars};

/// The page as the browser sees it once its requests have been answered.
fn dump(chromium: &str, url: &str) -> String {
    let profile = std::env::temp_dir().join(format!("shop_browser_{}", std::process::id()));
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--virtual-time-budget=10000", "--dump-dom", url])
        .output()
        .expect("TEST_CHROMIUM runs");
    drop(std::fs::remove_dir_all(profile));
    String::from_utf8(output.stdout).expect("UTF-8")
}

async fn serve(server: Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(server.serve(listener, std::future::pending()));
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_panels_show_rows_cursors_and_the_request_behind_them() {
    let Some(chromium) = variable("TEST_CHROMIUM") else { return };
    let database = Database::sqlite();
    let url = serve(database.shop(&vars([("SHOP_SEED", "1")])).await).await;
    let page = url.clone();
    let dom = tokio::task::spawn_blocking(move || dump(&chromium, &page)).await.expect("a page");
    let (panels, _template) = dom.split_once("<footer>").expect("a foot");
    let (products, events) = panels.split_once("id=\"events\"").expect("two panels");
    for (panel, path) in [(products, "products"), (events, "events")] {
        let body = panel.split_once("<tbody>").expect("a table").1.split_once("</tbody>").expect("its end").0;
        assert_eq!(body.matches("<tr>").count(), 20, "{path}: {body}");
        assert!(body.contains(&format!("href=\"/api/v1/{path}/")), "{path}");
        assert!(panel.contains(&format!("curl -i '{url}api/v1/{path}'")), "{path}");
        assert!(panel.contains("data-rel=\"prev\" disabled"), "{path}");
        assert!(!panel.contains("data-rel=\"next\" disabled"), "{path}");
        assert!(panel.contains("rel=\"next\""), "{path}: the Link header is shown");
        assert!(panel.contains(&format!("20 {path} (first page).")), "{path}");
    }
    assert!(products.contains(">Kitchen</option>"));
}
