//! Rebuilds the shop when a migration is added: the compiler sees changed files, not new ones.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
