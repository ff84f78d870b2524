//! Schemas of clients: what travels to whom.

use std::sync::Arc;

use statewright_types::{Schema, StructId};

use super::super::refused::{Refused, RefusedCode};
use super::connecting::ClientSchema;
use crate::wire::describe::{Description, Profile};

/// The profiles in use: one for each schema, however many clients have it.
#[derive(Debug)]
pub(super) struct Profiles {
    same: Arc<Profile>,
    described: Vec<(Description, Arc<Profile>)>,
}

impl Profiles {
    pub fn new(schema: &Schema, main_root: StructId) -> Profiles {
        Profiles { same: Arc::new(Profile::same(schema, main_root)), described: Vec::new() }
    }

    /// The profile for clients of the session's own schema.
    pub fn same(&self) -> &Arc<Profile> {
        &self.same
    }

    /// The profile for clients of that schema.
    pub fn get(
        &mut self,
        schema: &Schema,
        main_root: StructId,
        client: &ClientSchema,
    ) -> Result<Arc<Profile>, Refused> {
        let (hash, description) = match client {
            ClientSchema::Same => return Ok(self.same.clone()),
            ClientSchema::Other { hash, description } => (hash, description),
        };
        if hash == schema.hash() {
            return Ok(self.same.clone());
        }
        let Some(description) = description else {
            let message = "the server has another schema: say Hello again with a description of yours";
            return Err(Refused::new(RefusedCode::UnknownSchema, message));
        };
        if let Some((_, profile)) = self.described.iter().find(|(known, _)| known == description) {
            return Ok(profile.clone());
        }
        let profile = Profile::between(schema, main_root, description)
            .map_err(|error| Refused::new(RefusedCode::Incompatible, error.to_string()))?;
        let profile = if profile == *self.same { self.same.clone() } else { Arc::new(profile) };
        // Those that nobody has any more make room.
        self.described.retain(|(_, profile)| Arc::strong_count(profile) > 1);
        self.described.push((description.clone(), profile.clone()));
        Ok(profile)
    }
}
