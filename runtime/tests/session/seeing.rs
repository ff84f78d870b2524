//! What viewers see.

use std::collections::BTreeSet;
use std::sync::Arc;

use statewright_runtime::session::{Session, SessionOptions};
use statewright_runtime::state::State;
use statewright_runtime::visibility::{Sight, Step, Viewer, look, project};
use statewright_types::Value;
use statewright_types::random::Streams;

use crate::fake::{Fake, schema};

const TABLE: &str = "package table
@root(active)
type Table {
    Title   string
    Vault   string           @view(admin)
    Never   string           @view(none)
    Quiet   string           @noSync
    Dealer  string           @view(dealer)
    Plan    string           @view(team)
    Mine    string           @view(owner)
    Players []Player         @key(ID)
    Chests  []Chest          @key(Code)
    Hands   map[string]Hand
    Friends map[string]Player
    Chain   *Node
}
type Player {
    ID    string
    Team  string
    Hand  []string  @view(owner)
    Plan  string    @view(team)
    Both  string    @view(owner, dealer)
    Bag   Bag
    Spare *Bag
    Cards []Card    @key(No)
    Items []Item
    Pockets map[string]Item
    Loan  *Loan
}
@owner(Holder)
type Loan {
    Holder string
    Team   string
    Text   string  @view(owner)
    Hint   string  @view(team)
}
type Bag {
    Gold string  @view(owner)
    Map  string  @view(team)
}
type Card {
    No   int32
    Face string  @view(owner)
}
type Item {
    Text string  @view(owner)
}
@owner(OwnerID)
type Chest {
    Code    string
    OwnerID string
    Side    string  @team
    Loot    string  @view(owner)
    Trap    string  @view(team)
    Inside  []Item
}
type Hand {
    Cards string  @view(owner)
}
type Node {
    Label string
    Next  *Node
}
@root(active)
type Weather {
    Sky  string
    Next string  @view(dealer)
}
view dealer {}
view caster { includes: dealer }
view spectator { includes: caster }
view boss { includes: admin }
";

/// A state with these fields of the main root set.
fn state(fields: &[(&str, Value)]) -> State {
    let schema = schema(TABLE);
    let table = schema.by_name("Table").expect("a type");
    let mut state = State::new(schema.clone(), table, 0);
    let root = state.root(table).expect("the root");
    state.begin();
    for (name, value) in fields {
        let index = schema.get(table).field(name).expect("a field");
        let ty = schema.get(table).fields[index].ty.clone();
        let slot = state.import(&ty, value).unwrap_or_else(|error| panic!("{name}: {error}"));
        state.store(root, table, index as u32, slot).expect("a live root");
    }
    state.commit();
    state
}

fn text(text: &str) -> Value {
    Value::str(text)
}

fn entries(fields: &[(&str, Value)]) -> Value {
    Value::map(fields.iter().map(|(name, value)| (*name, value.clone())))
}

/// Every text in a value.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Str(text) => drop(found.insert(text.to_string())),
        Value::List(elements) => elements.iter().for_each(|each| texts(each, found)),
        Value::Map(entries) => entries.iter().for_each(|(_, each)| texts(each, found)),
        _ => {}
    }
}

/// The texts that begin with `s`, as the viewer sees the state.
fn secrets(state: &State, viewer: &Viewer) -> String {
    let mut found = BTreeSet::new();
    texts(&project(state, viewer), &mut found);
    found.into_iter().filter(|text| text.starts_with('s')).collect::<Vec<_>>().join(" ")
}

fn player(id: &str, team: &str, fields: &[(&str, Value)]) -> Value {
    let mut all = vec![("ID", text(id)), ("Team", text(team))];
    all.extend(fields.iter().cloned());
    entries(&all)
}

#[test]
fn owners_see_their_own_and_what_it_encloses() {
    let mine = [
        ("Hand", Value::from(vec![text("s-hand")])),
        ("Bag", entries(&[("Gold", text("s-gold"))])),
        ("Spare", entries(&[("Gold", text("s-spare"))])),
        ("Cards", Value::from(vec![entries(&[("No", Value::Int(1)), ("Face", text("s-face"))])])),
        ("Items", Value::from(vec![entries(&[("Text", text("s-item"))])])),
        ("Pockets", entries(&[("b", entries(&[("Text", text("s-pocket"))]))])),
    ];
    let state = state(&[("Players", Value::from(vec![player("a", "", &mine), player("b", "", &[])]))]);
    assert_eq!(secrets(&state, &Viewer::new("a")), "s-face s-gold s-hand s-item s-pocket s-spare");
    assert_eq!(secrets(&state, &Viewer::new("b")), "");
    assert_eq!(secrets(&state, &Viewer::new("")), "");
}

