//! The words of the groups of events, those that no vector beside this crate uses among them.

use serde_json::{Value, json};

use super::super::*;

fn vector(group: &str, input: Value, expected: Value) -> Value {
    json!({
        "id": "x", "group": group, "level": "normative", "input": input, "expected": expected,
    })
}

fn plays(group: &str, input: Value, expected: Value) {
    let vector = vector(group, input, expected);
    assert_eq!(super::judge(&vector), Verdict::Passed, "{vector}");
}

fn fails(group: &str, input: Value, expected: Value, part: &str) {
    let found = super::failure(&vector(group, input, expected));
    assert!(found.contains(part), "{part}: {found}");
}

#[test]
fn patterns_are_asked_of_a_bus_and_of_plugins() {
    let asks = |mode: &str, used: Option<&str>, pattern: &str, event_type: &str| {
        let mut input = json!({ "mode": mode, "pattern": pattern, "type": event_type });
        if let Some(used) = used {
            input["use"] = json!(used);
        }
        input
    };
    let rows = [
        ("native", None, "core.*.state_changed", "core.plugin.state_changed", true),
        ("native", None, "workflow.**", "workflow.step.started", true),
        ("native", Some("emit"), "deploy.*", "deploy.done", true),
        ("native", Some("emit"), "deploy.*", "deploy.eu.done", false),
        ("native", Some("emit"), "workflow.*", "workflow.started", true),
        ("native", Some("subscribe"), "a.*", "a.", false),
        ("awf", Some("subscribe"), "*", "", true),
        ("awf", None, "a.*", "a.", true),
        ("awf", Some("emit"), "a.*", "a.", true),
        ("awf", Some("emit"), "*", "a.b", false),
    ];
    for (mode, used, pattern, event_type, matches) in rows {
        let input = || asks(mode, used, pattern, event_type);
        plays("event_pattern", input(), json!({ "matches": matches }));
        let wrong = json!({ "matches": !matches });
        fails("event_pattern", input(), wrong, "matches: expected");
    }
    plays("event_pattern", json!({ "pattern": "a." }), json!({ "error": "InvalidPattern" }));
    plays("event_pattern", json!({ "mode": "awf", "pattern": "a." }), json!({ "error": null }));
    plays("event_pattern", json!({ "publish_type": "a.b" }), json!({ "error": null }));
    fails(
        "event_pattern",
        json!({ "pattern": "a" }),
        json!({ "error": "InvalidPattern" }),
        "error",
    );
    let typed = json!({ "publish_type": "a.b" });
    fails("event_pattern", typed, json!({ "error": "InvalidEventType" }), "error");
}

#[test]
fn several_patterns_of_one_subscriber_receive_an_event_once() {
    let set = |mode: &str| json!({ "mode": mode, "patterns": ["a.*", "*.b", "c"], "published": ["a.b", "c", "d", "a.x"] });
    for mode in ["awf", "native"] {
        plays("event_pattern_set", set(mode), json!({ "received": ["a.b", "c", "a.x"] }));
        let wrong = json!({ "received": ["a.b", "a.b", "c", "a.x"] });
        fails("event_pattern_set", set(mode), wrong, "received: expected");
    }
    let reserved =
        json!({ "patterns": ["workflow.*"], "published": ["workflow.started", "step.x"] });
    plays("event_pattern_set", reserved, json!({ "received": ["workflow.started"] }));
    let malformed = json!({ "patterns": ["a."], "published": [] });
    plays("event_pattern_set", malformed, json!({ "error": "InvalidPattern" }));
}

#[test]
fn chains_end_whichever_way_they_go() {
    let rows = [
        (json!({ "path": "mixed", "mode": "native" }), json!([0, 1, 2]), 1),
        (json!({ "path": "return", "mode": "awf" }), json!([0, 1, 2]), 1),
        (json!({ "mode": "native", "start_depth": 2 }), json!([2]), 1),
        (json!({ "mode": "native", "start_depth": 3 }), json!([]), 1),
        (json!({ "mode": "native", "plugin_set_depth": 0, "start_depth": 1 }), json!([1, 2]), 1),
        (json!({ "mode": "native", "plugin_set_depth": "event+7" }), json!([0, 1, 2]), 1),
        // Without a mode, a depth that a plugin sets means that of AWF.
        (json!({ "plugin_set_depth": 2 }), json!([0, 2]), 1),
        (json!({ "plugin_set_depth": "event+2", "limit": 5 }), json!([0, 2, 4]), 1),
        (json!({ "mode": "awf", "start_depth": 99, "plugin_set_depth": 0 }), json!([99]), 1),
        (
            json!({ "subscriber": "** re-emits two events", "path": "return" }),
            json!([0, 1, 1, 2, 2, 2, 2]),
            8,
        ),
        (json!({ "subscriber": "* re-emits no event" }), json!([0]), 0),
        (json!({ "subscriber": "ping-pong of two plugins", "path": "mixed" }), json!([0, 1, 2]), 1),
        (
            json!({ "subscriber": "ping-pong of two plugins through returns", "limit": 4 }),
            json!([0, 1, 2, 3]),
            1,
        ),
    ];
    for (input, depths, warnings) in rows {
        let expected = json!({ "delivered_depths": depths, "warnings": warnings });
        plays("event_depth", input.clone(), expected);
        let wrong = json!({ "warnings": warnings + 1 });
        fails("event_depth", input.clone(), wrong, "warnings: expected");
        fails("event_depth", input, json!({ "delivered_depths": [5] }), "delivered_depths: ");
    }
}

