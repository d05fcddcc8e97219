//! Dead letters: events that a subscriber could not handle, kept for whoever mends it (EVENT-11).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use hookspec_plugin::Event;
use serde::Serialize;

use super::deliver::Offered;
use super::hub::Hub;
use super::live::Live;
use super::parcel::{Parcel, Queued};

/// An event that a subscriber could not handle, after as many attempts as it asked for.
#[derive(Clone, Debug, Serialize)]
pub struct DeadLetter {
    /// Its number, for [`replay`](super::Bus::replay) and [`discard`](super::Bus::discard).
    pub number: u64,
    /// Who could not handle it: the plugin, or the name that the application gave.
    pub subscriber: String,
    /// The patterns of that subscription.
    pub patterns: Vec<String>,
    /// The event.
    pub event: Event,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong last.
    pub error: String,
    /// When it was given up.
    pub at: SystemTime,
    /// The very subscription.
    #[serde(skip)]
    subscription: u64,
}

/// The dead letters of a bus; of more than its bound, the oldest are lost, and counted.
pub(crate) struct DeadLetters {
    bound: usize,
    letters: Mutex<VecDeque<DeadLetter>>,
    numbers: AtomicU64,
    pub(crate) lost: AtomicU64,
}

impl DeadLetters {
    pub(crate) fn new(bound: usize) -> Self {
        let (letters, numbers, lost) = (Mutex::default(), AtomicU64::new(1), AtomicU64::new(0));
        Self { bound, letters, numbers, lost }
    }

    pub(crate) fn add(&self, live: &Live, queued: &Queued, error: String) {
        let letter = DeadLetter {
            number: self.numbers.fetch_add(1, Relaxed),
            subscriber: live.owner.to_string(),
            patterns: live.wants.patterns.iter().map(ToString::to_string).collect(),
            event: queued.parcel.event.clone(),
            attempts: queued.attempts,
            error,
            at: SystemTime::now(),
            subscription: live.id,
        };
        // Dropped outside of the lock: its data may be foreign.
        let _oldest = {
            let mut letters = self.lock();
            letters.push_back(letter);
            if letters.len() > self.bound { letters.pop_front() } else { None }
        }
        .inspect(|_| {
            self.lost.fetch_add(1, Relaxed);
        });
    }

    pub(crate) fn list(&self) -> Vec<DeadLetter> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn take(&self, number: u64) -> Option<DeadLetter> {
        let mut letters = self.lock();
        let at = letters.iter().position(|letter| letter.number == number)?;
        letters.remove(at)
    }

    fn put_back(&self, letter: DeadLetter) {
        let mut letters = self.lock();
        let at = letters.partition_point(|other| other.number < letter.number);
        letters.insert(at, letter);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<DeadLetter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Hands a dead letter to its subscriber again; `false`: there is none of that number, or its
    /// subscriber is gone or full, and it stays.
    pub(crate) fn replay(&self, number: u64) -> bool {
        let Some(letter) = self.dead.take(number) else { return false };
        let routes = self.routes();
        let very = routes.lives.iter().find(|live| live.id == letter.subscription);
        // A reload may have put another in its place.
        let same = |live: &&Arc<Live>| {
            let patterns = live.wants.patterns.iter().map(ToString::to_string);
            live.owner.name() == letter.subscriber && patterns.eq(letter.patterns.iter().cloned())
        };
        let live = very.or_else(|| routes.lives.iter().find(same));
        // Asked first: a replay that finds no room is no event that the subscriber lost.
        let taken = live.filter(|live| live.queue.has_room()).is_some_and(|live| {
            let parcel = Parcel::new(letter.event.clone(), None, &self.outstanding);
            let queued = Queued::new(&parcel, live.key(&parcel));
            matches!(self.offer(live, queued), Offered::Waits)
        });
        if !taken {
            self.dead.put_back(letter);
        }
        taken
    }
}
