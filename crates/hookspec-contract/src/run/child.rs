//! A child process of the suite: its folders, its limits, what it writes, and how it ends.

use std::collections::VecDeque;
use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use hookspec_plugin::CancellationToken;
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};

use super::job::{Done, JOB, Job, Task};
use super::launcher::{Ambient, Launcher};
use crate::process::with_variable;

/// The file with the job.
const FILE: &str = "job.json";
/// The last bytes of what a child writes that are kept.
const TAIL: usize = 4096;
/// The last lines of those that are shown.
const LINES: usize = 20;
/// Whoever writes more than this is ended: nobody would read it.
const MOST_WRITTEN: u64 = 256 << 20;
/// How often it is looked whether somebody wants this to end.
const LOOK: Duration = Duration::from_millis(50);

/// What a child is to do, and what it is given.
pub(crate) struct Order {
    pub(crate) subject: String,
    pub(crate) task: Task,
    pub(crate) seed: u64,
    pub(crate) scale: f64,
    pub(crate) ambient: Ambient,
    pub(crate) allowed: Duration,
    pub(crate) memory: u64,
    /// A word that must not be in what it writes.
    pub(crate) secret: Option<String>,
    /// The check's folder, instead of a new one.
    pub(crate) folder: Option<PathBuf>,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// What it said, if it lived long enough.
    pub(crate) done: Option<Done>,
    /// In words: `exit code 3`, `signal 6 (SIGABRT)`, `killed after 60 s`.
    pub(crate) how: String,
    /// What it was about to do last.
    pub(crate) crumb: String,
    /// How many bytes it wrote to standard output and standard error.
    pub(crate) written: u64,
    /// The last lines of them.
    pub(crate) tail: Vec<String>,
    /// The secret was among them.
    pub(crate) told: bool,
    /// Processes of its group were still running when it ended.
    pub(crate) left_running: bool,
    /// Somebody wanted it to end.
    pub(crate) stopped: bool,
}

pub(super) fn run(
    launcher: &Launcher,
    order: &Order,
    stop: &CancellationToken,
) -> Result<Ended, String> {
    let home = tempfile::Builder::new().prefix("hookspec-contract-").tempdir();
    let home = home.map_err(|error| format!("there is no temporary folder: {error}"))?;
    let (job, command) = prepared(home.path(), launcher.command(), order)?;
    let secret = order.secret.as_deref().map(str::as_bytes).map(<[u8]>::to_vec);
    let mut ended = waited(command, order.allowed, secret, stop)?;
    // What left the group, and its parent, is known by what it was given.
    for id in with_variable(JOB, &home.path().join(FILE)) {
        ended.left_running = true;
        if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            // It may have ended meanwhile.
            let _ = kill_process(id, Signal::KILL);
        }
    }
    let crumb = fs::read_to_string(&job.crumb).unwrap_or_default();
    Ok(Ended { done: Done::heard(&job.done), crumb, ..ended })
}

/// The folders, the job and the command.
fn prepared(home: &Path, mut command: Command, order: &Order) -> Result<(Job, Command), String> {
    let folder = |name: &str| {
        let path = home.join(name);
        let made = fs::create_dir(&path).map(|()| path.clone());
        made.map_err(|error| format!("{}: {error}", path.display()))
    };
    let (own, stand, temporary) = (folder("folder")?, folder("stand")?, folder("tmp")?);
    let job = Job {
        subject: order.subject.clone(),
        task: order.task.clone(),
        seed: order.seed,
        scale: order.scale,
        folder: order.folder.clone().unwrap_or(own),
        stand: order.ambient.folder.clone().unwrap_or(stand),
        done: home.join("done.json"),
        crumb: home.join("crumb"),
        memory: order.memory,
    };
    let path = home.join(FILE);
    job.leave(&path)?;
    command
        .env(JOB, &path)
        .env("TMPDIR", &temporary)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // So that it can be ended with all that it started, and Ctrl-C does not reach it.
        .process_group(0);
    for (name, value) in &order.ambient.variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Ok((job, command))
}

