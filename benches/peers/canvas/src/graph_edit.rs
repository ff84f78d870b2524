//! egui-graph-edit 0.9, of the family of egui_node_graph.

use std::borrow::Cow;

use egui_graph_edit::{
    DataTypeTrait, Graph, GraphEditorState, InputParamKind, NodeDataTrait, NodeId, NodeOrientation, NodeResponse,
    NodeTemplateIter, NodeTemplateTrait, UserResponseTrait, WidgetValueTrait,
};
use egui_of_graph_edit::{Color32, Context, DragValue, Pos2, RawInput, Rect, Ui, Vec2, vec2};

#[derive(Clone, Debug)]
struct Said;

impl UserResponseTrait for Said {}

#[derive(PartialEq, Eq)]
enum Kind {
    Flow,
    Number,
}

impl DataTypeTrait<()> for Kind {
    fn data_type_color(&self, (): &mut ()) -> Color32 {
        if *self == Kind::Flow { Color32::LIGHT_BLUE } else { Color32::LIGHT_GREEN }
    }

    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(if *self == Kind::Flow { "flow" } else { "number" })
    }
}

#[derive(Default)]
struct Number(i64);

impl WidgetValueTrait for Number {
    type Response = Said;
    type UserState = ();
    type NodeData = Data;

    fn value_widget(&mut self, name: &str, _: NodeId, ui: &mut Ui, (): &mut (), _: &Data) -> Vec<Said> {
        ui.horizontal(|ui| {
            ui.label(name);
            ui.add(DragValue::new(&mut self.0));
        });
        Vec::new()
    }
}

struct Data;

impl NodeDataTrait for Data {
    type Response = Said;
    type UserState = ();
    type DataType = Kind;
    type ValueType = Number;

    fn bottom_ui(&self, _: &mut Ui, _: NodeId, _: &Made, (): &mut ()) -> Vec<NodeResponse<Said, Data>> {
        Vec::new()
    }
}

/// The one kind of node.
#[derive(Clone)]
struct Step;

type Made = Graph<Data, Kind, Number>;

impl NodeTemplateTrait for Step {
    type NodeData = Data;
    type DataType = Kind;
    type ValueType = Number;
    type UserState = ();
    type CategoryType = ();

    fn node_finder_label(&self, (): &mut ()) -> Cow<'_, str> {
        Cow::Borrowed("step")
    }

    fn node_graph_label(&self, (): &mut ()) -> String {
        "step".to_owned()
    }

    fn user_data(&self, (): &mut ()) -> Data {
        Data
    }

    fn build_node(&self, graph: &mut Made, (): &mut (), node: NodeId) {
        let kind = InputParamKind::ConnectionOnly;
        graph.add_input_param(node, "in".to_owned(), Kind::Flow, Number(0), kind, true);
        graph.add_input_param(node, "value".to_owned(), Kind::Number, Number(0), kind, true);
        graph.add_input_param(node, "by".to_owned(), Kind::Number, Number(1), InputParamKind::ConstantOnly, true);
        graph.add_output_param(node, "next".to_owned(), Kind::Flow);
        graph.add_output_param(node, "value".to_owned(), Kind::Number);
    }
}

struct Kinds;

impl NodeTemplateIter for Kinds {
    type Item = Step;

    fn all_kinds(&self) -> Vec<Step> {
        vec![Step]
    }
}

type State = GraphEditorState<Data, Kind, Number, Step, ()>;

fn graph(count: usize, zoom: f32) -> State {
    let mut state = State::new(1.0);
    let mut last: Option<NodeId> = None;
    for index in 0..count {
        let made = &mut state.graph;
        let node = made.add_node(format!("n{index}"), Data, |graph, node| Step.build_node(graph, &mut (), node));
        let (x, y) = crate::place(index, count);
        state.node_positions.insert(node, Pos2::new(x, y) * zoom);
        state.node_orientations.insert(node, NodeOrientation::LeftToRight);
        state.node_order.push(node);
        if let Some(before) = last {
            for pin in 0..2 {
                let (output, input) = (state.graph[before].outputs[pin].1, state.graph[node].inputs[pin].1);
                state.graph.add_connection(output, input);
            }
        }
        last = Some(node);
    }
    state
}

/// Milliseconds of a frame.
pub fn frame(count: usize, zoom: f32) -> f64 {
    let ctx = Context::default();
    let mut state = graph(count, zoom);
    let screen = Rect::from_min_size(Pos2::ZERO, vec2(crate::WIDTH, crate::HEIGHT));
    let mut is_zoomed = false;
    crate::mean(|index| {
        let (x, y) = crate::middle(count, index);
        let input = RawInput { screen_rect: Some(screen), time: Some(index as f64 * 0.016), ..RawInput::default() };
        let output = ctx.run_ui(input, |ui| {
            // Its zoom scales the style, and moves the nodes, which stand where they belong already.
            if !is_zoomed {
                let before = state.node_positions.clone();
                ui.set_clip_rect(ui.max_rect());
                state.zoom(ui, zoom);
                state.pan_zoom.started = true;
                state.node_positions = before;
                is_zoomed = true;
            }
            // A node's place is counted from the corner of the view.
            state.pan_zoom.pan = screen.center().to_vec2() - Vec2::new(x, y) * zoom;
            drop(state.draw_graph_editor(ui, Kinds, &mut (), Vec::new()));
        });
        std::hint::black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
    })
}
