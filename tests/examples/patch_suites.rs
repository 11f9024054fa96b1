//! Runs JSON Patch and merge patch cases that others wrote; `scripts/patch-suites` fetches them.
//!
//! ```text
//! cargo run -p tests --example patch_suites -- tests.json spec_tests.json …
//! ```
//!
//! Each file is a list of `{doc, patch, expected | error, comment?, disabled?, merge?}`, and each of
//! its cases counts, also those that the authors disabled for implementations of theirs. A patch goes
//! the way that a body goes, from its bytes on.

use std::process::ExitCode;
use std::{env, fs};

use api_patterns::patch::{JsonPatch, MergePatch};
use api_patterns::problem::{Json, Problem};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    comment: String,
    doc: Value,
    patch: Box<RawValue>,
    #[serde(default, deserialize_with = "present")]
    expected: Option<Value>,
    error: Option<String>,
    #[serde(default)]
    merge: bool,
}

/// A member that is there, though it may be null.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Case {
    fn apply(&self) -> Result<Value, Problem> {
        let patch = self.patch.get().as_bytes();
        if self.merge {
            let Json(patch) = Json::<MergePatch>::from_bytes(patch)?;
            return Ok(patch.apply(self.doc.clone()));
        }
        let Json(patch) = Json::<JsonPatch>::from_bytes(patch)?;
        patch.apply(self.doc.clone())
    }

    /// What is wrong with the result, if anything is.
    fn fault(&self) -> Option<String> {
        match (self.apply(), &self.expected, &self.error) {
            (Ok(found), _, Some(error)) => Some(format!("{found}, but expected: {error}")),
            (Ok(found), Some(expected), None) if found != *expected => {
                Some(format!("{found}, but expected {expected}"))
            }
            (Err(problem), _, None) => Some(format!("refused: {problem:?}")),
            (Err(problem), _, Some(_)) if !problem.status().is_client_error() => {
                Some(format!("not the client's fault: {problem:?}"))
            }
            _ => None,
        }
    }
}

/// The number of cases in the file and of those that fail.
fn run(path: &str) -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let cases: Vec<Case> = serde_json::from_slice(&fs::read(path)?)?;
    let mut failed = 0;
    for (nth, case) in cases.iter().enumerate() {
        if let Some(fault) = case.fault() {
            failed += 1;
            println!(
                "FAILED {path} #{nth} {:?}\n  {} {}\n  {fault}",
                case.comment, case.doc, case.patch
            );
        }
    }
    Ok((cases.len(), failed))
}

fn main() -> ExitCode {
    let (mut total, mut wrong) = (0, 0);
    for path in env::args().skip(1) {
        match run(&path) {
            Ok((cases, failed)) => {
                println!("{path}: {} of {cases} as expected", cases - failed);
                total += cases;
                // A list without cases shows nothing.
                wrong += failed + usize::from(cases == 0);
            }
            Err(error) => {
                println!("FAILED {path}: {error}");
                wrong += 1;
            }
        }
    }
    println!("{total} cases, {wrong} failures");
    match (total, wrong) {
        (1.., 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
