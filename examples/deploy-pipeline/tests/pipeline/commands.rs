//! The program, as its users run it: exit codes, signals, and the commands of hookspec.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deploy-pipeline"));
    command.current_dir(folder).args(arguments).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = program(folder, arguments);
    let mut child = Ending(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let read = |mut from: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut text = String::new();
            from.read_to_string(&mut text).map(|_| text)
        })
    };
    let out = read(Box::new(child.0.stdout.take().unwrap()));
    let err = read(Box::new(child.0.stderr.take().unwrap()));
    let until = Instant::now() + Duration::from_secs(60);
    let status = loop {
        match child.0.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
            None => panic!("{arguments:?} does not end"),
        }
    };
    let text =
        |reading: thread::JoinHandle<std::io::Result<String>>| reading.join().unwrap().unwrap();
    (status.code().unwrap(), text(out), text(err))
}

/// A folder with a workflow of one step, a shell's.
fn folder(script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let workflow = json!({
        "name": "w", "version": "1", "environment": "staging",
        "steps": [{ "name": "s", "command": ["sh", "-c", script] }],
    });
    std::fs::write(folder.path().join("w.json"), workflow.to_string()).unwrap();
    folder
}

/// A child that is not left behind by a test that failed.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_exit_code_says_how_it_went() {
    let fails = folder("exit 1");
    let (code, stdout, _) = run(fails.path(), &["run", "w.json"]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("step.failed        s attempt 1 of 1"), "{stdout}");
    let (code, stdout, stderr) = run(fails.path(), &["run", "none.json"]);
    assert_eq!((code, &*stdout), (2, ""));
    assert!(stderr.contains("none.json cannot be read"), "{stderr}");
    let works = folder("true");
    let (code, stdout, stderr) = run(works.path(), &["run", "w.json"]);
    assert_eq!((code, &*stderr), (0, ""), "{stdout}");
    assert!(stdout.contains("deploy.completed   w in releases/staging/w.json"), "{stdout}");
    let (code, stdout, _) = run(works.path(), &["run", "w.json", "--freeze", "staging"]);
    assert_eq!(code, 0, "a refusal is no failure of the workflow");
    assert!(stdout.contains("deploy.refused     w by gatekeeper: staging is frozen"), "{stdout}");
    let dead = ["run", "w.json", "--json", "--webhook", "http://127.0.0.1:9/"];
    let (code, stdout, _) = run(works.path(), &dead);
    let summary: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, summary["dead_letters"].as_array().unwrap().len()), (1, 2));
    // Five runs, one file: what was there stays.
    let audit = std::fs::read_to_string(works.path().join("audit.ndjson")).unwrap();
    assert_eq!(audit.matches("\"workflow.completed\"").count(), 3);
}

#[test]
fn a_signal_ends_the_command_and_what_was_published_is_delivered() {
    let folder = folder("echo begun; sleep 60");
    let mut command = program(folder.path(), &["run", "w.json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut child = Ending(child);
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("step.started")));
    let pid = child.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.0.wait().unwrap().code(), Some(1), "{rest:#?}");
    assert!(
        rest.iter().any(|line| line.contains("workflow.failed    w step `s`: the pipeline stops"))
    );
    let audit = std::fs::read_to_string(folder.path().join("audit.ndjson")).unwrap();
    assert!(audit.contains("\"workflow.failed\""), "{audit}");
}

#[test]
fn the_commands_of_hookspec_work_over_its_plugins() {
    let folder = tempfile::tempdir().unwrap();
    let json = |arguments: &[&str]| -> Value {
        let (_, stdout, stderr) = run(folder.path(), &[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"))
    };
    let explained = json(&["events", "explain", "workflow.completed"]);
    let subscribers = explained["subscribers"].as_array().unwrap();
    let names: Vec<_> = subscribers
        .iter()
        .filter(|own| own["receives"] == true)
        .map(|own| own["subscriber"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["deployer", "audit-log", "event-metrics"]);
    assert_eq!(
        json(&["events", "explain", "deploy.requested"])["cancellers"],
        json!(["gatekeeper"])
    );
    // The start of the plugins is told, one after another, and nothing more than was asked for.
    let tail = ["events", "tail", "core.plugin.*", "--count", "3", "--format", "json"];
    let (code, stdout, stderr) = run(folder.path(), &tail);
    let told: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, told.len(), &*stderr), (0, 3, ""), "{stdout}");
    assert!(told.iter().all(|event| event["type"] == "core.plugin.state_changed"), "{stdout}");
    let (code, _, stderr) = run(folder.path(), &["events", "tail", "deploy.nothing"]);
    assert!(code == 2 && stderr.contains("HS-E022"), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "they leave nothing behind");
}
