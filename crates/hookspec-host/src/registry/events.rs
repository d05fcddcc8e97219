//! The bus of a registry: what plugins want of it, and which notifications are called for events.

use hookspec_plugin::{BoxFuture, EVENT, Fault, Handled, HookName, Manifest, Plugin, Subscription};
use serde_json::Value;

use super::builder::RegistryBuilder;
use super::shared::Shared;
use crate::bus::{Bus, BusOptions, CORE, Delivery, Hub, caller, cause};
use crate::dispatch::{BroadcastNotify, Target};
use crate::error::RegistrationError;
use crate::panic::contain_text;

/// What an application does with a bus before the first plugin is there.
pub(super) type Listening = dyn FnOnce(&Bus) + Send + Sync;

impl RegistryBuilder {
    /// The rules and bounds of the registry's [bus](super::Registry::bus).
    #[must_use]
    pub fn events(mut self, options: BusOptions) -> Self {
        self.bus = options;
        self
    }

    /// Lets types below a namespace be published without being declared; `*`: below any but the
    /// reserved ones.
    #[must_use]
    pub fn open_events(mut self, namespace: impl Into<String>) -> Self {
        self.bus.open_namespaces.push(namespace.into());
        self
    }

    /// Does something with the registry's [bus](super::Registry::bus) before the first plugin is set
    /// up: who subscribes here hears of the start, too.
    #[must_use]
    pub fn with_bus(mut self, listen: impl FnOnce(&Bus) + Send + Sync + 'static) -> Self {
        self.listening.push(Box::new(listen));
        self
    }
}

/// What a plugin wants, as its manifest and its code say, checked: what could never receive anything is
/// refused (EVENT-3).
pub(super) fn wants(
    hub: &Hub,
    plugin: &dyn Plugin,
    manifest: &Manifest,
    hooks: &[HookName],
) -> Result<Vec<Subscription>, RegistrationError> {
    let refused = |reason: String| RegistrationError::ManifestInvalid {
        plugin: manifest.name.clone(),
        field: "events",
        reason: format!("events: {reason}"),
    };
    let emits = manifest.events.as_ref().is_some_and(|events| !events.emit.is_empty());
    let taken = [CORE, hub.options.source.as_str()];
    if emits && taken.contains(&manifest.name.as_str()) {
        return Err(refused(format!(
            "events from `{}` are the host's; give the plugin another name",
            manifest.name
        )));
    }
    let own = contain_text(|| plugin.subscriptions())
        .map_err(|message| refused(format!("it panicked when it was asked: {message}")))?;
    let listed = manifest.events.as_ref().map(|events| events.subscribe.clone());
    let mut wants: Vec<Subscription> = Vec::new();
    let listed = tuned(listed.unwrap_or_default(), &own).map_err(refused)?;
    let own: Vec<Subscription> = own
        .into_iter()
        .filter(|own| own.name.is_none() || listed.iter().all(|listed| listed.name != own.name))
        .collect();
    for mut one in listed.into_iter().chain(own) {
        // Those of a manifest are; code may have said none.
        one.queue = one.queue.max(1);
        one.concurrency = one.concurrency.max(1);
        // The same twice is the same once.
        if !wants.contains(&one) {
            wants.push(one);
        }
    }
    if !wants.is_empty() && !hooks.contains(&EVENT) {
        return Err(refused(
            "it subscribes and does not implement `$event`: nothing would ever reach it".into(),
        ));
    }
    for one in &wants {
        hub.check(manifest.name.as_str(), one).map_err(|error| refused(error.to_string()))?;
    }
    if wants.is_empty() && hooks.contains(&EVENT) {
        tracing::warn!(plugin = %manifest.name, "it implements `$event` and subscribes to nothing");
    }
    Ok(wants)
}

/// The subscriptions of a manifest, those that are about one of the code under its name: they say how that
/// one is to be delivered, in its place. Patterns alone, of which the code says more, say nothing.
///
/// # Errors
/// One has a name that the code does not have: it would reach another method, or all of them.
fn tuned(
    mut listed: Vec<Subscription>,
    code: &[Subscription],
) -> Result<Vec<Subscription>, String> {
    let names: Vec<&str> = code.iter().filter_map(|own| own.name.as_deref()).collect();
    listed.retain(|one| {
        let said = code.iter().any(|own| own.patterns == one.patterns);
        !(said && one.says_only_patterns())
    });
    for one in &mut listed {
        match &one.name {
            None => {
                let same = code.iter().find(|own| own.patterns == one.patterns);
                one.name = same.and_then(|own| own.name.clone());
            }
            Some(name) if !names.is_empty() && !names.contains(&&**name) => {
                let names = names.join("`, `");
                return Err(format!(
                    "a subscription is named `{name}`, and the code of the plugin has `{names}`"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(listed)
}

/// Has every notification that is bound to events called for them, with their data (EVENT-17).
pub(super) fn bind_hooks(shared: &Shared) {
    let hub = &shared.bus;
    for kind in shared.catalog().kinds() {
        for hook in &kind.hooks {
            let Some(pattern) = &hook.event else { continue };
            let name = format!("{}@{}.{}", kind.name, kind.major(), hook.name);
            let timeout = hook.timeout.unwrap_or(shared.settings.limits.dispatch_timeout);
            let limit = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            let wants = Subscription::of(pattern.clone()).timeout_ms(limit);
            let (home, hook) = (shared.home.clone(), hook.name.clone());
            let kind = format!("{}@{}", kind.name, kind.major());
            let handler = move |told: Delivery| -> BoxFuture<'static, Result<Handled, Fault>> {
                let (home, kind, hook) = (home.clone(), kind.clone(), hook.clone());
                Box::pin(async move {
                    let Some(shared) = home.shared() else { return Ok(Handled::default()) };
                    let caller = caller(&told.event, cause::current());
                    let (hook, _) = shared.find(&kind, hook.as_str())?;
                    let notify = BroadcastNotify::<Value>::new(Target { shared, hook });
                    // Who of them failed was recorded and logged with the plugin's name (NOTIFY-4).
                    notify.dispatch_payload(&caller, told.event.data.clone()).await?;
                    Ok(Handled::default())
                })
            };
            if let Err(error) = hub.subscribe_host(&name, wants, handler) {
                // The hookspec was checked against the same catalogue when it was read.
                tracing::warn!(hook = name, %error, "a notification is not called for its events");
            }
        }
    }
}
