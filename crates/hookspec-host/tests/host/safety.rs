//! The safety table: class x fault x executor, whole (invariants 5 and 10).
//!
//! Every `match` here is exhaustive: a new class, fault or executor does not compile until it has
//! its row.

use std::time::{Duration, Instant};

use hookspec_host::testing::{Behaviour, Gate, Journal, PanicPayload, Puppet};
use hookspec_host::{Cause, CauseClass, DispatchError, Failure, Limits, Registry};
use hookspec_plugin::{Caller, Isolation, Manifest};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{PATIENCE, builder, eventually, impatient, plugin, strict};

/// What the bad plugin does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Misdeed {
    None,
    Faults,
    Panics,
    PanicsWithABomb,
    PanicsWhileDropped,
    Hangs,
    BlocksItsThread,
    AnswersTheWrongType,
    AnswersAgainstTheSchema,
    AnswersTooMuch,
    AnswersTooDeep,
    AnswersNoJson,
    PanicsWhileSerialised,
    /// Its thread or task ends under it. In one process nothing but the end of its runtime does
    /// that, and the dispatch would end with it: `executors.rs` has the test.
    Dies,
}

const MISDEEDS: [Misdeed; 14] = [
    Misdeed::None,
    Misdeed::Faults,
    Misdeed::Panics,
    Misdeed::PanicsWithABomb,
    Misdeed::PanicsWhileDropped,
    Misdeed::Hangs,
    Misdeed::BlocksItsThread,
    Misdeed::AnswersTheWrongType,
    Misdeed::AnswersAgainstTheSchema,
    Misdeed::AnswersTooMuch,
    Misdeed::AnswersTooDeep,
    Misdeed::AnswersNoJson,
    Misdeed::PanicsWhileSerialised,
    Misdeed::Dies,
];

impl Misdeed {
    fn behaviour(self, gate: &Gate) -> Option<Behaviour> {
        Some(match self {
            Self::None => Behaviour::answer(good()),
            Self::Faults => Behaviour::fault("boom"),
            Self::Panics => Behaviour::panic("boom"),
            Self::PanicsWithABomb => Behaviour::Panic(PanicPayload::Bomb),
            Self::PanicsWhileDropped => Behaviour::HangAndPanicWhenDropped,
            Self::Hangs => Behaviour::Hang,
            Self::BlocksItsThread => {
                Behaviour::Block(gate.clone(), Box::new(Behaviour::answer(good())))
            }
            Self::AnswersTheWrongType => Behaviour::answer(json!(["text"])),
            Self::AnswersAgainstTheSchema => Behaviour::answer(json!({ "text": "x", "extra": 1 })),
            Self::AnswersTooMuch => Behaviour::Huge(50_000_000),
            Self::AnswersTooDeep => Behaviour::Deep(100_000),
            Self::AnswersNoJson => Behaviour::NotJson { panics: false },
            Self::PanicsWhileSerialised => Behaviour::NotJson { panics: true },
            Self::Dies => return None,
        })
    }

    /// The cause that the caller is told; `None` where the plugin does not fail.
    fn cause(self, class: DispatchClass) -> Option<CauseClass> {
        let output = match class {
            // What a notification answers is dropped unread (NOTIFY-3).
            DispatchClass::BroadcastNotify => None,
            DispatchClass::BroadcastCollect
            | DispatchClass::Chain
            | DispatchClass::Singleton
            | DispatchClass::Capability => Some(CauseClass::InvalidOutput),
        };
        match self {
            Self::None | Self::Dies => None,
            Self::Faults => Some(CauseClass::Faulted),
            Self::Panics | Self::PanicsWithABomb => Some(CauseClass::Panicked),
            Self::PanicsWhileDropped | Self::Hangs | Self::BlocksItsThread => {
                Some(CauseClass::TimedOut)
            }
            Self::AnswersTheWrongType
            | Self::AnswersAgainstTheSchema
            | Self::AnswersTooMuch
            | Self::AnswersTooDeep
            | Self::AnswersNoJson
            | Self::PanicsWhileSerialised => output,
        }
    }

    /// Whether the time of the whole dispatch is used up.
    fn takes_all_time(self) -> bool {
        matches!(self, Self::PanicsWhileDropped | Self::Hangs | Self::BlocksItsThread)
    }
}

fn good() -> Value {
    json!({ "text": "good" })
}

/// One cell of the table.
struct Cell {
    class: DispatchClass,
    misdeed: Misdeed,
    isolation: Isolation,
    gate: Gate,
    registry: Registry,
}

