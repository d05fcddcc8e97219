//! Measures publishing and handling, of two sides in turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Budget, Row};

/// The type that is published.
pub(crate) const TYPE: &str = "deploy.completed";

/// Events that are published in a row: fewer than wait for a subscriber at most.
pub(crate) const BURST: usize = 64;

/// Events that wait for a subscriber at most: what ours allows by itself.
pub(crate) const QUEUE: usize = 256;

/// Something through which events go to subscribers that count them.
pub(crate) trait Side {
    /// Publishes a burst.
    fn publish(&mut self);

    /// Has everything that was published handled.
    fn settle(&mut self);
}

/// How many events were handled, by all subscribers together, and how many will have been.
#[derive(Default)]
pub(crate) struct Handled {
    pub(crate) count: Arc<AtomicU64>,
    due: u64,
}

impl Handled {
    /// Awaits so many more; hands the thread over to the subscribers until then.
    pub(crate) async fn more(&mut self, more: usize) {
        self.due += more as u64;
        while self.count.load(Relaxed) < self.due {
            tokio::task::yield_now().await;
        }
    }
}

/// The data of an event: new for each.
pub(crate) fn data() -> Value {
    json!({ "service": "web", "version": "1.4.2", "ok": true })
}

/// The pattern of each subscriber: of those who want the type first, of all others after them.
pub(crate) fn patterns(wanted: usize) -> Vec<String> {
    let mut exact = (0..).map(|n| format!("team{}.service{n}", n % 30));
    let mut one = (0..).map(|n| format!("group{n}.*"));
    let mut rest = (0..).map(|n| format!("area{n}.**"));
    // Of ten who want it one asks for `*`, of a hundred nine do, and one asks for `**`.
    let (ones, rests) = match wanted {
        100 => (9, 1),
        10 => (1, 0),
        _ => (0, 0),
    };
    let mut patterns = vec![TYPE.to_owned(); wanted - ones - rests];
    patterns.extend(vec!["deploy.*".to_owned(); ones]);
    patterns.extend(vec!["deploy.**".to_owned(); rests]);
    patterns.extend(exact.by_ref().take(900 - (wanted - ones - rests)));
    patterns.extend(one.by_ref().take(90 - ones));
    patterns.extend(rest.by_ref().take(10 - rests));
    patterns
}

const ROUNDS: usize = 201;
const ROUND: Duration = Duration::from_millis(1);

/// Runs both in turn, and gives a row for publishing and one for publishing and handling.
pub(crate) fn measure(
    names: &[String; 2],
    budgets: [Budget; 2],
    floor: Box<dyn Side>,
    ours: Box<dyn Side>,
) -> Vec<Row> {
    let mut sides = [floor, ours];
    let counts = sides.each_mut().map(|side| calibrate(&mut **side));
    let (mut published, mut handled) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut times = [[0.0; 2]; 2];
        // Who goes first changes, so that neither always finds the other's caches.
        for side in [round % 2, 1 - round % 2] {
            times[side] = run(&mut *sides[side], counts[side]);
        }
        let [floor, ours] = times;
        published.push([floor[0], ours[0]]);
        handled.push([floor[1], ours[1]]);
    }
    let rows = [published, handled].into_iter().zip(names).zip(budgets);
    rows.map(|((rounds, name), budget)| Row::new(name, budget, &rounds)).collect()
}

/// Nanoseconds per event, over so many bursts: for the publishing, and for all of it.
pub(crate) fn run(side: &mut dyn Side, count: u32) -> [f64; 2] {
    let (mut published, start) = (Duration::ZERO, Instant::now());
    for _ in 0..count {
        let burst = Instant::now();
        side.publish();
        published += burst.elapsed();
        side.settle();
    }
    [published, start.elapsed()]
        .map(|time| time.as_nanos() as f64 / (f64::from(count) * BURST as f64))
}

fn calibrate(side: &mut dyn Side) -> u32 {
    let mut count = 1;
    loop {
        let start = Instant::now();
        run(side, count);
        if start.elapsed() >= ROUND {
            return count;
        }
        count *= 2;
    }
}
