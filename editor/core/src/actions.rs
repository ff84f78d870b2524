//! Everything that can be done in the editor, by a stable name: menus, the command palette, key bindings and tests name these.

/// When an action can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// With a document open.
    Document,
    /// With something selected.
    Selection,
    /// With several nodes selected.
    Several,
    /// With one node selected.
    Node,
    /// With something to undo.
    Undoable,
    /// With something to redo.
    Redoable,
    /// While a session is paused.
    Paused,
    /// While a session is there.
    Running,
}

/// What there is, for [`When::holds`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Situation {
    pub has_document: bool,
    /// How many things are selected.
    pub selected: usize,
    /// How many nodes are.
    pub nodes: usize,
    pub can_undo: bool,
    pub can_redo: bool,
    pub is_running: bool,
    pub is_paused: bool,
}

impl When {
    /// Whether it is so.
    pub fn holds(self, situation: &Situation) -> bool {
        match self {
            When::Always => true,
            When::Document => situation.has_document,
            When::Selection => situation.has_document && situation.selected > 0,
            When::Several => situation.has_document && situation.nodes > 1,
            When::Node => situation.has_document && situation.nodes == 1,
            When::Undoable => situation.can_undo,
            When::Redoable => situation.can_redo,
            When::Paused => situation.is_paused,
            When::Running => situation.is_running,
        }
    }
}

/// A group of the menus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Menu {
    File,
    Edit,
    Arrange,
    View,
    Go,
    Run,
    Help,
}

macro_rules! actions {
    ($($variant:ident $name:literal $title:literal $menu:ident $when:ident [$($key:literal),*];)*) => {
        /// An action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum Action { $($variant),* }

        impl Action {
            /// Every action, in the order of the menus.
            pub const ALL: &'static [Action] = &[$(Action::$variant),*];

            /// The name in settings and tests; never changes.
            pub const fn name(self) -> &'static str {
                match self { $(Action::$variant => $name),* }
            }

            /// What menus and the command palette say.
            pub const fn title(self) -> &'static str {
                match self { $(Action::$variant => $title),* }
            }

            /// Which menu it is in.
            pub const fn menu(self) -> Menu {
                match self { $(Action::$variant => Menu::$menu),* }
            }

            /// When it can be done.
            pub const fn when(self) -> When {
                match self { $(Action::$variant => When::$when),* }
            }

            /// The keys that it has unless they are changed; the first is shown in menus.
            pub const fn default_keys(self) -> &'static [&'static str] {
                match self { $(Action::$variant => &[$($key),*]),* }
            }
        }
    };
}

