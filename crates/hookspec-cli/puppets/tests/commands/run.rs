//! Runs the application.

use std::io::Write;
use std::process::{Command, Output, Stdio};

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
