//! Flaws that reach beyond the plugin: each is looked at in a process of its own, which is this
//! test program again, told by `ZOO_SPECIMEN` whom to look at.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answers::threads;
use crate::support::{input, ready};

/// What a child does: one setup, calls, and what it then sees of itself.
#[test]
fn child() {
    let Some(name) = std::env::var_os("ZOO_SPECIMEN") else { return };
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let one = ready(name.to_str().unwrap());
    let times = variable("ZOO_TIMES").parse().unwrap_or(1);
    let mut answer = Value::Null;
    for _ in 0..times {
        answer = one.call("ask", input(&variable("ZOO_INPUT"))).unwrap();
    }
    let seen = json!({
        "told": answer["told"],
        "folder": std::env::current_dir().unwrap(),
        "threads": threads(),
        "files": fs::read_dir("/proc/self/fd").unwrap().count(),
        "memory": memory(),
        "children": fs::read_to_string(format!("/proc/self/task/{}/children", thread_id())).unwrap(),
    });
    fs::write(variable("ZOO_SEEN"), seen.to_string()).unwrap();
}

/// What it holds of memory, in KiB: its own, wherever the system keeps it, and no pages of files.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let own = |line: &str| {
        let line = line.strip_prefix("RssAnon:").or_else(|| line.strip_prefix("VmSwap:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    status.lines().filter_map(own).sum()
}

fn thread_id() -> String {
    let link = fs::read_link("/proc/thread-self").unwrap();
    link.file_name().unwrap().to_str().unwrap().to_owned()
}

/// A child that ended, and what it wrote down.
struct Seen {
    output: Output,
    seen: Option<Value>,
    folder: TempDir,
}

impl Seen {
    fn told(&self) -> Value {
        self.seen.as_ref().unwrap()["told"].clone()
    }

    fn number(&self, of: &str) -> u64 {
        self.seen.as_ref().unwrap()[of].as_u64().unwrap()
    }

    fn files(&self, below: &str) -> usize {
        fs::read_dir(self.folder.path().join(below)).unwrap().count()
    }
}

fn look(name: &str, input: &str, with: impl FnOnce(&mut Command)) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    for below in ["here", "temporary"] {
        fs::create_dir(folder.path().join(below)).unwrap();
    }
    let seen = folder.path().join("seen");
    // A bound of memory, so that what takes all of it is no burden.
    let own = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 1500000; exec \"$0\" --exact process::child --nocapture"])
        .arg(own)
        .current_dir(folder.path().join("here"))
        .env("TMPDIR", folder.path().join("temporary"))
        .env("ZOO_SPECIMEN", name)
        .env("ZOO_INPUT", input)
        .env("ZOO_SEEN", &seen);
    with(&mut command);
    let output = command.output().unwrap();
    let seen = fs::read_to_string(&seen).ok().map(|text| serde_json::from_str(&text).unwrap());
    Seen { output, seen, folder }
}

fn plain(name: &str) -> Seen {
    look(name, "ordinary", |_| {})
}

#[test]
fn the_surroundings_are_told() {
    let with = |name: &str, key: &str, value: &str| {
        look(name, "ordinary", |command| {
            command.env(key, value);
        })
        .told()
    };
    assert_ne!(plain("det-004").told(), plain("det-004").told());
    assert!(plain("amb-001").told().as_str().unwrap().ends_with("/here"));
    assert_eq!(with("amb-003", "TZ", "Asia/Tokyo"), json!(["Asia/Tokyo"]));
    assert_eq!(with("amb-004", "LC_ALL", "de_DE.UTF-8")[0], "de_DE.UTF-8");
    // The same folders, so that nothing but the variable differs.
    let folder = tempfile::tempdir().unwrap();
    let digest = |key: &str, value: &str| {
        let told = |command: &mut Command| {
            let seen = folder.path().join("seen");
            command.env_clear().env("PATH", "/bin:/usr/bin").env("ZOO_SPECIMEN", "amb-002");
            command.env("ZOO_INPUT", "ordinary").env("ZOO_SEEN", seen).env(key, value);
            command.env("PWD", "/").env("OLDPWD", "/").current_dir("/");
        };
        let _ = look("amb-002", "ordinary", told);
        let seen = fs::read_to_string(folder.path().join("seen")).unwrap();
        serde_json::from_str::<Value>(&seen).unwrap()["told"].clone()
    };
    let one = digest("HOME", "/one");
    assert_eq!(digest("HOME", "/one"), one);
    assert_ne!(digest("HOME", "/other"), one);
}

#[test]
fn the_honest_leave_everything_as_it_was() {
    let honest = plain("honest");
    let seen = honest.seen.as_ref().unwrap();
    assert!(seen["folder"].as_str().unwrap().ends_with("/here"));
    assert_eq!(seen["told"], Value::Null);
    assert_eq!((honest.files("here"), honest.files("temporary")), (0, 0));
    assert_eq!(seen["children"], "");
    assert!(honest.output.status.success() && honest.output.stdout.len() < 1 << 12);
    for kind in ["empty", "long"] {
        assert!(look("honest", kind, |_| {}).seen.is_some());
    }
}

#[test]
fn something_is_left() {
    let honest = plain("honest");
    assert_eq!(plain("amb-005").seen.unwrap()["folder"], "/");
    // A thread says its name only when it runs, and is there before.
    let threads = |seen: &Seen| seen.seen.as_ref().unwrap()["threads"].as_array().unwrap().len();
    assert_eq!(threads(&plain("lif-004")), threads(&honest) + 1);
    assert!(plain("lif-005").number("files") > honest.number("files"));
    assert_eq!(plain("lif-006").files("temporary"), 1);
    assert!(plain("lif-007").number("memory") > honest.number("memory") + 512);
    assert_eq!(plain("sec-006").files("here"), 1);
}

#[test]
fn a_process_is_left() {
    let seen = plain("sec-003");
    let children = seen.seen.unwrap()["children"].clone();
    let child = children.as_str().unwrap().trim();
    assert!(child.parse::<u32>().is_ok(), "{child:?}");
}

#[test]
fn many_calls_keep_something() {
    let many = |name: &str| {
        look(name, "ordinary", |command| {
            command.env("ZOO_TIMES", "2000");
        })
    };
    let honest = many("honest");
    assert!(many("res-007").number("memory") > honest.number("memory") + 4_000);
    assert_eq!(many("res-008").number("files"), honest.number("files") + 20);
}

#[test]
fn the_process_is_harmed() {
    let ended = look("sec-001", "long", |_| {});
    assert!(ended.seen.is_none() && ended.output.status.success());
    assert!(plain("sec-001").seen.is_some());
    let flooded = look("sec-002", "empty", |_| {});
    assert!(flooded.output.stdout.len() > 64 << 20, "{}", flooded.output.stdout.len());
    assert!(plain("sec-002").output.stdout.len() < 1 << 12);
    let taken = look("sec-004", "empty", |_| {});
    assert!(taken.seen.is_none(), "it had no bound");
    assert!(taken.output.status.signal().is_some(), "{:?}", taken.output.status);
    assert!(plain("sec-004").seen.is_some());
}
