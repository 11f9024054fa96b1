//! Values and their schemas, as far as the document of the shop uses JSON Schema.

use std::collections::BTreeSet;

use serde_json::Value;

/// The schema that is meant: the component behind a reference, or the schema itself.
pub(super) fn component<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let found = document.pointer(reference.trim_start_matches('#'));
            component(document, found.unwrap_or_else(|| panic!("{reference}")))
        }
        None => schema,
    }
}

/// Asserts that a value fits, and has no members that the schema does not name.
#[track_caller]
pub(super) fn assert_fits(document: &Value, schema: &Value, value: &Value) {
    if let Err(mistake) = fits(document, schema, value) {
        panic!("{mistake}: {value}");
    }
}

fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    matches(document, schema, value)?;
    let mut known = BTreeSet::new();
    let open = gather(document, schema, &mut known);
    let mut names = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name);
    match names.find(|name| !open && !known.contains(name.as_str())) {
        Some(name) => Err(format!("`{name}` is not documented")),
        None => Ok(()),
    }
}

fn matches(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = component(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        matches(document, part, value)?;
    }
    for one in ["oneOf", "anyOf"] {
        if let Some(parts) = schema[one].as_array() {
            let fitting = parts
                .iter()
                .filter(|part| fits(document, part, value).is_ok());
            let (count, most) = (
                fitting.count(),
                if one == "oneOf" { 1 } else { parts.len() },
            );
            if !(1..=most).contains(&count) {
                return Err(format!("{count} of {schema} fit"));
            }
        }
    }
    of_type(schema, value)?;
    in_bounds(schema, value)?;
    let required = schema["required"].as_array().into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        value.get(name).ok_or(format!("`{name}` is missing"))?;
    }
    members(document, schema, value)
}

fn of_type(schema: &Value, value: &Value) -> Result<(), String> {
    let is = |name: &Value| match name.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    let fits = match schema.get("type") {
        None => true,
        Some(Value::Array(names)) => names.iter().any(is),
        Some(name) => is(name),
    };
    let listed = |values: &Vec<Value>| values.contains(value);
    let fits = fits && schema["enum"].as_array().is_none_or(listed);
    let fits = fits && schema.get("const").is_none_or(|only| only == value);
    fits.then_some(()).ok_or(format!("{value} is not {schema}"))
}

fn in_bounds(schema: &Value, value: &Value) -> Result<(), String> {
    let (number, length) = (
        value.as_f64(),
        value.as_str().map(|text| text.chars().count()),
    );
    let size = value.as_array().map(Vec::len);
    let sizes = [
        ("minimum", "maximum", number),
        ("minLength", "maxLength", length.map(|length| length as f64)),
        ("minItems", "maxItems", size.map(|size| size as f64)),
    ];
    for (least, most, found) in sizes {
        let Some(found) = found else { continue };
        let low = schema[least].as_f64().is_none_or(|least| least <= found);
        let high = schema[most].as_f64().is_none_or(|most| found <= most);
        if !low || !high {
            return Err(format!("{found} is outside of {schema}"));
        }
    }
    Ok(())
}

fn members(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    for (name, member) in value.as_object().into_iter().flatten() {
        let own = schema["properties"].get(name);
        let others = schema
            .get("additionalProperties")
            .filter(|others| others.is_object());
        if let Some(schema) = own.or(others) {
            fits(document, schema, member).map_err(|mistake| format!("{name}: {mistake}"))?;
        }
    }
    let items = schema.get("items");
    for item in value.as_array().into_iter().flatten() {
        if let Some(schema) = items {
            fits(document, schema, item)?;
        }
    }
    Ok(())
}

/// The names of the members that a schema tells of; true where there may be others.
fn gather<'a>(document: &'a Value, schema: &'a Value, known: &mut BTreeSet<&'a str>) -> bool {
    let schema = component(document, schema);
    let own = schema["properties"].as_object().into_iter().flatten();
    known.extend(own.map(|(name, _)| name.as_str()));
    // What has no type may be anything.
    let anything = schema.as_object().is_some_and(|members| {
        !members
            .keys()
            .any(|name| ["type", "allOf", "oneOf", "anyOf"].contains(&name.as_str()))
    });
    let others = schema.get("additionalProperties");
    let mut open = anything || others.is_some_and(|others| *others != Value::Bool(false));
    for combined in ["allOf", "oneOf", "anyOf"] {
        for part in schema[combined].as_array().into_iter().flatten() {
            open |= gather(document, part, known);
        }
    }
    open
}

/// Every `$ref` of a document.
pub(super) fn references(value: &Value) -> Vec<&str> {
    let own = value.get("$ref").and_then(Value::as_str);
    let members = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, member)| member);
    let items = value.as_array().into_iter().flatten();
    let below = members.chain(items).flat_map(references);
    own.into_iter().chain(below).collect()
}

/// The links of a document and of all items in it that can be followed as they are.
pub(super) fn links(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let own = value["links"].as_array().into_iter().flatten();
    let own = own.filter(|link| link["method"] == "GET" && link["templated"] != true);
    found.extend(own.filter_map(|link| link["href"].as_str().map(str::to_owned)));
    let items = value["items"].as_array().into_iter().flatten();
    found.extend(items.flat_map(links));
    found
}

/// Whether a path is one of a template's.
pub(super) fn is_of(template: &str, path: &str) -> bool {
    let (mut asked, mut given) = (template.split('/'), path.split('/'));
    let same = asked.by_ref().zip(given.by_ref()).all(|(asked, given)| {
        asked == given
            || (asked.starts_with('{') && given.bytes().all(|byte| byte.is_ascii_digit()))
    });
    same && template.matches('/').count() == path.matches('/').count()
}
