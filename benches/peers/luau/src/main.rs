//! The workloads on Luau's interpreter: the crate is built without its code generator.

#[path = "../../lua.rs"]
mod lua;

fn main() -> Result<(), String> {
    let vm = mlua::Lua::new();
    vm.set_compiler(mlua::chunk::Compiler::new().set_optimization_level(2));
    vm.sandbox(true).map_err(|error| error.to_string())?;
    let script = lua::Script::load(vm, include_str!("workloads.luau")).map_err(|error| error.to_string())?;
    child::serve(script)
}
