//! The schemas of linked items and pages in each rendering, made of that in the plain one.

use serde_json::Value;
use utoipa::openapi::schema::{
    AllOfBuilder, Array, ArrayBuilder, ArrayItems, Object, Schema, Type,
};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr};

use super::schema::{Schemas, component_name, resolve};
use super::shapes::{HAL_LINKS, HAL_TEMPLATES, JSON_API_LINKS, prefix, shape};
use crate::links::Rendering;
use crate::links::openapi::RESOURCE;

/// Parts of a schema that are looked into, one inside the other.
const MAX_DEPTH: usize = 8;

/// What is linked, without its links.
pub(super) enum Plain {
    Item(Box<Item>),
    Page(Box<Page>),
}

pub(super) struct Item {
    /// Its name, where it is a component.
    name: Option<String>,
    linked: RefOr<Schema>,
    schema: RefOr<Schema>,
    resource: String,
    id: String,
}

pub(super) struct Page {
    name: Option<String>,
    linked: RefOr<Schema>,
    /// What it says beside its items.
    members: Object,
    items: Item,
}

impl Plain {
    /// What a schema of `Linked<…>` has links of; `None` for any other schema.
    pub(super) fn of(linked: &RefOr<Schema>, schemas: &Schemas) -> Option<Self> {
        let item = Item::of(linked, schemas)?;
        let RefOr::T(Schema::Object(page)) = &item.schema else {
            return Some(Self::Item(Box::new(item)));
        };
        let items = page.properties.get("items").and_then(items_of);
        match items.and_then(|items| Item::of(items, schemas)) {
            Some(items) => Some(Self::Page(Box::new(Page {
                name: item.name,
                linked: item.linked,
                members: without_member(page, "items"),
                items,
            }))),
            None => Some(Self::Item(Box::new(item))),
        }
    }

    /// The schema in a rendering; the components that it is made of are added.
    pub(super) fn rendered(&self, rendering: Rendering, schemas: &mut Schemas) -> RefOr<Schema> {
        match (self, rendering) {
            (Self::Item(item), Rendering::JsonApi) => item.json_api_document(schemas),
            (Self::Item(item), _) => item.rendered(rendering, schemas),
            (Self::Page(page), _) => page.rendered(rendering, schemas),
        }
    }
}

impl Item {
    fn of(linked: &RefOr<Schema>, schemas: &Schemas) -> Option<Self> {
        let Schema::AllOf(all) = resolve(linked, schemas)? else {
            return None;
        };
        let resource = all.extensions.as_ref()?.get(RESOURCE)?;
        let text = |member: &str| {
            resource
                .get(member)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let name = component_name(linked).and_then(|name| name.strip_prefix("Linked_"));
        Some(Self {
            name: name.map(str::to_owned),
            linked: linked.clone(),
            schema: all.items.first()?.clone(),
            resource: text("name")?,
            id: text("id")?,
        })
    }

    /// As an item, alone or in a page.
    fn rendered(&self, rendering: Rendering, schemas: &mut Schemas) -> RefOr<Schema> {
        let with = |members: ObjectBuilder| {
            let whole = AllOfBuilder::new().item(self.schema.clone());
            whole.item(members).into()
        };
        let made = match rendering {
            Rendering::Header => return self.schema.clone(),
            Rendering::Plain => return self.linked.clone(),
            Rendering::Hal => with(hal(ObjectBuilder::new(), schemas)),
            Rendering::HalForms => with(hal_forms(ObjectBuilder::new(), schemas)),
            Rendering::JsonApi => self.resource_object(schemas),
        };
        let prefix = match rendering {
            Rendering::JsonApi => "JsonApiResource_",
            _ => prefix(rendering),
        };
        component(prefix, self.name.as_deref(), made, schemas)
    }

    fn resource_object(&self, schemas: &mut Schemas) -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let attributes = without(&self.schema, &self.id, schemas, MAX_DEPTH);
        let object = ObjectBuilder::new()
            .property("type", text().enum_values(Some([self.resource.clone()])))
            .property("id", text())
            .property("attributes", attributes)
            .property("links", shape(JSON_API_LINKS, schemas));
        required(object, &["type", "id", "attributes", "links"]).into()
    }

