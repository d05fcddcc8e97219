//! [`Puppet`]: a plugin that does what its script says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Handled, HookFuture, HookName, Manifest, Plugin, PluginName,
    Reply, Teardown,
};
use serde_json::{Value, json};

use super::behaviour::{Behaviour, Bomb, NotJson, Script};
use super::gate::Gate;
use super::journal::{Happening, Journal};

/// A plugin that does what its script says.
#[derive(Debug)]
pub struct Puppet {
    manifest: Manifest,
    hooks: Vec<HookName>,
    scripts: BTreeMap<HookName, Script>,
    setup: Step,
    teardown: Step,
    requires_restart: bool,
    matcher: Matcher,
    journal: Journal,
    calls: AtomicUsize,
}

/// What a puppet does in its setup or teardown.
#[derive(Clone, Debug, Default)]
pub enum Step {
    /// Ends well.
    #[default]
    Ok,
    /// Fails.
    Fault(String),
    /// Panics.
    Panic(String),
    /// Waits until the gate is open, then ends well.
    Wait(Gate),
    /// Blocks its thread until the gate is open, then ends well.
    Block(Gate),
}

/// What a puppet says when capability dispatch asks whether it takes an input.
#[derive(Clone, Default)]
pub enum Matcher {
    /// Yes.
    #[default]
    Yes,
    /// No.
    No,
    /// It panics.
    Panic,
    /// Yes, if this field of the input has this value.
    FieldEquals(String, Value),
}

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Yes => "Yes",
            Self::No => "No",
            Self::Panic => "Panic",
            Self::FieldEquals(..) => "FieldEquals",
        })
    }
}

impl Puppet {
    /// A puppet without hooks.
    pub fn new(manifest: Manifest) -> Self {
        Self {
            manifest,
            hooks: Vec::new(),
            scripts: BTreeMap::new(),
            setup: Step::Ok,
            teardown: Step::Ok,
            requires_restart: false,
            matcher: Matcher::Yes,
            journal: Journal::new(),
            calls: AtomicUsize::new(0),
        }
    }

    /// Gives it a hook.
    #[must_use]
    pub fn on(mut self, hook: impl Into<HookName>, script: impl Into<Script>) -> Self {
        let hook = hook.into();
        if self.scripts.insert(hook.clone(), script.into()).is_none() {
            self.hooks.push(hook);
        }
        self
    }

    /// What it does in setup.
    #[must_use]
    pub fn setup(mut self, step: Step) -> Self {
        self.setup = step;
        self
    }

    /// What it does in teardown.
    #[must_use]
    pub fn teardown(mut self, step: Step) -> Self {
        self.teardown = step;
        self
    }

    /// Its teardown says that a new instance needs a restart.
    #[must_use]
    pub fn requires_restart(mut self) -> Self {
        self.requires_restart = true;
        self
    }

    /// What it says to capability dispatch.
    #[must_use]
    pub fn matches(mut self, matcher: Matcher) -> Self {
        self.matcher = matcher;
        self
    }

    /// Writes into this journal.
    #[must_use]
    pub fn journal(mut self, journal: &Journal) -> Self {
        self.journal = journal.clone();
        self
    }

    fn name(&self) -> PluginName {
        self.manifest.name.clone()
    }

    fn happened(&self, happening: Happening) {
        self.journal.write(happening);
    }

    /// What can be done at once; the rest is left to a future.
    fn at_once(&self, behaviour: &Behaviour, call: &Call<'_>) -> Option<Result<Reply, Fault>> {
        Some(Ok(match behaviour {
            Behaviour::Answer(payload) => Reply::Value(payload.clone()),
            Behaviour::Echo => Reply::Value(call.input.clone()),
            Behaviour::Compute(function) => {
                let result = function(call);
                if let Ok(Reply::Value(payload)) = &result {
                    let value = payload.json().cloned().unwrap_or_default();
                    self.happened(Happening::Observed { plugin: self.name(), value });
                }
                return Some(result);
            }
            Behaviour::Unchanged => Reply::Unchanged,
            Behaviour::Stop => Reply::Stop,
            Behaviour::Fault(fault) => return Some(Err(fault.clone())),
            Behaviour::FailTimes(times, fault, then) => {
                if self.calls.fetch_add(1, Ordering::Relaxed) < *times {
                    return Some(Err(fault.clone()));
                }
                return self.at_once(then, call);
            }
            Behaviour::Panic(payload) => payload.throw(),
            Behaviour::NotJson { panics } => Reply::value(NotJson { panics: *panics }),
            Behaviour::Huge(bytes) => Reply::value(Value::String("x".repeat(*bytes))),
            Behaviour::Deep(levels) => {
                Reply::value((0..*levels).fold(json!(0), |inner, _| Value::Array(vec![inner])))
            }
            Behaviour::Block(gate, then) => {
                gate.block();
                return self.at_once(then, call);
            }
            Behaviour::Hang
            | Behaviour::HangAndPanicWhenDropped
            | Behaviour::Wait(..)
            | Behaviour::Late(..)
            | Behaviour::Emit(_)
            | Behaviour::CallBack { .. } => return None,
        }))
    }

