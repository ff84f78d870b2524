//! What stands in `#[tracked(…)]`.

use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Ident, Lit, LitInt, LitStr, Path, Result, Token, parenthesized};

/// Of a struct.
#[derive(Default)]
pub struct OfStruct {
    /// `rename = "…"`
    pub name: Option<LitStr>,
    /// `id = N`
    pub id: Option<LitInt>,
    /// `root`, `root(inactive)`: whether it is active.
    pub root: Option<bool>,
    /// `main`: the schema is this one's, whatever its role.
    pub main: bool,
    /// `owner = "…"`
    pub owner: Option<LitStr>,
    /// `was = "A, B"`
    pub was: Vec<String>,
    /// `package = "…"`
    pub package: Option<LitStr>,
    /// `version = N`
    pub version: Option<LitInt>,
    /// `types(A, B)`
    pub types: Vec<Path>,
    /// `views(a(b, c), d)`
    pub views: Vec<(Ident, Vec<Ident>)>,
    /// `sees = path`
    pub sees: Option<Path>,
}

/// Of a field.
#[derive(Default)]
pub struct OfField {
    /// `rename = "…"`
    pub name: Option<LitStr>,
    /// `id = N`
    pub id: Option<LitInt>,
    /// `key = "…"`
    pub key: Option<LitStr>,
    /// `view(a, b)`
    pub views: Vec<Ident>,
    /// `no_sync`
    pub no_sync: bool,
    /// `optional`
    pub optional: bool,
    /// `team`
    pub team: bool,
    /// `default = …`, as text.
    pub default: Option<String>,
    /// `config = "GROUP.FIELD"`
    pub config: Option<LitStr>,
    /// `auto`
    pub auto: bool,
    /// `write = "…"`
    pub write: Option<LitStr>,
    /// `quantize = STEP`, as text.
    pub quantize: Option<(Lit, f64)>,
    /// `was = "A, B"`
    pub was: Vec<String>,
    /// `bytes`
    pub bytes: bool,
    /// `uuid`, `uuid(keys)`, `uuid(values)`: of keys, of the rest.
    pub uuid: (bool, bool),
}

/// Reads what stands in all `#[tracked(…)]` among some attributes.
fn each(attributes: &[Attribute], mut read: impl FnMut(&ParseNestedMeta<'_>, &str) -> Result<()>) -> Result<()> {
    let mut seen: Vec<String> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("tracked")) {
        attribute.parse_nested_meta(|meta| {
            let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            if seen.contains(&name) {
                return Err(meta.error(format!("`{name}` stands twice; keep one of them")));
            }
            read(&meta, &name)?;
            seen.push(name);
            Ok(())
        })?;
    }
    Ok(())
}

impl OfStruct {
    /// Reads those of a struct.
    pub fn read(attributes: &[Attribute]) -> Result<OfStruct> {
        let mut of = OfStruct::default();
        each(attributes, |meta, name| {
            match name {
                "rename" => of.name = Some(meta.value()?.parse()?),
                "id" => of.id = Some(number(meta, 65_535)?),
                "root" => of.root = Some(role(meta)?),
                "main" => of.main = true,
                "owner" => of.owner = Some(meta.value()?.parse()?),
                "was" => of.was = old_names(meta)?,
                "package" => of.package = Some(meta.value()?.parse()?),
                "version" => of.version = Some(number(meta, u32::MAX.into())?),
                "types" => {
                    let content;
                    parenthesized!(content in meta.input);
                    of.types = Punctuated::<Path, Token![,]>::parse_terminated(&content)?.into_iter().collect();
                }
                "views" => meta.parse_nested_meta(|view| {
                    let includes = if view.input.peek(syn::token::Paren) { idents(&view)? } else { Vec::new() };
                    of.views.push((view.path.require_ident()?.clone(), includes));
                    Ok(())
                })?,
                "sees" => of.sees = Some(meta.value()?.parse()?),
                _ => {
                    let known = "rename, id, root, main, owner, was, package, version, types, views, sees";
                    return Err(meta.error(format!("a struct takes {known}")));
                }
            }
            Ok(())
        })?;
        Ok(of)
    }
}

