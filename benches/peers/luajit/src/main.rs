//! The workloads on LuaJIT's interpreter: its compiler is turned off.

#[path = "../../lua.rs"]
mod lua;

fn main() -> Result<(), String> {
    // `unsafe_new` only because of the library that turns the compiler off.
    let vm = unsafe { mlua::Lua::unsafe_new() };
    vm.load("require('jit').off()").exec().map_err(|error| error.to_string())?;
    let script = lua::Script::load(vm, include_str!("workloads.lua")).map_err(|error| error.to_string())?;
    child::serve(script)
}
