//! The struct as the rest of the macro sees it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Fields, GenericArgument, Ident, Lit, Meta, PathArguments, Result, Type,
    Visibility,
};

use crate::attributes::{OfField, OfStruct};

/// A struct.
pub struct Input {
    pub ident: Ident,
    pub vis: Visibility,
    pub name: String,
    pub docs: String,
    pub of: OfStruct,
    pub fields: Vec<Field>,
    /// Position of the owner field.
    pub owner: Option<usize>,
    /// Position of the field that names the team.
    pub team: Option<usize>,
}

/// A field of it.
pub struct Field {
    pub ident: Ident,
    pub vis: Visibility,
    pub ty: Type,
    /// The type that says how it is stored.
    pub codec: Type,
    pub name: String,
    pub docs: String,
    pub of: OfField,
    pub position: u32,
}

impl Input {
    /// Reads and checks what is derived for.
    pub fn read(input: &DeriveInput) -> Result<Input> {
        if !input.generics.params.is_empty() {
            return Err(Error::new_spanned(&input.generics, "a tracked struct has no parameters: its schema is one"));
        }
        let Data::Struct(data) = &input.data else {
            return Err(Error::new_spanned(&input.ident, "`Tracked` is derived for structs"));
        };
        let Fields::Named(named) = &data.fields else {
            return Err(Error::new_spanned(&input.ident, "the fields of a tracked struct have names"));
        };
        let of = OfStruct::read(&input.attrs)?;
        let fields = named.named.iter().zip(0..).map(|(field, position)| Field::read(field, position));
        let fields = fields.collect::<Result<Vec<_>>>()?;
        let name = of.name.as_ref().map_or_else(|| input.ident.unraw().to_string(), |name| name.value());
        let owner = match &of.owner {
            None => None,
            Some(owner) => {
                let found = fields.iter().position(|field| field.is_called(&owner.value()));
                Some(found.ok_or_else(|| Error::new(owner.span(), format!("`{name}` has no such field")))?)
            }
        };
        let marked = fields.iter().position(|field| field.of.team);
        let team = marked.or_else(|| fields.iter().position(|field| field.name == "Team" && field.is_plain_scalar()));
        let (ident, vis, docs) = (input.ident.clone(), input.vis.clone(), docs(&input.attrs));
        Ok(Input { ident, vis, name, docs, of, fields, owner, team })
    }

    /// Whether it is a root, and whether that is there from the start.
    pub fn makes_schema(&self) -> bool {
        self.of.main || self.of.root == Some(true)
    }

    pub fn derived(&self, suffix: &str) -> Ident {
        Ident::new(&format!("{}{suffix}", self.ident.unraw()), self.ident.span())
    }
}

impl Field {
    fn read(field: &syn::Field, position: u32) -> Result<Field> {
        let of = OfField::read(&field.attrs)?;
        let ident = field.ident.clone().ok_or_else(|| Error::new_spanned(field, "a field has a name"))?;
        let name = of.name.as_ref().map_or_else(|| schema_name(&ident.unraw().to_string()), |name| name.value());
        let mut found = (false, false);
        let codec = codec(&field.ty, &of, false, &mut found);
        if of.bytes && !found.0 {
            return Err(Error::new_spanned(&field.ty, "`bytes` belongs to a `Vec<u8>`"));
        }
        if (of.uuid.0 || of.uuid.1) && !found.1 {
            return Err(Error::new_spanned(&field.ty, "`uuid` belongs to a `String`"));
        }
        if let Some((literal, _)) = of.quantize.as_ref().filter(|_| !is_one_of(&field.ty, &["f32", "f64"])) {
            return Err(Error::new(literal.span(), "`quantize` belongs to an `f32` or `f64`"));
        }
        if RESERVED.iter().any(|reserved| ident.unraw() == reserved) {
            let message =
                format!("the handles have a method `{ident}`; write `{ident}_`, which is `{name}` in the schema too");
            return Err(Error::new(ident.span(), message));
        }
        let (vis, ty, docs) = (field.vis.clone(), field.ty.clone(), docs(&field.attrs));
        Ok(Field { ident, vis, ty, codec, name, docs, of, position })
    }