impl Cell {
    async fn new(class: DispatchClass, misdeed: Misdeed, isolation: Isolation) -> Option<Self> {
        let gate = Gate::new();
        let behaviour = misdeed.behaviour(&gate)?;
        let policy = match class {
            DispatchClass::BroadcastCollect | DispatchClass::Chain => {
                "    error_policy: best_effort\n"
            }
            DispatchClass::BroadcastNotify
            | DispatchClass::Singleton
            | DispatchClass::Capability => "",
        };
        let journal = Journal::new();
        let of = |name: &str, priority| {
            // A bad plugin that comes first, so that the good ones stand in its shadow.
            let manifest = Manifest { priority, ..Manifest::new(name, "k") };
            Puppet::new(manifest).journal(&journal)
        };
        let puppets = [
            of("bad", 30).on("h", behaviour),
            of("good-1", 20).on("h", Behaviour::answer(good())),
            of("good-2", 10).on("h", Behaviour::answer(good()).pending()),
        ];
        // Only what has to run into its deadline is given a short one.
        let dispatch_timeout =
            if misdeed.takes_all_time() { impatient().dispatch_timeout } else { PATIENCE };
        let registry = builder(strict(class, policy), puppets)
            .limits(Limits { dispatch_timeout, ..impatient() })
            .isolation("bad", isolation)
            .start()
            .await
            .unwrap();
        Some(Self { class, misdeed, isolation, gate, registry })
    }

    fn name(&self) -> String {
        format!("{} x {:?} x {}", self.class, self.misdeed, self.isolation)
    }

    /// An inline plugin that blocks its thread would block this test too: it is let go as soon as
    /// the deadline has passed.
    fn release_after(&self, deadline: Instant) -> Option<std::thread::JoinHandle<()>> {
        let blocks = self.misdeed == Misdeed::BlocksItsThread;
        (blocks && self.isolation == Isolation::Inline).then(|| {
            let gate = self.gate.clone();
            std::thread::spawn(move || {
                assert!(gate.holds(1, Duration::from_secs(10)), "the puppet is held");
                while Instant::now() <= deadline {
                    std::thread::yield_now();
                }
                gate.open();
            })
        })
    }

    async fn run(self) {
        let name = self.name();
        let caller = Caller::new();
        let release = self.release_after(Instant::now() + impatient().dispatch_timeout * 2);
        let expected = self.misdeed.cause(self.class);
        let input = json!({ "text": "in" });
        match self.class {
            DispatchClass::BroadcastNotify => {
                let notify = self.registry.broadcast_notify::<Value>("k", "h").unwrap();
                let notified = notify.dispatch(&caller, input).await.unwrap();
                let late = self.starved();
                let failed = usize::from(expected.is_some());
                assert_eq!(notified.failures.len(), failed + late, "{name}");
                assert_eq!(notified.delivered, 3 - failed - late, "{name}");
                self.check(notified.failures.first(), expected);
            }
            DispatchClass::BroadcastCollect => {
                let collect = self.registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
                let collected = collect.dispatch(&caller, input).await.unwrap();
                let who: Vec<&str> = collected.replies.iter().map(|r| r.plugin.as_str()).collect();
                let good: &[&str] = match (expected, self.starved()) {
                    (None, _) => &["bad", "good-1", "good-2"],
                    (Some(_), 0) => &["good-1", "good-2"],
                    (Some(_), _) => &[],
                };
                assert_eq!(who, good, "{name}: the others' replies, complete and in order");
                assert!(collected.replies.iter().all(|reply| *reply.value == self::good()));
                self.check(collected.failures.first(), expected);
            }
            DispatchClass::Chain => {
                let chain = self.registry.chain::<Value>("k", "h").unwrap();
                match chain.dispatch(&caller, input.clone()).await {
                    Ok(chained) => {
                        assert!(!self.misdeed.takes_all_time(), "{name}: CHAIN-9");
                        assert_eq!(*chained.value, good(), "{name}");
                        assert_eq!(chained.ran.last().unwrap(), "good-2", "{name}");
                        self.check(chained.failures.first(), expected);
                    }
                    Err(DispatchError::PluginFailed { failure, partial }) => {
                        assert!(self.misdeed.takes_all_time(), "{name}: {failure}");
                        let hookspec_host::Partial::Value(before) = partial else {
                            panic!("{name}: a chain's partial is the value before")
                        };
                        assert_eq!(*before.json().unwrap(), input, "{name}: CHAIN-7");
                        self.check(Some(&failure), expected);
                    }
                    Err(error) => panic!("{name}: {error}"),
                }
            }
            DispatchClass::Singleton => {
                let singleton = self.registry.singleton::<Value, Value>("k", "h").unwrap();
                self.check_one(singleton.dispatch(&caller, input).await, expected);
            }
            DispatchClass::Capability => {
                let capability = self.registry.capability::<Value, Value>("k", "h").unwrap();
                self.check_one(capability.dispatch(&caller, input).await, expected);
            }
        }
        if let Some(release) = release {
            release.join().unwrap();
        }
        self.settle(expected).await;
    }

