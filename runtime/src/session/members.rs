//! Who takes part: players, the host (R7.6), grants.

use std::sync::Arc;

use statewright_types::{TrapCode, Value};

use crate::context::{Event, Recipients, Tracer};
use crate::ledger::Kick;
use crate::session::dispatch::{reborrow, trap};
use crate::session::{Action, ActionReport, Input, Session};
use crate::visibility::Viewer;

impl Session {
    /// Players in order of joining.
    pub fn players(&self) -> &[Arc<str>] {
        &self.players
    }

    /// The host's id.
    pub fn host(&self) -> Option<&Arc<str>> {
        self.host.as_ref()
    }

    /// Adds a player and sends `PlayerConnect`. Who has joined already stays, and nothing is sent. The empty id is
    /// refused, as it stands for the session itself.
    pub fn join(&mut self, player: &str) -> ActionReport {
        let report = self.admit(player, false, None);
        self.refresh_views(None);
        report
    }

    /// As [`Session::join`], telling `tracer` what happens; with a program made for tracing.
    pub fn join_traced(&mut self, player: &str, tracer: &mut dyn Tracer) -> ActionReport {
        let report = self.admit(player, false, Some(&mut *tracer));
        self.refresh_views(Some(tracer));
        report
    }

    /// As [`Session::join`], without `PlayerConnect`. Whether the player is new.
    pub fn join_silently(&mut self, player: &str) -> bool {
        let before = self.players.len();
        self.admit(player, true, None);
        self.refresh_views(None);
        self.players.len() > before
    }

    fn admit(&mut self, player: &str, silent: bool, tracer: Option<&mut dyn Tracer>) -> ActionReport {
        if player.is_empty() {
            let message = "a player's id must not be empty".to_owned();
            return ActionReport { refused: Some(Box::new(trap(TrapCode::BadArgument, message))), ..self.report() };
        }
        if self.players.iter().any(|present| &**present == player) {
            return self.report();
        }
        let player: Arc<str> = player.into();
        self.record(self.now_ms, Input::Join { player: player.clone(), silent });
        self.players.push(player.clone());
        self.host.get_or_insert_with(|| player.clone());
        if silent {
            return self.report();
        }
        self.handle(&Action::own("PlayerConnect", Value::map([("playerID", Value::Str(player))])), tracer)
    }

    /// Sends `PlayerDisconnect` (the host still the old one), removes the player, and if it was the host, passes
    /// that on to the next in order of joining and sends `HostChanged`. Its waiting activations go on. Nothing
    /// happens if it is not there.
    pub fn leave(&mut self, player: &str) -> Vec<ActionReport> {
        self.let_go(player, None)
    }

    /// As [`Session::leave`], telling `tracer` what happens; with a program made for tracing.
    pub fn leave_traced(&mut self, player: &str, tracer: &mut dyn Tracer) -> Vec<ActionReport> {
        self.let_go(player, Some(tracer))
    }

    fn let_go(&mut self, player: &str, mut tracer: Option<&mut dyn Tracer>) -> Vec<ActionReport> {
        let Some(player) = self.players.iter().find(|present| &***present == player).cloned() else {
            return Vec::new();
        };
        self.record(self.now_ms, Input::Leave { player: player.clone() });
        let reports = self.depart(&player, reborrow(&mut tracer));
        self.refresh_views(tracer);
        reports
    }

    /// Tells handlers that a player leaves, takes it out, and finds a new host if it was that.
    fn depart(&mut self, player: &Arc<str>, mut tracer: Option<&mut dyn Tracer>) -> Vec<ActionReport> {
        let params = Value::map([("playerID", Value::Str(player.clone()))]);
        let mut reports = vec![self.handle(&Action::own("PlayerDisconnect", params), reborrow(&mut tracer))];
        self.players.retain(|present| present != player);
        if self.host.as_ref() == Some(player) {
            self.host = self.players.first().cloned();
            if let Some(next) = self.host.clone() {
                reports.push(self.host_changed(player, &next, tracer));
            }
        }
        reports
    }

    /// Takes out whom committed transactions kicked, and whom that kicks in turn, one after the other (R7.6).
    pub(super) fn take_out_kicked(&mut self, report: &mut ActionReport, mut tracer: Option<&mut dyn Tracer>) {
        if self.kicking || self.kicks.is_empty() {
            return; // Kicks are taken out by the call that is already at it.
        }
        self.kicking = true;
        while let Some(Kick { player, reason }) = self.kicks.pop_front() {
            if !self.players.contains(&player) {
                continue;
            }
            let event = |kind: &str, to, payload| Event { kind: kind.into(), to, payload };
            let reason = ("reason", Value::Str(reason));
            let victim = Recipients::Players(vec![player.clone()]);
            report.events.push(event("Kicked", victim, Value::map([reason.clone()])));
            for part in self.depart(&player, reborrow(&mut tracer)) {
                report.activations.append(part.activations);
                report.events.extend(part.events);
            }
            let told = Value::map([("playerID", Value::Str(player.clone())), reason]);
            report.events.push(event("PlayerKicked", Recipients::Except(player), told));
        }
        self.kicking = false;
    }

    /// Names the host, who need not have joined; `None` or "" leaves the place to the next joiner. Sends
    /// `HostChanged` if that is a change.
    pub fn set_host(&mut self, player: Option<&str>) -> Option<ActionReport> {
        self.appoint(player, None)
    }

    /// As [`Session::set_host`], telling `tracer` what happens; with a program made for tracing.
    pub fn set_host_traced(&mut self, player: Option<&str>, tracer: &mut dyn Tracer) -> Option<ActionReport> {
        self.appoint(player, Some(tracer))
    }

    /// Takes the place of the host away, silently; for setting up a session that begins so. The next joiner gets it.
    pub fn take_host_for_setup(&mut self) {
        self.host = None;
    }

    fn appoint(&mut self, player: Option<&str>, mut tracer: Option<&mut dyn Tracer>) -> Option<ActionReport> {
        let next: Option<Arc<str>> = player.filter(|player| !player.is_empty()).map(Arc::from);
        if next == self.host {
            return None;
        }
        self.record(self.now_ms, Input::SetHost { player: next.clone() });
        let old = std::mem::replace(&mut self.host, next.clone());
        let (old, next) = (old.as_deref().unwrap_or(""), next.as_deref().unwrap_or(""));
        let report = self.host_changed(old, next, reborrow(&mut tracer));
        self.refresh_views(tracer);
        Some(report)
    }

    fn host_changed(&mut self, old: &str, new: &str, tracer: Option<&mut dyn Tracer>) -> ActionReport {
        let params = Value::map([("oldHost", Value::str(old)), ("newHost", Value::str(new))]);
        self.handle(&Action::own("HostChanged", params), tracer)
    }

    /// Grants a view by name (`admin` for `@view(admin)`). Grants decide only what is seen, so they are not logged.
    pub fn grant(&mut self, viewer: &str, view: &str) {
        self.grants.entry(viewer.into()).or_default().insert(view.into());
        self.grants_version += 1;
        self.refresh_views(None);
    }

    /// Takes a granted view back.
    pub fn revoke(&mut self, viewer: &str, view: &str) {
        if let Some(views) = self.grants.get_mut(viewer) {
            views.remove(view);
        }
        self.grants_version += 1;
        self.refresh_views(None);
    }

    /// A number that is another whenever grants are others.
    pub(crate) fn grants_version(&self) -> u64 {
        self.grants_version
    }

    /// The viewer with that id and what was granted to it.
    pub fn viewer(&self, id: &str) -> Viewer {
        self.surroundings().viewer(id)
    }
}
