//! [`StateChange`]: that a plugin is no longer as it was. Kept per plugin, and told to whoever
//! listens (STATE-2, STATE-3, STATE-4).

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use hookspec_plugin::PluginName;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::bus::{Hub, News};
use crate::state::{State, Status};

/// Statuses of one plugin that are remembered (STATE-2).
const REMEMBERED: usize = 32;

/// Changes that a listener may be behind (STATE-4).
const BEHIND: usize = 1024;

/// One change of one plugin's state.
#[derive(Clone, Debug, Serialize)]
pub struct StateChange {
    /// The plugin.
    pub plugin: PluginName,
    /// The state before.
    pub from: State,
    /// The state now.
    pub to: State,
    /// Why; empty where the state says it all.
    pub reason: String,
    /// When.
    pub at: SystemTime,
}

impl fmt::Display for StateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.plugin, self.from, self.to)?;
        if self.reason.is_empty() { Ok(()) } else { write!(f, " ({})", self.reason) }
    }
}

/// What a listener is told.
#[derive(Clone, Debug)]
pub enum Told {
    /// A plugin's state changed.
    Changed(StateChange),
    /// The listener was too slow: so many changes are gone. A
    /// [snapshot](crate::Registry::snapshot) says what they came to.
    Lagged(u64),
}

/// The changes of a registry's plugins from now on, in the order they happened.
///
/// It holds no plugin and no registry. One that is not read costs a bounded number of changes.
#[derive(Debug)]
pub struct StateChanges(broadcast::Receiver<StateChange>);

impl StateChanges {
    /// Waits for the next one; `None` when the registry is gone.
    pub async fn next(&mut self) -> Option<Told> {
        match self.0.recv().await {
            Ok(change) => Some(Told::Changed(change)),
            Err(RecvError::Lagged(missed)) => Some(Told::Lagged(missed)),
            Err(RecvError::Closed) => None,
        }
    }

    /// The next one, if it is there already.
    pub fn try_next(&mut self) -> Option<Told> {
        match self.0.try_recv() {
            Ok(change) => Some(Told::Changed(change)),
            Err(TryRecvError::Lagged(missed)) => Some(Told::Lagged(missed)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

/// Where changes are told.
#[derive(Clone)]
pub(crate) struct Changes(Arc<Teller>);

struct Teller {
    /// Where changes become events.
    bus: Arc<Hub>,
    sender: broadcast::Sender<StateChange>,
    /// Held from a change until it is told, so that both have one order. Not the lock of the
    /// status: whoever is woken may read that.
    order: Mutex<()>,
}

impl Changes {
    pub(crate) fn new(bus: Arc<Hub>) -> Self {
        let (sender, _) = broadcast::channel(BEHIND);
        Self(Arc::new(Teller { bus, sender, order: Mutex::new(()) }))
    }

    pub(crate) fn listen(&self) -> StateChanges {
        StateChanges(self.0.sender.subscribe())
    }

    fn order(&self) -> Order<'_> {
        // Nothing that is guarded here can be half-written.
        let held = self.0.order.lock().unwrap_or_else(PoisonError::into_inner);
        Order { teller: &self.0, _held: held }
    }
}

/// The right to tell: one change after another.
struct Order<'a> {
    teller: &'a Teller,
    _held: MutexGuard<'a, ()>,
}

impl Order<'_> {
    fn tell(&self, change: StateChange) {
        self.teller.bus.tell(News::State(change.clone()));
        // Nobody listens: then nobody is told.
        let _ = self.teller.sender.send(change);
    }
}

/// A plugin's status, what it was before, and who is told when it changes.
pub(crate) struct StatusCell {
    plugin: PluginName,
    changes: Changes,
    statuses: Mutex<VecDeque<Status>>,
    /// Nobody is told of it: another instance of the plugin is the one that is seen. Changed and read
    /// while `order` is held.
    mute: AtomicBool,
}

impl StatusCell {
    pub(crate) fn new(plugin: PluginName, changes: Changes) -> Self {
        let (state, reason) = (State::Registered, String::new());
        let first = Status { state, since: SystemTime::now(), reason };
        let statuses = Mutex::new(VecDeque::from([first]));
        Self { plugin, changes, statuses, mute: AtomicBool::new(false) }
    }

    pub(crate) fn get(&self) -> Status {
        now(&self.lock()).clone()
    }

    pub(crate) fn state(&self) -> State {
        now(&self.lock()).state
    }

    /// What it was and is, the oldest first.
    pub(crate) fn history(&self) -> Vec<Status> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn set(&self, state: State, reason: impl Into<String>) {
        self.replace(|_| true, state, reason.into());
    }

    /// Changes from one state to another, and says whether it was in the first.
    pub(crate) fn change(&self, from: State, to: State, reason: impl Into<String>) -> bool {
        self.replace(|state| state == from, to, reason.into())
    }

    fn replace(&self, holds: impl Fn(State) -> bool, to: State, reason: String) -> bool {
        let order = self.changes.order();
        let change = {
            let mut statuses = self.lock();
            let before = now(&statuses);
            if !holds(before.state) {
                return false;
            }
            if before.state == to && before.reason == reason {
                return true;
            }
            let from = before.state;
            let status = Status { state: to, since: SystemTime::now(), reason };
            remember(&mut statuses, status.clone());
            self.changed(from, status)
        };
        if !self.mute.load(Ordering::Relaxed) {
            order.tell(change);
        }
        true
    }

    fn changed(&self, from: State, now: Status) -> StateChange {
        let Status { state: to, since: at, reason } = now;
        StateChange { plugin: self.plugin.clone(), from, to, reason, at }
    }

    /// Another instance is the one that is seen: nobody is told of this one.
    pub(crate) fn mute(&self) {
        let _order = self.changes.order();
        self.mute.store(true, Ordering::Relaxed);
    }

    /// Takes the place of another, which goes on unseen: what that was is what this was before.
    /// Nothing is told before [`speak`](Self::speak) is called with what is answered.
    pub(crate) fn succeed(&self, other: &Self) -> State {
        let _order = self.changes.order();
        other.mute.store(true, Ordering::Relaxed);
        let (mut all, mut statuses) = (other.lock().clone(), self.lock());
        let before = now(&all).state;
        remember(&mut all, now(&statuses).clone());
        *statuses = all;
        before
    }

    /// Tells what became of the plugin, which was another instance before, and all that follows.
    pub(crate) fn speak(&self, before: State) {
        let order = self.changes.order();
        self.mute.store(false, Ordering::Relaxed);
        let change = self.changed(before, self.get());
        order.tell(change);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Status>> {
        // A status is pushed whole: a panic elsewhere cannot leave it half-written.
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remember(statuses: &mut VecDeque<Status>, status: Status) {
    if statuses.len() == REMEMBERED {
        statuses.pop_front();
    }
    statuses.push_back(status);
}

fn now(statuses: &VecDeque<Status>) -> &Status {
    match statuses.back() {
        Some(status) => status,
        None => unreachable!("one is there from the start, and is removed only for another"),
    }
}

impl fmt::Debug for StatusCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StatusCell").field(&self.get()).finish()
    }
}
