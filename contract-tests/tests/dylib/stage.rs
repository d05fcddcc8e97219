//! A host with events, and what is told on its bus.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hookspec::events::{BusOptions, Cause, Pattern, SubscriptionGuard};
use hookspec::manifest::Events;
use hookspec::{Caller, Event, EventDraft, Manifest, Plugin, Registry, Subscription};
use serde_json::{Value, json};

use crate::support::{catalog, eventually, impatient};

/// A host that has these plugins, and notes every event that is not its own.
pub(crate) struct Stage {
    pub(crate) registry: Registry,
    seen: Arc<Mutex<Vec<Event>>>,
    _guard: SubscriptionGuard,
}

impl Stage {
    pub(crate) async fn of(plugin: Arc<dyn Plugin>) -> Self {
        Self::with(plugin, BusOptions::default()).await
    }

    pub(crate) async fn with(plugin: Arc<dyn Plugin>, options: BusOptions) -> Self {
        let open_namespaces = vec!["*".into()];
        let options = BusOptions { open_namespaces, ..options };
        let builder = Registry::builder().catalog(catalog()).limits(impatient()).events(options);
        let registry = builder.plugins([plugin]).start().await.expect("the plugin is admitted");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        let wants = Subscription::new("**").unwrap().queue(65_536);
        let guard = registry.bus().subscribe("stage", wants, move |told| {
            if !told.event.event_type.as_str().starts_with("core.") {
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(told.event);
            }
            async { Ok(()) }
        });
        Self { registry, seen, _guard: guard.expect("it can be subscribed to") }
    }

    pub(crate) async fn publish(&self, draft: EventDraft) {
        self.registry.bus().publish(draft).await.expect("it is published");
    }

    /// What came of a call.
    pub(crate) async fn ask(&self, caller: &Caller, input: Value) -> Value {
        let hook = self.registry.broadcast_collect::<Value, Value>("puppet", "ask").unwrap();
        let mut answers = hook.dispatch(caller, input.clone()).await.unwrap();
        assert!(answers.failures.is_empty(), "{input}: {:?}", answers.failures);
        answers.replies.remove(0).value.into_inner()
    }

    /// The events so far whose type starts with a text.
    pub(crate) fn seen(&self, start: &str) -> Vec<Event> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|event| event.event_type.as_str().starts_with(start)).cloned().collect()
    }

    /// As many of them, once they are there.
    pub(crate) fn await_seen(&self, start: &str, count: usize) -> Vec<Event> {
        eventually(start, || self.seen(start).len() >= count);
        let seen = self.seen(start);
        assert_eq!(seen.len(), count, "{seen:?}");
        seen
    }
}

/// The manifest of a plugin that may emit these, and subscribes to those.
pub(crate) fn speaking(manifest: Manifest, emit: &[&str], subscribe: &[&str]) -> Manifest {
    let events = Events {
        emit: emit.iter().map(|text| Pattern::parse(text).unwrap()).collect(),
        subscribe: subscribe.iter().map(|text| Subscription::new(text).unwrap()).collect(),
        ..Events::default()
    };
    Manifest { events: Some(events), ..manifest }
}

/// Who calls while an event of a depth is handled.
pub(crate) fn handling(depth: i32) -> Caller {
    let event: Event = serde_json::from_value(json!({
        "id": "e1", "source": "ci", "type": "work.asked", "time": "2025-01-15T10:30:00Z",
        "correlationid": "c1", "depth": depth, "tenant": "acme", "data": { "n": 1 },
    }))
    .unwrap();
    let name = Some("asked".into());
    let cause = Cause { event, subscription: 7, name, lagged: 2, attempt: 3 };
    Caller::new().with_timeout(Duration::from_secs(20)).caused_by(cause)
}
