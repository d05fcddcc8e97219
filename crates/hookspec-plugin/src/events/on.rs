//! [`On`]: a method with `#[on]`, as the macro writes it down; which of them an event is for.

use serde::de::DeserializeOwned;

use super::event::Event;
use super::handled::Handled;
use super::pattern::Pattern;
use super::subscriber::{EVENT, deliver};
use super::subscription::Subscription;
use crate::call::{Call, CallContext};
use crate::fault::Fault;
use crate::payload::View;
use crate::reply::{BoxFuture, HookFuture};

/// A method with `#[on]` of a `T`.
#[derive(Debug)]
pub struct On<T> {
    /// The method's name, which is the name of its subscription.
    pub name: &'static str,
    /// What it wants; checked by the macro.
    pub patterns: &'static [&'static str],
    /// The rest of its subscription, as JSON; checked likewise.
    pub options: &'static str,
    /// The method.
    pub handle: Handle<T>,
}

/// A method of a `T` that handles an event.
pub type Handle<T> =
    for<'a> fn(&'a T, &'a CallContext<'a>, &'a Event) -> BoxFuture<'a, Result<Handled, Fault>>;

/// What the methods want: one subscription for each, under the method's name.
///
/// # Panics
/// A text is no subscription: the macro comes from another version of this project.
pub fn subscriptions<T>(methods: &[On<T>]) -> Vec<Subscription> {
    methods.iter().map(On::subscription).collect()
}

/// Answers what is no hook of a kind: an event, by the methods with `#[on]`, and nothing else.
pub fn other<'a, T: Sync>(
    plugin: &'a T,
    methods: &'static [On<T>],
    call: Call<'a>,
) -> HookFuture<'a> {
    if *call.hook() != EVENT || methods.is_empty() {
        return crate::__private::unknown_hook(call.hook());
    }
    deliver(
        call,
        move |call, event| async move { handle(plugin, methods, &call.context, &event).await },
    )
}

/// The data of an event, for a method that wants it typed.
///
/// # Errors
/// `event_data`: it has not the shape of a `T`. Whoever publishes the event, or the method, is to be
/// mended.
pub fn data<'a, T>(ctx: &CallContext<'_>, event: &'a Event) -> Result<View<'a, T>, Fault>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    event.data.typed::<T>().map_err(|fault| {
        let (plugin, reason) = (ctx.plugin().plugin(), fault.message());
        let (event_type, id, source) = (&event.event_type, &event.id, &event.source);
        let wanted = std::any::type_name::<T>();
        Fault::new(
            "event_data",
            format!(
                "plugin `{plugin}` cannot read the data of `{event_type}` (event {id} of \
                 `{source}`) as `{wanted}`: {reason}"
            ),
        )
    })
}

/// Whatever a method answers.
///
/// # Errors
/// The method's own.
pub fn handled(answer: Result<impl Into<Handled>, Fault>) -> Result<Handled, Fault> {
    answer.map(Into::into)
}

/// The method that an event is delivered for, if the host says so.
pub(super) fn named<'m, T>(methods: &'m [On<T>], ctx: &CallContext<'_>) -> Option<&'m On<T>> {
    let name = ctx.caller().cause()?.name.as_deref()?;
    methods.iter().find(|method| method.name == name)
}

/// Has an event handled by the method that it is delivered for. Where the host does not say which,
/// as for a subscription of the manifest, by every one whose patterns match, in source order.
///
/// # Errors
/// The first fault ends it. `event_unwanted`: there is no such method.
pub(super) async fn handle<T: Sync>(
    plugin: &T,
    methods: &[On<T>],
    ctx: &CallContext<'_>,
    event: &Event,
) -> Result<Handled, Fault> {
    if let Some(method) = named(methods, ctx) {
        return (method.handle)(plugin, ctx, event).await;
    }
    let mut joined: Option<Handled> = None;
    for method in methods.iter().filter(|method| method.wants(event.event_type.as_str())) {
        let handled = (method.handle)(plugin, ctx, event).await?;
        joined = Some(match joined {
            Some(before) => before.and(handled),
            None => handled,
        });
    }
    joined.ok_or_else(|| unwanted(ctx, event))
}

/// Nobody would know that an event is subscribed to in vain.
fn unwanted(ctx: &CallContext<'_>, event: &Event) -> Fault {
    let (plugin, event_type) = (ctx.plugin().plugin(), &event.event_type);
    Fault::new(
        "event_unwanted",
        format!(
            "plugin `{plugin}` has no method for `{event_type}`: add it to an `#[on]`, or take it out \
             of the manifest's `events.subscribe`"
        ),
    )
}

impl<T> On<T> {
    fn patterns(&self) -> impl Iterator<Item = Pattern> {
        // The macro refuses what cannot be read.
        self.patterns.iter().filter_map(|text| Pattern::parse(text).ok())
    }

    fn wants(&self, event_type: &str) -> bool {
        self.patterns().any(|pattern| pattern.matches(event_type))
    }

    fn subscription(&self) -> Subscription {
        match serde_json::from_str::<Subscription>(self.options) {
            Ok(options) => {
                Subscription { patterns: self.patterns().collect(), ..options }.name(self.name)
            }
            Err(error) => panic!(
                "hookspec-macros and hookspec-plugin are of different versions; depend on the same \
                 version of both: {error}"
            ),
        }
    }
}
