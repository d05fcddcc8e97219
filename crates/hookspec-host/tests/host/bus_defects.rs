//! What other event systems document and do not do, one test each, named after the system and the
//! defect.

mod awf;
mod nexus;

use std::time::Duration;

use hookspec_host::testing::{Behaviour, Puppet, TestBus};
use hookspec_plugin::Event;

use crate::bus_support::subscriber;

const SOON: Duration = Duration::from_secs(5);

async fn bus() -> TestBus {
    TestBus::setup().await.unwrap()
}

/// A plugin that receives these, and does nothing.
fn listener(name: &str, subscribe: &[&str]) -> Puppet {
    subscriber(name, &[], subscribe, Behaviour::answer(serde_json::Value::Null))
}

/// How many events of a type a subscriber handled.
fn handled(bus: &TestBus, name: &str, event_type: &str) -> usize {
    let of_type =
        bus.recorded().into_iter().filter(|one| one.event.event_type.as_str() == event_type);
    let reached = of_type.flat_map(|one| one.reached);
    reached
        .filter(|r| r.subscriber == name && r.fate == hookspec_host::testing::Fate::Handled)
        .count()
}

/// The published events of a type.
fn published(bus: &TestBus, event_type: &str) -> Vec<Event> {
    let events = bus.recorded().into_iter().map(|one| one.event);
    events.filter(|event| event.event_type.as_str() == event_type).collect()
}
