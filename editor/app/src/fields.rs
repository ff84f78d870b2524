//! Small parts of panels and dialogs, each with a name for screen readers and tests: text fields that commit, closing buttons,
//! choices.

use std::fmt;
use std::rc::Rc;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    AsId, Button, Color32, ComboBox, FontId, Id, Key, Response, RichText, TextEdit, TextStyle, Ui, WidgetInfo,
    WidgetType, vec2,
};

use crate::todo::Todo;

/// Gives something that was drawn another name than what it shows.
pub fn name(response: &Response, label: &str) {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(label));
}

/// A small button that shows a sign and is called something.
pub fn sign(ui: &mut Ui, sign: &str, label: &str) -> Response {
    let response = ui.add(Button::new(RichText::new(sign)).small().frame_when_inactive(false));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, label));
    response.on_hover_text(label)
}

/// The button that closes or removes something.
pub fn cross(ui: &mut Ui, label: &str) -> Response {
    sign(ui, "×", label)
}

/// A field for text that is no document's: what is searched for, what a dialog asks.
pub fn text(ui: &mut Ui, label: &str, text: &mut String, width: f32) -> Response {
    let response = ui.add(TextEdit::singleline(text).desired_width(width).hint_text(label.to_owned()));
    name(&response, label);
    response
}

/// A choice of texts; the one that was chosen now.
pub fn choice(ui: &mut Ui, key: impl AsId, label: &str, now: &str, all: &[String]) -> Option<String> {
    let mut chosen = None;
    let shown = ComboBox::from_id_salt(Id::new(key)).width(150.0).selected_text(now).show_ui(ui, |ui| {
        for one in all {
            if ui.selectable_label(one == now, one).clicked() && one != now {
                chosen = Some(one.clone());
            }
        }
    });
    name(&shown.response, label);
    chosen
}

/// Texts to choose from, behind a field for them; each with what it is.
pub fn menu(ui: &mut Ui, label: &str, all: &[(String, String)]) -> Option<String> {
    let mut chosen = None;
    let shown = ui.menu_button("⏷", |ui| {
        egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            for (text, what) in all {
                let button = Button::new(text.as_str()).shortcut_text(what.as_str()).frame_when_inactive(false);
                let button = ui.add(button);
                name(&button, text);
                if button.clicked() {
                    chosen = Some(text.clone());
                    ui.close();
                }
            }
        });
    });
    name(&shown.response, &format!("Choose: {label}"));
    chosen
}

/// A text in a column of so many points, from its left; what does not fit ends in an ellipsis.
pub fn cell(ui: &mut Ui, text: &str, width: f32) {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(vec2(width, 22.0), layout, |ui| {
        ui.set_width(width);
        ui.add(egui::Label::new(text).truncate());
    });
}

/// A heading within a panel.
pub fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(6.0);
    ui.label(RichText::new(text).strong());
}

/// A line that says what is not there.
pub fn hint(ui: &mut Ui, colours: &crate::theme::Colours, text: &str) {
    let text = prose(ui, text, colours.soft, colours.text);
    ui.add(egui::Label::new(text).wrap());
}

/// A text of docs: what stands between backticks is code.
pub fn prose(ui: &Ui, text: &str, colour: Color32, code: Color32) -> LayoutJob {
    let body = TextStyle::Body.resolve(ui.style());
    let mono = FontId::monospace(body.size * 0.94);
    let mut job = LayoutJob::default();
    let format =
        |font: &FontId, colour| TextFormat { valign: ui.text_valign(), ..TextFormat::simple(font.clone(), colour) };
    let mut parts = text.split('`').enumerate().peekable();
    while let Some((index, part)) = parts.next() {
        // Without its end a backtick is one.
        let is_code = index % 2 == 1 && parts.peek().is_some();
        if index % 2 == 1 && !is_code {
            job.append("`", 0.0, format(&body, colour));
        }
        let (font, colour) = if is_code { (&mono, code) } else { (&body, colour) };
        job.append(part, 0.0, format(font, colour));
    }
    job
}

type Make = Rc<dyn Fn(String) -> Todo>;

/// The text field that is being typed in. What was typed is done when the field is left or Enter is pressed, also if the field
/// is gone by then; Escape leaves everything as it was.
#[derive(Default)]
pub struct Typing {
    at: Option<(Id, Make)>,
    text: String,
    before: String,
    is_seen: bool,
    done: Vec<Todo>,
}

impl fmt::Debug for Typing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typing").field("text", &self.text).finish_non_exhaustive()
    }
}

impl Typing {
    /// A field of one line for a value. `key` tells it from others.
    pub fn line(
        &mut self,
        ui: &mut Ui,
        key: impl AsId,
        label: &str,
        value: &str,
        make: impl Fn(String) -> Todo + 'static,
    ) -> Response {
        let width = ui.available_width().max(60.0);
        self.field(ui, Id::new(key), label, value, Rc::new(make), false, width)
    }

    /// The same, of a width.
    pub fn short(
        &mut self,
        ui: &mut Ui,
        key: impl AsId,
        label: &str,
        value: &str,
        width: f32,
        make: impl Fn(String) -> Todo + 'static,
    ) -> Response {
        self.field(ui, Id::new(key), label, value, Rc::new(make), false, width)
    }

