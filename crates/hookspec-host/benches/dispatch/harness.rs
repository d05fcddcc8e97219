//! Measures two pieces of work side by side.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Work that can be repeated.
pub(crate) trait Work {
    /// Makes what so many repetitions need; not measured.
    fn prepare(&mut self, _count: u32) {}

    /// Repeats it so many times.
    fn run(&mut self, count: u32);
}

impl<F: FnMut(u32)> Work for F {
    fn run(&mut self, count: u32) {
        self(count);
    }
}

/// Work on inputs that were made before.
pub(crate) struct Given<T, M, R> {
    inputs: Vec<T>,
    make: M,
    work: R,
}

impl<T, M: FnMut() -> T, R: FnMut(&[T])> Given<T, M, R> {
    pub(crate) fn new(make: M, work: R) -> Self {
        Self { inputs: Vec::new(), make, work }
    }
}

impl<T, M: FnMut() -> T, R: FnMut(&[T])> Work for Given<T, M, R> {
    fn prepare(&mut self, count: u32) {
        self.inputs = (0..count).map(|_| (self.make)()).collect();
    }

    fn run(&mut self, _: u32) {
        (self.work)(&self.inputs);
    }
}

/// The floor and ours.
pub(crate) struct Pair {
    pub(crate) floor: Box<dyn Work>,
    pub(crate) ours: Box<dyn Work>,
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

/// A measured row: nanoseconds per operation, medians over all rounds.
///
/// Ratio and difference are medians over the rounds too, each round compared with itself: a machine
/// that slows down for a while then slows both sides of the same rounds.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) floor: f64,
    pub(crate) ours: f64,
    pub(crate) ratio: f64,
    pub(crate) beyond: f64,
    pub(crate) budget: Budget,
}

impl Row {
    pub(crate) fn new(name: &str, budget: Budget, rounds: &[[f64; 2]]) -> Self {
        let over = |of: fn(&[f64; 2]) -> f64| median(rounds.iter().map(of).collect());
        Self {
            name: name.into(),
            floor: over(|[floor, _]| *floor),
            ours: over(|[_, ours]| *ours),
            ratio: over(|[floor, ours]| ours / floor),
            beyond: over(|[floor, ours]| ours - floor),
            budget,
        }
    }

    pub(crate) fn kept(&self) -> bool {
        match self.budget {
            Budget::Ratio(most) => self.ratio <= most,
            Budget::Nanos(most) => self.beyond <= most,
            Budget::None => true,
        }
    }
}

const ROUNDS: usize = 201;
const ROUND: Duration = Duration::from_millis(1);

/// Runs both in turn, `ROUNDS` times. Rounds are short, so that what disturbs one side of a round
/// disturbs the other as well.
pub(crate) fn measure(name: &str, budget: Budget, mut pair: Pair) -> Row {
    let counts = [calibrate(&mut pair.floor), calibrate(&mut pair.ours)];
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let mut times = [0.0; 2];
        // Who goes first changes, so that neither always finds the other's caches.
        for side in [round % 2, 1 - round % 2] {
            let work = if side == 0 { &mut pair.floor } else { &mut pair.ours };
            work.prepare(counts[side]);
            let start = Instant::now();
            work.run(counts[side]);
            times[side] = start.elapsed().as_nanos() as f64 / f64::from(counts[side]);
        }
        rounds.push(times);
    }
    Row::new(name, budget, &rounds)
}

fn calibrate(work: &mut Box<dyn Work>) -> u32 {
    let mut count = 1;
    loop {
        work.prepare(count);
        let start = Instant::now();
        work.run(count);
        if start.elapsed() >= ROUND {
            return count;
        }
        count *= 2;
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Shows the rows, and writes them where that is asked for.
pub(crate) fn finish(rows: &[Row], json: Option<&str>) -> ExitCode {
    println!("{}", table(rows));
    if let Some(path) = json
        && let Err(error) = std::fs::write(path, to_json(rows))
    {
        eprintln!("{path}: {error}");
        return ExitCode::from(2);
    }
    let missed: Vec<&str> =
        rows.iter().filter(|row| !row.kept()).map(|row| row.name.as_str()).collect();
    if missed.is_empty() {
        ExitCode::SUCCESS
    } else {
        eprintln!("over budget: {}", missed.join(", "));
        ExitCode::FAILURE
    }
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
            row.ratio,
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
                "ratio": row.ratio,
                "beyond_ns": row.beyond,
                "kept": row.kept(),
            })
        })
        .collect();
    format!("{:#}\n", json!({ "rows": rows }))
}
