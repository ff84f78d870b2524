//! Messages to the user: what happened or went wrong, and what to do. They stay until they are closed or newer ones push them
//! out; a screen reader hears them.

use egui::accesskit::{Live, Role};
use egui::{Align2, Area, Frame, Id, Label, RichText, Ui, vec2};

use crate::editor::Editor;

/// How many are kept.
const MOST: usize = 4;
/// Seconds for which one without an error is shown.
const SECONDS: f64 = 6.0;

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What happened.
    pub message: String,
    /// What to do; "" if there is nothing to do.
    pub help: String,
    /// Whether something went wrong: it stays until it is closed.
    pub is_error: bool,
    /// Until when it is shown, seconds of the window's clock; set when it is first drawn.
    until: Option<f64>,
}

/// All messages, the newest last.
#[derive(Clone, Debug, Default)]
pub struct Notices(Vec<Notice>);

impl Notices {
    /// Something went wrong.
    pub fn error(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.add(Notice { message: message.into(), help: help.into(), is_error: true, until: None });
    }

    /// Something happened.
    pub fn tell(&mut self, message: impl Into<String>) {
        self.add(Notice { message: message.into(), help: String::new(), is_error: false, until: None });
    }

    /// The messages.
    pub fn all(&self) -> &[Notice] {
        &self.0
    }

    fn add(&mut self, notice: Notice) {
        self.0.retain(|other| other.message != notice.message);
        self.0.push(notice);
        let over = self.0.len().saturating_sub(MOST);
        self.0.drain(..over);
    }
}

/// Draws them above everything, right below.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let now = ui.input(|input| input.time);
    let colours = editor.colours;
    for notice in editor.notices.0.iter_mut().filter(|notice| !notice.is_error) {
        let until = *notice.until.get_or_insert(now + SECONDS);
        ui.ctx().request_repaint_after_secs((until - now).max(0.05) as f32);
    }
    editor.notices.0.retain(|notice| notice.until.is_none_or(|until| now < until));
    let mut closed = None;
    let area = Area::new(Id::new("notices")).anchor(Align2::RIGHT_BOTTOM, vec2(-16.0, -36.0));
    area.order(egui::Order::Foreground).show(ui.ctx(), |ui| {
        for (index, notice) in editor.notices.0.iter().enumerate() {
            let frame =
                Frame::popup(ui.style()).stroke((1.0, if notice.is_error { colours.error } else { colours.edge }));
            let shown = frame.show(ui, |ui| {
                ui.set_width(380.0);
                ui.horizontal_top(|ui| {
                    ui.vertical(|ui| {
                        ui.set_width(340.0);
                        let colour = if notice.is_error { colours.error } else { colours.text };
                        ui.add(Label::new(RichText::new(&notice.message).color(colour)).wrap());
                        if !notice.help.is_empty() {
                            ui.add(Label::new(RichText::new(&notice.help).color(colours.soft)).wrap());
                        }
                    });
                    if crate::fields::cross(ui, "Close message").clicked() {
                        closed = Some(index);
                    }
                });
            });
            ui.ctx().accesskit_node_builder(shown.response.id, |node| {
                node.set_role(Role::Alert);
                node.set_live(Live::Polite);
                node.set_label(format!("{} {}", notice.message, notice.help));
            });
        }
    });
    if let Some(index) = closed {
        editor.notices.0.remove(index);
    }
}