actions! {
    New "file.new" "New document" File Always ["Ctrl+N"];
    NewSchema "file.new-schema" "New schema…" File Always [];
    NewConfig "file.new-config" "New configuration…" File Always [];
    OpenFile "file.open" "Open file…" File Always ["Ctrl+O"];
    OpenFolder "file.open-folder" "Open folder…" File Always ["Ctrl+Shift+O"];
    Save "file.save" "Save" File Document ["Ctrl+S"];
    SaveAs "file.save-as" "Save as…" File Document ["Ctrl+Shift+S"];
    SaveAll "file.save-all" "Save all" File Document [];
    CloseTab "file.close" "Close tab" File Document ["Ctrl+W"];
    Settings "file.settings" "Settings…" File Always ["Ctrl+,"];
    Quit "file.quit" "Quit" File Always ["Ctrl+Q"];
    Undo "edit.undo" "Undo" Edit Undoable ["Ctrl+Z"];
    Redo "edit.redo" "Redo" Edit Redoable ["Ctrl+Shift+Z", "Ctrl+Y"];
    Cut "edit.cut" "Cut" Edit Selection ["Ctrl+X"];
    Copy "edit.copy" "Copy" Edit Selection ["Ctrl+C"];
    Paste "edit.paste" "Paste" Edit Document ["Ctrl+V"];
    Duplicate "edit.duplicate" "Duplicate" Edit Selection ["Ctrl+D"];
    Delete "edit.delete" "Delete" Edit Selection ["Delete", "Backspace"];
    DeleteBridge "edit.delete-bridge" "Delete and close the gap" Edit Selection ["Shift+Delete"];
    SelectAll "edit.select-all" "Select all" Edit Document ["Ctrl+A"];
    SelectNone "edit.select-none" "Select nothing" Edit Document ["Escape"];
    SelectConnected "edit.select-connected" "Select what is connected" Edit Selection ["Ctrl+Shift+A"];
    SelectSimilar "edit.select-similar" "Select the same type" Edit Selection [];
    Find "edit.find" "Find…" Edit Document ["Ctrl+F"];
    Replace "edit.replace" "Find and replace…" Edit Document ["Ctrl+H"];
    FindInProject "edit.find-in-project" "Find in project…" Edit Always ["Ctrl+Shift+F"];
    MergeIn "edit.merge-in" "Merge the compared version in" Edit Document [];
    FindUses "edit.find-uses" "Find uses" Edit Document ["Shift+F12"];
    Rename "edit.rename" "Rename…" Edit Document ["F2"];
    AddNode "edit.add-node" "Add node…" Edit Document ["Space", "Tab"];
    AddFrame "edit.add-frame" "Frame around selection" Edit Document ["C"];
    AddNote "edit.add-note" "Add note" Edit Document ["N"];
    Comment "edit.comment" "Comment node…" Edit Node ["Ctrl+/"];
    Collapse "edit.collapse" "Collapse to function…" Edit Selection ["Ctrl+G"];
    Expand "edit.expand" "Expand call" Edit Node ["Ctrl+Shift+E"];
    Connect "edit.connect" "Connect from here…" Edit Node ["W"];
    AlignLeft "arrange.left" "Align left" Arrange Several ["Alt+Left"];
    AlignRight "arrange.right" "Align right" Arrange Several ["Alt+Right"];
    AlignTop "arrange.top" "Align top" Arrange Several ["Alt+Up"];
    AlignBottom "arrange.bottom" "Align bottom" Arrange Several ["Alt+Down"];
    AlignRow "arrange.row" "Align in a row" Arrange Several [];
    AlignColumn "arrange.column" "Align in a column" Arrange Several [];
    DistributeRow "arrange.distribute-row" "Distribute horizontally" Arrange Several [];
    DistributeColumn "arrange.distribute-column" "Distribute vertically" Arrange Several [];
    Layout "arrange.layout" "Arrange automatically" Arrange Document ["Ctrl+L"];
    Snap "arrange.snap" "Snap to grid" Arrange Always [];
    FitAll "view.fit" "Fit everything" View Document ["F", "Home"];
    FitSelection "view.fit-selection" "Fit selection" View Selection ["Shift+F"];
    ZoomIn "view.zoom-in" "Zoom in" View Document ["Ctrl+Plus", "Ctrl+="];
    ZoomOut "view.zoom-out" "Zoom out" View Document ["Ctrl+Minus"];
    ZoomReset "view.zoom-100" "Zoom to 100 %" View Document ["Ctrl+0"];
    Minimap "view.minimap" "Minimap" View Always ["M"];
    Toolbar "view.toolbar" "Toolbar" View Always [];
    Grid "view.grid" "Grid" View Always [];
    Larger "view.larger" "Make this side larger" View Always ["Alt+PageUp"];
    Smaller "view.smaller" "Make this side smaller" View Always ["Alt+PageDown"];
    Commands "view.commands" "All commands…" View Always ["Ctrl+Shift+P", "Ctrl+K"];
    Project "view.project" "Project" View Always ["Ctrl+Shift+1"];
    Outline "view.outline" "Graphs" View Always ["Ctrl+Shift+2"];
    Properties "view.properties" "Properties" View Document ["Ctrl+Shift+3"];
    Schema "view.schema" "Schema and configuration" View Always [];
    Problems "view.problems" "Problems" View Always ["Ctrl+Shift+M"];
    History "view.history" "History" View Document [];
    Code "view.code" "Code" View Document ["Ctrl+Shift+G"];
    RunPanel "view.run" "Run and debug" View Always [];
    Tests "view.tests" "Tests" View Always [];
    Odds "view.odds" "Odds" View Always [];
    Diff "view.diff" "Compare versions…" View Document [];
    CompareLayout "view.compare-layout" "Show versions in another way" View Document [];
    Theme "view.theme" "Next theme" View Always [];
    NextProblem "go.next-problem" "Next problem" Go Document ["F8"];
    PreviousProblem "go.previous-problem" "Previous problem" Go Document ["Shift+F8"];
    NextChange "go.next-change" "Next conflict or difference" Go Document ["F4"];
    PreviousChange "go.previous-change" "Previous conflict or difference" Go Document ["Shift+F4"];
    GoToDefinition "go.definition" "Go to function" Go Node ["F12"];
    NextRegion "go.next-region" "Next part of the window" Go Always ["F6"];
    PreviousRegion "go.previous-region" "Previous part of the window" Go Always ["Shift+F6"];
    Back "go.back" "Back" Go Document ["Ctrl+Alt+Left"];
    Forward "go.forward" "Forward" Go Document ["Ctrl+Alt+Right"];
    AddBookmark "go.add-bookmark" "Bookmark this place…" Go Document ["Ctrl+B"];
    NextTab "go.next-tab" "Next tab" Go Document ["Ctrl+Tab", "Ctrl+PageDown"];
    PreviousTab "go.previous-tab" "Previous tab" Go Document ["Ctrl+Shift+Tab", "Ctrl+PageUp"];
    Check "run.check" "Check now" Run Document ["Ctrl+Shift+V"];
    Run "run.start" "Run handler…" Run Document ["F5"];
    Stop "run.stop" "Stop" Run Running ["Shift+F5"];
    Pause "run.pause" "Pause" Run Running ["Ctrl+F9"];
    Continue "run.continue" "Continue" Run Paused ["F9"];
    StepOver "run.step" "Step" Run Paused ["F10"];
    StepInto "run.step-into" "Step into" Run Paused ["F11"];
    StepOut "run.step-out" "Step out" Run Paused ["Shift+F11"];
    StepBack "run.step-back" "Step back" Run Running ["Alt+F10"];
    ToPresent "run.to-present" "To the present" Run Running [];
    RunToNode "run.to-node" "Run to this node" Run Node ["Ctrl+F10"];
    Breakpoint "run.breakpoint" "Breakpoint" Run Node ["B"];
    Attach "run.attach" "Attach to a process…" Run Always [];
    Timeline "view.timeline" "Timeline" View Always [];
    RunTests "run.tests" "Run tests" Run Document ["Ctrl+T"];
    NodeHelp "help.node" "Help for this node" Help Node ["F1"];
    Shortcuts "help.keys" "Keys" Help Always ["Shift+F1"];
    Tour "help.tour" "Tour" Help Always [];
    About "help.about" "About Statewright" Help Always [];
}

impl Action {
    /// The action of a name.
    pub fn by_name(name: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.name() == name)
    }

    /// Actions whose titles go with what was typed, best first; those that can be done now before the others.
    pub fn search(typed: &str, situation: &Situation) -> Vec<Action> {
        let mut found: Vec<(bool, i32, Action)> = Action::ALL
            .iter()
            .filter_map(|action| {
                let (score, _) = crate::palette::fuzzy::score(typed, action.title())?;
                Some((!action.when().holds(situation), -score, *action))
            })
            .collect();
        found.sort_by_key(|(cannot, score, action)| (*cannot, *score, *action));
        found.into_iter().map(|(_, _, action)| action).collect()
    }
}
