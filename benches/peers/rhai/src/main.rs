//! The workloads on Rhai.

use child::{CALLS, PASSES, id, place};
use rhai::{AST, Array, CallFnOptions, Dynamic, Engine, FuncArgs, Map, Scope};

struct Script {
    engine: Engine,
    ast: AST,
    state: Dynamic,
}

fn state() -> Dynamic {
    let record = |fields: &[(&str, Dynamic)]| {
        Dynamic::from_map(fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect::<Map>())
    };
    let (zero, nothing) = (|| Dynamic::from(0i64), || Dynamic::from(0f64));
    let players = (0..100i64).map(|n| {
        let rest = [("x", nothing()), ("y", nothing()), ("health", zero()), ("team", zero())];
        record(&[&[("id", Dynamic::from(n * 7 + 1)), ("score", zero())][..], &rest].concat())
    });
    let enemies = (0..1_000i64).map(|n| {
        let (x, y) = ((n * 7_919 % 1_000) as f64, (n * 104_729 % 997) as f64);
        let place = [("id", Dynamic::from(n)), ("x", Dynamic::from(x)), ("y", Dynamic::from(y))];
        let rest = [("health", Dynamic::from(n * 7_907 % 101 - 5)), ("team", zero()), ("speed", nothing())];
        record(&[place, rest].concat())
    });
    let (players, enemies): (Array, Array) = (players.collect(), enemies.collect());
    record(&[("players", Dynamic::from_array(players)), ("enemies", Dynamic::from_array(enemies)), ("result", zero())])
}

impl Script {
    fn run(&mut self, name: &str, args: impl FuncArgs) -> Result<(), String> {
        let options = CallFnOptions::new().eval_ast(false).bind_this_ptr(&mut self.state);
        self.engine
            .call_fn_with_options::<Dynamic>(options, &mut Scope::new(), &self.ast, name, args)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

impl child::Engine for Script {
    fn call(&mut self, workload: &str, call: u32) -> Result<(), String> {
        match workload {
            "W1" => self.run("W1", (i64::from(call), 7i64)),
            "W3" => self.run("W3", (id(call),)),
            "W4" => self.run("W4", place(call)),
            "W5" => self.run("W5", ()),
            "W2" => self.run("W2", (PASSES,)),
            other => self.run(other, (CALLS,)),
        }
    }

    fn checksum(&mut self) -> Result<(i64, i64), String> {
        let state = self.state.read_lock::<Map>().ok_or("the state is no map")?;
        let int = |map: &Map, name: &str| map.get(name).and_then(|value| value.as_int().ok()).unwrap_or(i64::MIN);
        let players = state.get("players").and_then(|players| players.read_lock::<Array>());
        let scores = players.map_or(i64::MIN, |players| {
            players.iter().filter_map(|player| player.read_lock::<Map>().map(|player| int(&player, "score"))).sum()
        });
        Ok((int(&state, "result"), scores))
    }
}

fn main() -> Result<(), String> {
    let engine = Engine::new();
    let ast = engine.compile(include_str!("workloads.rhai")).map_err(|error| error.to_string())?;
    child::serve(Script { engine, ast, state: state() })
}
