//! [`Animal`]: the plugin that every specimen is.

use std::fmt;
use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Instance, Manifest, Plugin,
    Subscription, Teardown,
};

use crate::flaw::Flaw;
use crate::state::{State, next};
use crate::{effects, events, hooks, manifests, setup};

/// The plugin that every specimen is: honest, but for the flaw that its name says.
pub struct Animal {
    manifest: Manifest,
    flaw: Option<Flaw>,
    hooks: Vec<HookName>,
    instance: Instance<State>,
    /// The same, for those that answer out of turn.
    state: Arc<State>,
}

impl Animal {
    /// The animal that a manifest's name says; an honest one where no flaw has that name.
    pub fn new(manifest: Manifest) -> Self {
        let flaw = Flaw::of(manifest.name.as_str());
        let manifest = manifests::own(manifest, flaw);
        let state = Arc::new(State::new());
        Self {
            hooks: manifests::hooks(&manifest, flaw),
            instance: Instance::value(manifest.clone(), Arc::clone(&state)),
            manifest,
            flaw,
            state,
        }
    }

    /// The animal of a name.
    pub fn named(name: &'static str) -> Self {
        Self::new(manifests::of(name))
    }

    /// What is wrong with it.
    pub fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Whether it is not set up yet (`not_set_up`) or not any more (`torn_down`).
    fn is(&self, when: &str) -> bool {
        self.instance.ready().is_err_and(|fault| fault.code() == when)
    }

    fn serves(&self, hook: &HookName) -> bool {
        match self.flaw {
            Some(Flaw::ServesUnlisted) if *hook == "gather" => true,
            Some(Flaw::ListsUnserved) if *hook == "gather" => false,
            _ => *hook != "no_such_hook" && self.hooks.contains(hook),
        }
    }

    fn answer<'a>(&'a self, call: Call<'a>) -> Result<HookFuture<'a>, Fault> {
        let out_of_turn = match self.flaw {
            Some(Flaw::AnswersBeforeSetup) => "not_set_up",
            Some(Flaw::AnswersAfterTeardown) => "torn_down",
            _ => "",
        };
        let state = match self.instance.ready() {
            Err(fault) if fault.code() != out_of_turn => return Err(fault),
            _ => &*self.state,
        };
        if !self.serves(call.hook()) {
            let message = format!("the plugin does not implement hook `{}`", call.hook());
            return Err(Fault::new("hook_not_implemented", message));
        }
        if self.has(Flaw::Sulks) && state.refused.load(Ordering::Relaxed) {
            return Err(Fault::new("sulking", "it was asked too much before"));
        }
        if self.has(Flaw::SharesState) && !setup::is_shared_state_there() {
            return Err(Fault::new("state_lost", "somebody cleared the state"));
        }
        effects::of_call(self.flaw, next(&state.called));
        hooks::answer(self.flaw, &self.manifest, state, call)
    }
}

impl Plugin for Animal {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        &self.hooks
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            if self.has(Flaw::SetUpTwice) && self.instance.ready().is_ok() {
                return Ok(());
            }
            if self.is("not_set_up") {
                setup::check(self.flaw, context.config())?;
                setup::leave(self.flaw)?;
                events::leave(self.flaw, context)?;
            }
            self.instance.setup(context).await
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        match self.answer(call) {
            Err(fault) => {
                // Out of turn, nobody asked anything of it yet.
                let refused = self.instance.ready().is_ok();
                self.state.refused.fetch_or(refused, Ordering::Relaxed);
                HookFuture::Ready(Err(fault))
            }
            Ok(future) => future,
        }
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        match events::has(self.manifest.name.as_str()) {
            true => events::asked_for(self.flaw, self.state.instance),
            false => Vec::new(),
        }
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        if self.has(Flaw::HealthHangs) { Box::pin(pending()) } else { self.instance.health() }
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        match self.flaw {
            Some(Flaw::TeardownHangs) => return Box::pin(pending()),
            Some(Flaw::PanicsWithoutSetup) if self.is("not_set_up") => {
                panic!("there is nothing to tear down")
            }
            Some(Flaw::PanicsTornDownTwice) if self.is("torn_down") => {
                panic!("it was torn down before")
            }
            Some(Flaw::SharesState) if self.instance.ready().is_ok() => setup::clear_shared_state(),
            _ => {}
        }
        let ended = self.is("torn_down");
        let teardown = self.instance.teardown();
        // Whoever asks twice is told that it is done.
        if ended { Box::pin(ready(Ok(Teardown::Clean))) } else { teardown }
    }
}

impl fmt::Debug for Animal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Animal")
            .field("name", &self.manifest.name)
            .field("flaw", &self.flaw)
            .finish()
    }
}
