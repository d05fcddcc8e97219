//! `hookspec new`: what it writes compiles, is formatted, passes its tests and passes `check`; and
//! what is there already is left alone.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn hookspec(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hookspec"))
        .current_dir(folder)
        .args(arguments)
        .env_remove("RUST_LOG")
        .env_remove("COLUMNS")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Vec<String> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false => {
                    found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned())
                }
            }
        }
    }
    found.sort();
    found
}

/// A kind that no crate has, of payloads that no schema describes.
fn write_lone(top: &Path) {
    let kind = "kind: lone\nkind_api_version: 1.4.2\nhooks:\n  - { name: run, dispatch: singleton, mode: sync }\n";
    fs::create_dir_all(top.join("hookspecs/lone")).unwrap();
    fs::write(top.join("hookspecs/lone/v1.yaml"), kind).unwrap();
}

/// One workspace for all, with the versions and the artifacts of this one: nothing is downloaded,
/// and little is built twice.
#[test]
fn what_is_written_compiles_and_passes_its_tests_and_the_check() {
    let outside = tempfile::tempdir().unwrap();
    let top = outside.path().canonicalize().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let members =
        ["text-tools", "upper", "gate", "tool", "rewriter", "listener", "mine", "loaded", "my-app"];
    let list = members.map(|member| format!("\"{member}\"")).join(", ");
    let workspace = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{list}]\n[profile.dev]\ndebug = \"line-tables-only\"\n"
    );
    fs::write(top.join("Cargo.toml"), workspace).unwrap();
    fs::copy(root.join("Cargo.lock"), top.join("Cargo.lock")).unwrap();
    write_lone(&top);
    for arguments in [
        &["new", "kind", "text-tools"][..],
        &["new", "plugin", "upper", "--kind", "text_tools"],
        &["new", "plugin", "gate", "--kind", "file_processor"],
        &["new", "plugin", "tool", "--kind", "tool"],
        &["new", "plugin", "rewriter", "--kind", "query_rewriter"],
        &["new", "plugin", "listener", "--kind", "lifecycle_listener"],
        &["new", "plugin", "mine", "--kind", "lone"],
        &["new", "plugin", "loaded", "--kind", "query_rewriter", "--runtime", "dylib"],
        &["new", "app", "my-app"],
    ] {
        let (code, stdout, stderr) = hookspec(&top, arguments);
        assert_eq!(code, 0, "{arguments:?}\n{stdout}{stderr}");
        assert!(!stdout.contains("to `members`"), "{stdout}");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .current_dir(&top)
            .args(arguments)
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{arguments:?}\n{stdout}\n{stderr}");
        (stdout, stderr)
    };
    cargo(&["fmt", "--all", "--check"]);
    let passed = |stdout: &str| {
        let ok = |line: &&str| line.starts_with("test ") && line.ends_with("... ok");
        stdout.lines().filter(ok).count()
    };
    // The contract suite over every one of them would say the same of each class again.
    let own = ["test", "--workspace", "--offline", "--", "--skip", "contract::"];
    let (stdout, stderr) = cargo(&own);
    assert_eq!(passed(&stdout), members.len(), "{stdout}");
    for plugin in ["loaded", "rewriter"] {
        let (stdout, _) = cargo(&["test", "-p", plugin, "--offline", "contract::"]);
        assert!(passed(&stdout) > 60, "{stdout}");
    }
    assert!(!stderr.contains("warning"), "{stderr}");
    let (stdout, _) = cargo(&["run", "--quiet", "--offline", "-p", "my-app", "--", "Ada"]);
    assert_eq!(stdout, "polite: Hello, Ada!\n");
    // The library beside its manifest is all that a host needs.
    cargo(&["build", "--offline", "-p", "loaded"]);
    fs::copy(target.join("debug/libloaded.so"), top.join("loaded/libloaded.so")).unwrap();
    let query = r#"{ "text": "car", "terms": [], "filters": {} }"#;
    let kinds = root.join("hookspecs").to_str().unwrap().to_owned();
    let given = ["--hookspecs", &kinds, "--plugins", "."];
    let call = [&given[..], &["call", "query_rewriter.rewrite", "--input", query]].concat();
    let (code, stdout, stderr) = hookspec(&top.join("loaded"), &call);
    assert!(code == 0 && stdout.contains("loaded"), "{code}\n{stdout}\n{stderr}");
    for member in members {
        let (code, stdout, stderr) = hookspec(&top, &["check", member]);
        assert_eq!((code, stdout.as_str()), (0, ""), "{member}: {stderr}");
        assert!(stderr.ends_with("no mistakes\n"), "{member}: {stderr}");
    }
}

