//! What a test expects of a bus; where that is not so, it is told what happened instead.

use std::collections::BTreeMap;
use std::fmt;

use hookspec_plugin::Pattern;

use super::TestBus;
use super::recorder::{Reached, Recorded};
use crate::bus::Fate;

/// A subscription that received nothing: mostly a typing error, in its patterns or in its filter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Silent {
    /// The plugin, or the name that the application gave.
    pub subscriber: String,
    /// Its patterns.
    pub patterns: Vec<String>,
    /// Why it received nothing.
    pub why: String,
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subscriber, patterns, why } = self;
        write!(f, "`{subscriber}` ({}) received nothing: {why}", patterns.join(", "))
    }
}

impl TestBus {
    /// Every subscription that received nothing so far, and why.
    pub fn silent(&self) -> Vec<Silent> {
        let recorded = self.recorded();
        let mut silent = Vec::new();
        for own in self.bus.snapshot().subscriptions {
            let at = recorded.iter().flat_map(|one| &one.reached);
            let (received, missed): (Vec<&Reached>, Vec<&Reached>) = at
                .filter(|reached| reached.subscription == own.id)
                .partition(|reached| is_received(reached));
            if !received.is_empty() {
                continue;
            }
            let why = match missed.last().map(|reached| &reached.fate) {
                Some(Fate::Unwanted(why)) => {
                    format!("of {} events that its patterns match, {why}", missed.len())
                }
                Some(_) => format!(
                    "all {} were dropped: its queue has room for {}",
                    missed.len(),
                    own.wants.queue
                ),
                None => format!("none of the {} events published has such a type", recorded.len()),
            };
            let patterns = own.wants.patterns.iter().map(ToString::to_string).collect();
            silent.push(Silent { subscriber: own.subscriber, patterns, why });
        }
        silent
    }

    /// The first event that was published and whose type a pattern matches.
    ///
    /// # Panics
    /// There is none, and what was published and refused instead is in the message.
    #[track_caller]
    pub fn assert_emitted(&self, pattern: &str) -> Recorded {
        let wanted = parse(pattern);
        let mut recorded = self.recorded().into_iter();
        match recorded.find(|one| wanted.matches(one.event.event_type.as_str())) {
            Some(found) => found,
            None => panic!("no event `{pattern}` was published; {}", self.told()),
        }
    }

    /// No event was published whose type a pattern matches.
    ///
    /// # Panics
    /// There is one; it is in the message.
    #[track_caller]
    pub fn assert_not_emitted(&self, pattern: &str) {
        let wanted = parse(pattern);
        let mut recorded = self.recorded().into_iter();
        if let Some(found) = recorded.find(|one| wanted.matches(one.event.event_type.as_str())) {
            panic!("an event `{pattern}` was published: {:?}; {}", found.event, self.told());
        }
    }

    /// What became, at a subscriber, of the first event that it received and whose type a pattern
    /// matches. One that still waits was received, too.
    ///
    /// # Panics
    /// It received none, and why is in the message.
    #[track_caller]
    pub fn assert_received(&self, subscriber: &str, pattern: &str) -> Reached {
        let wanted = parse(pattern);
        let recorded = self.recorded();
        let matching = recorded.iter().filter(|r| wanted.matches(r.event.event_type.as_str()));
        let reached: Vec<&Reached> = matching
            .flat_map(|one| &one.reached)
            .filter(|reached| reached.subscriber == subscriber)
            .collect();
        let received = reached.iter().find(|reached| is_received(reached));
        match (received, reached.first()) {
            (Some(received), _) => (*received).clone(),
            (None, Some(Reached { fate, .. })) => {
                panic!("`{subscriber}` did not receive `{pattern}`: {fate:?}; {}", self.told())
            }
            (None, None) => {
                let own = self.bus.snapshot().subscriptions.into_iter();
                let own = own.filter(|own| own.subscriber == subscriber);
                let listens: Vec<String> =
                    own.flat_map(|own| own.wants.patterns).map(|own| format!("`{own}`")).collect();
                let listens = match listens.as_slice() {
                    [] => "it is not subscribed".to_owned(),
                    patterns => format!("it is subscribed to {}", patterns.join(", ")),
                };
                panic!("`{subscriber}` did not receive `{pattern}`: {listens}; {}", self.told())
            }
        }
    }

    /// Every subscription received something.
    ///
    /// # Panics
    /// One received nothing; which ones and why is in the message.
    #[track_caller]
    pub fn assert_nobody_silent(&self) {
        let silent: Vec<String> = self.silent().iter().map(ToString::to_string).collect();
        assert!(silent.is_empty(), "{}; {}", silent.join("; "), self.told());
    }

    /// What was published and refused, in a sentence.
    fn told(&self) -> String {
        let mut types: BTreeMap<String, usize> = BTreeMap::new();
        for one in self.recorded() {
            *types.entry(one.event.event_type.to_string()).or_default() += 1;
        }
        let types = types.iter().map(|(name, times)| match times {
            1 => format!("`{name}`"),
            _ => format!("`{name}` {times} times"),
        });
        let types: Vec<String> = types.collect();
        let mut told = match types.as_slice() {
            [] => "nothing was published".to_owned(),
            types => format!("published were {}", types.join(", ")),
        };
        for refusal in self.refusals() {
            told.push_str("; refused was ");
            told.push_str(&refusal.error);
        }
        told
    }
}

/// Whether it came to the subscriber, or will.
fn is_received(reached: &Reached) -> bool {
    !matches!(reached.fate, Fate::Unwanted(_) | Fate::Dropped | Fate::Replaced)
}

#[track_caller]
fn parse(pattern: &str) -> Pattern {
    match Pattern::parse(pattern) {
        Ok(pattern) => pattern,
        Err(error) => panic!("{error}"),
    }
}
