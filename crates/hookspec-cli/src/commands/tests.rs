//! `list` and `explain` over plugins in every state, as people and as programs read them.

use std::sync::Arc;

use hookspec_host::testing::{Behaviour, Puppet, Step};
use hookspec_host::{Limits, Registry};
use hookspec_plugin::{
    AFTER, BEFORE, Caller, ChainWrap, CircuitBreaker, Isolation, Manifest, Plugin, Predicate,
};
use hookspec_spec::configuration::HostConfiguration;
use hookspec_spec::{Catalog, Source};
use serde_json::{Value, json};

use super::{explain, list};
use crate::app::Status;
use crate::output::{Format, Output};

/// Plugins in every state that can be had without an end, one of them with an open circuit.
async fn registry() -> Registry {
    let yaml = "kind: parser\nkind_api_version: 1.2.0\nhooks:\n  - name: parse\n    dispatch: chain\n    \
                error_policy: best_effort\n  - name: forget\n    dispatch: broadcast_notify\n";
    let catalog = Catalog::from_sources([Source::new("kinds/parser/v1.yaml", yaml)]).unwrap();
    let own =
        |name: &str| Manifest { version: Some("1.4.0".into()), ..Manifest::new(name, "parser") };
    let wrapping = |name: &str, priority| Manifest {
        chain_wrap: Some(ChainWrap { kinds: vec![], hooks: vec!["parse".into()], required: false }),
        priority,
        ..own(name)
    };
    let breaker = CircuitBreaker { fail_threshold: 2, open_seconds: 600 };
    let when = Predicate { pointer: Some("/text".into()), ..Predicate::default() };
    let flaky = Manifest {
        circuit_breaker: Some(breaker),
        timeout_ms: Some(250),
        max_concurrency: Some(4),
        when: Some(Predicate { exists: Some(true), ..when }),
        supports_extensions: vec!["rs".into(), "py".into(), "toml".into()],
        supports_languages: vec!["rust".into(), "python".into()],
        supports_mime_types: vec!["text/x-rust".into()],
        capabilities: vec!["symbols".into(), "imports".into(), "call-graph".into()],
        ..own("flaky-parser-of-everything")
    };
    let puppets = [
        Puppet::new(flaky).on("parse", Behaviour::fault("not today")),
        Puppet::new(own("plain"))
            .on("parse", Behaviour::Unchanged)
            .on("forget", Behaviour::answer(0)),
        Puppet::new(own("next")).on("parse", Behaviour::Unchanged),
        Puppet::new(own("turned-off")).on("parse", Behaviour::Unchanged),
        Puppet::new(own("broken"))
            .on("parse", Behaviour::Unchanged)
            .setup(Step::Fault("the grammar of 2031 is missing in /usr/share/grammars".into())),
        Puppet::new(wrapping("audit", 1000)).on(AFTER, Behaviour::answer(0)),
        Puppet::new(wrapping("permissions", 2000)).on(BEFORE, Behaviour::Unchanged),
        Puppet::new(wrapping("quota", 1500))
            .on(BEFORE, Behaviour::Unchanged)
            .setup(Step::Fault("no database".into())),
    ];
    let decided = "[plugins.turned-off]\ndisabled = true\n[plugins.plain]\npriority = 7\nisolation = \"task\"\n";
    let plugins = puppets.into_iter().map(|puppet| Arc::new(puppet) as Arc<dyn Plugin>);
    let registry = Registry::builder()
        .catalog(catalog)
        .plugins(plugins)
        .configuration(HostConfiguration::parse("hookspec.toml", decided).unwrap())
        .shadow("next")
        .environment(|_| None)
        .limits(Limits { degraded_after: 2, ..Limits::default() })
        .start()
        .await
        .unwrap();
    let chain = registry.chain::<Value>("parser", "parse").unwrap();
    for _ in 0..2 {
        chain.dispatch(&Caller::new(), json!({ "text": "a" })).await.unwrap();
    }
    registry
}

fn fits(text: &str, width: usize) {
    for line in text.lines() {
        assert!(line.chars().count() <= width, "{width}: {line}\n{text}");
    }
}

fn has(text: &str, expected: &[&str]) {
    // However lines were broken.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for each in expected {
        assert!(words(text).contains(&words(each)), "{each} is missing in:\n{text}");
    }
}

#[tokio::test]
async fn list_tells_the_state_the_reason_and_what_holds_calls_back() {
    let registry = registry().await;
    for width in [80, 100, 160] {
        let text = Output::shown(Format::Human, width, |output| {
            assert_eq!(list(&registry, output), Status::Failed, "two are unavailable");
        });
        fits(&text, width);
        has(&text, &["8 plugins, 1 kind", "disabled", "unavailable", "degraded"]);
        has(&text, &["broken unavailable", "What holds their calls back", "tried again in"]);
        has(&text, &["What they declare", "capabilities symbols", "files .rs, .py, .toml"]);
        assert!(!text.contains("answered again"), "{text}");
    }
    let text = Output::shown(Format::Human, 160, |output| {
        list(&registry, output);
    });
    has(&text, &["the grammar of 2031 is missing in /usr/share/grammars"]);
    has(&text, &["plain 1.4.0 in_process task 7 ready 0 of 2 all"]);
}

