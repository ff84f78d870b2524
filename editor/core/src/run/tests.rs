//! A small session, run, held up, recorded and replayed.

use std::sync::Arc;

use statewright_graph::document::SourceDocument;
use statewright_graph::node::EXAMPLE_SCHEMA;
use statewright_harness::play;
use statewright_harness::project::Backend;
use statewright_runtime::host::HostNodes;
use statewright_runtime::persist::recording::Recording;
use statewright_runtime::session::Action;
use statewright_types::Value;

use super::profile::Profiler;
use super::recorded::Recorded;
use super::timeline::{Key, differences, path_text};
use super::*;

const TEXT: &str = r#"{"stateType": "Game", "handlers": [
  {"name": "Up", "event": "Up", "parameters": [{"name": "by", "type": "int"}], "nodes": [
    {"id": "twice", "type": "Repeat", "inputs": {"count": 2}},
    {"id": "add", "type": "Increment", "inputs": {"path": "Round", "by": "param:by"}},
    {"id": "say", "type": "EmitToAll", "inputs": {"eventType": "Round", "payload": {"n": "state:Round"}}}],
   "flow": [{"from": "start", "to": "twice"}, {"from": "twice", "to": "add", "label": "body"}, {"from": "twice", "to": "say", "label": "done"}]},
  {"name": "Name", "event": "Name", "nodes": [
    {"id": "phase", "type": "SetField", "inputs": {"path": "Phase", "value": "x"}}], "flow": [{"from": "start", "to": "phase"}]}]}"#;

fn setting() -> Setting {
    let setup = Setup { players: vec!["ann".into()], ..Setup::default() };
    Setting { name: "x.json".into(), document: TEXT.into(), schema: EXAMPLE_SCHEMA.into(), setup, ..Setting::default() }
}

fn begin(setting: Setting) -> Run {
    Run::start(setting, Vec::new(), || 0, || ())
}

/// The next message of the debugger, waiting for it.
fn message(run: &Run) -> String {
    loop {
        match run.wait().unwrap() {
            Told::Message(message) => return message,
            Told::News(_) | Told::Gone(_) => {}
        }
    }
}

fn up(by: i64) -> Order {
    Order::Act(Act::Event(Action::new("Up", "ann", Value::map([("by", Value::Int(by))]))))
}

fn did(run: &Run) -> Moment {
    match run.wait_news() {
        Some(News::Did(moment)) => *moment,
        other => panic!("{other:?}"),
    }
}

fn round(state: &Value) -> Option<&Value> {
    state.get("Round")
}

#[test]
fn a_session_tells_what_it_did_moment_by_moment() {
    let run = begin(setting());
    let Some(News::Began(began)) = run.wait_news() else { panic!("it did not begin") };
    run.order(up(3));
    run.order(Order::Act(Act::Event(Action::own("Name", Value::Null))));
    run.order(up(-1));
    let moments = [did(&run), did(&run), did(&run)];
    assert_eq!(moments[0].label, "Up of ann");
    let changed: Vec<String> = moments.iter().map(|moment| path_text(&moment.changes[0].path)).collect();
    assert_eq!(changed, ["Round", "Phase", "Round"]);
    assert_eq!((moments[0].events.len(), moments[0].ran[0].fuel > 3), (1, true));
    let timeline = collect(began, moments);
    assert_eq!(round(&timeline.state(0)), Some(&Value::Int(1)));
    assert_eq!(round(&timeline.state(2)), Some(&Value::Int(7)));
    assert_eq!(round(&timeline.state(9)), Some(&Value::Int(5)));
    let field = [Key::Field("Round".into())];
    assert_eq!(timeline.wrote_last(&field, 2, None).map(|wrote| wrote.moment), Some(0));
    assert_eq!(timeline.wrote_last(&field, 3, None).map(|wrote| wrote.moment), Some(2));
    assert_eq!(timeline.wrote_last(&field, 0, None), None);
    run.order(Order::View("ann".into()));
    assert!(matches!(run.wait_news(), Some(News::View(viewer, view)) if viewer == "ann" && round(&view).is_some()));
}

