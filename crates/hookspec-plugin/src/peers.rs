//! [`Peers`]: the other plugins of the host, seen by one of them.

use std::fmt;

use serde::Serialize;

use crate::caller::Caller;
use crate::fault::Fault;
use crate::manifest::RuntimeName;
use crate::name::{HookName, KindName, PluginName};
use crate::payload::Payload;
use crate::reply::BoxFuture;

/// The plugins of a registry, to be looked at and to be called; not to be changed.
pub trait Peers: Send + Sync + 'static {
    /// Every plugin of the registry as of now, by name; the asking one too.
    fn list(&self) -> Vec<Peer>;

    /// The plugin of a name.
    fn find(&self, name: &str) -> Option<Peer> {
        self.list().into_iter().find(|peer| peer.name == name)
    }

    /// Dispatches a hook as an application would, on behalf of `caller`.
    ///
    /// Made by [`CallContext::dispatch`](crate::CallContext::dispatch), which hands the deadline, the
    /// metadata and the way that led here on.
    fn dispatch<'a>(
        &'a self,
        caller: Caller,
        kind: &'a str,
        hook: &'a str,
        input: Payload,
    ) -> BoxFuture<'a, Result<Answers, Fault>>;
}

/// One plugin, as its peers see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Peer {
    /// Its name.
    pub name: PluginName,
    /// Its kind.
    pub kind: KindName,
    /// Its own version.
    pub version: Option<String>,
    /// How it was loaded.
    pub runtime: RuntimeName,
    /// The hooks it implements.
    pub hooks: Vec<HookName>,
    /// What it says it is capable of.
    pub capabilities: Vec<String>,
    /// Where it is in its life, such as `ready`.
    pub state: &'static str,
    /// Whether dispatches reach it.
    pub callable: bool,
}

/// What came back from a dispatch that a plugin made.
///
/// One reply for the classes that have one (`chain`, `singleton`, `capability`: with the name of the
/// plugin, or of the last link that changed the value), any number for the broadcasts.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Every reply, with the plugin that gave it; in dispatch order. A chain that nobody changed
    /// gives its input, without a name.
    pub replies: Vec<(Option<PluginName>, Payload)>,
    /// The plugins that failed where the class goes on without them.
    pub failures: Vec<(PluginName, Fault)>,
}

impl Answers {
    /// The only reply.
    ///
    /// # Errors
    /// `not_one_reply`: there is none, or there are several.
    pub fn one(self) -> Result<Payload, Fault> {
        let count = self.replies.len();
        match <[_; 1]>::try_from(self.replies) {
            Ok([(_, reply)]) => Ok(reply),
            Err(_) => {
                Err(Fault::new("not_one_reply", format!("one reply was wanted, and {count} came")))
            }
        }
    }
}

impl fmt::Debug for dyn Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peers")
    }
}
