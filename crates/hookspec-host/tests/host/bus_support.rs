//! What the tests of events share.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hookspec_host::bus::{Bus, BusOptions, Delivery, SubscriptionGuard};
use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_plugin::{
    EVENT, Event, EventDraft, Events, Fault, Handled, Manifest, Pattern, Subscription,
};
use hookspec_spec::EventCatalog;
use serde_json::Value;

/// A bus in which every type but the reserved ones may be published.
pub(crate) fn open() -> Bus {
    with(BusOptions::default())
}

pub(crate) fn with(options: BusOptions) -> Bus {
    Bus::new(&EventCatalog::empty(), BusOptions { open_namespaces: vec!["*".into()], ..options })
}

pub(crate) fn wants(pattern: &str) -> Subscription {
    Subscription::new(pattern).unwrap()
}

pub(crate) fn draft(event_type: &str) -> EventDraft {
    EventDraft::new(event_type)
}

/// Numbered events, of which the number is the data.
pub(crate) fn numbered(event_type: &str, number: usize) -> EventDraft {
    EventDraft::new(event_type).data(number)
}

/// What somebody received.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<(Event, u64)>>>);

impl Seen {
    pub(crate) fn note(&self, told: &Delivery) {
        self.0.lock().unwrap().push((told.event.clone(), told.lagged));
    }

    pub(crate) fn types(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|(event, _)| event.event_type.to_string()).collect()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().iter().map(|(event, _)| event.clone()).collect()
    }

    pub(crate) fn data(&self) -> Vec<Value> {
        self.events().iter().map(|event| event.data.json().unwrap().clone()).collect()
    }

    pub(crate) fn depths(&self) -> Vec<i32> {
        self.events().iter().map(|event| event.depth).collect()
    }

    pub(crate) fn lagged(&self) -> u64 {
        self.0.lock().unwrap().iter().map(|(_, lagged)| lagged).sum()
    }

    pub(crate) fn lags(&self) -> Vec<u64> {
        self.0.lock().unwrap().iter().map(|(_, lagged)| *lagged).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Somebody who notes what comes.
pub(crate) fn noting(bus: &Bus, wants: Subscription) -> (Seen, SubscriptionGuard) {
    answering(bus, "noting", wants, |_| async { Ok(()) })
}

/// Somebody who notes what comes, and then does something.
pub(crate) fn answering<A, H>(
    bus: &Bus,
    name: &str,
    wants: Subscription,
    answer: impl Fn(Delivery) -> A + Send + Sync + 'static,
) -> (Seen, SubscriptionGuard)
where
    A: Future<Output = Result<H, Fault>> + Send + 'static,
    H: Into<Handled>,
{
    let seen = Seen::default();
    let noted = seen.clone();
    let guard = bus.subscribe(name, wants, move |told| {
        noted.note(&told);
        answer(told)
    });
    (seen, guard.unwrap())
}

/// A plugin that may emit these and receives those.
pub(crate) fn subscriber(name: &str, emit: &[&str], subscribe: &[&str], does: Behaviour) -> Puppet {
    let events = Events {
        emit: emit.iter().map(|text| Pattern::parse(text).unwrap()).collect(),
        subscribe: subscribe.iter().map(|text| wants(text)).collect(),
        ..Events::default()
    };
    let manifest = Manifest { events: Some(events), ..Manifest::new(name, "k") };
    Puppet::new(manifest).on(EVENT.as_str(), does)
}

/// Waits until a condition holds; fails after ten seconds of this clock.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it never happened: {what}");
}
