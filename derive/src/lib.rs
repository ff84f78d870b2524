//! `#[derive(Tracked)]`: a plain struct as a type of tracked state. docs/tracked.md has the attributes and what comes of them.
//!
//! The macro knows names only: all that it makes is calls of `statewright::tracked`.
//!
//! - `attributes`: what stands in `#[tracked(…)]`. `input`: the struct as the rest sees it.
//! - `describe`: its declaration. `access`: handles and conversion. `seen`: what viewers see of plain ones.

mod access;
mod attributes;
mod describe;
mod input;
mod numbers;
mod seen;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a plain struct a type of tracked state.
#[proc_macro_derive(Tracked, attributes(tracked))]
pub fn derive_tracked(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let made = input::Input::read(&input).map(|input| {
        let mut code = describe::code(&input);
        code.extend(access::code(&input));
        code.extend(numbers::code(&input));
        code.extend(seen::code(&input));
        code
    });
    made.unwrap_or_else(|error| error.to_compile_error()).into()
}
