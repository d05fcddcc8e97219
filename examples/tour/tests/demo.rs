//! The tour as its users run it.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;

fn tour(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tour"));
    command.args(arguments).env_remove("RUST_LOG").env("COLUMNS", "80").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn everything_goes_as_expected_although_plugins_misbehave() {
    let shown = tour(&["--format", "json"]);
    assert_eq!(text(&shown.stderr), "");
    let report: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&report["ok"], shown.status.code()), (&Value::Bool(true), Some(0)), "{report:#}");
    let classes: BTreeSet<&str> = report["sections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|section| section["class"].as_str().unwrap())
        .collect();
    let all = ["broadcast_collect", "broadcast_notify", "capability", "chain", "singleton"];
    assert_eq!(classes, all.into());
    let causes: BTreeSet<&str> = report["sections"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|section| section["failures"].as_array().unwrap())
        .map(|failure| failure["cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes, ["faulted", "invalid_output", "panicked", "timed_out"].into());
    let audit = report["audit_log"]["path"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(audit).unwrap().lines().count(), 6);
    std::fs::remove_file(audit).unwrap();
}

#[test]
fn people_see_who_failed_and_lines_that_fit() {
    let shown = tour(&[]);
    let text = text(&shown.stdout);
    assert_eq!(shown.status.code(), Some(0), "{text}");
    for line in text.lines().filter(|line| !line.contains("hookspec-tour-")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for expected in ["panicking-tools", "normaliser, ", "timed_out", "As expected: "] {
        assert!(text.contains(expected), "{expected} is missing in:\n{text}");
    }
    let audit = text.lines().find_map(|line| line.strip_prefix("audit-logger: 6 lines in "));
    std::fs::remove_file(audit.unwrap()).unwrap();
}

#[test]
fn with_arguments_it_is_the_command_line_over_its_plugins() {
    let list = tour(&["list", "--format", "json"]);
    let listed: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list.status.code(), Some(1), "one plugin is unavailable, and on purpose");
    let plugins = listed["plugins"].as_array().unwrap();
    let unready = plugins.iter().find(|plugin| plugin["name"] == "unready-tools").unwrap();
    assert_eq!(unready["state"], "unavailable");
    assert!(text(&list.stderr).contains("unready-tools"));

    let explain = tour(&["explain", "file_processor.process"]);
    assert_eq!(explain.status.code(), Some(0));
    let explained = text(&explain.stdout);
    for expected in ["capability", "rust-files", "text/x-rust", "the fallback", "CAPABILITY-2"] {
        assert!(explained.contains(expected), "{expected} is missing in:\n{explained}");
    }
    assert!(explained.contains("files .md, .markdown; languages markdown"), "{explained}");
    let explain = tour(&["explain", "file_processor.process", "--format", "json"]);
    let explained: Value = serde_json::from_slice(&explain.stdout).unwrap();
    let places = explained["plugins"].as_array().unwrap();
    let rust = places.iter().find(|place| place["plugin"] == "rust-files").unwrap();
    let expected = serde_json::json!({
        "extensions": ["rs"],
        "languages": ["rust"],
        "mime_types": ["text/x-rust"],
        "capabilities": ["symbols"],
    });
    assert_eq!(rust["declares"], expected);

    let check = tour(&["check"]);
    assert_eq!((check.status.code(), text(&check.stdout).as_str()), (Some(0), ""));
}
