//! What one would write by hand: the event, a trie, a bounded channel and a task per subscriber.

use std::collections::HashMap;
use std::future::Future;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::FutureExt;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{broadcast, mpsc};
use uuid::Builder as Uuid;

use crate::bursts::{BURST, Handled, QUEUE, Side, TYPE, data, patterns};

/// A runtime of one thread.
pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime can be made")
}

/// An event by hand: what ours has, as far as it is not empty.
#[allow(dead_code, reason = "nobody reads it, ours neither")]
struct Event {
    id: String,
    source: String,
    event_type: Arc<str>,
    time: SystemTime,
    correlation: String,
    data: Arc<Value>,
}

impl Event {
    fn new(source: &str) -> Arc<Self> {
        let (event_type, time) = (black_box(TYPE), SystemTime::now());
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut random = [0; 10];
        fastrand::fill(&mut random);
        let id = Uuid::from_unix_timestamp_millis(since.as_millis() as u64, &random);
        let id = id.into_uuid().to_string();
        Arc::new(Self {
            correlation: id.clone(),
            id,
            source: source.into(),
            event_type: event_type.into(),
            time,
            data: Arc::new(data()),
        })
    }
}

/// A trie by hand, over dot segments: whatever belongs to the patterns that match a text.
pub(crate) struct Trie<T>(Vec<Node<T>>);

struct Node<T> {
    exact: HashMap<Box<str>, usize>,
    one: Option<usize>,
    here: Vec<T>,
    rest: Vec<T>,
}

impl<T> Trie<T> {
    pub(crate) fn new() -> Self {
        let mut trie = Self(Vec::new());
        trie.node();
        trie
    }

    fn node(&mut self) -> usize {
        let (here, rest) = (Vec::new(), Vec::new());
        self.0.push(Node { exact: HashMap::new(), one: None, here, rest });
        self.0.len() - 1
    }

    pub(crate) fn insert(&mut self, pattern: &str, what: T) {
        let mut at = 0;
        for segment in pattern.split('.') {
            if segment == "**" {
                return self.0[at].rest.push(what);
            }
            let next = match segment {
                "*" => self.0[at].one,
                segment => self.0[at].exact.get(segment).copied(),
            };
            let below = next.unwrap_or_else(|| self.node());
            match segment {
                "*" => self.0[at].one = Some(below),
                segment => drop(self.0[at].exact.insert(segment.into(), below)),
            }
            at = below;
        }
        self.0[at].here.push(what);
    }

    pub(crate) fn each(&self, text: &str, told: &mut impl FnMut(&T)) {
        self.below(0, Some(text), told);
    }

    fn below(&self, at: usize, text: Option<&str>, told: &mut impl FnMut(&T)) {
        let node = &self.0[at];
        let Some(text) = text else { return node.here.iter().for_each(told) };
        node.rest.iter().for_each(&mut *told);
        let (segment, below) = match text.split_once('.') {
            Some((segment, below)) => (segment, Some(below)),
            None => (text, None),
        };
        if let Some(next) = node.exact.get(segment) {
            self.below(*next, below, told);
        }
        if let Some(next) = node.one {
            self.below(next, below, told);
        }
    }
}

type Boxed = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;
type Handler = dyn Fn(Arc<Event>) -> Boxed + Send + Sync;

/// A bounded channel and a task for each of 1 000 subscribers.
pub(crate) struct Channels {
    trie: Trie<mpsc::Sender<Arc<Event>>>,
    wanted: usize,
    handled: Handled,
    runtime: Runtime,
}

impl Channels {
    /// Guarded: each event is handled by a boxed future that may neither panic nor take long.
    pub(crate) fn new(wanted: usize, guarded: bool) -> Self {
        let (runtime, handled) = (runtime(), Handled::default());
        let mut trie = Trie::new();
        for pattern in patterns(wanted) {
            let (sender, receiver) = mpsc::channel(QUEUE);
            let count = Arc::clone(&handled.count);
            match guarded {
                true => runtime.spawn(guard(receiver, counting(count))),
                false => runtime.spawn(handle(receiver, count)),
            };
            trie.insert(&pattern, sender);
        }
        Self { trie, wanted, handled, runtime }
    }
}

async fn handle(mut receiver: mpsc::Receiver<Arc<Event>>, count: Arc<AtomicU64>) {
    while let Some(event) = receiver.recv().await {
        count.fetch_add(1, Relaxed);
        drop(black_box(event));
    }
}

fn counting(count: Arc<AtomicU64>) -> Box<Handler> {
    Box::new(move |event| {
        count.fetch_add(1, Relaxed);
        drop(black_box(event));
        Box::pin(async { Ok(()) })
    })
}

async fn guard(mut receiver: mpsc::Receiver<Arc<Event>>, handler: Box<Handler>) {
    while let Some(event) = receiver.recv().await {
        let Ok(handling) = catch_unwind(AssertUnwindSafe(|| handler(event))) else { continue };
        let handling = AssertUnwindSafe(handling).catch_unwind();
        let _ = black_box(tokio::time::timeout(Duration::from_secs(5), handling).await);
    }
}

impl Side for Channels {
    fn publish(&mut self) {
        self.runtime.block_on(async {
            for _ in 0..BURST {
                let event = Event::new("host");
                let (mut matched, mut dropped) = (0, 0);
                self.trie.each(&event.event_type, &mut |subscriber| {
                    matched += 1;
                    dropped += usize::from(subscriber.try_send(Arc::clone(&event)).is_err());
                });
                assert_eq!((matched, dropped), (self.wanted, 0));
            }
        });
    }

    fn settle(&mut self) {
        self.runtime.block_on(self.handled.more(BURST * self.wanted));
    }
}

/// One channel to as many receivers as want the type.
pub(crate) struct Broadcast {
    sender: broadcast::Sender<Arc<Event>>,
    wanted: usize,
    handled: Handled,
    runtime: Runtime,
}

impl Broadcast {
    pub(crate) fn new(wanted: usize) -> Self {
        let (runtime, handled) = (runtime(), Handled::default());
        let sender = broadcast::Sender::new(QUEUE);
        for _ in 0..wanted {
            let (mut receiver, count) = (sender.subscribe(), Arc::clone(&handled.count));
            runtime.spawn(async move {
                while let Ok(event) = receiver.recv().await {
                    count.fetch_add(1, Relaxed);
                    drop(black_box::<Arc<Event>>(event));
                }
            });
        }
        Self { sender, wanted, handled, runtime }
    }
}

impl Side for Broadcast {
    fn publish(&mut self) {
        self.runtime.block_on(async {
            for _ in 0..BURST {
                let sent = self.sender.send(Event::new("host"));
                assert_eq!(sent.unwrap_or_default(), self.wanted);
            }
        });
    }

    fn settle(&mut self) {
        self.runtime.block_on(self.handled.more(BURST * self.wanted));
    }
}