    async fn in_time(&self, behaviour: &Behaviour, call: Call<'_>) -> Result<Reply, Fault> {
        let mut behaviour = behaviour;
        loop {
            if let Some(answer) = self.at_once(behaviour, &call) {
                return answer;
            }
            behaviour = match behaviour {
                Behaviour::Wait(gate, then) => {
                    gate.pass().await;
                    then
                }
                Behaviour::Late(delay, then) => {
                    tokio::time::sleep(*delay).await;
                    then
                }
                Behaviour::Emit(drafts) => {
                    for draft in drafts(&call)? {
                        call.context.bus().emit(draft).await?;
                    }
                    return Ok(Reply::value(Handled::default()));
                }
                Behaviour::CallBack { registry, kind, hook } => {
                    let registry =
                        registry.get().ok_or_else(|| Fault::new("puppet", "no registry yet"))?;
                    let collect = registry.broadcast_collect::<Value, Value>(kind, hook)?;
                    let collected = collect.dispatch(call.context.caller(), json!({})).await?;
                    let replies = collected.replies.iter().map(|reply| (*reply.value).clone());
                    return Ok(Reply::value(Value::Array(replies.collect())));
                }
                Behaviour::HangAndPanicWhenDropped => {
                    let _bomb = Bomb;
                    std::future::pending().await
                }
                _ => std::future::pending().await,
            };
        }
    }
}

impl Plugin for Puppet {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        &self.hooks
    }

    fn setup<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            let result = perform(&self.setup).await;
            self.happened(match result {
                Ok(()) => Happening::SetUp(self.name()),
                Err(_) => Happening::SetUpFailed(self.name()),
            });
            result
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let input = call.input.json().cloned().unwrap_or_default();
        let (plugin, hook) = (self.name(), call.hook().clone());
        self.happened(Happening::Called { plugin, hook, input });
        let Some(script) = self.scripts.get(call.hook()) else {
            return HookFuture::Ready(Err(Fault::new("puppet", "no script for this hook")));
        };
        if !script.pending
            && let Some(answer) = self.at_once(&script.behaviour, &call)
        {
            return HookFuture::Ready(answer);
        }
        HookFuture::boxed(async move {
            let mut unanswered = Unanswered(Some(self));
            if script.pending {
                tokio::task::yield_now().await;
            }
            let answer = self.in_time(&script.behaviour, call).await;
            unanswered.answered();
            answer
        })
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        match &self.matcher {
            Matcher::Yes => true,
            Matcher::No => false,
            Matcher::Panic => panic!("a puppet panics in `matches`"),
            Matcher::FieldEquals(field, value) => {
                call.input.json().is_ok_and(|input| input.get(field) == Some(value))
            }
        }
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async {
            let result = perform(&self.teardown).await;
            self.happened(match result {
                Ok(()) => Happening::TornDown(self.name()),
                Err(_) => Happening::TearDownFailed(self.name()),
            });
            result.map(|()| match self.requires_restart {
                true => Teardown::RequiresRestart,
                false => Teardown::Clean,
            })
        })
    }
}

async fn perform(step: &Step) -> Result<(), Fault> {
    match step {
        Step::Ok => {}
        Step::Fault(message) => return Err(Fault::new("puppet", message.as_str())),
        Step::Panic(message) => std::panic::panic_any(message.clone()),
        Step::Wait(gate) => gate.pass().await,
        Step::Block(gate) => gate.block(),
    }
    Ok(())
}

/// Records a future that was dropped before it had answered.
struct Unanswered<'a>(Option<&'a Puppet>);

impl Unanswered<'_> {
    fn answered(&mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(puppet) = self.0 {
            puppet.happened(Happening::Dropped(puppet.name()));
        }
    }
}
