//! A case that must fail fails, and says where, what was expected and what came.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hookspec_host::testing::{Behaviour, Gate, Puppet, Step};
use hookspec_plugin::{Fault, Manifest, Reply};
use serde_json::json;

use super::*;

fn manifest(name: &str) -> Manifest {
    Manifest { supports_extensions: vec!["rs".into()], ..Manifest::new(name, "sample") }
}

/// A plugin that answers each class as a good one does.
fn good(name: &'static str) -> Subject {
    Subject::in_process(move || {
        let puppet = Puppet::new(manifest(name))
            .on("told", Behaviour::Echo)
            .on("asked", Behaviour::answer(json!(7)))
            .on(
                "passed",
                Behaviour::compute(|call| {
                    Ok(Reply::value(call.input.json()?.as_f64().unwrap_or(0.0).min(10.0)))
                }),
            )
            .on("chosen", Behaviour::Echo)
            .on("fitting", Behaviour::Echo);
        Arc::new(puppet)
    })
}

fn bad(behaviour: fn() -> Behaviour) -> Subject {
    Subject::in_process(move || {
        let hooks = ["told", "asked", "passed", "chosen", "fitting"];
        Arc::new(
            hooks.into_iter().fold(Puppet::new(manifest("p")), |p, hook| p.on(hook, behaviour())),
        )
    })
}

/// Runs a file with a plugin: what went otherwise, each as `line:column: message`.
fn run(lines: &str, subject: Subject) -> Vec<String> {
    let plan =
        Suite::new(catalog(), cases(lines).map_err(|m| shown(&m)).unwrap(), vec![subject]).plan();
    assert!(plan.idle.is_empty(), "{:?}", plan.idle);
    let run = |trial: &Trial| shown(&trial.run().err().unwrap_or_default());
    plan.trials.iter().flat_map(run).collect()
}

/// A case of one call; `expect` is on line 6.
fn case(hook: &str, input: &str, expect: &str) -> String {
    format!(
        "  - name: a\n    given: {{ plugin: p }}\n    call: {{ hook: {hook}, input: {input} }}\n    expect: {expect}\n"
    )
}

#[test]
fn what_holds_passes() {
    for (hook, input, expect) in [
        ("told", "{}", "{ delivered: true, within_ms: 5000 }"),
        ("asked", "{}", "{ equals: 7.0, matches: { $one_of: [6, 7] }, schema: output, by: p }"),
        ("passed", "5", "{ unchanged: true }"),
        ("passed", "50", "{ equals: 10, schema: { maximum: 10 } }"),
        ("chosen", "3", "{ any_of: [{ fails: { cause: panicked } }, { equals: 3 }] }"),
        (
            "chosen",
            "text",
            "{ refused: { error: invalid_input, message_contains: sample.chosen } }",
        ),
        ("fitting", "{ extension: md }", "{ refused: { error: no_capable_handler } }"),
        (
            "fitting",
            "{ extension: \"${manifest:/supports_extensions/0}\", a: \"${plugin}\", b: [2, 1] }",
            "{ matches: { extension: rs, a: p, b: { $unordered: [1, 2] }, c: { $absent: true } } }",
        ),
    ] {
        assert_eq!(run(&case(hook, input, expect), good("p")), [""; 0], "{hook} {expect}");
    }
}

