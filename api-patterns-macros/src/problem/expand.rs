//! The generated code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{DeriveInput, LitStr, Member, Type, WherePredicate, parse_quote, parse_quote_spanned};

use super::validate::{Kind, Plan};

pub(super) fn expand(input: &DeriveInput, plans: &[Plan<'_>]) -> TokenStream {
    let arms = plans.iter().map(|plan| arm(input, plan));
    // A match on a type without variants has no arms, but it has to see the value itself.
    let body = quote!(match error { #(#arms)* });
    impls(input, predicates(input, plans), &body)
}

/// Stands in where there are mistakes, so that only they are reported.
pub(super) fn fallback(input: &DeriveInput, mistakes: &TokenStream) -> TokenStream {
    let body = quote! {{
        let _ = error;
        ::api_patterns::__private::problem(500)
    }};
    let impls = impls(input, Vec::new(), &body);
    quote!(#mistakes #impls)
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
