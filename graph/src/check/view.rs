//! Functions that are views (R9): called as a `@view` of the schema, they tell of a viewer and a record whether the viewer sees
//! the record's fields of that view.

use std::sync::Arc;

use statewright_types::schema::Audience;
use statewright_types::{Diagnostic, Schema, StructId, Type};

use super::{codes, listed};
use crate::document::{Graph, GraphKind};
use crate::lower::Signature;

/// The types with a field whose `@view` names `name`.
pub(crate) fn holders(schema: &Schema, name: &str) -> Vec<StructId> {
    let types = schema.types().iter().enumerate().filter(|(_, def)| {
        let names = |audience: &Audience| matches!(audience, Audience::Named(view) if &**view == name);
        def.fields.iter().any(|field| field.audience.iter().any(names))
    });
    types.map(|(index, _)| StructId(index as u32)).collect()
}

/// Whether a graph is a view's function.
pub(crate) fn is_view(schema: &Schema, graph: &Graph) -> bool {
    graph.kind == GraphKind::Function && !holders(schema, &graph.name.text).is_empty()
}

/// Reports a view's function whose parameters or result are not those of a view.
pub(crate) fn check(schema: &Schema, graph: &Graph, signature: &Signature, diagnostics: &mut Vec<Diagnostic>) {
    let name = &graph.name.text;
    let holders = holders(schema, name);
    let of = |id: &StructId| schema.get(*id).name.clone();
    let shown = holders.first().map_or_else(|| Arc::from("T"), of);
    let help = format!(
        "a view takes the viewer's id and the record that has the field, and gives whether it is seen: \
         `(viewer string, element {shown}) → bool`; rename the function if it is no view"
    );
    let mut report = |span, message: String, help: String| {
        let mut diagnostic = Diagnostic::error(codes::VIEW_SHAPE, span, message).help(help);
        diagnostic.place.handler = Some(name.clone());
        diagnostics.push(diagnostic);
    };
    let types: Vec<&Type> = signature.params.iter().map(|(_, ty)| ty).collect();
    let ([Type::String, Type::Struct(element)], Some(Type::Bool)) = (types.as_slice(), &signature.returns) else {
        report(graph.name.span, format!("`{name}` is a view of the schema, and not of a view's shape"), help);
        return;
    };
    let span = graph.parameters.get(1).map_or(graph.name.span, |parameter| parameter.ty.span);
    if !holders.contains(element) {
        report(span, format!("`{}` has no field with `@view({name})`", of(element)), help);
    } else if holders.len() > 1 {
        let names: Vec<Arc<str>> = holders.iter().map(of).collect();
        let message = format!(
            "the view `{name}` is one of {}, and its function takes one of them",
            listed(names.iter().map(|name| &**name))
        );
        report(span, message, "name another view for the others, with a function of its own".to_owned());
    }
}
