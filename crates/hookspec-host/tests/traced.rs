//! Spans and logs: a binary of its own, because the subscriber is the whole process's.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use hookspec_host::testing::{Behaviour, Puppet, Script};
use hookspec_host::{Limits, Registry, RegistryBuilder};
use hookspec_plugin::{Caller, EVENT, Events, Isolation, Manifest, Pattern, Plugin, Subscription};
use hookspec_spec::{Catalog, Source};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

fn kind(name: &str, hook: &str) -> Catalog {
    let yaml = format!(
        "kind: {name}\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: {hook}\n"
    );
    Catalog::from_sources([Source::new(format!("kinds/{name}/v1.yaml"), yaml)]).unwrap()
}

fn puppet(kind: &str, name: &str, script: impl Into<Script>) -> Puppet {
    Puppet::new(Manifest::new(name, kind)).on("h", script)
}

fn builder(catalog: Catalog, puppets: impl IntoIterator<Item = Puppet>) -> RegistryBuilder {
    let plugins = puppets.into_iter().map(|puppet| Arc::new(puppet) as Arc<dyn Plugin>);
    Registry::builder().catalog(catalog).plugins(plugins)
}

/// What the process has traced so far.
fn seen() -> Seen {
    static SEEN: LazyLock<Seen> = LazyLock::new(|| {
        let seen = Seen::default();
        let subscriber = tracing_subscriber::registry().with(seen.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        seen
    });
    SEEN.clone()
}

type Fields = BTreeMap<String, String>;

/// Every span, and which of them has which id now: ids are used again.
#[derive(Default)]
struct Spans {
    all: Vec<(String, Fields)>,
    open: BTreeMap<u64, usize>,
}

/// Everything that was traced: spans with all their fields, events with their level.
#[derive(Clone, Default)]
struct Seen {
    spans: Arc<Mutex<Spans>>,
    events: Arc<Mutex<Vec<(Level, Fields)>>>,
}

impl Seen {
    /// The spans of calls of one kind: each test has its own.
    fn calls(&self, kind: &str) -> Vec<Fields> {
        let spans = self.spans.lock().unwrap();
        let of_kind =
            |(name, fields): &&(String, Fields)| name == "plugin_call" && fields["kind"] == kind;
        spans.all.iter().filter(of_kind).map(|(_, fields)| fields.clone()).collect()
    }
}

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().into(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let mut fields = Fields::new();
        attributes.record(&mut Visitor(&mut fields));
        let name = attributes.metadata().name().to_owned();
        let mut spans = self.spans.lock().unwrap();
        spans.all.push((name, fields));
        let place = spans.all.len() - 1;
        spans.open.insert(id.into_u64(), place);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.spans.lock().unwrap();
        let place = spans.open[&id.into_u64()];
        values.record(&mut Visitor(&mut spans.all[place].1));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        self.events.lock().unwrap().push((*event.metadata().level(), fields));
    }
}

#[tokio::test]
async fn exactly_one_span_for_each_call_with_all_its_fields() {
    let seen = seen();
    let puppets = [
        puppet("spans", "ready", Behaviour::answer(1)),
        puppet("spans", "pending", Behaviour::answer(2).pending()),
        puppet("spans", "fails", Behaviour::fault("boom")),
        puppet("spans", "threaded", Behaviour::answer(3)),
    ];
    let catalog = kind("spans", "broadcast_collect\n    error_policy: best_effort");
    let registry =
        builder(catalog, puppets).isolation("threaded", Isolation::Thread).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("spans", "h").unwrap();
    for _ in 0..3 {
        collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    }
    let calls = seen.calls("spans");
    assert_eq!(calls.len(), 12, "four plugins, three dispatches");
    for call in &calls {
        assert_eq!((call["kind"].as_str(), call["hook"].as_str()), ("spans", "h"));
        let outcome = if call["plugin"] == "fails" { "faulted" } else { "ok" };
        assert_eq!(call["outcome"], outcome, "{call:?}");
        assert!(!call["elapsed"].is_empty());
    }
}