#[test]
fn what_exists_is_left_alone_and_listed() {
    let outside = tempfile::tempdir().unwrap();
    let top = outside.path();
    fs::create_dir_all(top.join("mine/src")).unwrap();
    fs::write(top.join("mine/src/lib.rs"), "mine").unwrap();
    fs::write(top.join("mine/notes.md"), "mine").unwrap();
    let (code, stdout, stderr) = hookspec(top, &["new", "kind", "mine"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("mine/src/lib.rs") && !stderr.contains("Cargo.toml"), "{stderr}");
    assert_eq!(files(top), ["mine/notes.md", "mine/src/lib.rs"]);
    assert_eq!(fs::read_to_string(top.join("mine/src/lib.rs")).unwrap(), "mine");
    // What is not in the way is no reason to refuse.
    fs::remove_file(top.join("mine/src/lib.rs")).unwrap();
    let (code, _, stderr) = hookspec(top, &["new", "kind", "mine"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, stdout, _) =
        hookspec(top, &["new", "app", "a", "--path", "b/c", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, report["files"][0].as_str()), (0, Some("b/c/Cargo.toml")));
}

#[test]
fn what_cannot_be_written_says_why_and_writes_nothing() {
    let outside = tempfile::tempdir().unwrap();
    let top = outside.path();
    for (arguments, expected) in [
        (&["new", "kind", "Mine"][..], "`Mine` cannot be a name"),
        (&["new", "app", "type"], "something else in Rust"),
        (&["new", "plugin", "mine", "--kind", "tol"], "did you mean `tool`?"),
        (&["new", "plugin", "mine", "--kind", "nowhere"], "orchestrator"),
        (&["new", "plugin", "mine"], "--kind"),
        (&["new", "app", "mine", "--hookspec-path", "nowhere"], "--hookspec-path"),
    ] {
        let (code, stdout, stderr) = hookspec(top, arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
        assert_eq!(files(top), [""; 0], "{arguments:?}");
    }
    let (_, _, stderr) = hookspec(top, &["new", "plugin", "mine", "--kind", "."]);
    assert!(stderr.contains("no hookspec"), "{stderr}");
}

#[test]
fn a_kind_that_no_crate_has_becomes_the_plugins_own_and_a_workspace_is_pointed_at() {
    let outside = tempfile::tempdir().unwrap();
    let top = outside.path();
    fs::write(top.join("Cargo.toml"), "[workspace]\nmembers = []\n").unwrap();
    write_lone(top);
    let (code, stdout, stderr) = hookspec(top, &["new", "plugin", "mine", "--kind", "lone"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("add \"mine\" to `members`"), "{stdout}");
    let source = fs::read_to_string(top.join("mine/src/lib.rs")).unwrap();
    assert!(source.contains("hookspec::kind!(\"../hookspecs/lone/v1.yaml\");"), "{source}");
    let method = "    fn run(\n        &self,\n        _ctx: &CallContext<'_>,\n        _input: &serde_json::Value,\n    ) -> Result<serde_json::Value, Fault> {";
    assert!(source.contains(method), "{source}");
    let manifest = fs::read_to_string(top.join("mine/plugin.toml")).unwrap();
    assert!(manifest.contains("kind_api_version = \"1.4.0\""), "{manifest}");
}
