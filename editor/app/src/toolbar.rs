//! The toolbar: what is done all day, one click away, in the line of the menus. Each button is an action, with its icon, its keys
//! in the tooltip, and a name of its own for screen readers. In a narrow window the last groups are left out.

use egui::{Button, Color32, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, vec2};
use statewright_editor_core::actions::{Action, Situation};

use crate::canvas::icons::{Stroked, read};
use crate::editor::Editor;
use crate::regions::Region;
use crate::todo::Todo;

/// Size of a button, and of the field that its icon is drawn on.
const BUTTON: Vec2 = vec2(28.0, 24.0);
const ICON: f32 = 16.0;
/// Space between groups.
const GAP: f32 = 13.0;
/// Room for what the check found.
const CHECK: f32 = 64.0;

/// The groups, in order.
const GROUPS: &[&[Action]] = &[
    &[Action::Save, Action::Undo, Action::Redo],
    &[Action::Run, Action::Continue, Action::Pause, Action::Stop],
    &[Action::StepBack, Action::StepOver, Action::StepInto, Action::StepOut],
    &[Action::FitAll, Action::Layout, Action::Find, Action::AddNode],
];

/// Path data of an icon on a field of 16 by 16.
const fn icon(action: Action) -> &'static str {
    match action {
        Action::Save => "M2.5 2.5h8.5l2.5 2.5v8.5h-11zM5 2.5v4h5.5v-4M4.5 13.5v-4.5h7v4.5",
        Action::Undo => "M6 2.5 2.5 6 6 9.5M2.5 6h7.5c5 0 5 7.5 0 7.5h-4",
        Action::Redo => "M10 2.5 13.5 6 10 9.5M13.5 6h-7.5c-5 0-5 7.5 0 7.5h4",
        Action::Run => "M4 2.5 13 8 4 13.5z",
        Action::Continue => "M2.5 2.5v11M5.5 2.5 14 8 5.5 13.5z",
        Action::Pause => "M4 2.5h2.5v11h-2.5zM9.5 2.5h2.5v11h-2.5z",
        Action::Stop => "M3 3h10v10h-10z",
        Action::StepBack => "M14 8c0-7-12-7-12 0M2 8 .5 5M2 8l3-2M8 11.5h.1M8 12h.1",
        Action::StepOver => "M2 8c0-7 12-7 12 0M14 8l-3-2M14 8l1.5-3M8 11.5h.1M8 12h.1",
        Action::StepInto => "M8 1.5v8M8 9.5l-3-3M8 9.5l3-3M8 13.5h.1M8 14h.1",
        Action::StepOut => "M8 9.5v-8M8 1.5l-3 3M8 1.5l3 3M8 13.5h.1M8 14h.1",
        Action::FitAll => "M2 5.5v-3.5h3.5M10.5 2h3.5v3.5M14 10.5v3.5h-3.5M5.5 14h-3.5v-3.5M5.5 6h5v4h-5z",
        Action::Layout => "M1.5 6h4v4h-4zM10.5 2h4v4h-4zM10.5 10h4v4h-4zM5.5 8h2.5M8 4v8M8 4h2.5M8 12h2.5",
        Action::Find => "M6.5 2a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10 10l4 4",
        Action::AddNode => "M8 2.5v11M2.5 8h11",
        _ => "",
    }
}

/// What a button is called, in tooltips and for screen readers: its action with its keys.
pub fn name(editor: &Editor, action: Action) -> String {
    match editor.settings.keys.keys(action).first() {
        Some(keys) => format!("{} ({keys})", action.title()),
        None => action.title().to_owned(),
    }
}

/// Draws as much of it as there is room for.
pub fn show(editor: &mut Editor, ui: &mut Ui) {
    let situation = editor.situation();
    ui.spacing_mut().item_spacing.x = 1.0;
    let width = |group: &[Action]| GAP + group.len() as f32 * (BUTTON.x + 1.0);
    let mut room = ui.available_width() - CHECK;
    let mut has_first = false;
    for (index, group) in GROUPS.iter().enumerate() {
        room -= width(group);
        if room < 0.0 {
            break;
        }
        space(editor, ui);
        for action in group.iter().copied() {
            let response = button(editor, &situation, action, ui);
            if response.enabled() && !std::mem::replace(&mut has_first, true) {
                editor.regions.first(Region::Toolbar, &response);
            }
        }
        if index == 0 {
            check(editor, &situation, ui);
        }
    }
    // With nothing open there may be nothing to press.
    if has_first {
        editor.regions.drawn(Region::Toolbar, ui.min_rect());
    }
}