#[test]
fn a_declared_owner_field_wins_over_the_key() {
    let inside = Value::from(vec![entries(&[("Text", text("s-inside"))])]);
    let chest =
        entries(&[("Code", text("code")), ("OwnerID", text("a")), ("Loot", text("s-loot")), ("Inside", inside)]);
    let nobodys = entries(&[("Code", text("a")), ("OwnerID", text("")), ("Loot", text("s-nobody"))]);
    let state = state(&[("Chests", Value::from(vec![chest, nobodys]))]);
    assert_eq!(secrets(&state, &Viewer::new("a")), "s-inside s-loot");
    assert_eq!(secrets(&state, &Viewer::new("code")), "");
    assert_eq!(secrets(&state, &Viewer::new("")), "");
}

#[test]
fn who_declares_an_owner_or_a_team_does_not_inherit_one() {
    let loan = |holder, team: &str| {
        let fields =
            [("Holder", text(holder)), ("Team", text(team)), ("Text", text("s-text")), ("Hint", text("s-hint"))];
        let state = state(&[(
            "Players",
            vec![player("a", "red", &[("Loan", entries(&fields))]), player("b", "blue", &[])].into(),
        )]);
        ["a", "b"].map(|viewer| secrets(&state, &Viewer::new(viewer)))
    };
    assert_eq!(loan("", ""), ["", ""]);
    assert_eq!(loan("b", ""), ["", "s-text"]);
    assert_eq!(loan("a", "blue"), ["s-text", "s-hint"]);
}

#[test]
fn elements_of_a_map_belong_to_their_key_field_or_the_map_key() {
    let hands = entries(&[("a", entries(&[("Cards", text("s-a"))])), ("b", entries(&[("Cards", text("s-b"))]))]);
    let friend = player("b", "", &[("Hand", Value::from(vec![text("s-friend")]))]);
    let state = state(&[("Hands", hands), ("Friends", entries(&[("a", friend)]))]);
    assert_eq!(secrets(&state, &Viewer::new("a")), "s-a");
    assert_eq!(secrets(&state, &Viewer::new("b")), "s-b s-friend");
}

#[test]
fn teams_share_and_no_team_shares_nothing() {
    let plan = |name: &str| [("Plan", text(name)), ("Bag", entries(&[("Map", text(&format!("{name}-map")))]))];
    let players = vec![
        player("a", "red", &plan("s-a")),
        player("b", "red", &plan("s-b")),
        player("c", "blue", &plan("s-c")),
        player("d", "", &plan("s-d")),
        player("e", "", &plan("s-e")),
    ];
    let chest = entries(&[("Code", text("x")), ("Side", text("blue")), ("Trap", text("s-trap"))]);
    let state = state(&[("Players", players.into()), ("Chests", vec![chest].into()), ("Plan", text("s-nobody"))]);
    assert_eq!(secrets(&state, &Viewer::new("a")), "s-a s-a-map s-b s-b-map");
    assert_eq!(secrets(&state, &Viewer::new("c")), "s-c s-c-map s-trap");
    assert_eq!(secrets(&state, &Viewer::new("d")), "");
    assert_eq!(secrets(&state, &Viewer::new("stranger")), "");
}

#[test]
fn views_are_granted_by_name_and_by_inclusion() {
    let mine = [("Both", text("s-both"))];
    let state = state(&[
        ("Title", text("s-title")),
        ("Vault", text("s-vault")),
        ("Never", text("s-never")),
        ("Quiet", text("s-quiet")),
        ("Dealer", text("s-dealer")),
        ("Mine", text("s-mine")),
        ("Players", vec![player("a", "", &mine)].into()),
    ]);
    let cases = [
        (Viewer::new("z"), "s-title"),
        (Viewer::new("a"), "s-both s-title"),
        (Viewer::new("z").with("dealer"), "s-both s-dealer s-title"),
        (Viewer::new("z").with("caster"), "s-both s-dealer s-title"),
        (Viewer::new("z").with("spectator"), "s-both s-dealer s-title"),
        (Viewer::new("z").with("admin"), "s-title s-vault"),
        (Viewer::new("z").with("boss"), "s-title s-vault"),
        (Viewer::new("z").with("owner").with("team").with("none"), "s-title"),
    ];
    for (viewer, expected) in cases {
        assert_eq!(secrets(&state, &viewer), expected, "{viewer:?}");
    }
}