#[test]
fn one_rule_says_what_a_plugin_may_emit() {
    let may = |emit: Value| json!({ "capabilities": ["events"], "emit": emit });
    let rows = [
        (json!({ "manifest": may(json!(["a.*"])), "event_type": "a.b" }), true),
        (json!({ "manifest": may(json!(["a.*"])), "event_type": "a.b", "path": "mixed" }), true),
        (json!({ "manifest": { "emit": ["a.*"] }, "event_type": "a.b", "mode": "awf" }), false),
        (json!({ "manifest": { "emit": ["a.*"] }, "event_type": "a.b" }), true),
        (json!({ "manifest": null, "event_type": "a.b" }), false),
        (json!({ "event_type": "a.b", "path": "return" }), false),
        (
            json!({ "manifest": may(json!(["step.*"])), "event_type": "step.x", "path": "return" }),
            false,
        ),
        (json!({ "manifest": may(json!(["a..b"])), "event_type": "a..b", "mode": "awf" }), true),
        (json!({ "manifest": may(json!(["**"])), "event_type": "a..b" }), false),
    ];
    for (input, allowed) in rows {
        plays("event_emit_authorization", input.clone(), json!({ "allowed": allowed }));
        let wrong = json!({ "allowed": !allowed });
        fails("event_emit_authorization", input, wrong, "allowed: expected");
    }
    for mode in ["awf", "native"] {
        for path in ["emit", "return", "mixed"] {
            let claims = |source: &str| {
                json!({ "mode": mode, "path": path, "plugin": "a", "claims_source": source,
                        "event_type": "x.y", "manifest": may(json!(["x.*"])) })
            };
            plays(
                "event_emit_authorization",
                claims("b"),
                json!({ "allowed": false, "ok": false }),
            );
            plays(
                "event_emit_authorization",
                claims("a"),
                json!({ "allowed": true, "error": null }),
            );
        }
    }
}

#[test]
fn what_a_host_fills_in_is_described_in_words() {
    let emitted = |more: Value| {
        let mut emitted = json!({ "type": "a.b" });
        emitted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "emitted": emitted })
    };
    let filled = json!({
        "id": "uuid", "time": "now", "source": "the emitting plugin", "depth": "parent + 1",
        "metadata": {}, "subject": null, "type": "a.b",
    });
    plays("event_defaults", emitted(json!({})), filled.clone());
    for (path, mode) in [("return", "native"), ("emit", "awf"), ("return", "awf")] {
        let mut input = emitted(json!({}));
        (input["path"], input["mode"]) = (json!(path), json!(mode));
        plays("event_defaults", input, filled.clone());
    }
    let given =
        json!({ "id": "x", "time": "2025-01-15T11:30:00+01:00", "metadata": { "API_KEY": "k" } });
    let kept = json!({ "id": "x", "time": "2025-01-15T10:30:00Z", "metadata": { "API_KEY": "k" }, "depth": 1 });
    plays("event_defaults", emitted(given.clone()), kept);
    for (key, wrong) in [
        ("id", json!("uuid")),
        ("time", json!("now")),
        ("source", json!("host")),
        ("depth", json!("parent + 2")),
        ("depth", json!(0)),
        ("metadata", json!({ "API_KEY": "***" })),
    ] {
        let part = format!("{key}: expected");
        fails("event_defaults", emitted(given.clone()), json!({ key: wrong }), &part);
    }
    fails("event_defaults", emitted(json!({})), json!({ "depth": "less" }), "unknown depth");
    let named = json!({ "emitted": { "event_type": "a.b", "event_id": "x" }, "plugin": "p" });
    plays("event_defaults", named, json!({ "id": "x", "event_type": "a.b", "source": "p" }));
    let foreign = json!({ "emitted": { "type": "a.b", "source": "other" } });
    plays("event_defaults", foreign, json!({ "ok": false, "message_contains": "other" }));
}

#[test]
fn secrets_of_the_host_are_masked_where_the_namespace_is_its_own() {
    let metadata = json!({ "api_key_1": "k", "Secret_x": "s", "PASSWORDS": "p", "token": "t", "my_token": "m" });
    let masked = json!({ "api_key_1": "***", "Secret_x": "***", "PASSWORDS": "***", "token": "***",
                         "my_token": "m" });
    let emitted =
        |event_type: &str| json!({ "emitted": { "type": event_type, "metadata": metadata } });
    for mode in ["awf", "native"] {
        for event_type in ["workflow.started", "step.failed", "core.x"] {
            let mut input = emitted(event_type);
            input["mode"] = json!(mode);
            plays("event_defaults", input.clone(), json!({ "metadata": masked, "source": "host" }));
            fails("event_defaults", input, json!({ "metadata": metadata }), "metadata: expected");
        }
        let mut input = emitted("deploy.done");
        (input["mode"], input["by"]) = (json!(mode), json!("host"));
        plays("event_defaults", input, json!({ "metadata": metadata }));
    }
}

