//! The words of lifecycle, those that no vector beside this crate uses among them.

use serde_json::{Value, json};

use super::super::*;

fn vector(plugins: Value, ops: Value, more: Value, expected: Value) -> Value {
    let mut input = json!({ "plugins": plugins, "ops": ops });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "id": "x", "group": "lifecycle", "level": "normative", "input": input,
        "expected": expected,
    })
}

fn plays(plugins: Value, ops: Value, more: Value, expected: Value) {
    let vector = vector(plugins, ops, more, expected);
    assert_eq!(super::judge(&vector), Verdict::Passed, "{vector}");
}

fn fails(plugins: Value, ops: Value, more: Value, expected: Value, part: &str) {
    let found = super::failure(&vector(plugins, ops, more, expected));
    assert!(found.contains(part), "{found}");
}

fn both() -> Value {
    json!(["setup_all", "teardown_all"])
}

#[test]
fn every_event_is_seen_at_its_beginning() {
    let plugins = json!([
        { "name": "a", "setup": { "sleep_ms": 20 }, "teardown": "raise" },
        { "name": "b", "setup": "raise" },
        { "name": "c", "depends_on": ["a"], "teardown": { "sleep_ms": 300 },
          "teardown_timeout_ms": 30 },
        { "name": "d", "depends_on": ["b"] },
        { "name": "e", "setup": { "sleep_ms": 300 }, "startup_timeout_ms": 30 },
        { "name": "f", "depends_on": ["c"], "setup": "async", "teardown": "absent" },
        { "name": "g", "runtime": "mcp_http", "setup": "absent", "teardown": "async" },
        { "name": "h", "runtime": "mcp_stdio", "attached": true },
    ]);
    let expected = json!({
        "events": ["setup:a", "setup_failed:b", "setup_failed:e", "setup:c", "setup:f", "setup:h",
                   "teardown:g", "teardown:h", "teardown_timeout:c", "teardown_failed:a"],
        "error": "TeardownErrors", "failed": ["a", "c"], "leaked": ["c"],
        "unavailable": ["b", "d", "e"], "log_contains": ["b", "e"], "log_excludes": "f",
    });
    plays(plugins, both(), json!({}), expected);
}

#[test]
fn one_that_waits_for_a_future_is_set_up_in_its_turn() {
    for (one, other) in [("async", "ok"), ("ok", "async")] {
        let plugins = json!([{ "name": "a", "setup": one }, { "name": "b", "setup": other }]);
        let events = json!(["setup:a", "setup:b", "teardown:b", "teardown:a"]);
        plays(plugins, both(), json!({}), json!({ "events": events }));
    }
}

#[test]
fn operations_go_on_after_an_error_and_look_at_plugins_in_every_state() {
    let one = || json!([{ "name": "a" }]);
    let cycle = || json!([{ "name": "a", "depends_on": ["a"] }]);
    let once = json!({ "events": ["setup:a", "teardown:a"], "error": "AlreadyStarted" });
    plays(one(), json!(["setup_all", "setup_all", "teardown_all"]), json!({}), once);
    let cyclic = json!({ "events": [], "error": "DependencyCycle" });
    plays(cycle(), both(), json!({}), cyclic);
    plays(one(), json!(["teardown_all", "get_plugin:a"]), json!({}), json!({ "returns": "a" }));
    let nobody = json!({ "error": "KeyError", "returns": null });
    plays(one(), json!(["get_plugin:ghost"]), json!({}), nobody);
    let attached = json!([{ "name": "a", "attached": true }, { "name": "b", "attached": false }]);
    let events = json!({ "events": ["setup:a", "setup:b", "teardown:b", "teardown:a"] });
    plays(attached, both(), json!({}), events);
}

#[test]
fn a_plugin_finds_one_that_is_ready() {
    let asks =
        |name: &str| json!({ "name": "b", "depends_on": ["a"], "setup_calls_get_plugin": name });
    let (there, ops) = (json!([{ "name": "a" }, asks("a")]), || json!(["setup_all"]));
    plays(there, ops(), json!({}), json!({ "events": ["setup:a", "setup:b"], "error": null }));
    for missing in ["ghost", "b"] {
        let plugins = json!([{ "name": "a" }, asks(missing)]);
        let expected = json!({ "events": ["setup:a", "setup_failed:b"], "unavailable": ["b"] });
        plays(plugins, ops(), json!({}), expected);
    }
}

