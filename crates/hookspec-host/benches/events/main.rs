//! The cost of an event, each row beside the hand-written floor of the same work.
//!
//! `cargo bench -p hookspec-host --bench events [-- --json FILE] [-- --filter TEXT]`
//!
//! A bus has 1 000 subscribers, each with one pattern: 900 exact ones, 90 `x.*`, 10 `x.**`. N of
//! them want what is published, in the same mixture. The JSON of the data is made for each event.
//! Publishers and subscribers share one thread; 64 events are published in a row, and then handled.
//!
//! - *publish*: the calls alone. The queues have room, and are emptied outside the clock.
//! - *publish and handle*: until every subscriber has counted every event.
//!
//! | beside | what it is |
//! |---|---|
//! | channels | the event made as ours is (id, source, type, time, correlation), a trie by hand, one bounded `mpsc` channel and one task per subscriber |
//! | guarded channels | the same, each event handled by a boxed future, under `catch_unwind` and a timeout |
//! | broadcast | the same event, and one `tokio::sync::broadcast` to N receivers: no patterns, no bound per subscriber |
//!
//! Floor and ours run in one process, in many short rounds, and what counts is the median of the
//! rounds' ratios. The budget is that of publishing to 100. Handling has none: beside what the
//! guarded channels do, a delivery has a cause that follows it through the thread, metrics, retries,
//! dead letters and a count of what is outstanding. For a profiler, `--ours COUNT` or `--floor COUNT` runs one side of the rows so
//! many times and measures nothing.
//!
//! Measured on two cores of an AMD EPYC that did nothing else, publishing to 100: 1.26x to 1.38x beside
//! channels in five runs, 1.27x to 1.37x beside guarded channels. While compilers ran on both cores the
//! ratio was 1.2x to 2.1x: what is shared with others (caches, mostly) counts more for ours.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

mod bursts;
mod floor;
#[allow(dead_code, reason = "the harness of another benchmark, which uses more of it")]
#[path = "../dispatch/harness.rs"]
mod harness;
mod matching;
mod ours;

use std::process::ExitCode;

use bursts::{Side, measure};
use harness::{Budget, Row, finish};

/// Makes a side on which so many want what is published.
type Make = fn(usize) -> Box<dyn Side>;

/// What ours runs beside.
const PEERS: [(&str, Make); 3] = [
    ("channels", |wanted| Box::new(floor::Channels::new(wanted, false))),
    ("guarded channels", |wanted| Box::new(floor::Channels::new(wanted, true))),
    ("broadcast", |wanted| Box::new(floor::Broadcast::new(wanted))),
];

/// What publishing an event and what handling it may cost.
fn budgets(peer: &str, wanted: usize) -> [Budget; 2] {
    match (peer, wanted) {
        ("channels" | "guarded channels", 100) => [Budget::Ratio(1.5), Budget::None],
        _ => [Budget::None; 2],
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut json, mut filter, mut alone) = (None, String::new(), None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = arguments.next(),
            "--filter" => filter = arguments.next().unwrap_or_default(),
            "--ours" | "--floor" => {
                let count = arguments.next().and_then(|count| count.parse::<u32>().ok());
                alone = count.map(|count| (argument == "--ours", count));
            }
            // What `cargo bench` and `cargo test --benches` pass to every benchmark.
            _ => {}
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    for (peer, floor) in PEERS {
        for wanted in [0, 1, 10, 100] {
            // Of what nobody wants, only the publishing is worth a row; and guards are for handlers.
            let unheard = wanted == 0 && peer != "channels";
            let names = ["publish", "publish and handle"]
                .map(|what| format!("{what}, {wanted} of 1 000, beside {peer}"));
            if unheard || !names.iter().any(|name| name.contains(&filter)) {
                continue;
            }
            let (floor, ours) = (floor(wanted), Box::new(ours::Ours::new(wanted)));
            if let Some((of_ours, count)) = alone {
                let mut side: Box<dyn Side> = if of_ours { ours } else { floor };
                bursts::run(&mut *side, count);
                continue;
            }
            let measured = measure(&names, budgets(peer, wanted), floor, ours);
            rows.extend(measured.into_iter().filter(|row| row.name.contains(&filter)));
        }
    }
    if alone.is_some() {
        return ExitCode::SUCCESS;
    }
    rows.extend(matching::rows(&filter));
    finish(&rows, json.as_deref())
}
