//! The code of a derive.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::{Field, Model};

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let changes = changes(model);
    let implementations = [
        wires(model),
        standard(model),
        methods(model),
        patch(model),
        bind(model),
        schema(model),
    ];
    // The constant keeps the names in here away from those of the user.
    quote! {
        #changes
        const _: () = {
            #(#implementations)*
        };
    }
}

/// What keeps code that uses the derive from failing in its turn. A generic struct has none, since
/// its changes would need the parameters.
pub(super) fn stand_in(model: &Model<'_>) -> TokenStream {
    if model.is_generic {
        return TokenStream::new();
    }
    let (changes, resource) = (&model.changes, model.ident);
    let definition = self::changes(model);
    let implementations = [wires(model), standard(model), methods(model), patch(model)];
    quote! {
        #[allow(dead_code)]
        #definition
        const _: () = {
            #(#implementations)*
            ::api_patterns::__patch_bind! { #changes, #resource }
        };
    }
}

fn changes(model: &Model<'_>) -> TokenStream {
    let (vis, changes) = (model.vis, &model.changes);
    let doc = format!(
        "What a patch changes of a [`{}`]; made by `#[derive(Patch)]`.",
        model.ident
    );
    let fields = model.mutable().map(|(_, field, name)| {
        let (vis, ident, ty, docs) = (field.vis, field.ident, &field.ty, &field.docs);
        let docs = match docs.is_empty() {
            true => {
                let doc = format!("The new value of `{name}`.");
                quote!(#[doc = #doc])
            }
            false => quote!(#(#docs)*),
        };
        quote! {
            #docs
            #vis #ident: ::api_patterns::patch::Field<#ty>
        }
    });
    quote! {
        #[doc = #doc]
        #vis struct #changes {
            #(#fields,)*
        }
    }
}

/// For each field with serialization of its own a type that has it everywhere.
fn wires(model: &Model<'_>) -> TokenStream {
    let wires = model
        .mutable()
        .filter(|(_, field, _)| !field.serde.with.is_empty());
    let wires = wires.map(|(nth, field, _)| {
        let (wire, ty, with) = (wire_name(nth), &field.ty, &field.serde.with);
        quote! {
            #[derive(
                ::api_patterns::__private::serde::Serialize,
                ::api_patterns::__private::serde::Deserialize
            )]
            #[serde(crate = "::api_patterns::__private::serde", transparent)]
            struct #wire(#[serde(#(#with),*)] #ty);
        }
    });
    quote!(#(#wires)*)
}

fn wire_name(nth: usize) -> Ident {
    format_ident!("__Member{nth}")
}

/// The traits of std, as far as the types of the fields have them.
fn standard(model: &Model<'_>) -> TokenStream {
    let changes = &model.changes;
    let idents: Vec<_> = model.mutable().map(|(_, field, _)| field.ident).collect();
    let types: Vec<_> = model.mutable().map(|(_, field, _)| &field.ty).collect();
    let name = changes.to_string();
    // The lifetime is for nothing but to leave the check of the bounds to whoever needs them.
    quote! {
        #[automatically_derived]
        impl ::core::default::Default for #changes {
            fn default() -> Self {
                Self { #(#idents: ::api_patterns::patch::Field::Absent,)* }
            }
        }

        #[automatically_derived]
        impl ::core::clone::Clone for #changes
        where
            #(for<'__t> #types: ::core::clone::Clone,)*
        {
            fn clone(&self) -> Self {
                Self { #(#idents: ::core::clone::Clone::clone(&self.#idents),)* }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #changes
        where
            #(for<'__t> #types: ::core::fmt::Debug,)*
        {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut debug = f.debug_struct(#name);
                #(debug.field(::core::stringify!(#idents), &self.#idents);)*
                debug.finish()
            }
        }

        #[automatically_derived]
        impl ::core::cmp::PartialEq for #changes
        where
            #(for<'__t> #types: ::core::cmp::PartialEq,)*
        {
            #[allow(unused_variables)]
            fn eq(&self, other: &Self) -> bool {
                true #(&& self.#idents == other.#idents)*
            }
        }
    }
}

fn methods(model: &Model<'_>) -> TokenStream {
    let (resource, changes) = (model.ident, &model.changes);
    let idents: Vec<_> = model.mutable().map(|(_, field, _)| field.ident).collect();
    let names = model.mutable().map(|(_, _, name)| name);
    let count = idents.len();
    quote! {
        #[allow(dead_code, unused_variables)]
        impl #changes {
            /// Whether no field changes.
            pub fn is_empty(&self) -> bool {
                true #(&& self.#idents.is_absent())*
            }

            /// The fields that change, by their names in JSON.
            pub fn changed(&self) -> impl ::core::iter::Iterator<Item = &'static str> + use<> {
                let changed: [::core::option::Option<&'static str>; #count] = [#(self.#idents.is_value().then_some(#names)),*];
                ::core::iter::Iterator::flatten(::core::iter::IntoIterator::into_iter(changed))
            }

            /// Writes the new values.
            pub fn apply_to(self, resource: &mut #resource) {
                #(self.#idents.apply_to(&mut resource.#idents);)*
            }
        }
    }
}

fn patch(model: &Model<'_>) -> TokenStream {
    let (resource, changes, accept_json) = (model.ident, &model.changes, model.accept_json);
    let members = model.members().map(|(field, name)| {
        let access = match (field.is_immutable, field.is_nullable) {
            (true, _) => quote!(immutable),
            (false, true) => quote!(nullable),
            (false, false) => quote!(value),
        };
        quote!(::api_patterns::patch::MemberSpec::#access(#name))
    });
    let reads = model.mutable().map(|(nth, field, _)| read(nth, field));
    let result = quote! {
        ::core::result::Result<
            (),
            ::std::vec::Vec<::api_patterns::__private::patch::FieldError>,
        >
    };
    quote_spanned! {at(resource)=>
        #[automatically_derived]
        impl ::api_patterns::patch::Patch for #resource {
            type Changes = #changes;
            const ACCEPTS_JSON: bool = #accept_json;

            fn members() -> &'static [::api_patterns::patch::MemberSpec] {
                const MEMBERS: &[::api_patterns::patch::MemberSpec] = &[#(#members),*];
                MEMBERS
            }

            #[allow(unused_variables)]
            fn read(
                member: usize,
                asked: &::api_patterns::__private::patch::Asked<'_, Self>,
                changes: &mut #changes,
            ) -> #result {
                match member {
                    #(#reads)*
                    _ => {}
                }
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// Where an error belongs. The names are our own, also where a macro wrote the tokens.
fn at(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::call_site())
}

/// The type that is read and written, and how the field's own value is taken out of it.
fn wire(nth: usize, field: &Field<'_>) -> (TokenStream, TokenStream) {
    if field.serde.with.is_empty() {
        let ty = &field.ty;
        return (quote!(#ty), TokenStream::new());
    }
    let name = wire_name(nth);
    (quote!(#name), quote!(.0))
}

fn read(nth: usize, field: &Field<'_>) -> TokenStream {
    let (wire, inner) = wire(nth, field);
    let ident = field.ident;
    let again = match inner.is_empty() {
        true => quote!(again),
        false => quote!(&again #inner),
    };
    // Which of the two traits has the method depends on whether the type can be compared.
    let is_same = quote! {
        |again, resource| {
            #[allow(unused_imports)]
            use ::api_patterns::__private::patch::{ByValue as _, Incomparable as _};
            let pair = &::api_patterns::__private::patch::Pair(#again, &resource.#ident);
            pair.is_same()
        }
    };
    quote_spanned! {at(&field.ty)=>
        #nth => {
            let new = ::api_patterns::__private::patch::read::<#wire, Self>(asked, #is_same)?;
            if let ::core::option::Option::Some(new) = new {
                changes.#ident = ::api_patterns::patch::Field::Value(new #inner);
            }
        }
    }
}

/// Left to a macro of the library, which knows whether it has sqlx.
fn bind(model: &Model<'_>) -> TokenStream {
    let (changes, resource) = (&model.changes, model.ident);
    let fields = model.mutable().map(|(_, field, _)| {
        let (ident, ty, column) = (field.ident, &field.ty, field.column());
        let (kind, sql) = match (&field.attr.sql_as, field.is_nullable) {
            (None, _) => (quote!(plain), quote!(#ty)),
            (Some(sql), false) => (quote!(value), quote!(#sql)),
            (Some(sql), true) => (quote!(nullable), quote!(::core::option::Option<#sql>)),
        };
        quote!(#ident in #column: #kind [#ty] as [#sql])
    });
    quote!(::api_patterns::__patch_bind! { #changes, #resource #(, #fields)* })
}

/// Left to a macro of the library, which knows whether it has utoipa.
fn schema(model: &Model<'_>) -> TokenStream {
    let (changes, resource) = (&model.changes, model.ident);
    quote!(::api_patterns::__patch_schema! { #changes, #resource })
}
