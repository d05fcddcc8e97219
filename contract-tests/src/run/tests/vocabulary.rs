//! The words of the vocabulary that no vector beside this crate uses, each played.

use serde_json::{Value, json};

use super::super::*;

fn plays(call: Value, plugins: Value, expected: Value) {
    let vector = json!({
        "id": "x", "group": "capability", "level": "normative", "expected": expected,
        "input": { "plugins": plugins, "call": call },
    });
    assert_eq!(super::judge(&vector), Verdict::Passed, "{vector}");
}

fn call(class: &str, more: Value) -> Value {
    let mut call = json!({ "class": class, "kind": "k", "hook": "h" });
    let fields = call.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    call
}

fn one(behaviour: Value) -> Value {
    json!([{ "name": "a", "hooks": { "h": behaviour } }])
}

fn two() -> Value {
    json!([
        { "name": "a", "priority": 9, "capabilities": ["x"], "hooks": { "h": { "return": "A" } } },
        { "name": "b", "hooks": { "h": { "return": "B" } } },
    ])
}

#[test]
fn every_behaviour() {
    let rows = [
        (json!({ "upper": true }), json!("a b"), json!("A B")),
        (json!({ "trim_lower": true }), json!("  A b "), json!("a b")),
        (json!({ "replace": ["a", "o"] }), json!("banana"), json!("bonono")),
        (json!({ "wrap": ["<", ">"] }), json!("x"), json!("<x>")),
        (json!({ "append": "!" }), json!("x"), json!("x!")),
        (json!({ "append": 3 }), json!([1, 2]), json!([1, 2, 3])),
        (json!({ "add": 1 }), json!(1), json!(2)),
        (json!({ "add": 0.5 }), json!(1), json!(1.5)),
        (json!({ "mul": -2 }), json!(3), json!(-6)),
        (json!({ "passthrough": true }), json!({ "x": [1] }), json!({ "x": [1] })),
        (json!({ "return": null }), json!(1), Value::Null),
        (json!({ "upper": true, "async": true, "delay_ms": 1 }), json!("a"), json!("A")),
    ];
    for (behaviour, input, result) in rows {
        let call = call("singleton", json!({ "input": input }));
        plays(call, one(behaviour), json!({ "selected": "a", "result": result }));
    }
}

#[test]
fn every_way_to_give_an_input() {
    let echo = || one(json!({ "passthrough": true }));
    let rows = [
        (json!({ "input": [1] }), json!([1])),
        (json!({ "kwargs": { "x": 1 } }), json!({ "x": 1 })),
        (json!({ "args": ["only"] }), json!("only")),
        (json!({ "input": null }), Value::Null),
    ];
    for (given, input) in rows {
        let expected = json!({ "results": [input], "inputs": { "a": input }, "error": null });
        plays(call("broadcast_collect", given), echo(), expected);
    }
    plays(
        call("capability", json!({ "args": [7] })),
        one(json!({ "return_arg": 0 })),
        json!({ "result": 7 }),
    );
    let behaviour = json!({ "return_arg": 1 });
    plays(call("capability", json!({ "args": [7] })), one(behaviour), json!({ "error": true }));
}

#[test]
fn repeated_dispatches_and_failures_that_pass() {
    let behaviour = json!({ "fail_times": 2, "raise": "not yet", "return": "ok" });
    let policy = json!({ "repeat": 3, "error_policy": "best_effort" });
    let late = json!({ "plugin": "a", "message": "not yet" });
    let expected = json!({ "results": ["ok"], "errors": [late, late], "calls": ["a", "a", "a"], "failed": ["a"] });
    plays(call("broadcast_collect", policy), one(behaviour), expected);
    let chain = call("chain", json!({ "initial": 1, "repeat": 2 }));
    plays(chain, one(json!({ "add": 1 })), json!({ "result": 2, "inputs": { "a": [1, 1] } }));
}

#[test]
fn every_filter_and_policy() {
    let rows = [
        (json!({ "exclude": ["a"] }), "b"),
        (json!({ "order": ["b", "a"] }), "b"),
        (json!({ "require_capability": "x" }), "a"),
        (json!({ "allow_by_metadata": { "key": "tenant_id", "map": { "acme": ["b"] } } }), "b"),
    ];
    for (filter, selected) in rows {
        let more = json!({ "filter": filter, "metadata": { "tenant_id": "acme" } });
        let mut plugins = two();
        // Both declare, so that only the filter tells them apart.
        plugins[1]["capabilities"] = json!(["y"]);
        plays(call("capability", more), plugins, json!({ "selected": selected }));
    }
    let nobody = json!({ "allow_by_metadata": { "key": "tenant_id", "map": {} } });
    plays(
        call("capability", json!({ "filter": nobody })),
        two(),
        json!({ "error": "NoCapabilityMatch" }),
    );
    plays(
        call("singleton", json!({ "policy": { "select": "b" } })),
        two(),
        json!({ "selected": "b" }),
    );
    plays(
        call("singleton", json!({ "policy": { "select": null } })),
        two(),
        json!({ "selected": "a" }),
    );
    plays(call("singleton", json!({ "name": "nobody" })), two(), json!({ "error": "KindUnknown" }));
}

