//! `generate`: what is committed is fresh, and a stale folder is noticed and mended.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn generate(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hookspec"))
        .arg("generate")
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const RUST: [&str; 6] =
    ["--root", "::hookspec_plugin", "--calls", "::hookspec_host", "--calls-feature", "calls"];

#[test]
fn the_shipped_kinds_are_fresh() {
    let arguments = [&RUST[..], &["--check", "--out", "crates/hookspec-kinds/src/generated"]];
    let (code, stdout, stderr) = generate(&arguments.concat());
    assert_eq!(code, Some(0), "run without --check:\n{stdout}{stderr}");
    let (code, stdout, stderr) =
        generate(&["--lang", "markdown", "--check", "--out", "docs/kinds"]);
    assert_eq!(code, Some(0), "run without --check:\n{stdout}{stderr}");
}

#[test]
fn a_stale_folder_is_noticed_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("generated");
    let path = out.to_str().unwrap();
    let (code, _, _) = generate(&["--check", "--out", path]);
    assert_eq!((code, out.exists()), (Some(1), false), "a check writes nothing");

    let (code, stdout, _) = generate(&["--out", path]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("query_rewriter.rs: written"), "{stdout}");
    assert_eq!(generate(&["--check", "--out", path]).0, Some(0));
    assert_eq!(generate(&["--out", path]).1, "", "nothing to do is nothing done");

    fs::write(out.join("tool.rs"), "// @generated, and changed by hand").unwrap();
    fs::write(out.join("gone.rs"), "// @generated from a kind that is no more").unwrap();
    fs::write(out.join("own.rs"), "// somebody's own").unwrap();
    let (code, stdout, stderr) = generate(&["--check", "--out", path]);
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("tool.rs: outdated") && stdout.contains("gone.rs: left over"));
    assert!(!stdout.contains("own.rs"), "{stdout}");
    assert!(stderr.contains("without --check"), "{stderr}");
    assert_eq!(generate(&["--out", path]).0, Some(0));
    assert_eq!(generate(&["--check", "--out", path]).0, Some(0));
    assert!(out.join("own.rs").exists() && !out.join("gone.rs").exists());
}

#[test]
fn what_cannot_be_done_is_two_and_says_why() {
    let (code, _, stderr) = generate(&["--check"]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("--out"), "{stderr}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let (code, _, stderr) = generate(&["--out", file.path().to_str().unwrap()]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.starts_with("error: "), "{stderr}");
    let (code, _, stderr) = generate(&["--hookspecs", "contract-tests/broken"]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("broken"), "{stderr}");
}