fn waited(
    mut command: Command,
    allowed: Duration,
    secret: Option<Vec<u8>>,
    stop: &CancellationToken,
) -> Result<Ended, String> {
    let mut child = command.spawn().map_err(|error| {
        format!("{} cannot be started: {error}", Path::new(command.get_program()).display())
    })?;
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let count = Arc::new(AtomicU64::new(0));
    let streams = [
        read(child.stdout.take(), secret.clone(), &count),
        read(child.stderr.take(), secret, &count),
    ];
    let floods = || count.load(Ordering::Relaxed) > MOST_WRITTEN;
    let ended = until_it_ends(child, group, allowed, &|| stop.is_cancelled() || floods());
    let left_running = group.is_some_and(|group| test_kill_process_group(group).is_ok());
    kill(group);
    let (mut tail, mut told) = (Vec::new(), false);
    for stream in streams.into_iter().flatten() {
        // Whoever left the group may hold the pipe for ever: then what was read is lost, and no more.
        if let Ok(read) = stream.recv_timeout(Duration::from_secs(2)) {
            told |= read.told;
            let text = String::from_utf8_lossy(&read.tail).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(LINES)..];
            tail.extend(last.iter().map(|line| (*line).to_owned()));
        }
    }
    let (how, stopped) = match ended {
        Some(Ok(status)) => (told_status(status), false),
        Some(Err(error)) => (error.to_string(), false),
        None if stop.is_cancelled() => ("stopped".into(), true),
        None if floods() => (format!("killed after it wrote {} MiB", MOST_WRITTEN >> 20), false),
        None => (format!("killed after {allowed:?}"), false),
    };
    let (crumb, written) = (String::new(), count.load(Ordering::Relaxed));
    Ok(Ended { done: None, how, crumb, written, tail, told, left_running, stopped })
}

/// How it ended, or nothing if it had to be killed.
fn until_it_ends(
    mut child: Child,
    group: Option<Pid>,
    allowed: Duration,
    enough: &dyn Fn() -> bool,
) -> Option<std::io::Result<ExitStatus>> {
    let (ended, ends) = sync_channel(1);
    thread::spawn(move || {
        // Nobody listens any more where it had to be killed.
        let _ = ended.send(child.wait());
    });
    let until = Instant::now() + allowed;
    loop {
        match ends.recv_timeout(LOOK) {
            Ok(status) => return Some(status),
            Err(RecvTimeoutError::Timeout) if Instant::now() < until && !enough() => {}
            Err(_) => {
                kill(group);
                // It is gone now: the thread must not stay behind it.
                let _ = ends.recv_timeout(Duration::from_secs(5));
                return None;
            }
        }
    }
}

fn kill(group: Option<Pid>) {
    if let Some(group) = group {
        // There may be nobody left.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

fn told_status(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => {
            let name = match signal {
                4 => " (SIGILL)",
                6 => " (SIGABRT)",
                7 => " (SIGBUS)",
                8 => " (SIGFPE)",
                9 => " (SIGKILL)",
                11 => " (SIGSEGV)",
                15 => " (SIGTERM)",
                _ => "",
            };
            format!("signal {signal}{name}")
        }
        (None, None) => "nobody knows how".into(),
    }
}

/// What was read of a stream.
struct Stream {
    tail: Vec<u8>,
    told: bool,
}

/// Reads a stream to its end on a thread of its own, however long it is, and keeps little of it.
fn read(
    stream: Option<impl Read + Send + 'static>,
    secret: Option<Vec<u8>>,
    written: &Arc<AtomicU64>,
) -> Option<std::sync::mpsc::Receiver<Stream>> {
    let mut stream = stream?;
    let (finished, finishes) = sync_channel(1);
    let written = Arc::clone(written);
    thread::spawn(move || {
        let mut read = Stream { tail: Vec::new(), told: false };
        let mut tail: VecDeque<u8> = VecDeque::new();
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            written.fetch_add(count as u64, Ordering::Relaxed);
            if let Some(secret) = &secret {
                // The word may lie across the border of two readings.
                let edge = tail.len().saturating_sub(secret.len());
                let mut text: Vec<u8> = tail.range(edge..).copied().collect();
                text.extend_from_slice(&buffer[..count]);
                read.told |= text.windows(secret.len()).any(|window| window == secret);
            }
            tail.extend(&buffer[count.saturating_sub(TAIL)..count]);
            let over = tail.len().saturating_sub(TAIL);
            tail.drain(..over);
        }
        read.tail = tail.into();
        // Nobody waits for it any more where it took too long.
        let _ = finished.send(read);
    });
    Some(finishes)
}
