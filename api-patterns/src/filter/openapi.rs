//! Filters as parameters in an OpenAPI document.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, Schema, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Required};

use super::parse::{MAX_BYTES, MAX_VALUES, MAX_WORDS};
use super::{FieldSpec, Filter, FilterValue as _, Filters, Op, SearchSpec};

/// Anything but NUL, which no database could match.
const TEXT: &str = r"^[^\u0000]*$";
/// The same as it is written in a list.
const LISTED: &str = r"^(?:[^\u0000,\\]|\\[,\\])*$";

impl<T: Filter> IntoParams for Filters<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let fields = T::fields().iter().flat_map(|field| {
            let operators = field.operators().iter();
            operators.map(move |op| condition(field, *op))
        });
        fields.chain(T::search().map(search)).collect()
    }
}

fn condition(field: &FieldSpec, op: Op) -> Parameter {
    let name = match op {
        // The short form; both forms beside each other would be the same condition twice.
        Op::Eq => field.name().to_owned(),
        _ => format!("{}[{op}]", field.name()),
    };
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description(field, op)));
    match op {
        Op::In => parameter
            .schema(Some(list(field.type_name())))
            .style(Some(ParameterStyle::Form))
            .explode(Some(false)),
        Op::Like => parameter.schema(Some(text(TEXT))),
        Op::IsNull => parameter.schema(Some(ObjectBuilder::new().schema_type(Type::Boolean))),
        _ => parameter.schema(Some(value(field.type_name(), TEXT))),
    }
    .build()
}

fn description(field: &FieldSpec, op: Op) -> String {
    let name = field.name();
    let meaning = match op {
        Op::Eq => format!("`{name}` equals this"),
        Op::Ne => format!("`{name}` is something else than this, and not null"),
        Op::Lt => format!("`{name}` is less than this"),
        Op::Lte => format!("`{name}` is this or less"),
        Op::Gt => format!("`{name}` is greater than this"),
        Op::Gte => format!("`{name}` is this or greater"),
        Op::In => format!("`{name}` equals one of these, separated by commas"),
        Op::Like => return format!("`{name}` contains this text, upper or lower case."),
        Op::IsNull => return format!("`{name}` is null, or is not."),
    };
    let escapes = match op == Op::In && is_text(field.type_name()) {
        true => r" A comma or backslash within a value is written `\,` or `\\`.",
        false => "",
    };
    format!("{meaning}: {}.{escapes}", field.type_name())
}

fn search(search: &SearchSpec) -> Parameter {
    let description = format!(
        "Each of up to {MAX_WORDS} words occurs in {}.",
        search.columns().join(" or ")
    );
    let more = MAX_WORDS - 1;
    let words = format!(r"^\s*(?:[^\s\u0000]+(?:\s+[^\s\u0000]+){{0,{more}}}\s*)?$");
    ParameterBuilder::new()
        .name(search.param())
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(text(&words)))
        .build()
}

fn list(type_name: &str) -> RefOr<Schema> {
    let values = ArrayBuilder::new()
        .items(value(type_name, LISTED))
        .max_items(Some(MAX_VALUES));
    match is_text(type_name) {
        // The empty list is written like the list of one empty text.
        true => values.into(),
        false => values.min_items(Some(1)).into(),
    }
}

fn text(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(MAX_BYTES))
        .pattern(Some(pattern))
}

/// Whether nothing but its length is known of what a client writes for the type.
fn is_text(type_name: &str) -> bool {
    bounds(type_name).is_none()
        && known_format(type_name).is_none()
        && type_name != f64::TYPE_NAME
        && type_name != bool::TYPE_NAME
}

/// The schema of a value, as far as the words that clients read about the type tell it.
fn value(type_name: &str, pattern: &str) -> ObjectBuilder {
    let of_type = |schema_type| ObjectBuilder::new().schema_type(schema_type);
    if let Some((low, high)) = bounds(type_name) {
        let integer = of_type(Type::Integer);
        return match (i64::try_from(low), i64::try_from(high)) {
            (Ok(low), Ok(high)) => integer.minimum(Some(low)).maximum(Some(high)),
            (Ok(low), _) => integer.minimum(Some(low)).maximum(u64::try_from(high).ok()),
            _ => integer,
        };
    }
    if type_name == f64::TYPE_NAME {
        return of_type(Type::Number);
    }
    if type_name == bool::TYPE_NAME {
        return of_type(Type::Boolean);
    }
    match known_format(type_name) {
        Some(format) => of_type(Type::String).format(Some(format)),
        None => text(pattern),
    }
}

/// The bounds in `integer from 1 to 5`.
fn bounds(type_name: &str) -> Option<(i128, i128)> {
    let (low, high) = type_name
        .strip_prefix("integer from ")?
        .split_once(" to ")?;
    Some((low.parse().ok()?, high.parse().ok()?))
}

fn known_format(type_name: &str) -> Option<SchemaFormat> {
    let begins = |words: &[&str]| words.iter().any(|words| type_name.starts_with(words));
    if begins(&["RFC 3339 timestamp", "RFC 3339 time of "]) {
        Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))
    } else if begins(&["date as "]) {
        Some(SchemaFormat::KnownFormat(KnownFormat::Date))
    } else if begins(&["UUID"]) {
        Some(SchemaFormat::Custom("uuid".to_owned()))
    } else {
        None
    }
}
