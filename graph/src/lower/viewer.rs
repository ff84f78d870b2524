//! `viewer:id|team|host`: who looks, in filters and views.

use statewright_types::{Diagnostic, Type};

use super::convert::Site;
use super::{GraphCx, Lowered, Operand};
use crate::check::codes;
use crate::ir::{Cond, Imm, Op, Value};

/// What a filter's first parameter is called; the graph reads it as `viewer:id`.
pub(crate) const VIEWER_ID: &str = "viewerID";

impl GraphCx<'_> {
    /// What `viewer:name` names.
    pub(super) fn viewer(&mut self, name: &str, site: Site<'_>) -> Lowered<Operand> {
        let Some(id) = self.viewer.map(|var| self.builder.get(var)) else {
            let message = format!("`viewer:{name}` is known in filters and views only");
            let diagnostic = Diagnostic::error(codes::REFERENCE, site.span, message)
                .help("elsewhere, `param:senderID` is who sent the event; pass what a function needs as an argument");
            return Err(self.report(site.node, site.port, diagnostic));
        };
        match name {
            "host" => {
                let (host, empty) = (self.op(Op::Host, &[], Imm::None, Type::String), self.text(""));
                let is_host = self.cmp(Op::SCmp, Cond::Eq, id, host);
                let any = self.cmp(Op::SCmp, Cond::Ne, id, empty);
                Ok(Operand::new(self.bop(Op::And, &[is_host, any]), Type::Bool))
            }
            "team" => self.viewer_team(id, site),
            _ => Ok(Operand::new(id, Type::String)),
        }
    }

    /// The team of the viewer's element in `Players`; the type's zero if it has none there.
    fn viewer_team(&mut self, id: Value, site: Site<'_>) -> Lowered<Operand> {
        let root = self.unit.root;
        let def = self.schema().get(root);
        let players = def.field("Players").map(|index| (index, &def.fields[index]));
        let element = players.and_then(|(_, field)| match field.ty.element() {
            Some(Type::Struct(id)) => Some(*id),
            _ => None,
        });
        let team = element.and_then(|id| {
            let fields = &self.schema().get(id).fields;
            let marked = fields.iter().position(|field| field.team);
            marked.or_else(|| fields.iter().position(|field| &*field.name == "Team"))
        });
        let (Some((at, field)), Some(element), Some(team)) = (players, element, team) else {
            let message = format!("`{}` does not say which team a player is in", def.name);
            let diagnostic = Diagnostic::error(codes::FIELD, site.span, message)
                .help("declare `Players []Player @key(ID)`, with a field `Team` or one marked `@team` in Player");
            return Err(self.report(site.node, site.port, diagnostic));
        };
        let key = field.key.clone().unwrap_or_else(|| "ID".into());
        let state = self.op(Op::Root, &[], Imm::Struct(root), Type::Struct(root));
        let players = self.load(state, root, at as u32);
        let position = self.find_key(&players, Operand::new(id, Type::String), &key, site)?;
        let ty = self.schema().get(element).fields[team].ty.loaded();
        let zero = self.int(0);
        let found = self.cmp(Op::ICmp, Cond::Ge, position, zero);
        let result = self.builder.var(ty.clone());
        let none = self.op(Op::Zero, &[], Imm::Type(ty.clone()), ty.clone());
        self.builder.set(result, none);
        self.only_if(found, &mut |g| {
            let player = g.element(&players, position);
            let team = g.load(player.value, element, team as u32);
            let team = g.owned(&team);
            g.builder.set(result, team);
            Ok(())
        })?;
        Ok(Operand::new(self.builder.get(result), ty))
    }
}
