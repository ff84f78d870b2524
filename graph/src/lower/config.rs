//! `config:GROUP.FIELD`: configured values, whose types the configuration tells.

use statewright_types::Diagnostic;
use statewright_types::config::Field;

use super::convert::Site;
use super::{GraphCx, Lowered, Operand};
use crate::check::codes;
use crate::ir::{Imm, Op};

impl<'a> GraphCx<'a> {
    /// The field of the configuration at `path`.
    pub(crate) fn config_field(&mut self, path: &str, site: Site<'_>) -> Lowered<&'a Field> {
        let (config, file) = self.unit.config;
        if let Some(field) = config.and_then(|config| config.field(path)) {
            return Ok(field);
        }
        let (message, help) = match (config, file) {
            (Some(config), _) => (format!("the configuration has no `{path}`"), config.help(path)),
            (None, Some(file)) => {
                (format!("the configuration `{file}` is not at hand"), "give it where the document is loaded".into())
            }
            (None, None) => (
                format!("this document has no configuration that `{path}` could be in"),
                "name one at the top of the document: \"config\": \"game.config\"".into(),
            ),
        };
        Err(self.report(site.node, site.port, Diagnostic::error(codes::REFERENCE, site.span, message).help(help)))
    }

    /// The value at `path` that holds now.
    pub(crate) fn config_value(&mut self, path: &str, site: Site<'_>) -> Lowered<Operand> {
        let ty = self.config_field(path, site)?.ty.loaded();
        let name = self.text(path);
        let value = self.op(Op::ConfigGet, &[name], Imm::Type(ty.clone()), ty.clone());
        Ok(Operand::new(value, ty))
    }
}
