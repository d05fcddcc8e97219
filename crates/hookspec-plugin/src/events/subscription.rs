//! [`Subscription`]: which events somebody wants, and how they are to be delivered.

use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::pattern::Pattern;
use crate::predicate::Predicate;

/// Which events somebody wants, and how they are to be delivered. Everything but the patterns has a
/// default.
///
/// In a manifest a pattern alone, or a table.
///
/// ```
/// # use hookspec_plugin::{Overflow, Subscription};
/// let subscription = Subscription::new("deploy.**")?.priority(10).queue(64);
/// assert_eq!(subscription.overflow, Overflow::DropNewest);
/// # Ok::<(), hookspec_plugin::InvalidPattern>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Table")]
pub struct Subscription {
    /// What it is called within its plugin: the name of the method with `#[on]`, which alone is called
    /// for it. Delivered with each event, as [`Cause::name`](crate::Cause::name).
    pub name: Option<Arc<str>>,
    /// What is wanted: an event is delivered once, however many of these match it.
    pub patterns: Vec<Pattern>,
    /// Only events of which this holds, with pointers into their JSON: `/type`, `/source`,
    /// `/data/environment`.
    pub filter: Option<Predicate>,
    /// Only events of these sources; empty: of all.
    pub sources: Vec<String>,
    /// Only events whose source holds this permission, as the application says.
    pub permission: Option<String>,
    /// Only events on behalf of this tenant.
    pub tenant: Option<String>,
    /// It only looks on: it is told of an event that was cancelled too, and cancels none itself.
    pub observe: bool,
    /// The higher, the earlier in a dispatch that is awaited; among equals, who subscribed first.
    pub priority: i32,
    /// How many events wait at most: 1 to 65 536.
    pub queue: usize,
    /// What happens to an event that finds the queue full.
    pub overflow: Overflow,
    /// A JSON pointer into the event: those with equal values keep their order when several are
    /// handled at once, and take one another's place under `coalesce`.
    pub key: Option<String>,
    /// How many of those that wait are handled at once: 1 to 256. A dispatch that is awaited asks beside
    /// them.
    pub concurrency: usize,
    /// How long one may take to be handled, in milliseconds.
    pub timeout_ms: u64,
    /// How often one that failed is tried again before it becomes a dead letter.
    pub retries: Retries,
}

/// What happens to an event that finds a queue full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// It is dropped.
    #[default]
    DropNewest,
    /// The one that has waited longest is.
    DropOldest,
    /// Whoever publishes waits. Where nobody can wait, it is dropped.
    Block,
    /// It takes the place of one with the same key, whether or not the queue is full; without such a
    /// one it is dropped if there is no place.
    Coalesce,
}

/// How often, and after how long, an event that failed is handed over again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// Attempts beyond the first: 100 at most.
    pub attempts: u32,
    /// Before the first of them, in milliseconds, an hour at most; doubled before each further one.
    pub backoff_ms: u64,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 0, backoff_ms: 1000 }
    }
}

impl Subscription {
    /// Everything that a pattern means.
    ///
    /// # Errors
    /// [`InvalidPattern`](super::InvalidPattern).
    pub fn new(pattern: &str) -> Result<Self, super::InvalidPattern> {
        Pattern::parse(pattern).map(Self::of)
    }

    /// Everything that a pattern means.
    pub fn of(pattern: Pattern) -> Self {
        Self { patterns: vec![pattern], ..Table::default().into() }
    }

    /// Adds a pattern.
    #[must_use]
    pub fn or(mut self, pattern: Pattern) -> Self {
        self.patterns.push(pattern);
        self
    }

