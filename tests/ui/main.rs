//! What the derives accept and refuse at compile time.
//!
//! `<derive>/pass/*.rs` compile and their `main` runs, on any compiler. `<derive>/fail/*.rs` must be
//! refused with exactly the text beside them in `*.stderr`; that text belongs to one compiler, and is
//! skipped with a printed reason on another.
//! `TRYBUILD=overwrite cargo test -p ui` writes the texts anew; read the difference.
#![allow(missing_docs, unreachable_pub, reason = "the cases are small programs")]

use std::io::Write as _;
use std::process::Command;

/// The compiler whose error texts are kept.
const GOLDEN: &str = "1.95";

include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// Runs the cases of `<derive>/fail`.
#[allow(
    dead_code,
    reason = "called by the generated tests, where there are cases"
)]
fn refuse(derive: &str) {
    let compiler = compiler();
    if compiler.starts_with(&format!("rustc {GOLDEN}.")) {
        trybuild::TestCases::new().compile_fail(format!("{derive}/fail/*.rs"));
    } else {
        skip(derive, &compiler);
    }
}

/// Past the capture of the test harness, which only `print!` and its kin go through.
fn skip(derive: &str, compiler: &str) {
    let line = format!(
        "skipped: {derive}::fail: the error texts belong to rustc {GOLDEN}, this is {}\n",
        compiler.trim_end()
    );
    let _ = std::io::stderr().write_all(line.as_bytes());
}

fn compiler() -> String {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(program)
        .arg("--version")
        .output()
        .expect("the compiler that built this test runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
