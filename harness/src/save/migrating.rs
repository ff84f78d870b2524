//! Save files of one schema, opened under another.

use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::migration::{Migrated, Migration, Report};
use statewright_runtime::session::Session;

use super::{Content, Opened, Versions, bad, documents};
use crate::project::loaded::Text;
use crate::project::{Backend, Fault, LoadOptions, Loaded};

impl Content {
    /// The document that new activations ran on, compiled with another schema. It may have errors: then it does not go with that
    /// schema, and another document is needed.
    ///
    /// # Errors
    /// [`Fault::BadSave`] if there is no such document in the file.
    pub fn document_under(&self, schema: Text, host_nodes: &HostNodes) -> Result<Loaded, Fault> {
        let found = documents::document(&self.name, &self.texts, &self.saved.program);
        let documents::Document { document, config, traced } = found.map_err(|what| bad(&self.name, what))?;
        let options = LoadOptions { traced, host_nodes: host_nodes.clone(), ..LoadOptions::default() };
        Ok(Loaded::build(document, schema, config, &options))
    }

    /// The session under the schema of `loaded`, on which new activations run; `traced` tells how that was lowered.
    ///
    /// # Errors
    /// [`Fault::BadSave`] if `loaded` does not run, [`Fault::NotMigrated`] with everything that stands in the way.
    pub fn migrate(self, loaded: &Loaded, traced: bool, migration: &Migration) -> Result<(Opened, Report), Fault> {
        self.migrate_on(Backend::Interpreter, loaded, traced, migration)
    }

    /// The same on an execution.
    ///
    /// # Errors
    /// As [`Content::migrate`], and what keeps `loaded` from running on that execution.
    pub fn migrate_on(
        self,
        backend: Backend,
        loaded: &Loaded,
        traced: bool,
        migration: &Migration,
    ) -> Result<(Opened, Report), Fault> {
        let program = loaded.program(backend)?;
        let (Some(program), Some(schema)) = (program, loaded.schema.clone()) else {
            return Err(bad(&self.name, format!("the document `{}` does not run", loaded.source.name)));
        };
        let name = self.name;
        let migrated = Session::migrate(self.saved, &self.schema, schema, program, migration);
        let Migrated { session, report } =
            migrated.map_err(|error| Fault::NotMigrated { name, error: Box::new(error) })?;
        let mut versions = Versions::default();
        versions.add(loaded.clone(), traced);
        Ok((Opened { session, versions }, report))
    }
}
