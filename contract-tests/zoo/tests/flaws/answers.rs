//! Flaws that show in an answer (IO, CHN, DET, RES, CAP, SEC-005).

use std::time::{Duration, Instant};
use std::{fs, thread};

use hookspec_plugin::Reply;
use serde_json::{Value, json};

use crate::support::{KINDS, One, hook, input, ready};

fn is_wrong(one: &One, input: &Value) -> bool {
    let answer = one.call("ask", input.clone()).unwrap();
    !hook("zoo", "ask").output.is_valid(&answer)
}

/// The kinds of input whose answer breaks the schema.
fn wrong(name: &str) -> Vec<&'static str> {
    let one = ready(name);
    KINDS.into_iter().filter(|kind| is_wrong(&one, &input(kind))).collect()
}

#[test]
fn wrong_for_one_kind_of_input_alone() {
    assert_eq!(wrong("io-001"), ["ordinary"]);
    assert_eq!(wrong("io-002"), ["maximum"]);
    assert_eq!(wrong("io-003"), ["deep"]);
    assert_eq!(wrong("io-004"), ["long", "many"]);
    assert_eq!(wrong("io-006"), ["unicode"]);
    assert_eq!(wrong("honest"), [""; 0]);
    for name in ["io-001", "io-002", "io-003", "io-004", "io-006"] {
        for example in &hook("zoo", "ask").examples {
            assert!(!is_wrong(&ready(name), &example.input), "{name}");
        }
    }
}

#[test]
fn one_kind_of_input_is_refused_or_panics() {
    let faults = |name: &str| {
        let one = ready(name);
        KINDS.into_iter().filter(|kind| one.code("ask", input(kind)).is_some()).collect::<Vec<_>>()
    };
    assert_eq!(faults("io-005"), ["unknown"]);
    assert_eq!(faults("io-007"), [""; 0]);
    for example in &hook("zoo", "ask").examples {
        assert!(ready("io-007").code("ask", example.input.clone()).is_some());
    }
    let no_text = json!({ "text": 1, "number": 1 });
    assert!(
        ready("io-010").panics("ask", no_text.clone()) && ready("io-010").panics("ask", json!([]))
    );
    assert!(!ready("honest").panics("ask", no_text));
    let panics = |name: &str| {
        let one = ready(name);
        KINDS.into_iter().filter(|kind| one.panics("ask", input(kind))).collect::<Vec<_>>()
    };
    assert_eq!(panics("io-010"), [""; 0]);
    assert_eq!(panics("res-001"), ["empty"]);
    let hangs = |kind: &&str| ready("res-003").is_pending("ask", input(kind));
    assert_eq!(KINDS.into_iter().filter(hangs).collect::<Vec<_>>(), ["empty"]);
}

#[test]
fn the_form_of_an_answer_is_wrong() {
    let Reply::Value(lossy) = ready("io-008").reply("ask", input("ordinary")).unwrap() else {
        panic!("it answers a value");
    };
    assert!(lossy.survives_json().is_err());
    assert!(hook("zoo", "ask").output.is_valid(lossy.json().unwrap()));
    let one = ready("io-009");
    assert!(matches!(one.reply("ask", input("ordinary")).unwrap(), Reply::Unchanged));
    assert!(matches!(one.reply("ask", input("maximum")).unwrap(), Reply::Value(_)));
    for (number, changed) in [(0, 10), (10, 0)] {
        let given = json!({ "text": "a", "number": number });
        let answer = ready("chn-001").call("pass", given.clone()).unwrap();
        assert_eq!(answer["number"], changed);
        assert!(hook("zoo", "pass").output.is_valid(&answer), "only the writer is wrong");
        assert_eq!(ready("honest").call("pass", given).unwrap()["number"], number);
    }
}

#[test]
fn answers_tell_what_they_depend_on() {
    let told = |one: &One| one.call("ask", input("ordinary")).unwrap()["told"].clone();
    let one = ready("det-001");
    assert_eq!([told(&one), told(&one)], [1, 2]);
    let (one, other) = (ready("det-002"), ready("det-002"));
    assert_eq!(told(&one), told(&one));
    assert_ne!(told(&one), told(&other));
    let here = told(&ready("det-003"));
    let named = |name: &str| {
        let thread = thread::Builder::new().name(name.into());
        thread.spawn(move || told(&ready("det-003"))).unwrap().join().unwrap()
    };
    assert_eq!(
        (here, named("other"), named("tokio-rt-worker")),
        (json!(false), json!(false), json!(true))
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let worker = runtime.spawn(async { fs::read_to_string("/proc/thread-self/comm").unwrap() });
    assert_eq!(runtime.block_on(worker).unwrap(), "tokio-rt-worker\n", "what it looks for");
    assert_eq!(told(&ready("sec-005")), "zoo-secret-4711");
    assert_eq!(told(&ready("honest")), Value::Null);
}

#[test]
fn one_refusal_is_remembered() {
    let one = ready("res-002");
    one.call("ask", input("ordinary")).unwrap();
    assert_eq!(
        one.code("find", json!({ "path": "/does/not/exist" })).as_deref(),
        Some("unreadable")
    );
    assert_eq!(one.code("ask", input("ordinary")).as_deref(), Some("sulking"));
}

#[test]
fn slow_calls_block_or_work_on() {
    let note = || json!({ "text": "a" });
    let begun = Instant::now();
    assert!(!ready("res-004").is_pending("slow", note()), "it was answered by blocking");
    assert!(begun.elapsed() >= Duration::from_secs(3));
    // Its thread says its name when it runs; a call that was given up is over then.
    let until = begun + Duration::from_secs(60);
    let is_working = || threads().iter().any(|thread| thread.starts_with("zoo-works-on"));
    assert!(ready("honest").is_pending("slow", note()) && !is_working());
    assert!(ready("res-005").is_pending("slow", note()));
    while !is_working() {
        assert!(Instant::now() < until, "nobody works on");
        thread::yield_now();
    }
}

/// The names of the threads of this process.
pub(crate) fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok()).collect()
}

#[test]
fn calls_at_once_are_mixed_up() {
    let inputs: Vec<Value> = (0..64).map(|_| input("ordinary")).collect();
    let mixed = |name: &str| {
        let replies = ready(name).at_once("ask", &inputs);
        let is_wrong = |reply: &Reply| match reply {
            Reply::Value(payload) => !hook("zoo", "ask").output.is_valid(payload.json().unwrap()),
            _ => true,
        };
        replies.into_iter().filter(|reply| is_wrong(reply.as_ref().unwrap())).count()
    };
    assert_eq!(mixed("honest"), 0);
    assert!(mixed("res-006") >= 2);
    assert_eq!(wrong("res-006"), [""; 0], "one after another all is well");
}

#[test]
fn files_that_were_declared_are_refused() {
    let zip = || json!({ "path": "a.zip", "extension": "zip", "content": "PK" });
    assert_eq!(ready("cap-001").code("find", zip()).as_deref(), Some("cannot_unpack"));
    assert!(ready("cap-001").plugin.manifest().supports_extensions.contains(&"zip".to_owned()));
    assert!(ready("honest").code("find", zip()).is_none());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(ready("cap-002").plugin.manifest().fallback);
    assert!(ready("cap-002").panics("find", json!({ "path": path })));
    assert!(!ready("honest-fallback").panics("find", json!({ "path": path })));
}
