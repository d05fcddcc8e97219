//! What it costs to check a payload: by the interpreter of its schema, and by its generated type.
//!
//! `cargo bench -p hookspec-host --bench validators [-- --json FILE]`
//!
//! Columns: the interpreter over JSON (what the host does with untyped payloads); the typed check
//! of a value that is typed already (what it does with typed ones: the compiler has proved the
//! rest); JSON read as the type and then checked (what a typed plugin adds where JSON arrives).
//! Schemas are those of shipped kinds. `benches/peers/run` puts ajv beside it, over the same files.
//!
//! **Absent**: budgets. The rows are for people, and for the ratios that `benches/peers/run` prints.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hookspec_kinds::file_processor::FileReport;
use hookspec_kinds::lifecycle_listener::RequestEvent;
use hookspec_plugin::{TypedPayload, codec};
use hookspec_spec::Schema;
use serde_json::{Value, json};

macro_rules! file {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../", $path))
    };
}

const EVENT: &str = file!("hookspecs/lifecycle_listener/schemas/request_event.json");
const REPORT: &str = file!("hookspecs/file_processor/schemas/file_report.json");
const SMALL: &str = file!("benches/peers/data/small.json");
const ONE_KB: &str = file!("benches/peers/data/1kb.json");
const HUNDRED_KB: &str = file!("benches/peers/data/100kb.json");

const COLUMNS: [&str; 3] = ["is_valid", "check", "read_and_check"];
const ROUNDS: usize = 201;
const ROUND: Duration = Duration::from_millis(1);

/// One way of checking one payload, once.
type Work = Box<dyn Fn() -> bool>;

struct Row {
    name: &'static str,
    /// Nanoseconds, one for each of [`COLUMNS`].
    nanos: [f64; 3],
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut json = None;
    while let Some(argument) = arguments.next() {
        if argument == "--json" {
            json = arguments.next();
        }
    }
    let rows = [
        measure("small", works::<RequestEvent>(EVENT, SMALL)),
        measure("1 KB", works::<FileReport>(REPORT, ONE_KB)),
        measure("100 KB", works::<FileReport>(REPORT, HUNDRED_KB)),
    ];
    println!("{:<8} {:>16} {:>16} {:>16}", "ns", COLUMNS[0], COLUMNS[1], COLUMNS[2]);
    for Row { name, nanos: [valid, check, read] } in &rows {
        println!("{name:<8} {valid:>16.1} {check:>16.1} {read:>16.1}");
    }
    if let Some(path) = json
        && let Err(error) = std::fs::write(&path, to_json(&rows))
    {
        eprintln!("{path}: {error}");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn works<T: TypedPayload>(schema: &str, payload: &str) -> [Work; 3] {
    let parse = |text| serde_json::from_str::<Value>(text).expect("the file is JSON");
    let schema = Schema::compile(parse(schema)).expect("the shipped schema is valid");
    let payload = parse(payload);
    let typed: T = codec::read(&payload).expect("the payload has the shape of the type");
    let json = payload.clone();
    [
        Box::new(move || schema.is_valid(black_box(&payload))),
        Box::new(move || black_box(&typed).check().is_ok()),
        Box::new(move || codec::read::<T>(black_box(&json)).is_ok_and(|read| read.check().is_ok())),
    ]
}

/// Rounds are short and in turn, so that what disturbs the machine disturbs all columns alike.
fn measure(name: &'static str, works: [Work; 3]) -> Row {
    let counts = works.each_ref().map(calibrate);
    let mut rounds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for (index, work) in works.iter().enumerate() {
            let nanos = time(work, counts[index]).as_nanos() as f64;
            rounds[index].push(nanos / f64::from(counts[index]));
        }
    }
    let nanos = rounds.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    });
    Row { name, nanos }
}

fn calibrate(work: &Work) -> u32 {
    let mut count = 1;
    while time(work, count) < ROUND {
        count *= 2;
    }
    count
}

fn time(work: &Work, count: u32) -> Duration {
    let begin = Instant::now();
    for _ in 0..count {
        assert!(work(), "the payload is valid");
    }
    begin.elapsed()
}

fn to_json(rows: &[Row]) -> String {
    let row = |row: &Row| json!({ "name": row.name, "ns": nanos(row) });
    let rows: Vec<Value> = rows.iter().map(row).collect();
    format!("{:#}\n", json!({ "rows": rows }))
}

fn nanos(row: &Row) -> Value {
    COLUMNS.iter().zip(row.nanos).map(|(column, nanos)| (column.to_string(), nanos)).collect()
}
