//! Records of the old schema as records of the new one: which field comes from where, and what the host program gives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use statewright_types::schema::{Initial, StructDef};
use statewright_types::{Schema, StructId, Type, Value};

use super::report::Step as Done;
use super::{Given, Migration, MigrationError, Report, matching};

/// One step into the saved state, for messages.
pub(super) enum Step {
    Field(Arc<str>),
    Index(usize),
    Key(Arc<str>),
}

/// Where a field of the new schema comes from.
struct Origin {
    name: Arc<str>,
    ty: Type,
    /// Name and type of the field that it was.
    old: Option<(Arc<str>, Type)>,
    given: Option<Given>,
}

/// Where the fields of a type come from.
struct Plan {
    ty: Arc<str>,
    fields: Vec<Origin>,
    /// Whether the host program looks at whole records.
    computes: bool,
}

/// Converts values of a saved state, and keeps what cannot be.
pub(super) struct Converter<'a> {
    pub(super) old: &'a Schema,
    pub(super) new: &'a Schema,
    /// Old types by new ones.
    pub(super) types: Vec<Option<StructId>>,
    migration: &'a Migration,
    plans: BTreeMap<(StructId, StructId), Arc<Plan>>,
    path: Vec<Step>,
    /// Type and field of the new schema that is being made.
    about: (Arc<str>, Arc<str>),
    pub(super) error: MigrationError,
}