#[test]
fn a_recording_becomes_a_timeline_that_knows_the_nodes() {
    let run = begin(setting());
    run.wait_news();
    run.order(up(3));
    run.order(Order::Act(Act::Join("bob".into())));
    run.order(Order::Act(Act::Event(Action::own("Name", Value::Null))));
    run.order(Order::Recording);
    let live: Vec<Moment> = (0..3).map(|_| did(&run)).collect();
    let Some(News::Recording(bytes)) = run.wait_news() else { panic!("no recording") };
    let recording = Recording::read(&bytes).unwrap();
    let recorded = Recorded { name: "it".to_owned(), recording: Arc::new(recording) };
    let timeline = recorded.timeline(&HostNodes::default()).unwrap();
    assert_eq!(timeline.moments().len(), 3);
    for (replayed, live) in timeline.moments().iter().zip(&live) {
        assert_eq!((&replayed.changes, &replayed.events), (&live.changes, &live.events));
    }
    let source = SourceDocument::parse(TEXT).unwrap();
    let wrote = timeline.wrote_last(&[Key::Field("Round".into())], 3, Some(&source.document)).unwrap();
    assert_eq!(wrote.node, Some(("Up".into(), "add".into())));
    let wrote = timeline.wrote_last(&[Key::Field("Phase".into())], 3, Some(&source.document)).unwrap();
    assert_eq!((wrote.moment, wrote.node), (2, Some(("Name".into(), "phase".into()))));
}