impl OfField {
    /// Reads those of a field.
    pub fn read(attributes: &[Attribute]) -> Result<OfField> {
        let mut of = OfField::default();
        each(attributes, |meta, name| {
            match name {
                "rename" => of.name = Some(meta.value()?.parse()?),
                "id" => of.id = Some(number(meta, 65_535)?),
                "key" => of.key = Some(meta.value()?.parse()?),
                "view" => of.views = idents(meta)?,
                "no_sync" => of.no_sync = true,
                "optional" => of.optional = true,
                "team" => of.team = true,
                "default" => of.default = Some(default(meta)?),
                "config" => of.config = Some(meta.value()?.parse()?),
                "auto" => of.auto = true,
                "write" => {
                    let writer: LitStr = meta.value()?.parse()?;
                    if !["server", "owner", "all"].contains(&&*writer.value()) {
                        return Err(Error::new(writer.span(), "write `server`, `owner` or `all`"));
                    }
                    of.write = Some(writer);
                }
                "quantize" => of.quantize = Some(step(meta)?),
                "was" => of.was = old_names(meta)?,
                "bytes" => of.bytes = true,
                "uuid" => of.uuid = uuids(meta)?,
                _ => {
                    let known = "rename, id, key, view, no_sync, optional, team, default, config, auto, write, \
                                 quantize, was, bytes, uuid";
                    return Err(meta.error(format!("a field takes {known}")));
                }
            }
            Ok(())
        })?;
        if usize::from(of.default.is_some()) + usize::from(of.config.is_some()) + usize::from(of.auto) > 1 {
            let at = attributes.iter().find(|attribute| attribute.path().is_ident("tracked"));
            let message = "a field has one of `default`, `config` and `auto`";
            return Err(at.map_or_else(
                || Error::new(proc_macro2::Span::call_site(), message),
                |at| Error::new_spanned(at, message),
            ));
        }
        Ok(of)
    }
}

fn number(meta: &ParseNestedMeta<'_>, most: u64) -> Result<LitInt> {
    let literal: LitInt = meta.value()?.parse()?;
    let fits = literal.base10_parse::<u64>().is_ok_and(|number| (1..=most).contains(&number));
    if fits { Ok(literal) } else { Err(Error::new(literal.span(), format!("a number from 1 to {most} belongs here"))) }
}

fn role(meta: &ParseNestedMeta<'_>) -> Result<bool> {
    if !meta.input.peek(syn::token::Paren) {
        return Ok(true);
    }
    match idents(meta)?.as_slice() {
        [one] if one == "active" => Ok(true),
        [one] if one == "inactive" => Ok(false),
        _ => Err(meta.error("write `root`, `root(active)` or `root(inactive)`")),
    }
}

fn idents(meta: &ParseNestedMeta<'_>) -> Result<Vec<Ident>> {
    let content;
    parenthesized!(content in meta.input);
    let idents = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
    if idents.is_empty() {
        return Err(meta.error("names belong between the parentheses"));
    }
    Ok(idents.into_iter().collect())
}

fn old_names(meta: &ParseNestedMeta<'_>) -> Result<Vec<String>> {
    let names: LitStr = meta.value()?.parse()?;
    Ok(names.value().split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

fn default(meta: &ParseNestedMeta<'_>) -> Result<String> {
    let value = meta.value()?;
    let minus = value.parse::<Option<Token![-]>>()?.map_or("", |_| "-");
    let literal: Lit = value.parse()?;
    let text = match &literal {
        Lit::Str(text) if minus.is_empty() => text.value(),
        Lit::Bool(flag) if minus.is_empty() => flag.value.to_string(),
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        _ => {
            return Err(Error::new(literal.span(), "a number, `true`, `false`, or a text with the value belongs here"));
        }
    };
    Ok(format!("{minus}{text}"))
}

fn step(meta: &ParseNestedMeta<'_>) -> Result<(Lit, f64)> {
    let literal: Lit = meta.value()?.parse()?;
    let step = match &literal {
        Lit::Int(number) => number.base10_parse::<f64>().ok(),
        Lit::Float(number) => number.base10_parse::<f64>().ok(),
        _ => None,
    };
    match step.filter(|step| step.is_finite() && *step > 0.0) {
        Some(step) => Ok((literal, step)),
        None => Err(Error::new(literal.span(), "a step above 0 belongs here, such as 0.01")),
    }
}

fn uuids(meta: &ParseNestedMeta<'_>) -> Result<(bool, bool)> {
    if !meta.input.peek(syn::token::Paren) {
        return Ok((true, true));
    }
    match idents(meta)?.as_slice() {
        [one] if one == "keys" => Ok((true, false)),
        [one] if one == "values" => Ok((false, true)),
        _ => Err(meta.error("write `uuid`, `uuid(keys)` or `uuid(values)`")),
    }
}