impl<'a> Converter<'a> {
    pub(super) fn new(old: &'a Schema, new: &'a Schema, migration: &'a Migration) -> Converter<'a> {
        Converter {
            old,
            new,
            types: matching::types(old, new, migration),
            migration,
            plans: BTreeMap::new(),
            path: Vec::new(),
            about: Default::default(),
            error: MigrationError::default(),
        }
    }

    /// Does something one step further into the state.
    pub(super) fn within<T>(&mut self, step: Step, make: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let made = make(self);
        self.path.pop();
        made
    }

    /// Notes why the value here cannot be converted.
    pub(super) fn problem<T>(&mut self, what: String) -> Option<T> {
        let (ty, field) = &self.about;
        let about = if ty.is_empty() { "the state".to_owned() } else { format!("{ty}.{field}") };
        let path = &self.path;
        self.error.value(about, what, || shown(path));
        None
    }

    /// A record. Fields that are new have no entry, so that they get their defaults.
    pub(super) fn record(&mut self, from: StructId, to: StructId, fields: Vec<(Arc<str>, Value)>) -> Option<Value> {
        let Some(plan) = self.plan(from, to) else { return self.problem("its type is not known".to_owned()) };
        let whole = if plan.computes { Value::Map(fields.clone()) } else { Value::Null };
        let mut old: Vec<Option<(Arc<str>, Value)>> = fields.into_iter().map(Some).collect();
        let mut made = Vec::with_capacity(plan.fields.len());
        for origin in &plan.fields {
            let before = std::mem::replace(&mut self.about, (plan.ty.clone(), origin.name.clone()));
            let value = self.within(Step::Field(origin.name.clone()), |this| this.field(origin, &mut old, &whole));
            self.about = before;
            made.extend(value.map(|value| (origin.name.clone(), value)));
        }
        Some(Value::Map(made))
    }

    fn field(&mut self, origin: &Origin, old: &mut [Option<(Arc<str>, Value)>], whole: &Value) -> Option<Value> {
        let mut taken = origin.old.as_ref().and_then(|(name, ty)| {
            let entry = old.iter_mut().find(|entry| entry.as_ref().is_some_and(|(found, _)| found == name))?;
            Some((entry.take()?.1, ty))
        });
        if let (Some((Value::Null, _)), false) = (&taken, matches!(origin.ty, Type::Nullable(_)))
            && !matches!(origin.given, Some(Given::Convert(_)))
        {
            // Null where null may not be any more.
            taken = None;
        }
        let made = match (&origin.given, taken) {
            (Some(Given::Compute(compute)), _) => compute(whole),
            (Some(Given::Convert(convert)), Some((value, _))) => convert(&value),
            (Some(Given::Default(value)), None) => Ok(value.clone()),
            (_, None) => return None,
            (_, Some((value, ty))) => return self.convert(value, ty, &origin.ty),
        };
        match made {
            Ok(value) => Some(value),
            Err(what) => self.problem(what),
        }
    }

    fn plan(&mut self, from: StructId, to: StructId) -> Option<Arc<Plan>> {
        if let Some(plan) = self.plans.get(&(from, to)) {
            return Some(plan.clone());
        }
        let (old, new) = (self.old.types().get(from.index())?, self.new.types().get(to.index())?);
        let found = matching::fields(old, new, self.migration);
        if self.counterpart(to) != Some(from) {
            // Another type altogether: only if everything in it has a place.
            for lost in dropped(old, &found) {
                let what = format!(
                    "{} cannot become {} by itself, which has nothing for `{lost}`: give a conversion",
                    old.name, new.name
                );
                let _none: Option<()> = self.problem(what);
            }
        }
        let fields = new.fields.iter().zip(&found).map(|(field, at)| Origin {
            name: field.name.clone(),
            ty: field.ty.clone(),
            old: at.and_then(|at| old.fields.get(at)).map(|field| (field.name.clone(), field.ty.clone())),
            given: self.migration.given(&new.name, &field.name).cloned(),
        });
        let fields: Vec<Origin> = fields.collect();
        let computes = fields.iter().any(|field| matches!(field.given, Some(Given::Compute(_))));
        let plan = Arc::new(Plan { ty: new.name.clone(), fields, computes });
        self.plans.insert((from, to), plan.clone());
        Some(plan)
    }

    /// What the schemas say of the way, without looking at any value; names that the host program has wrong are problems.
    pub(super) fn compare(&mut self) -> Report {
        self.check_names();
        let mut steps = Vec::new();
        for (at, new) in self.new.types().iter().enumerate() {
            let old = self.counterpart(StructId(at as u32)).and_then(|id| self.old.types().get(id.index()));
            let Some(old) = old else {
                steps.push(Done::Added { place: new.name.to_string() });
                continue;
            };
            if old.name != new.name {
                steps.push(Done::Renamed { from: old.name.to_string(), to: new.name.clone() });
            }
            self.compare_fields(old, new, &mut steps);
        }
        let kept: Vec<StructId> = self.types.iter().copied().flatten().collect();
        for (at, old) in self.old.types().iter().enumerate() {
            if !kept.contains(&StructId(at as u32)) {
                steps.push(Done::Dropped { place: old.name.to_string(), perhaps: None });
            }
        }
        Report { steps }
    }

    fn compare_fields(&self, old: &StructDef, new: &StructDef, steps: &mut Vec<Done>) {
        let found = matching::fields(old, new, self.migration);
        for (field, at) in new.fields.iter().zip(&found) {
            let place = format!("{}.{}", new.name, field.name);
            let Some(was) = at.and_then(|at| old.fields.get(at)) else {
                steps.push(Done::Added { place });
                continue;
            };
            if was.name != field.name {
                steps.push(Done::Renamed { from: format!("{}.{}", old.name, was.name), to: field.name.clone() });
            }
            let given = !matches!(self.migration.given(&new.name, &field.name), None | Some(Given::Default(_)));
            if !self.same(&was.ty, &field.ty) {
                let (from, to) = (self.old.show(&was.ty).to_string(), self.new.show(&field.ty).to_string());
                steps.push(Done::Retyped { place, from, to, given });
            }
        }
        for lost in dropped(old, &found) {
            let ty = old.field(lost).and_then(|at| old.fields.get(at)).map(|field| &field.ty);
            let alike = new
                .fields
                .iter()
                .zip(&found)
                .find(|(field, at)| at.is_none() && ty.is_some_and(|ty| self.same(ty, &field.ty)));
            let perhaps = alike.map(|(field, _)| field.name.clone());
            steps.push(Done::Dropped { place: format!("{}.{lost}", old.name), perhaps });
        }
    }

    /// Whether a field that is new draws from a random stream for its default.
    pub(super) fn draws(&self) -> bool {
        self.new.types().iter().enumerate().any(|(at, new)| {
            let old = self.counterpart(StructId(at as u32)).and_then(|id| self.old.types().get(id.index()));
            let found = old.map(|old| matching::fields(old, new, self.migration));
            let is_new = |position: usize| found.as_ref().is_none_or(|found| found.get(position) == Some(&None));
            new.fields.iter().enumerate().any(|(at, field)| field.default == Initial::AutoUuid && is_new(at))
        })
    }

    fn check_names(&mut self) {
        let migration = self.migration;
        let field_of = |schema: &Schema, ty: &str, field: &str| {
            schema
                .by_name(ty)
                .and_then(|id| schema.types().get(id.index()))
                .is_some_and(|def| def.field(field).is_some())
        };
        let mut unknown = |name: String, schema: &str| {
            self.error
                .add(format!("the migration's `{name}`"), format!("the {schema} schema has nothing of that name"));
        };
        for (new, old) in &migration.types {
            if self.new.by_name(new).is_none() {
                unknown(new.to_string(), "new");
            }
            if self.old.by_name(old).is_none() {
                unknown(old.to_string(), "old");
            }
        }
        let places = migration.fields.keys().chain(migration.given.keys());
        for (ty, field) in places.filter(|(ty, field)| !field_of(self.new, ty, field)) {
            unknown(format!("{ty}.{field}"), "new");
        }
        let was = |ty: &str| self.new.by_name(ty).and_then(|id| self.types.get(id.index()).copied().flatten());
        let old_name = |ty: &str| was(ty).and_then(|id| self.old.types().get(id.index())).map(|def| def.name.clone());
        for ((ty, _), old) in &migration.fields {
            if !old_name(ty).is_some_and(|ty| field_of(self.old, &ty, old)) {
                unknown(format!("{ty}.{old}"), "old");
            }
        }
    }
}

/// Fields of `old` that no field of the new type was.
fn dropped<'d>(old: &'d StructDef, found: &'d [Option<usize>]) -> impl Iterator<Item = &'d Arc<str>> {
    let kept = |at: &usize| found.contains(&Some(*at));
    old.fields.iter().enumerate().filter(move |(at, _)| !kept(at)).map(|(_, field)| &field.name)
}

/// A place in the saved state, such as `Players[3].Score`.
fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        let _written = match step {
            Step::Field(name) if text.is_empty() => write!(text, "{name}"),
            Step::Field(name) => write!(text, ".{name}"),
            Step::Index(at) => write!(text, "[{at}]"),
            Step::Key(key) => write!(text, "[{key:?}]"),
        };
    }
    text
}