#[test]
fn what_does_not_hold_fails_with_what_was_expected_and_what_came() {
    let behaves: fn() -> Behaviour = || Behaviour::Echo;
    let faults: fn() -> Behaviour =
        || Behaviour::Fault(Fault::new("worn", "it is worn out").with_data(json!({ "n": 1 })));
    let panics: fn() -> Behaviour = || Behaviour::panic("out of words");
    let slow: fn() -> Behaviour = || Behaviour::Echo.late(Duration::from_millis(60));
    let stops: fn() -> Behaviour = || Behaviour::Stop;
    for (behaviour, hook, expect, place, message) in [
        (
            behaves,
            "chosen",
            "{ equals: 2 }",
            "6:15",
            "call 1, `chosen`: the value: expected 2, got 1",
        ),
        (
            behaves,
            "chosen",
            "{ matches: { a: 1 } }",
            "6:15",
            "the value: expected an object with a, got 1",
        ),
        (behaves, "chosen", "{ matches: { $not: 1 } }", "6:15", "expected anything but 1, got 1"),
        (
            behaves,
            "chosen",
            "{ schema: { minimum: 2 } }",
            "6:15",
            "1 is less than the minimum of 2",
        ),
        (behaves, "chosen", "{ equals: 1, by: q }", "6:26", "expected q to be called, it was p"),
        (behaves, "chosen", "{ fails: { cause: panicked } }", "6:15", "got an answer of p: 1"),
        (
            behaves,
            "chosen",
            "{ refused: { error: invalid_input } }",
            "6:15",
            "got an answer of p: 1",
        ),
        (behaves, "passed", "{ stopped: true }", "6:15", "expected the plugin to stop the chain"),
        (
            stops,
            "passed",
            "{ unchanged: true }",
            "6:15",
            "a value that the plugin stopped the chain: 1",
        ),
        (
            slow,
            "chosen",
            "{ equals: 1, within_ms: 20 }",
            "6:26",
            "expected it within 20ms, it took",
        ),
        (
            faults,
            "told",
            "{ delivered: true }",
            "6:15",
            "got p faulted with code worn: it is worn out",
        ),
        (faults, "asked", "{ schema: output }", "6:5", "got p faulted with code worn"),
        (
            faults,
            "chosen",
            "{ fails: { cause: panicked } }",
            "6:24",
            "expected the plugin to have panicked",
        ),
        (
            faults,
            "chosen",
            "{ fails: { cause: faulted, code: new } }",
            "6:40",
            "expected the code new",
        ),
        (
            faults,
            "chosen",
            "{ fails: { cause: faulted, data: { n: 2 } } }",
            "6:48",
            "/n: expected 2, got 1",
        ),
        (
            faults,
            "chosen",
            "{ fails: { cause: faulted, message_contains: new } }",
            "6:40",
            "a text with \"new\"",
        ),
        (
            faults,
            "chosen",
            "{ any_of: [{ equals: 1 }, { fails: { cause: timed_out } }] }",
            "6:15",
            "none of the outcomes fits",
        ),
        (panics, "passed", "{ unchanged: true }", "6:15", "got p panicked: panicked"),
    ] {
        let found = run(&case(hook, "1", expect), bad(behaviour));
        let first = found.first().map_or("nothing went otherwise", String::as_str);
        let met = first.starts_with(&format!("{place}: ")) && first.contains(message);
        assert!(met, "{hook}, {expect}: {message} at {place} is not in {found:#?}");
    }
}

#[test]
fn a_failure_names_file_line_expected_and_got() {
    let text = "  - name: reports
    given: { plugin: p }
    call:
      - { hook: chosen, input: 1 }
      - { hook: fitting, input: { extension: rs, items: [a, b] } }
    expect:
      - { equals: 1 }
      - matches:
          items:
            - a
            - c
";
    let suite = Suite::new(catalog(), cases(text).unwrap(), vec![good("p")]);
    let trial = suite.plan().trials.remove(0);
    assert_eq!(trial.name(), "sample/reports/p/in_process");
    let found = trial.run().unwrap_err();
    let expected = "\
cases/sample/own.yaml:13:15: call 2, `fitting`: /items/1: expected \"c\", got \"b\"
                - c
                  ^";
    assert_eq!(found.iter().map(Mistake::to_string).collect::<Vec<_>>(), [expected]);
}

