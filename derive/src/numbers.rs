//! Numbers of a struct in the state, looked up once.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::input::{Field, Input};

/// The numbers, with accessors.
pub fn code(input: &Input) -> TokenStream {
    let (ident, vis) = (&input.ident, &input.vis);
    let (handle_mut, numbers) = (input.derived("Mut"), input.derived("Numbers"));
    let accessors = input.fields.iter().filter(|field| field.is_number()).map(accessors);
    let about = format!("The numbers of a `{ident}` of a state, looked up once for all that is read and written.");
    quote! {
        #[doc = #about]
        #[derive(Debug)]
        #[allow(dead_code)]
        #vis struct #numbers<'a>(::statewright::tracked::NumbersMut<'a>);

        #[automatically_derived]
        #[allow(dead_code)]
        impl #numbers<'_> {
            #(#accessors)*
        }

        #[automatically_derived]
        #[allow(dead_code)]
        impl #handle_mut<'_> {
            /// Its numbers, looked up once: faster where several are read or written.
            ///
            /// # Errors
            /// `not_found` of a handle that leads nowhere, `stale_reference` of what was removed.
            #[inline]
            #vis fn edit_numbers(
                &mut self,
            ) -> ::core::result::Result<#numbers<'_>, ::statewright::tracked::parts::TrapCode> {
                self.0.edit_numbers::<#ident>()
            }
        }
    }
}

fn accessors(field: &Field) -> TokenStream {
    let Field { vis, ident: rust, codec, position, name, .. } = field;
    let (set, add) = (format_ident!("set_{}", rust.unraw()), format_ident!("add_{}", rust.unraw()));
    let (about, about_set, about_add) =
        (format!("`{name}`."), format!("Writes `{name}`, if it differs."), format!("Adds to `{name}`."));
    quote! {
        #[doc = #about]
        #[inline(always)]
        #vis fn #rust(&self) -> #codec {
            self.0.get::<#codec>(#position)
        }

        #[doc = #about_set]
        ///
        /// # Errors
        /// `bad_argument` if a list is keyed by it, or 64 fields come before it: the struct's own handle writes it then.
        #[inline(always)]
        #vis fn #set(
            &mut self,
            value: #codec,
        ) -> ::core::result::Result<(), ::statewright::tracked::parts::TrapCode> {
            self.0.set::<#codec>(#position, value)
        }

        #[doc = #about_add]
        ///
        /// # Errors
        /// `overflow` beyond 64 bits, `out_of_range` beyond a narrower type, and as the setter.
        #[inline(always)]
        #vis fn #add(
            &mut self,
            by: #codec,
        ) -> ::core::result::Result<(), ::statewright::tracked::parts::TrapCode> {
            self.0.add::<#codec>(#position, by)
        }
    }
}
