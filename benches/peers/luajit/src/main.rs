//! The workloads on LuaJIT: `peer-luajit` with its compiler, `peer-luajit interpreter` without.

#[path = "../../lua.rs"]
mod lua;

fn main() -> Result<(), String> {
    let vm = mlua::Lua::new();
    let interprets = std::env::args().nth(1).is_some_and(|arg| arg == "interpreter");
    vm.load(if interprets { "jit.off()" } else { "jit.on()" }).exec().map_err(|error| error.to_string())?;
    let script = lua::Script::load(vm, include_str!("workloads.lua")).map_err(|error| error.to_string())?;
    child::serve(script)
}