/// The line between two groups.
fn space(editor: &Editor, ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(GAP, BUTTON.y), Sense::hover());
    ui.painter().vline(rect.center().x, rect.shrink(4.0).y_range(), Stroke::new(1.0, editor.colours.line));
}

fn button(editor: &mut Editor, situation: &Situation, action: Action, ui: &mut Ui) -> Response {
    let (colours, name) = (editor.colours, name(editor, action));
    let is_enabled = action.when().holds(situation);
    let response = ui.add_enabled(is_enabled, Button::new("").frame(false).min_size(BUTTON));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, is_enabled, &name));
    let front = match (is_enabled, action) {
        (false, _) => colours.text.gamma_multiply(0.35),
        (true, Action::Run | Action::Continue) => colours.added,
        (true, Action::Stop) => colours.error,
        (true, _) => colours.text,
    };
    under(ui, &response, &colours);
    paint(ui, response.rect, &read(icon(action)), front, matches!(action, Action::Run | Action::Stop));
    let response = response.on_hover_text(&name).on_disabled_hover_text(&name);
    if response.clicked() {
        editor.push(Todo::Act(action));
    }
    response
}

/// What is behind a button that the pointer or the keyboard is on.
fn under(ui: &Ui, response: &Response, colours: &crate::theme::Colours) {
    if response.enabled() && (response.hovered() || response.has_focus()) {
        let edge = if response.has_focus() { colours.accent } else { Color32::TRANSPARENT };
        let back = ui.visuals().widgets.hovered.weak_bg_fill.gamma_multiply(0.6);
        ui.painter().rect(response.rect.shrink(1.0), 4.0, back, Stroke::new(1.5, edge), StrokeKind::Inside);
    }
}

fn paint(ui: &Ui, rect: Rect, lines: &[Stroked], colour: Color32, is_filled: bool) {
    let origin = rect.center() - vec2(ICON, ICON) / 2.0;
    let stroke = Stroke::new(1.4, colour);
    for line in lines {
        let points = line.points.iter().map(|point| origin + point.to_vec2()).collect();
        if line.is_closed && is_filled {
            ui.painter().add(egui::Shape::convex_polygon(points, colour, stroke));
        } else if line.is_closed {
            ui.painter().add(egui::Shape::closed_line(points, stroke));
        } else {
            ui.painter().line(points, stroke);
        }
    }
}

/// What the check of the document found; a click lists it.
fn check(editor: &mut Editor, situation: &Situation, ui: &mut Ui) {
    if !situation.has_document {
        return;
    }
    let Some((document, _)) = editor.active() else { return };
    let (errors, warnings) = document.checked.findings.count();
    let colours = editor.colours;
    let (icon, colour, count, said) = match (document.is_checked(), errors, warnings) {
        (false, ..) => ("M4 8h.1M8 8h.1M12 8h.1", colours.soft, 0, "Being checked".to_owned()),
        (true, 0, 0) => ("M2.5 8.5 6.5 12.5 13.5 4", colours.added, 0, "Checked: nothing is wrong".to_owned()),
        (true, 0, count) => (
            "M8 2 14.5 13.5h-13zM8 6.5v3.5M8 11.800v.2",
            colours.warning,
            count,
            format!("Checked: {count} to look at"),
        ),
        (true, count, _) => (
            "M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M5.5 5.5l5 5M10.5 5.5l-5 5",
            colours.error,
            count,
            format!("Checked: {count} wrong"),
        ),
    };
    let size = vec2(if count > 0 { CHECK - GAP } else { BUTTON.x }, BUTTON.y);
    let response = ui.add(Button::new("").frame(false).min_size(size));
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &said));
    under(ui, &response, &colours);
    let (left, right) = response.rect.split_left_right_at_x(response.rect.left() + BUTTON.x);
    paint(ui, left, &read(icon), colour, false);
    if count > 0 {
        let font = egui::TextStyle::Button.resolve(ui.style());
        ui.painter().text(right.left_center(), egui::Align2::LEFT_CENTER, count, font, colours.text);
    }
    if response.on_hover_text(&said).clicked() {
        editor.push(Todo::Act(Action::Problems));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_has_an_icon_within_its_field() {
        for action in GROUPS.iter().copied().flatten() {
            let lines = read(icon(*action));
            let points: Vec<_> = lines.iter().flat_map(|line| &line.points).collect();
            assert!(points.len() >= 2, "{}", action.name());
            let is_inside = |point: &egui::Pos2| (0.0..=16.0).contains(&point.x) && (0.0..=16.0).contains(&point.y);
            assert!(points.iter().all(|point| is_inside(point)), "{}: {points:?}", action.name());
        }
    }
}
