//! The binary as its users run it: exit codes, what goes where, and wrong usage.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The binary, in the root of this repository, with a predictable environment.
fn hookspec(arguments: &[&str]) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookspec"));
    command.current_dir(root).args(arguments);
    for variable in ["RUST_LOG", "NO_COLOR", "COLUMNS", "HOOKSPEC_ACTIVE_TOOL"] {
        command.env_remove(variable);
    }
    command
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    ended(hookspec(arguments).output().unwrap())
}

fn ended(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(arguments: &[&str]) -> (i32, Value) {
    let (code, stdout, _) = run(&[arguments, &["--format", "json"]].concat());
    (code, serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}")))
}

#[test]
fn a_good_folder_is_fine_and_the_summary_is_no_data() {
    let (code, stdout, stderr) = run(&["check"]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert_eq!(stderr, "11 files checked, no mistakes\n");
    let (code, report) = json(&["check", "hookspecs/tool"]);
    assert_eq!((code, &report["ok"], &report["errors"]), (0, &true.into(), &0.into()));
}

#[test]
fn a_mistake_has_its_place_its_line_and_a_hint() {
    let (code, stdout, stderr) = run(&["check", "contract-tests/broken/byte_order_mark"]);
    assert_eq!(code, 1);
    let lines: Vec<&str> = stdout.lines().collect();
    let place = "contract-tests/broken/byte_order_mark/v1.yaml:5:15: error[HS-S014]: ";
    assert!(lines[0].starts_with(place), "{stdout}");
    assert_eq!(lines[1], "    5 |     dispatch: singelton");
    assert_eq!(lines[2], "      |               ^");
    assert_eq!(lines[3], "      help: did you mean `singleton`?");
    assert_eq!(stderr, "1 file checked: 1 error, 0 warnings\n");
    let (code, report) = json(&["check", "contract-tests/broken/byte_order_mark/v1.yaml"]);
    let found = &report["diagnostics"][0];
    assert_eq!((code, &found["line"], &found["column"]), (1, &5.into(), &15.into()));
    assert_eq!((&found["severity"], &found["code"]), (&"error".into(), &"HS-S014".into()));
}

#[test]
fn events_are_found_from_whichever_folder_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let hook = "{ name: h, dispatch: broadcast_notify, event: deploy.done }";
    for (path, text) in [
        ("k/v1.yaml", format!("kind: k\nkind_api_version: 1.0.0\nhooks: [{hook}]\n")),
        (
            "events/deploy.yaml",
            "namespace: deploy\nversion: 1.0.0\nevents: [{ type: deploy.done }]\n".to_owned(),
        ),
    ] {
        let path = folder.path().join("hookspecs").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    for (place, path, read) in [
        ("hookspecs/events", ".", "1 file"),
        ("hookspecs/events", "deploy.yaml", "1 file"),
        ("hookspecs/events", "./deploy.yaml", "1 file"),
        ("hookspecs/k", "../events", "1 file"),
        ("hookspecs/k", "../events/deploy.yaml", "1 file"),
        // A binding needs the file of events, too.
        ("hookspecs/k", ".", "2 files"),
        ("hookspecs/k", "v1.yaml", "2 files"),
        ("hookspecs/k", "./v1.yaml", "2 files"),
        ("hookspecs/events", "../k/v1.yaml", "2 files"),
        ("hookspecs", "k/v1.yaml", "2 files"),
        ("hookspecs", ".", "2 files"),
        (".", ".", "2 files"),
    ] {
        let output = hookspec(&["check", path]).current_dir(folder.path().join(place)).output();
        let expected = (0, String::new(), format!("{read} checked, no mistakes\n"));
        assert_eq!(ended(output.unwrap()), expected, "{path} in {place}");
    }
    let broken = "namespace: deploy\nversion: 1.0\nevents: []\n";
    fs::write(folder.path().join("hookspecs/events/deploy.yaml"), broken).unwrap();
    let place = folder.path().join("hookspecs/k");
    let output = hookspec(&["check", "v1.yaml"]).current_dir(place).output();
    let (code, stdout, _) = ended(output.unwrap());
    assert_eq!(code, 1);
    assert!(stdout.starts_with("../events/deploy.yaml:2:10: error[HS-V008]: "), "{stdout}");
}

#[test]
fn colours_only_where_somebody_sees_them() {
    let broken = ["check", "contract-tests/broken/tabs"];
    let coloured = |command: &mut Command| command.output().unwrap().stdout.contains(&0x1b);
    assert!(!coloured(&mut hookspec(&broken)), "a pipe");
    let mut always = hookspec(&broken);
    assert!(coloured(always.args(["--color", "always"])), "asked for");
    assert!(!coloured(hookspec(&broken).args(["--color", "never"])), "forbidden");
}

#[test]
fn list_names_the_kinds_and_their_hooks() {
    let (code, stdout, stderr) = run(&["list"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.starts_with("0 plugins, 6 kinds\n"), "{stdout}");
    assert!(stdout.contains("\ntool 1.0.0\n") && stdout.contains("execute (singleton)"));
    let (code, listed) = json(&["list", "--hookspecs", "hookspecs/tool"]);
    assert_eq!((code, listed["kinds"].as_array().unwrap().len()), (0, 1));
    assert_eq!(listed["kinds"][0]["hooks"]["get_schema"], "broadcast_collect");
}

#[test]
fn explain_tells_the_class_its_laws_and_how_a_choice_is_settled() {
    let (code, stdout, _) = run(&["explain", "tool.execute"]);
    assert_eq!(code, 0);
    for expected in ["tool@1.execute: singleton", "SINGLETON-3", "HOOKSPEC_ACTIVE_TOOL", "nobody"] {
        assert!(stdout.contains(expected), "{expected} is missing in:\n{stdout}");
    }
    let (code, explained) = json(&["explain", "query_rewriter@1.rewrite"]);
    assert_eq!((code, &explained["class"]), (0, &"chain".into()));
    assert_eq!(explained["error_policy"], "best_effort");
    assert_eq!(explained["writable"][0], "/text");
    assert_eq!(explained["choice"], Value::Null);
    let active = hookspec(&["explain", "tool.execute", "--format", "json"])
        .env("HOOKSPEC_ACTIVE_TOOL", "calculator")
        .output()
        .unwrap();
    let explained: Value = serde_json::from_slice(&active.stdout).unwrap();
    assert_eq!(explained["choice"]["active"], "calculator");
    assert_eq!(explained["choice"]["active_by"], "HOOKSPEC_ACTIVE_TOOL");
}

#[test]
fn wrong_names_say_what_was_meant() {
    for (name, near) in [
        ("tool.exec", "tool.execute"),
        ("tools.execute", "tool.execute"),
        ("rewrite", "query_rewriter.rewrite"),
        ("tool", "tool.get_schema"),
        ("tool@7.execute", "tool.execute"),
    ] {
        let (code, stdout, stderr) = run(&["explain", name]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{name}");
        assert!(stderr.contains(&format!("did you mean `{near}`?")), "{name}: {stderr}");
        assert!(stderr.contains("\n  file_processor.process\n"), "{stderr}");
    }
}

#[test]
fn what_cannot_be_done_is_two_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap();
    for (arguments, expected) in [
        (&["check", "does/not/exist"][..], "does/not/exist"),
        (&["list", "--hookspecs", "does/not/exist"], "does/not/exist"),
        (&["list", "--hookspecs", "contract-tests/broken/tabs"], "tabs/v1.yaml:4"),
        (&["explain", "tool.execute", "--hookspecs", empty], "--hookspecs"),
        (&["demo"], "demo"),
        (&["list", "--format", "xml"], "xml"),
        (&[], "Usage"),
    ] {
        let (code, stdout, stderr) = run(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    let (code, stdout, stderr) = run(&["--help"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("explain") && !stdout.contains("demo"), "{stdout}");
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is_one() {
    let mut child = hookspec(&["check", "contract-tests/broken"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let (code, _, stderr) = ended(output);
    assert_eq!(code, 1, "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    #[cfg(target_os = "linux")]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = hookspec(&["list"]).stdout(full).output().unwrap();
        let (code, _, stderr) = ended(output);
        assert_eq!(code, 2);
        assert!(stderr.contains("cannot be written"), "{stderr}");
    }
}
