//! What may be said to `simulate`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{BackendName, Hosts, Play};

/// `simulate`
#[derive(Debug, ClapArgs)]
pub struct Simulate {
    /// The document
    pub file: PathBuf,
    /// What is done in every run: steps, as of `run --script`, alone or with metrics and expectations
    #[arg(long, value_name = "FILE")]
    pub script: PathBuf,
    /// How many runs
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub runs: u64,
    /// The first seed; the others follow
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed_from: u64,
    /// Measure this at the end of each run: a state path, effective:PATH, event:TYPE, event:TYPE.field, run:error, run:errors,
    /// run:fuel, run:waiting
    #[arg(long, value_name = "METRIC")]
    pub metric: Vec<String>,
    /// Measure this state path after each step, too
    #[arg(long, value_name = "PATH")]
    pub over: Vec<String>,
    /// Odds to test, JSON as an entry of a script's `expect`, or an array of them, or @FILE
    #[arg(long, value_name = "JSON|@FILE")]
    pub expect: Vec<String>,
    /// Tell this quantile, too, from 0 to 1
    #[arg(long, value_name = "PART", value_parser = part)]
    pub quantile: Vec<f64>,
    /// Confidence of intervals
    #[arg(long, value_name = "PART", default_value_t = 0.95, value_parser = part)]
    pub confidence: f64,
    /// Threads; by default one per core. What is found does not depend on them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Draw plots, too
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Write report.txt, report.json, plots.svg and runs.csv into this folder
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Say how far it is even where stderr is no terminal
    #[arg(long)]
    pub progress: bool,
    /// The schema; by default the document's `schemaPath`, or a schema beside it
    #[arg(long)]
    pub schema: Option<PathBuf>,
    /// Players in the order in which they joined; the first one is host
    #[arg(long, value_delimiter = ',')]
    pub players: Vec<String>,
    /// The state before, in whole or in part, a JSON object, or @FILE
    #[arg(long, value_name = "JSON|@FILE")]
    pub state: Option<String>,
    /// Values over the configuration's defaults, or a .config file, as of `run`
    #[arg(long, value_name = "JSON|FILE")]
    pub config: Option<String>,
    /// Session time
    #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true)]
    pub now: i64,
    /// Fuel of one activation
    #[arg(long)]
    pub fuel: Option<u64>,
    /// The execution; by default machine code, or the interpreter where there is none
    #[arg(long, value_enum)]
    pub backend: Option<BackendName>,
    /// With which nodes
    #[command(flatten)]
    pub hosts: Hosts,
    /// Only wait for the end of stdin: this is the process that Ctrl-C ends
    #[arg(long, hide = true)]
    pub lookout: bool,
    /// Stop when stdin ends: this is the process that works
    #[arg(long, hide = true)]
    pub works: bool,
}

impl Simulate {
    /// How each session begins.
    pub fn play(&self, backend: BackendName) -> Play {
        Play {
            schema: self.schema.clone(),
            params: None,
            sender: String::new(),
            players: self.players.clone(),
            state: self.state.clone(),
            config: self.config.clone(),
            seed: self.seed_from,
            now: self.now,
            advance: None,
            fuel: self.fuel,
            backend,
            hosts: self.hosts.clone(),
        }
    }
}

/// A part of a whole, between 0 and 1.
fn part(text: &str) -> Result<f64, String> {
    let part: f64 = text.parse().map_err(|_| "it must be a number between 0 and 1".to_owned())?;
    if part > 0.0 && part < 1.0 { Ok(part) } else { Err("it must be between 0 and 1".to_owned()) }
}