#[test]
fn plugins_see_their_configuration_and_the_resources_they_declare() {
    let plugins = json!([
        { "name": "a", "resources": { "required": ["pg"], "optional": ["mq", "gone"] } },
        { "name": "b", "resources": { "required": ["gone"] } },
        { "name": "c" },
    ]);
    let more = json!({ "resources": ["pg", "mq", "other"], "config": { "a": { "x": [1] } } });
    let expected = json!({
        "ctx_resources": { "a": ["pg", "mq"], "c": [] }, "events": ["setup:a", "setup:c"],
        "ctx_config": { "a": { "x": [1] }, "c": {} }, "log_contains": "gone",
    });
    plays(plugins, json!(["setup_all"]), more, expected);
}

#[test]
fn setups_that_take_no_time_are_still_seen_to_start_together() {
    let plugins = || {
        json!([{ "name": "a" }, { "name": "b" }, { "name": "c", "depends_on": ["a"] },
               { "name": "s", "runtime": "mcp_stdio" }])
    };
    let ops = || json!(["setup_all"]);
    let groups =
        json!({ "started_together": [["b", "a"], ["c"], ["s"]], "elapsed_ms_below": 2000 });
    plays(plugins(), ops(), json!({}), groups);
    for wrong in [json!([["a", "c"]]), json!([["a"], ["b"]]), json!([["s"], ["c"]])] {
        let wrong = json!({ "started_together": wrong });
        fails(plugins(), ops(), json!({}), wrong, "started_together: expected");
    }
    fails(plugins(), ops(), json!({}), json!({ "elapsed_ms_below": 0 }), "elapsed_ms_below");
}

#[test]
fn a_wrong_expectation_or_an_unknown_word_fails() {
    let fine = || json!({ "error": null });
    let one = |more: Value| {
        let mut plugin = json!({ "name": "a" });
        plugin.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([plugin])
    };
    let none = || json!({});
    let rows = [
        (none(), both(), none(), json!({ "events": ["setup:a"] }), "events: expected"),
        (none(), both(), none(), json!({ "leaked": ["a"] }), "leaked: expected"),
        (none(), both(), none(), json!({ "error": "TeardownErrors" }), "error: expected"),
        (none(), both(), none(), json!({ "ctx_config": { "a": { "x": 1 } } }), "ctx_config: "),
        (none(), both(), none(), json!({ "ctx_resources": { "a": ["pg"] } }), "ctx_resources: "),
        (none(), both(), none(), json!({ "unavailable": ["a"] }), "unavailable: expected"),
        (none(), both(), none(), json!({ "log_contains": "a" }), "log_contains"),
        (none(), json!(["get_plugin:b"]), none(), json!({ "returns": "b" }), "returns: expected"),
        (none(), json!(["reload:a"]), none(), fine(), "unknown operation `reload:a`"),
        (none(), json!(["setup_all:a"]), none(), fine(), "unknown operation `setup_all:a`"),
        (none(), json!("setup_all"), none(), fine(), "ops is not a list"),
        (none(), both(), json!({ "surprise": 1 }), fine(), "unknown key `surprise`"),
        (none(), both(), json!({ "config": [] }), fine(), "config is no object"),
        (json!({ "surprise": 1 }), both(), none(), fine(), "unknown key `surprise`"),
        (json!({ "setup": "explode" }), both(), none(), fine(), "unknown setup `explode`"),
        (json!({ "setup": { "sleep": 1 } }), both(), none(), fine(), "unknown key `sleep`"),
        (json!({ "attached": "yes" }), both(), none(), fine(), "attached"),
        (json!({ "startup_timeout_ms": "1" }), both(), none(), fine(), "startup_timeout_ms"),
        (json!({ "setup_calls_get_plugin": 1 }), both(), none(), fine(), "setup_calls_get_plugin"),
        (none(), both(), none(), json!({ "order": [] }), "unknown expectation `order`"),
    ];
    for (plugin, ops, more, expected, part) in rows {
        fails(one(plugin), ops, more, expected, part);
    }
}
