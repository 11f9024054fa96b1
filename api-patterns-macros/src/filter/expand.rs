//! The code of a derive.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::model::{Field, Model};
use super::operator::Kind;

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let values = values(model);
    let filter = filter(model);
    let bind = bind(model);
    // The constant keeps the names in here away from those of the user.
    quote! {
        const _: () = {
            #values
            #filter
            #bind
        };
    }
}

/// One variant for each field, which keeps a value together with its type.
fn values(model: &Model<'_>) -> TokenStream {
    let variants = model.filterable().enumerate().map(|(index, field)| {
        let (variant, ty) = (variant(index), field.ty);
        quote!(#variant(#ty))
    });
    quote! {
        #[automatically_derived]
        #[doc(hidden)]
        #[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
        pub enum __FilterValue {
            #(#variants,)*
        }
    }
}

fn filter(model: &Model<'_>) -> TokenStream {
    let ident = model.ident;
    let (impl_generics, ty_generics, where_clause) = model.generics.split_for_impl();
    let methods = [
        fields(model),
        search(model),
        ignored(model),
        parse_value(model),
        compare(model),
        is_null(model),
        text(model),
        search_text(model),
    ];
    quote! {
        #[automatically_derived]
        impl #impl_generics ::api_patterns::filter::Filter for #ident #ty_generics #where_clause {
            type Value = __FilterValue;
            #(#methods)*
        }
    }
}

fn fields(model: &Model<'_>) -> TokenStream {
    let specs = model.filterable().map(|field| {
        let (name, column) = (field.public_name(), field.column_name());
        let (ty, nullable) = (field.ty, field.nullable);
        let operators = field
            .operators
            .iter()
            .map(|operator| operator.kind.variant());
        quote! {
            ::api_patterns::filter::FieldSpec::new(
                #name,
                #column,
                &[#(::api_patterns::filter::Op::#operators),*],
                <#ty as ::api_patterns::filter::FilterValue>::TYPE_NAME,
                #nullable,
            )
        }
    });
    quote! {
        fn fields() -> &'static [::api_patterns::filter::FieldSpec] {
            const FIELDS: &[::api_patterns::filter::FieldSpec] = &[#(#specs),*];
            FIELDS
        }
    }
}

fn search(model: &Model<'_>) -> TokenStream {
    let spec = if model.search.is_some() {
        let param = model.param_name();
        let columns = model.searched().map(Field::column_name);
        quote! {
            const SEARCH: ::api_patterns::filter::SearchSpec =
                ::api_patterns::filter::SearchSpec::new(#param, &[#(#columns),*]);
            ::core::option::Option::Some(&SEARCH)
        }
    } else {
        quote!(::core::option::Option::None)
    };
    quote! {
        fn search() -> ::core::option::Option<&'static ::api_patterns::filter::SearchSpec> {
            #spec
        }
    }
}

fn ignored(model: &Model<'_>) -> TokenStream {
    let names = &model.ignored;
    quote! {
        fn ignored() -> &'static [&'static str] {
            &[#(#names),*]
        }
    }
}

fn parse_value(model: &Model<'_>) -> TokenStream {
    let arms = model.filterable().enumerate().map(|(index, field)| {
        let (variant, ty) = (variant(index), field.ty);
        quote! {
            #index => ::core::option::Option::map(
                <#ty as ::api_patterns::filter::FilterValue>::parse(text),
                __FilterValue::#variant,
            ),
        }
    });
    quote! {
        #[allow(unused_variables)]
        fn parse_value(field: usize, text: &str) -> ::core::option::Option<__FilterValue> {
            match field {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

fn compare(model: &Model<'_>) -> TokenStream {
    let arms = model.filterable().enumerate().map(|(index, field)| {
        let (variant, ident, ty) = (variant(index), field.ident, field.ty);
        let field_value = match field.nullable {
            true => quote!(::core::option::Option::as_ref(&self.#ident)?),
            false => quote!(&self.#ident),
        };
        quote! {
            __FilterValue::#variant(ref value) => {
                <#ty as ::api_patterns::filter::FilterValue>::compare(#field_value, value)
            }
        }
    });
    quote! {
        #[allow(unused_variables)]
        fn compare(&self, value: &__FilterValue) -> ::core::option::Option<::core::cmp::Ordering> {
            match *value {
                #(#arms)*
            }
        }
    }
}

fn is_null(model: &Model<'_>) -> TokenStream {
    let arms = model
        .filterable()
        .enumerate()
        .filter(|(_, field)| field.nullable)
        .map(|(index, field)| {
            let ident = field.ident;
            quote!(#index => ::core::option::Option::is_none(&self.#ident),)
        });
    quote! {
        #[allow(unused_variables)]
        fn is_null(&self, field: usize) -> bool {
            match field {
                #(#arms)*
                _ => false,
            }
        }
    }
}

fn text(model: &Model<'_>) -> TokenStream {
    let fields = model
        .filterable()
        .enumerate()
        .filter(|(_, field)| field.has(Kind::Like));
    let arms = fields.map(|(index, field)| text_arm(index, field));
    quote! {
        #[allow(unused_variables)]
        fn text(&self, field: usize) -> ::core::option::Option<&str> {
            match field {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

fn search_text(model: &Model<'_>) -> TokenStream {
    let arms = model
        .searched()
        .enumerate()
        .map(|(index, field)| text_arm(index, field));
    quote! {
        #[allow(unused_variables)]
        fn search_text(&self, column: usize) -> ::core::option::Option<&str> {
            match column {
                #(#arms)*
                _ => ::core::option::Option::None,
            }
        }
    }
}

fn text_arm(index: usize, field: &Field<'_>) -> TokenStream {
    let (ident, ty) = (field.ident, field.ty);
    let as_text = quote!(<#ty as ::api_patterns::filter::FilterText>::as_text);
    match field.nullable {
        true => quote! {
            #index => ::core::option::Option::map(
                ::core::option::Option::as_ref(&self.#ident),
                |text| #as_text(text),
            ),
        },
        false => quote!(#index => ::core::option::Option::Some(#as_text(&self.#ident)),),
    }
}

/// Left to a macro of the library, which knows whether it has sqlx.
fn bind(model: &Model<'_>) -> TokenStream {
    if !model.generics.params.is_empty() {
        return TokenStream::new();
    }
    let ident = model.ident;
    let variants = model.filterable().enumerate().map(|(index, field)| {
        let variant = variant(index);
        let (ty, sql) = (field.ty, field.sql_as.as_ref().unwrap_or(field.ty));
        quote!(#variant(#ty as #sql))
    });
    quote!(::api_patterns::__filter_bind! { #ident, __FilterValue #(, #variants)* })
}

fn variant(index: usize) -> Ident {
    format_ident!("Field{index}")
}