#[test]
fn every_setup_and_matcher() {
    for setup in [json!("ok"), json!("async"), json!("absent"), json!({ "sleep_ms": 1 })] {
        let mut plugins = one(json!({ "return": 1 }));
        plugins[0]["setup"] = setup.clone();
        plugins[0]["teardown"] = setup;
        plays(call("capability", json!({})), plugins, json!({ "result": 1, "unavailable": [] }));
    }
    let mut plugins = one(json!({ "return": 1 }));
    plugins[0]["setup"] = json!("raise");
    let expected = json!({ "error": "NoCapabilityMatch", "unavailable": ["a"], "calls": [] });
    plays(call("capability", json!({})), plugins.clone(), expected);
    plugins[0]["setup"] = json!("ok");
    plugins[0]["teardown"] = json!("raise");
    plays(call("capability", json!({})), plugins.clone(), json!({ "error": "TeardownErrors" }));
    for (matches, met) in [
        (json!(true), true),
        (json!({ "return": [] }), false),
        (json!({ "arg_equals": { "x": 1, "y": 2 } }), true),
        (json!({ "arg_equals": { "x": 1, "z": 2 } }), false),
    ] {
        let mut plugins = one(json!({ "return": 1 }));
        plugins[0]["matches"] = matches;
        plays(
            call("capability", json!({ "input": { "x": 1, "y": 2 } })),
            plugins,
            json!({ "ok": met }),
        );
    }
    let mut plugins = two();
    plugins[0]["matches"] = json!({ "raise": "oh no" });
    let expected = json!({ "selected": "b", "log_contains": "treated as non-match" });
    plays(call("capability", json!({})), plugins, expected);
}

#[test]
fn synchronous_dispatches_of_every_class() {
    for (class, expected) in [
        ("broadcast_collect", json!({ "results": ["A"] })),
        ("broadcast_notify", json!({ "returns": null, "failed": [] })),
        ("chain", json!({ "result": "A" })),
        ("singleton", json!({ "selected": "a" })),
        ("capability", json!({ "selected": "a" })),
    ] {
        let sync = || call(class, json!({ "mode": "sync" }));
        plays(sync(), one(json!({ "return": "A" })), expected.clone());
        plays(sync(), one(json!({ "return": "A", "delay_ms": 1 })), expected);
        let pending = one(json!({ "return": "A", "async": true }));
        plays(sync(), pending, json!({ "error": "NotInline" }));
    }
    for class in ["singleton", "capability"] {
        let named = call(class, json!({ "mode": "sync", "name": "b" }));
        plays(named, two(), json!({ "selected": "b", "result": "B" }));
        let filtered = call(class, json!({ "mode": "sync", "filter": { "exclude": ["a"] } }));
        plays(filtered, two(), json!({ "selected": "b", "result": "B" }));
    }
}

#[test]
fn concurrent_hooks_end_in_the_order_of_their_delays() {
    let plugins = json!([
        { "name": "slow", "priority": 9, "hooks": { "h": { "return": 1, "async": true, "delay_ms": 200 } } },
        { "name": "quick", "hooks": { "h": { "return": 2, "async": true, "delay_ms": 100 } } },
    ]);
    let expected = json!({
        "results": [1, 2], "calls": ["slow", "quick"], "completion_order": ["quick", "slow"],
        "elapsed_ms_below": 290,
    });
    plays(call("broadcast_collect", json!({ "mode": "async" })), plugins, expected);
}

#[test]
fn metadata_and_configuration_are_what_the_call_says() {
    for (behaviour, given) in [
        (json!({ "read_metadata": "x" }), json!({ "metadata": { "x": [1] } })),
        (json!({ "read_config": "x" }), json!({ "config": { "x": [1] } })),
    ] {
        let expected = json!({ "returns": null, "observed": { "a": [1] }, "warnings": 0 });
        plays(call("broadcast_notify", given), one(behaviour), expected);
    }
}

#[test]
fn runtimes_outside_the_process_are_played_by_puppets() {
    for runtime in ["mcp_stdio", "mcp_http"] {
        let mut plugins = one(json!({ "return": 1 }));
        plugins[0]["runtime"] = json!(runtime);
        plays(call("broadcast_collect", json!({})), plugins, json!({ "results": [1] }));
    }
}
