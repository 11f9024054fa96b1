//! Items with links inside of other documents, in any self-describing format.

use std::borrow::Cow;

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use super::definition::Links;
use super::format::Part;
use super::kept;
use super::link::Link;
use super::program::Filled;
use super::rendering::Rendering;
use super::view;

/// Serializes `item` with its plain links as the member `links`.
pub(super) fn serialize<T: Links + Serialize, S: Serializer>(
    item: &T,
    context: &T::Context,
    added: &[Link],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Nested<'a, T> {
        #[serde(flatten)]
        item: &'a T,
        #[serde(flatten)]
        members: Members<'a>,
    }

    // The same bytes as in a document of its own, read back in the terms of any serializer.
    let json = members(item, context, added);
    let members = serde_json::from_slice(&json).map_err(S::Error::custom)?;
    Nested { item, members }.serialize(serializer)
}

fn members<T: Links>(item: &T, context: &T::Context, added: &[Link]) -> Vec<u8> {
    let part = Part::Item(Rendering::Plain);
    let program = kept::program(T::DEFINITION, added, part, &view::current());
    let mut filled = Filled::default();
    item.values(&mut filled.values);
    filled.conditions = item.conditions(context);
    let mut json = b"{".to_vec();
    program.run(&filled, &mut json);
    json.push(b'}');
    json
}

#[derive(Serialize, Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    links: Vec<PlainLink<'a>>,
}

/// A link object as the plain rendering writes it.
#[derive(Serialize, Deserialize)]
struct PlainLink<'a> {
    #[serde(borrow)]
    href: Cow<'a, str>,
    #[serde(borrow)]
    rel: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    templated: Option<bool>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    title: Option<Cow<'a, str>>,
    #[serde(
        borrow,
        default,
        rename = "type",
        skip_serializing_if = "Option::is_none"
    )]
    media_type: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
}