    /// Names it within its plugin.
    #[must_use]
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Wants only events of which a condition holds.
    #[must_use]
    pub fn filter(mut self, filter: Predicate) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Wants only events of this source, and of others that are named so.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.sources.push(source.into());
        self
    }

    /// Wants only events whose source holds a permission.
    #[must_use]
    pub fn permission(mut self, permission: impl Into<String>) -> Self {
        self.permission = Some(permission.into());
        self
    }

    /// Wants only events on behalf of a tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Sets the priority in a dispatch that is awaited.
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Only looks on: it is told of what others cancelled, too.
    #[must_use]
    pub fn observe(mut self) -> Self {
        self.observe = true;
        self
    }

    /// Sets how many events wait at most; one at least.
    #[must_use]
    pub fn queue(mut self, events: usize) -> Self {
        self.queue = events.max(1);
        self
    }

    /// Sets what happens to an event that finds the queue full.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// Sets the key, a JSON pointer into the event.
    #[must_use]
    pub fn key(mut self, pointer: impl Into<String>) -> Self {
        self.key = Some(pointer.into());
        self
    }

    /// Sets how many are handled at once; one at least.
    #[must_use]
    pub fn concurrency(mut self, events: usize) -> Self {
        self.concurrency = events.max(1);
        self
    }

    /// Sets how long one may take to be handled, in milliseconds.
    #[must_use]
    pub fn timeout_ms(mut self, millis: u64) -> Self {
        self.timeout_ms = millis;
        self
    }

    /// Sets how often one that failed is tried again, and the time before the first attempt.
    #[must_use]
    pub fn retries(mut self, attempts: u32, backoff_ms: u64) -> Self {
        self.retries = Retries { attempts, backoff_ms };
        self
    }

    /// Whether everything but its patterns is as it is where nothing is said.
    pub fn says_only_patterns(&self) -> bool {
        *self == Self { patterns: self.patterns.clone(), ..Table::default().into() }
    }

    /// Whether a type is wanted, before anything else is looked at.
    pub fn wants(&self, event_type: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(event_type))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<Pattern>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patterns: Vec<Pattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Predicate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    observe: bool,
    priority: i32,
    queue: usize,
    overflow: Overflow,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    concurrency: usize,
    timeout_ms: u64,
    retries: Retries,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            name: None,
            pattern: None,
            patterns: Vec::new(),
            filter: None,
            sources: Vec::new(),
            permission: None,
            tenant: None,
            observe: false,
            priority: 0,
            queue: 256,
            overflow: Overflow::default(),
            key: None,
            concurrency: 1,
            timeout_ms: 5000,
            retries: Retries::default(),
        }
    }
}

impl TryFrom<Value> for Subscription {
    type Error = serde_json::Error;

    /// As it is written: a pattern, or a table.
    fn try_from(written: Value) -> Result<Self, Self::Error> {
        match written {
            Value::String(_) => serde_json::from_value(written).map(Self::of),
            Value::Object(_) => serde_json::from_value(written).map(Table::into),
            _ => Err(serde_json::Error::custom("a subscription is a pattern, or a table with one")),
        }
    }
}

impl From<Table> for Subscription {
    fn from(table: Table) -> Self {
        Self {
            name: table.name.map(Into::into),
            patterns: table.pattern.into_iter().chain(table.patterns).collect(),
            filter: table.filter,
            sources: table.sources,
            permission: table.permission,
            tenant: table.tenant,
            observe: table.observe,
            priority: table.priority,
            queue: table.queue.max(1),
            overflow: table.overflow,
            key: table.key,
            concurrency: table.concurrency.max(1),
            timeout_ms: table.timeout_ms,
            retries: table.retries,
        }
    }
}

impl From<Subscription> for Table {
    fn from(own: Subscription) -> Self {
        Self {
            name: own.name.as_deref().map(Into::into),
            pattern: None,
            patterns: own.patterns,
            filter: own.filter,
            sources: own.sources,
            permission: own.permission,
            tenant: own.tenant,
            observe: own.observe,
            priority: own.priority,
            queue: own.queue,
            overflow: own.overflow,
            key: own.key,
            concurrency: own.concurrency,
            timeout_ms: own.timeout_ms,
            retries: own.retries,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: Value) -> Result<Subscription, serde_json::Error> {
        serde_json::from_value(json)
    }

    #[test]
    fn what_is_no_subscription_is_refused() {
        for given in [json!("a."), json!({ "pattern": "a", "quque": 3 }), json!(["a"]), json!(3)] {
            assert!(read(given.clone()).is_err(), "{given}");
        }
    }

    #[test]
    fn a_pattern_alone_has_the_defaults_and_a_table_is_read_back() {
        let alone = read(json!("a.*")).unwrap();
        assert_eq!((alone.queue, alone.concurrency, alone.timeout_ms), (256, 1, 5000));
        let asked = Subscription::new("a").unwrap().overflow(Overflow::Coalesce).key("/data/k");
        let asked = asked.retries(3, 50).concurrency(4).queue(2).name("noted");
        assert_eq!(read(serde_json::to_value(&asked).unwrap()).unwrap(), asked);
    }
}
