//! A Lua of either kind with the workloads loaded; a module of both programs.

use child::{CALLS, Engine, PASSES, id, place};
use mlua::{Function, Lua, Table};

pub struct Script {
    // Keeps the functions alive.
    _lua: Lua,
    workloads: [Function; 6],
    checksum: Function,
}

impl Script {
    pub fn load(lua: Lua, source: &str) -> mlua::Result<Script> {
        let table: Table = lua.load(source).set_name("workloads").eval()?;
        let get = |name: &str| table.get::<Function>(name);
        let workloads = [get("W1")?, get("W2")?, get("W3")?, get("W4")?, get("W5")?, get("W6")?];
        Ok(Script { workloads, checksum: get("checksum")?, _lua: lua })
    }
}

impl Engine for Script {
    fn call(&mut self, workload: &str, call: u32) -> Result<(), String> {
        let [w1, w2, w3, w4, w5, w6] = &self.workloads;
        let done = match workload {
            "W1" => w1.call::<()>((i64::from(call), 7)),
            "W2" => w2.call::<()>(PASSES),
            "W3" => w3.call::<()>(id(call)),
            "W4" => w4.call::<()>(place(call)),
            "W5" => w5.call::<()>(()),
            _ => w6.call::<()>(CALLS),
        };
        done.map_err(|error| error.to_string())
    }

    fn checksum(&mut self) -> Result<(i64, i64), String> {
        self.checksum.call::<(i64, i64)>(()).map_err(|error| error.to_string())
    }
}