    /// How many of the good plugins a blocked thread kept from starting: none but inline, where
    /// the time of all is up when the thread comes back (ISO-1, DEADLINE-2).
    fn starved(&self) -> usize {
        match (self.misdeed, self.isolation) {
            (Misdeed::BlocksItsThread, Isolation::Inline) => 2,
            _ => 0,
        }
    }

    fn check(&self, failure: Option<&Failure>, expected: Option<CauseClass>) {
        let name = self.name();
        let Some(failure) = failure else {
            assert_eq!(expected, None, "{name}: the failure was not reported");
            return;
        };
        assert_eq!(Some(failure.cause.class()), expected, "{name}: {failure}");
        assert_eq!((failure.plugin.as_str(), failure.hook.as_str()), ("bad", "h"), "{name}");
        if let Cause::Panicked { message, .. } = &failure.cause {
            let text = if self.misdeed == Misdeed::Panics { "boom" } else { "not text" };
            assert!(message.contains(text), "{name}: {message}");
        }
        if self.misdeed.takes_all_time() {
            let came_back = self.starved() > 0;
            assert_eq!(failure.late, came_back, "{name}: late is what came back after all");
        }
    }

    fn check_one(
        &self,
        result: Result<hookspec_host::Answer<Value>, DispatchError>,
        expected: Option<CauseClass>,
    ) {
        let name = self.name();
        match result {
            Ok(answer) => {
                assert_eq!(answer.plugin, "bad", "{name}: never silently another one");
                assert_eq!(*answer.value, good(), "{name}");
                assert_eq!(expected, None, "{name}");
            }
            Err(DispatchError::PluginFailed { failure, .. }) => {
                assert!(expected.is_some(), "{name}: {failure}");
                self.check(Some(&failure), expected);
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }

    /// Counters return to zero, the blame is on the right plugin, and the registry stops in time.
    async fn settle(self, expected: Option<CauseClass>) {
        let name = self.name();
        let bad = plugin(&self.registry, "bad");
        assert_eq!(bad.in_flight, 0, "{name}: nothing is in flight");
        let blamed: Vec<_> = bad.failures.into_iter().collect();
        assert_eq!(
            blamed,
            expected.map(|cause| (cause, 1)).into_iter().collect::<Vec<_>>(),
            "{name}"
        );
        let held = self.misdeed == Misdeed::BlocksItsThread && self.isolation != Isolation::Inline;
        let quiet = || plugin(&self.registry, "bad").abandoned == 0;
        if held {
            assert_eq!(bad.abandoned, 1, "{name}: what holds its thread has its own gauge");
            self.gate.open();
        }
        eventually(&format!("{name}: nothing is abandoned"), quiet).await;
        let begin = Instant::now();
        self.registry.stop().await.unwrap();
        assert!(begin.elapsed() < Duration::from_secs(3), "{name}: stopped within its timeouts");
    }
}

async fn table(class: DispatchClass) {
    hookspec_host::install_panic_hook();
    let mut cells = 0;
    for misdeed in MISDEEDS {
        for isolation in Isolation::ALL {
            if let Some(cell) = Cell::new(class, misdeed, isolation).await {
                cell.run().await;
                cells += 1;
            }
        }
    }
    assert_eq!(cells, (MISDEEDS.len() - 1) * Isolation::ALL.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn safety_table_broadcast_notify() {
    table(DispatchClass::BroadcastNotify).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn safety_table_broadcast_collect() {
    table(DispatchClass::BroadcastCollect).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn safety_table_chain() {
    table(DispatchClass::Chain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn safety_table_singleton() {
    table(DispatchClass::Singleton).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn safety_table_capability() {
    table(DispatchClass::Capability).await;
}

/// A table that its own defaults could not hold would prove nothing.
#[test]
fn the_table_knows_every_class() {
    assert_eq!(DispatchClass::ALL.len(), 5);
    assert!(Limits::default().output_bytes < 50_000_000);
}