    /// By its name in Rust or in the schema.
    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.ident.unraw() == name
    }

    pub fn is_number(&self) -> bool {
        is_one_of(&self.ty, INTS) || is_one_of(&self.ty, &["f32", "f64"])
    }

    pub fn is_int(&self) -> bool {
        is_one_of(&self.ty, INTS)
    }

    pub fn is_text(&self) -> bool {
        is_one_of(&self.ty, &["String"])
    }

    /// A text or number, or an `Option` of that: what may name a team.
    pub fn is_plain_scalar(&self) -> bool {
        let inner = argument(&self.ty, "Option").unwrap_or(&self.ty);
        is_one_of(inner, INTS) || is_one_of(inner, &["String"])
    }

    /// Whether it is an `Option<String>`, where the text `null` must be told from null.
    pub fn is_optional_text(&self) -> bool {
        argument(&self.ty, "Option").is_some_and(|inner| is_one_of(inner, &["String"]))
    }

    /// Whether reading gives a value, not a handle: numbers, bools, text, bytes, and `Option`s of these.
    pub fn is_value(&self) -> bool {
        let inner = argument(&self.ty, "Option").unwrap_or(&self.ty);
        let is_bytes = || argument(inner, "Vec").is_some_and(|inner| is_one_of(inner, &["u8"]));
        (self.of.bytes && is_bytes()) || is_one_of(inner, INTS) || is_one_of(inner, &["String", "bool", "f32", "f64"])
    }

    /// Whether there may be structs in it, which have owners and teams of their own.
    pub fn may_hold_structs(&self) -> bool {
        let inner = argument(&self.ty, "Vec").or_else(|| argument(&self.ty, "Option")).unwrap_or(&self.ty);
        !(is_one_of(inner, INTS) || is_one_of(inner, &["String", "bool", "f32", "f64"]))
    }

    /// The position of the key field of the elements: an `Option<u32>`.
    pub fn key(&self) -> TokenStream {
        let codec = &self.codec;
        match &self.of.key {
            None => quote!(::core::option::Option::None),
            // At the attribute's place, so that the error of a field that is not there points at it.
            Some(key) => quote_spanned! {key.span()=>
                ::core::option::Option::Some(const { ::statewright::tracked::parts::key_position::<#codec>(#key) })
            },
        }
    }

    /// The name of the key field in the schema; `None` without `key`.
    pub fn key_name(&self) -> Option<TokenStream> {
        let codec = &self.codec;
        let key = self.of.key.as_ref()?;
        Some(quote! {
            const {
                <<#codec as ::statewright::tracked::Holds>::Record as ::statewright::tracked::Record>::FIELDS
                    [::statewright::tracked::parts::key_position::<#codec>(#key) as usize].0
            }
        })
    }

    /// Whether not everybody sees it, whoever that may be.
    pub fn is_restricted(&self) -> bool {
        self.is_hidden() || !(self.of.views.is_empty() || self.of.views.iter().any(|view| view == "all"))
    }

    /// Whether nobody sees it.
    pub fn is_hidden(&self) -> bool {
        self.of.no_sync || self.of.views.iter().any(|view| view == "none")
    }
}

/// Methods of the handles, besides those of the fields.
const RESERVED: &[&str] = &["as_ref", "edit_numbers", "found", "is_there", "of", "other", "reborrow", "write"];

const INTS: &[&str] = &["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];

/// Whether a type is one of those names.
fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path
        .segments
        .last()
        .is_some_and(|last| last.arguments.is_none() && names.iter().any(|name| last.ident == name))
}

/// The only argument of a type of that name.
fn argument<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// The type that says how a field is stored: bytes and uuids have names of their own there. `found` tells of which there were some.
fn codec(ty: &Type, of: &OfField, is_key: bool, found: &mut (bool, bool)) -> Type {
    if of.bytes && argument(ty, "Vec").is_some_and(|inner| is_one_of(inner, &["u8"])) {
        found.0 = true;
        return syn::parse_quote!(::statewright::tracked::Bytes);
    }
    if is_one_of(ty, &["String"]) && if is_key { of.uuid.0 } else { of.uuid.1 } {
        found.1 = true;
        return syn::parse_quote!(::statewright::tracked::Uuid);
    }
    let mut ty = ty.clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        let is_map = last.ident == "BTreeMap" || last.ident == "HashMap";
        for (at, argument) in arguments.args.iter_mut().enumerate() {
            if let GenericArgument::Type(inner) = argument {
                *inner = codec(inner, of, is_map && at == 0, found);
            }
        }
    }
    ty
}

/// `player_id` is `PlayerID`, `score` is `Score`.
fn schema_name(ident: &str) -> String {
    let part = |part: &str| match part {
        "id" => "ID".to_owned(),
        part => {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    };
    ident.split('_').map(part).collect()
}

/// The text of documentation comments.
fn docs(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    let lines = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
