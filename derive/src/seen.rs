//! What viewers see of a plain struct.

use proc_macro2::TokenStream;
use quote::quote;

use crate::input::{Field, Input};

/// The view of a plain struct, and the functions that make it.
pub fn code(input: &Input) -> TokenStream {
    let mut code = view(input);
    code.extend(functions(input));
    code
}

/// Whose a struct is: `Record::scope_at`.
pub fn scope(input: &Input) -> TokenStream {
    let text = |field: &Field| {
        let (codec, rust) = (&field.codec, &field.ident);
        quote!(<#codec as ::statewright::tracked::Stored>::text(&self.#rust))
    };
    let owner = match input.owner.and_then(|at| input.fields.get(at)) {
        Some(field) => {
            let text = text(field);
            quote!(outer.owned_by(#text, viewer))
        }
        None => {
            let keys = input.fields.iter().filter(|field| !field.is_number()).map(|field| {
                let (name, text) = (&field.name, text(field));
                quote!(#name => #text,)
            });
            quote! {
                let key = match place.key() {
                    #(#keys)*
                    _ => ::core::option::Option::None,
                };
                outer.owned_by_key(key, place, viewer)
            }
        }
    };
    // Nobody asks about the team where nothing depends on it.
    let asks = |field: &Field| field.of.views.iter().any(|view| view == "team") || field.may_hold_structs();
    let team = input.team.and_then(|at| input.fields.get(at)).filter(|_| input.fields.iter().any(asks));
    let team = team.map(|field| {
        let rust = &field.ident;
        quote!(let scope = scope.in_team(&self.#rust, viewer);)
    });
    quote! {
        #[inline]
        fn scope_at(
            &self,
            viewer: &::statewright::tracked::Viewer,
            place: ::statewright::tracked::Place<'_>,
            outer: ::statewright::tracked::Scope,
        ) -> ::statewright::tracked::Scope {
            let scope = { #owner };
            #team
            scope
        }
    }
}

/// Whether `viewer` sees a field of `plain` in `scope`.
fn sees(input: &Input, field: &Field) -> TokenStream {
    if field.is_hidden() {
        return quote!(false);
    }
    let views = field.of.views.iter().map(|view| match view.to_string().as_str() {
        "owner" => quote!(scope.is_mine()),
        "team" => quote!(scope.is_ours()),
        name => match &input.of.sees {
            Some(path) => quote!((viewer.is_granted(#name) || #path(plain, #name, viewer))),
            None => quote!(viewer.is_granted(#name)),
        },
    });
    quote!(#(#views)||*)
}

/// The place of a field's value.
fn place(field: &Field) -> TokenStream {
    let key = field.key_name().unwrap_or_else(|| quote!("ID"));
    quote!(::statewright::tracked::Place::field(#key))
}

/// A float as viewers get it.
fn quantised(field: &Field, float: TokenStream) -> TokenStream {
    match &field.of.quantize {
        Some((_, step)) => quote!(::statewright::tracked::parts::quantise(::core::convert::From::from(#float), #step)),
        None => float,
    }
}

fn view(input: &Input) -> TokenStream {
    let (ident, vis, seen) = (&input.ident, &input.vis, input.derived("Seen"));
    let getters = input.fields.iter().map(|field| {
        let Field { vis, ident: rust, codec, docs, name, .. } = field;
        let docs = if docs.is_empty() { format!("`{name}`.") } else { docs.clone() };
        let place = place(field);
        let value = match &field.of.quantize {
            Some(_) => quantised(field, quote!(self.plain.#rust)),
            None => quote! {
                <#codec as ::statewright::tracked::Stored>::seen(&self.plain.#rust, self.viewer, #place, self.scope)
            },
        };
        let ty = match &field.of.quantize {
            Some(_) => quote!(f64),
            None => quote!(<#codec as ::statewright::tracked::Stored>::Seen<'a>),
        };
        if !field.is_restricted() {
            return quote! {
                #[doc = #docs]
                #[inline]
                #vis fn #rust(self) -> #ty {
                    #value
                }
            };
        }
        let sees = sees(input, field);
        let hidden = "\n\n`None` if it is hidden.";
        quote! {
            #[doc = #docs]
            #[doc = #hidden]
            #[inline]
            #vis fn #rust(self) -> ::core::option::Option<#ty> {
                let #seen { plain, viewer, scope } = self;
                let _ = (plain, viewer, scope);
                if #sees { ::core::option::Option::Some(#value) } else { ::core::option::Option::None }
            }
        }
    });
    let about = format!("A plain `{ident}`, as a viewer sees it.");
    quote! {
        #[doc = #about]
        #[derive(Clone, Copy)]
        #[allow(dead_code)]
        #vis struct #seen<'a> {
            plain: &'a #ident,
            viewer: &'a ::statewright::tracked::Viewer,
            scope: ::statewright::tracked::Scope,
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #seen<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(::core::stringify!(#seen)).field("scope", &self.scope).finish_non_exhaustive()
            }
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl<'a> #seen<'a> {
            #(#getters)*
        }
    }
}

fn functions(input: &Input) -> TokenStream {
    let (ident, vis, seen) = (&input.ident, &input.vis, input.derived("Seen"));
    // A root stands in no collection.
    let place = match input.of.root {
        Some(_) => quote!(::statewright::tracked::Place::field("ID")),
        None => quote!(::statewright::tracked::Place::ALONE),
    };
    let copies = input.fields.iter().map(|field| copy(input, field));
    let sights = input.fields.iter().filter(|field| field.is_restricted()).map(|field| sees(input, field));
    let hides = hides(input);
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            /// What a viewer sees of it. Nothing is copied.
            #[inline]
            #vis fn seen_by<'a>(&'a self, viewer: &'a ::statewright::tracked::Viewer) -> #seen<'a> {
                <#ident as ::statewright::tracked::Stored>::seen(
                    self, viewer, #place, ::statewright::tracked::Scope::NOBODY)
            }

            /// What a viewer sees of several, in a buffer that is emptied first.
            #vis fn seen_by_all<'a>(
                all: &'a [#ident],
                viewer: &'a ::statewright::tracked::Viewer,
                buffer: &mut ::std::vec::Vec<#seen<'a>>,
            ) {
                buffer.clear();
                buffer.extend(all.iter().map(|each| each.seen_by(viewer)));
            }

            /// Gives what a viewer may not see the default of its Rust type.
            #vis fn hide_from(&mut self, viewer: &::statewright::tracked::Viewer) {
                <#ident as ::statewright::tracked::Stored>::hide_from(
                    self, viewer, #place, ::statewright::tracked::Scope::NOBODY);
            }

            /// A copy in which what a viewer may not see has the default of its Rust type.
            #vis fn for_viewer(&self, viewer: &::statewright::tracked::Viewer) -> #ident {
                <#ident as ::statewright::tracked::Stored>::copy_for(
                    self, viewer, #place, ::statewright::tracked::Scope::NOBODY)
            }

            fn tracked_copy_for(
                &self,
                viewer: &::statewright::tracked::Viewer,
                scope: ::statewright::tracked::Scope,
            ) -> #ident {
                let plain = self;
                let _ = (plain, viewer, scope);
                #ident { #(#copies),* }
            }

            fn tracked_hide_from(
                &mut self,
                viewer: &::statewright::tracked::Viewer,
                scope: ::statewright::tracked::Scope,
            ) {
                let _ = (viewer, scope);
                // All before anything is hidden: a predicate may look at any field.
                let mut sees = {
                    let plain = &*self;
                    let _ = plain;
                    ::core::iter::IntoIterator::into_iter([#(#sights),*] as [bool; _])
                };
                let _ = &mut sees;
                #(#hides)*
            }
        }
    }
}

fn copy(input: &Input, field: &Field) -> TokenStream {
    let Field { ident: rust, codec, ty, .. } = field;
    let place = place(field);
    let value = match &field.of.quantize {
        Some(_) => {
            let float = quantised(field, quote!(self.#rust));
            quote!((#float) as #ty)
        }
        None => quote! {
            <#codec as ::statewright::tracked::Stored>::copy_for(&self.#rust, viewer, #place, scope)
        },
    };
    if !field.is_restricted() {
        return quote!(#rust: #value);
    }
    let sees = sees(input, field);
    quote!(#rust: if #sees { #value } else { ::core::default::Default::default() })
}

fn hides(input: &Input) -> impl Iterator<Item = TokenStream> {
    input.fields.iter().map(|field| {
        let Field { ident: rust, codec, ty, .. } = field;
        let place = place(field);
        let inside = match &field.of.quantize {
            Some(_) => {
                let float = quantised(field, quote!(self.#rust));
                quote!(self.#rust = (#float) as #ty;)
            }
            None => quote! {
                <#codec as ::statewright::tracked::Stored>::hide_from(&mut self.#rust, viewer, #place, scope);
            },
        };
        if !field.is_restricted() {
            return inside;
        }
        quote! {
            if sees.next() == ::core::option::Option::Some(true) {
                #inside
            } else {
                self.#rust = ::core::default::Default::default();
            }
        }
    })
}
