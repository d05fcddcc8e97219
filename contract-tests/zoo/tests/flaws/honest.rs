//! The honest keep to their schemas, and refuse what those refuse.

use hookspec_plugin::{EVENT, Reply};
use hookspec_spec::{DispatchClass, manifest};
use serde_json::{Value, json};

use crate::support::{KINDS, catalog, fresh, hook, input, ready, tree};

/// For every hook: inputs of each kind, and inputs that its schema refuses.
fn inputs(hook: &str) -> (Vec<Value>, Vec<Value>) {
    match hook {
        "tell" | "count" | "slow" => (
            vec![json!({ "text": "" }), json!({ "text": "ä".repeat(10_001) })],
            vec![json!({ "text": 1 }), json!({}), json!({ "text": "a", "more": 1 }), json!(null)],
        ),
        "find" => (
            vec![
                json!({ "path": "a", "content": "" }),
                json!({ "path": "a", "content": "ä\nb", "extension": "md", "language": "markdown" }),
            ],
            vec![
                json!({ "path": "", "content": "" }),
                json!({ "content": "" }),
                json!({ "path": "a", "content": "", "more": 1 }),
                json!({ "path": "a", "content": 1 }),
                json!({ "path": "a", "content": "", "mime_type": 1 }),
                json!([]),
            ],
        ),
        "greet" => (
            vec![json!({ "name": "" }), json!({ "name": "Grüße", "more": 1 })],
            vec![json!({ "name": 1 }), json!("Ada")],
        ),
        _ => {
            let kinds = KINDS.map(input).to_vec();
            let whole = json!({ "text": "a", "number": 3.0, "tree": tree(60) });
            let wrong = vec![
                json!({ "text": "a", "number": 11 }),
                json!({ "text": "a", "number": "1" }),
                json!({ "text": ["a"], "number": 1 }),
                json!({ "text": "a", "number": 1, "tree": { "name": 1 } }),
                json!(1),
            ];
            ([kinds, vec![whole]].concat(), wrong)
        }
    }
}

#[test]
fn answers_satisfy_the_schemas() {
    let catalog = catalog();
    for specimen in zoo::honest() {
        let one = ready(specimen.name);
        let kind = catalog.kind(one.plugin.manifest().kind.as_str(), 1).unwrap();
        for name in one.plugin.hooks().iter().filter(|name| **name != EVENT) {
            let hook = kind.hook(name.as_str()).unwrap();
            let (right, wrong) = inputs(name.as_str());
            let examples = hook.examples.iter().map(|example| example.input.clone());
            for input in right.into_iter().chain(examples) {
                hook.input.validate(&input).unwrap();
                let reply = one.reply(name.as_str(), input.clone());
                let reply =
                    reply.unwrap_or_else(|fault| panic!("{} {name}: {fault}", specimen.name));
                match (hook.dispatch, reply) {
                    (DispatchClass::BroadcastNotify, Reply::Unchanged) => {}
                    (DispatchClass::Chain, Reply::Unchanged | Reply::Stop) => {}
                    (_, Reply::Value(payload)) => {
                        let answer = payload.json().unwrap();
                        hook.output.validate(answer).unwrap();
                        assert_eq!(payload.survives_json(), Ok(()));
                        if hook.dispatch == DispatchClass::Chain {
                            assert_eq!(answer["number"], input["number"]);
                            assert_eq!(
                                answer.get("nobody_named_this"),
                                input.get("nobody_named_this")
                            );
                        }
                    }
                    (class, reply) => panic!("{class} answers {reply:?}"),
                }
            }
            for input in wrong {
                assert!(!hook.input.is_valid(&input), "{name}: {input}");
                assert_eq!(one.code(name.as_str(), input).as_deref(), Some("bad_input"), "{name}");
            }
        }
        one.teardown().unwrap();
    }
}

#[test]
fn examples_are_answered_as_they_say() {
    for specimen in ["honest", "honest-plain"] {
        let one = ready(specimen);
        for name in one.plugin.hooks() {
            let hook = hook(one.plugin.manifest().kind.as_str(), name.as_str());
            assert!(!hook.examples.is_empty(), "{name} has no example");
            for example in &hook.examples {
                let answer = one.call(name.as_str(), example.input.clone()).unwrap();
                let said = example.output.clone().unwrap_or_else(|| answer.clone());
                assert_eq!(answer, said, "{name}");
            }
        }
    }
}

