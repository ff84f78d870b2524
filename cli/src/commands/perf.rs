//! `--perf-map`: names for a profiler.

use statewright_harness::project::Backend;
#[cfg(feature = "jit")]
use statewright_harness::project::perf;

use crate::exit::Stop;
#[cfg(feature = "jit")]
use crate::terminal;

/// Writes the names of what is compiled from now on where `perf` finds them, if that is `wanted`. Nothing else than machine code has
/// names that it does not know.
pub fn begin(wanted: bool, backends: &[Backend]) -> Result<(), Stop> {
    if !wanted {
        return Ok(());
    }
    if !backends.contains(&Backend::Jit) {
        return Err(Stop::Usage("--perf-map is about machine code: give --backend jit, too".to_owned()));
    }
    #[cfg(not(feature = "jit"))]
    return Err(statewright_harness::project::Fault::NoBackend { backend: Backend::Jit }.into());
    #[cfg(feature = "jit")]
    {
        let path = perf::begin()?;
        terminal::say(&format!("names for perf are in {}", path.display()));
        Ok(())
    }
}
