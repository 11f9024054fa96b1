#[allow(dead_code)]
mod shadowed {
    struct Result;
    struct Option;
    struct String;
    struct Some;
    struct Values;
    struct Definition;
    mod std {}
    mod core {}
    mod links {}
    #[allow(non_camel_case_types)]
    struct u64;
    #[allow(non_camel_case_types)]
    struct bool;

    #[allow(unused_macros)]
    macro_rules! format_args {
        ($($tokens:tt)*) => {
            compile_error!("generated code names its macros by their paths")
        };
    }

    #[derive(::api_patterns::links::Links)]
    #[links(
        base = "/{values}/{value}/{out}/{context}",
        link(rel = "edit", href = "/{bits}", when = "{ let bits = 1; let holds = bits == 1; holds }"),
        link(rel = "item", href = "/{values}/{each}", each = all)
    )]
    pub(super) struct Links {
        pub(super) values: u8,
        pub(super) value: u8,
        pub(super) out: u8,
        pub(super) context: ::core::option::Option<u8>,
        pub(super) bits: u8,
        pub(super) all: ::std::vec::Vec<u8>,
    }
}

fn main() {
    use api_patterns::links::{Links, Values};

    let item = shadowed::Links {
        values: 1,
        value: 2,
        out: 3,
        context: Some(4),
        bits: 5,
        all: vec![6],
    };
    item.values(&mut Values::default());
    assert_eq!(item.conditions(&()), 1);
    let mut id = String::new();
    item.write_id(&mut id);
    assert_eq!(id, "4");
    assert_eq!(shadowed::Links::DEFINITION.links.len(), 3);
}
