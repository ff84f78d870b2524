//! egui-snarl 0.12.

use egui::emath::TSTransform;
use egui::{Color32, Context, Pos2, RawInput, Rect, Ui, Vec2, pos2, vec2};
use egui_snarl::ui::{PinInfo, SnarlPin, SnarlStyle, SnarlViewer, SnarlWidget};
use egui_snarl::{InPin, InPinId, NodeId, OutPin, OutPinId, Snarl};

struct Node {
    name: String,
    value: i64,
}

/// Shows the nodes, and the view where it is told to be.
struct Viewer(TSTransform);

impl SnarlViewer<Node> for Viewer {
    fn title(&mut self, node: &Node) -> String {
        node.name.clone()
    }

    fn inputs(&mut self, _: &Node) -> usize {
        3
    }

    fn show_input(&mut self, pin: &InPin, ui: &mut Ui, snarl: &mut Snarl<Node>) -> impl SnarlPin + 'static {
        match pin.id.input {
            0 => ui.label("in"),
            1 => ui.label("value"),
            _ => ui.add(egui::DragValue::new(&mut snarl[pin.id.node].value)),
        };
        PinInfo::circle().with_fill(Color32::LIGHT_BLUE)
    }

    fn outputs(&mut self, _: &Node) -> usize {
        2
    }

    fn show_output(&mut self, pin: &OutPin, ui: &mut Ui, _: &mut Snarl<Node>) -> impl SnarlPin + 'static {
        ui.label(if pin.id.output == 0 { "next" } else { "value" });
        PinInfo::circle().with_fill(Color32::LIGHT_GREEN)
    }

    fn current_transform(&mut self, to_global: &mut TSTransform, _: &mut Snarl<Node>) {
        *to_global = self.0;
    }
}

fn graph(count: usize) -> Snarl<Node> {
    let mut snarl = Snarl::new();
    let mut last: Option<NodeId> = None;
    for index in 0..count {
        let (x, y) = crate::place(index, count);
        let node = snarl.insert_node(pos2(x, y), Node { name: format!("n{index}"), value: 1 });
        if let Some(before) = last {
            for pin in 0..2 {
                snarl.connect(OutPinId { node: before, output: pin }, InPinId { node, input: pin });
            }
        }
        last = Some(node);
    }
    snarl
}

/// Milliseconds of a frame.
pub fn frame(count: usize, zoom: f32) -> f64 {
    let ctx = Context::default();
    let mut snarl = graph(count);
    let screen = Rect::from_min_size(Pos2::ZERO, vec2(crate::WIDTH, crate::HEIGHT));
    // What it does not let anybody go below otherwise.
    let style = SnarlStyle { min_scale: Some(0.01), max_scale: Some(2.0), ..SnarlStyle::new() };
    crate::mean(|index| {
        let (x, y) = crate::middle(count, index);
        let mut viewer = Viewer(TSTransform::new(screen.center().to_vec2() - Vec2::new(x, y) * zoom, zoom));
        let input = RawInput { screen_rect: Some(screen), time: Some(index as f64 * 0.016), ..RawInput::default() };
        let output = ctx.run_ui(input, |ui| {
            SnarlWidget::new().style(style).show(&mut snarl, &mut viewer, ui);
        });
        std::hint::black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
    })
}
