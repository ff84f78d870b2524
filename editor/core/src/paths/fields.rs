//! Another name for a field in the references and paths that go through it.

use statewright_graph::document::{Index, KeyValue, Name, Reference, Step};
use statewright_types::{Schema, StructId, Type};

use super::Scope;
use crate::command::mentions::{Mention, Mentioned};
use crate::command::place::GraphView;

/// Renames a field of a type.
#[derive(Debug)]
pub(crate) struct Renamer<'a> {
    schema: &'a Schema,
    ty: StructId,
    old: &'a str,
    new: &'a str,
    state_type: Option<&'a Name>,
    /// Whether no other type has a field of that name: then no type needs to be known.
    is_only: bool,
}

/// What became of a mention: whether it changed, and whether a field of that name stays as its type is not known.
type Renaming = (bool, bool);

impl<'a> Renamer<'a> {
    pub fn new(
        schema: &'a Schema,
        ty: StructId,
        old: &'a str,
        new: &'a str,
        state_type: Option<&'a Name>,
    ) -> Renamer<'a> {
        let is_only = schema.types().iter().filter(|def| def.field(old).is_some()).count() == 1;
        Renamer { schema, ty, old, new, state_type, is_only }
    }

    /// Renames it in one mention.
    pub fn rename(&self, view: &GraphView<'_>, mentioned: &Mentioned, mention: &mut Mention) -> Renaming {
        let Some(scope) = Scope::new(self.schema, self.state_type, view.graph) else { return (false, false) };
        let mut done = (false, false);
        match mention {
            // A port that names a field by itself.
            Mention::Name(name) => {
                let is_field = mentioned.port.to_lowercase().ends_with("field");
                if is_field && **name == *self.old {
                    if self.is_only {
                        *name = self.new.into();
                    }
                    done = (self.is_only, !self.is_only);
                }
            }
            Mention::Path(path) => {
                let root_field = scope.root == self.ty && *path.head == *self.old;
                let head = scope.head(&path.head);
                if root_field {
                    path.head = self.new.into();
                    done.0 = true;
                }
                self.steps(&scope, head, &mut path.steps, &mut done);
                self.inner(&scope, &mut path.steps, &mut done);
            }
            Mention::Reference(_) | Mention::Source(_) | Mention::Template(_) => {
                mention.each(&mut |reference| self.reference(&scope, reference, &mut done));
            }
        }
        done
    }

    fn reference(&self, scope: &Scope<'_>, reference: &mut Reference, done: &mut Renaming) {
        use statewright_graph::document::{Head, Scheme};
        let head = scope.reference_head(reference);
        if let (Scheme::State | Scheme::Base, Head::Name(name)) = (reference.scheme, &mut reference.head)
            && scope.root == self.ty
            && **name == *self.old
        {
            *name = self.new.into();
            done.0 = true;
        }
        self.steps(scope, head, &mut reference.steps, done);
    }

    fn inner(&self, scope: &Scope<'_>, steps: &mut [Step], done: &mut Renaming) {
        for step in steps {
            if let Step::Index(Index::Reference(inner) | Index::Key { value: KeyValue::Reference(inner), .. }) = step {
                self.reference(scope, inner, done);
                self.inner(scope, &mut inner.steps, done);
            }
        }
    }

    /// Along the steps; the type at each is found with the name that the schema has.
    fn steps(&self, scope: &Scope<'_>, head: Option<Type>, steps: &mut [Step], done: &mut Renaming) {
        let mut ty = head;
        for step in steps {
            let next = ty.as_ref().and_then(|ty| scope.step(ty, step));
            let owner = match (&*step, ty.as_ref().map(Type::non_null)) {
                (Step::Index(_), Some(Type::List(element) | Type::Map(_, element))) => Some(element.non_null().clone()),
                (_, owner) => owner.cloned(),
            };
            if let Step::Field(name) | Step::Index(Index::Key { field: name, .. }) = step
                && **name == *self.old
            {
                match owner {
                    Some(Type::Struct(id)) if id == self.ty => {
                        *name = self.new.into();
                        done.0 = true;
                    }
                    Some(_) => {}
                    None if self.is_only => {
                        *name = self.new.into();
                        done.0 = true;
                    }
                    None => done.1 = true,
                }
            }
            ty = next;
        }
    }
}
