//! What an operator sees: spans, logs, states, snapshots, explanations.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use hookspec_host::testing::{Behaviour, Puppet, Step};
use hookspec_host::{CauseClass, State};
use hookspec_plugin::{Caller, Isolation, Manifest};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::support::{builder, kind, plugin, puppet, ranked};

type Fields = BTreeMap<String, String>;

/// Everything that was traced: spans with all their fields, events with their level.
#[derive(Clone, Default)]
struct Seen {
    spans: Arc<Mutex<BTreeMap<u64, (String, Fields)>>>,
    events: Arc<Mutex<Vec<(Level, Fields)>>>,
}

impl Seen {
    fn calls(&self) -> Vec<Fields> {
        let spans = self.spans.lock().unwrap();
        spans.values().filter(|(name, _)| name == "plugin_call").map(|(_, f)| f.clone()).collect()
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
        self.spans.lock().unwrap().insert(id.into_u64() << 20 | self.spans_seen(), (name, fields));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.spans.lock().unwrap();
        // Ids are used again: the last one of that id is meant.
        let last = spans.range_mut(id.into_u64() << 20..(id.into_u64() + 1) << 20).next_back();
        if let Some((_, (_, fields))) = last {
            values.record(&mut Visitor(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::new();
        event.record(&mut Visitor(&mut fields));
        self.events.lock().unwrap().push((*event.metadata().level(), fields));
    }
}

impl Seen {
    fn spans_seen(&self) -> u64 {
        self.spans.lock().unwrap().len() as u64
    }
}

#[tokio::test]
async fn exactly_one_span_for_each_call_with_all_its_fields() {
    let seen = Seen::default();
    let subscriber = tracing_subscriber::registry().with(seen.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let puppets = [
        ranked("ready", 4, Behaviour::answer(1)),
        ranked("pending", 3, Behaviour::answer(2).pending()),
        ranked("fails", 2, Behaviour::fault("boom")),
        ranked("threaded", 1, Behaviour::answer(3)),
    ];
    let catalog = kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n");
    let registry =
        builder(catalog, puppets).isolation("threaded", Isolation::Thread).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    for _ in 0..3 {
        collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    }
    let calls = seen.calls();
    assert_eq!(calls.len(), 12, "four plugins, three dispatches");
    for call in &calls {
        assert_eq!((call["kind"].as_str(), call["hook"].as_str()), ("k", "h"));
        let outcome = if call["plugin"] == "fails" { "faulted" } else { "ok" };
        assert_eq!(call["outcome"], outcome, "{call:?}");
        assert!(!call["elapsed"].is_empty());
    }
}

#[tokio::test]
async fn notify_4_a_failure_is_logged_with_plugin_and_error() {
    let seen = Seen::default();
    let subscriber = tracing_subscriber::registry().with(seen.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let puppets = [puppet("metrics", Behaviour::fault("disk full"))];
    let registry =
        builder(kind(DispatchClass::BroadcastNotify, ""), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
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
async fn three_failures_in_a_row_degrade_and_one_success_restores() {
    let flaky = Behaviour::FailTimes(
        3,
        hookspec_plugin::Fault::new("flaky", "not yet"),
        Box::new(Behaviour::answer(1)),
    );
    let catalog = kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n");
    let registry = builder(catalog, [puppet("a", flaky)]).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let mut states = Vec::new();
    for _ in 0..4 {
        collect.dispatch(&Caller::new(), json!({})).await.unwrap();
        states.push(plugin(&registry, "a").state);
    }
    assert_eq!(states, [State::Ready, State::Ready, State::Degraded, State::Ready]);
    let snapshot = plugin(&registry, "a");
    assert_eq!((snapshot.calls, snapshot.failures[&CauseClass::Faulted]), (4, 3));
    let (_, hook, cause, message) = snapshot.last_failure.unwrap();
    assert_eq!((hook.as_str(), cause, message.as_str()), ("h", CauseClass::Faulted, "not yet"));
}

#[tokio::test]
async fn an_explanation_says_who_and_why_not() {
    let lacking = Puppet::new(Manifest::new("lacking", "k"));
    let first = Manifest { tryfirst: true, timeout_ms: Some(7), ..Manifest::new("first", "k") };
    let puppets = [
        puppet("zebra", Behaviour::answer(1)),
        Puppet::new(first).on("h", Behaviour::answer(2)),
        puppet("broken", Behaviour::answer(3)).setup(Step::Fault("no disk".into())),
        lacking,
    ];
    let registry =
        builder(kind(DispatchClass::BroadcastCollect, ""), puppets).start().await.unwrap();
    let explained = registry.explain("k@1", "h").unwrap();
    let rows: Vec<_> = explained
        .plugins
        .iter()
        .map(|place| (place.plugin.as_str(), place.band, place.why_not.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(rows[0], ("first", "tryfirst", "-"));
    assert_eq!(rows[1], ("zebra", "", "-"));
    assert_eq!(rows[2].0, "broken");
    assert!(rows[2].2.contains("unavailable") && rows[2].2.contains("no disk"), "{rows:?}");
    assert!(rows[3].2.contains("does not implement"), "{rows:?}");
    assert_eq!(registry.explain("k", "nope").unwrap_err().code(), "HS-D002");
    assert_eq!(registry.explain("k@9", "h").unwrap_err().code(), "HS-D001");
}

#[tokio::test]
async fn a_panic_has_its_place_where_the_application_asked_for_it() {
    hookspec_host::install_panic_hook();
    let panics = Behaviour::compute(|_| panic!("located"));
    let catalog = kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n");
    let registry = builder(catalog, [puppet("a", panics)]).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    let text = collected.failures[0].cause.to_string();
    assert!(text.contains("observability.rs:") && text.contains("located"), "{text}");
}
