//! What a program tells about a module, worked out once: for every execution that is made of IR.

use std::sync::Arc;

use statewright_graph::ir::footprint::footprint;
use statewright_graph::ir::{self, FuncId, FunctionRole, Verified};
use statewright_runtime::program::{EffectInfo, FilterFootprint, FilterInfo, Footprint, HandlerInfo, ViewInfo};
use statewright_types::schema::Audience;
use statewright_types::{Config, StructId, Type};

/// Handlers, filters, effects and views of a module, and which functions of it they are.
#[derive(Clone, Debug)]
pub struct ProgramTables {
    /// In document order; a handler's function has its position.
    pub handlers: Vec<HandlerInfo>,
    /// In document order.
    pub filters: Vec<FilterInfo>,
    /// The function of each filter.
    pub filter_functions: Vec<usize>,
    /// In document order.
    pub effects: Vec<EffectInfo>,
    /// The function of each effect.
    pub effect_functions: Vec<usize>,
    /// Functions called as a view of the schema, in document order.
    pub views: Vec<ViewInfo>,
    /// The function of each view.
    pub view_functions: Vec<usize>,
    /// Of the document's text and the schema.
    pub document_hash: [u8; 32],
    /// What the document was compiled with.
    pub config: Option<Arc<Config>>,
}

impl ProgramTables {
    /// Of a module with these handlers, in its order. Takes time in proportion to the module.
    pub fn new(module: &Verified, handlers: Vec<HandlerInfo>, document_hash: [u8; 32]) -> ProgramTables {
        let (filter_functions, filters) = filters(module).unzip();
        let (effect_functions, effects) = effects(module).unzip();
        let (view_functions, views) = views(module).unzip();
        ProgramTables {
            handlers,
            filters,
            filter_functions,
            effects,
            effect_functions,
            views,
            view_functions,
            document_hash,
            config: None,
        }
    }

    /// With the configuration that the document was compiled with.
    #[must_use]
    pub fn with_config(self, config: Option<Arc<Config>>) -> ProgramTables {
        ProgramTables { config, ..self }
    }

    /// The function of the filter at that place; none of the module's if there is no such filter.
    pub fn filter_function(&self, filter: usize) -> usize {
        self.filter_functions.get(filter).copied().unwrap_or(usize::MAX)
    }

    /// The same of an effect.
    pub fn effect_function(&self, effect: usize) -> usize {
        self.effect_functions.get(effect).copied().unwrap_or(usize::MAX)
    }

    /// The same of a view.
    pub fn view_function(&self, view: usize) -> usize {
        self.view_functions.get(view).copied().unwrap_or(usize::MAX)
    }
}

/// Filters, and which functions of the module they are.
fn filters(module: &Verified) -> impl Iterator<Item = (usize, FilterInfo)> {
    let functions = module.functions.iter().enumerate();
    functions.filter(|(_, function)| function.role == FunctionRole::Filter).map(|(index, function)| {
        let params = function.params.iter().skip(1).map(|param| (param.name.clone(), param.ty.clone())).collect();
        let footprint = filter_footprint(footprint(module, FuncId(index as u32)));
        (index, FilterInfo { name: function.name.clone(), params, footprint })
    })
}

/// Effects, and which functions of the module they are.
fn effects(module: &Verified) -> impl Iterator<Item = (usize, EffectInfo)> {
    let functions = module.functions.iter().enumerate();
    functions.filter(|(_, function)| function.role == FunctionRole::Effect).map(|(index, function)| {
        let params = function.params.iter().map(|param| (param.name.clone(), param.ty.clone())).collect();
        let touched = footprint(module, FuncId(index as u32));
        let (footprint, looks_around) = (Footprint::Fields(touched.fields()), touched.looks_around);
        (index, EffectInfo { name: function.name.clone(), params, footprint, looks_around })
    })
}

/// Functions called as a view of the schema, and which functions of the module they are.
fn views(module: &Verified) -> impl Iterator<Item = (usize, ViewInfo)> {
    let named = |name: &str, element: StructId| {
        let def = module.schema.types().get(element.index());
        let names = |audience: &Audience| matches!(audience, Audience::Named(view) if &**view == name);
        def.is_some_and(|def| def.fields.iter().any(|field| field.audience.iter().any(names)))
    };
    let functions = module.functions.iter().enumerate();
    functions.filter_map(move |(index, function)| {
        let types: Vec<&Type> = function.params.iter().map(|param| &param.ty).collect();
        let ([Type::String, Type::Struct(element)], Some(Type::Bool)) = (types.as_slice(), &function.returns) else {
            return None;
        };
        let is_view = function.role == FunctionRole::Function && named(&function.name, *element);
        is_view.then(|| {
            let footprint = filter_footprint(footprint(module, FuncId(index as u32)));
            (index, ViewInfo { name: function.name.clone(), element: *element, footprint })
        })
    })
}

/// What a filter or a view touches, as programs tell it.
fn filter_footprint(touched: ir::footprint::Footprint) -> FilterFootprint {
    let ir::footprint::Footprint { reads, writes, looks_around } = touched;
    FilterFootprint { reads: Footprint::Fields(reads), writes: Footprint::Fields(writes), looks_around }
}
