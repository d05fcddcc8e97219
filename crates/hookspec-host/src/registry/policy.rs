//! How an application chooses: [`RoutingPolicy`] for a kind, [`Choice`] for one call.

use std::fmt;
use std::sync::Arc;

use hookspec_plugin::{Caller, Manifest, Payload, PluginName};

/// A plugin that could take a call.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its name.
    pub plugin: &'a PluginName,
    /// What it says about itself.
    pub manifest: &'a Manifest,
    pub(crate) position: usize,
}

/// The call that a plugin is chosen for.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// Who dispatches.
    pub caller: &'a Caller,
    /// The input of the call.
    pub input: &'a Payload,
}

type Select = dyn for<'a> Fn(Selection<'a>, &[Candidate<'a>]) -> Option<PluginName> + Send + Sync;
type Filter = dyn for<'a> Fn(Selection<'a>, Vec<Candidate<'a>>) -> Vec<Candidate<'a>> + Send + Sync;

/// An application's own rule for who of a `singleton` kind takes a call (SINGLETON-2).
#[derive(Clone)]
pub struct RoutingPolicy(pub(crate) Arc<Select>);

impl RoutingPolicy {
    /// A rule that names a plugin, or leaves the choice to what comes after it.
    pub fn new<F>(select: F) -> Self
    where
        F: for<'a> Fn(Selection<'a>, &[Candidate<'a>]) -> Option<PluginName>
            + Send
            + Sync
            + 'static,
    {
        Self(Arc::new(select))
    }
}

impl fmt::Debug for RoutingPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoutingPolicy(..)")
    }
}

/// A choice made for one call of class `singleton` or `capability`.
#[derive(Clone)]
pub enum Choice {
    /// This plugin and no other.
    Name(PluginName),
    /// Those, and in that order, that a function leaves (CAPABILITY-1).
    Filter(CandidateFilter),
}

impl Choice {
    /// This plugin and no other.
    pub fn name(name: impl Into<PluginName>) -> Self {
        Self::Name(name.into())
    }

    /// Those that a function leaves, in the order it gives them.
    ///
    /// ```
    /// # use hookspec_host::Choice;
    /// let local = Choice::filter(|_, mut candidates| {
    ///     candidates.retain(|candidate| candidate.manifest.capabilities.iter().any(|c| c == "local"));
    ///     candidates
    /// });
    /// ```
    pub fn filter<F>(filter: F) -> Self
    where
        F: for<'a> Fn(Selection<'a>, Vec<Candidate<'a>>) -> Vec<Candidate<'a>>
            + Send
            + Sync
            + 'static,
    {
        Self::Filter(CandidateFilter(Arc::new(filter)))
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.debug_tuple("Name").field(name).finish(),
            Self::Filter(_) => f.write_str("Filter(..)"),
        }
    }
}

/// The function behind [`Choice::Filter`]; made by [`Choice::filter`].
#[derive(Clone)]
pub struct CandidateFilter(pub(crate) Arc<Filter>);

impl fmt::Debug for CandidateFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CandidateFilter(..)")
    }
}
