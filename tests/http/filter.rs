//! Filters: what a client may send, what it is told otherwise, and what is selected.

mod sql;

use api_patterns::filter::{Filter, Filters, Op};
use api_patterns::problem::Problem;
use axum::http::StatusCode;
use proptest::prelude::{ProptestConfig, any, proptest};
use tests::filter::{Item, escape, list};

#[derive(Debug, Filter)]
#[filter(search(name, description), ignore("fields"))]
struct Product {
    #[filter(eq, in)]
    id: i64,
    #[filter(eq, ne, in, like)]
    name: String,
    description: Option<String>,
    #[filter(gte, lte, column = "p.price_cents")]
    price_cents: u32,
    #[filter(gte, is_null, rename = "stars")]
    rating: Option<f64>,
}

fn lamp() -> Product {
    Product {
        id: 7,
        name: "Red lamp".to_owned(),
        description: Some("for the desk".to_owned()),
        price_cents: 1_000,
        rating: None,
    }
}

fn filters(query: &str) -> Filters<Product> {
    Filters::from_query(Some(query)).unwrap_or_else(|problem| panic!("{query}: {problem:?}"))
}

fn problem(query: &str) -> Problem {
    let problem = Filters::<Product>::from_query(Some(query)).err();
    problem.unwrap_or_else(|| panic!("{query} was accepted"))
}

/// Parameter, code and detail of each error.
fn errors(query: &str) -> Vec<(String, String, String)> {
    let problem = problem(query);
    assert_eq!(problem.status(), StatusCode::BAD_REQUEST, "{query}");
    assert_eq!(problem.get_code(), Some("invalid_parameter"), "{query}");
    let errors = problem.get_errors().iter();
    let read = errors.map(|error| {
        let code = error.get_code().unwrap_or_default();
        (
            error.get_place().to_owned(),
            code.to_owned(),
            error.get_detail().to_owned(),
        )
    });
    read.collect()
}

fn assert_error(query: &str, parameter: &str, code: &str, detail: &str) {
    let expected = (parameter.to_owned(), code.to_owned(), detail.to_owned());
    assert_eq!(errors(query), [expected], "{query}");
}

#[test]
fn conditions_are_read_with_their_column_and_operator() {
    let filters =
        filters("price_cents%5Bgte%5D=10&name=a+b&stars[is_null]=false&id[in]=1,2&id[eq]=3");
    let conditions: Vec<_> = filters
        .conditions()
        .iter()
        .map(|condition| {
            (
                condition.field().column(),
                condition.op(),
                condition.values().join("|"),
            )
        })
        .collect();
    let expected = [
        ("p.price_cents", Op::Gte, "10"),
        ("name", Op::Eq, "a b"),
        ("rating", Op::IsNull, "false"),
        ("id", Op::In, "1|2"),
        ("id", Op::Eq, "3"),
    ];
    assert_eq!(
        conditions,
        expected.map(|(column, op, text)| (column, op, text.to_owned()))
    );
    assert!(!filters.is_empty());
}

#[test]
fn no_filter_lets_everything_through() {
    for query in [
        None,
        Some(""),
        Some("&&"),
        Some("q="),
        Some("q=++"),
        Some("fields=id&limit=5"),
    ] {
        let filters = Filters::<Product>::from_query(query).expect("valid");
        assert!(filters.is_empty(), "{query:?}");
        assert!(filters.matches(&lamp()));
    }
    assert!(Filters::<Product>::default().is_empty());
}

#[test]
fn parameters_of_paging_and_of_other_extractors_are_skipped() {
    let query = "cursor=x&limit=1&sort=-id&include_total=true&page=1&page_size=2&offset=3&first=1\
                 &after=x&last=1&before=x&fields=a&fields=b&id=7";
    assert_eq!(filters(query).conditions().len(), 1);
}

#[test]
fn filters_can_be_cloned_and_printed() {
    let filters = filters("id[in]=7,8&q=Red").clone();
    assert!(filters.matches(&lamp()));
    assert_eq!(
        format!("{filters:?}"),
        "Filters { conditions: [Condition { field: \"id\", op: In, values: [\"7\", \"8\"] }], \
         search_words: [\"Red\"] }"
    );
}

#[test]
fn an_unknown_filter_names_the_allowed_ones() {
    let detail = "unknown filter; allowed: `id`, `name`, `price_cents`, `stars`, `q`";
    for name in [
        "color",
        "description",
        "rating",
        "ID",
        "id[eq",
        "q[eq]",
        "",
        "limit[gte]",
    ] {
        assert_error(
            &format!("{}=1", escape(name)),
            name,
            "unknown_filter",
            detail,
        );
    }
}

