//! [`Specimen`]: the plugin that a vector of the contract suite describes.
//!
//! It keeps to the lifecycle by itself (no call before setup, no second setup), so that it breaks
//! nothing but what its scenario says.

use std::any::Any;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hookspec_plugin::check::Examine;
use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, HookFuture, HookName, Manifest, Payload, Plugin, Reply,
    Teardown, TypedPayload,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What specimens keep in this process for ever: themselves, and open files.
static KEPT: Mutex<Vec<Box<dyn Any + Send>>> = Mutex::new(Vec::new());
/// How often any specimen of this process was called.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// What a hook answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Value(Value),
    /// A number that is none.
    Nan,
    /// A text of so many bytes.
    Text(usize),
    Random,
    /// How often this instance was called.
    InstanceCounter,
    /// How often all instances were called.
    GlobalCounter,
    Now,
}

/// What setup or teardown does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Ok,
    /// It needs some turns of the runtime.
    Async,
    Sleep(Duration),
    Raise,
    /// Keeps the instance in a global.
    KeepsItself,
    /// Keeps an open file in a global.
    KeepsFile,
    /// Says that a new instance needs a restart.
    NeedsRestart,
}

/// What every instance is made of.
#[derive(Clone, Debug)]
pub(crate) struct Nature {
    pub(crate) manifest: Manifest,
    pub(crate) answers: BTreeMap<String, Answer>,
    pub(crate) setup: Step,
    pub(crate) teardown: Step,
}

/// The plugin that a vector of the contract suite describes.
#[derive(Debug)]
pub(crate) struct Specimen {
    nature: Nature,
    hooks: Vec<HookName>,
    phase: AtomicU8,
    calls: AtomicU64,
    itself: Weak<Self>,
}

const NEW: u8 = 0;
const READY: u8 = 1;
const ENDED: u8 = 2;

impl Specimen {
    pub(crate) fn instance(nature: Nature) -> Arc<dyn Plugin> {
        Arc::new_cyclic(|itself| Self {
            hooks: nature.answers.keys().map(|hook| HookName::from(hook.as_str())).collect(),
            nature,
            phase: AtomicU8::new(NEW),
            calls: AtomicU64::new(0),
            itself: itself.clone(),
        })
    }

    async fn step(&self, step: Step) -> Result<(), Fault> {
        match step {
            Step::Ok | Step::NeedsRestart => {}
            Step::Async => tokio::task::yield_now().await,
            Step::Sleep(time) => tokio::time::sleep(time).await,
            Step::Raise => return Err(Fault::new("fails", "it fails as it was told to")),
            Step::KeepsItself => {
                if let Some(itself) = self.itself.upgrade() {
                    keep(itself);
                }
            }
            Step::KeepsFile => {
                let opened = std::env::current_exe().and_then(File::open);
                keep(opened.map_err(|error| Fault::new("no_file", error.to_string()))?);
            }
        }
        Ok(())
    }

    fn answer(&self, answer: &Answer) -> Payload {
        let next = |count: &AtomicU64| json!(count.fetch_add(1, Ordering::Relaxed));
        Payload::from_json(match answer {
            Answer::Value(value) => value.clone(),
            Answer::Nan => return Payload::checked(Number(f64::NAN)),
            Answer::Text(bytes) => "x".repeat(*bytes).into(),
            // A hasher's keys are new each time.
            Answer::Random => json!(RandomState::new().hash_one(0)),
            Answer::InstanceCounter => next(&self.calls),
            Answer::GlobalCounter => next(&CALLS),
            Answer::Now => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                now.as_nanos().to_string().into()
            }
        })
    }
}

fn keep(kept: impl Any + Send) {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(kept));
}

/// A number as the type of a payload schema has it; that it is one is left to the reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Number(f64);

impl Examine for Number {}

impl TypedPayload for Number {
    const SCHEMA: &'static str = "";
    const COMPLETE: bool = false;
}

impl Plugin for Specimen {
    fn manifest(&self) -> &Manifest {
        &self.nature.manifest
    }

    fn hooks(&self) -> &[HookName] {
        &self.hooks
    }

    fn setup<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            if self.phase.load(Ordering::Acquire) != NEW {
                return Err(Fault::new("set_up_already", "an instance is set up once"));
            }
            self.step(self.nature.setup).await?;
            self.phase.store(READY, Ordering::Release);
            Ok(())
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        let ready = self.phase.load(Ordering::Acquire) == READY;
        HookFuture::Ready(match self.nature.answers.get(call.hook().as_str()) {
            Some(answer) if ready => Ok(Reply::Value(self.answer(answer))),
            Some(_) => Err(Fault::new("not_ready", "it is not set up")),
            None => Err(Fault::new("hook_not_implemented", "it does not have this hook")),
        })
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async {
            if self.phase.swap(ENDED, Ordering::AcqRel) != READY {
                return Ok(Teardown::Clean);
            }
            self.step(self.nature.teardown).await?;
            Ok(match self.nature.teardown {
                Step::NeedsRestart => Teardown::RequiresRestart,
                _ => Teardown::Clean,
            })
        })
    }
}