#[tokio::test]
async fn notify_4_a_failure_is_logged_with_plugin_and_error() {
    let seen = seen();
    let puppets = [puppet("logs", "metrics", Behaviour::fault("disk full"))];
    let registry = builder(kind("logs", "broadcast_notify"), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("logs", "h").unwrap();
    notify.dispatch(&Caller::new(), json!({})).await.unwrap();
    let events = seen.events.lock().unwrap();
    let logged = |(level, fields): &(Level, Fields)| {
        *level == Level::WARN
            && fields.get("plugin").is_some_and(|plugin| plugin == "metrics")
            && fields.get("error").is_some_and(|error| error == "disk full")
    };
    assert_eq!(events.iter().filter(|event| logged(event)).count(), 1, "{events:?}");
}

#[tokio::test]
async fn a_call_whose_dispatch_is_dropped_has_an_outcome_too() {
    let seen = seen();
    let puppets = [puppet("dropped", "hangs", Behaviour::Hang)];
    let registry = builder(kind("dropped", "broadcast_notify"), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("dropped", "h").unwrap();
    let caller = Caller::new();
    let mut dispatch = Box::pin(notify.dispatch(&caller, json!({})));
    assert!(futures::poll!(&mut dispatch).is_pending());
    drop(dispatch);
    let calls = seen.calls("dropped");
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["outcome"], "cancelled", "{calls:?}");
}

/// Which plugins the warnings about slow dispatches of a kind name, with their time and share.
fn slow(seen: &Seen, kind: &str) -> Vec<(String, String, String)> {
    let events = seen.events.lock().unwrap();
    let of_kind = events.iter().filter(|(level, fields)| {
        *level == Level::WARN && fields.contains_key("share") && fields["kind"] == kind
    });
    let text = |fields: &Fields, name: &str| fields[name].trim_matches('"').to_owned();
    of_kind.map(|(_, own)| (text(own, "plugin"), text(own, "took"), text(own, "share"))).collect()
}

#[tokio::test(start_paused = true)]
async fn slow_1_the_plugin_that_took_longest_is_named_once() {
    let seen = seen();
    let late = |millis| Behaviour::answer(1).late(Duration::from_millis(millis));
    // A name of its own for every case, as the log is everybody's.
    for (name, class, times, limit, expected) in [
        ("slow_fast", "broadcast_collect", [10, 20, 30], Some(1000), None),
        ("slow_off", "broadcast_collect", [10, 20_000, 30], None, None),
        ("slow_zero", "broadcast_collect", [10, 20_000, 30], Some(0), None),
        ("slow_collect", "broadcast_collect", [10, 2000, 30], Some(1000), Some(("b", "2s"))),
        ("slow_notify", "broadcast_notify", [1500, 20, 30], Some(1000), Some(("a", "1.5s"))),
        ("slow_chain", "chain", [300, 700, 200], Some(1000), Some(("b", "700ms"))),
    ] {
        let puppets =
            ["a", "b", "c"].into_iter().zip(times).map(|(own, time)| puppet(name, own, late(time)));
        let slow_dispatch = limit.map(Duration::from_millis);
        let limits = Limits { slow_dispatch, ..Limits::default() };
        let registry = builder(kind(name, class), puppets).limits(limits).start().await.unwrap();
        match class {
            "chain" => {
                let chain = registry.chain::<Value>(name, "h").unwrap();
                chain.dispatch(&Caller::new(), json!(0)).await.unwrap();
            }
            "broadcast_notify" => {
                let notify = registry.broadcast_notify::<Value>(name, "h").unwrap();
                notify.dispatch(&Caller::new(), json!(0)).await.unwrap();
            }
            _ => {
                let collect = registry.broadcast_collect::<Value, Value>(name, "h").unwrap();
                collect.dispatch(&Caller::new(), json!(0)).await.unwrap();
            }
        }
        let named = slow(&seen, name);
        assert_eq!(named.len(), usize::from(expected.is_some()), "{name}: {named:?}");
        if let Some((plugin, took)) = expected {
            assert_eq!(named[0].0, plugin, "{name}");
            // The timer of a paused clock rounds up to whole milliseconds.
            assert!(named[0].1.starts_with(&took[..took.len() - 2]), "{name}: {named:?}");
        }
        if name == "slow_chain" {
            assert_eq!(named[0].2, "58%");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn slow_1_a_chain_that_timed_out_names_who_used_up_the_time() {
    let seen = seen();
    let late = |millis| Behaviour::Unchanged.late(Duration::from_millis(millis));
    let puppets = [
        puppet("slow_timeout", "a-culprit", late(180)),
        puppet("slow_timeout", "b-victim", late(50)),
    ];
    let limits = Limits { dispatch_timeout: Duration::from_millis(200), ..Limits::default() };
    let registry =
        builder(kind("slow_timeout", "chain"), puppets).limits(limits).start().await.unwrap();
    let chain = registry.chain::<Value>("slow_timeout", "h").unwrap();
    let error = chain.dispatch(&Caller::new(), json!(0)).await.unwrap_err();
    assert!(error.to_string().contains("b-victim"), "{error}");
    let named = slow(&seen, "slow_timeout");
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].0, "a-culprit", "{named:?}");
}

/// A plugin's own limit is no deadline of the dispatch: whoever used up that is another.
#[tokio::test(start_paused = true)]
async fn slow_1_one_that_ran_into_its_own_limit_is_not_blamed() {
    let seen = seen();
    let limited = |kind: &str, behaviour| {
        let manifest = Manifest { timeout_ms: Some(10), ..Manifest::new("a-limited", kind) };
        Puppet::new(manifest).on("h", behaviour)
    };
    let limits = Limits { dispatch_timeout: Duration::from_millis(200), ..Limits::default() };
    for (name, class) in [
        ("slow_own", "broadcast_notify"),
        ("slow_own_chain", "chain\n    error_policy: best_effort"),
    ] {
        let puppets = [limited(name, Behaviour::Hang), puppet(name, "b-culprit", Behaviour::Hang)];
        let registry = builder(kind(name, class), puppets).limits(limits).start().await.unwrap();
        if class == "broadcast_notify" {
            let notify = registry.broadcast_notify::<Value>(name, "h").unwrap();
            notify.dispatch(&Caller::new(), json!(0)).await.unwrap();
        } else {
            let chain = registry.chain::<Value>(name, "h").unwrap();
            chain.dispatch(&Caller::new(), json!(0)).await.unwrap_err();
        }
        let named = slow(&seen, name);
        assert_eq!(named.len(), 1, "{name}");
        assert_eq!(named[0].0, "b-culprit", "{name}: {named:?}");
    }
    // Nothing but its own limit: nobody was slow.
    let puppets = [limited("slow_only", Behaviour::Hang)];
    let registry = builder(kind("slow_only", "singleton"), puppets).start().await.unwrap();
    let singleton = registry.singleton::<Value, Value>("slow_only", "h").unwrap();
    singleton.dispatch(&Caller::new(), json!(0)).await.unwrap_err();
    assert!(slow(&seen, "slow_only").is_empty());
}

/// What holds its thread beyond the deadline is as late as what waits; and what is not begun for it is
/// not to blame.
#[tokio::test]
async fn slow_1_one_that_ends_inline_after_the_deadline_is_named() {
    let seen = seen();
    let holds = || {
        Behaviour::compute(|_| {
            std::thread::sleep(Duration::from_millis(150));
            Ok(hookspec_plugin::Reply::value(1))
        })
    };
    let limits = Limits { dispatch_timeout: Duration::from_millis(100), ..Limits::default() };
    for (name, class) in [
        ("slow_inline_notify", "broadcast_notify"),
        ("slow_inline_chain", "chain"),
        ("slow_inline_single", "singleton"),
    ] {
        let puppets = [puppet(name, "a", holds()), puppet(name, "b", Behaviour::answer(1))];
        let puppets = puppets.into_iter().take(if class == "singleton" { 1 } else { 2 });
        let registry = builder(kind(name, class), puppets).limits(limits).start().await.unwrap();
        match class {
            "chain" => {
                let chain = registry.chain::<Value>(name, "h").unwrap();
                chain.dispatch(&Caller::new(), json!(0)).await.unwrap_err();
            }
            "singleton" => {
                let singleton = registry.singleton::<Value, Value>(name, "h").unwrap();
                singleton.dispatch(&Caller::new(), json!(0)).await.unwrap_err();
            }
            _ => {
                let notify = registry.broadcast_notify::<Value>(name, "h").unwrap();
                notify.dispatch(&Caller::new(), json!(0)).await.unwrap();
            }
        }
        let named = slow(&seen, name);
        assert_eq!(named.len(), 1, "{name}");
        assert_eq!(named[0].0, "a", "{name}: {named:?}");
    }
}

/// Also where a failure ends the dispatch before those that wait.
#[tokio::test]
async fn slow_1_a_dispatch_that_fails_fast_says_who_made_it_slow() {
    let seen = seen();
    let holds = Behaviour::compute(|_| {
        std::thread::sleep(Duration::from_millis(30));
        Err(hookspec_plugin::Fault::new("no", "not today"))
    });
    let puppets = [puppet("slow_fails", "a", Behaviour::Hang), puppet("slow_fails", "b", holds)];
    let slow_dispatch = Some(Duration::from_millis(10));
    let limits = Limits { slow_dispatch, ..Limits::default() };
    let catalog = kind("slow_fails", "broadcast_collect\n    error_policy: fail_fast");
    let registry = builder(catalog, puppets).limits(limits).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("slow_fails", "h").unwrap();
    collect.dispatch(&Caller::new(), json!(0)).await.unwrap_err();
    let named = slow(&seen, "slow_fails");
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].0, "b", "{named:?}");
}

