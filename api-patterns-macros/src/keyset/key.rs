//! `#[derive(Key)]`: a newtype that is a key as what it wraps is.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Fields, parse_quote};

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    match wrapped(input) {
        Ok(ty) => expand(input, ty),
        Err(error) => error.to_compile_error(),
    }
}

fn wrapped(input: &DeriveInput) -> syn::Result<&syn::Type> {
    let message =
        "`Key` is derived for structs with one unnamed field, such as `struct ProductId(i64);`";
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Ok(&fields.unnamed[0].ty),
            _ => Err(syn::Error::new(input.ident.span(), message)),
        },
        Data::Enum(data) => Err(syn::Error::new(data.enum_token.span(), message)),
        Data::Union(data) => Err(syn::Error::new(data.union_token.span(), message)),
    }
}

fn expand(input: &DeriveInput, ty: &syn::Type) -> TokenStream {
    let name = &input.ident;
    let mut generics = input.generics.clone();
    if !generics.params.is_empty() {
        generics
            .make_where_clause()
            .predicates
            .push(parse_quote!(#ty: ::api_patterns::__private::Key));
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let key = quote_spanned!(ty.span()=> <#ty as ::api_patterns::__private::Key>);
    let (private, result) = (
        quote!(::api_patterns::__private),
        quote!(::core::result::Result),
    );
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::Key for #name #type_generics #where_clause {
            const NULLABLE: bool = #key::NULLABLE;

            fn write(&self, out: &mut #private::KeyWriter) {
                #key::write(&self.0, out)
            }

            fn read(input: &mut #private::KeyReader<'_>) -> #result<Self, #private::KeyError> {
                #key::read(input).map(Self)
            }

            fn skip(input: &mut #private::KeyReader<'_>) -> #result<(), #private::KeyError> {
                #key::skip(input)
            }

            fn compare(&self, other: &Self) -> ::core::cmp::Ordering {
                #key::compare(&self.0, &other.0)
            }

            fn is_null(&self) -> bool {
                #key::is_null(&self.0)
            }

            fn to_value(&self) -> #private::KeyValue {
                #key::to_value(&self.0)
            }
        }
    }
}
