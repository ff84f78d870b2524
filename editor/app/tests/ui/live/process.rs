//! Another process: what a debugger there tells, over a socket.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener};
use std::thread::{self, JoinHandle};

use egui::{Key, Modifiers};
use statewright_editor::panels::Panel;
use statewright_editor::todo::Todo;
use statewright_editor_core::actions::Action;
use statewright_harness::act::Act;
use statewright_harness::debug::{Debugger, History, Local, Options, Outline};
use statewright_harness::play::{self, Setup};
use statewright_harness::project::loaded::Text;
use statewright_harness::project::{Backend, Loaded, Source};
use statewright_harness::save::Versions;
use statewright_runtime::session::Action as Event;
use statewright_types::Value;

use super::{GAME, click, enter, held_up, open, panel, press, select, settle, told};
use crate::window::{SCHEMA, Window};

/// A process that wins three points as ann and then as bob, for whoever attaches; its state at the end.
fn process() -> (String, JoinHandle<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let (local, client) = Local::pair();
        let (reader, mut writer) = (BufReader::new(stream.try_clone().unwrap()), stream.try_clone().unwrap());
        let (commands, messages) = (client.commands, client.messages);
        let reading = thread::spawn(move || {
            let _ = reader.lines().map_while(Result::ok).try_for_each(|line| commands.send(line));
        });
        let writing = thread::spawn(move || {
            let _ = messages.into_iter().try_for_each(|message| writeln!(writer, "{message}"));
        });
        let text = |name: &str, text: &str| Text::whole(&std::sync::Arc::new(Source::inline(name, text)));
        let loaded = Loaded::from_texts(text("game.json", GAME), text("game.schema", SCHEMA), true);
        let program = loaded.program(Backend::Interpreter).unwrap().unwrap();
        let mut session = play::begin(&loaded, program, &Setup::default(), None).unwrap();
        let mut versions = Versions::default();
        versions.add(loaded.clone(), true);
        let texts = versions.texts(&session.save_packed().programs()).unwrap();
        let options = Options { token: Some("secret".into()), session: "run".into() };
        let mut debugger = Debugger::new(Outline::new(&loaded), options, Box::new(local), Box::new(|| 0));
        let mut history = History::begin(&session, &texts, &mut debugger, || 0);
        debugger.wait_for_start();
        for who in ["ann", "bob"] {
            let params = Value::map([("points", Value::Int(3)), ("who", Value::str(who))]);
            history.perform(&Act::Event(Event::new("Win", who, params)), &mut session, &mut debugger);
        }
        debugger.finish();
        drop(debugger);
        writing.join().unwrap();
        let _ = stream.shutdown(Shutdown::Both);
        reading.join().unwrap();
        session.state().to_value()
    });
    (address, thread)
}

/// Attached, and held up before `tell` of the second action.
fn attached(name: &str) -> (Window, JoinHandle<Value>) {
    let mut window = open(name);
    panel(&mut window, Panel::Run);
    select(&mut window, "tell");
    press(&mut window, Key::B);
    let (address, thread) = process();
    window.work(Todo::Act(Action::Attach));
    enter(&mut window, "Address", &address);
    enter(&mut window, "Token", "secret");
    click(&mut window, "Attach");
    for done in [0, 1] {
        press(&mut window, Key::F9);
        let session = window.editor().panels.run.session.as_ref().unwrap();
        let moments = session.live.timeline.as_ref().unwrap().moments().len();
        assert_eq!((held_up(&mut window).as_deref(), moments), (Some("tell"), done), "{}", told(&mut window));
    }
    (window, thread)
}

#[test]
fn its_state_timeline_and_costs_are_shown() {
    let (mut window, thread) = attached("process-shown");
    assert!(window.has("Score: 6"), "the state where it is held up");
    panel(&mut window, Panel::Tests);
    click(&mut window, "Costs");
    assert!(window.editor().active_overlay().unwrap().heat["set"].text.contains("1 call"));
    panel(&mut window, Panel::Timeline);
    assert!(window.has("1 of 1") && window.has("Score: 3"));
    click(&mut window, "Name: \"ann\"");
    click(&mut window, "What wrote this last");
    assert!(told(&mut window).contains("`put` of Rename"), "{}", told(&mut window));
    enter(&mut window, "Recording", "there.rec");
    click(&mut window, "Save recording");
    statewright_editor::panels::timeline::recording::wait(window.editor());
    assert!(window.folder().join("there.rec").is_file(), "{}", told(&mut window));
    window.work(Todo::Act(Action::Stop));
    assert_eq!(thread.join().unwrap().get("Score"), Some(&Value::Int(6)));
}

#[test]
fn it_is_stepped_back_in_while_it_stays_where_it_is() {
    let (mut window, thread) = attached("process-back");
    for node in ["put", "name", "sum", "set", "tell"] {
        window.press(Modifiers::ALT, Key::F10);
        settle(&mut window);
        assert_eq!(held_up(&mut window).as_deref(), Some(node), "{}", told(&mut window));
    }
    assert!(window.has("Score: 3"), "the first action again");
    click(&mut window, "To the present");
    assert!(held_up(&mut window).as_deref() == Some("tell") && window.has("Score: 6"));
    press(&mut window, Key::F9);
    assert!(told(&mut window).contains("the process has ended"), "{}", told(&mut window));
    assert_eq!(thread.join().unwrap().get("Name"), Some(&Value::str("bob")));
    // What it did is still there.
    panel(&mut window, Panel::Timeline);
    assert!(window.has("2 of 2") && window.has("Name: \"bob\""));
}
