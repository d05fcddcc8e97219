//! [`Observer`]: watches the events of a plugin on behalf of its witness, and remembers them: which came, what was made of each, and what the plugin emitted.
//!
//! A host tells nobody what a subscriber answered, and a plugin nobody what it was refused.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use hookspec_plugin::{
    BoxFuture, Call, CallContext, Caller, CheckpointStore, Context, Dispatched, EVENT, Event,
    EventBus, EventDraft, Fault, Level, Metrics, Payload, Peers, ProgressSink, Receipt, Reply,
    Resource, Services, Tenant,
};
use serde_json::{Map, Value};

/// One event that came, and what was made of it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) event: Event,
    pub(crate) came: Came,
}

/// What a plugin made of an event.
#[derive(Clone, Debug)]
pub(crate) enum Came {
    Answered(Payload),
    /// An answer without a value.
    Nothing,
    Fault(Fault),
    Panicked,
    /// It was still at it when its time was up; or it is at it now.
    Unfinished,
}

/// One event that the plugin emitted through its bus.
#[derive(Clone, Debug)]
pub(crate) struct Emitted {
    pub(crate) draft: EventDraft,
    /// What it was refused with.
    pub(crate) refused: Option<Fault>,
    /// Its teardown had ended.
    pub(crate) late: bool,
}

/// What an observer saw; shared with whoever asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic(Arc<Kept>);

#[derive(Debug, Default)]
struct Kept {
    told: Mutex<Vec<Told>>,
    emitted: Mutex<Vec<Emitted>>,
    tenant: OnceLock<Option<String>>,
    torn_down: AtomicBool,
}

/// More than any check sends; what loops for ever must not take all memory.
const MOST: usize = 20_000;

fn lock<T>(list: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Traffic {
    pub(crate) fn told(&self) -> Vec<Told> {
        lock(&self.0.told).clone()
    }

    pub(crate) fn emitted(&self) -> Vec<Emitted> {
        lock(&self.0.emitted).clone()
    }

    /// On whose behalf its host has the plugin run.
    pub(crate) fn tenant(&self) -> Option<String> {
        self.0.tenant.get().cloned().flatten()
    }

    fn begin(&self, event: &Event) -> Option<usize> {
        let mut told = lock(&self.0.told);
        if told.len() >= MOST {
            return None;
        }
        told.push(Told { event: event.clone(), came: Came::Unfinished });
        Some(told.len() - 1)
    }

    fn end(&self, index: usize, came: Came) {
        if let Some(told) = lock(&self.0.told).get_mut(index) {
            told.came = came;
        }
    }

    /// The plugin emits an event: before its host answers, for it may not wait for that.
    fn begin_emit(&self, draft: &EventDraft) -> Option<usize> {
        let late = self.0.torn_down.load(Ordering::Acquire);
        let mut emitted = lock(&self.0.emitted);
        if emitted.len() >= MOST {
            return None;
        }
        emitted.push(Emitted { draft: draft.clone(), refused: None, late });
        Some(emitted.len() - 1)
    }

    /// Its host has refused it.
    fn refused(&self, number: Option<usize>, fault: &Fault) {
        let Some(number) = number else { return };
        if let Some(emitted) = lock(&self.0.emitted).get_mut(number) {
            emitted.refused = Some(fault.clone());
        }
    }

    /// Its host has answered.
    fn end_emit<T>(&self, number: Option<usize>, result: &Result<T, Fault>) {
        if let Err(fault) = result {
            self.refused(number, fault);
        }
    }
}

/// An event in the plugin's hands: whoever unwinds through it has panicked.
pub(crate) struct InHands {
    traffic: Traffic,
    index: Option<usize>,
}

impl InHands {
    pub(crate) fn end(mut self, answer: &Result<Reply, Fault>) {
        let came = match answer {
            Ok(Reply::Value(payload)) => Came::Answered(payload.clone()),
            Ok(Reply::Unchanged | Reply::Stop) => Came::Nothing,
            Err(fault) => Came::Fault(fault.clone()),
        };
        if let Some(index) = self.index.take() {
            self.traffic.end(index, came);
        }
    }
}

impl Drop for InHands {
    fn drop(&mut self) {
        if let Some(index) = self.index.take()
            && std::thread::panicking()
        {
            self.traffic.end(index, Came::Panicked);
        }
    }
}

/// Watches the events of one instance, for the witness that stands before it.
pub(crate) struct Observer {
    traffic: Traffic,
    /// What the plugin uses of its host, with a bus that is watched.
    context: OnceLock<Context>,
}

impl Observer {
    pub(crate) fn new(traffic: Traffic) -> Self {
        Self { traffic, context: OnceLock::new() }
    }

    /// What the plugin is given in place of its host's context.
    pub(crate) fn watched(&self, context: &Context) -> &Context {
        self.context.get_or_init(|| {
            let (plugin, kind) = (context.plugin().clone(), context.kind().clone());
            // Of one instance there is one host: nobody said it before.
            let _ = self.traffic.0.tenant.set(context.tenant().id().map(str::to_owned));
            let bus = WatchedBus { host: context.clone(), traffic: self.traffic.clone() };
            Context::new(plugin, kind, Arc::new(Watched { host: context.clone(), bus }))
        })
    }

    /// What the plugin is called with in place of a call, and what is to be told how it ended.
    pub(crate) fn begin<'a>(&'a self, call: Call<'a>) -> (Call<'a>, InHands) {
        let event = (*call.hook() == EVENT).then(|| call.input.typed::<Event>().ok()).flatten();
        let index = event.and_then(|event| self.traffic.begin(&event));
        let own = call.context;
        let context = self.watched(own.plugin());
        let mut context = CallContext::new(context, own.caller(), own.hook());
        if let Some(deadline) = own.deadline() {
            context = context.with_deadline(deadline);
        }
        if let Some(token) = own.cancellation() {
            context = context.with_cancellation(token);
        }
        let in_hands = InHands { traffic: self.traffic.clone(), index };
        (Call { context, input: call.input }, in_hands)
    }

    /// Its teardown has ended.
    pub(crate) fn torn_down(&self) {
        self.traffic.0.torn_down.store(true, Ordering::Release);
    }
}

