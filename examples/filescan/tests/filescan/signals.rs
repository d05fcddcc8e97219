//! Ctrl-C.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::run::{command, files};

#[test]
fn ctrl_c_ends_with_a_row_for_each_file_that_was_found_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("0.rs"), "fn a() {}").unwrap();
    // Each of them takes a quarter of a second, and one is read at a time.
    for number in 1..200 {
        std::fs::write(folder.path().join(format!("{number:03}.hang")), "").unwrap();
    }
    let mut command = command(folder.path(), &["--misbehaving", "--jobs", "1", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    // By then the walk is ahead, and one that hangs is being read.
    for _ in 0..3 {
        out.read_line(&mut text).unwrap();
    }
    assert!(text.contains("hang"), "{text}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    out.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let mut rows: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let total = rows.pop().unwrap()["total"].clone();
    assert_eq!((&total["partial"], &total["found"]), (&true.into(), &total["rows"]), "{total}");
    assert_eq!(total["rows"], rows.len());
    assert!(total["interrupted"].as_u64().unwrap() > 0, "{total}");
    assert!(rows.len() < files(folder.path(), &[]).len(), "it did not walk on: {total}");
}
