//! Handles of a struct in the state, and how it is stored.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::input::{Field, Input};

/// `Stored`, and the two handles.
pub fn code(input: &Input) -> TokenStream {
    let mut code = stored(input);
    code.extend(reading(input));
    code.extend(writing(input));
    code
}

fn stored(input: &Input) -> TokenStream {
    let ident = &input.ident;
    let (handle, handle_mut, seen) = (input.derived("Ref"), input.derived("Mut"), input.derived("Seen"));
    let keys = input.fields.iter().filter_map(|field| {
        let (rust, position) = (&field.ident, field.position);
        let key = match () {
            () if field.is_text() => quote!(::statewright::tracked::Key::Text(&value.#rust)),
            () if field.is_int() => quote!(::statewright::tracked::Key::from(value.#rust)),
            () => return None,
        };
        Some(quote!(#position => ::core::option::Option::Some(#key),))
    });
    quote! {
        #[automatically_derived]
        impl ::statewright::tracked::Stored for #ident {
            type Plain = #ident;
            type Ref<'a> = #handle<'a>;
            type Mut<'a> = #handle_mut<'a>;
            type Set<'a> = &'a #ident;
            type Got<'a> = #handle_mut<'a>;
            type Seen<'a> = #seen<'a>;
            type SeenAll<'a> = ::statewright::tracked::SeenList<'a, #ident>;

            fn schema_type(types: &mut ::statewright::tracked::Declarations) -> ::std::string::String {
                types.declare::<#ident>()
            }

            fn view<'a>(
                state: &'a ::statewright::tracked::State,
                kind: ::statewright::tracked::Kind,
                slot: u64,
            ) -> #handle<'a> {
                #handle(::statewright::tracked::RecordRef::new(state, kind, slot))
            }

            fn edit<'a>(
                state: &'a mut ::statewright::tracked::State,
                kind: ::statewright::tracked::Kind,
                slot: u64,
            ) -> #handle_mut<'a> {
                #handle_mut(::statewright::tracked::RecordMut::new(state, kind, slot))
            }

            fn got<'a>(
                state: &'a mut ::statewright::tracked::State,
                kind: ::statewright::tracked::Kind,
                slot: ::core::option::Option<u64>,
            ) -> #handle_mut<'a> {
                Self::edit(state, kind, slot.unwrap_or(0))
            }

            fn read(
                state: &::statewright::tracked::State,
                kind: ::statewright::tracked::Kind,
                slot: u64,
            ) -> #ident {
                ::core::convert::From::from(Self::view(state, kind, slot))
            }

            fn set(plain: &#ident) -> &#ident {
                plain
            }

            fn make(
                value: &#ident,
                state: &mut ::statewright::tracked::State,
                kind: ::statewright::tracked::Kind,
            ) -> ::core::result::Result<u64, ::statewright::tracked::parts::TrapCode> {
                kind.make_record(state, value)
            }

            fn put(
                value: &#ident,
                state: &mut ::statewright::tracked::State,
                kind: ::statewright::tracked::Kind,
                old: u64,
            ) -> ::core::result::Result<::core::option::Option<u64>, ::statewright::tracked::parts::TrapCode> {
                kind.overwrite(state, value, old).map(|()| ::core::option::Option::None)
            }

            fn key<'k>(value: Self::Set<'k>, field: u32) -> ::core::option::Option<::statewright::tracked::Key<'k>> {
                let _ = value;
                match field {
                    #(#keys)*
                    _ => ::core::option::Option::None,
                }
            }

            #[inline]
            fn seen<'a>(
                plain: &'a #ident,
                viewer: &'a ::statewright::tracked::Viewer,
                place: ::statewright::tracked::Place<'a>,
                scope: ::statewright::tracked::Scope,
            ) -> #seen<'a> {
                let scope = ::statewright::tracked::Record::scope_at(plain, viewer, place, scope);
                #seen { plain, viewer, scope }
            }

            fn seen_all<'a>(
                plain: &'a [#ident],
                viewer: &'a ::statewright::tracked::Viewer,
                place: ::statewright::tracked::Place<'a>,
                scope: ::statewright::tracked::Scope,
            ) -> ::statewright::tracked::SeenList<'a, #ident> {
                ::statewright::tracked::SeenList::new(plain, viewer, place, scope)
            }

            fn copy_for(
                plain: &#ident,
                viewer: &::statewright::tracked::Viewer,
                place: ::statewright::tracked::Place<'_>,
                scope: ::statewright::tracked::Scope,
            ) -> #ident {
                plain.tracked_copy_for(viewer, ::statewright::tracked::Record::scope_at(plain, viewer, place, scope))
            }

            fn hide_from(
                plain: &mut #ident,
                viewer: &::statewright::tracked::Viewer,
                place: ::statewright::tracked::Place<'_>,
                scope: ::statewright::tracked::Scope,
            ) {
                let scope = ::statewright::tracked::Record::scope_at(plain, viewer, place, scope);
                plain.tracked_hide_from(viewer, scope);
            }
        }
    }
}

