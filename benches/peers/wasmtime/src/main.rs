//! The workloads on wasmtime: `peer-wasmtime` without, `peer-wasmtime fuel` with fuel counted. The state is in the linear memory.

use child::{CALLS, PASSES, id, place};
use wasmtime::{Config, Engine, Instance, Module, Store, TypedFunc};

/// As much as all rounds together may use.
const FUEL: u64 = u64::MAX / 2;

struct Script {
    store: Store<()>,
    w1: TypedFunc<(i64, i64), ()>,
    counts: [TypedFunc<i64, ()>; 3],
    w4: TypedFunc<(f64, f64), ()>,
    w5: TypedFunc<(), ()>,
    checksum: TypedFunc<(), (i64, i64)>,
}

impl Script {
    fn load(counts_fuel: bool) -> wasmtime::Result<Script> {
        let mut config = Config::new();
        config.consume_fuel(counts_fuel);
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, include_str!("workloads.wat"))?;
        let mut store = Store::new(&engine, ());
        if counts_fuel {
            store.set_fuel(FUEL)?;
        }
        let instance = Instance::new(&mut store, &module, &[])?;
        instance.get_typed_func::<(), ()>(&mut store, "fill")?.call(&mut store, ())?;
        let mut count = |name: &str| instance.get_typed_func::<i64, ()>(&mut store, name);
        let counts = [count("W2")?, count("W3")?, count("W6")?];
        Ok(Script {
            counts,
            w1: instance.get_typed_func(&mut store, "W1")?,
            w4: instance.get_typed_func(&mut store, "W4")?,
            w5: instance.get_typed_func(&mut store, "W5")?,
            checksum: instance.get_typed_func(&mut store, "checksum")?,
            store,
        })
    }
}

impl child::Engine for Script {
    fn call(&mut self, workload: &str, call: u32) -> Result<(), String> {
        let Script { store, w1, counts: [w2, w3, w6], w4, w5, .. } = self;
        let done = match workload {
            "W1" => w1.call(store, (i64::from(call), 7)),
            "W2" => w2.call(store, PASSES),
            "W3" => w3.call(store, id(call)),
            "W4" => w4.call(store, place(call)),
            "W5" => w5.call(store, ()),
            _ => w6.call(store, CALLS),
        };
        done.map_err(|error| error.to_string())
    }

    fn checksum(&mut self) -> Result<(i64, i64), String> {
        self.checksum.call(&mut self.store, ()).map_err(|error| error.to_string())
    }
}

fn main() -> Result<(), String> {
    let counts_fuel = std::env::args().nth(1).is_some_and(|arg| arg == "fuel");
    child::serve(Script::load(counts_fuel).map_err(|error| format!("{error:?}"))?)
}