#[test]
fn hidden_is_told_from_null_and_from_nothing() {
    let mine = [("Hand", Value::from(vec![text("s")]))];
    let state = state(&[("Players", vec![player("a", "", &mine)].into())]);
    let whole = state.to_value();
    let entry = |name: &str| Step::Entry(name.into());
    let at = |field: &str| vec![entry("Players"), Step::Index(0), entry(field)];
    let own = project(&state, &Viewer::new("a"));
    let other = project(&state, &Viewer::new("b"));
    let card = [at("Hand"), vec![Step::Index(0)]].concat();
    assert_eq!(look(&whole, &own, &card), Sight::Value(&text("s")));
    assert_eq!(look(&whole, &other, &card), Sight::Hidden);
    assert_eq!(look(&whole, &other, &at("Hand")), Sight::Hidden);
    assert_eq!(look(&whole, &other, &at("Spare")), Sight::Value(&Value::Null));
    assert_eq!(look(&whole, &other, &at("Nonsense")), Sight::Absent);
    let weather = [entry("Weather"), entry("Next")];
    assert_eq!(look(&whole, &other, &weather), Sight::Hidden);
}

#[test]
fn who_may_see_everything_sees_the_whole_state() {
    let state = state(&[("Title", text("t"))]);
    let mut whole = state.to_value();
    let seen = project(&state, &Viewer::new("z").with("dealer").with("admin"));
    if let Value::Map(fields) = &mut whole {
        let unseen = ["Never", "Quiet", "Plan", "Mine"];
        fields.retain(|(name, _)| !unseen.contains(&&**name));
    }
    assert_eq!(seen, whole);
}

#[test]
fn deep_data_is_seen_to_its_end() {
    let chain =
        (0..50).fold(Value::Null, |next, depth| entries(&[("Label", text(&format!("s{depth}"))), ("Next", next)]));
    let state = state(&[("Chain", chain)]);
    assert_eq!(secrets(&state, &Viewer::new("z")).split(' ').count(), 50);
}

#[test]
fn a_session_knows_what_it_granted() {
    let schema = schema(TABLE);
    let table = schema.by_name("Table").expect("a type");
    let mut session = Session::new(schema, table, Arc::new(Fake::new(1)), SessionOptions::default());
    session.grant("a", "dealer");
    assert!(session.view("a").get("Dealer").is_some());
    assert!(session.view("b").get("Dealer").is_none());
    session.revoke("a", "dealer");
    assert!(session.view("a").get("Dealer").is_none());
}

/// A planted text and who may see it.
struct Secret {
    text: String,
    owner: Option<String>,
    team: Option<String>,
    grants: Vec<&'static str>,
}

/// Random states with a unique text in every place, and the rules for each written down as it is planted.
struct Planter {
    random: Streams,
    secrets: Vec<Secret>,
}

impl Planter {
    fn pick(&mut self, from: &[&str]) -> String {
        from[self.random.int("pick", 0, from.len() as i64 - 1) as usize].to_owned()
    }