fn reading(input: &Input) -> TokenStream {
    let (ident, vis, handle) = (&input.ident, &input.vis, input.derived("Ref"));
    let getters = input.fields.iter().map(|field| {
        let Field { vis, ident: rust, codec, position, docs, name, .. } = field;
        let (key, docs) = (field.key(), doc(docs, name));
        quote! {
            #docs
            #[inline]
            #vis fn #rust(self) -> <#codec as ::statewright::tracked::Stored>::Ref<'a> {
                self.0.view::<#codec>(#position, #key)
            }
        }
    });
    let about = format!("A `{ident}` of a state that is read.");
    quote! {
        #[doc = #about]
        #[derive(Clone, Copy, Debug)]
        #vis struct #handle<'a>(::statewright::tracked::RecordRef<'a>);

        #[automatically_derived]
        #[allow(dead_code)]
        impl<'a> #handle<'a> {
            #(#getters)*
        }

        #[automatically_derived]
        impl ::core::convert::From<#handle<'_>> for #ident {
            fn from(handle: #handle<'_>) -> #ident {
                <#ident as ::statewright::tracked::Record>::from_record(handle.0)
            }
        }
    }
}

fn writing(input: &Input) -> TokenStream {
    let (ident, vis) = (&input.ident, &input.vis);
    let (handle, handle_mut) = (input.derived("Ref"), input.derived("Mut"));
    let accessors = input.fields.iter().map(|field| {
        let Field { vis, ident: rust, codec, position, docs, name, .. } = field;
        let (key, docs) = (field.key(), doc(docs, name));
        let (set, add) = (format_ident!("set_{}", rust.unraw()), format_ident!("add_{}", rust.unraw()));
        let about_set = format!("Writes `{name}`, if it differs.");
        let add = field.is_number().then(|| {
            let about = format!("Adds to `{name}`.");
            quote! {
                #[doc = #about]
                ///
                /// # Errors
                /// `overflow` beyond 64 bits, `out_of_range` beyond a narrower type, `not_found` of a handle that leads nowhere.
                #[inline]
                #vis fn #add(
                    &mut self,
                    by: #codec,
                ) -> ::core::result::Result<(), ::statewright::tracked::parts::TrapCode> {
                    self.0.add::<#codec>(#position, by)
                }
            }
        });
        // What is handed out as a value needs no handle that writes.
        let getter = if field.is_value() {
            quote! {
                #vis fn #rust(&self) -> <#codec as ::statewright::tracked::Stored>::Ref<'_> {
                    self.0.as_ref().view::<#codec>(#position, #key)
                }
            }
        } else {
            quote! {
                #vis fn #rust(&mut self) -> <#codec as ::statewright::tracked::Stored>::Mut<'_> {
                    self.0.reborrow().edit::<#codec>(#position, #key)
                }
            }
        };
        quote! {
            #docs
            #[inline]
            #getter

            #[doc = #about_set]
            ///
            /// # Errors
            /// `not_found` of a handle that leads nowhere, `stale_reference` of what was removed, `memory_limit`.
            #[inline]
            #vis fn #set(
                &mut self,
                value: <#codec as ::statewright::tracked::Stored>::Set<'_>,
            ) -> ::core::result::Result<(), ::statewright::tracked::parts::TrapCode> {
                self.0.set::<#codec>(#position, #key, value)
            }

            #add
        }
    });
    let about =
        format!("A `{ident}` of a state that may be written. It may lead nowhere: then writing is `not_found`.");
    quote! {
        #[doc = #about]
        #[derive(Debug)]
        #vis struct #handle_mut<'a>(::statewright::tracked::RecordMut<'a>);

        #[automatically_derived]
        #[allow(dead_code)]
        impl<'a> #handle_mut<'a> {
            #(#accessors)*

            /// Whether it is there.
            #vis fn is_there(&self) -> bool {
                self.0.is_there()
            }

            /// The handle, if it leads somewhere.
            #vis fn found(self) -> ::core::option::Option<#handle_mut<'a>> {
                ::core::option::Option::Some(self).filter(#handle_mut::is_there)
            }

            /// The same handle, for a shorter time.
            #vis fn reborrow(&mut self) -> #handle_mut<'_> {
                #handle_mut(self.0.reborrow())
            }

            /// It for reading.
            #vis fn as_ref(&self) -> #handle<'_> {
                #handle(self.0.as_ref())
            }

            /// Makes it what a plain one is; only what differs is written.
            ///
            /// # Errors
            /// As that of the setters.
            #vis fn write(
                &mut self,
                plain: &#ident,
            ) -> ::core::result::Result<(), ::statewright::tracked::parts::TrapCode> {
                self.0.write(plain)
            }
        }
    }
}

/// A field's documentation, for its accessors.
fn doc(docs: &str, name: &str) -> TokenStream {
    let docs = if docs.is_empty() { format!("`{name}`.") } else { docs.to_owned() };
    quote!(#[doc = #docs])
}
