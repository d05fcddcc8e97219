//! [`Live`]: one subscription of a bus: what it wants, where it waits, who handles it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{Event, Pattern, PluginName, Subscription};

use super::options::Permissions;
use super::parcel::Parcel;
use super::queue::Queue;
use super::target::Target;
use crate::panic::contain_text;

/// One subscription.
pub(crate) struct Live {
    pub(crate) id: u64,
    pub(crate) owner: Owner,
    pub(crate) wants: Subscription,
    /// Its patterns, by the rules of the bus.
    pub(crate) patterns: Vec<Pattern>,
    /// The tenant on whose behalf its plugin runs: events of others are not for it.
    pub(crate) confined: Option<String>,
    /// The application's own condition.
    pub(crate) filter: Option<Guarded<Arc<Filter>>>,
    pub(crate) target: Target,
    pub(crate) queue: Queue,
    pub(crate) counts: Counts,
}

/// The application's own condition on events.
pub(crate) type Filter = dyn Fn(&Event) -> bool + Send + Sync;

/// Whose subscription it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The application's, under the name it gave.
    Application(Arc<str>),
    /// A plugin's.
    Plugin(PluginName),
}

impl Owner {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Application(name) => name,
            Self::Plugin(plugin) => plugin.as_str(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What became of the events of one subscription.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) delivered: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) replaced: AtomicU64,
    pub(crate) dead: AtomicU64,
    pub(crate) in_hands: AtomicUsize,
}

impl Counts {
    /// Counts one that was dropped; says whether that is worth a word: each time their number has
    /// doubled.
    pub(crate) fn drop_one(&self) -> Option<u64> {
        let dropped = self.dropped.fetch_add(1, Relaxed) + 1;
        dropped.is_power_of_two().then_some(dropped)
    }
}

/// Why an event that a pattern matches is not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwanted {
    Source,
    Tenant,
    Filter,
    Permission,
    OwnSummary,
}

impl Unwanted {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Source => "its source is not among those that are listened to",
            Self::Tenant => "it is on behalf of another tenant, or of none",
            Self::Filter => "the filter does not hold",
            Self::Permission => "its source does not hold the permission that is asked for",
            Self::OwnSummary => "it came of this subscription itself",
        }
    }
}

impl Live {
    /// Whether an event of a matching type is wanted (EVENT-7).
    ///
    /// # Errors
    /// Why it is not.
    pub(crate) fn accepts(
        &self,
        parcel: &Parcel,
        permissions: Permitting<'_>,
    ) -> Result<(), Unwanted> {
        let (event, wants) = (&parcel.event, &self.wants);
        if self.target.sums_up() && event.trail().any(|step| step.subscription == self.id) {
            return Err(Unwanted::OwnSummary);
        }
        if !wants.sources.is_empty() && !wants.sources.contains(&event.source) {
            return Err(Unwanted::Source);
        }
        if wants.tenant.is_some() && wants.tenant != event.tenant {
            return Err(Unwanted::Tenant);
        }
        if self.confined.is_some() && event.tenant.is_some() && self.confined != event.tenant {
            return Err(Unwanted::Tenant);
        }
        if let Some(permission) = &wants.permission
            && !permissions.holds(&event.source, permission)
        {
            return Err(Unwanted::Permission);
        }
        if let Some(filter) = &wants.filter
            && !parcel.json().is_some_and(|json| filter.holds(json))
        {
            return Err(Unwanted::Filter);
        }
        // A condition that panics lets nothing through: it may stand for a permission.
        if let Some(filter) = self.filter.as_ref().and_then(Guarded::get) {
            let holds = contain_text(|| filter(event)).unwrap_or_else(|message| {
                tracing::warn!(subscriber = %self.owner, error = message, "a filter panicked");
                false
            });
            if !holds {
                return Err(Unwanted::Filter);
            }
        }
        Ok(())
    }

    /// Whether it wants whatever its patterns match, and has no key: nothing but the type counts.
    pub(crate) fn takes_all(&self) -> bool {
        let Subscription { sources, tenant, permission, filter, key, .. } = &self.wants;
        let asks = tenant.is_some() || permission.is_some() || filter.is_some() || key.is_some();
        let held = self.filter.is_some() || self.confined.is_some() || self.target.sums_up();
        !asks && sources.is_empty() && !held
    }

    /// What its key is in an event, if it has one.
    pub(crate) fn key(&self, parcel: &Parcel) -> Option<Arc<str>> {
        let pointer = self.wants.key.as_deref()?;
        Some(parcel.key(pointer))
    }

    /// The pattern by which it wants a type.
    pub(crate) fn pattern_of(&self, event_type: &str) -> &str {
        let own = self.patterns.iter().find(|pattern| pattern.matches(event_type));
        own.map_or("", Pattern::as_str)
    }
}

/// Who holds which permission.
#[derive(Clone, Copy)]
pub(crate) struct Permitting<'a> {
    pub(crate) asked: Option<&'a Permissions>,
    pub(crate) host: &'a str,
}

impl Permitting<'_> {
    fn holds(&self, source: &str, permission: &str) -> bool {
        match self.asked {
            None => source == self.host || source == CORE,
            Some(asked) => contain_text(|| asked(source, permission)).unwrap_or_else(|message| {
                tracing::warn!(source, permission, error = message, "the permissions panicked");
                false
            }),
        }
    }
}

/// The source of events about the host itself.
pub(crate) const CORE: &str = "core";
