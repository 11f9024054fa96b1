//! The generated code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, GenericParam, Generics, Lit, LitStr, Member, Meta,
    MetaNameValue, Type, WherePredicate, parse_quote, parse_quote_spanned,
};

use super::validate::{Kind, Plan};

pub(super) fn expand(input: &DeriveInput, plans: &[Plan<'_>]) -> TokenStream {
    let arms = plans.iter().map(|plan| arm(input, plan));
    // A match on a type without variants has no arms, but it has to see the value itself.
    let body = quote!(match error { #(#arms)* });
    let impls = impls(input, predicates(input, plans), &body);
    let responses = responses(input, plans);
    quote!(#impls #responses)
}

/// Stands in where there are mistakes, so that only they are reported.
pub(super) fn fallback(input: &DeriveInput, mistakes: &TokenStream) -> TokenStream {
    let body = quote! {{
        let _ = error;
        ::api_patterns::__private::problem(500)
    }};
    let impls = impls(input, Vec::new(), &body);
    let responses = responses(input, &[]);
    quote!(#mistakes #impls #responses)
}

fn impls(input: &DeriveInput, predicates: Vec<WherePredicate>, body: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let mut generics = input.generics.clone();
    generics.make_where_clause().predicates.extend(predicates);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications, clippy::useless_conversion)]
        impl #impl_generics ::core::convert::From<#ident #ty_generics>
            for ::api_patterns::problem::Problem
        #where_clause
        {
            fn from(error: #ident #ty_generics) -> Self {
                #body
            }
        }

        #[automatically_derived]
        impl #impl_generics ::api_patterns::__private::axum::response::IntoResponse
            for #ident #ty_generics
        #where_clause
        {
            fn into_response(self) -> ::api_patterns::__private::axum::response::Response {
                ::api_patterns::__private::axum::response::IntoResponse::into_response(
                    <::api_patterns::problem::Problem as ::core::convert::From<Self>>::from(self),
                )
            }
        }
    }
}

/// What is known of the responses; the macro drops it where nobody asks for them.
fn responses(input: &DeriveInput, plans: &[Plan<'_>]) -> TokenStream {
    let ident = &input.ident;
    let (_, ty_generics, where_clause) = input.generics.split_for_impl();
    let parameters = parameters(&input.generics);
    let predicates = where_clause.map(|clause| &clause.predicates);
    let mut cases = Vec::new();
    let mut inner = Vec::new();
    for (plan, docs) in plans.iter().zip(documentation(input)) {
        match &plan.kind {
            Kind::Transparent { ty, .. } => inner.push(quote!([#ty])),
            Kind::Described {
                status,
                texts,
                detail,
                ..
            } => {
                let known = |key| texts.iter().find(|(found, _)| *found == key);
                let known = |key| optional(known(key).map(|(_, text)| text));
                let (type_uri, title, code) = (known("type_uri"), known("title"), known("code"));
                let (detail, summary) = (optional(detail.as_ref()), optional(docs.as_ref()));
                cases.push(quote!({
                    status: #status, type_uri: #type_uri, title: #title, code: #code,
                    detail: #detail, summary: #summary
                }));
            }
        }
    }
    quote! {
        ::api_patterns::__problem_responses! {
            [#parameters] #ident #ty_generics, [#predicates], #(#cases)* #(#inner)*
        }
    }
}

/// The parameters as they stand after `impl`, without the angle brackets.
fn parameters(generics: &Generics) -> TokenStream {
    let mut generics = generics.clone();
    for parameter in &mut generics.params {
        match parameter {
            GenericParam::Type(parameter) => parameter.default = None,
            GenericParam::Const(parameter) => parameter.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
    let parameters = generics.params;
    quote!(#parameters)
}

fn optional(text: Option<&LitStr>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

/// The first line of the documentation of each case.
fn documentation(input: &DeriveInput) -> Vec<Option<LitStr>> {
    match &input.data {
        Data::Enum(data) => {
            let variants = data.variants.iter();
            variants.map(|variant| first_line(&variant.attrs)).collect()
        }
        _ => vec![first_line(&input.attrs)],
    }
}

fn first_line(attributes: &[Attribute]) -> Option<LitStr> {
    let mut docs = attributes
        .iter()
        .filter(|found| found.path().is_ident("doc"));
    match &docs.next()?.meta {
        Meta::NameValue(MetaNameValue {
            value:
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }),
            ..
        }) => Some(LitStr::new(text.value().trim(), text.span())),
        _ => None,
    }
}

fn arm(input: &DeriveInput, Plan { path, kind }: &Plan<'_>) -> TokenStream {
    match kind {
        Kind::Transparent { member, ty } => {
            let into = quote_spanned!(ty.span()=>
                <::api_patterns::problem::Problem as ::core::convert::From<_>>::from(__inner)
            );
            quote!(#path { #member: __inner } => #into,)
        }
        Kind::Described {
            status,
            texts,
            detail,
            extensions,
        } => {
            let bindings = extensions.iter().enumerate().map(|(nth, (member, ..))| {
                let binding = format_ident!("__extension_{nth}");
                quote!(#member: ref #binding,)
            });
            let setters = texts.iter().map(|(key, text)| {
                let setter = format_ident!("{key}");
                quote!(.#setter(#text))
            });
            let members = extensions.iter().enumerate().map(extension);
            let problem = quote! {
                ::api_patterns::__private::problem(#status) #(#setters)* #(#members)*
            };
            let problem = told(input, *status, detail.as_ref(), &problem);
            quote!(#path { #(#bindings)* .. } => #problem,)
        }
    }
}

fn extension((nth, (_, ty, name)): (usize, &(Member, &Type, LitStr))) -> TokenStream {
    let binding = format_ident!("__extension_{nth}");
    quote_spanned!(ty.span()=> .extension(#name, #binding))
}

/// A 4xx tells the client the error's own text; a 5xx keeps it, with its sources, for the log.
fn told(
    input: &DeriveInput,
    status: u16,
    detail: Option<&LitStr>,
    problem: &TokenStream,
) -> TokenStream {
    match (status, detail) {
        (500.., Some(detail)) => quote!(#problem.source(error).public_detail(#detail)),
        (500.., None) => quote!(#problem.source(error)),
        (_, Some(detail)) => quote!(#problem.detail(#detail)),
        (_, None) => {
            let text = quote_spanned! {input.ident.span()=>
                ::std::string::ToString::to_string(&error)
            };
            quote!(#problem.detail(#text))
        }
    }
}

/// What only the type's parameters leave open.
fn predicates(input: &DeriveInput, plans: &[Plan<'_>]) -> Vec<WherePredicate> {
    let ident = &input.ident;
    let (_, ty_generics, _) = input.generics.split_for_impl();
    let is_generic = input.generics.type_params().next().is_some();
    let mut predicates = Vec::new();
    if plans
        .iter()
        .any(|plan| matches!(plan.kind, Kind::Described { status: 500.., .. }))
    {
        predicates.push(parse_quote_spanned! {ident.span()=>
            #ident #ty_generics: ::std::error::Error
                + ::core::marker::Send + ::core::marker::Sync + 'static
        });
    }
    for Plan { kind, .. } in plans {
        match kind {
            Kind::Transparent { ty, .. } if is_generic => predicates.push(parse_quote_spanned! {
                ty.span()=> ::api_patterns::problem::Problem: ::core::convert::From<#ty>
            }),
            Kind::Transparent { .. } => {}
            Kind::Described {
                status,
                detail,
                extensions,
                ..
            } => {
                if *status < 500 && is_generic && detail.is_none() {
                    predicates.push(parse_quote!(#ident #ty_generics: ::core::fmt::Display));
                }
                for (_, ty, _) in extensions.iter().filter(|_| is_generic) {
                    predicates.push(parse_quote_spanned! {
                        ty.span()=> #ty: ::api_patterns::__private::serde::Serialize
                    });
                }
            }
        }
    }
    predicates
}
