//! What is told of a hook: who would be called and who would wrap it, and what is known of each.

use std::time::Duration;

use hookspec_host::testing::{Behaviour, Journal, Puppet, Step};
use hookspec_host::{CircuitState, Explanation, MiddlewarePlace, PluginPlace};
use hookspec_plugin::{
    AFTER, BEFORE, Caller, ChainWrap, CircuitBreaker, HookName, Isolation, Manifest, Predicate,
};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{builder, kind, puppet};
use crate::wrap::{calls, middleware, run, wrapping};

fn find<'a>(explained: &'a Explanation, name: &str) -> &'a PluginPlace {
    explained.plugins.iter().find(|place| place.plugin == name).unwrap()
}

fn around(explained: &Explanation) -> Vec<(&str, &str)> {
    let rows = explained.middleware.iter().map(|MiddlewarePlace { place, .. }| {
        (place.plugin.as_str(), place.why_not.as_deref().unwrap_or("-"))
    });
    rows.collect()
}

#[tokio::test]
async fn middleware_that_does_not_wrap_is_told_with_its_reason() {
    let journal = Journal::new();
    let elsewhere = ChainWrap { kinds: vec!["other".into()], hooks: vec![], required: false };
    let elsewhere = Manifest { chain_wrap: Some(elsewhere), ..wrapping("elsewhere", 1000) };
    let puppets = [
        puppet("a", Behaviour::answer(1)),
        middleware("off", Behaviour::Unchanged, &journal),
        middleware("broken", Behaviour::Unchanged, &journal)
            .setup(Step::Fault("no permission database".into())),
        Puppet::new(wrapping("idle", 1000)).on("h", Behaviour::answer(2)),
        Puppet::new(elsewhere).on(BEFORE, Behaviour::Unchanged),
    ];
    let registry = builder(kind(DispatchClass::BroadcastCollect, ""), puppets)
        .disable("off")
        .start()
        .await
        .unwrap();
    let explained = registry.explain("k", "h").unwrap();
    let rows = around(&explained);
    assert_eq!(rows.len(), 3, "what does not match is not there: {rows:?}");
    assert_eq!(rows[0].0, "broken");
    assert!(rows[0].1.starts_with("it is unavailable: "), "{rows:?}");
    assert!(rows[0].1.contains("no permission database"), "{rows:?}");
    assert_eq!(rows[1], ("idle", "it has neither `$before` nor `$after`"));
    assert!(rows[2].0 == "off" && rows[2].1.starts_with("it is disabled"), "{rows:?}");
    registry.enable("off").await.unwrap();
    let explained = registry.explain("k", "h").unwrap();
    assert_eq!(around(&explained)[0], ("off", "-"), "first what wraps");
}

/// What is told is what is done: the order of `$before`, whatever the class.
#[tokio::test]
async fn wrap_2_the_order_that_is_told_is_the_order_of_the_calls() {
    for class in DispatchClass::ALL.iter().copied() {
        let journal = Journal::new();
        let first = Manifest { tryfirst: true, ..wrapping("zebra", 1000) };
        let puppets = [
            puppet("a", Behaviour::answer(1)),
            middleware("low", Behaviour::Unchanged, &journal),
            Puppet::new(wrapping("high", 2000)).on(AFTER, Behaviour::answer(0)).journal(&journal),
            Puppet::new(first).on(BEFORE, Behaviour::Unchanged).journal(&journal),
        ];
        let registry = builder(kind(class, ""), puppets).start().await.unwrap();
        run(&registry, class, &Caller::new()).await.unwrap();
        let explained = registry.explain("k", "h").unwrap();
        let called = |hook: &HookName, wraps: fn(&MiddlewarePlace) -> bool| -> Vec<String> {
            let wrapping = explained.middleware.iter().filter(|around| wraps(around));
            wrapping.map(|around| format!("{}.{hook}", around.place.plugin)).collect()
        };
        let mut expected = called(&BEFORE, |around| around.before);
        expected.extend(called(&AFTER, |around| around.after).into_iter().rev());
        assert_eq!(calls(&journal), expected, "{class}");
        assert_eq!(expected.len(), 4, "{expected:?}");
        assert!(explained.middleware.iter().all(|around| around.kind == "k"), "{class}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_a_plugin_and_its_circuit_are_told() {
    let breaker = CircuitBreaker { fail_threshold: 2, open_seconds: 60 };
    let when =
        Predicate { pointer: Some("/text".into()), exists: Some(true), ..Predicate::default() };
    let limited = Manifest {
        timeout_ms: Some(250),
        max_concurrency: Some(3),
        circuit_breaker: Some(breaker),
        when: Some(when.clone()),
        isolation: Some(Isolation::Task),
        ..Manifest::new("limited", "k")
    };
    let puppets = [
        Puppet::new(limited).on("h", Behaviour::fault("no")),
        puppet("plain", Behaviour::Unchanged),
    ];
    let registry = builder(kind(DispatchClass::Chain, "    error_policy: best_effort\n"), puppets)
        .shadow("plain")
        .start()
        .await
        .unwrap();
    let circuit = || {
        let explained = registry.explain("k", "h").unwrap();
        find(&explained, "limited").breaker.unwrap()
    };
    assert_eq!((circuit().0, circuit().1.state), (breaker, CircuitState::Closed));
    let chain = registry.chain::<Value>("k", "h").unwrap();
    for _ in 0..2 {
        chain.dispatch(&Caller::new(), json!({ "text": "in" })).await.unwrap();
    }
    assert_eq!(circuit().1.state, CircuitState::Open);
    assert_eq!(circuit().1.retry_in, Some(Duration::from_secs(60)));
    let explained = registry.explain("k", "h").unwrap();
    let (limited, plain) = (find(&explained, "limited"), find(&explained, "plain"));
    assert_eq!(
        (limited.timeout, limited.max_concurrency),
        (Some(Duration::from_millis(250)), Some(3))
    );
    assert_eq!((limited.isolation, limited.waiting), (Isolation::Task, 0));
    assert_eq!((limited.when.as_ref(), limited.shadow), (Some(&when), false));
    assert_eq!((plain.breaker, plain.max_concurrency, plain.shadow), (None, None, true));
    assert!(plain.overrides.is_empty());
}
