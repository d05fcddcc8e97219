//! Shadows in chains: SHADOW-1 to SHADOW-4.

use std::time::Duration;

use hookspec_host::testing::{Behaviour, Journal};
use hookspec_host::{Cause, Chained, Registry, Would};
use hookspec_plugin::Caller;
use hookspec_spec::DispatchClass;
use hookspec_spec::configuration::HostConfiguration;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{builder, impatient, kind, plugin, puppet, ranked, strict};

const CHAIN: DispatchClass = DispatchClass::Chain;

fn text(text: &str) -> Value {
    json!({ "text": text })
}

async fn registry(shadow: Behaviour, journal: &Journal) -> Registry {
    let puppets = [
        ranked("first", 3, Behaviour::answer(text("first"))),
        ranked("shadow", 2, shadow).journal(journal),
        ranked("last", 1, Behaviour::Unchanged.late(Duration::from_millis(10))),
    ];
    let limits = impatient();
    builder(strict(CHAIN, ""), puppets).limits(limits).shadow("shadow").start().await.unwrap()
}

async fn pass(registry: &Registry) -> Chained<Value> {
    registry.chain("k", "h").unwrap().dispatch(&Caller::new(), text("in")).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn shadow_3_whatever_it_does_the_chain_goes_on() {
    let misdeeds = [
        (Behaviour::fault("no"), "faulted"),
        (Behaviour::panic("oh"), "panicked"),
        (Behaviour::answer(json!({ "text": 1 })), "invalid_output"),
        (Behaviour::Hang, "timed_out"),
        (Behaviour::HangAndPanicWhenDropped, "timed_out"),
    ];
    for (misdeed, cause) in misdeeds {
        let begun = Instant::now();
        let registry = registry(misdeed, &Journal::new()).await;
        let chained = pass(&registry).await;
        assert_eq!(*chained.value, text("first"), "{cause}");
        assert_eq!(chained.ran.len(), 2, "{cause}");
        let Would::Fail(failure) = &chained.shadowed[0].would else { panic!("{cause}") };
        assert_eq!(failure.cause.name(), cause);
        assert!(chained.failures.is_empty());
        let failed: u64 = plugin(&registry, "shadow").failures.values().sum();
        assert_eq!(failed, 1, "{cause}");
        assert!(begun.elapsed() <= Duration::from_millis(210), "{cause}");
    }
}

#[tokio::test(start_paused = true)]
async fn shadow_1_and_2_it_sees_the_value_of_its_place_and_changes_nothing() {
    let journal = Journal::new();
    let rows: [(Behaviour, &str); 5] = [
        (Behaviour::Unchanged, "leave"),
        (Behaviour::Echo, "leave"),
        (Behaviour::Stop, "stop"),
        (Behaviour::answer(text("other")), "other"),
        (Behaviour::answer(text("late")).late(Duration::from_millis(50)), "late"),
    ];
    for (behaviour, expected) in rows {
        let chained = pass(&registry(behaviour, &journal).await).await;
        assert_eq!(*chained.value, text("first"));
        assert_eq!((chained.ran.len(), chained.changed.len()), (2, 1));
        assert!(chained.stopped_by.is_none());
        let [shadowed] = &chained.shadowed[..] else { panic!("one shadow") };
        let would = match &shadowed.would {
            Would::Leave => "leave".to_owned(),
            Would::Stop => "stop".into(),
            Would::Change(next) => next.json().unwrap()["text"].as_str().unwrap().into(),
            Would::Fail(failure) => failure.to_string(),
        };
        assert_eq!((shadowed.plugin.as_str(), would.as_str()), ("shadow", expected));
    }
    let seen = journal.entries().into_iter().filter_map(|entry| match entry {
        hookspec_host::testing::Happening::Called { input, .. } => Some(input),
        _ => None,
    });
    assert!(seen.into_iter().all(|input| input == text("first")));
}

#[tokio::test(start_paused = true)]
async fn shadow_3_one_that_waits_holds_nobody_up() {
    let slow = Behaviour::Unchanged.late(Duration::from_millis(10));
    let registry = registry(slow, &Journal::new()).await;
    let begun = Instant::now();
    assert!(matches!(pass(&registry).await.shadowed[0].would, Would::Leave));
    // Both took their time at once.
    assert!(begun.elapsed() < Duration::from_millis(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn shadow_4_only_a_plugin_of_chains_can_be_one() {
    for class in DispatchClass::ALL {
        let puppets = [puppet("a", Behaviour::answer(1))];
        let started = builder(kind(*class, ""), puppets).shadow("a").start().await;
        match class {
            DispatchClass::Chain => drop(started.unwrap()),
            _ => {
                let text = started.unwrap_err().to_string();
                assert!(text.contains("`a`") && text.contains("shadow"), "{text}");
            }
        }
    }
}

#[test]
fn shadow_3_in_a_dispatch_that_cannot_wait_it_is_given_up() {
    let waits = Behaviour::Unchanged.pending();
    let registry = builder(kind(CHAIN, "    mode: sync\n"), [puppet("a", waits)])
        .shadow("a")
        .start_blocking()
        .unwrap();
    let chain = registry.chain::<Value>("k", "h").unwrap();
    let chained = chain.dispatch_sync(&Caller::new(), json!(1)).unwrap();
    let Would::Fail(failure) = &chained.shadowed[0].would else { panic!("it waits") };
    assert!(matches!(failure.cause, Cause::Cancelled));
}

/// CONFIG-7: the file has the last word, whatever it says.
#[tokio::test]
async fn the_file_says_who_is_a_shadow_and_who_is_none() {
    for (by_code, text, shadow) in [
        (true, "[plugins.a]\nshadow = false", false),
        (true, "[plugins.a]\npriority = 1", true),
        (false, "[plugins.a]\nshadow = true", true),
    ] {
        let file = HostConfiguration::parse("hookspec.toml", text).unwrap();
        let registry = builder(kind(CHAIN, ""), [puppet("a", Behaviour::answer(1))]);
        let registry = if by_code { registry.shadow("a") } else { registry };
        let registry = registry.configuration(file).start().await.unwrap();
        assert_eq!(registry.explain("k", "h").unwrap().plugins[0].shadow, shadow, "{text}");
    }
}
