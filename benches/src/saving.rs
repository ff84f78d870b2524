//! `--saving`: a session of 1,000,000 elements, saved and loaded in both forms, and the memory that takes.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::save::{self, Content, Form, Versions};
use statewright_runtime::host::HostNodes;
use statewright_runtime::session::{Session, SessionOptions};

const SCHEMA: &str = "@root(active) type Game {\n  Units []Unit\n}\ntype Unit {\n  ID int32\n  X float64\n  Y float64\n  Name string\n}\n";
/// Elements; JSON takes fewer, as its files end at 64 MiB.
const ELEMENTS: [(usize, Form); 3] = [(500_000, Form::Json), (500_000, Form::Binary), (1_000_000, Form::Binary)];

/// Prints sizes, times and the highest resident memory so far.
pub fn run() -> Result<(), String> {
    for (elements, form) in ELEMENTS {
        let (session, versions) = session(elements)?;
        let before = resident_mib();
        let (start, begun) = (Instant::now(), processor_s());
        let bytes = save::to_bytes(&session, &versions, form)?;
        let (saved, saved_s) = (start.elapsed(), processor_s() - begun);
        let size = bytes.len();
        let hash = session.state().hash();
        drop(session);
        let middle = resident_mib();
        let (start, begun) = (Instant::now(), processor_s());
        let content = Content::read("a.save", bytes).map_err(|fault| fault.to_string())?;
        let opened = content.open(&HostNodes::default()).map_err(|fault| fault.to_string())?;
        let (loaded, loaded_s) = (start.elapsed(), processor_s() - begun);
        if black_box(opened.session.state().hash()) != hash {
            return Err("the session is another".to_owned());
        }
        println!(
            "{elements} elements, {form:?}: {:.1} MiB, saved in {:.2} s ({saved_s:.2} of a processor), loaded in {:.2} s ({loaded_s:.2}); highest resident {before} MiB before, {middle} after saving, {} after loading",
            size as f64 / f64::from(1 << 20),
            saved.as_secs_f64(),
            loaded.as_secs_f64(),
            resident_mib(),
        );
    }
    Ok(())
}

fn session(elements: usize) -> Result<(Session, Versions), String> {
    let text = |name: &str, text: &str| Text::whole(&Arc::new(Source::inline(name, text)));
    let loaded = Loaded::from_texts(text("document", r#"{"handlers": []}"#), text("schema", SCHEMA), false);
    let program = loaded.program(Backend::Interpreter).map_err(|fault| fault.to_string())?.ok_or("it does not run")?;
    let (schema, root) = loaded.schema.clone().zip(loaded.main_root).ok_or("it has no schema")?;
    let mut session = Session::new(schema.clone(), root, program, SessionOptions::default());
    let unit = schema.by_name("Unit").ok_or("no such type")?;
    let state = session.state_mut_for_setup();
    let record = state.root(root).map_err(|trap| trap.message().to_owned())?;
    let list = state.load(record, root, 0).map_err(|trap| trap.message().to_owned())?;
    for at in 0..elements {
        // Transactions as large as a game's, not as a load's.
        if at % 1000 == 0 {
            state.commit();
            state.begin();
        }
        let element = state.struct_new(unit);
        let name = state.string(&format!("Unit {at}"));
        let place = |factor: f64| (at as f64 * factor).to_bits();
        for (field, slot) in [(0, at as u64), (1, place(1.5)), (2, place(2.5)), (3, name)] {
            state.struct_init(element, unit, field, slot).map_err(|trap| trap.message().to_owned())?;
        }
        state.list_push(list, element).map_err(|trap| trap.message().to_owned())?;
    }
    state.commit();
    state.take_changes();
    let mut versions = Versions::default();
    versions.add(loaded, false);
    Ok((session, versions))
}

/// The processor's time that this process has had in seconds, where the system tells (in hundredths); else 0.
fn processor_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold anything: the state, and then numbers, of which the 11th and 12th are the times for the program and for the system.
    let numbers = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    numbers.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process has had, where the system tells; else 0.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
