//! `hookspec test` as its users run it: on a plugin in C, and on the same one made dangerous.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use hookspec_spec::Schema;
use serde_json::Value;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The plugin in C, with this done in every call or in its teardown.
fn plugin(name: &str, in_call: &str, in_teardown: &str) -> TempDir {
    let example = root().join("examples/interop/metrics-exporter-c");
    let source = fs::read_to_string(example.join("metrics_exporter.c")).unwrap();
    let own = "counters *own = instance;\n";
    let (head, rest) = source.split_once("static void call(").unwrap();
    let rest = rest.replacen(own, &format!("{own}    {in_call}\n"), 1);
    let (call, teardown) = rest.split_once("static void teardown(").unwrap();
    let teardown = teardown.replacen(own, &format!("{own}    {in_teardown}\n"), 1);
    let source = format!(
        "#include <unistd.h>\n#include <signal.h>\n{head}static void call({call}static void teardown({teardown}"
    );
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("plugin.c");
    fs::write(&file, source).unwrap();
    let manifest = fs::read_to_string(example.join("plugin.toml")).unwrap();
    fs::write(folder.path().join("plugin.toml"), manifest).unwrap();
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-w", "-I"])
        .arg(root().join("include"))
        .arg("-o")
        .arg(folder.path().join("libmetrics_exporter_c.so"))
        .arg(&file)
        .status()
        .unwrap();
    assert!(built.success(), "{name} does not build");
    folder
}

