//! The cost of a dispatch, each row beside the hand-written floor of the same work.
//!
//! `cargo bench -p hookspec-host --bench dispatch [-- --json FILE] [-- --filter TEXT | --row NAME]`
//!
//! Floor and ours run in one process, in many short rounds, and what counts is the median of the
//! rounds' ratios: absolute times are those of this machine at this moment. For a profiler,
//! `--ours COUNT` or `--floor COUNT` runs one side of the rows so many times and measures nothing.
//!
//! "The same work": the input and every output validated, every plugin behind a boxed trait object
//! and a `catch_unwind`, one deadline, a clock reading and two counters for each plugin's metrics,
//! results with names on them. Where several plugins answer one shared payload, the floor looks at
//! it for each of them and we look once: the verdict on an immutable payload is remembered. The
//! rows with new answers show the cost without that. In the rows "given" the payloads were made
//! before the clock started, a new one for each dispatch.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

mod floor;
mod given;
mod harness;
mod ours;
mod scale;
mod typed;

use std::process::ExitCode;

use harness::{Budget, Row, finish};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut json, mut filter, mut only, mut alone) = (None, String::new(), None, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = arguments.next(),
            "--filter" => filter = arguments.next().unwrap_or_default(),
            "--row" => only = arguments.next(),
            "--ours" | "--floor" => {
                let count = arguments.next().and_then(|count| count.parse::<u32>().ok());
                alone = count.map(|count| (argument == "--ours", count));
            }
            // What `cargo bench` and `cargo test --benches` pass to every benchmark.
            _ => {}
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    let within = |ratio| Budget::Ratio(ratio);
    let mut run = |name: &str, budget, pair: &mut dyn FnMut() -> harness::Pair| {
        if name.contains(&filter) && only.as_ref().is_none_or(|only| name == only) {
            let pair = pair();
            match alone {
                Some((ours, count)) => {
                    let mut side = if ours { pair.ours } else { pair.floor };
                    side.prepare(count);
                    side.run(count);
                }
                None => rows.push(harness::measure(name, budget, pair)),
            }
        }
    };
    run("collect N=10 ready", within(1.5), &mut || ours::collect(10, ours::Kind::Ready));
    run("collect N=100 ready", within(1.5), &mut || ours::collect(100, ours::Kind::Ready));
    run("collect N=10 yields once", within(1.5), &mut || ours::collect(10, ours::Kind::Yields));
    run("collect N=100 yields once", Budget::None, &mut || ours::collect(100, ours::Kind::Yields));
    run("collect N=10 sync hook", within(1.5), &mut || ours::collect_sync(10, ours::Kind::Now));
    run("collect N=10 ready, each a new answer", within(1.5), &mut || {
        ours::collect(10, ours::Kind::Fresh)
    });
    run("collect N=10 sync hook, each a new answer", within(1.5), &mut || {
        ours::collect_sync(10, ours::Kind::FreshNow)
    });
    run("notify N=10 ready", Budget::None, &mut || ours::notify(10));
    run("singleton", within(1.5), &mut ours::singleton);
    run("capability N=10", within(1.5), &mut || ours::capability(10));
    run("chain N=10, every step validated", within(1.5), &mut || ours::chain(10));
    run("given: collect N=10 ready", within(1.5), &mut || given::collect(10));
    run("given: collect N=100 ready", within(1.5), &mut || given::collect(100));
    run("given: collect N=10 sync hook", within(1.5), &mut || given::collect_sync(10));
    run("given: chain N=10, value handed on", within(1.5), &mut || given::chain(10));
    run("typed notify N=10", within(1.5), &mut || typed::notify(10));
    run("typed collect N=10", within(1.5), &mut || typed::collect(10));
    run("typed singleton", within(1.5), &mut typed::singleton);
    run("nobody subscribed", Budget::Nanos(30.0), &mut ours::nobody);
    run("collect N=10 ready among 1 000 plugins of another kind", within(1.1), &mut ours::crowded);
    if alone.is_some() {
        return ExitCode::SUCCESS;
    }
    if only.is_none() {
        rows.extend(scale::rows(&filter));
    }
    finish(&rows, json.as_deref())
}
