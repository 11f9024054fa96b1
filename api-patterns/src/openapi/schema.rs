//! What the schemas of several blocks are made of.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr};

/// Schemas with their names, as utoipa gathers them.
pub(crate) type Named = Vec<(String, RefOr<Schema>)>;

/// The schemas of a document.
pub(crate) type Schemas = BTreeMap<String, RefOr<Schema>>;

/// References that are followed one after the other.
const MAX_DEPTH: usize = 8;

/// A boolean with its description.
pub(crate) fn boolean(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some(description))
}

/// An integer with its description.
pub(crate) fn integer(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some(description))
}

/// Text or `null`, by the type list of OpenAPI 3.1.
pub(crate) fn nullable_text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(description))
}

/// The schema of `T` within another: a reference where it has a name, else the schema itself.
///
/// `composed` is what utoipa's macros hand over for the type's parameters. They know the
/// parameters of a generic type by their names in the source, which the type itself cannot know.
pub(crate) fn within<T: ToSchema>(composed: Vec<RefOr<Schema>>) -> RefOr<Schema> {
    match component::<T>() {
        Some((name, _)) => Ref::from_schema_name(name).into(),
        None => composed.into_iter().next().unwrap_or_else(T::schema),
    }
}

/// Gathers what [`within`] refers to.
pub(crate) fn gather<T: ToSchema>(schemas: &mut Named) {
    schemas.extend(component::<T>());
    T::schemas(schemas);
}

/// Gathers the generic type `Outer<T>` under the name that utoipa's macros give it, then what it
/// refers to. By this a generic type has a name that others can refer to, see [`component`].
pub(crate) fn gather_generic<Outer: ToSchema, T: ToSchema>(schemas: &mut Named) {
    gather_outer::<Outer, T>(schemas);
    gather::<T>(schemas);
}

/// The same without what it refers to.
pub(crate) fn gather_outer<Outer: ToSchema, T: ToSchema>(schemas: &mut Named) {
    if let Some((name, _)) = component::<T>() {
        schemas.push((format!("{}_{name}", Outer::name()), Outer::schema()));
    }
}

/// The name and the schema of `T`, where it has a name of its own and is more than a scalar.
///
/// A generic type does not know its full name (`ToSchema::name` leaves its parameters out), but it
/// may gather itself under it.
pub(crate) fn component<T: ToSchema>() -> Option<(String, RefOr<Schema>)> {
    let schema = T::schema();
    if !is_composite(&schema) {
        return None;
    }
    let rust_name = std::any::type_name::<T>();
    if !rust_name.contains(['<', '(', '[', '&']) {
        return Some((T::name().into_owned(), schema));
    }
    let mut gathered = Named::new();
    T::schemas(&mut gathered);
    gathered.into_iter().find(|(_, found)| *found == schema)
}

fn is_composite(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::Ref(_) | RefOr::T(Schema::Array(_)) => false,
        RefOr::T(Schema::Object(object)) => {
            // An object without properties is one nevertheless: it has links.
            let is_object = object.schema_type == SchemaType::from(Type::Object);
            is_object || !object.properties.is_empty() || object.enum_values.is_some()
        }
        RefOr::T(_) => true,
    }
}

/// The component that a schema refers to.
pub(crate) fn component_name(schema: &RefOr<Schema>) -> Option<&str> {
    match schema {
        RefOr::Ref(found) => found.ref_location.strip_prefix("#/components/schemas/"),
        RefOr::T(_) => None,
    }
}

/// The schema itself, where it is a reference.
pub(crate) fn resolve<'a>(schema: &'a RefOr<Schema>, schemas: &'a Schemas) -> Option<&'a Schema> {
    let mut found = schema;
    for _ in 0..MAX_DEPTH {
        match found {
            RefOr::T(schema) => return Some(schema),
            RefOr::Ref(_) => found = schemas.get(component_name(found)?)?,
        }
    }
    None
}

/// The members of a schema, through references and `allOf`.
#[derive(Debug, Default)]
pub(crate) struct Members<'a> {
    pub(crate) names: Vec<&'a str>,
    pub(crate) required: Vec<&'a str>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(schema: &'a RefOr<Schema>, schemas: &'a Schemas) -> Self {
        let mut members = Self::default();
        members.gather(schema, schemas, MAX_DEPTH);
        members
    }

    fn gather(&mut self, schema: &'a RefOr<Schema>, schemas: &'a Schemas, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match resolve(schema, schemas) {
            Some(Schema::Object(object)) => {
                self.names
                    .extend(object.properties.keys().map(String::as_str));
                self.required
                    .extend(object.required.iter().map(String::as_str));
            }
            Some(Schema::AllOf(all)) => {
                for part in &all.items {
                    self.gather(part, schemas, depth);
                }
            }
            _ => {}
        }
    }
}
