//! The declaration of a struct for the schema.

use proc_macro2::TokenStream;
use quote::quote;

use crate::input::{Field, Input};

/// `Record`, and `Root` of a root.
pub fn code(input: &Input) -> TokenStream {
    let mut code = record(input);
    if input.makes_schema() {
        code.extend(root(input));
    }
    code
}

fn names(names: impl Iterator<Item = String>) -> TokenStream {
    quote! {
        ::std::vec![#(::statewright::tracked::parts::Name::new(
            #names, ::statewright::tracked::parts::Span::default())),*]
    }
}

fn record(input: &Input) -> TokenStream {
    let (ident, name, docs) = (&input.ident, &input.name, &input.docs);
    let id = number_option(input.of.id.as_ref());
    let role = match input.of.root {
        None => quote!(Helper),
        Some(true) => quote!(ActiveRoot),
        Some(false) => quote!(InactiveRoot),
    };
    let owner = option_name(input.owner.map(|at| {
        let name = input.fields.get(at).map(|field| field.name.as_str()).unwrap_or_default();
        quote!(#name)
    }));
    let was = names(input.of.was.iter().cloned());
    let pairs = input.fields.iter().map(|field| {
        let (name, rust) = (&field.name, syn::ext::IdentExt::unraw(&field.ident).to_string());
        quote!((#name, #rust))
    });
    let fields = input.fields.iter().map(describe_field);
    let inits = input.fields.iter().map(|field| {
        let (rust, codec, position, key) = (&field.ident, &field.codec, field.position, field.key());
        let write = quote! {
            ::statewright::tracked::Kind::init_field::<#codec>(
                state, schema, (record, ty, #position), #key,
                <#codec as ::statewright::tracked::Stored>::set(&self.#rust))?;
        };
        // An empty one is left as it was drawn.
        if field.of.auto { quote!(if !self.#rust.is_empty() { #write }) } else { write }
    });
    let stores = input.fields.iter().map(|field| {
        let (rust, codec, position, key) = (&field.ident, &field.codec, field.position, field.key());
        quote! {
            ::statewright::tracked::Kind::store_field::<#codec>(
                state, schema, (record, ty, #position), #key,
                <#codec as ::statewright::tracked::Stored>::set(&self.#rust))?;
        }
    });
    let reads = input.fields.iter().map(|field| {
        let (rust, codec, position, key) = (&field.ident, &field.codec, field.position, field.key());
        quote!(#rust: record.read::<#codec>(#position, #key))
    });
    let (scope, numbers) = (crate::seen::scope(input), input.derived("Numbers"));
    quote! {
        #[automatically_derived]
        impl ::statewright::tracked::Record for #ident {
            const NAME: &'static str = #name;
            const FIELDS: &'static [(&'static str, &'static str)] = &[#(#pairs),*];

            type Numbers<'a> = #numbers<'a>;

            #[inline(always)]
            fn numbers(edit: ::statewright::tracked::parts::Edit<'_>) -> #numbers<'_> {
                #numbers(::statewright::tracked::NumbersMut::new(edit))
            }

            fn describe(types: &mut ::statewright::tracked::Declarations) -> ::statewright::tracked::parts::RawType {
                ::statewright::tracked::parts::RawType {
                    name: ::statewright::tracked::parts::Name::new(#name, ::core::default::Default::default()),
                    id: #id,
                    role: ::statewright::tracked::parts::Role::#role,
                    owner: #owner,
                    was: #was,
                    fields: ::std::vec![#(#fields),*],
                    docs: ::std::string::String::from(#docs),
                }
            }

            fn init(
                &self,
                state: &mut ::statewright::tracked::State,
                schema: &'static ::statewright::tracked::parts::Schema,
                ty: ::statewright::tracked::parts::StructId,
                record: u64,
            ) -> ::core::result::Result<(), ::statewright::tracked::parts::TrapCode> {
                #(#inits)*
                ::core::result::Result::Ok(())
            }

            fn overwrite(
                &self,
                state: &mut ::statewright::tracked::State,
                schema: &'static ::statewright::tracked::parts::Schema,
                ty: ::statewright::tracked::parts::StructId,
                record: u64,
            ) -> ::core::result::Result<(), ::statewright::tracked::parts::TrapCode> {
                #(#stores)*
                ::core::result::Result::Ok(())
            }

            fn from_record(record: ::statewright::tracked::RecordRef<'_>) -> Self {
                #ident { #(#reads),* }
            }

            #scope
        }

        #[automatically_derived]
        impl ::statewright::tracked::Holds for #ident {
            type Record = #ident;
        }
    }
}

fn number_option(number: Option<&syn::LitInt>) -> TokenStream {
    match number.map(syn::LitInt::base10_digits).and_then(|digits| digits.parse::<i64>().ok()) {
        Some(number) => quote!(::core::option::Option::Some((#number, ::core::default::Default::default()))),
        None => quote!(::core::option::Option::None),
    }
}

fn option_name(name: Option<TokenStream>) -> TokenStream {
    match name {
        Some(name) => quote! {
            ::core::option::Option::Some(
                ::statewright::tracked::parts::Name::new(#name, ::core::default::Default::default()))
        },
        None => quote!(::core::option::Option::None),
    }
}

fn describe_field(field: &Field) -> TokenStream {
    let (name, codec, docs) = (&field.name, &field.codec, &field.docs);
    let id = number_option(field.of.id.as_ref());
    let key = option_name(field.key_name());
    let views = names(field.of.views.iter().map(ToString::to_string));
    let (no_sync, optional, team) = (field.of.no_sync, field.of.optional, field.of.team);
    let writer = match field.of.write.as_ref().map(syn::LitStr::value).as_deref() {
        Some("server") => quote!(Server),
        Some("owner") => quote!(Owner),
        _ => quote!(Anyone),
    };
    let step = match field.of.quantize.as_ref() {
        Some((_, step)) => quote!(::core::option::Option::Some((#step, ::core::default::Default::default()))),
        None => quote!(::core::option::Option::None),
    };
    let was = names(field.of.was.iter().cloned());
    let default = match (&field.of.default, &field.of.config, field.of.auto) {
        (Some(text), _, _) if field.is_optional_text() => {
            quote!(Value(::statewright::Value::str(#text)))
        }
        (Some(text), _, _) => quote!(Text(::core::convert::From::from(#text))),
        (_, Some(path), _) => quote!(Config(::core::convert::From::from(#path))),
        (_, _, true) => quote!(AutoUuid),
        _ => quote!(Zero),
    };
    quote! {
        ::statewright::tracked::parts::RawField {
            name: ::statewright::tracked::parts::Name::new(#name, ::core::default::Default::default()),
            id: #id,
            ty: ::statewright::tracked::parts::Name::new(
                <#codec as ::statewright::tracked::Stored>::schema_type(types), ::core::default::Default::default()),
            key: #key,
            views: #views,
            no_sync: #no_sync,
            writer: ::statewright::tracked::parts::Writer::#writer,
            step: #step,
            was: #was,
            default: ::statewright::tracked::parts::RawDefault::#default,
            default_span: ::core::default::Default::default(),
            optional: #optional,
            team: #team,
            docs: ::std::string::String::from(#docs),
        }
    }
}

fn root(input: &Input) -> TokenStream {
    let (ident, vis, types) = (&input.ident, &input.vis, &input.of.types);
    let package = input.of.package.as_ref().map(syn::LitStr::value).unwrap_or_default();
    let version = input.of.version.as_ref().and_then(|version| version.base10_parse::<u32>().ok()).unwrap_or(1);
    let views = input.of.views.iter().map(|(view, includes)| {
        let (name, includes) = (view.to_string(), names(includes.iter().map(ToString::to_string)));
        quote! {
            ::statewright::tracked::parts::RawView {
                name: ::statewright::tracked::parts::Name::new(#name, ::core::default::Default::default()),
                includes: #includes,
            }
        }
    });
    let (handle, handle_mut) = (input.derived("Ref"), input.derived("Mut"));
    quote! {
        #[automatically_derived]
        impl ::statewright::tracked::Root for #ident {
            fn tracked_schema() -> &'static ::statewright::tracked::TrackedSchema {
                static SCHEMA: ::std::sync::LazyLock<::statewright::tracked::TrackedSchema> =
                    ::std::sync::LazyLock::new(|| {
                        ::statewright::tracked::TrackedSchema::of::<#ident>(
                            #package, #version, ::std::vec![#(#views),*],
                            |types| { #(types.declare::<#types>();)* let _ = types; })
                    });
                &SCHEMA
            }
        }

        #[automatically_derived]
        impl #ident {
            /// The schema that this struct and those that it names declare.
            ///
            /// # Panics
            /// If the declarations contradict each other: call it in a test.
            #vis fn schema() -> ::std::sync::Arc<::statewright::tracked::parts::Schema> {
                <#ident as ::statewright::tracked::Root>::tracked_schema().schema().clone()
            }

            /// A plain copy of what a state holds.
            ///
            /// # Errors
            /// If the state's schema is another, or the root is not there.
            #vis fn read(
                state: &::statewright::tracked::State,
            ) -> ::core::result::Result<#ident, ::statewright::tracked::SchemaMismatch> {
                #handle::of(state).map(::core::convert::From::from)
            }
        }

        #[automatically_derived]
        impl<'a> #handle<'a> {
            /// The root of a state.
            ///
            /// # Errors
            /// If the state's schema is another, or the root is not there.
            #vis fn of(
                state: &'a ::statewright::tracked::State,
            ) -> ::core::result::Result<#handle<'a>, ::statewright::tracked::SchemaMismatch> {
                <#ident as ::statewright::tracked::Root>::view_root(state).map(#handle)
            }

            /// Another root that this one's schema has, if it is there.
            #vis fn other<R: ::statewright::tracked::Record>(self) -> ::core::option::Option<R::Ref<'a>> {
                self.0.other_root::<#ident, R>()
            }
        }

        #[automatically_derived]
        impl<'a> #handle_mut<'a> {
            /// The root of a state.
            ///
            /// # Errors
            /// If the state's schema is another, or the root is not there.
            #vis fn of(
                state: &'a mut ::statewright::tracked::State,
            ) -> ::core::result::Result<#handle_mut<'a>, ::statewright::tracked::SchemaMismatch> {
                <#ident as ::statewright::tracked::Root>::edit_root(state).map(#handle_mut)
            }

            /// Another root that this one's schema has, if it is there.
            #vis fn other<R: ::statewright::tracked::Record>(&mut self) -> ::core::option::Option<R::Mut<'_>> {
                self.0.reborrow().other_root::<#ident, R>()
            }
        }
    }
}
