//! The configuration of a session: what its program declares, what was given last, and what holds now. Handlers may
//! set values, which is undone with the transaction (R5.8, R7.1).

use std::sync::Arc;

use statewright_types::config::{Config, Values};
use statewright_types::{TrapCode, Type, Value};

use super::State;
use super::undo::Undo;

/// Configured values, with what they are checked against. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `None` without a declaration: then any value may be given, for `config:` defaults of the schema.
    declared: Option<Arc<Config>>,
    given: Arc<Values>,
    current: Arc<Values>,
}

impl Settings {
    /// The declared defaults with `given` over them. What is not declared, or does not fit, is left out.
    pub fn new(declared: Option<Arc<Config>>, given: &Values) -> Settings {
        let values = match &declared {
            None => given.clone(),
            Some(config) => {
                let fitting = given.iter().filter_map(|(path, value)| {
                    let value = config.field(path)?.fit(value).ok()?;
                    Some((path.clone(), value))
                });
                let mut values = config.defaults();
                values.extend(fitting);
                values
            }
        };
        let given = Arc::new(values);
        Settings { declared, current: given.clone(), given }
    }

    /// What was given and what holds now, under declarations: what does not fit them is left out.
    pub fn restore(declared: Option<Arc<Config>>, given: &Values, current: &Values) -> Settings {
        let current = Settings::new(declared.clone(), current).current;
        Settings { current, ..Settings::new(declared, given) }
    }

    /// What may be configured.
    pub fn declared(&self) -> Option<&Arc<Config>> {
        self.declared.as_ref()
    }

    /// The value at `GROUP.FIELD` that holds now.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.current.get(path)
    }

    /// What was given last, which `config.reload` goes back to.
    pub fn given(&self) -> &Values {
        &self.given
    }

    /// All values that hold now.
    pub fn values(&self) -> &Values {
        &self.current
    }

    /// Other declarations: of another version of the document. Values that still fit stay.
    pub(crate) fn declare(&mut self, declared: Option<Arc<Config>>) {
        if declared == self.declared {
            return;
        }
        *self = Settings::restore(declared, &self.given, &self.current);
    }

    pub(super) fn put(&mut self, path: Arc<str>, value: Option<Value>) -> Option<Value> {
        let current = Arc::make_mut(&mut self.current);
        match value {
            Some(value) => current.insert(path, value),
            None => current.remove(&path),
        }
    }
}

impl State {
    /// The configuration.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Another configuration, for good. Not within a transaction.
    pub fn set_settings(&mut self, settings: Settings) {
        debug_assert!(!self.in_transaction(), "a configuration is given between transactions");
        self.settings = settings;
    }

    pub(crate) fn declare_settings(&mut self, declared: Option<Arc<Config>>) {
        self.settings.declare(declared);
    }

    /// `config.get`: the value called `name`, of type `ty`. The zero of `ty` if there is none of that type: what is required
    /// and was not given, or what only an earlier version of the document had.
    pub fn config_get(&mut self, name: u64, ty: &Type) -> u64 {
        let value = self.settings.get(self.str(name)).cloned();
        match value.map(|value| self.import(ty, &value)) {
            Some(Ok(slot)) => slot,
            _ => self.zero(ty),
        }
    }

    /// `config.set`: sets the value called `name`.
    ///
    /// # Errors
    /// `bad_argument` if nothing is declared under that name, or the value is not within its bounds and options.
    pub fn config_set(&mut self, name: u64, ty: &Type, value: u64) -> Result<(), TrapCode> {
        let value = self.export(ty, value)?;
        let field = self.settings.declared().and_then(|config| config.field(self.str(name)));
        let field = field.ok_or(TrapCode::BadArgument)?;
        let value = field.fit(&value).map_err(|_| TrapCode::BadArgument)?;
        let path = field.path.clone();
        self.set_setting(path, value);
        Ok(())
    }

    /// `config.reload`: back to what was given last.
    pub fn config_reload(&mut self) {
        let given = self.settings.given.clone();
        for (path, value) in given.iter() {
            self.set_setting(path.clone(), value.clone());
        }
    }

    fn set_setting(&mut self, path: Arc<str>, value: Value) {
        if self.settings.get(&path) == Some(&value) {
            return;
        }
        let was = self.settings.put(path.clone(), Some(value));
        if self.in_transaction() {
            self.journal.settings.push((path, was));
            self.log(Undo::Setting);
        }
    }
}
