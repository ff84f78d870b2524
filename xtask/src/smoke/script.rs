//! What is done in the window.

use super::desk::Desk;
use crate::Fault;

/// From an empty document to one that passes its tests.
pub fn play(desk: &mut Desk) -> Result<(), Fault> {
    desk.open(&[])?;
    desk.keys(&["ctrl+n"])?;
    desk.see("untitled")?;
    Ok(())
}
