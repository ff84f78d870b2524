//! The workloads on Luau: `peer-luau` with its code generator, `peer-luau interpreter` without.

#[path = "../../lua.rs"]
mod lua;

fn main() -> Result<(), String> {
    let vm = mlua::Lua::new();
    let interprets = std::env::args().nth(1).is_some_and(|arg| arg == "interpreter");
    vm.enable_jit(!interprets);
    vm.set_compiler(mlua::chunk::Compiler::new().set_optimization_level(2));
    vm.sandbox(true).map_err(|error| error.to_string())?;
    let script = lua::Script::load(vm, include_str!("workloads.luau")).map_err(|error| error.to_string())?;
    child::serve(script)
}
