//! Joining, leaving, the host.

use statewright_runtime::session::{Session, SessionOptions};
use statewright_types::{TrapCode, Type};

use crate::fake::{Fake, Step, add, event, log, note, session, show, show_all};

/// Notes who comes, goes and hosts, each with the host at that moment.
fn watcher() -> Fake {
    Fake::new(1)
        .on("PlayerConnect", &[("playerID", Type::String)], |_, args, cx| {
            let text = format!("+{}/{}", cx.state.str(args[1]), cx.host);
            note(cx, &text);
            Step::Done
        })
        .on("PlayerDisconnect", &[("playerID", Type::String)], |_, args, cx| {
            let text = format!("-{}/{}", cx.state.str(args[1]), cx.host);
            note(cx, &text);
            Step::Done
        })
        .on("HostChanged", &[("oldHost", Type::String), ("newHost", Type::String)], |_, args, cx| {
            let text = format!("{}>{}/{}", cx.state.str(args[1]), cx.state.str(args[2]), cx.host);
            note(cx, &text);
            Step::Done
        })
}

fn host(session: &Session) -> &str {
    session.host().map_or("", |host| host)
}

#[test]
fn the_first_joiner_hosts_and_passes_it_on() {
    let mut session = session(watcher(), SessionOptions::default());
    for player in ["a", "b", "c"] {
        session.join(player);
    }
    session.leave("b");
    session.join_silently("b");
    let reports = session.leave("a");
    assert_eq!(show_all(&reports), "0: PlayerDisconnect1#5 done; 0: HostChanged2#6 done");
    assert_eq!(log(&session), "+a/a +b/a +c/a -b/a -a/a a>c/c");
    assert_eq!((host(&session), session.players().len()), ("c", 2));
    session.leave("b");
    session.leave("c");
    assert_eq!(host(&session), "");
    session.join_silently("d");
    assert_eq!(host(&session), "d");
    assert_eq!(log(&session), "+a/a +b/a +c/a -b/a -a/a a>c/c -b/c -c/c");
}

#[test]
fn a_host_that_was_told_stays_until_it_leaves() {
    let options = SessionOptions { host: Some("b".into()), ..SessionOptions::default() };
    let mut session = session(watcher(), options);
    for player in ["a", "b"] {
        assert!(session.join_silently(player));
    }
    assert_eq!(host(&session), "b");
    assert!(session.set_host(Some("b")).is_none());
    assert!(session.set_host(Some("a")).is_some());
    session.leave("a");
    session.set_host(None);
    session.join_silently("c");
    assert_eq!(host(&session), "c");
    assert_eq!(log(&session), "b>a/a -a/a a>b/b b>/");
}

#[test]
fn joining_twice_and_leaving_absent_change_nothing() {
    let mut session = session(watcher(), SessionOptions::default());
    assert_eq!(show(&session.join("a")), "PlayerConnect0#1 done");
    assert_eq!(show(&session.join("a")), "");
    assert!(!session.join_silently("a"));
    assert_eq!(show_all(&session.leave("z")), "");
    assert_eq!(session.join("").error(), Some(TrapCode::BadArgument));
    assert_eq!((session.players().len(), session.actions().len()), (1, 1));
    assert_eq!(log(&session), "+a/a");
}

#[test]
fn a_leavers_activation_goes_on() {
    let program = Fake::new(1).on("Go", &[], |step, _, cx| {
        if step == 0 {
            return Step::Wait(5, 1, vec![]);
        }
        add(cx, 1);
        note(cx, "done");
        Step::Done
    });
    let mut session = session(program, SessionOptions::default());
    session.join("a");
    session.dispatch(event("Go"));
    session.leave("a");
    session.advance(5);
    assert_eq!(log(&session), "done");
}
