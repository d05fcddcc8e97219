//! [`Recorder`]: keeps what a bus does with its events.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hookspec_plugin::{Attributes, Event};

use crate::bus::{Fate, Live, PublishError, Tap};

/// An event that was published, and what became of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// The event.
    pub event: Event,
    /// Everybody whose patterns match it, in the order in which they were looked at.
    pub reached: Vec<Reached>,
}

/// What became of an event at one subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reached {
    /// The subscription's id.
    pub subscription: u64,
    /// The plugin, or the name that the application gave.
    pub subscriber: String,
    /// What became of it, last.
    pub fate: Fate,
    /// How often the subscriber failed on it.
    pub failures: u32,
}

/// An event that was not published.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What it was to be.
    pub event_type: String,
    /// The code of the error.
    pub code: &'static str,
    /// The error.
    pub error: String,
}

/// Keeps what a bus does with its events.
#[derive(Default)]
pub(super) struct Recorder(Mutex<Record>);

#[derive(Default)]
struct Record {
    events: Vec<Recorded>,
    /// Where each event stands. An event is known by its place in memory, for as long as it is kept
    /// here: its id may be given twice.
    places: HashMap<usize, usize>,
    refusals: Vec<Refusal>,
}

/// What is kept at most.
const BOUND: usize = 1 << 16;

impl Recorder {
    pub(super) fn events(&self) -> Vec<Recorded> {
        self.lock().events.clone()
    }

    pub(super) fn refusals(&self) -> Vec<Refusal> {
        self.lock().refusals.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        // Nothing foreign runs under this lock, and nothing in it can be half-written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(event: &Event) -> usize {
    std::ptr::from_ref::<Attributes>(event).addr()
}

impl Tap for Recorder {
    fn published(&self, event: &Event) {
        let mut record = self.lock();
        let next = record.events.len();
        if next < BOUND {
            record.places.insert(place(event), next);
            record.events.push(Recorded { event: event.clone(), reached: Vec::new() });
        }
    }

    fn refused(&self, event_type: &str, error: &PublishError) {
        let refusal =
            Refusal { event_type: event_type.into(), code: error.code(), error: error.to_string() };
        let mut record = self.lock();
        if record.refusals.len() < BOUND {
            record.refusals.push(refusal);
        }
    }

    fn met(&self, event: &Event, live: &Live, fate: Fate) {
        let mut record = self.lock();
        let Some(at) = record.places.get(&place(event)).copied() else { return };
        let reached = &mut record.events[at].reached;
        let own = match reached.iter().position(|own| own.subscription == live.id) {
            Some(own) => own,
            None => {
                let (subscription, subscriber) = (live.id, live.owner.to_string());
                let fate = Fate::Waiting;
                reached.push(Reached { subscription, subscriber, fate, failures: 0 });
                reached.len() - 1
            }
        };
        if let Fate::Failed(_) = fate {
            reached[own].failures += 1;
        }
        reached[own].fate = fate;
    }
}
