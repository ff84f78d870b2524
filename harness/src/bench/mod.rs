//! What handlers cost: each one on each execution, in turns.
//!
//! - [`cases`]: what handlers are called with; [`made`]: parameters that nobody wrote
//! - [`runner`]: calls in this process; [`child`]: calls in another one, over lines; [`node`]: emitted JavaScript
//! - [`mod@measure`]: rounds in turns, and what came of them; [`compiling`]: from text to callable
//! - [`table`]: for people, and as JSON; [`chart`]: drawn

pub mod cases;
pub mod chart;
pub mod child;
pub mod compiling;
pub mod made;
pub mod measure;
pub mod node;
pub mod runner;
pub mod table;

pub use cases::{Case, Cases, Given};
pub use child::{Child, serve};
pub use compiling::{Compiled, compile};
pub use measure::{Entry, HandlerTimes, Report, Timed, measure};
pub use runner::{Lap, Local, Runner};
