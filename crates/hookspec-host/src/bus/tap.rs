//! [`Tap`]: somebody who looks on, in a test: what was published, and what became of it.

use hookspec_plugin::Event;

use super::error::PublishError;
use super::hub::Hub;
use super::live::Live;

/// Sees what the bus itself does with events: nothing of it is guessed from outside.
pub(crate) trait Tap: Send + Sync {
    fn published(&self, event: &Event);
    fn refused(&self, event_type: &str, error: &PublishError);
    fn met(&self, event: &Event, live: &Live, fate: Fate);
}

/// What became of an event at one subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// It waits, or is in hands; of a bus that has ended: it was let go of.
    Waiting,
    /// It was handled.
    Handled,
    /// The subscriber failed, last with this error.
    Failed(String),
    /// There was no room for it, or it gave way to a younger one.
    Dropped,
    /// A younger one with its key took its place.
    Replaced,
    /// A pattern matches it, and it was not wanted: why.
    Unwanted(&'static str),
}

impl Hub {
    /// Tells whoever looks on; mostly nobody does.
    #[inline]
    pub(crate) fn tell_tap(&self, tell: impl FnOnce(&dyn Tap)) {
        if let Some(tap) = self.tap.get() {
            tell(&**tap);
        }
    }

    /// What became of an event at one subscription.
    #[inline]
    pub(crate) fn note(&self, event: &Event, live: &Live, fate: impl FnOnce() -> Fate) {
        self.tell_tap(|tap| tap.met(event, live, fate()));
    }
}
