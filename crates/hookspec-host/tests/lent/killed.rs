//! CHECKPOINT-2: a process that is killed at any moment leaves the last or the next state, whole.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use hookspec_host::FileCheckpoints;
use hookspec_host::testing::SeededRng;
use hookspec_plugin::CheckpointStore;
use hookspec_plugin::resources::Rng;
use serde_json::{Value, json};

use crate::again;

const ROUNDS: u64 = 200;

/// The state of a number: longer for a larger one, and no part of it is that of another.
fn state(number: u64) -> Value {
    json!({ "number": number, "rows": vec![number; 64 * (number as usize % 64 + 1)] })
}

/// The child of the test below: saves one state after the other until it is killed, and says so.
#[test]
fn child_saves() {
    let Some(folder) = again::folder() else { return };
    let store = FileCheckpoints::new(folder);
    let mut told = std::io::stdout().lock();
    futures::executor::block_on(async {
        let last = store.load("state").await.unwrap();
        let mut number = last.map_or(0, |last| last.version.0);
        loop {
            number += 1;
            assert_eq!(store.save("state", &state(number)).await.unwrap().0, number);
            // In one piece: what is read of it is a number or nothing.
            told.write_all(format!("saved {number}\n").as_bytes()).unwrap();
            told.flush().unwrap();
        }
    });
}

#[test]
fn checkpoint_2_a_process_that_is_killed_leaves_no_torn_state() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileCheckpoints::new(folder.path());
    let chance = SeededRng::new(std::process::id().into());
    let (mut torn, mut next, mut acknowledged) = (Vec::new(), 0, 0);
    for round in 0..ROUNDS {
        let mut child = again::child("killed::child_saves", "", folder.path());
        let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let number = |line: std::io::Result<String>| -> Option<u64> {
            // The test runner's own words stand around, and on the first line before it.
            line.unwrap().rsplit_once("saved ")?.1.parse().ok()
        };
        let first = lines.by_ref().find_map(number).unwrap();
        let until =
            Instant::now() + Duration::from_micros(chance.randint(0, 15_000).unsigned_abs());
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = lines.filter_map(number).last().unwrap_or(first);
        match futures::executor::block_on(store.load("state")) {
            Ok(Some(found)) if found.state == state(found.version.0) => {
                next += u64::from(found.version.0 == acknowledged + 1);
                if !(acknowledged..=acknowledged + 1).contains(&found.version.0) {
                    torn.push(format!("{round}: {} after {acknowledged}", found.version));
                }
            }
            other => torn.push(format!("{round}: {other:?}")),
        }
    }
    let mut out = std::io::stdout();
    let said = format!(
        "{ROUNDS} kills: {acknowledged} states, {next} times the one being saved, {} torn\n",
        torn.len()
    );
    out.write_all(said.as_bytes()).unwrap();
    assert!(torn.is_empty(), "{torn:?}");
}