    fn plant(&mut self, owner: Option<&str>, team: Option<&str>, grants: &[&'static str]) -> Value {
        let name = format!("s{}", self.secrets.len());
        let real = |id: Option<&str>| id.filter(|id| !id.is_empty()).map(str::to_owned);
        let secret = Secret { text: name.clone(), owner: real(owner), team: real(team), grants: grants.to_vec() };
        self.secrets.push(secret);
        text(&name)
    }

    fn some(&mut self, mut make: impl FnMut(&mut Planter) -> Value) -> Value {
        let count = self.random.int("count", 0, 3);
        (0..count).map(|_| make(self)).collect::<Vec<_>>().into()
    }

    fn bag(&mut self, owner: &str, team: &str) -> Value {
        entries(&[("Gold", self.plant(Some(owner), None, &[])), ("Map", self.plant(None, Some(team), &[]))])
    }

    fn item(&mut self, owner: &str) -> Value {
        entries(&[("Text", self.plant(Some(owner), None, &[]))])
    }

    fn player(&mut self, id: &str, team: &str) -> Value {
        let spare = if self.random.int("spare", 0, 1) == 0 { Value::Null } else { self.bag(id, team) };
        player(
            id,
            team,
            &[
                ("Hand", self.some(|planter| planter.plant(Some(id), None, &[]))),
                ("Plan", self.plant(None, Some(team), &[])),
                ("Both", self.plant(Some(id), None, &["dealer", "caster", "spectator"])),
                ("Bag", self.bag(id, team)),
                ("Spare", spare),
                (
                    "Cards",
                    self.some(|planter| {
                        let number = planter.random.int("number", 0, 100);
                        entries(&[("No", Value::Int(number)), ("Face", planter.plant(Some(id), None, &[]))])
                    }),
                ),
                ("Items", self.some(|planter| planter.item(id))),
            ],
        )
    }

    fn chest(&mut self) -> Value {
        let owner = self.pick(&IDS);
        let side = self.pick(&TEAMS);
        entries(&[
            ("Code", text(&self.pick(&IDS))),
            ("OwnerID", text(&owner)),
            ("Side", text(&side)),
            ("Loot", self.plant(Some(&owner), None, &[])),
            ("Trap", self.plant(None, Some(&side), &[])),
            ("Inside", self.some(|planter| planter.item(&owner))),
        ])
    }
}

const IDS: [&str; 4] = ["a", "b", "c", ""];
const TEAMS: [&str; 3] = ["red", "blue", ""];
const GRANTS: [&str; 5] = ["dealer", "caster", "spectator", "admin", "boss"];

#[test]
fn a_projection_holds_exactly_the_texts_that_its_viewer_may_see() {
    for seed in 0..300 {
        let mut planter = Planter { random: Streams::new(seed), secrets: Vec::new() };
        let teams: Vec<String> = (0..3).map(|_| planter.pick(&TEAMS)).collect();
        let players: Vec<Value> = (0..3).map(|index| planter.player(IDS[index], &teams[index])).collect();
        let hands: Vec<(&str, Value)> =
            ["a", "b"].map(|id| (id, entries(&[("Cards", planter.plant(Some(id), None, &[]))]))).into();
        let friend = planter.pick(&IDS);
        let friends = [("a", planter.player(&friend, "red"))];
        let fields = [
            ("Vault", planter.plant(None, None, &["admin", "boss"])),
            ("Never", planter.plant(None, None, &[])),
            ("Dealer", planter.plant(None, None, &["dealer", "caster", "spectator"])),
            ("Plan", planter.plant(None, None, &[])),
            ("Mine", planter.plant(None, None, &[])),
            ("Players", players.into()),
            ("Chests", planter.some(Planter::chest)),
            ("Hands", entries(&hands)),
            ("Friends", entries(&friends)),
        ];
        let state = state(&fields);
        for (index, id) in ["a", "b", "c", "", "d"].into_iter().enumerate() {
            let mut viewer = Viewer::new(id);
            if planter.random.int("grant", 0, 1) == 1 {
                viewer = viewer.with(&planter.pick(&GRANTS));
            }
            let team = teams.get(index).filter(|team| !team.is_empty());
            let may_see = |secret: &&Secret| {
                (secret.owner.is_some() && secret.owner.as_deref() == Some(id))
                    || (secret.team.is_some() && secret.team.as_ref() == team)
                    || secret.grants.iter().any(|grant| viewer.grants.contains(*grant))
            };
            let expected: BTreeSet<&str> = planter.secrets.iter().filter(may_see).map(|secret| &*secret.text).collect();
            let expected = expected.into_iter().collect::<Vec<_>>().join(" ");
            assert_eq!(secrets(&state, &viewer), expected, "seed {seed}, {viewer:?}");
        }
    }
}

#[test]
fn viewers_get_the_multiple_of_a_quantised_field_and_the_state_keeps_the_number() {
    let schema = schema(
        "@root(active) type Map { X float64 @quantize(0.25)\nY float32 @quantize(0.1)\nZ float64\nUnits map[string]Unit }
         type Unit { At float64 @quantize(10)\nBack *float64 }",
    );
    let main = schema.main_root(None).unwrap();
    let mut state = State::new(schema, main, 0);
    let text = r#"{"X": 1.3, "Y": 1.26, "Z": 1.3, "Units": {"a": {"At": -25, "Back": 3}, "b": {"At": 1e300}}}"#;
    let findings = state.load_json(&statewright_types::json::parse(text).unwrap());
    assert!(findings.is_empty(), "{findings:?}");
    // Of a float32 the multiple is a 64-bit float: not rounded to one of 32.
    assert_eq!(13.0 * 0.1, 1.3_f64);
    let seen = r#"{"X":1.25,"Y":1.3,"Z":1.3,"Units":{"a":{"At":-20.0,"Back":3.0},"b":{"At":1e+300,"Back":null}}}"#;
    assert_eq!(project(&state, &Viewer::new("a")).to_string(), seen);
    assert_eq!(state.to_value().get("X"), Some(&Value::Float(1.3)));
}
