//! From one view to another, as bytes: slow and plainly right. What viewers with filters are sent, and what the fast
//! encoder is tested against.
//!
//! - here: roots and structs. `values`: whole values. `lists`, `maps`: what happened to them. `columns`: elements that changed alike. `lone`: one field, without views.
//!
//! Views are as [`Session::view`](crate::session::Session::view) gives them: hidden fields absent, other roots under their
//! types' names. Their nesting is that of the state, which is bounded; so may the recursion here be.

use statewright_types::schema::StructDef;
use statewright_types::{Schema, StructId, Type, Value};

use crate::visibility::ID;
use crate::wire::codes::{list, map, record};
use crate::wire::describe::Profile;
use crate::wire::varint;

mod columns;
mod lists;
mod lone;
mod maps;
mod values;

pub(crate) use lone::lone;

/// Steps that take longer than this are compared with the whole value.
const SHORT: usize = 24;

/// The changes of a patch that lead from the view `before` to the view `now`; empty if they are the same to a client of
/// that profile.
pub fn difference(profile: &Profile, schema: &Schema, main_root: StructId, before: &Value, now: &Value) -> Vec<u8> {
    let mut writer = Writer::new(profile, schema);
    writer.views(main_root, before, now);
    writer.out
}

/// Changes in which nothing is told of a place but what happened there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// The changes of a patch.
    pub body: Vec<u8>,
    /// Whether they say the same of any other views that differ in the same places, by the same.
    pub is_local: bool,
}

/// As [`difference`], step by step, even where a whole value were shorter: what is the same before and now is never told again, and
/// has no part in how the rest is told.
pub fn steps(profile: &Profile, schema: &Schema, main_root: StructId, before: &Value, now: &Value) -> Steps {
    let mut writer = Writer { compares: false, ..Writer::new(profile, schema) };
    writer.views(main_root, before, now);
    Steps { body: writer.out, is_local: writer.is_local }
}

/// The body of `State` for a view.
pub fn full_body(profile: &Profile, schema: &Schema, main_root: StructId, now: &Value) -> Vec<u8> {
    let mut writer = Writer::new(profile, schema);
    writer.whole(main_root, now);
    let roots: Vec<_> = other_roots(profile, schema, main_root)
        .filter_map(|(ty, id)| Some((ty, id, now.get(&schema.get(ty).name)?)))
        .collect();
    varint::put(&mut writer.out, roots.len() as u64);
    for (ty, id, value) in roots {
        varint::put(&mut writer.out, u64::from(id));
        writer.whole(ty, value);
    }
    writer.out
}

/// Roots besides the main one that can be seen in a view and that the client knows, with their ids, ascending.
fn other_roots(profile: &Profile, schema: &Schema, main_root: StructId) -> impl Iterator<Item = (StructId, u16)> {
    let shadowed = move |ty: &StructId| schema.get(main_root).field(&schema.get(*ty).name).is_some();
    profile.other_roots().iter().copied().filter(move |ty| !shadowed(ty)).map(|ty| (ty, schema.get(ty).id))
}

/// What the cursor of the reader is in.
#[derive(Clone, Copy)]
enum Place {
    Struct,
    List,
    Map,
}

/// Writes steps. Its functions leave the cursor where it is when they are done, somewhere inside of what they were asked
/// to write; going back up is put off until something else is to be written, which may be never.
struct Writer<'a> {
    profile: &'a Profile,
    schema: &'a Schema,
    out: Vec<u8>,
    /// How far inside of the place at hand the cursor is.
    open: usize,
    /// What it is in there.
    innermost: Place,
    /// Whether a whole value is sent where that is shorter.
    compares: bool,
    /// [`Steps::is_local`], so far.
    is_local: bool,
}