#[test]
fn idempotent_hooks_answer_alike_and_counts_differ() {
    let (one, other) = (ready("honest"), ready("honest"));
    for name in ["gather", "ask", "pass", "slow", "find"] {
        assert!(hook("zoo", name).idempotent);
        let (inputs, _) = inputs(name);
        for input in inputs.into_iter().take(4) {
            let first = one.call(name, input.clone()).unwrap();
            assert_eq!(one.call(name, input.clone()).unwrap(), first);
            assert_eq!(other.call(name, input).unwrap(), first);
        }
    }
    assert!(!hook("zoo", "count").idempotent);
    let count = || one.call("count", json!({ "text": "" })).unwrap()["count"].clone();
    assert_eq!([count(), count()], [1, 2]);
}

/// What RES-002 needs: a fault of a valid input, and no harm done by it.
#[test]
fn some_valid_inputs_are_refused() {
    let one = ready("honest");
    let seven = json!({ "text": "a", "number": 7 });
    assert!(hook("zoo", "ask").input.is_valid(&seven));
    for name in ["ask", "gather"] {
        let fault = one.reply(name, seven.clone()).unwrap_err();
        assert_eq!((fault.code(), fault.message().is_empty()), ("refused", false));
    }
    let nowhere = json!({ "path": "/does/not/exist" });
    assert_eq!(one.code("find", nowhere).as_deref(), Some("unreadable"));
    assert_eq!(one.code("find", json!({ "path": "/dev/zero" })).as_deref(), Some("unreadable"));
    one.call("ask", input("ordinary")).unwrap();
    let stop = ready("honest-stop");
    assert!(matches!(stop.reply("pass", input("empty")).unwrap(), Reply::Stop));
    assert!(matches!(stop.reply("pass", input("ordinary")).unwrap(), Reply::Unchanged));
}

#[test]
fn a_fallback_copes_with_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        json!({ "path": path })
    };
    let (fallback, honest) = (ready("honest-fallback"), ready("honest"));
    let binary = file("a.bin", &[0, 159, 146, 150]);
    let report = hook("zoo", "find").output.clone();
    for (input, kind) in [
        (file("empty", b""), "text"),
        (binary.clone(), "binary"),
        (file("large", &vec![b'a'; 11 << 20]), "text"),
        (file("larger", "é".repeat((8 << 20) + 1).as_bytes()), "text"),
    ] {
        let answer = fallback.call("find", input).unwrap();
        report.validate(&answer).unwrap();
        assert_eq!(answer["kind"], kind);
    }
    assert_eq!(honest.code("find", binary).as_deref(), Some("not_text"));
}

#[test]
fn a_life_is_guarded_as_it_should_be() {
    let one = fresh("honest");
    assert_eq!(one.code("ask", input("ordinary")).as_deref(), Some("not_set_up"));
    one.setup().unwrap();
    assert_eq!(one.setup().unwrap_err().code(), "set_up_twice");
    assert!(!one.is_pending("ask", input("ordinary")));
    one.teardown().unwrap();
    one.teardown().unwrap();
    assert_eq!(one.code("ask", input("ordinary")).as_deref(), Some("torn_down"));
    fresh("honest").teardown().unwrap();
}

/// A call that is given up leaves no thread that waits.
#[test]
fn slow_calls_are_given_up_at_once() {
    let one = ready("honest");
    let begun = std::time::Instant::now();
    for _ in 0..20 {
        assert!(one.is_pending("slow", json!({ "text": "a" })));
    }
    assert!(begun.elapsed().as_secs() < 3, "{:?}", begun.elapsed());
}

#[test]
fn manifests_pass_their_check() {
    for specimen in zoo::honest().into_iter().chain(zoo::mutants()) {
        let broken = specimen.check == Some("MAN-001");
        assert_eq!(manifest::check(&(specimen.manifest)()).is_err(), broken, "{}", specimen.name);
    }
}
