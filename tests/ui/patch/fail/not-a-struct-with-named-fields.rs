use api_patterns::patch::{Patch, PatchRequest};

#[derive(serde::Serialize, Patch)]
struct Pair(i64, i64);

#[derive(serde::Serialize, Patch)]
struct Unit;

#[derive(serde::Serialize, Patch)]
enum Either {
    Left,
    Right,
}

fn takes(_: PatchRequest<Pair>, _: PatchRequest<Either>) {}

fn main() {}
