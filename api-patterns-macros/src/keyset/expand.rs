//! The implementations.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{DeriveInput, parse_quote};

use super::model::Keyset;
use super::validate::Plan;
use crate::errors::Errors;

pub(super) fn expand(keyset: &Keyset<'_>, plan: &Plan) -> TokenStream {
    let name = keyset.name;
    let mut generics = keyset.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!('static));
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let place = |field: &usize| plan.used.iter().position(|used| used == field);
    let unique = plan.unique.iter().filter_map(place);
    let default = plan.default.iter().filter_map(|(field, descending)| {
        let place = place(field)?;
        let direction = if *descending {
            quote!(Desc)
        } else {
            quote!(Asc)
        };
        Some(quote!((#place, ::api_patterns::__private::Direction::#direction)))
    });
    let fields = plan.used.iter().map(|field| field_of(keyset, plan, *field));
    let checks = plan.unique.iter().map(|field| never_null(keyset, *field));
    let checks = quote!(#(#checks)*);
    // A constant of an implementation is not looked at before it is used; this one is, but it
    // cannot name generic types.
    let (checks, generic_checks) = match keyset.generics.params.is_empty() {
        true => (Some(quote!(const _: () = { #checks };)), None),
        false => (None, Some(checks)),
    };
    let accesses = plan
        .used
        .iter()
        .map(|field| access(keyset, &generics, *field));
    let bind = bind(keyset, plan, &generics);
    quote! {
        const _: () = {
            #checks
            #(#accesses)*

            #[automatically_derived]
            impl #impl_generics ::api_patterns::__private::Keyset for #name #type_generics #where_clause {
                const FIELDS: &'static [::api_patterns::__private::Field<Self>] = &[#(#fields),*];
                const UNIQUE: &'static [usize] = {
                    #generic_checks
                    &[#(#unique),*]
                };
                const DEFAULT: &'static [(usize, ::api_patterns::__private::Direction)] = &[#(#default),*];
            }

            #bind
        };
    }
}

fn access_name(index: usize) -> syn::Ident {
    format_ident!("__KeysetAccess{index}")
}

// A type that reads one field, so that the table of fields can be a constant.
fn access(keyset: &Keyset<'_>, generics: &syn::Generics, index: usize) -> TokenStream {
    let (name, field) = (keyset.name, &keyset.fields[index]);
    let (ident, ty, access) = (field.ident, field.ty, access_name(index));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote_spanned! {ty.span()=>
        #[allow(dead_code)]
        struct #access;

        #[automatically_derived]
        impl #impl_generics ::api_patterns::__private::Access<#name #type_generics> for #access #where_clause {
            type Key = #ty;

            fn get(item: &#name #type_generics) -> &#ty {
                &item.#ident
            }
        }
    }
}

fn field_of(keyset: &Keyset<'_>, plan: &Plan, index: usize) -> TokenStream {
    let field = &keyset.fields[index];
    let public = field.public();
    let column = field
        .attr
        .column
        .as_ref()
        .map_or_else(|| field.plain(), syn::LitStr::value);
    let access = access_name(index);
    let sortable = plan.sortable.contains(&index).then(|| quote!(.sortable()));
    let nulls = plan
        .nulls_first
        .contains(&index)
        .then(|| quote!(.nulls(::api_patterns::__private::Nulls::First)));
    let converted = field.attr.sql_as.as_ref().map(|_| quote!(.converted()));
    quote! {
        ::api_patterns::__private::Field::new::<#access>(#public, #column) #sortable #nulls #converted
    }
}

// The attribute check sees `Option`; this one sees through aliases.
fn never_null(keyset: &Keyset<'_>, index: usize) -> TokenStream {
    let field = &keyset.fields[index];
    let ty = field.ty;
    let message = format!("`{}` is unique, so it cannot be NULL", field.plain());
    quote_spanned! {ty.span()=>
        ::core::assert!(!<#ty as ::api_patterns::__private::Key>::NULLABLE, #message);
    }
}

fn bind(keyset: &Keyset<'_>, plan: &Plan, generics: &syn::Generics) -> TokenStream {
    let name = keyset.name;
    let (_, type_generics, where_clause) = generics.split_for_impl();
    let parameters = generics.params.iter().map(|parameter| {
        let mut parameter = parameter.clone();
        // Defaults are not allowed in an `impl`.
        match &mut parameter {
            syn::GenericParam::Type(ty) => ty.default = None,
            syn::GenericParam::Const(value) => value.default = None,
            syn::GenericParam::Lifetime(_) => {}
        }
        parameter.into_token_stream()
    });
    let predicates = where_clause
        .iter()
        .flat_map(|clause| clause.predicates.iter());
    let binds = plan.used.iter().enumerate().map(|(place, index)| {
        let field = &keyset.fields[*index];
        let ty = field.ty;
        let bound = field.attr.sql_as.as_ref().unwrap_or(ty);
        let place = syn::Index::from(place);
        quote!(#place: #ty as #bound)
    });
    quote! {
        ::api_patterns::__bind_keyset! {
            [#(#parameters,)*] #name #type_generics, [#(#predicates,)*], #(#binds),*
        }
    }
}

/// The mistakes, and an implementation that keeps the compiler from adding its own to them.
pub(super) fn fallback(input: &DeriveInput, errors: Errors) -> TokenStream {
    let errors = errors.check();
    let name = &input.ident;
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!('static));
    }
    let is_static = generics.lifetimes().next().is_none();
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let stub = is_static.then(|| {
        quote! {
            #[automatically_derived]
            impl #impl_generics ::api_patterns::__private::Keyset for #name #type_generics #where_clause {
                const FIELDS: &'static [::api_patterns::__private::Field<Self>] = &[];
                const UNIQUE: &'static [usize] = &[];
                const DEFAULT: &'static [(usize, ::api_patterns::__private::Direction)] = &[];
            }

            ::api_patterns::__bind_keyset! { [] #name #type_generics, [], }
        }
    });
    let stub = stub.filter(|_| generics.params.is_empty());
    quote!(#errors #stub)
}