#[tokio::test]
async fn lend_6_a_log_record_says_which_plugin_of_which_kind_and_version() {
    let seen = seen();
    let version = Some("1.2.3".to_owned());
    let manifest =
        |name: &str| Manifest { version: version.clone(), ..Manifest::new(name, "life") };
    let puppets = ["inline", "threaded"].map(|name| Puppet::new(manifest(name)));
    let registry = builder(kind("life", "broadcast_notify"), puppets)
        .isolation("threaded", Isolation::Thread)
        .start()
        .await
        .unwrap();
    registry.stop().await.unwrap();
    let spans = seen.spans.lock().unwrap();
    let mut lives: Vec<_> = spans
        .all
        .iter()
        .filter(|(name, fields)| name == "plugin_life" && fields["kind"] == "life")
        .map(|(_, fields)| {
            (fields["plugin"].as_str(), fields["version"].as_str(), fields["step"].as_str())
        })
        .collect();
    lives.sort_unstable();
    let each = |name| [(name, "1.2.3", "setup"), (name, "1.2.3", "teardown")];
    assert_eq!(lives, [each("inline"), each("threaded")].concat());
}

/// A plugin that emits some events and wants others.
fn linked(name: &str, emit: &str, subscribe: &str) -> Arc<dyn Plugin> {
    let events = Events {
        emit: vec![Pattern::parse(emit).unwrap()],
        subscribe: vec![Subscription::new(subscribe).unwrap()],
        ..Events::default()
    };
    let manifest = Manifest { events: Some(events), ..Manifest::new(name, "circles") };
    Arc::new(Puppet::new(manifest).on(EVENT.as_str(), Behaviour::Unchanged))
}

#[tokio::test]
async fn event_6_plugins_that_can_set_themselves_off_are_told_when_they_come() {
    let seen = seen();
    let told = || -> Vec<String> {
        let events = seen.events.lock().unwrap();
        events.iter().filter_map(|(_, fields)| fields.get("way").cloned()).collect()
    };
    let alone = [linked("self", "own.*", "own.again"), linked("first", "ab.a", "ba.b")];
    let registry = Registry::builder()
        .catalog(kind("circles", "broadcast_notify"))
        .open_events("*")
        .plugins(alone)
        .start()
        .await
        .unwrap();
    assert_eq!(told(), ["self -> self"]);
    registry.add(linked("second", "ba.*", "ab.a")).await.unwrap();
    registry.add(linked("apart", "elsewhere", "ab.a")).await.unwrap();
    assert_eq!(told(), ["self -> self", "second -> first -> second"]);
    registry.stop().await.unwrap();
}
