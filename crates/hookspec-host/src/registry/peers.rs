//! The other plugins of a registry, as one of them sees them: to look at, and to call as an
//! application would (PEER-1 to PEER-4).
//!
//! - PEER-1 it sees them and changes none. PEER-2 it gets what an application gets. PEER-3 what goes
//!   wrong is a fault. PEER-4 deadline, metadata and trace go on.

use std::sync::{Arc, OnceLock, Weak};

use hookspec_plugin::{
    Answers, BoxFuture, Caller, Fault, IntoPayload, Payload, Peer, Peers, PluginName,
};
use hookspec_spec::DispatchClass;
use serde_json::Value;

use super::entry::Entry;
use super::shared::Shared;
use crate::dispatch::{BroadcastCollect, BroadcastNotify, Capability, Chain, Singleton, Target};
use crate::error::DispatchError;
use crate::outcome::{Answer, Cause, Failure};

/// The way from a plugin to the registry it is part of; there once the registry is complete.
///
/// Weak: a plugin keeps nothing alive that it could be dropped by.
#[derive(Clone, Default)]
pub(crate) struct Home(Arc<OnceLock<Weak<Shared>>>);

impl Home {
    pub(crate) fn is(&self, shared: &Arc<Shared>) {
        // A registry is completed once.
        let _ = self.0.set(Arc::downgrade(shared));
    }

    pub(crate) fn shared(&self) -> Option<Arc<Shared>> {
        self.0.get().and_then(Weak::upgrade)
    }
}

impl Peers for Home {
    fn list(&self) -> Vec<Peer> {
        let Some(shared) = self.shared() else { return Vec::new() };
        let snapshot = Arc::clone(&shared.snapshot());
        snapshot.plugins.values().map(|entry| peer(entry)).collect()
    }

    fn find(&self, name: &str) -> Option<Peer> {
        self.shared()?.snapshot().plugins.get(name).map(|entry| peer(entry))
    }

    fn dispatch<'a>(
        &'a self,
        caller: Caller,
        kind: &'a str,
        hook: &'a str,
        input: Payload,
    ) -> BoxFuture<'a, Result<Answers, Fault>> {
        Box::pin(async move {
            let shared = self.shared().ok_or_else(|| {
                Fault::new("no_peers", "the registry of this plugin is not complete, or is gone")
            })?;
            dispatch(shared, &caller, kind, hook, input).await.map_err(fault)
        })
    }
}

fn peer(entry: &Entry) -> Peer {
    let state = entry.status.state();
    Peer {
        name: entry.name.clone(),
        kind: entry.kind.name.clone(),
        version: entry.manifest.version.clone(),
        runtime: entry.manifest.runtime,
        hooks: entry.hooks.clone(),
        capabilities: entry.manifest.capabilities.clone(),
        state: state.as_str(),
        callable: state.is_callable(),
    }
}

async fn dispatch(
    shared: Arc<Shared>,
    caller: &Caller,
    kind: &str,
    hook: &str,
    input: Payload,
) -> Result<Answers, DispatchError> {
    let (index, found) = shared.find(kind, hook)?;
    let class = found.dispatch;
    let (target, input) = (Target { shared, hook: index }, Given(input));
    let (mut replies, mut failed) = (Vec::new(), Vec::new());
    match class {
        DispatchClass::BroadcastNotify => {
            let notify = BroadcastNotify::<Value>::new(target);
            failed = notify.dispatch_payload(caller, input).await?.failures;
        }
        DispatchClass::BroadcastCollect => {
            let collect = BroadcastCollect::<Value, Value>::new(target);
            let collected = collect.dispatch_payload(caller, input).await?;
            replies.extend(collected.replies.into_iter().map(named));
            failed = collected.failures;
        }
        DispatchClass::Chain => {
            let chain = Chain::<Value>::new(target);
            let chained = chain.dispatch_payload(caller, input).await?;
            replies.push((chained.changed.last().cloned(), chained.value.into_payload()));
            failed = chained.failures;
        }
        DispatchClass::Singleton => {
            let singleton = Singleton::<Value, Value>::new(target);
            replies.push(named(singleton.dispatch_payload(caller, input).await?));
        }
        DispatchClass::Capability => {
            let capability = Capability::<Value, Value>::new(target);
            replies.push(named(capability.dispatch_payload(caller, input).await?));
        }
    }
    let failures = failed.into_iter().map(|own| (own.plugin.clone(), failure(&own))).collect();
    Ok(Answers { replies, failures })
}

/// A payload as it is, whatever it keeps.
struct Given(Payload);

impl IntoPayload<Value> for Given {
    fn into_payload(self) -> Payload {
        self.0
    }
}

fn named(answer: Answer<Value>) -> (Option<PluginName>, Payload) {
    (Some(answer.plugin), answer.value.into_payload())
}

/// What another plugin said, as it said it; else what the host says of it.
fn failure(failure: &Failure) -> Fault {
    match &failure.cause {
        Cause::Faulted(fault) => fault.clone(),
        _ => Fault::new("peer_failed", failure.to_string()),
    }
}

fn fault(error: DispatchError) -> Fault {
    match &error {
        DispatchError::PluginFailed { failure: own, .. } => failure(own),
        DispatchError::Refused { fault, .. } => fault.clone(),
        _ => Fault::new(error.code(), error.to_string()),
    }
}
