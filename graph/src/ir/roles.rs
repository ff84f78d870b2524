//! What functions are for, beyond what their role says.

use statewright_types::schema::Audience;
use statewright_types::{StructId, Type};

use super::{Function, FunctionRole, Module};

/// The type whose records a function is asked about, if it is a view of the schema: a function of the name of one, which takes
/// a viewer's id and a record of a type with fields of that view.
pub fn view_of(module: &Module, function: &Function) -> Option<StructId> {
    let types: Vec<&Type> = function.params.iter().map(|param| &param.ty).collect();
    let ([Type::String, Type::Struct(element)], Some(Type::Bool)) = (types.as_slice(), &function.returns) else {
        return None;
    };
    let names = |audience: &Audience| matches!(audience, Audience::Named(view) if *view == function.name);
    let def = module.schema.types().get(element.index());
    let is_named = def.is_some_and(|def| def.fields.iter().any(|field| field.audience.iter().any(names)));
    (function.role == FunctionRole::Function && is_named).then_some(*element)
}