#[test]
fn an_operator_that_is_not_allowed_names_the_allowed_ones() {
    let table = [
        ("price_cents=1", "price_cents", "eq", "`gte`, `lte`"),
        ("name[gt]=1", "name", "gt", "`eq`, `ne`, `in`, `like`"),
        ("id[between]=1", "id", "between", "`eq`, `in`"),
        ("id[]=1", "id", "", "`eq`, `in`"),
        ("id[in]]=1", "id", "in]", "`eq`, `in`"),
    ];
    for (query, field, op, allowed) in table {
        let parameter = query.trim_end_matches("=1");
        let detail =
            format!("`{field}` cannot be filtered with the operator `{op}`; allowed: {allowed}");
        assert_error(query, parameter, "operator_not_allowed", &detail);
    }
}

#[test]
fn a_value_of_another_type_names_the_expected_one() {
    let integer = "integer from -9223372036854775808 to 9223372036854775807";
    let table = [
        ("id", "", integer),
        ("id", "1.5", integer),
        ("id[in]", "1,,2", integer),
        ("price_cents[gte]", "-1", "integer from 0 to 4294967295"),
        ("stars[gte]", "NaN", "finite number"),
        ("stars[is_null]", "1", "`true` or `false`"),
    ];
    for (parameter, value, expected) in table {
        let refused = if value == "1,,2" { "" } else { value };
        let detail = format!("`{refused}` is not valid; expected: {expected}");
        assert_error(
            &format!("{parameter}={value}"),
            parameter,
            "invalid_value",
            &detail,
        );
    }
}

#[test]
fn the_same_field_and_operator_twice_is_refused() {
    for (query, parameter) in [
        ("id=1&id=1", "id"),
        ("id=1&id[eq]=2", "id[eq]"),
        ("q=a&q=b", "q"),
        (
            "price_cents[gte]=1&price_cents[lte]=2&price_cents[gte]=3",
            "price_cents[gte]",
        ),
    ] {
        assert_error(
            query,
            parameter,
            "duplicate_parameter",
            "given more than once",
        );
    }
}

#[test]
fn all_invalid_parameters_are_reported_at_once_and_bounded() {
    let codes: Vec<_> = errors("color=red&id=x&name[gt]=a&id=1&stars[gte]=2")
        .into_iter()
        .map(|(parameter, code, _)| (parameter, code))
        .collect();
    let expected = [
        ("color", "unknown_filter"),
        ("id", "invalid_value"),
        ("name[gt]", "operator_not_allowed"),
        ("id", "duplicate_parameter"),
    ];
    assert_eq!(
        codes,
        expected.map(|(name, code)| (name.to_owned(), code.to_owned()))
    );

    let many = (0..100)
        .map(|nth| format!("unknown{nth}=1"))
        .collect::<Vec<_>>()
        .join("&");
    assert_eq!(errors(&many).len(), 20);
    let detail = problem(&many).get_detail().unwrap_or_default().to_owned();
    assert!(
        detail.starts_with("100 query parameters are invalid"),
        "{detail}"
    );
}

#[test]
fn what_a_request_may_hold_is_bounded() {
    let values = |count: usize| format!("id[in]={}", vec!["1"; count].join(","));
    assert_eq!(filters(&values(100)).conditions()[0].values().len(), 100);
    let code = |query: &str| errors(query).swap_remove(0).1;
    assert_eq!(code(&values(101)), "too_many_values");
    assert_eq!(problem(&values(10_000)).get_code(), Some("malformed_query"));
    assert_eq!(
        code(&format!("id[in]={}", ",".repeat(10_000))),
        "too_many_values"
    );

    let text = |bytes: usize| format!("name={}", "a".repeat(bytes));
    assert_eq!(filters(&text(1024)).conditions().len(), 1);
    assert_eq!(code(&text(1025)), "value_too_long");
    assert_eq!(
        code(&format!("name[in]=a,{}", "b".repeat(1025))),
        "value_too_long"
    );
    assert_eq!(code(&format!("q={}", "a".repeat(1025))), "value_too_long");

    let words = |count: usize| {
        format!(
            "q={}",
            (0..count)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join("+")
        )
    };
    assert_eq!(filters(&words(10)).search_words().len(), 10);
    assert_eq!(code(&words(11)), "too_many_words");
    let names = (0..200)
        .map(|nth| format!("a{nth}=1"))
        .collect::<Vec<_>>()
        .join("&");
    assert_eq!(problem(&names).get_code(), Some("malformed_query"));
}

#[test]
fn all_lists_together_are_bounded() {
    let list = |name: &str, count: usize| format!("{name}[in]={}", vec!["1"; count].join(","));
    let (full, rest) = (list("id", 100), list("name", 60));
    let read = |query: &str| Filters::<Item>::from_query(Some(query));
    let filters = read(&[&*full, &rest, &list("note", 40), "rating=1"].join("&")).expect("valid");
    let values = filters.conditions().iter();
    assert_eq!(
        values
            .map(|condition| condition.values().len())
            .sum::<usize>(),
        201
    );
    let query = [&*full, &rest, &list("note", 41), &list("amount", 40)].join("&");
    let problem = read(&query).expect_err("one too many");
    let [error] = problem.get_errors() else {
        panic!("{problem:?}");
    };
    assert_eq!(
        (error.get_place(), error.get_code(), error.get_detail()),
        (
            "note[in]",
            Some("too_many_values"),
            "all lists together have at most 200 values"
        )
    );
}