#[test]
fn queues_do_as_their_policy_says() {
    let all = json!(["e0", "e1", "e2", "e3", "e4"]);
    let buffer = |policy: &str| json!({ "capacity": 2, "policy": policy, "publish": all });
    let rows = [
        ("drop_newest", json!(["e0", "e1", "e2"]), 2),
        ("drop_oldest", json!(["e0", "e3", "e4"]), 2),
        ("block", all.clone(), 0),
    ];
    for (policy, delivered, dropped) in rows {
        let expected = json!({ "delivered": delivered, "dropped": dropped, "publish_errors": 0,
                               "publisher_waits": policy == "block" });
        plays("event_buffer", buffer(policy), expected);
        fails("event_buffer", buffer(policy), json!({ "dropped": 1 }), "dropped: expected");
        fails("event_buffer", buffer(policy), json!({ "delivered": ["e0"] }), "delivered: ");
    }
    let many = json!({ "mode": "awf", "policy": "drop_newest", "publish_count": 301 });
    plays("event_buffer", many.clone(), json!({ "delivered": 257, "dropped": 44, "warnings": 0 }));
    plays("event_buffer", many.clone(), json!({ "delivered_count": 257 }));
    fails("event_buffer", many, json!({ "delivered": 256 }), "delivered: expected");
    let keyless = json!({ "policy": "coalesce", "publish": [] });
    plays("event_buffer", keyless, json!({ "ok": false }));
    let full = json!({ "capacity": 1, "policy": "coalesce", "key": "/data/k",
                       "publish": [{ "k": 0 }, { "k": 1, "v": 1 }, { "k": 2 }, { "k": 1, "v": 2 }] });
    let expected =
        json!({ "delivered": [{ "k": 0 }, { "k": 1, "v": 2 }], "dropped": 1, "replaced": 1 });
    plays("event_buffer", full, expected);
}

#[test]
fn what_the_runner_does_not_know_fails() {
    let (types, fine) = (json!({ "emitted": { "type": "a" } }), json!({ "error": null }));
    let with = |base: &Value, key: &str, value: Value| {
        let mut input = base.clone();
        input[key] = value;
        input
    };
    let (pattern, set) = (json!({ "pattern": "a" }), json!({ "patterns": [], "published": [] }));
    let (depth, buffer) = (json!({}), json!({ "publish": [] }));
    let may = json!({ "event_type": "a" });
    let rows = [
        ("event_pattern", with(&pattern, "mode", json!("nats")), "unknown mode `nats`"),
        ("event_pattern", with(&pattern, "use", json!("match")), "unknown use `match`"),
        ("event_pattern", with(&pattern, "publish_type", json!("a")), "a scenario has"),
        ("event_pattern", json!({}), "a scenario has"),
        ("event_pattern_set", with(&set, "published", json!("a")), "published is not a list"),
        ("event_depth", with(&depth, "subscriber", json!("explodes")), "unknown subscriber"),
        ("event_depth", with(&depth, "subscriber", json!("* re-emits few events")), "unknown subs"),
        (
            "event_depth",
            json!({ "path": "return", "subscriber": "ping-pong of two plugins through emit" }),
            "two things",
        ),
        ("event_depth", with(&depth, "path", json!("post")), "unknown path `post`"),
        ("event_depth", with(&depth, "plugin_set_depth", json!("parent")), "plugin_set_depth"),
        ("event_depth", with(&depth, "start_depth", json!("0")), "start_depth"),
        ("event_emit_authorization", json!({}), "no `event_type`"),
        ("event_emit_authorization", with(&may, "manifest", json!({ "emits": [] })), "`emits`"),
        ("event_defaults", json!({ "emitted": { "type": "a", "sauce": 1 } }), "`sauce`"),
        ("event_defaults", with(&types, "by", json!("nobody")), "nobody"),
        ("event_buffer", with(&buffer, "policy", json!("spill")), "unknown policy `spill`"),
        ("event_buffer", with(&buffer, "subscriber", json!("drops all")), "unknown subscriber"),
        ("event_buffer", with(&buffer, "publish_count", json!(1)), "a scenario has"),
        ("event_buffer", with(&buffer, "capacity", json!("two")), "capacity"),
    ];
    for (group, input, part) in rows {
        fails(group, input, fine.clone(), part);
    }
    for (group, base) in [
        ("event_pattern", pattern),
        ("event_pattern_set", set),
        ("event_depth", depth),
        ("event_emit_authorization", may),
        ("event_defaults", types),
        ("event_buffer", buffer),
    ] {
        fails(group, with(&base, "surprise", json!(1)), fine.clone(), "unknown key `surprise`");
        fails(group, base, json!({ "surprise": 1 }), "unknown expectation `surprise`");
    }
}
