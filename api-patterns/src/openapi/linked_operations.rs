//! [`LinkedOperations`]: the links of items, as links between operations.

use std::collections::BTreeMap;

use utoipa::openapi::link::{Link, LinkBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr, Response};
use utoipa::{Modify, ToSchema};

use super::address::{Address, Argument, expression, name, values_in};
use super::operations;
use super::schema::{Members, Schemas, component, component_name};
use crate::links::{Definition, LinkSpec, Links};

/// Most types that can be told.
const MOST: usize = 64;

/// Adds the links of items to the responses that carry them, as [Link Objects]: `reviews` of a
/// product leads to the operation `list_reviews`, with `$response.body#/id` as its `id`.
///
/// It knows the types that it was told of, and finds them by the schemas of responses to 200 and
/// 201: `Linked<Product>`. Of their links it takes those that are followed with `GET`, whose
/// address fits a documented path, and whose values are members of the answer; not lists, not
/// templates, not links to other hosts. The expressions are for the plain rendering and for HAL.
/// Items of pages are left out, because an expression names one value, and so are types with
/// parameters of their own.
///
/// [`dangling`](Self::dangling) names the links that lead nowhere, for a test.
///
/// See the [module docs](super#example-links-between-operations) for an example.
///
/// [Link Objects]: https://spec.openapis.org/oas/v3.1.1.html#link-object
#[derive(Clone, Copy, Debug)]
pub struct LinkedOperations {
    types: [Option<Registered>; MOST],
    mount: &'static str,
}

#[derive(Clone, Copy, Debug)]
struct Registered {
    name: fn() -> String,
    definition: &'static Definition,
}

impl Default for LinkedOperations {
    fn default() -> Self {
        Self::new()
    }
}

impl LinkedOperations {
    /// Knows no types.
    pub const fn new() -> Self {
        Self {
            types: [None; MOST],
            mount: "",
        }
    }

    /// Tells of a type.
    ///
    /// # Panics
    /// When there are more than 64, at compile time where the value is a constant.
    #[must_use]
    pub const fn of<T: Links + ToSchema>(mut self) -> Self {
        let mut nth = 0;
        while nth < MOST && self.types[nth].is_some() {
            nth += 1;
        }
        assert!(nth < MOST, "at most 64 types");
        self.types[nth] = Some(Registered {
            name: name_of::<T>,
            definition: T::DEFINITION,
        });
        self
    }

    /// The path that goes before the addresses of the derives, as with
    /// [`LinksLayer::mounted`](crate::links::LinksLayer::mounted). Default: none.
    #[must_use]
    pub const fn mounted(mut self, path: &'static str) -> Self {
        self.mount = path;
        self
    }

    /// A sentence for each type whose name another has, and for each link, of any method, that leads to no documented operation, or to one
    /// without a parameter of the link's query. Links to other hosts are not looked at.
    pub fn dangling(&self, document: &OpenApi) -> Vec<String> {
        let types = self.types.iter().flatten();
        let links = types.flat_map(|found| found.definition.links.iter().map(move |l| (found, l)));
        let ours = links.filter(|(_, link)| !link.absolute);
        let wrong = ours.flat_map(|(found, link)| self.wrong(found, link, document));
        self.equal_names().chain(wrong).collect()
    }

    /// Types that utoipa takes for one, because they have one name.
    fn equal_names(&self) -> impl Iterator<Item = String> {
        let types = || self.types.iter().flatten().enumerate();
        types().filter_map(move |(nth, found)| {
            let name = (found.name)();
            let mut earlier = types().take(nth);
            let is_taken = earlier.any(|(_, other)| {
                (other.name)() == name && !std::ptr::eq(other.definition, found.definition)
            });
            is_taken
                .then(|| format!("two types are called `{name}`; name one by `#[schema(as = …)]`"))
        })
    }

