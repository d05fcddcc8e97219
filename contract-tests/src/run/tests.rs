mod discovery;
mod events;
mod lifecycle;
mod planner;
mod registration;
mod vocabulary;

use serde_json::{Value, json};

use super::*;

fn runner(decisions: Value) -> Runner {
    hookspec_host::install_panic_hook();
    let hookspecs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hookspecs");
    Runner::new(&hookspecs, Decisions::from_value(decisions).unwrap()).unwrap()
}

fn judge(vector: &Value) -> Verdict {
    runner(json!({ "decisions": [] })).judge(&Vector::read(vector))
}

fn collect() -> Value {
    json!({
        "id": "broadcast_collect.one", "group": "broadcast_collect", "level": "normative",
        "input": {
            "plugins": [{ "name": "a", "hooks": { "h": { "return": "A" } } }],
            "call": { "class": "broadcast_collect", "kind": "k", "hook": "h" },
        },
        "expected": { "results": ["A"], "calls": ["a"] },
    })
}

/// The vector with one value replaced, added or, with `null` given for it, removed.
fn with(pointer: &str, value: Value) -> Value {
    let mut vector = collect();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = vector.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(parent.shift_remove(key)),
        value => drop(parent.insert(key.to_owned(), value)),
    }
    vector
}

fn failure(vector: &Value) -> String {
    match judge(vector) {
        Verdict::Failed(found) => found.join("; "),
        other => panic!("{other:?}: {vector}"),
    }
}

#[test]
fn what_holds_passes() {
    assert_eq!(judge(&collect()), Verdict::Passed);
}

#[test]
fn a_wrong_expectation_fails() {
    let rows = [
        ("/expected/results", json!(["B"])),
        ("/expected/results", json!([])),
        ("/expected/calls", json!(["a", "a"])),
        ("/expected/error", json!("KindUnknown")),
        ("/expected/errors", json!([{ "plugin": "a", "message": "boom" }])),
        ("/expected/ok", json!(false)),
    ];
    for (pointer, value) in rows {
        let found = failure(&with(pointer, value));
        assert!(found.contains("expected"), "{found}");
    }
}

#[test]
fn an_unknown_key_fails_wherever_it_stands() {
    for pointer in [
        "/unknown",
        "/input/unknown",
        "/input/call/unknown",
        "/input/plugins/0/unknown",
        "/input/plugins/0/hooks/h/unknown",
        "/expected/unknown",
    ] {
        let mut vector = collect();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        vector.pointer_mut(parent).map(|parent| parent[key] = json!(1)).unwrap();
        assert!(failure(&vector).contains("unknown"), "{pointer}");
    }
}

#[test]
fn an_unknown_word_fails() {
    let rows = [
        ("/group", json!("nobody_knows"), "unknown group"),
        ("/level", json!("perhaps"), "unknown level"),
        ("/input/call/mode", json!("later"), "unknown mode"),
        ("/input/call/class", json!("broadcast"), "broadcast"),
        ("/input/call/hook", Value::Null, "hook"),
        ("/expected", Value::Null, "expected"),
        ("/input/call/filter", json!({ "exclude": ["a"] }), "choice in class"),
    ];
    for (pointer, value, says) in rows {
        let found = failure(&with(pointer, value));
        assert!(found.contains(says), "{pointer}: {found}");
    }
    let mut vector = collect();
    vector["input"]["plugins"][0]["hooks"]["h"] = json!({ "explode": true });
    assert!(failure(&vector).contains("explode"));
    vector["input"]["plugins"][0] = json!({ "name": "a", "setup": "explode" });
    assert!(failure(&vector).contains("explode"));
}

#[test]
fn a_group_of_a_later_stage_is_pending() {
    assert_eq!(judge(&with("/group", json!("orchestrator"))), Verdict::Pending);
}

#[test]
fn an_id_is_never_consulted() {
    let runner = runner(json!({ "decisions": [] }));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/dagstack.json");
    let vectors = crate::read_file(&file).unwrap();
    assert!(vectors.len() > 100);
    for (place, vector) in vectors.iter().enumerate() {
        let mut renamed = vector.clone();
        renamed.id = format!("renamed.{place}");
        let (before, after) = (runner.judge(vector), runner.judge(&renamed));
        // What a failure says may hold times; whether it is one may not change.
        assert_eq!(
            std::mem::discriminant(&before),
            std::mem::discriminant(&after),
            "{}",
            vector.id
        );
    }
}

fn open(expected: Value) -> Vector {
    let mut vector = with("/expected", expected);
    vector["level"] = json!("open");
    Vector::read(&vector)
}

fn decided(ours: Value, when: Value) -> Runner {
    runner(json!({ "decisions": [
        { "groups": ["broadcast_collect"], "when": when, "ours": [ours], "reason": "because" },
    ] }))
}

#[test]
fn a_decision_holds_only_if_what_it_states_happens() {
    let always = || json!({});
    let wrong = || open(json!({ "results": ["B"] }));
    let runner = decided(json!({ "results": ["A"] }), always());
    assert_eq!(runner.judge(&wrong()), Verdict::Decided(0));
    assert_eq!(runner.judge(&open(json!({ "results": ["A"] }))), Verdict::Passed);
    for runner in [
        decided(json!({ "results": ["C"] }), always()),
        decided(json!({ "results": ["A"] }), json!({ "at": "/call/mode", "exists": true })),
        decided(json!({ "unknown": 1 }), always()),
    ] {
        assert!(matches!(runner.judge(&wrong()), Verdict::Failed(_)));
    }
}

#[test]
fn a_decision_excuses_no_normative_vector_and_no_unknown_word() {
    let runner = decided(json!({ "results": ["A"] }), json!({}));
    let mut vector = open(json!({ "results": ["B"] }));
    vector.level = Level::Normative;
    assert!(matches!(runner.judge(&vector), Verdict::Failed(_)));
    assert!(matches!(runner.judge(&open(json!({ "unknown": 1 }))), Verdict::Failed(_)));
}
