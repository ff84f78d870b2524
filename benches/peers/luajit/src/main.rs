//! The workloads on LuaJIT's interpreter: its compiler is turned off.

#[path = "../../lua.rs"]
mod lua;

fn main() -> Result<(), String> {
    let vm = mlua::Lua::new();
    vm.load("jit.off()").exec().map_err(|error| error.to_string())?;
    let script = lua::Script::load(vm, include_str!("workloads.lua")).map_err(|error| error.to_string())?;
    child::serve(script)
}
