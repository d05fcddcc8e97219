//! Events: what happened, told to whoever asked for it.
//!
//! | where | what |
//! |---|---|
//! | [`EventDraft`], [`Event`] | what somebody publishes; what the host made of it |
//! | [`EventType`], [`Pattern`] | the name of what happened; which names somebody means |
//! | [`Subscription`], [`Subscriber`], [`Handled`] | what somebody wants, and answers |
//! | [`Emitter`], [`EventBus`] | how a plugin publishes |

mod bus;
mod draft;
mod event;
mod event_type;
mod handled;
pub(crate) mod on;
mod pattern;
mod subscriber;
mod subscription;
mod timestamp;
mod wire;

pub use bus::{CancelledBy, Dispatched, Emitter, EventBus, HandlerOutcome, Receipt};
pub use draft::EventDraft;
pub use event::{Attributes, Event, SecurityLevel, Trail};
pub use event_type::{EventType, InvalidEventType};
pub use handled::Handled;
pub use pattern::{AwfUse, InvalidPattern, Pattern, Segment};
#[doc(hidden)]
pub use subscriber::deliver;
pub use subscriber::{EVENT, Subscriber, SubscriberPlugin};
pub use subscription::{Overflow, Retries, Subscription};
pub use timestamp::{InvalidTimestamp, Timestamp};