/// What a host has, but for its bus.
struct Watched {
    host: Context,
    bus: WatchedBus,
}

impl Services for Watched {
    fn config(&self) -> &Value {
        self.host.services().config()
    }

    fn resource(&self, name: &str) -> Option<&Resource> {
        self.host.services().resource(name)
    }

    fn resource_names(&self) -> Vec<&str> {
        self.host.services().resource_names()
    }

    fn log(&self, level: Level, message: &str, fields: &Map<String, Value>) {
        self.host.services().log(level, message, fields);
    }

    fn metrics(&self) -> &dyn Metrics {
        self.host.services().metrics()
    }

    fn progress(&self) -> Option<&dyn ProgressSink> {
        self.host.services().progress()
    }

    fn checkpoints(&self) -> Option<&dyn CheckpointStore> {
        self.host.services().checkpoints()
    }

    fn tenant(&self) -> Option<&dyn Tenant> {
        self.host.services().tenant()
    }

    fn peers(&self) -> Option<&dyn Peers> {
        self.host.services().peers()
    }

    fn bus(&self) -> Option<&dyn EventBus> {
        self.host.services().bus().is_some().then_some(&self.bus)
    }

    fn in_flight(&self) -> usize {
        self.host.services().in_flight()
    }
}

/// A host's bus.
struct WatchedBus {
    host: Context,
    traffic: Traffic,
}

impl WatchedBus {
    fn bus(&self) -> Result<&dyn EventBus, Fault> {
        let bus = self.host.services().bus();
        bus.ok_or_else(|| Fault::new("no_bus", "there are no events here"))
    }
}

impl EventBus for WatchedBus {
    fn emit(&self, caller: Option<&Caller>, draft: EventDraft) -> Result<Receipt, Fault> {
        let bus = self.bus()?;
        let number = self.traffic.begin_emit(&draft);
        let result = bus.emit(caller, draft);
        self.traffic.end_emit(number, &result);
        result
    }

    fn emit_when_there_is_room<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Receipt, Fault>> {
        Box::pin(async move {
            let bus = self.bus()?;
            let number = self.traffic.begin_emit(&draft);
            let result = bus.emit_when_there_is_room(caller, draft).await;
            self.traffic.end_emit(number, &result);
            result
        })
    }

    fn dispatch<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
    ) -> BoxFuture<'a, Result<Dispatched, Fault>> {
        Box::pin(async move {
            let bus = self.bus()?;
            let number = self.traffic.begin_emit(&draft);
            let result = bus.dispatch(caller, draft).await;
            self.traffic.end_emit(number, &result);
            result
        })
    }

    fn request<'a>(
        &'a self,
        caller: Option<&'a Caller>,
        draft: EventDraft,
        timeout: Duration,
    ) -> BoxFuture<'a, Result<Payload, Fault>> {
        Box::pin(async move {
            let bus = self.bus()?;
            let number = self.traffic.begin_emit(&draft);
            let result = bus.request(caller, draft, timeout).await;
            // That nobody replies is not the plugin's doing.
            if let Err(fault) = &result
                && !fault.code().starts_with("request_")
            {
                self.traffic.refused(number, fault);
            }
            result
        })
    }

    fn wait_for(
        &self,
        pattern: &str,
        timeout: Duration,
    ) -> BoxFuture<'static, Result<Event, Fault>> {
        match self.bus() {
            Ok(bus) => bus.wait_for(pattern, timeout),
            Err(fault) => Box::pin(std::future::ready(Err(fault))),
        }
    }
}
