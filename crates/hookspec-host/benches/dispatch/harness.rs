//! Measures two pieces of work side by side.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Work that can be repeated: runs it so many times.
pub(crate) type Work = Box<dyn FnMut(u32)>;

/// The floor and ours.
pub(crate) struct Pair {
    pub(crate) floor: Work,
    pub(crate) ours: Work,
}

/// What a row may cost.
#[derive(Clone, Copy)]
pub(crate) enum Budget {
    /// At most so many times the floor.
    Ratio(f64),
    /// At most so many nanoseconds beyond the floor.
    Nanos(f64),
    /// Printed only.
    None,
}

/// A measured row: nanoseconds per operation.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) floor: f64,
    pub(crate) ours: f64,
    pub(crate) budget: Budget,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.ours / self.floor
    }

    pub(crate) fn kept(&self) -> bool {
        match self.budget {
            Budget::Ratio(most) => self.ratio() <= most,
            Budget::Nanos(most) => self.ours - self.floor <= most,
            Budget::None => true,
        }
    }
}

const ROUNDS: usize = 25;
const ROUND: Duration = Duration::from_millis(8);

/// Runs both in turn, `ROUNDS` times, and takes the medians.
pub(crate) fn measure(name: &str, budget: Budget, mut pair: Pair) -> Row {
    let counts = [calibrate(&mut pair.floor), calibrate(&mut pair.ours)];
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        // Who goes first changes, so that neither always finds the other's caches.
        for side in [round % 2, 1 - round % 2] {
            let work = if side == 0 { &mut pair.floor } else { &mut pair.ours };
            let start = Instant::now();
            work(counts[side]);
            times[side].push(start.elapsed().as_nanos() as f64 / f64::from(counts[side]));
        }
    }
    let [floor, ours] = times.map(median);
    Row { name: name.into(), floor, ours, budget }
}

fn calibrate(work: &mut Work) -> u32 {
    let mut count = 1;
    loop {
        let start = Instant::now();
        work(count);
        if start.elapsed() >= ROUND {
            return count;
        }
        count *= 2;
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The rows as text.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text =
        format!("{:<58} {:>12} {:>12} {:>7}  {}\n", "row", "floor", "ours", "ratio", "budget");
    for row in rows {
        let budget = match row.budget {
            Budget::Ratio(most) => format!("<= {most}x"),
            Budget::Nanos(most) => format!("<= +{most} ns"),
            Budget::None => "-".into(),
        };
        let verdict = if row.kept() { "" } else { "  OVER" };
        let _ = writeln!(
            text,
            "{:<58} {:>12} {:>12} {:>6.2}x  {budget}{verdict}",
            row.name,
            time(row.floor),
            time(row.ours),
            row.ratio(),
        );
    }
    text
}

fn time(nanos: f64) -> String {
    match nanos {
        n if n >= 1e6 => format!("{:.2} ms", n / 1e6),
        n if n >= 1e4 => format!("{:.1} us", n / 1e3),
        n => format!("{n:.1} ns"),
    }
}

/// The rows for machines.
pub(crate) fn to_json(rows: &[Row]) -> String {
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "name": row.name,
                "floor_ns": row.floor,
                "ours_ns": row.ours,
                "ratio": row.ratio(),
                "kept": row.kept(),
            })
        })
        .collect();
    format!("{:#}\n", json!({ "rows": rows }))
}
