//! [`Ask`]: one hook of any class, asked with JSON.

use hookspec_host::dispatch::{BroadcastCollect, BroadcastNotify, Capability, Chain, Singleton};
use hookspec_host::{Choice, DispatchError, Explanation, Registry};
use hookspec_plugin::Caller;
use hookspec_spec::DispatchClass;
use serde_json::Value;

use super::outcome::{Answered, Outcome};

/// One hook's dispatcher, and who of its plugins is meant. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    dispatcher: Dispatcher,
    choice: Option<Choice>,
}

#[derive(Clone, Debug)]
enum Dispatcher {
    Notify(BroadcastNotify<Value>),
    Collect(BroadcastCollect<Value, Value>),
    Chain(Chain<Value>),
    Singleton(Singleton<Value, Value>),
    Capability(Capability<Value, Value>),
}

impl Ask {
    /// The dispatcher of a hook.
    ///
    /// # Errors
    /// Why there is none, or why no plugin can be named, for people.
    pub(super) fn new(
        registry: &Registry,
        hook: &Explanation,
        plugin: Option<&str>,
    ) -> Result<Self, String> {
        let class = hook.hook.dispatch;
        let one = matches!(class, DispatchClass::Singleton | DispatchClass::Capability);
        if plugin.is_some() && !one {
            let name = format!("{}.{}", hook.kind.name, hook.hook.name);
            return Err(format!(
                "error: --plugin chooses who answers a singleton or a capability; `{name}` is \
                 {class}, which calls every plugin: leave --plugin out"
            ));
        }
        let kind = format!("{}@{}", hook.kind.name, hook.kind.major());
        let dispatcher = Dispatcher::new(registry, class, &kind, hook.hook.name.as_str());
        let dispatcher = dispatcher.map_err(|error| format!("error: {error}"))?;
        Ok(Self { dispatcher, choice: plugin.map(Choice::name) })
    }

    /// One dispatch.
    pub(super) async fn dispatch(&self, caller: &Caller, input: Value) -> Outcome {
        let choice = self.choice.clone();
        Outcome(match (&self.dispatcher, choice) {
            (Dispatcher::Notify(notify), _) => {
                notify.dispatch(caller, input).await.map(Answered::Notified)
            }
            (Dispatcher::Collect(collect), _) => {
                collect.dispatch(caller, input).await.map(Answered::Collected)
            }
            (Dispatcher::Chain(chain), _) => {
                chain.dispatch(caller, input).await.map(Answered::Chained)
            }
            (Dispatcher::Singleton(one), None) => {
                one.dispatch(caller, input).await.map(Answered::One)
            }
            (Dispatcher::Singleton(one), Some(choice)) => {
                one.dispatch_with(caller, input, choice).await.map(Answered::One)
            }
            (Dispatcher::Capability(one), None) => {
                one.dispatch(caller, input).await.map(Answered::One)
            }
            (Dispatcher::Capability(one), Some(choice)) => {
                one.dispatch_with(caller, input, choice).await.map(Answered::One)
            }
        })
    }
}

impl Dispatcher {
    fn new(
        registry: &Registry,
        class: DispatchClass,
        kind: &str,
        hook: &str,
    ) -> Result<Self, DispatchError> {
        Ok(match class {
            DispatchClass::BroadcastNotify => Self::Notify(registry.broadcast_notify(kind, hook)?),
            DispatchClass::BroadcastCollect => {
                Self::Collect(registry.broadcast_collect(kind, hook)?)
            }
            DispatchClass::Chain => Self::Chain(registry.chain(kind, hook)?),
            DispatchClass::Singleton => Self::Singleton(registry.singleton(kind, hook)?),
            DispatchClass::Capability => Self::Capability(registry.capability(kind, hook)?),
        })
    }
}
