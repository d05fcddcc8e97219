//! `hookspec diff`: what is printed, and the exit code.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

const TOOL: &str = "kind: tool\nkind_api_version: 1.0.0\nhooks:\n  - { name: run, dispatch: singleton, input_schema: input.json }\n";

/// Writes files below a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn diff(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hookspec"))
        .current_dir(folder)
        .arg("diff")
        .args(arguments)
        .env_remove("RUST_LOG")
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_bump_that_is_too_small_is_one_and_says_what_would_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(
        at,
        &[
            ("old/tool/v1.yaml", TOOL),
            ("old/tool/input.json", r#"{ "type": "string", "maxLength": 9 }"#),
            ("new/tool/v1.yaml", &TOOL.replace("1.0.0", "1.1.0")),
            ("new/tool/input.json", r#"{ "type": "string", "maxLength": 5 }"#),
        ],
    );
    for (old, new) in [("old", "new"), ("old/tool/v1.yaml", "new/tool/v1.yaml")] {
        let (code, stdout, stderr) = diff(at, &[old, new]);
        assert_eq!(code, 1, "{stdout}{stderr}");
        for expected in [
            "tool 1.0.0 to 1.1.0",
            "callers  major  run input /maxLength  `maxLength` is 5, was 9",
            "demanded: major; declared: minor: too small: write at least 2.0.0",
        ] {
            assert!(stdout.contains(expected), "{expected} is missing in:\n{stdout}");
        }
        assert_eq!(stderr, "1 kind compared, 1 change: the version of 1 kind does not say so\n");
    }
    let (code, stdout, _) = diff(at, &["old", "new", "--format", "json"]);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &report["command"], &report["ok"]), (1, &"diff".into(), &false.into()));
    let kind = &report["kinds"][0];
    assert_eq!((&kind["demanded"], &kind["declared"]), (&"major".into(), &"minor".into()));
    assert_eq!(
        kind["changes"][0],
        json!({
            "what": "schema_narrowed",
            "hook": "run",
            "side": "input",
            "pointer": "/maxLength",
            "message": "`maxLength` is 5, was 9",
            "breaks": { "plugins": false, "callers": true },
            "bump": "major",
            "undecided": false,
        })
    );
}

#[test]
fn a_bump_that_suffices_is_fine_and_lone_kinds_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let plain = TOOL.replace(", input_schema: input.json", "");
    let other = |name: &str| plain.replace("kind: tool", &format!("kind: {name}"));
    write(
        at,
        &[
            ("old/tool/v1.yaml", &plain),
            ("old/gone/v1.yaml", &other("gone")),
            (
                "new/tool/v2.yaml",
                &plain.replace("1.0.0", "2.0.0").replace("singleton", "capability"),
            ),
            ("new/fresh/v1.yaml", &other("fresh")),
        ],
    );
    let (code, stdout, stderr) = diff(at, &["old", "new"]);
    assert_eq!((code, stderr.as_str()), (0, "1 kind compared, 1 change\n"), "{stdout}");
    for expected in [
        "tool 1.0.0 to 2.0.0",
        "was singleton, is capability",
        "demanded: major; declared: major: fine",
        "gone 1.0.0\n  only in the old one",
        "fresh 1.0.0\n  new",
    ] {
        assert!(stdout.contains(expected), "{expected} is missing in:\n{stdout}");
    }
    let (code, stdout, stderr) = diff(at, &["old", "old"]);
    assert_eq!((code, stderr.as_str()), (0, "2 kinds compared, no changes\n"), "{stdout}");
}

#[test]
fn what_cannot_be_compared_is_two() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let plain = TOOL.replace(", input_schema: input.json", "");
    write(
        at,
        &[
            ("good/v1.yaml", &plain),
            ("other/v1.yaml", &plain.replace("kind: tool", "kind: tol")),
            ("broken/v1.yaml", &plain.replace("singleton", "singelton")),
            ("empty/readme.md", "nothing"),
        ],
    );
    for (old, new, expected) in [
        ("good", "missing", "missing"),
        ("broken", "good", "broken/v1.yaml:4:"),
        ("good", "empty", "empty"),
        ("good", "other", "no kind is in both"),
    ] {
        let (code, stdout, stderr) = diff(at, &[old, new]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{old} {new}");
        assert!(stderr.contains(expected), "{old} {new}: {stderr}");
    }
}
