//! A host program with nodes of its own: terrain that only it knows, name tags, and a bell that it rings.
//!
//! `cargo run --example host_nodes` plays a few moves and prints what became of them.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use statewright::{HostError, HostNode, HostNodes, Options, Program, Session, TrapCode, Value};

const GRAPH: &str = include_str!("host_nodes.json");
const SCHEMA: &str = include_str!("host_nodes.schema");

/// The terrain ends here in each direction.
const EDGE: i64 = 100;

/// What the graph calls: what it may name, and the functions behind.
fn nodes(bell: &Arc<AtomicI64>) -> Result<HostNodes, Box<dyn Error>> {
    let mut nodes = HostNodes::default();
    let terrain = HostNode::pure("Terrain", "How high the ground is at a place, and of what kind.")
        .category("Island")
        .input("x", "int64", "East of the middle, -100 to 100.")
        .input("y", "int64", "North of the middle, -100 to 100.")
        .output("height", "float64", "Metres above the sea.")
        .output("kind", "string", "`beach`, `meadow` or `mountain`.")
        .error(TrapCode::OutOfRange);
    nodes.add(terrain, |call| {
        let (x, y) = (call.int(0)?, call.int(1)?);
        if x.abs() > EDGE || y.abs() > EDGE {
            return Err(HostError::new(TrapCode::OutOfRange, format!("the island ends before {x}, {y}")));
        }
        let height = (2 * EDGE - x.abs() - y.abs()) as f64 / 10.0;
        call.set_float(0, height)?;
        call.set_text(
            1,
            if height < 5.0 {
                "beach"
            } else if height < 15.0 {
                "meadow"
            } else {
                "mountain"
            },
        )
    })?;
    let tag = HostNode::pure("NameTag", "What stands over a player's head.")
        .category("Island")
        .input("player", "Player", "The player.")
        .default("long", "bool", &Value::Bool(true), "Whether to say where the player is.")
        .output("tag", "string", "The text.");
    nodes.add(tag, |call| {
        let player = call.value(0)?;
        let field = |name: &str| player.get(name).map(ToString::to_string).unwrap_or_default();
        let name = match player.get("Name") {
            Some(Value::Str(name)) => name.to_string(),
            _ => String::new(),
        };
        let place = if call.bool(1)? { format!(" at {}, {}", field("X"), field("Y")) } else { String::new() };
        call.set_text(0, &format!("{name}{place}"))
    })?;
    let ring = HostNode::executing("RingBell", "Rings the bell of the host program.").category("Island").input(
        "times",
        "int32",
        "How often.",
    );
    let bell = bell.clone();
    nodes.add(ring, move |call| {
        bell.fetch_add(call.int(0)?, Ordering::Relaxed);
        Ok(())
    })?;
    Ok(nodes)
}

/// A session with one player, and the bell.
fn session() -> Result<(Session, Arc<AtomicI64>), Box<dyn Error>> {
    let bell = Arc::new(AtomicI64::new(0));
    let program = Program::load_with(GRAPH, SCHEMA, &nodes(&bell)?)?;
    let state = r#"{"Players": [{"ID": "ann", "Name": "Ann"}]}"#;
    let mut session = Session::with_state(&program, Options::default(), state)?;
    session.join("ann")?;
    Ok((session, bell))
}

fn to(x: i64, y: i64) -> Value {
    Value::map([("playerID", Value::from("ann")), ("x", Value::Int(x)), ("y", Value::Int(y))])
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut session, bell) = session()?;
    for (x, y) in [(90, 80), (3, -4), (400, 0)] {
        match session.dispatch("Moved", "ann", to(x, y)) {
            Ok(_) => println!("{}", session.state()),
            Err(error) => println!("{error}"),
        }
    }
    println!("the bell rang {} times", bell.load(Ordering::Relaxed));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_ask_the_terrain_and_ring_the_bell() -> Result<(), Box<dyn Error>> {
        let (mut session, bell) = session()?;
        session.dispatch("Moved", "ann", to(90, 80))?;
        assert_eq!(bell.load(Ordering::Relaxed), 0);
        let player = r#"{"ID":"ann","Name":"Ann","X":90,"Y":80,"Height":3.0}"#;
        assert_eq!(session.state().to_string(), format!(r#"{{"Players":[{player}],"Tags":["Ann at 90, 80"]}}"#));
        session.dispatch("Moved", "ann", to(3, -4))?;
        assert_eq!(bell.load(Ordering::Relaxed), 2);
        Ok(())
    }

    #[test]
    fn an_error_of_the_host_undoes_the_handler() -> Result<(), Box<dyn Error>> {
        let (mut session, bell) = session()?;
        let before = session.state();
        let error = session.dispatch("Moved", "ann", to(400, 0)).err().ok_or("the island should end")?;
        assert!(error.to_string().contains("the island ends before 400, 0"), "{error}");
        assert_eq!(session.state(), before);
        assert_eq!(bell.load(Ordering::Relaxed), 0);
        Ok(())
    }

    #[test]
    fn the_declarations_beside_the_graph_are_these() -> Result<(), Box<dyn Error>> {
        let declared = nodes(&Arc::default())?.declarations().to_value();
        let read: Value = include_str!("nodes.json").parse().map_err(|error| format!("{error:?}"))?;
        assert_eq!(read, declared, "nodes.json is out of date:\n{declared}");
        Ok(())
    }
}
