//! [`Witness`]: stands between host and plugin, hands everything on, and remembers what was answered.
//!
//! A host tells a caller what it made of an answer. A check wants to know the answer itself: a value
//! that the host refused, `Unchanged` where only a chain may say so.

use std::sync::{Arc, Mutex, PoisonError};

use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Manifest, Payload, Plugin,
    Reconfigured, Reply, Subscription, Teardown,
};
use serde_json::{Map, Value};

use crate::observer::Observer;

/// What a plugin answered, before anybody looked at it.
#[derive(Clone, Debug)]
pub(crate) enum Raw {
    Value(Payload),
    Unchanged,
    Stop,
    Fault(Fault),
}

/// What a witness saw last; shared with whoever asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<Mutex<Option<Raw>>>);

impl Seen {
    /// What was answered since this was asked last.
    pub(crate) fn take(&self) -> Option<Raw> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, answer: &Result<Reply, Fault>) {
        let raw = match answer {
            Ok(Reply::Value(payload)) => Raw::Value(payload.clone()),
            Ok(Reply::Unchanged) => Raw::Unchanged,
            Ok(Reply::Stop) => Raw::Stop,
            Err(fault) => Raw::Fault(fault.clone()),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(raw);
    }
}

/// A plugin that is another one, watched.
pub(crate) struct Witness {
    inner: Arc<dyn Plugin>,
    seen: Seen,
    /// Where its events are of interest.
    observer: Option<Observer>,
}

impl Witness {
    pub(crate) fn new(inner: Arc<dyn Plugin>, seen: Seen) -> Self {
        Self { inner, seen, observer: None }
    }

    /// As [`new`](Self::new), and its events are watched.
    pub(crate) fn observing(inner: Arc<dyn Plugin>, seen: Seen, observer: Observer) -> Self {
        Self { inner, seen, observer: Some(observer) }
    }
}

impl Plugin for Witness {
    fn manifest(&self) -> &Manifest {
        self.inner.manifest()
    }

    fn hooks(&self) -> &[HookName] {
        self.inner.hooks()
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        match &self.observer {
            Some(observer) => self.inner.setup(observer.watched(context)),
            None => self.inner.setup(context),
        }
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let (call, in_hands) = match &self.observer {
            Some(observer) => {
                let (call, in_hands) = observer.begin(call);
                (call, Some(in_hands))
            }
            None => (call, None),
        };
        let ended = move |answer: &_| {
            if let Some(in_hands) = in_hands {
                in_hands.end(answer);
            }
        };
        match self.inner.call(call) {
            HookFuture::Ready(answer) => {
                self.seen.put(&answer);
                ended(&answer);
                HookFuture::Ready(answer)
            }
            HookFuture::Boxed(future) => HookFuture::boxed(async move {
                // Dropped with this future, whatever becomes of it.
                let ended = ended;
                let answer = future.await;
                self.seen.put(&answer);
                ended(&answer);
                answer
            }),
        }
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        self.inner.subscriptions()
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        self.inner.matches(call)
    }

    fn facts(&self) -> Map<String, Value> {
        self.inner.facts()
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.inner.health()
    }

    fn on_config_change<'a>(
        &'a self,
        config: &'a Value,
    ) -> BoxFuture<'a, Result<Reconfigured, Fault>> {
        self.inner.on_config_change(config)
    }

    fn quiesce(&self) -> BoxFuture<'_, Result<(), Fault>> {
        self.inner.quiesce()
    }

    fn resume(&self) -> BoxFuture<'_, Result<(), Fault>> {
        self.inner.resume()
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        let teardown = self.inner.teardown();
        let Some(observer) = &self.observer else { return teardown };
        Box::pin(async move {
            let ended = teardown.await;
            observer.torn_down();
            ended
        })
    }
}
