//! The codes of the checker, stable once released. E01x and W010 are the document loader's.

macro_rules! codes {
    ($($name:ident $code:literal $title:literal;)*) => {
        $(#[doc = $title] pub const $name: &str = $code;)*

        /// Code and title of each, for the reference.
        pub const CODES: &[(&str, &str)] = &[$(($code, $title)),*];
    };
}

codes! {
    NODE_TYPE "E020" "A node has a type that does not exist.";
    PORT "E021" "An input or output is named that the node type does not have.";
    MISSING_INPUT "E022" "A required input, or group of inputs, is missing.";
    REFERENCE "E023" "A reference names a parameter, node, variable or loop that is not there.";
    FIELD "E024" "A path or reference goes on to something that its type does not have.";
    TYPE "E025" "A value has a type that does not fit where it goes.";
    CONSTANT "E026" "An input must be a constant and is computed.";
    DOMINANCE "E027" "An output is read that need not have been computed.";
    FLOW_CYCLE "E028" "The flow runs in a circle outside a loop.";
    DATA_CYCLE "E029" "Values depend on each other in a circle.";
    EDGE_LABEL "E030" "An edge has a label that its node does not have.";
    EDGE_TWICE "E031" "Two edges with one label lead out of a node.";
    LOOP_BORDER "E032" "An edge crosses the border of a loop's body.";
    EDGE_NODE "E033" "An edge names a node that is not there.";
    OUTSIDE_LOOP "E034" "Break or Continue stands outside a loop.";
    RECURSION "E035" "Functions call each other in a circle or too deeply.";
    FUNCTION "E036" "A function is called that is not there.";
    ARGUMENT "E037" "An argument is given that the function does not have.";
    RETURN "E038" "Return lacks a value, or has one where none is wanted.";
    OPERATOR "E039" "An operator is not one of the known ones, or not for these types.";
    LITERAL "E040" "A literal does not fit its type.";
    ZERO_DIVISOR "E041" "A constant divisor is zero.";
    NEGATIVE_INDEX "E042" "A constant index is negative.";
    TYPE_NAME "E043" "A type is named that does not exist.";
    LAMBDA "E044" "An input that is evaluated for each element needs a node that only runs in the flow.";
    LOOP_SCOPE "E045" "A loop's value is read outside the loop.";
    VARIABLE "E046" "A variable is read that nothing sets.";
    PERMISSION "E047" "A permission names a parameter that does not exist.";
    ROOT "E048" "The state type does not exist in the schema.";
    TOO_DEEP "E050" "The document nests or chains too deeply, or is too large.";
    PATH "E051" "A path does not have the shape that is needed here.";
    HOST_NAME "E058" "A node of the host program has a name that the language uses.";
    IN_FILTER "E053" "A filter does what only handlers may do.";
    IN_EFFECT "E054" "An effect does what only handlers may do.";
    NOT_A_ROOT "E060" "A type is named that is no root, or is the main root, which stays.";
    VIEW_SHAPE "E061" "A view's function has other parameters, or another result, than a view has.";
    IN_VIEW "E062" "A view's function does more than look.";
    INTERNAL "E099" "The compiler made a mistake; the document may be fine.";

    UNREACHABLE "W001" "A node is never reached.";
    UNUSED "W002" "Nobody reads what a node computes.";
    NULL "W003" "A value may be null and is not checked.";
    CONVERSION "W004" "A value is converted without being asked for.";
    NO_RETURN "W005" "A function may end without Return.";
    UNSET "W006" "A variable may be read before it is set.";
    SHADOWED "W007" "An alias hides another one.";
    ARGUMENT_MISSING "W008" "A function's argument is missing and will be zero.";
    LEAK "W009" "A value reaches someone who may not see where it comes from.";
    PRECISION "W011" "A literal loses precision.";
    BAKED "W012" "A value that effects may have changed is written to the field it was read from.";
    UNHANDLED "W013" "An event is scheduled that nothing handles.";
    SCHEME "W014" "A text looks like a reference with a misspelt scheme.";
    CASE "W015" "A Switch has a label that its value never has.";
    DEPRECATED "W018" "A node type is deprecated.";
    SERVER_WRITE "W020" "A client's event writes what only the session may write.";
    OWNER_WRITE "W021" "A client's event writes what only the owner may write, of whoever it names.";
}