#[test]
fn a_case_about_nobody_and_a_plugin_that_is_not_there_are_mistakes() {
    let rest = "call: { hook: chosen, input: 1 }, expect: { equals: 1 }";
    let line =
        |name: &str, given: &str| format!("  - {{ name: {name}, given: {{ {given} }}, {rest} }}\n");
    let text = [
        line("a", "plugin: q"),
        line("b", "plugin: any, manifest: { fallback: true }"),
        line("c", "plugin: any, beside: q"),
        line("d", "plugin: any, manifest: { priority: 0 }"),
        line("e", "plugin: any, beside: p"),
    ];
    let plan =
        |subject| Suite::new(catalog(), cases(&text.concat()).unwrap(), vec![subject]).plan();
    let both = plan(good("p"));
    let expected = [
        "3:5: there is no plugin `q` to run this with",
        "4:5: no plugin here is what `given` asks for, so this checks nothing",
        "5:5: there is no plugin `q` to run this with",
        "7:5: no plugin here is what `given` asks for, so this checks nothing",
    ];
    assert_eq!(shown(&both.idle), expected);
    // `any` does not mean who misbehaves.
    assert_eq!(plan(good("p").misbehaving()).trials.len(), 0);
    let other = Subject::in_process(|| Arc::new(Puppet::new(Manifest::new("p", "another"))));
    assert_eq!(plan(other).trials.len(), 0, "of another kind");
}

#[test]
fn setup_teardown_files_and_endless_work_are_seen() {
    let of = |change: fn(Puppet) -> Puppet| {
        Subject::in_process(move || {
            Arc::new(change(Puppet::new(manifest("p")).on("chosen", Behaviour::Echo)))
        })
    };
    let fails: fn(Puppet) -> Puppet = |puppet| puppet.setup(Step::Fault("no backend".into()));
    let plain = case("chosen", "1", "{ equals: 1 }");
    let found = run(&plain, of(fails));
    assert!(found[0].starts_with("3:5: after its setup it is unavailable"), "{found:?}");
    assert!(found[0].contains("no backend"), "{found:?}");
    let unavailable = "  - { name: a, given: { plugin: p }, after: { state: unavailable, reason_contains: backend } }\n";
    assert_eq!(run(unavailable, of(fails)), [""; 0]);
    let found = run(unavailable, of(|puppet| puppet));
    assert!(
        found[0].starts_with("3:47: expected the plugin to be unavailable, it is ready"),
        "{found:?}"
    );
    let found = run(&plain, of(|puppet| puppet.teardown(Step::Fault("stuck".into()))));
    assert!(found[0].contains("could not be torn down") && found[0].contains("stuck"), "{found:?}");

    let files = |check: &str| {
        let given = "    given: { plugin: p, files: { a/b.txt: \"1\\n2\" } }\n";
        let text = plain.replace("    given: { plugin: p }\n", given);
        run(&format!("{text}    after: {{ files: {{ a/b.txt: {check} }} }}\n"), of(|puppet| puppet))
    };
    assert_eq!(files("{ json_lines: [1, 2] }"), [""; 0]);
    for (check, message) in [
        ("{ json_lines: [1, 3] }", "/1: expected 3, got 2"),
        ("{ text: { $contains: \"3\" } }", "expected something that contains \"3\""),
        ("{ absent: true }", "expected no file"),
    ] {
        let found = files(check);
        assert!(found[0].starts_with("7:") && found[0].contains(message), "{found:?}");
    }

    let blocks = || Behaviour::Block(Gate::new(), Box::new(Behaviour::Echo));
    let suite = Suite::new(catalog(), cases(&plain).unwrap(), vec![bad(blocks)]);
    let trial = suite.bounded(Duration::from_millis(200)).plan().trials.remove(0);
    assert_eq!(shown(&trial.run().unwrap_err()), ["3:5: it did not end within 200ms"]);
}

#[test]
fn answers_that_differ_are_not_alike() {
    let counts = || {
        let count = AtomicU64::new(0);
        Behaviour::compute(move |_| Ok(Reply::value(count.fetch_add(1, Ordering::Relaxed))))
    };
    let text = case("chosen", "1, times: 3", "{ schema: output, alike: true }");
    let found = run(&text, bad(counts));
    assert!(found[0].contains("expected one outcome each time, got 0 and 1"), "{found:?}");
    let at_once = text.replace("times: 3", "concurrently: 3");
    assert!(run(&at_once, bad(counts))[0].contains("one outcome each time"));
    assert_eq!(run(&at_once, good("p")), [""; 0]);
}