impl<'a> Writer<'a> {
    fn new(profile: &'a Profile, schema: &'a Schema) -> Writer<'a> {
        Writer { profile, schema, out: Vec::new(), open: 0, innermost: Place::Struct, compares: true, is_local: true }
    }

    /// All that differs.
    fn views(&mut self, main_root: StructId, before: &Value, now: &Value) {
        let (profile, schema) = (self.profile, self.schema);
        self.structure(main_root, before, now, true);
        for (ty, id) in other_roots(profile, schema, main_root) {
            let name = &schema.get(ty).name;
            match (before.get(name), now.get(name)) {
                (None, None) => {}
                (Some(before), Some(now)) if before == now => {}
                (before, now) => {
                    // Any struct will do to enter a root from; home is one step.
                    if self.open > 0 {
                        self.home();
                    }
                    self.root(ty, id, before, now);
                }
            }
        }
    }

    fn put(&mut self, number: u64) {
        varint::put(&mut self.out, number);
    }

    /// Back to the main root in one step.
    fn home(&mut self) {
        self.put(match self.innermost {
            Place::Struct => record::HOME,
            Place::List => list::HOME,
            Place::Map => map::HOME,
        });
        self.open = 0;
    }

    /// Brings the cursor back to the place at hand.
    fn close(&mut self, is_main: bool) {
        if is_main && self.open > 1 {
            return self.home();
        }
        for _ in 0..std::mem::take(&mut self.open) {
            // The same tag in structs, lists and maps.
            self.put(record::UP);
        }
    }

    /// Enters what `tag` leads to (and what `address` writes after it), and writes `steps` there. Whether there were any; if
    /// not, it was never entered.
    fn entered(
        &mut self,
        place: Place,
        address: impl FnOnce(&mut Vec<u8>),
        steps: impl FnOnce(&mut Writer<'a>),
    ) -> bool {
        let start = self.out.len();
        address(&mut self.out);
        let inside = self.out.len();
        steps(self);
        if self.out.len() == inside {
            self.out.truncate(start);
            return false;
        }
        if self.open == 0 {
            self.innermost = place;
        }
        self.open += 1;
        true
    }

    /// Another root that came, went or changed; the cursor is in any struct.
    fn root(&mut self, ty: StructId, id: u16, before: Option<&Value>, now: Option<&Value>) {
        match (before, now) {
            (_, None) => {
                self.put(record::ROOT_GONE);
                self.put(u64::from(id));
            }
            (None, Some(now)) => {
                self.put(record::ROOT_THERE);
                self.put(u64::from(id));
                self.whole(ty, now);
            }
            (Some(before), Some(now)) => {
                let address = |out: &mut Vec<u8>| {
                    varint::put(out, record::ROOT);
                    varint::put(out, u64::from(id));
                };
                let entered = self.entered(Place::Struct, address, |writer| {
                    writer.structure(ty, before, now, false);
                });
                // It is not inside of anything: the next root can be entered from it, and from what is in it one goes home.
                if entered {
                    self.open -= 1;
                }
            }
        }
    }

    /// The fields of a struct that differ.
    fn structure(&mut self, ty: StructId, before: &Value, now: &Value, is_main: bool) {
        let (profile, schema) = (self.profile, self.schema);
        let def = schema.get(ty);
        let (before, now) = (by_position(def, before), by_position(def, now));
        for field in profile.fields(ty) {
            let Some(position) = field.position.map(|position| position as usize) else { continue };
            let (Some(declared), Some(before), Some(now)) =
                (def.fields.get(position), before.get(position), now.get(position))
            else {
                continue;
            };
            match (before, now) {
                (None, None) => {}
                (Some(before), Some(now)) if before == now => {}
                (Some(_), None) => {
                    self.close(is_main);
                    self.put(record::HIDE);
                    self.put(u64::from(field.id));
                }
                (None, Some(now)) => {
                    self.close(is_main);
                    self.put(record::set(field.id));
                    self.value(&declared.ty, now, field.step);
                }
                (Some(before), Some(now)) => {
                    let key = declared.key.as_deref().unwrap_or(ID);
                    self.field(field.id, &declared.ty, (before, now), (key, field.step), is_main);
                }
            }
        }
    }

    /// A field whose value is another than before.
    fn field(
        &mut self,
        id: u16,
        ty: &Type,
        (before, now): (&Value, &Value),
        (key, step): (&str, Option<f64>),
        is_main: bool,
    ) {
        let Some(place) = enterable(ty, before, now) else {
            if values::same(before, now, step) {
                return;
            }
            self.close(is_main);
            let start = self.out.len();
            self.put(record::change(id));
            if !values::put_change(&mut self.out, ty, (before, now), step) {
                self.out.truncate(start);
                self.put(record::set(id));
                self.value(ty, now, step);
            }
            return;
        };
        self.close(is_main);
        let start = self.out.len();
        let address = |out: &mut Vec<u8>| varint::put(out, record::change(id));
        let entered = self.entered(place, address, |writer| writer.steps(ty, before, now, key));
        if !entered || !self.compares || self.out.len() - start <= SHORT {
            return;
        }
        let steps = self.out.split_off(start);
        self.put(record::set(id));
        self.value(ty, now, step);
        if self.out.len() - start <= steps.len() {
            self.open = 0;
        } else {
            self.out.truncate(start);
            self.out.extend_from_slice(&steps);
        }
    }

    /// What happened inside of something that is there before and now.
    fn steps(&mut self, ty: &Type, before: &Value, now: &Value, key: &str) {
        match (ty.non_null(), before, now) {
            (Type::Struct(id), before, now) => self.structure(*id, before, now, false),
            (Type::List(element), Value::List(before), Value::List(now)) => self.list(element, key, before, now),
            (Type::Map(key_type, value), Value::Map(before), Value::Map(now)) => {
                self.map((key_type, value), key, before, now);
            }
            _ => {}
        }
    }
}

/// What one is in after entering a value of that type, if it can be entered: not null, then and now.
fn enterable(ty: &Type, before: &Value, now: &Value) -> Option<Place> {
    match (ty.non_null(), before, now) {
        (Type::Struct(_), Value::Map(_), Value::Map(_)) => Some(Place::Struct),
        (Type::List(_), Value::List(_), Value::List(_)) => Some(Place::List),
        (Type::Map(..), Value::Map(_), Value::Map(_)) => Some(Place::Map),
        _ => None,
    }
}

/// The fields of a struct's value by position; `None` for those that are hidden.
fn by_position<'v>(def: &StructDef, value: &'v Value) -> Vec<Option<&'v Value>> {
    let Value::Map(entries) = value else { return vec![None; def.fields.len()] };
    let mut entries = entries.iter().peekable();
    let find = |name: &str| {
        // In declared order, with gaps.
        let (_, value) = entries.next_if(|(entry, _)| &**entry == name)?;
        Some(value)
    };
    def.fields.iter().map(|field| &*field.name).map(find).collect()
}
