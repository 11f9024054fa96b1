//! What the behaviour tests share: where the services are, and how a test says that it was skipped.
//!
//! `cargo test --workspace` works with Rust alone: a test whose service has no address prints why it
//! is skipped and passes. `scripts/test` starts the services and sets `TEST_NOTHING_SKIPPED=1`,
//! under which the same test fails.

pub mod filter;

use std::io::Write as _;

/// Set to `1` where every service is expected to be there.
const STRICT: &str = "TEST_NOTHING_SKIPPED";

/// The address of a service the calling test needs, from the environment variable `name`
/// (`TEST_POSTGRES_URL`, `TEST_MYSQL_URL`, `TEST_REDIS_URL`; `TEST_CHROMIUM` is a path).
///
/// `None` means that the test is to return: the reason has been printed, as a line
/// `skipped: <test>: <reason>` that reaches the terminal whether or not output is captured.
///
/// # Example
/// ```
/// # fn a_test() {
/// let Some(url) = tests::service_url("TEST_POSTGRES_URL") else {
///     return;
/// };
/// # drop(url);
/// # }
/// ```
///
/// # Panics
/// Where the variable is unset or empty and `TEST_NOTHING_SKIPPED` is `1`.
pub fn service_url(name: &str) -> Option<String> {
    let found = std::env::var(name).ok().filter(|value| !value.is_empty());
    if found.is_none() {
        let strict = std::env::var(STRICT).is_ok_and(|value| value == "1");
        assert!(
            !strict,
            "{name} is not set, and {STRICT}=1 allows no skipped test"
        );
        report_skipped(&format!("{name} is not set; scripts/test sets it"));
    }
    found
}

/// Writes past the capture of the test harness, which only `print!` and its kin go through.
fn report_skipped(reason: &str) {
    let test = std::thread::current();
    let line = format!("skipped: {}: {reason}\n", test.name().unwrap_or("unnamed"));
    // A closed stderr is no reason to fail a test.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