    /// A field of several lines.
    pub fn lines(
        &mut self,
        ui: &mut Ui,
        key: impl AsId,
        label: &str,
        value: &str,
        make: impl Fn(String) -> Todo + 'static,
    ) -> Response {
        let width = ui.available_width().max(60.0);
        self.field(ui, Id::new(key), label, value, Rc::new(make), true, width)
    }

    #[allow(clippy::too_many_arguments)]
    fn field(
        &mut self,
        ui: &mut Ui,
        id: Id,
        label: &str,
        value: &str,
        make: Make,
        is_long: bool,
        width: f32,
    ) -> Response {
        // In a table a column is no narrower than what stands in it.
        let least = if is_long { 0.0 } else { width };
        let is_mine = self.at.as_ref().is_some_and(|(at, _)| *at == id);
        let mut text = if is_mine { std::mem::take(&mut self.text) } else { value.to_owned() };
        let edit =
            if is_long { TextEdit::multiline(&mut text).desired_rows(2) } else { TextEdit::singleline(&mut text) };
        let response = ui.add(
            edit.id(id)
                .desired_width(width)
                .hint_text(label.to_owned())
                .vertical_align(egui::Align::Center)
                .min_size(vec2(least, 24.0)),
        );
        name(&response, label);
        if response.has_focus() || (is_mine && !response.lost_focus()) {
            if !is_mine {
                self.leave();
                self.before = value.to_owned();
            }
            self.at = Some((id, make));
            self.text = text;
            self.is_seen = true;
        } else if is_mine {
            self.text = text;
            if ui.input(|input| input.key_pressed(Key::Escape)) {
                self.text = self.before.clone();
            }
            self.leave();
        }
        response
    }

    fn leave(&mut self) {
        if let Some((_, make)) = self.at.take()
            && self.text != self.before
        {
            self.done.push(make(std::mem::take(&mut self.text)));
        }
    }

    /// What is to be done: at the end of a frame. A field that was not drawn in it is left.
    pub fn finish(&mut self) -> Vec<Todo> {
        if !std::mem::take(&mut self.is_seen) {
            self.leave();
        }
        std::mem::take(&mut self.done)
    }
}

/// A small coloured sign, such as the kind of a file. It is decoration: what it says stands beside it too.
pub fn badge(ui: &mut Ui, colours: &crate::theme::Colours, sign: &str, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(20.0, 18.0), egui::Sense::hover());
    paint_badge(ui, colours, rect, sign, colour);
}

fn paint_badge(ui: &Ui, colours: &crate::theme::Colours, rect: egui::Rect, sign: &str, colour: Color32) {
    let painter = ui.painter();
    painter.rect_filled(rect.shrink2(vec2(0.0, 1.0)), 4.0, colour.gamma_multiply(0.22));
    let text = if colours.is_high_contrast { colours.text } else { colour };
    painter.text(rect.center(), egui::Align2::CENTER_CENTER, sign, egui::FontId::proportional(11.0), text);
}

/// What a row of a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Row<'a> {
    /// How far it is set in.
    pub depth: usize,
    /// A sign before it.
    pub badge: Option<(&'a str, egui::Color32)>,
    /// What it says.
    pub text: &'a str,
    /// What it says besides, less loudly.
    pub soft: &'a str,
    /// Whether it is the current one.
    pub is_selected: bool,
    /// Another colour of the text.
    pub colour: Option<egui::Color32>,
}

/// A row of a list, over the whole width; it is called what it says.
pub fn row(ui: &mut Ui, colours: &crate::theme::Colours, row: &Row<'_>) -> Response {
    let width = ui.available_width().max(80.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 23.0), egui::Sense::click());
    let label = if row.soft.is_empty() { row.text.to_owned() } else { format!("{} {}", row.text, row.soft) };
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, row.is_selected, &label));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let painter = ui.painter();
    if row.is_selected {
        painter.rect_filled(rect, 4.0, ui.visuals().selection.bg_fill);
    } else if response.hovered() {
        painter.rect_filled(rect, 4.0, colours.field);
    }
    if response.has_focus() {
        let stroke = egui::Stroke::new(1.5, colours.accent);
        painter.rect_stroke(rect, 4.0, stroke, egui::StrokeKind::Inside);
    }
    let mut x = rect.left() + 6.0 + row.depth as f32 * 14.0;
    if let Some((sign, colour)) = row.badge {
        let place = egui::Rect::from_min_size(egui::pos2(x, rect.center().y - 9.0), vec2(20.0, 18.0));
        paint_badge(ui, colours, place, sign, colour);
        x += 26.0;
    }
    let room = rect.right() - 4.0;
    x = cut(ui, egui::pos2(x, rect.center().y), row.text, row.colour.unwrap_or(colours.text), room) + 10.0;
    cut(ui, egui::pos2(x, rect.center().y), row.soft, colours.soft, room);
    response
}

/// A line of text up to some place, with an ellipsis where it goes further; where it ends.
fn cut(ui: &Ui, at: egui::Pos2, text: &str, colour: egui::Color32, room: f32) -> f32 {
    if text.is_empty() || room - at.x < 12.0 {
        return at.x;
    }
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room - at.x);
    let galley = ui.painter().layout_job(job);
    let size = galley.size();
    ui.painter().galley(at - vec2(0.0, size.y / 2.0), galley, colour);
    at.x + size.x
}
