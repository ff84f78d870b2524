//! What compiled code looks like, for people who care.

pub use statewright_jit::Listing;
use statewright_jit::{JitError, listing, object, opened};

use super::loaded::Loaded;

impl Loaded {
    /// Its code for this machine as text, function by function; `None` if it has errors.
    ///
    /// # Errors
    /// It cannot be compiled.
    pub fn listing(&self, what: Listing) -> Result<Option<String>, JitError> {
        let (Some(module), Some(tables)) = (&self.module, self.tables()) else { return Ok(None) };
        listing(module, &tables, what).map(Some)
    }

    /// Its code for this machine as an object file, under a seal that names the document; `None` if it has errors.
    ///
    /// # Errors
    /// It cannot be compiled.
    pub fn object(&self) -> Result<Option<Vec<u8>>, JitError> {
        let (Some(module), Some(tables)) = (&self.module, self.tables()) else { return Ok(None) };
        object(module, &tables, &self.host_nodes).map(Some)
    }

    /// The object file under such a seal; `None` if it has errors.
    ///
    /// # Errors
    /// It is of another document, version or machine, or was changed, even if it was sealed again.
    pub fn opened<'a>(&self, sealed: &'a [u8]) -> Result<Option<&'a [u8]>, JitError> {
        let (Some(module), Some(tables)) = (&self.module, self.tables()) else { return Ok(None) };
        opened(sealed, module, &tables, &self.host_nodes).map(Some)
    }
}
