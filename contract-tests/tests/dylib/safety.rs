//! The safety table for plugins in libraries: class x fault x executor. Whatever one plugin does,
//! its neighbour answers, the caller is told the cause, and the next dispatch works.

use std::time::Duration;

use hookspec::manifest::Isolation;
use hookspec::{Caller, CauseClass, DispatchError, Manifest, Registry};
use serde_json::{Value, json};

use crate::support::{Folder, c_puppet, manifest, registry, runtime, rust_puppet};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Notify,
    Collect,
    Chain,
    Singleton,
    Capability,
}

const CLASSES: [Class; 5] =
    [Class::Notify, Class::Collect, Class::Chain, Class::Singleton, Class::Capability];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Harm {
    Fault,
    Panic,
    PanicLater,
    Hang,
    /// Holds its thread: only where it has one of its own.
    Block,
}

const HARMS: [Harm; 5] = [Harm::Fault, Harm::Panic, Harm::PanicLater, Harm::Hang, Harm::Block];

impl Harm {
    fn asked(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Panic => "panic",
            Self::PanicLater => "panic later",
            Self::Hang => "hang",
            Self::Block => "block",
        }
    }

    fn cause(self) -> CauseClass {
        match self {
            Self::Fault => CauseClass::Faulted,
            Self::Panic | Self::PanicLater => CauseClass::Panicked,
            Self::Hang | Self::Block => CauseClass::TimedOut,
        }
    }
}

/// What a dispatch came to: who answered, and why the other did not.
struct Came {
    answered: usize,
    causes: Vec<CauseClass>,
}

async fn dispatch(registry: &Registry, class: Class, what: &str) -> Came {
    // Long for what ends by itself, so that a busy machine is not taken for a fault.
    let limit = if ["hang", "block", "never"].contains(&what) { 250 } else { 20_000 };
    let caller = Caller::new().with_timeout(Duration::from_millis(limit));
    let input = json!(what);
    let classes = |failures: &[hookspec::Failure]| {
        failures.iter().map(|failure| failure.cause.class()).collect::<Vec<_>>()
    };
    let alone = |answered: Result<usize, DispatchError>| match answered {
        Ok(answered) => Came { answered, causes: Vec::new() },
        Err(DispatchError::PluginFailed { failure, .. }) => {
            Came { answered: 0, causes: vec![failure.cause.class()] }
        }
        Err(error) => panic!("{error}"),
    };
    match class {
        Class::Notify => {
            let hook = registry.broadcast_notify::<Value>("puppet", "tell").unwrap();
            let told = hook.dispatch(&caller, input).await.unwrap();
            Came { answered: told.delivered, causes: classes(&told.failures) }
        }
        Class::Collect => {
            let hook = registry.broadcast_collect::<Value, Value>("puppet", "ask").unwrap();
            let collected = hook.dispatch(&caller, input).await.unwrap();
            Came { answered: collected.replies.len(), causes: classes(&collected.failures) }
        }
        Class::Chain => {
            let hook = registry.chain::<Value>("puppet", "link").unwrap();
            match hook.dispatch(&caller, input).await {
                Ok(chained) => {
                    Came { answered: chained.ran.len(), causes: classes(&chained.failures) }
                }
                // The time of a chain is that of all its links (CHAIN-9).
                error => alone(error.map(|_| 0)),
            }
        }
        Class::Singleton => {
            let hook = registry.singleton::<Value, Value>("puppet", "pick").unwrap();
            alone(hook.dispatch(&caller, input).await.map(|_| 1))
        }
        Class::Capability => {
            let hook = registry.capability::<Value, Value>("puppet", "find").unwrap();
            alone(hook.dispatch(&caller, input).await.map(|_| 1))
        }
    }
}

/// One that does harm and is asked first, and one in C that answers whatever it is asked.
async fn two(rust: &Folder, c: &Folder, isolation: Isolation) -> Registry {
    let own = |name: &str, priority| Manifest {
        isolation: Some(isolation),
        priority,
        ..manifest(name, "puppet")
    };
    let plugins = [rust.open(&own("puppet", 9)), c.open(&own("puppet-c", 1))];
    registry(plugins.map(Result::unwrap)).await
}

#[test]
fn no_harm_reaches_a_neighbour_or_the_caller() {
    let (rust, c) = (rust_puppet(), c_puppet(&["ALL_HOOKS=1", "HARMLESS=1"]));
    let runtime = runtime();
    runtime.block_on(async {
        for isolation in Isolation::ALL {
            let registry = two(&rust, &c, isolation).await;
            for class in CLASSES {
                for harm in HARMS {
                    // ISO-1: an inline poll, or a task on this runtime, cannot be interrupted.
                    if harm == Harm::Block && isolation != Isolation::Thread {
                        continue;
                    }
                    let came = dispatch(&registry, class, harm.asked()).await;
                    let row = format!("{class:?}, {harm:?}, {isolation}");
                    assert_eq!(came.causes, [harm.cause()], "{row}");
                    let neighbours = match (class, harm) {
                        (Class::Notify | Class::Collect, _) => 1,
                        (Class::Chain, Harm::Fault | Harm::Panic | Harm::PanicLater) => 1,
                        // The whole chain's time is up.
                        (Class::Chain, Harm::Hang | Harm::Block) => 0,
                        (Class::Singleton | Class::Capability, _) => 0,
                    };
                    assert_eq!(came.answered, neighbours, "{row}");
                    let next = dispatch(&registry, class, "anything").await;
                    assert!(next.causes.is_empty() && next.answered > 0, "{row}: and then");
                }
            }
        }
    });
    // Threads that block stay behind: nobody waits for them.
    runtime.shutdown_background();
}

/// The cause of an answer that only C can give.
#[test]
fn what_c_answers_is_judged_in_every_class() {
    let c = c_puppet(&["ALL_HOOKS=1"]);
    let runtime = runtime();
    runtime.block_on(async {
        let registry = registry([c.open(&manifest("puppet-c", "puppet")).unwrap()]).await;
        for class in CLASSES {
            for (what, cause) in [
                ("bad utf-8", CauseClass::InvalidOutput),
                ("bad json", CauseClass::InvalidOutput),
                ("huge", CauseClass::InvalidOutput),
                ("status", CauseClass::Faulted),
                ("never", CauseClass::TimedOut),
            ] {
                let came = dispatch(&registry, class, what).await;
                // Nobody reads the answer to a notification.
                let unread = class == Class::Notify && cause == CauseClass::InvalidOutput;
                let expected: &[CauseClass] = if unread { &[] } else { &[cause] };
                assert_eq!(came.causes, expected, "{class:?}, {what}");
            }
        }
    });
}
