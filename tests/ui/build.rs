//! Writes one `#[test]` per case, so that a case is found by being there.
//!
//! `<derive>/pass/*.rs` become modules of the test binary, which compiles and runs them without
//! another build; the `<derive>/fail` directories go to trybuild.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed={}", root.display());
    let mut tests = String::new();
    for derive in entries(&root).filter(|path| path.is_dir()) {
        write_derive(&mut tests, &derive);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("cases.rs"), tests).expect("OUT_DIR can be written to");
}

fn write_derive(tests: &mut String, derive: &Path) {
    let passing: Vec<_> = cases(&derive.join("pass")).collect();
    let failing = cases(&derive.join("fail")).next().is_some();
    if passing.is_empty() && !failing {
        return;
    }
    let name = stem(derive);
    let written = (|| {
        writeln!(tests, "mod {name} {{")?;
        for case in &passing {
            write_passing(tests, case)?;
        }
        if failing {
            writeln!(tests, "#[test] fn fail() {{ crate::refuse({name:?}); }}")?;
        }
        writeln!(tests, "}}")
    })();
    written.expect("a String takes everything");
}

/// Included, not declared with `#[path]`: the test beside it may then call a private `main`.
fn write_passing(tests: &mut String, case: &Path) -> std::fmt::Result {
    let name = stem(case).replace('-', "_");
    writeln!(tests, "mod {name} {{")?;
    writeln!(tests, "include!({case:?});")?;
    writeln!(tests, "#[test] fn compiles_and_runs() {{ main(); }}")?;
    writeln!(tests, "}}")
}

fn cases(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    entries(directory).filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
}

/// In order, so that the same files make the same tests; none where there is no such directory.
fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths.into_iter()
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