    fn wrong(&self, of: &Registered, link: &LinkSpec, document: &OpenApi) -> Vec<String> {
        let address = Address::new(self.mount, link);
        let place = format!("{} {}", link.method, address.shown(of.definition.values));
        let subject = format!("`{}` of `{}`", link.rel, (of.name)());
        let Some(target) = Target::of(&address, link.method, document) else {
            return vec![format!("{subject}: there is no operation `{place}`")];
        };
        let unknown = address.query.iter().filter(|(name, _)| {
            let known = target.parameters(name);
            !known
                .iter()
                .any(|found| found.parameter_in == ParameterIn::Query)
        });
        unknown
            .map(|(name, _)| format!("{subject}: `{place}` has no parameter `{name}`"))
            .collect()
    }

    fn links(&self, of: &Registered, document: &OpenApi) -> BTreeMap<String, RefOr<Link>> {
        let none = Schemas::new();
        let components = document.components.as_ref();
        let schemas = components.map_or(&none, |found| &found.schemas);
        let Some(schema) = schemas.get(&of.component()) else {
            return BTreeMap::new();
        };
        let members = Members::of(schema, schemas);
        let simple =
            of.definition.links.iter().filter(|link| {
                link.method == "GET" && !(link.absolute || link.templated || link.list)
            });
        let mut links = BTreeMap::new();
        for link in simple.filter(|link| link.each.is_none()) {
            if let Some(made) = self.link(link, of.definition.values, &members, document) {
                links.entry(key(link.rel)).or_insert(made.into());
            }
        }
        links
    }

    fn link(
        &self,
        link: &LinkSpec,
        values: &[&str],
        members: &Members<'_>,
        document: &OpenApi,
    ) -> Option<Link> {
        let address = Address::new(self.mount, link);
        let target = Target::of(&address, link.method, document)?;
        let in_path = target
            .arguments
            .iter()
            .map(|pair| (ParameterIn::Path, pair));
        let in_query = address.query.iter().map(|pair| (ParameterIn::Query, pair));
        let arguments: Vec<_> = in_path.chain(in_query).collect();
        let texts = arguments.iter().map(|(_, (_, text))| text.as_str());
        let used: Vec<_> = texts
            .flat_map(values_in)
            .map(|value| name(values, value))
            .collect();
        if !used.iter().all(|name| members.names.contains(name)) {
            return None;
        }
        let mut builder = target.refer(document);
        for (place, (name, text)) in arguments {
            if let Some(key) = target.key(name, &place) {
                builder = builder.parameter(key, expression(text, values));
            }
        }
        Some(builder.description(describe(link, &used, members)).build())
    }
}

fn name_of<T: ToSchema>() -> String {
    component::<T>().map_or_else(|| T::name().into_owned(), |(name, _)| name)
}

impl Registered {
    /// The schema of [`Linked`](crate::links::Linked) of it.
    fn component(&self) -> String {
        format!("Linked_{}", (self.name)())
    }
}

impl Modify for LinkedOperations {
    fn modify(&self, openapi: &mut OpenApi) {
        let types = self.types.iter().flatten();
        let links: BTreeMap<_, _> = types
            .map(|found| (found.component(), self.links(found, openapi)))
            .collect();
        for item in openapi.paths.paths.values_mut() {
            for operation in operations(item) {
                let responses = operation.responses.responses.iter_mut();
                for (_, response) in responses.filter(|(status, _)| is_item(status)) {
                    add(response, &links);
                }
            }
        }
    }
}

fn is_item(status: &str) -> bool {
    matches!(status, "200" | "201")
}

/// Adds what the type of a response links to; links of its own stay.
fn add(response: &mut RefOr<Response>, links: &BTreeMap<String, BTreeMap<String, RefOr<Link>>>) {
    let RefOr::T(response) = response else {
        return;
    };
    let mut contents = response.content.values();
    let found = contents.find_map(|content| match content {
        RefOr::T(content) => links.get(component_name(content.schema.as_ref()?)?),
        RefOr::Ref(_) => None,
    });
    for (rel, link) in found.into_iter().flatten() {
        let entry = response.links.entry(rel.clone());
        entry.or_insert_with(|| link.clone());
    }
}

/// A relation as the name of a link, which has letters, digits, `.`, `-` and `_`.
fn key(rel: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    rel.chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect()
}