#[test]
fn at_most_twenty_conditions_are_taken() {
    let parameters = Item::fields().iter().flat_map(|field| {
        let range = field
            .operators()
            .iter()
            .filter(|op| !matches!(op, Op::In | Op::IsNull | Op::Like));
        let value = match field.name() {
            "created_at" | "updated_at" => "2026-01-31T09:30:00Z",
            "key" => "67e55044-10b1-426f-9247-bb680e5fe0c8",
            "active" => "true",
            _ => "1",
        };
        range.map(move |op| format!("{}[{op}]={value}", field.name()))
    });
    let parameters: Vec<_> = parameters.collect();
    let read = |count: usize| Filters::<Item>::from_query(Some(&parameters[..count].join("&")));
    assert_eq!(
        read(20).map(|filters| filters.conditions().len()).ok(),
        Some(20)
    );
    let problem = read(21).expect_err("one too many");
    assert_eq!(problem.get_errors()[0].get_code(), Some("too_many_filters"));
}

#[test]
fn what_cannot_be_text_is_refused() {
    for query in ["name=%00", "name[like]=a%00b", "name[in]=a,%00", "q=%00"] {
        let (_, code, detail) = errors(query).swap_remove(0);
        assert_eq!(code, "invalid_value");
        assert_eq!(detail, "a value cannot contain the NUL character");
    }
    for query in ["name=%ff", "%ff=1", "name=%C3", "name=%zz"] {
        assert_eq!(problem(query).status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            problem(query).get_code(),
            Some("malformed_query"),
            "{query}"
        );
    }
    for query in [r"name[in]=a\", r"name[in]=a\b"] {
        assert_eq!(errors(query)[0].1, "invalid_value");
    }
}

#[test]
fn client_text_in_answers_is_cut() {
    let name = "x".repeat(10_000);
    let (parameter, ..) = errors(&format!("{name}=1")).swap_remove(0);
    assert!(parameter.len() < 100);
    let (.., detail) = errors(&format!("id={}", "9".repeat(1_000))).swap_remove(0);
    assert!(detail.len() < 200, "{detail}");
    let (.., detail) = errors(&format!("id[{name}]=1")).swap_remove(0);
    assert!(detail.len() < 200, "{detail}");
}

#[test]
fn null_matches_no_comparison() {
    let table = [
        ("stars[gte]=0", false),
        ("stars[is_null]=true", true),
        ("stars[is_null]=false", false),
        ("name[ne]=other", true),
        ("name[ne]=Red+lamp", false),
        ("price_cents[gte]=1000&price_cents[lte]=1000", true),
        ("price_cents[gte]=1001", false),
        ("id[in]=6,7", true),
        ("name[like]=D+LA", true),
        ("name[like]=%25", false),
        ("q=DESK+red", true),
        ("q=desk+blue", false),
    ];
    for (query, matching) in table {
        assert_eq!(filters(query).matches(&lamp()), matching, "{query}");
    }
}

#[test]
fn fields_describe_themselves() {
    let stars = Product::fields()[3];
    assert_eq!((stars.name(), stars.column()), ("stars", "rating"));
    assert_eq!(
        (stars.type_name(), stars.nullable()),
        ("finite number", true)
    );
    assert_eq!(stars.operators(), [Op::Gte, Op::IsNull]);
    let search = Product::search().expect("declared");
    assert_eq!(
        (search.param(), search.columns()),
        ("q", &["name", "description"][..])
    );
    assert_eq!(Product::ignored(), ["fields"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_query_string_is_read_or_refused(query in any::<String>()) {
        drop(Filters::<Item>::from_query(Some(&query)));
    }

    #[test]
    fn anything_that_looks_like_a_filter_is_read_or_refused(
        query in r"((id|name|note|rating|q|limit|%[0-9a-f]{0,2})(\[(in|like|eq|gte|is_null)?\]?)?(=[0-9,.\\%TZ:+-]{0,8})?&?){0,6}"
    ) {
        drop(Filters::<Item>::from_query(Some(&query)));
    }

    #[test]
    fn any_list_of_texts_can_be_written(values in proptest::collection::vec("[^\0]{0,6}", 1..9)) {
        let query = format!("name[in]={}", escape(&list(&values)));
        let filters = Filters::<Item>::from_query(Some(&query)).expect("valid");
        assert_eq!(filters.conditions()[0].values(), values);
    }
}
