//! The code of a derive.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Generics, LitStr, Type, parse_quote};

use super::attr::LinkAttr;
use super::model::{Field, Link, Model, Value, is_required};
use super::template::Part;
use super::validate;
use crate::types;

/// The warnings, shown where the relations are written.
pub(super) fn lints(model: &Model<'_>) -> TokenStream {
    validate::unregistered(model)
        .map(|rel| {
            quote_spanned! {rel.span()=>
                const _: () = ::api_patterns::__private::links::unregistered_rel();
            }
        })
        .collect()
}

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let ident = model.ident;
    let generics = generics(model);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let context = match &model.attr.context {
        Some(context) => quote!(#context),
        None => quote!(()),
    };
    let definition = definition(model);
    let methods = [values(model), conditions(model), write_id(model)];
    quote! {
        #[automatically_derived]
        impl #impl_generics ::api_patterns::__private::links::Links for #ident #ty_generics #where_clause {
            type Context = #context;
            const DEFINITION: &'static ::api_patterns::__private::links::Definition = &#definition;
            #(#methods)*
        }
    }
}

/// Those of the struct, and a bound for each type that stands in an address and is made of them.
fn generics(model: &Model<'_>) -> Generics {
    let mut generics = model.generics.clone();
    let params: Vec<Ident> = model
        .generics
        .type_params()
        .map(|p| p.ident.clone())
        .collect();
    let values = model.values.iter().filter_map(|value| {
        let ty = model.fields[value.field].ty;
        match value.form.each {
            true => types::element(ty),
            false => Some(ty),
        }
    });
    let shown: Vec<&Type> = values
        .chain(model.id.map(|id| model.fields[id].ty))
        .collect();
    for ty in shown {
        let ty = types::inside_option(ty).unwrap_or(ty);
        if mentions(ty.to_token_stream(), &params) {
            let clause = generics.make_where_clause();
            clause
                .predicates
                .push(parse_quote!(#ty: ::core::fmt::Display));
        }
    }
    generics
}

fn mentions(tokens: TokenStream, params: &[Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => params.contains(&ident),
        TokenTree::Group(group) => mentions(group.stream(), params),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn definition(model: &Model<'_>) -> TokenStream {
    let resource = &model.resource;
    let id = model
        .id
        .and_then(|id| model.fields[id].serialized.as_deref());
    let id = id.unwrap_or_default();
    let links = in_order(&model.links)
        .into_iter()
        .map(|link| spec(model, link));
    let curies = model.attr.curies.iter().map(|curie| {
        let (name, href) = (&curie.name, &curie.href);
        quote!(::api_patterns::__private::links::Curie { name: #name, href: #href })
    });
    let values = model.values.iter().map(|value| {
        let member = model.fields[value.field].serialized.as_deref();
        member.unwrap_or_default()
    });
    quote! {
        ::api_patterns::__private::links::Definition {
            resource: #resource,
            id: #id,
            links: &[#(#links),*],
            curies: &[#(#curies),*],
            values: &[#(#values),*],
        }
    }
}

/// `self` first, then those of one relation beside each other.
fn in_order(links: &[Link]) -> Vec<&Link> {
    let mut names: Vec<&str> = vec!["self"];
    for link in links {
        if !names.contains(&link.name.as_str()) {
            names.push(&link.name);
        }
    }
    let mut ordered: Vec<&Link> = links.iter().collect();
    ordered.sort_by_key(|link| names.iter().position(|name| *name == link.name));
    ordered
}

fn spec(model: &Model<'_>, link: &Link) -> TokenStream {
    let (rel, method) = (&link.name, link.method());
    let (absolute, templated) = (link.address.absolute, link.address.templated);
    let list = link.is_list();
    let href = pieces(link);
    let each = optional(link.each.map(Literal::usize_unsuffixed));
    let when = match link.condition {
        Some(condition) => quote!(1 << #condition),
        None => quote!(0),
    };
    let text = |read: fn(&LinkAttr) -> &Option<LitStr>| {
        optional(link.attr.as_ref().and_then(|attr| read(attr).as_ref()))
    };
    let title = text(|attr| &attr.title);
    let media_type = text(|attr| &attr.media_type);
    let name = text(|attr| &attr.name);
    let fields = link
        .properties
        .iter()
        .map(|field| property(&model.fields[*field], &method));
    quote! {
        ::api_patterns::__private::links::LinkSpec {
            rel: #rel,
            method: #method,
            href: &[#(#href),*],
            absolute: #absolute,
            templated: #templated,
            list: #list,
            each: #each,
            when: #when,
            title: #title,
            media_type: #media_type,
            name: #name,
            fields: &[#(#fields),*],
        }
    }
}

fn optional(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Text, and expressions as the text that clients expand, with the values between.
fn pieces(link: &Link) -> Vec<TokenStream> {
    let mut values = link.slots.iter().zip(&link.address.whole);
    let (mut pieces, mut text) = (Vec::new(), String::new());
    for part in &link.address.parts {
        if let Part::Text(more) | Part::Expression(more) = part {
            text.push_str(more);
        } else if let Some((slot, whole)) = values.next() {
            pieces.extend(text_piece(&mut text));
            let slot = Literal::usize_unsuffixed(*slot);
            let kind = format_ident!("{}", if *whole { "Segment" } else { "Value" });
            pieces.push(quote!(::api_patterns::__private::links::Piece::#kind(#slot)));
        }
    }
    pieces.extend(text_piece(&mut text));
    pieces
}

fn text_piece(text: &mut String) -> Option<TokenStream> {
    let text = std::mem::take(text);
    (!text.is_empty()).then(|| quote!(::api_patterns::__private::links::Piece::Text(#text)))
}

fn property(field: &Field<'_>, method: &str) -> TokenStream {
    let name = field.serialized.clone().unwrap_or_else(|| field.name());
    let ty = types::inside_option(field.ty).unwrap_or(field.ty);
    let kind = if types::is_number(ty) {
        "Number"
    } else if types::is_bool(ty) {
        "Checkbox"
    } else {
        "Text"
    };
    let kind = format_ident!("{kind}");
    let required = is_required(field, method);
    quote! {
        ::api_patterns::__private::links::Property {
            name: #name,
            kind: ::api_patterns::__private::links::PropertyKind::#kind,
            required: #required,
        }
    }
}

fn values(model: &Model<'_>) -> TokenStream {
    let puts = model.values.iter().map(|value| put_field(model, value));
    quote! {
        fn values(&self, values: &mut ::api_patterns::__private::links::Values) {
            let _ = &values;
            #(#puts)*
        }
    }
}

/// At the place of a template, but as if it stood in the generated code, where `self` is.
fn at(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}

fn put_field(model: &Model<'_>, value: &Value) -> TokenStream {
    let Field { ident, ty, .. } = &model.fields[value.field];
    let (span, field_span) = (at(value.span), at(value.field_span));
    let slashes = value.form.slashes;
    if value.form.each {
        let inside = types::inside_option(ty).and_then(types::element);
        let elements = match inside {
            Some(_) => quote_spanned!(field_span=> self.#ident.iter().flatten()),
            None => quote_spanned!(field_span=> self.#ident.iter()),
        };
        let put = put(inside.or(types::element(ty)), slashes, span);
        return quote_spanned!(span=> values.each(#elements, |values, value| #put););
    }
    let put = put(Some(ty), slashes, span);
    quote_spanned! {span=>
        {
            let value = &self.#ident;
            #put;
        }
    }
}

/// Puts `value`, a reference.
fn put(ty: Option<&Type>, slashes: bool, span: Span) -> TokenStream {
    if let Some(inner) = ty.and_then(types::inside_option) {
        let put = put(Some(inner), slashes, span);
        return quote_spanned! {span=>
            match value {
                ::core::option::Option::Some(value) => #put,
                ::core::option::Option::None => values.missing(),
            }
        };
    }
    if ty.is_some_and(types::is_integer) {
        return quote_spanned!(span=> values.integer(*value));
    }
    match slashes {
        true => quote_spanned!(span=> values.segments(value)),
        false => quote_spanned!(span=> values.display(value)),
    }
}

fn conditions(model: &Model<'_>) -> TokenStream {
    let conditions = model.conditions.iter().enumerate().map(|(nth, condition)| {
        let condition = inside_method(condition);
        let holds = Ident::new("holds", Span::mixed_site());
        let bits = Ident::new("bits", Span::mixed_site());
        // The type is at the place of the expression, as what is wrong with it is told beside it.
        let bool = quote_spanned!(condition.span()=> ::core::primitive::bool);
        quote! {
            let #holds: #bool = #condition;
            if #holds {
                #bits |= 1 << #nth;
            }
        }
    });
    let bits = Ident::new("bits", Span::mixed_site());
    let body = match model.conditions.is_empty() {
        true => quote!(0),
        false => quote! {
            let mut #bits: ::core::primitive::u64 = 0;
            #(#conditions)*
            #bits
        },
    };
    quote! {
        fn conditions(&self, context: &Self::Context) -> ::core::primitive::u64 {
            let _ = context;
            #body
        }
    }
}

/// The expression, its `self` and `context` being those of the method, wherever it comes from.
fn inside_method(condition: &Expr) -> TokenStream {
    fn resolve(tokens: TokenStream) -> TokenStream {
        let resolved = tokens.into_iter().map(|token| match token {
            TokenTree::Ident(mut ident) if ident == "self" || ident == "context" => {
                ident.set_span(at(ident.span()));
                TokenTree::Ident(ident)
            }
            TokenTree::Group(group) => {
                let mut resolved =
                    proc_macro2::Group::new(group.delimiter(), resolve(group.stream()));
                resolved.set_span(group.span());
                TokenTree::Group(resolved)
            }
            other => other,
        });
        resolved.collect()
    }
    resolve(condition.to_token_stream())
}

fn write_id(model: &Model<'_>) -> TokenStream {
    let body = model.id.map(|id| {
        let Field { ident, ty, .. } = &model.fields[id];
        let value = model
            .values
            .iter()
            .find(|value| value.field == id && !value.form.each);
        let id = model.attr.id.as_ref().map(Ident::span);
        let span = at(id
            .or(value.map(|value| value.span))
            .unwrap_or_else(Span::call_site));
        let write = write(ty, span);
        quote_spanned! {span=>
            let value = &self.#ident;
            #write
        }
    });
    quote! {
        fn write_id(&self, out: &mut ::std::string::String) {
            let _ = &out;
            #body
        }
    }
}

fn write(ty: &Type, span: Span) -> TokenStream {
    if let Some(inner) = types::inside_option(ty) {
        let write = write(inner, span);
        return quote_spanned! {span=>
            if let ::core::option::Option::Some(value) = value {
                #write
            }
        };
    }
    quote_spanned!(span=> ::api_patterns::__private::links::write_id(value, out);)
}