#[test]
fn a_session_is_held_up_at_a_breakpoint_and_ends_with_its_owner() {
    let run = begin(setting());
    run.wait_news();
    run.command(r#"{"id": 1, "command": "hello", "version": 1}"#);
    run.command(r#"{"id": 2, "command": "setBreakpoint", "graph": "Up", "node": "add"}"#);
    run.order(up(3));
    let stopped = loop {
        let message = message(&run);
        if message.contains("\"stopped\"") {
            break message;
        }
    };
    assert!(stopped.contains("\"add\""), "{stopped}");
    run.command(r#"{"id": 3, "command": "evaluate", "expression": "param:by"}"#);
    let reply = loop {
        let message = message(&run);
        if message.contains("\"id\":3") || message.contains("\"id\": 3") {
            break message;
        }
    };
    assert!(reply.contains(r#""value":3"#), "{reply}");
    assert_eq!(run.told(), None);
    drop(run);
}

#[test]
fn what_cannot_run_says_why() {
    let broken = Setting { document: TEXT.replace("Increment", "Incremnt").into(), ..setting() };
    let run = begin(broken);
    let Some(News::Failed(problems)) = run.wait_news() else { panic!("it began") };
    assert!(problems.iter().any(|problem| problem.contains("Increment")), "{problems:?}");
    let state: Arc<str> = "{\"Round\": \"no\"}".into();
    let run = begin(Setting { state: Some(state), ..setting() });
    assert!(matches!(run.wait_news(), Some(News::Failed(_))));
}

#[test]
fn fuel_and_calls_are_of_nodes() {
    let loaded = crate::code::loaded("x.json".as_ref(), TEXT, EXAMPLE_SCHEMA, None, true, HostNodes::default());
    let program = loaded.program(Backend::Interpreter).unwrap().unwrap();
    let mut session = play::begin(&loaded, program, &Setup::default(), None).unwrap();
    let mut now = 0;
    let mut profiler = Profiler::new(move || {
        now += 10;
        now
    });
    let report = session.dispatch_traced(Action::own("Up", Value::map([("by", Value::Int(2))])), &mut profiler);
    let fuel = report.fuel();
    profiler.settle_reports(&[report]);
    let profile = profiler.finish();
    assert_eq!((profile.cost("Up", "add").calls, profile.cost("Up", "say").calls), (2, 1));
    assert!(profile.cost("Up", "add").nanoseconds >= 20);
    let total = profile.total();
    assert!(total.fuel > 0 && total.fuel <= fuel, "{total:?} of {fuel}");
    assert!(profile.share("Up", "add") > 0.0 && profile.dearest().len() == 3);
}

#[test]
fn values_differ_in_small_parts() {
    let before: Value = r#"{"a": {"b": [1, 2, 3]}, "c": 1}"#.parse().unwrap();
    let after: Value = r#"{"a": {"b": [1, 5]}, "d": 1}"#.parse().unwrap();
    let shown: Vec<String> = differences(&before, &after).iter().map(|change| path_text(&change.path)).collect();
    assert_eq!(shown, ["a.b[1]", "a.b[2]", "c", "d"]);
    assert_eq!(
        path_text(&[Key::Field("a".into()), Key::Field("b c".into()), Key::Field("".into())]),
        r#"a["b c"][""]"#
    );
}

mod live {
    use super::*;
    use crate::run::client::Go;
    use crate::run::live::{Happened, Live, Phase};

    fn document() -> SourceDocument {
        SourceDocument::parse(TEXT).unwrap()
    }

    fn start() -> Live {
        let mut live = Live::start(setting(), &document().document, || 0, || ());
        live.settle();
        assert_eq!(*live.phase(), Phase::Idle);
        live
    }

    fn spot(graph: &str, node: &str) -> (Arc<str>, Arc<str>) {
        (graph.into(), node.into())
    }

    fn stopped(live: &Live) -> (String, u64) {
        let stopped = live.client.stopped().unwrap();
        (stopped.node.to_string(), stopped.step)
    }

    #[test]
    fn what_it_does_becomes_moments_flow_values_and_costs() {
        let mut live = start();
        live.order(up(3));
        live.settle();
        let timeline = live.timeline.as_ref().unwrap();
        assert_eq!(round(&timeline.state(1)), Some(&Value::Int(7)));
        let flow = live.flow.graph("Up").unwrap();
        assert_eq!((flow.visits["add"], flow.visits["say"]), (2, 1));
        let went: Vec<&str> = flow.went.iter().map(|wire| &*wire.to.node).collect();
        assert_eq!(went, ["twice", "add", "say"]);
        assert_eq!(live.profile.cost("Up", "add").calls, 2);
        assert_eq!(timeline.moments()[0].steps, 4);
    }

    #[test]
    fn it_is_held_up_where_a_condition_holds_and_goes_on_with_another_value() {
        let mut live = start();
        live.stop_at([(spot("Up", "add"), "by > 3".to_owned())].into());
        live.watch(&["by + 1".to_owned(), "state:Round".to_owned()]);
        live.order(up(3));
        live.settle();
        assert_eq!(*live.phase(), Phase::Idle);
        live.order(up(5));
        live.settle();
        assert_eq!((live.phase(), stopped(&live)), (&Phase::Paused, ("add".to_owned(), 2)));
        assert_eq!(live.client.watches()[1].value, Some(Ok(Value::Int(7))));
        assert!(matches!(live.client.watches()[0].value, Some(Err(_))));
        assert_eq!(live.client.scopes().unwrap().get("parameters").unwrap().get("by"), Some(&Value::Int(5)));
        live.change("param:by", "100");
        live.settle();
        live.stop_at([].into());
        live.go(&Go::Continue);
        live.settle();
        assert_eq!(round(&live.timeline.as_ref().unwrap().state(2)), Some(&Value::Int(207)));
    }

    #[test]
    fn it_steps_back_within_an_action_and_into_the_one_before() {
        let mut live = start();
        live.order(up(1));
        live.order(up(2));
        live.settle();
        assert!(live.step_back());
        live.settle();
        assert_eq!(stopped(&live), ("say".to_owned(), 4));
        assert_eq!(live.timeline.as_ref().unwrap().moments().len(), 1);
        for (node, step) in [("add", 3), ("add", 2), ("twice", 1), ("say", 4)] {
            assert!(live.step_back());
            live.settle();
            assert_eq!(stopped(&live), (node.to_owned(), step));
        }
        // What comes behind is done again.
        live.go(&Go::Continue);
        live.settle();
        assert_eq!(*live.phase(), Phase::Idle);
        let timeline = live.timeline.as_ref().unwrap();
        assert_eq!((timeline.moments().len(), round(&timeline.state(2))), (2, Some(&Value::Int(7))));
    }

    #[test]
    fn the_past_knows_who_wrote_and_what_was_seen() {
        let mut live = start();
        live.order(up(1));
        live.order(Order::Act(Act::Event(Action::own("Name", Value::Null))));
        live.order(up(2));
        live.settle();
        let past = live.past().unwrap();
        let round_path = [Key::Field("Round".into())];
        assert_eq!(past.writer(0, &round_path), Ok(Some(spot("Up", "add"))));
        assert_eq!(past.writer(1, &round_path), Ok(None));
        assert_eq!(past.writer(1, &[Key::Field("Phase".into())]), Ok(Some(spot("Name", "phase"))));
        assert_eq!(round(&past.view(1, "ann").unwrap()), Some(&Value::Int(3)));
        assert_eq!(round(&past.view(3, "ann").unwrap()), Some(&Value::Int(7)));
        live.order(Order::Recording);
        let bytes = live.wait().into_iter().flatten().find_map(|happened| match happened {
            Happened::Recording(bytes) => Some(bytes),
            _ => None,
        });
        let recording = Arc::new(Recording::read(&bytes.unwrap()).unwrap());
        let recorded = Recorded { name: "it".to_owned(), recording };
        let past = crate::run::past::Past::new(recorded.setting(&HostNodes::default()), recorded.orders());
        assert_eq!(past.writer(2, &round_path), Ok(Some(spot("Up", "add"))));
        assert_eq!(round(&past.view(1, "ann").unwrap()), Some(&Value::Int(3)));
    }

    #[test]
    fn players_join_under_the_debuggers_eyes() {
        let text = TEXT.replace("\"event\": \"Name\"", "\"event\": \"PlayerConnect\"");
        let source = SourceDocument::parse(&text).unwrap();
        let setting = Setting { document: text.into(), ..setting() };
        let mut live = Live::start(setting, &source.document, || 0, || ());
        live.stop_at([(spot("Name", "phase"), String::new())].into());
        live.order(Order::Act(Act::Join("bob".into())));
        live.settle();
        assert_eq!(*live.phase(), Phase::Paused);
        assert_eq!(stopped(&live).0, "phase");
        live.stop();
        assert_eq!(*live.phase(), Phase::Over("it was stopped".to_owned()));
    }

    #[test]
    fn another_process_is_debugged_alike_and_may_go_away() {
        use std::io::{BufRead, BufReader, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let line: Value = line.unwrap().parse().unwrap();
                let command = line.get("command").cloned().unwrap();
                let id = statewright_types::json::to_string(line.get("id").unwrap());
                writeln!(stream, r#"{{"id": {id}, "ok": true, "result": {{"breakpoint": 1}}}}"#).unwrap();
                if command == Value::str("continue") {
                    let stop = r#"{"event": "stopped", "reason": "breakpoint", "handler": "Up", "graph": "Up", "node": "add", "step": 2}"#;
                    writeln!(stream, "{stop}").unwrap();
                }
                let is_last = command == Value::str("stepOver");
                heard.push(command);
                if is_last {
                    break;
                }
            }
            heard
        });
        let mut live = Live::attach(&address, "secret", &document().document, || 0, || ());
        live.stop_at([(spot("Up", "add"), String::new())].into());
        live.settle();
        assert_eq!((live.phase(), live.client.stopped()), (&Phase::Paused, None));
        live.go(&Go::Continue);
        live.settle();
        assert_eq!(stopped(&live), ("add".to_owned(), 2));
        live.go(&Go::Over);
        let over = live.settle().into_iter().find_map(|happened| match happened {
            Happened::Over(refused) => Some(refused),
            _ => None,
        });
        assert!(over.unwrap().message.contains("the process is gone"));
        let heard = server.join().unwrap();
        let names: Vec<String> = heard.iter().map(statewright_types::json::to_string).collect();
        assert_eq!(names[..5], ["\"hello\"", "\"trace\"", "\"timeline\"", "\"setBreakpoint\"", "\"continue\""]);
        assert!(!live.is_there() && !live.step_back());
    }

    /// A process that runs three actions for whoever attaches, with a debugger at a socket.
    fn process() -> (String, std::thread::JoinHandle<Value>) {
        use statewright_harness::act::Act;
        use statewright_harness::debug::{Debugger, History, Local, Options, Outline};
        use statewright_harness::save::Versions;
        use std::io::{BufRead, BufReader, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let thread = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let (local, client) = Local::pair();
            let reader = BufReader::new(stream.try_clone().unwrap());
            let mut writer = stream.try_clone().unwrap();
            let commands = client.commands;
            let reading = std::thread::spawn(move || {
                for line in reader.lines().map_while(Result::ok) {
                    if commands.send(line).is_err() {
                        break;
                    }
                }
            });
            let messages = client.messages;
            let writing = std::thread::spawn(move || {
                for message in messages {
                    if writeln!(writer, "{message}").is_err() {
                        break;
                    }
                }
            });
            let loaded = crate::code::loaded("x.json".as_ref(), TEXT, EXAMPLE_SCHEMA, None, true, HostNodes::default());
            let program = loaded.program(Backend::Interpreter).unwrap().unwrap();
            let mut session = play::begin(&loaded, program, &setting().setup, None).unwrap();
            let mut versions = Versions::default();
            versions.add(loaded.clone(), true);
            let texts = versions.texts(&session.save_packed().programs()).unwrap();
            let options = Options { token: Some("secret".into()), session: "run".into() };
            let mut debugger = Debugger::new(Outline::new(&loaded), options, Box::new(local), Box::new(|| 0));
            let mut history = History::begin(&session, &texts, &mut debugger, || 0);
            debugger.wait_for_start();
            for by in [1, 2, 3] {
                let act = Act::Event(Action::new("Up", "ann", Value::map([("by", Value::Int(by))])));
                history.perform(&act, &mut session, &mut debugger);
            }
            debugger.finish();
            drop(debugger);
            writing.join().unwrap();
            let _ = stream.shutdown(std::net::Shutdown::Both);
            reading.join().unwrap();
            session.state().to_value()
        });
        (address, thread)
    }

    #[test]
    fn another_process_shows_its_timeline_and_state_and_is_stepped_back_in() {
        let (address, process) = process();
        let mut live = Live::attach(&address, "secret", &document().document, || 0, || ());
        live.stop_at([(spot("Up", "say"), "by == 2".to_owned())].into());
        live.settle();
        assert_eq!((live.phase(), live.client.stopped()), (&Phase::Paused, None));
        live.go(&Go::Continue);
        live.settle();
        assert_eq!(stopped(&live), ("say".to_owned(), 4));
        let timeline = live.timeline.as_ref().unwrap();
        assert_eq!((timeline.moments().len(), timeline.moments()[0].label.as_str()), (1, "Up of ann"));
        // Round is 1 at the beginning, and goes up twice by 1.
        assert_eq!(round(&timeline.state(1)), Some(&Value::Int(3)));
        assert_eq!((live.profile.cost("Up", "add").calls, live.profile.total().fuel > 0), (2, true));
        // Within the second action it is 7 already: where it is held up the state is another than behind the last moment.
        assert_eq!(live.state(), None);
        live.settle();
        assert_eq!(live.state().and_then(round), Some(&Value::Int(7)));
        let past = live.past().unwrap();
        assert_eq!(past.writer(0, &[Key::Field("Round".into())]), Ok(Some(spot("Up", "add"))));
        assert_eq!(past.view(1, "ann").as_ref().ok().and_then(round), Some(&Value::Int(3)));
        // Back, node by node, into the action before; the process stays where it is.
        for (node, step, moments) in [("add", 3, 1), ("add", 2, 1), ("twice", 1, 1), ("say", 4, 0), ("add", 3, 0)] {
            assert!(live.step_back() && live.is_behind());
            live.settle();
            let done = live.timeline.as_ref().unwrap().moments().len();
            assert_eq!((stopped(&live), done), ((node.to_owned(), step), moments));
        }
        // Forward again to where the process is, which a breakpoint there tells.
        live.go(&Go::Continue);
        live.settle();
        assert_eq!((stopped(&live), live.is_behind()), (("say".to_owned(), 4), false));
        assert!(live.step_back() && live.is_behind());
        live.settle();
        live.go(&Go::Over);
        live.settle();
        assert_eq!((stopped(&live), live.is_behind()), (("say".to_owned(), 4), false));
        live.go(&Go::Continue);
        let over = live.settle();
        assert!(
            matches!(over.last(), Some(Happened::Over(refused)) if refused.message.contains("has ended")),
            "{over:?}"
        );
        let timeline = live.timeline.as_ref().unwrap();
        let state = process.join().unwrap();
        assert_eq!((timeline.moments().len(), round(&timeline.state(3))), (3, round(&state)));
        // What it did can still be looked at.
        assert!(live.step_back());
        live.settle();
        assert_eq!(stopped(&live), ("say".to_owned(), 4));
    }

    #[test]
    fn a_process_that_goes_away_leaves_what_it_did() {
        let (address, process) = process();
        let mut live = Live::attach(&address, "secret", &document().document, || 0, || ());
        live.stop_at([(spot("Up", "say"), "by == 2".to_owned())].into());
        live.settle();
        live.go(&Go::Continue);
        live.settle();
        live.stop();
        assert!(!live.is_there());
        assert_eq!(live.timeline.as_ref().unwrap().moments().len(), 1);
        // It goes on without us.
        assert_eq!(round(&process.join().unwrap()), Some(&Value::Int(13)));
    }

    #[test]
    fn a_handler_that_never_ends_is_stopped() {
        let text = r#"{"stateType": "Game", "handlers": [{"name": "Up", "event": "Up", "nodes": [
            {"id": "on", "type": "While", "inputs": {"condition": true}},
            {"id": "add", "type": "SetField", "inputs": {"path": "Round", "value": 3}}],
            "flow": [{"from": "start", "to": "on"}, {"from": "on", "to": "add", "label": "body"}]}]}"#;
        let setup = Setup { fuel: Some(u64::MAX / 4), ..Setup::default() };
        let run = begin(Setting { document: text.into(), setup, ..setting() });
        assert!(matches!(run.wait_news(), Some(News::Began(_))));
        run.command(r#"{"id": 1, "command": "hello", "version": 1}"#);
        run.command(r#"{"id": 2, "command": "trace", "on": true}"#);
        run.order(Order::Act(Act::Event(Action::own("Up", Value::Null))));
        run.order(Order::Act(Act::Event(Action::own("Up", Value::Null))));
        while !message(&run).contains("\"node:start\"") {}
        run.stop();
        let mut did = 0;
        while let Some(told) = run.wait() {
            did += usize::from(matches!(told, Told::News(News::Did(_))));
        }
        assert_eq!(did, 1, "the second is not begun");
    }

    #[test]
    fn a_recording_is_debugged() {
        let mut live = start();
        live.order(up(1));
        live.order(Order::Act(Act::Join("bob".into())));
        live.order(up(2));
        live.settle();
        let recording = Recording::read(&live.past().unwrap().recording().unwrap()).unwrap();
        let recorded = Recorded { name: "it.rec".to_owned(), recording: Arc::new(recording) };
        let hosts = HostNodes::default();
        let timeline = recorded.timeline(&hosts).unwrap();
        assert_eq!(timeline.moments().iter().map(|moment| moment.steps).collect::<Vec<_>>(), [4, 0, 4]);
        let document = document();
        let (setting, orders) = (recorded.setting(&hosts), recorded.orders());
        let mut live = Live::again(setting, orders, timeline, &document.document, || 0, || ());
        live.stop_at([(spot("Up", "say"), String::new())].into());
        assert!(live.rewind(0, 1));
        live.settle();
        assert_eq!((stopped(&live), live.timeline.as_ref().unwrap().moments().len()), (("twice".to_owned(), 1), 0));
        for moments in [0, 2] {
            live.go(&Go::Continue);
            live.settle();
            let done = live.timeline.as_ref().unwrap().moments().len();
            assert_eq!((stopped(&live), done), (("say".to_owned(), 4), moments));
        }
        // Back over the action in which no node ran, into the first.
        for expected in [("add", 3), ("add", 2), ("twice", 1), ("say", 4)] {
            assert!(live.step_back());
            live.settle();
            assert_eq!(stopped(&live), (expected.0.to_owned(), expected.1));
        }
        live.stop_at([].into());
        live.go(&Go::Continue);
        live.settle();
        let timeline = live.timeline.as_ref().unwrap();
        assert_eq!((timeline.moments().len(), round(&timeline.state(3))), (3, Some(&Value::Int(7))));
    }

    #[test]
    fn nobody_there_is_told_with_what_to_do() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        for address in [address.as_str(), "nonsense"] {
            let mut live = Live::attach(address, "", &document().document, || 0, || ());
            let happened = live.settle();
            assert!(
                matches!(&happened[..], [Happened::Over(refused)] if refused.message.contains(address) && refused.help.contains("--debug-listen")),
                "{happened:?}"
            );
        }
    }
}
