//! What is done to the session: everything that [`Session`] can do, with its events on their way to viewers.

use std::sync::Arc;

use statewright_types::config::Values;
use statewright_types::{Diagnostic, Value};

use super::LiveSession;
use crate::context::Event;
use crate::program::{Program, Trap};
use crate::session::host_filters::HostFilter;
use crate::session::{Action, ActionReport, Entry, NewEffect, Session};
use crate::state::State;
use crate::sync::planted::{self, Leak};

impl LiveSession {
    /// [`Session::dispatch`].
    pub fn dispatch(&mut self, action: Action) -> ActionReport {
        self.report(None, |session| session.dispatch(action))
    }

    /// [`Session::start`].
    pub fn start(&mut self) -> ActionReport {
        self.report(None, Session::start)
    }

    /// [`Session::tick`]: the event `Tick` for handlers. What viewers are sent is [`LiveSession::tick`].
    pub fn tick_event(&mut self, delta_ms: i64) -> ActionReport {
        self.report(None, |session| session.tick(delta_ms))
    }

    /// [`Session::advance`]. Nothing else moves session time.
    pub fn advance(&mut self, ms: i64) -> Vec<ActionReport> {
        self.reports(None, |session| session.advance(ms))
    }

    /// [`Session::advance_to`].
    pub fn advance_to(&mut self, now_ms: i64) -> Vec<ActionReport> {
        self.reports(None, |session| session.advance_to(now_ms))
    }

    /// [`Session::join`]: adds a player to the game. To be sent anything it must be connected, too.
    pub fn join(&mut self, player: &str) -> ActionReport {
        self.report(None, |session| session.join(player))
    }

    /// [`Session::join_silently`].
    pub fn join_silently(&mut self, player: &str) -> bool {
        self.act(|session| session.join_silently(player))
    }

    /// [`Session::leave`]: takes a player out of the game. As a viewer it stays, until it is disconnected.
    pub fn leave(&mut self, player: &str) -> Vec<ActionReport> {
        self.reports(Some(player), |session| session.leave(player))
    }

    /// [`Session::set_host`].
    pub fn set_host(&mut self, player: Option<&str>) -> Option<ActionReport> {
        let report = self.act(|session| session.set_host(player));
        self.tell(None, report.iter());
        report
    }

    /// [`Session::set_program`].
    pub fn set_program(&mut self, program: Arc<dyn Program>) {
        self.sight_version += 1;
        self.act(|session| session.set_program(program));
    }

    /// [`Session::set_config`].
    ///
    /// # Errors
    /// As there.
    pub fn set_config(&mut self, given: &Values) -> Result<(), Vec<Diagnostic>> {
        self.act(|session| session.set_config(given))
    }

    /// [`Session::add_effect`].
    ///
    /// # Errors
    /// As there.
    pub fn add_effect(&mut self, effect: NewEffect) -> Result<(), Trap> {
        self.act(|session| session.add_effect(effect))
    }

    /// [`Session::remove_effect`].
    pub fn remove_effect(&mut self, id: &str) -> bool {
        self.act(|session| session.remove_effect(id))
    }

    /// [`Session::take_farewell_faults`].
    pub fn take_farewell_faults(&mut self) -> Vec<(Arc<str>, Trap)> {
        self.session.take_farewell_faults()
    }

    /// [`Session::toggle_effect`].
    ///
    /// # Errors
    /// As there.
    pub fn toggle_effect(&mut self, effect: NewEffect) -> Result<bool, Trap> {
        self.act(|session| session.toggle_effect(effect))
    }

    /// [`Session::clear_effects`].
    pub fn clear_effects(&mut self, activator: Option<&str>, effect: Option<&str>) -> usize {
        self.act(|session| session.clear_effects(activator, effect))
    }

    /// [`Session::grant`].
    pub fn grant(&mut self, viewer: &str, view: &str) {
        self.sight_version += 1;
        self.act(|session| session.grant(viewer, view));
    }

    /// [`Session::revoke`].
    pub fn revoke(&mut self, viewer: &str, view: &str) {
        self.sight_version += 1;
        self.act(|session| session.revoke(viewer, view));
    }

    /// [`Session::set_host_filter`]: a filter in Rust, from now on. Filters of the document are put to use by handlers.
    ///
    /// # Errors
    /// As there.
    pub fn set_filter(&mut self, viewer: &str, id: &str, filter: impl HostFilter + 'static) -> Result<(), String> {
        self.act(|session| session.set_host_filter(viewer, id, filter))
    }

    /// [`Session::remove_host_filter`].
    pub fn remove_filter(&mut self, viewer: &str, id: &str) -> bool {
        self.act(|session| session.remove_host_filter(viewer, id))
    }

    /// A viewer's filter in Rust; it may be given to another viewer.
    pub fn filter(&self, viewer: &str, id: &str) -> Option<&Arc<dyn HostFilter>> {
        self.session.host_filter(viewer, id)
    }

