//! [`Running`]: a gateway as a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

pub(crate) struct Running {
    child: Child,
    input: ChildStdin,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
}

impl Running {
    /// The binary as its users start it.
    pub(crate) fn start(listen: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
        command.args(["--listen", listen]).args(arguments);
        Self::of(&mut command)
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let command = command.env("RUST_LOG", "error");
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        Self { child, input, out, err }
    }

    /// The rest of the first line on standard output that has this in it.
    pub(crate) fn said(&mut self, what: &str) -> String {
        find(&mut self.out, what)
    }

    /// The same for standard error.
    pub(crate) fn complained(&mut self, what: &str) -> String {
        find(&mut self.err, what)
    }

    pub(crate) fn address(&mut self) -> SocketAddr {
        self.said("listening on http://").trim().parse().unwrap()
    }

    /// A line on its standard input.
    pub(crate) fn tell(&mut self) {
        self.input.write_all(b"\n").unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn find(lines: &mut impl BufRead, what: &str) -> String {
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap() == 0 {
            panic!("`{what}` was never said; there was:\n{seen}");
        }
        if let Some((_, rest)) = line.split_once(what) {
            return rest.to_owned();
        }
        seen.push_str(&line);
    }
}
