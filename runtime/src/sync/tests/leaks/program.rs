//! Handlers and effects of the sessions: some touch what everybody sees, some what the viewer never sees.

use std::sync::Arc;

use statewright_types::{Schema, StructId, TrapCode};

use crate::access::Declared;
use crate::context::{Context, Recipients};
use crate::host_effects::{EffectCall, EffectDeclaration, HostEffects};
use crate::program::{HandlerInfo, Outcome, Permissions, Program, Suspension, Trap};

struct Handlers {
    infos: [HandlerInfo; 3],
    main_root: StructId,
    /// The positions of `Round` and `Secret`.
    fields: [u32; 2],
}

/// `Cheer` writes `Round` and emits to all; `Curse` writes `Secret` and emits to one, `Botch` does so and fails. The effect `Glow`
/// is on `Round`, `Shade` on `Secret`.
pub(super) fn program(schema: &Schema, main_root: StructId) -> Arc<dyn Program> {
    let info = |event: &str| HandlerInfo {
        name: event.into(),
        event: event.into(),
        params: Vec::new(),
        permissions: Permissions::default(),
    };
    let field = |name: &str| schema.get(main_root).field(name).expect("a field") as u32;
    let infos = ["Cheer", "Curse", "Botch"].map(info);
    let handlers = Arc::new(Handlers { infos, main_root, fields: [field("Round"), field("Secret")] });
    let mut effects = HostEffects::new();
    let root = &schema.get(main_root).name;
    for (name, field) in [("Glow", "Round"), ("Shade", "Secret")] {
        let touched = Declared::new().reads(root, field).writes(root, field);
        let act = move |call: &mut EffectCall<'_>| {
            let root = call.main_root()?;
            let now = call.int(root, field)?;
            call.set_int(root, field, (now + 1) % 1000)
        };
        effects.add(EffectDeclaration::new(name).touching(touched), act).expect("an effect");
    }
    effects.on(handlers, schema).expect("effects")
}

impl Program for Handlers {
    fn document_hash(&self) -> [u8; 32] {
        [0; 32]
    }

    fn handlers(&self) -> &[HandlerInfo] {
        &self.infos
    }

    fn run(&self, handler: usize, _: &[u64], cx: &mut Context<'_>) -> Outcome {
        let [round, secret] = self.fields;
        let root = cx.state.root(self.main_root).expect("the root");
        let field = if handler == 0 { round } else { secret };
        let now = cx.state.load(root, self.main_root, field).expect("a field") as i64;
        cx.store(root, self.main_root, field, ((now + 7) % 1000) as u64).expect("stored");
        let kind = cx.state.string("Spoken");
        let to = if handler == 0 { Recipients::All } else { Recipients::Players(vec!["a".into()]) };
        cx.emit(kind, to, None).expect("emitted");
        match handler {
            2 => Outcome::Trapped(Trap { code: TrapCode::Custom, message: None, node: None }),
            _ => Outcome::Done,
        }
    }

    fn resume(&self, _: &Suspension, _: &mut Context<'_>) -> Outcome {
        Outcome::Done
    }
}