    /// Whether a viewer has a filter under that id, of the document or in Rust.
    pub fn has_filter(&self, viewer: &str, id: &str) -> bool {
        self.session.has_host_filter(viewer, id) || self.session.ledger().has_filter(viewer, id)
    }

    /// Does something else with the session that viewers may see, and tells their events. `act` must not take the session's changes
    /// ([`Session::take_changes`]): they are for the viewers.
    pub fn with_session<R>(&mut self, act: impl FnOnce(&mut Session) -> (R, Vec<ActionReport>)) -> R {
        // What that is, is not known: perhaps grants, or another program.
        self.sight_version += 1;
        let (result, reports) = self.act(act);
        self.tell(None, reports.iter());
        result
    }

    /// Changes the state, without effects, as one transaction: kept if `change` gives `Ok`, undone as a whole if it gives `Err`, or
    /// panics. A log with such a change cannot be replayed, as nobody can tell what a function did: changes that shall be are made with
    /// [`LiveSession::update_named`].
    ///
    /// # Errors
    /// That of `change`.
    pub fn update<R, E>(&mut self, change: impl FnOnce(&mut State) -> Result<R, E>) -> Result<R, E> {
        self.update_named("", Value::Null, change)
    }

    /// [`Session::update`]: the same under a name, with parameters that say what the change depends on, so that a replay can make it again.
    ///
    /// # Errors
    /// That of `change`.
    pub fn update_named<R, E>(
        &mut self,
        name: &str,
        params: Value,
        change: impl FnOnce(&mut State) -> Result<R, E>,
    ) -> Result<R, E> {
        let result = self.act(|session| session.update(name, params, change));
        if planted::is(Leak::Errors) && result.is_err() {
            let clock_ms = self.clock_ms;
            self.viewers.standing_mut().for_each(|viewer| viewer.touch(clock_ms));
        }
        result
    }

    /// [`Session::state_mut_for_setup`]: loads a state before play.
    pub fn set_up<R>(&mut self, set_up: impl FnOnce(&mut State) -> R) -> R {
        self.act(|session| set_up(session.state_mut_for_setup()))
    }

    /// [`Session::take_actions`].
    pub fn take_actions(&mut self) -> Vec<Entry> {
        self.session.take_actions()
    }

    /// Does something to the session that viewers may see.
    fn act<R>(&mut self, act: impl FnOnce(&mut Session) -> R) -> R {
        let result = act(&mut self.session);
        self.changed();
        let effects = self.session.ledger().effects_version();
        let come_or_go = std::mem::replace(&mut self.effects_version, effects) != effects;
        let has_filters = !self.filtered.is_empty() || self.session.filtered_viewers().next().is_some();
        if (come_or_go || has_filters || self.session.ledger().has_effects())
            && let Some(changes) = self.cut()
        {
            // Effects are looked at where spans end, and filters run there, and may fail. So that it does not matter where else they end,
            // they do wherever effects come or go, and after all that is done if there are effects or filters.
            self.windows.keep(changes);
            self.tidy();
        }
        result
    }

    /// The same, with one report.
    fn report(&mut self, leaving: Option<&str>, act: impl FnOnce(&mut Session) -> ActionReport) -> ActionReport {
        let report = self.act(act);
        self.tell(leaving, std::iter::once(&report));
        report
    }

    /// The same, with several.
    fn reports(
        &mut self,
        leaving: Option<&str>,
        act: impl FnOnce(&mut Session) -> Vec<ActionReport>,
    ) -> Vec<ActionReport> {
        let reports = self.act(act);
        self.tell(leaving, reports.iter());
        reports
    }

    /// Queues the events of reports, and puts those out whom handlers kicked: players that are gone without having left.
    fn tell<'r>(&mut self, leaving: Option<&str>, reports: impl Iterator<Item = &'r ActionReport> + Clone) {
        for report in reports.clone() {
            self.queue_events(&report.events);
        }
        let players = self.session.players();
        let same = |(one, other): (&Arc<str>, &Arc<str>)| Arc::ptr_eq(one, other);
        if players.len() == self.players.len() && players.last().zip(self.players.last()).is_none_or(same) {
            return;
        }
        let before = std::mem::replace(&mut self.players, players.to_vec());
        for player in before {
            if !self.players.contains(&player) && leaving != Some(&*player) {
                let reason = reports.clone().flat_map(|report| &report.events).find_map(|event| reason(event, &player));
                self.put_out(&player, reason.unwrap_or(""));
            }
        }
    }
}

/// Why a player was kicked, if the event is the one that tells it.
fn reason<'e>(event: &'e Event, player: &Arc<str>) -> Option<&'e str> {
    let is_told = matches!(&event.to, crate::context::Recipients::Players(to) if to.contains(player));
    match event.payload.get("reason") {
        Some(Value::Str(reason)) if is_told && &*event.kind == "Kicked" => Some(reason),
        _ => None,
    }
}
