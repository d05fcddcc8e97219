//! Runs the application.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

/// The application, with a predictable environment.
pub(crate) fn puppets(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_puppets"));
    command.args(arguments);
    for variable in ["RUST_LOG", "NO_COLOR", "COLUMNS"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    run_with(arguments, "")
}

/// Runs it with a text on its standard input.
pub(crate) fn run_with(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = puppets(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // On a thread: the child may answer before it has read everything.
    let writer = std::thread::spawn(move || {
        // It may also end before it has.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    ended(output)
}

pub(crate) fn ended(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    let code = output.status.code().unwrap_or_else(|| panic!("{}: {stderr}", output.status));
    (code, stdout, stderr)
}

pub(crate) fn json(arguments: &[&str]) -> (i32, Value) {
    let (code, stdout, stderr) = run(&[arguments, &["--format", "json"]].concat());
    let object = serde_json::from_str(&stdout);
    (code, object.unwrap_or_else(|error| panic!("{error}: {stdout}\n{stderr}")))
}

/// An application that runs on: what it writes is read line by line, as it comes.
pub(crate) struct Running {
    child: Option<Child>,
    lines: mpsc::Receiver<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        let (sender, lines) = mpsc::sync_channel(64);
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child: Some(child), lines }
    }

    pub(crate) fn write(&mut self, text: &str) {
        let child = self.child.as_mut().unwrap();
        child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// The next line, which is JSON.
    pub(crate) fn record(&self) -> Value {
        let line = self.lines.recv_timeout(Duration::from_secs(30)).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Ends it as Ctrl-C does; its standard input stays open.
    pub(crate) fn interrupt(mut self) -> (i32, Vec<String>, String) {
        let mut child = self.child.take().unwrap();
        let pid = child.id().to_string();
        let kill = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(kill.success());
        let stdin = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        let (code, _, stderr) = ended(output);
        (code, self.lines.iter().collect(), stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A folder of plugins of the runtime that reads files.
pub(crate) struct Folder(tempfile::TempDir);

static COUNTER: AtomicUsize = AtomicUsize::new(0);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path()).unwrap();
        folder
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("plugins")
    }

    pub(crate) fn text(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    /// Writes a plugin whose file says a text.
    pub(crate) fn plugin(&self, name: &str, text: &str) -> PathBuf {
        let manifest = "kind = \"stage\"\ncore_version = \"\"\nruntime = \"dylib\"\n\
                        entry_point = \"said.txt\"\n";
        let folder = self.path().join(name);
        self.write(&folder.join("said.txt"), text);
        self.manifest(name, &format!("name = \"{name}\"\n{manifest}"))
    }

    pub(crate) fn manifest(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name).join("plugin.toml");
        self.write(&path, text);
        path
    }

    /// Writes a file so that nobody ever sees half of it.
    pub(crate) fn write(&self, path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let aside = self.aside();
        fs::write(&aside, text).unwrap();
        fs::rename(aside, path).unwrap();
    }

    /// Takes a plugin away so that nobody ever sees half of it.
    pub(crate) fn remove(&self, name: &str) {
        fs::rename(self.path().join(name), self.aside()).unwrap();
    }

    /// A path on the same file system that nobody looks at.
    fn aside(&self) -> PathBuf {
        self.0.path().join(format!("aside-{}", COUNTER.fetch_add(1, Ordering::Relaxed)))
    }
}