#[tokio::test]
async fn list_tells_programs_all_of_it() {
    let registry = registry().await;
    let text = Output::shown(Format::Json, 80, |output| {
        list(&registry, output);
    });
    let listed: Value = serde_json::from_str(&text).unwrap();
    let find = |name: &str| -> Value {
        let plugins = listed["plugins"].as_array().unwrap();
        plugins.iter().find(|plugin| plugin["name"] == name).unwrap().clone()
    };
    let flaky = find("flaky-parser-of-everything");
    let states: Vec<_> =
        flaky["history"].as_array().unwrap().iter().map(|was| was["state"].clone()).collect();
    assert_eq!(states.last(), Some(&json!("degraded")), "{states:?}");
    assert!(states.contains(&"starting".into()) && flaky["since_ms"].as_u64() > Some(0));
    assert_eq!(
        (&flaky["circuit"]["state"], &flaky["circuit"]["opened"]),
        (&json!("open"), &json!(1))
    );
    assert!(flaky["circuit"]["retry_in_ms"].as_f64() > Some(0.0), "{flaky}");
    assert_eq!(flaky["declares"]["languages"], json!(["rust", "python"]));
    assert_eq!(flaky["declares"]["capabilities"], json!(["symbols", "imports", "call-graph"]));
    assert_eq!((&flaky["waiting"], &flaky["consecutive_failures"]), (&json!(0), &json!(2)));
    assert_eq!(find("plain")["circuit"], Value::Null);
    assert_eq!(find("turned-off")["state"], "disabled");
}

#[tokio::test]
async fn explain_tells_who_wraps_and_what_holds_for_each() {
    let registry = registry().await;
    for width in [80, 100, 160] {
        let text = Output::shown(Format::Human, width, |output| {
            let status = explain(&registry, "parser.parse", output);
            assert_eq!(status, Status::Failed, "who was to be called is unavailable");
        });
        fits(&text, width);
        has(&text, &["What wraps it: $before in this order, $after in reverse"]);
        has(&text, &["1 permissions parser $before 2000", "2 audit parser $after 1000"]);
        has(&text, &["What matches it and does not wrap it", "quota", "no database"]);
        has(&text, &["next (shadow)", "nothing of what it does is applied"]);
        has(&text, &["timeout 250 ms", "at once 4 calls", "2 failures in a row open it for 600 s"]);
        has(&text, &[r#"{"pointer":"/text","exists":true}"#]);
        has(&text, &["priority = 7, isolation = task (by the configuration file)"]);
        has(&text, &["turned-off it is disabled: ", "broken it is unavailable: "]);
    }
    let text = Output::shown(Format::Human, 100, |output| {
        explain(&registry, "parser.forget", output);
    });
    assert!(!text.contains("wraps it"), "nothing matches: {text}");
}

#[tokio::test]
async fn explain_tells_programs_all_of_it() {
    let registry = registry().await;
    let text = Output::shown(Format::Json, 80, |output| {
        explain(&registry, "parser.parse", output);
    });
    let explained: Value = serde_json::from_str(&text).unwrap();
    let rows = |list: &str, field: &str| -> Vec<Value> {
        explained[list].as_array().unwrap().iter().map(|row| row[field].clone()).collect()
    };
    assert_eq!(rows("middleware", "plugin"), ["permissions", "audit", "quota"]);
    assert_eq!(rows("middleware", "position"), [json!(1), json!(2), Value::Null]);
    assert_eq!(rows("middleware", "hooks")[..2], [json!(["$before"]), json!(["$after"])]);
    let find = |name: &str| -> Value {
        let plugins = explained["plugins"].as_array().unwrap();
        plugins.iter().find(|plugin| plugin["plugin"] == name).unwrap().clone()
    };
    let flaky = find("flaky-parser-of-everything");
    assert_eq!((&flaky["timeout_ms"], &flaky["max_concurrency"]), (&json!(250.0), &json!(4)));
    assert_eq!(
        (&flaky["breaker"]["state"], &flaky["breaker"]["fail_threshold"]),
        (&json!("open"), &json!(2))
    );
    assert_eq!(flaky["when"], json!({ "pointer": "/text", "exists": true }));
    assert_eq!((&find("next")["shadow"], &find("plain")["shadow"]), (&json!(true), &json!(false)));
    assert_eq!(find("plain")["overrides"], json!({ "priority": "7", "isolation": "task" }));
    assert_eq!(find("plain")["isolation"], Isolation::Task.as_str());
    assert_eq!(find("turned-off")["overrides"], json!({ "disabled": "true" }));
}
