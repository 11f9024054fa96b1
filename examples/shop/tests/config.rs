//! What the environment may say.

use axum::http::Request;

use crate::support::{Vars, config, vars};

#[test]
fn a_wrong_value_names_its_variable_and_what_is_allowed() {
    for (name, value, allowed) in [
        ("SHOP_ADDR", "localhost", "127.0.0.1:3000"),
        ("SHOP_ADDR", "127.0.0.1", "port"),
        ("DATABASE_URL", "mysql://root:secret@host/db", "postgres://"),
        ("DATABASE_URL", "shop.db", "sqlite://"),
        ("DATABASE_URL", "sqlite::memory:", "file"),
        ("DATABASE_URL", "", "sqlite://"),
        ("REDIS_URL", "", "redis://"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("REDIS_URL", "http://:secret@localhost", "redis://"),
        ("REDIS_URL", "redis://:secret@localhost/first", "redis://"),
        ("SHOP_SEED", "yes", "0 or 1"),
        ("SHOP_PUBLIC_URL", "", "https://"),
        ("SHOP_PUBLIC_URL", "shop.example", "https://"),
        ("SHOP_PUBLIC_URL", "ftp://shop.example", "https://"),
        ("SHOP_PUBLIC_URL", "https://", "a host"),
        ("SHOP_PUBLIC_URL", "https://u:secret@shop.example", "a host"),
        ("SHOP_PUBLIC_URL", "https://shop.example:65536", "a port"),
        ("SHOP_PUBLIC_URL", "https://shop.example/?a=1", "a path"),
        (
            "SHOP_PUBLIC_URL",
            "https://shop.example/a\r\nb: c",
            "a path",
        ),
        ("SHOP_TRUSTED_PROXIES", "", "0 to 16"),
        ("SHOP_TRUSTED_PROXIES", "-1", "0 to 16"),
        ("SHOP_TRUSTED_PROXIES", "17", "0 to 16"),
        ("SHOP_TRUSTED_PROXIES", "10.0.0.0/8", "0 to 16"),
        ("SHOP_FORWARDING_HEADERS", "all", "x-forwarded or forwarded"),
        ("SHOP_CURSOR_KEYS", "short", "16 bytes"),
        ("SHOP_CURSOR_KEYS", "", "16 bytes"),
        ("SHOP_CURSOR_KEYS", "0123456789abcdef,", "key 2"),
        ("SHOP_DRAIN_SECS", "-1", "0 to 300"),
        ("SHOP_DRAIN_SECS", "1.5", "0 to 300"),
        ("SHOP_HEAD_SECS", "0", "1 to 300"),
        ("SHOP_LOG", "xml", "text or json"),
        ("RUST_LOG", "shop=loud", "filter"),
    ] {
        let error = config(&vars([(name, value)])).expect_err(name).to_string();
        assert!(
            error.starts_with(name) && error.contains(allowed),
            "{error}"
        );
        assert!(
            !error.contains("secret") && !error.contains("short"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn every_wrong_value_is_told_at_once() {
    let wrong = vars([("SHOP_ADDR", "x"), ("SHOP_SEED", "2"), ("SHOP_LOG", "loud")]);
    assert_eq!(
        config(&wrong)
            .expect_err("three mistakes")
            .to_string()
            .lines()
            .count(),
        3
    );
}

#[test]
fn an_empty_environment_is_enough() {
    let config = config(&Vars::new()).expect("the defaults are valid");
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
    assert!(
        config.seed
            && config.cursor_keys.is_empty()
            && config.redis.is_none()
            && config.ignored.is_empty()
    );
    assert_eq!(config.drain.as_secs(), 1);
    assert_eq!(config.head_time.as_secs(), 30);
}

/// A request whose client has written forwarding headers, to which one proxy has appended.
fn request() -> Request<()> {
    let claims = [
        ("host", "10.0.0.7:3000"),
        ("x-forwarded-for", "192.0.2.1, 198.51.100.7, 203.0.113.9"),
        ("x-forwarded-proto", "http, https"),
        ("x-forwarded-host", "evil.example, shop.example"),
        ("x-forwarded-prefix", "/evil, /shop"),
    ];
    let request = claims
        .into_iter()
        .fold(Request::get("/api/v1"), |request, (name, value)| {
            request.header(name, value)
        });
    request.body(()).expect("a request")
}

#[test]
fn links_begin_with_the_public_url_or_follow_trusted_proxies_or_are_relative() {
    let url = ("SHOP_PUBLIC_URL", "https://example.org:8443/wares/");
    for (set, expected) in [
        (Vars::new(), ""),
        (vars([("SHOP_TRUSTED_PROXIES", "0")]), ""),
        (
            vars([("SHOP_TRUSTED_PROXIES", "1")]),
            "https://shop.example/shop",
        ),
        (
            vars([
                ("SHOP_TRUSTED_PROXIES", "1"),
                ("SHOP_FORWARDING_HEADERS", "forwarded"),
            ]),
            "http://10.0.0.7:3000",
        ),
        (vars([url]), "https://example.org:8443/wares"),
        (
            vars([url, ("SHOP_TRUSTED_PROXIES", "1")]),
            "https://example.org:8443/wares",
        ),
    ] {
        let base = config(&set).expect("valid").base.resolve(&request());
        assert_eq!(base.to_string(), expected, "{set:?}");
    }
}

#[test]
fn the_client_is_whom_the_trusted_proxies_name() {
    for (hops, expected) in [
        ("0", None),
        ("1", Some("203.0.113.9")),
        ("2", Some("198.51.100.7")),
    ] {
        let config = config(&vars([("SHOP_TRUSTED_PROXIES", hops)])).expect("valid");
        let client = config.proxies.client(&request());
        let client = client.map(|address| address.to_string());
        assert_eq!(client.as_deref(), expected, "{hops}");
    }
}

#[test]
fn variables_of_blocks_to_come_are_accepted_and_named() {
    let set = vars([("SHOP_RATE_LIMIT", "off"), ("SHOP_JWT_SECRET", "x")]);
    assert_eq!(
        config(&set).expect("accepted").ignored,
        ["SHOP_RATE_LIMIT", "SHOP_JWT_SECRET"]
    );
}

#[test]
fn help_lists_what_has_an_effect() {
    let help = shop::Config::help();
    for name in [
        "SHOP_ADDR",
        "DATABASE_URL",
        "REDIS_URL",
        "SHOP_SEED",
        "SHOP_PUBLIC_URL",
        "SHOP_TRUSTED_PROXIES",
        "SHOP_FORWARDING_HEADERS",
        "SHOP_CURSOR_KEYS",
        "SHOP_DRAIN_SECS",
        "SHOP_HEAD_SECS",
        "SHOP_LOG",
        "RUST_LOG",
    ] {
        assert!(help.contains(name), "{name}");
    }
    assert!(!help.contains("S3_ENDPOINT"));
}