fn describe(link: &LinkSpec, used: &[&str], members: &Members<'_>) -> String {
    let mut sentences: Vec<String> = link
        .title
        .map(|title| format!("{title}."))
        .into_iter()
        .collect();
    if link.when != 0 {
        sentences.push("Conditional: the links in the answer tell whether it is there.".to_owned());
    }
    for name in used.iter().filter(|name| !members.required.contains(name)) {
        sentences.push(format!("There only where `{name}` has a value."));
    }
    sentences.join(" ")
}

/// The operation that a link leads to.
struct Target<'a> {
    path: &'a str,
    method: &'a str,
    item: &'a PathItem,
    operation: &'a Operation,
    arguments: Vec<Argument>,
}

impl<'a> Target<'a> {
    /// Of several, that with the fewest parameters: a router prefers literals too.
    fn of(address: &Address, method: &'a str, document: &'a OpenApi) -> Option<Self> {
        let paths = document.paths.paths.iter();
        let fitting = paths.filter_map(|(path, item)| {
            Some(Target {
                path,
                method,
                item,
                operation: answering(item, method)?,
                arguments: address.fit(path)?,
            })
        });
        fitting.min_by_key(|target| target.arguments.len())
    }

    fn parameters(&self, name: &str) -> Vec<&'a Parameter> {
        let own = self.operation.parameters.iter().flatten();
        let all = own.chain(self.item.parameters.iter().flatten());
        all.filter_map(|parameter| match parameter {
            RefOr::T(parameter) => (parameter.name == name).then_some(parameter),
            RefOr::Ref(_) => None,
        })
        .collect()
    }

    /// The name of a parameter in a Link Object, with its place where there are two; `None` where
    /// there is no such parameter.
    fn key(&self, name: &str, place: &ParameterIn) -> Option<String> {
        let found = self.parameters(name);
        if !found.iter().any(|found| found.parameter_in == *place) {
            return None;
        }
        let qualified = found.iter().any(|found| found.parameter_in != *place);
        Some(match place {
            ParameterIn::Path if qualified => format!("path.{name}"),
            ParameterIn::Query if qualified => format!("query.{name}"),
            _ => name.to_owned(),
        })
    }

    /// By its id, or by its place in the document where the id is missing or not its own.
    fn refer(&self, document: &OpenApi) -> LinkBuilder {
        let builder = LinkBuilder::new();
        match &self.operation.operation_id {
            Some(id) if count(id, document) == 1 => builder.operation_id(id.clone()),
            _ => {
                let path = self.path.replace('~', "~0").replace('/', "~1");
                let path = path.replace('{', "%7B").replace('}', "%7D");
                let method = self.method.to_ascii_lowercase();
                builder.operation_ref(format!("#/paths/{path}/{method}"))
            }
        }
    }
}

/// How many operations have this id.
fn count(id: &str, document: &OpenApi) -> usize {
    let items = document.paths.paths.values();
    let ids = items.flat_map(|item| {
        let named = METHODS.iter().filter_map(|method| operation(item, method));
        named.chain(item.additional_operations.values())
    });
    ids.filter(|found| found.operation_id.as_deref() == Some(id))
        .count()
}

const METHODS: [&str; 9] = [
    "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY",
];

/// The operation of a path for a method.
fn operation<'a>(item: &'a PathItem, method: &str) -> Option<&'a Operation> {
    let found = match method {
        "GET" => &item.get,
        "PUT" => &item.put,
        "POST" => &item.post,
        "DELETE" => &item.delete,
        "OPTIONS" => &item.options,
        "HEAD" => &item.head,
        "PATCH" => &item.patch,
        "TRACE" => &item.trace,
        "QUERY" => &item.query,
        _ => return item.additional_operations.get(method),
    };
    found.as_ref()
}

/// The operation that answers a method: `HEAD` is answered as `GET` where nothing else is said.
fn answering<'a>(item: &'a PathItem, method: &str) -> Option<&'a Operation> {
    let get = || item.get.as_ref().filter(|_| method == "HEAD");
    operation(item, method).or_else(get)
}