    fn json_api_document(&self, schemas: &mut Schemas) -> RefOr<Schema> {
        let document = ObjectBuilder::new()
            .property("data", self.rendered(Rendering::JsonApi, schemas))
            .property("links", shape(JSON_API_LINKS, schemas));
        let document = required(document, &["data", "links"]).into();
        let prefix = prefix(Rendering::JsonApi);
        component(prefix, self.name.as_deref(), document, schemas)
    }
}

impl Page {
    fn rendered(&self, rendering: Rendering, schemas: &mut Schemas) -> RefOr<Schema> {
        let items = ArrayBuilder::new().items(self.items.rendered(rendering, schemas));
        let members = || ObjectBuilder::from(self.members.clone());
        let made = match rendering {
            Rendering::Plain => return self.linked.clone(),
            Rendering::Header => required(members().property("items", items), &["items"]),
            Rendering::Hal => hal(self.embed(members(), items), schemas),
            Rendering::HalForms => hal_forms(self.embed(members(), items), schemas),
            Rendering::JsonApi => {
                let document = ObjectBuilder::new()
                    .property("data", items)
                    .property("meta", members())
                    .property("links", shape(JSON_API_LINKS, schemas));
                required(document, &["data", "meta", "links"])
            }
        };
        component(
            prefix(rendering),
            self.name.as_deref(),
            made.into(),
            schemas,
        )
    }

    fn embed(&self, members: ObjectBuilder, items: ArrayBuilder) -> ObjectBuilder {
        let resource = &self.items.resource;
        let embedded = ObjectBuilder::new()
            .property(resource.clone(), items)
            .required(resource.clone());
        required(members.property("_embedded", embedded), &["_embedded"])
    }
}

fn hal(members: ObjectBuilder, schemas: &mut Schemas) -> ObjectBuilder {
    required(
        members.property("_links", shape(HAL_LINKS, schemas)),
        &["_links"],
    )
}

fn hal_forms(members: ObjectBuilder, schemas: &mut Schemas) -> ObjectBuilder {
    hal(members, schemas).property("_templates", shape(HAL_TEMPLATES, schemas))
}

fn required(object: ObjectBuilder, names: &[&str]) -> ObjectBuilder {
    names
        .iter()
        .fold(object, |object, name| object.required(*name))
}

/// A reference to a new component, or the schema itself where it has no name.
fn component(
    prefix: &str,
    name: Option<&str>,
    schema: RefOr<Schema>,
    schemas: &mut Schemas,
) -> RefOr<Schema> {
    let Some(name) = name else {
        return schema;
    };
    let name = format!("{prefix}{name}");
    let reference = Ref::from_schema_name(&name);
    schemas.entry(name).or_insert(schema);
    reference.into()
}

fn items_of(array: &RefOr<Schema>) -> Option<&RefOr<Schema>> {
    match array {
        RefOr::T(Schema::Array(Array {
            items: ArrayItems::RefOrSchema(items),
            ..
        })) => Some(items),
        _ => None,
    }
}

/// A schema without one member, which it may refer to.
fn without(schema: &RefOr<Schema>, name: &str, schemas: &Schemas, depth: usize) -> RefOr<Schema> {
    let Some(depth) = depth.checked_sub(1) else {
        return schema.clone();
    };
    let Some(found) = resolve(schema, schemas) else {
        return schema.clone();
    };
    let strip = |parts: &mut Vec<RefOr<Schema>>| {
        for part in parts {
            *part = without(part, name, schemas, depth);
        }
    };
    let mut changed = found.clone();
    match &mut changed {
        Schema::Object(object) => *object = without_member(object, name),
        Schema::AllOf(all) => strip(&mut all.items),
        Schema::OneOf(one) => strip(&mut one.items),
        Schema::AnyOf(any) => strip(&mut any.items),
        _ => {}
    }
    if changed == *found {
        return schema.clone();
    }
    RefOr::T(changed)
}

fn without_member(object: &Object, name: &str) -> Object {
    let mut object = object.clone();
    object.properties.remove(name);
    object.required.retain(|required| required != name);
    object
}
