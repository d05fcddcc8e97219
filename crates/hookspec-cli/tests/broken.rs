//! `check` over files that are broken on purpose: every file reported, in little time and memory.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `check` with 200 MB of address space, which is more than it may touch, and so many seconds
/// of processor time: whatever else the machine does meanwhile, beyond them it is killed.
fn check(path: &Path, seconds: u32) -> (Option<i32>, String, String) {
    let limited = format!("ulimit -v 204800 && ulimit -t {seconds} && exec \"$0\" check \"$1\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_hookspec")]).arg(path);
    let output = command.current_dir(root()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn every_broken_folder_is_reported_with_its_place() {
    let (code, stdout, stderr) = check(Path::new("contract-tests/broken"), 1);
    assert_eq!(code, Some(1), "{stderr}");
    let reported: BTreeSet<&str> = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("contract-tests/broken/"))
        .filter_map(|line| line.split('/').next())
        .collect();
    let folders = fs::read_dir(root().join("contract-tests/broken")).unwrap();
    let mut missing = Vec::new();
    for folder in folders.map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        let name = folder.file_name().into_string().unwrap();
        if !reported.contains(name.as_str()) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "not reported: {missing:?}\n{stdout}");
    for line in stdout.lines().filter(|line| line.starts_with("contract-tests")) {
        let place = line.split(' ').next().unwrap();
        // `path:line:column:`, or `path:` of a file that has no lines to point at.
        assert!(place.ends_with(':'), "{line}");
    }
}

#[test]
fn a_hundred_thousand_brackets_are_a_mistake_and_no_overflow() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, brackets) in [("flow", "["), ("closed", "[]"), ("maps", "{a: ")] {
        let path = folder.path().join(kind).join("v1.yaml");
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("kind: {}\n", brackets.repeat(100_000))).unwrap();
    }
    let sequences = folder.path().join("sequences");
    fs::create_dir(&sequences).unwrap();
    fs::write(sequences.join("v1.yaml"), format!("kind: {}x\n", "- ".repeat(100_000))).unwrap();
    let schemas = folder.path().join("schemas");
    fs::create_dir(&schemas).unwrap();
    fs::write(schemas.join("deep.json"), "[".repeat(100_000)).unwrap();
    let hook = "hooks:\n  - name: run\n    dispatch: chain\n    input_schema: schemas/deep.json\n";
    let json = folder.path().join("json");
    fs::create_dir(&json).unwrap();
    fs::write(json.join("v1.yaml"), format!("kind: json\nkind_api_version: 1.0.0\n{hook}"))
        .unwrap();

    let (code, stdout, stderr) = check(folder.path(), 1);
    assert_eq!(code, Some(1), "{stderr}");
    let folder = folder.path().to_str().unwrap();
    for name in ["flow", "closed", "maps", "sequences", "schemas"] {
        assert!(stdout.contains(&format!("{folder}/{name}/")), "{name}: {stdout}");
    }
    assert!(stdout.len() < 10_000, "a report of {} bytes", stdout.len());
}

#[test]
fn a_hundred_thousand_brackets_in_a_manifest_are_a_mistake_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.toml");
    for start in ["name = ", "name = {a = ", "["] {
        let last = start.rsplit(' ').next().unwrap();
        let open = if last.is_empty() { "[" } else { start.trim_start_matches("name = ") };
        fs::write(&path, format!("{start}{}\n", open.repeat(100_000))).unwrap();
        let (code, stdout, stderr) = check(&path, 1);
        assert_eq!(code, Some(1), "{start}: {stderr}");
        assert!(stdout.contains("plugin.toml:1:"), "{start}: {stdout}");
        assert!(stdout.len() < 2_000, "{start}: a report of {} bytes", stdout.len());
    }
}

#[test]
fn mistakes_in_one_long_line_cost_no_more_than_in_many() {
    let folder = tempfile::tempdir().unwrap();
    let toml = folder.path().join("plugin.toml");
    fs::write(&toml, format!("name = \"{}\"\n", "\\q".repeat(100_000))).unwrap();
    let json = folder.path().join("wide.json");
    let properties = (0..10_000).map(|index| format!("\"é{index}\": {{\"type\": \"txt\"}}"));
    let properties = properties.collect::<Vec<_>>().join(", ");
    fs::write(&json, format!("{{\"properties\": {{{properties}}}}}")).unwrap();
    for path in [toml, json] {
        let (code, stdout, stderr) = check(&path, 2);
        assert_eq!(code, Some(1), "{}: {stderr}", path.display());
        assert!(stdout.len() < 100_000, "a report of {} bytes", stdout.len());
    }
}
