//! `call --lines`: one dispatch for each line.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::run::{Running, ended, puppets, run, run_with};

const ECHO: [&str; 3] = ["call", "stage.echo", "--lines"];

fn records(stdout: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    stdout.lines().map(parse).collect()
}

#[test]
fn every_line_is_answered_in_order_and_a_bad_one_ends_nothing() {
    let lines = "1\nnul\n\n{\"fault\":\"no\"}\n{\"panic\":\"oh\"}\n\"last\"";
    let (code, stdout, stderr) = run_with(&ECHO, lines);
    assert_eq!(code, 1, "{stderr}");
    let records = records(&stdout);
    let numbers: Vec<u64> = records.iter().map(|each| each["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 4, 5, 6], "an empty line is none");
    assert_eq!(records[0]["outcome"], json!({ "plugin": "echo", "value": 1, "late": false }));
    assert_eq!((&records[1]["ok"], &records[1]["outcome"]), (&false.into(), &Value::Null));
    let message = records[1]["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("not JSON (column 3): "), "{message}");
    assert_eq!(records[2]["failures"][0]["message"], "no");
    assert_eq!(records[3]["failures"][0]["cause"], "panicked");
    assert_eq!(records[4]["outcome"]["value"], "last");
    assert!(stderr.starts_with("5 lines in ") && !stderr.contains('\x1b'), "{stderr:?}");
    assert!(stderr.contains("2 fine, 2 with a failure, 1 not JSON\n"), "{stderr}");
    let row = stderr.lines().find(|line| line.trim_start().starts_with("echo ")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(&cells[..3], ["echo", "4", "2"], "{stderr}");
    assert!(row.contains("1 faulted, 1 panicked"), "{stderr}");
}

#[test]
fn the_summary_measures_calls_and_not_lines() {
    // Three of a hundred take long: the median does not see them, the 99th percentile does.
    let line = |index: u32| match index % 33 {
        0 => "{\"late_ms\":60}\n",
        _ => "1\n",
    };
    let lines: String = (1..=100).map(line).collect();
    let (code, stdout, stderr) = run_with(&ECHO, &lines);
    assert_eq!((code, stdout.lines().count()), (0, 100), "{stderr}");
    let row = stderr.lines().find(|line| line.trim_start().starts_with("echo ")).unwrap();
    let cells: Vec<&str> = row.split_whitespace().collect();
    // Name, calls, failures, then each duration with its unit.
    let [.., p50, unit50, p99, unit99] = cells[..] else { panic!("{row}") };
    assert_eq!((&cells[..3], unit99), (&["echo", "100", "0"][..], "ms"), "{stderr}");
    assert!(p99.parse::<f64>().unwrap() >= 57.0, "{stderr}");
    let median = p50.parse::<f64>().unwrap();
    assert!(unit50 == "µs" || (unit50 == "ms" && median < 30.0), "{stderr}");
}

#[test]
fn jobs_run_at_once_and_are_answered_in_order() {
    // Each waits for another: one at a time would wait for ever.
    let lines = "{\"late_ms\":200}\n{\"meet\":true}\n{\"meet\":true}\n4\n";
    let jobs = [&ECHO[..], &["--jobs", "3", "--timeout", "20000"]].concat();
    let (code, stdout, stderr) = run_with(&jobs, lines);
    assert_eq!(code, 0, "{stderr}{stdout}");
    let numbers: Vec<u64> =
        records(&stdout).iter().map(|each| each["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
    let one = [&ECHO[..], &["--timeout", "100"]].concat();
    let (code, stdout, _) = run_with(&one, "{\"meet\":true}\n2\n");
    let alone = records(&stdout);
    assert_eq!((code, &alone[0]["failures"][0]["cause"]), (1, &"timed_out".into()), "{stdout}");
    assert_eq!(alone[1]["ok"], true, "each line has its own deadline");
    let (code, _, _) = run(&[&ECHO[..], &["--jobs", "0"]].concat());
    assert_eq!(code, 2);
}

#[test]
fn lines_come_from_a_file_as_well_and_everybody_is_in_the_summary() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.ndjson");
    fs::write(&path, "{\"text\":\"a\"}\n{}\n{\"text\":\"b\"}\n").unwrap();
    let at = format!("@{}", path.display());
    let (code, stdout, stderr) = run(&["call", "stage", "ring", "--lines", "--input", &at]);
    assert_eq!(code, 1);
    let records = records(&stdout);
    assert_eq!(records[0]["outcome"]["delivered"], 1);
    assert_eq!(records[1]["error"]["code"], "HS-D004");
    assert!(stderr.contains("  anna ") && stderr.contains("2 faulted"), "{stderr}");
    let (code, _, stderr) = run(&["call", "stage", "ring", "--lines", "--input", "{}"]);
    assert!(code == 2 && stderr.contains("@FILE"), "{stderr}");
}

#[test]
fn answers_are_there_before_the_next_line_and_an_interrupt_ends_it_cleanly() {
    let mut running = Running::start(&mut puppets(&ECHO));
    for number in 1..=3 {
        running.write("7\n");
        assert_eq!(running.record()["line"], number);
    }
    running.write("{\"late_ms\":25000}\n");
    running.write("8\n");
    // The call is running or about to: either way it does not end by itself in time.
    let (code, _, stderr) = running.interrupt();
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("error: interrupted after "), "{stderr}");
    assert!(stderr.contains("  echo "), "the summary comes all the same: {stderr}");
}

#[test]
fn a_reader_that_goes_away_ends_it_and_is_no_error() {
    let mut child = puppets(&ECHO)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdin.write_all(b"1\n").unwrap();
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    // The input never ends by itself: only the closed output can end the run.
    let writer = std::thread::spawn(move || while stdin.write_all(b"2\n").is_ok() {});
    let (code, _, stderr) = ended(child.wait_with_output().unwrap());
    writer.join().unwrap();
    assert_eq!(code, 0, "{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("error"), "{stderr}");
}
