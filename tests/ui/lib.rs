//! The dependencies of the cases in `<derive>/{pass,fail}/*.rs`; see `main.rs`.