fn test(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookspec"));
    command.current_dir(root()).arg("test").arg(folder).args(arguments);
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = test(folder, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_plugin_in_c_conforms_and_every_report_is_written() {
    let folder = plugin("honest", "", "");
    let written = |name: &str| folder.path().join(name).display().to_string();
    let (json, junit, html) = (written("a.json"), written("a.xml"), written("a.html"));
    let files = ["--json", &json, "--junit", &junit, "--html", &html];
    let (code, stdout, stderr) = run(folder.path(), &files);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(
        stdout.contains("metrics-exporter-c 0.1.0") && stdout.contains("conformant"),
        "{stdout}"
    );
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let schema = fs::read_to_string(root().join("schemas/contract-report.schema.json")).unwrap();
    let schema = Schema::compile(serde_json::from_str(&schema).unwrap()).unwrap();
    schema.validate(&report).unwrap();
    assert_eq!(report["conformance"], "conformant");
    let subject = &report["subjects"][0];
    assert_eq!(subject["sha256"].as_str().map(str::len), Some(64));
    assert!(subject["checks"].as_array().is_some_and(|checks| checks.len() > 50));
    assert!(fs::read_to_string(junit).unwrap().contains("<testsuite "));
    assert!(fs::read_to_string(html).unwrap().contains("<!doctype html>"));
}

#[test]
fn whatever_a_plugin_does_to_its_process_the_suite_ends_with_a_report() {
    for (name, in_call, in_teardown, check, expected) in [
        ("exits", "exit(3);", "", "SEC-001", "exit code 3"),
        ("aborts", "abort();", "", "SEC-001", "SIGABRT"),
        ("kills itself", "kill(getpid(), SIGKILL);", "", "SEC-001", "SIGKILL"),
        ("kills its group", "kill(0, SIGTERM);", "", "SEC-001", "SIGTERM"),
        ("forks", "if (fork() == 0) { sleep(600); _exit(0); }", "", "SEC-003", "still runs"),
        (
            "forks and leaves its session",
            "if (fork() == 0) { setsid(); sleep(600); _exit(0); }",
            "",
            "SEC-003",
            "still runs",
        ),
        ("forks and both go on", "fork();", "", "SEC-003", ""),
        (
            "takes all memory",
            "for (;;) { char *p = malloc(1 << 24); if (!p) abort(); memset(p, 1, 1 << 24); }",
            "",
            "SEC-004",
            "SIGABRT",
        ),
        (
            "floods",
            "static char many[1 << 20]; for (int i = 0; i < 1024; i++) write(1, many, sizeof many);",
            "",
            "SEC-002",
            "it wrote 256 MiB",
        ),
        ("sleeps in teardown", "", "for (;;) sleep(1);", "LIF-002", "did not end"),
    ] {
        let folder = plugin(name, in_call, in_teardown);
        let begun = Instant::now();
        let (code, stdout, stderr) =
            run(folder.path(), &["--filter", check, "--timeout-scale", "0.3", "--seed", "5"]);
        assert_eq!(code, 1, "{name}: {stdout}{stderr}");
        assert!(stdout.contains(&format!("FAIL {check}")), "{name}: {stdout}");
        assert!(stdout.contains(expected), "{name}: {stdout}");
        assert!(stdout.contains("--filter") && stdout.contains("--seed 5"), "{name}: {stdout}");
        assert!(begun.elapsed() < Duration::from_secs(90), "{name} took {:?}", begun.elapsed());
    }
}

#[test]
fn a_baseline_excuses_what_it_lists_and_nothing_else() {
    let folder = plugin("exits", "exit(3);", "");
    let file = folder.path().join("expected.yaml");
    let path = file.display().to_string();
    let baseline = |entries: &str| fs::write(&file, format!("expected:\n{entries}")).unwrap();
    let entry = |check: &str, expires: &str| {
        format!(
            "  - {{ plugin: metrics-exporter-c, runtime: dylib, check: {check}, reason: issue 12, expires: \"{expires}\" }}\n"
        )
    };
    let given = ["--filter", "SEC-001", "--filter", "MAN-001", "--baseline", &path];
    baseline(&entry("SEC-001", "2999-01-31"));
    let (code, stdout, stderr) = run(folder.path(), &given);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("issue 12"), "{stdout}");
    baseline(&entry("SEC-001", "2020-01-31"));
    let (code, stdout, _) = run(folder.path(), &given);
    assert!(code == 1 && stdout.contains("2020-01-31"), "expired: {code} {stdout}");
    baseline(&(entry("SEC-001", "2999-01-31") + &entry("MAN-001", "2999-01-31")));
    let (code, stdout, _) = run(folder.path(), &given);
    assert!(code == 1 && stdout.contains("MAN-001"), "stale: {code} {stdout}");
    baseline(&entry("MAN-099", "soon"));
    let (code, _, stderr) = run(folder.path(), &given);
    assert_eq!(code, 2);
    for expected in ["expected.yaml:2:", "MAN-099", "soon"] {
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn what_cannot_be_looked_at_is_said_before_anything_runs() {
    let folder = plugin("honest", "", "");
    let empty = TempDir::new().unwrap();
    let nobody = folder.path().join("config.json");
    fs::write(&nobody, "{ \"metrics-exporter\": {} }").unwrap();
    let nobody = nobody.display().to_string();
    for (place, arguments, expected) in [
        (Path::new("no/such/folder"), vec![], "there is no folder"),
        (empty.path(), vec![], "there is no plugin.toml"),
        (folder.path(), vec!["--filter", "IO-9"], "there is no check `IO-9`"),
        (folder.path(), vec!["--config", &nobody], "did you mean `metrics-exporter-c`?"),
        (folder.path(), vec!["--cases", "no/such"], "no/such"),
        (folder.path(), vec!["--hookspecs", "no/such"], "no/such"),
    ] {
        let (code, stdout, stderr) = run(place, &arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn checks_are_listed_and_explained() {
    let hookspec = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_hookspec")).args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (code, stdout, _) = hookspec(&["test", "--list"]);
    assert!(code == 0 && stdout.contains("IO-001") && stdout.contains("SEC-006"), "{stdout}");
    let (code, stdout, _) = hookspec(&["test", "--explain", "chn-001"]);
    assert!(code == 0 && stdout.contains("CHAIN-5") && stdout.contains("MUST"), "{stdout}");
    let (code, _, stderr) = hookspec(&["test", "--explain", "CHN-01"]);
    assert!(code == 2 && stderr.contains("did you mean"), "{stderr}");
}

#[test]
fn ctrl_c_ends_with_what_there_is() {
    let folder = plugin("slow", "sleep(1);", "");
    let temporary = TempDir::new().unwrap();
    let mut command = test(folder.path(), &["--format", "json", "--jobs", "1"]);
    let child = command
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A check is running once there is a folder for it; the first one describes the plugin.
    let home = || fs::read_dir(temporary.path()).unwrap().flatten().map(|each| each.path()).next();
    let homes = || fs::read_dir(temporary.path()).unwrap().count();
    until(&child, || home().is_some());
    let first = home();
    until(&child, || home().is_some() && home() != first);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!((&report["interrupted"], &report["conformance"]), (&true.into(), &"partial".into()));
    assert!(report["subjects"][0]["checks"].as_array().unwrap().len() < 60);
    assert_eq!(homes(), 0, "folders are left");
}

fn until(child: &Child, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "process {} does nothing", child.id());
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn two_suites_at_once_do_not_know_of_each_other() {
    let folder = plugin("honest", "", "");
    let start = || {
        let mut command = test(folder.path(), &["--profile", "security"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let (one, other) = (start(), start());
    for suite in [one, other] {
        let output = suite.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{text}");
    }
}
