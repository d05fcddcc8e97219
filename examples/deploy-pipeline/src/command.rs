//! [`run`]: one command, to its end, its timeout or its cancellation; its output is bounded.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use hookspec::CancellationToken;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::workflow::Step;

/// How much of the end of an output is kept, in bytes.
const KEPT: usize = 8 * 1024;
/// How long a command that was asked to end may take to.
const GRACE: Duration = Duration::from_secs(2);
/// How long an output is waited for when its command has ended: somebody else may hold it open.
const REST: Duration = Duration::from_millis(500);

/// How one attempt of a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// What the command exited with; `None`: it was ended, or did not start.
    pub(crate) code: Option<i32>,
    /// What went wrong; `None`: nothing did.
    pub(crate) problem: Option<Problem>,
    /// The last line that it wrote to standard error, or else to standard output.
    pub(crate) last_line: String,
}

/// What went wrong with a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    NotStarted(String),
    Failed,
    Killed(String),
    TimedOut(Duration),
    Cancelled,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotStarted(error) => write!(f, "it did not start: {error}"),
            Self::Failed => f.write_str("it exited with an error"),
            Self::Killed(status) => write!(f, "it was ended: {status}"),
            Self::TimedOut(limit) => write!(f, "it took longer than {limit:?}"),
            Self::Cancelled => f.write_str("the pipeline stops"),
        }
    }
}

/// Runs the command of a step once.
pub(crate) async fn run(step: &Step, stop: &CancellationToken) -> Attempt {
    let failed = |problem| Attempt { code: None, problem: Some(problem), last_line: String::new() };
    if stop.is_cancelled() {
        return failed(Problem::Cancelled);
    }
    let Some((program, arguments)) = step.command.split_first() else {
        return failed(Problem::NotStarted("there is no command".into()));
    };
    let mut command = Command::new(program);
    command.args(arguments).envs(&step.env).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // So that what it started can be ended with it.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return failed(Problem::NotStarted(error.to_string())),
    };
    let (stdout, stderr) = (child.stdout.take().map(keep), child.stderr.take().map(keep));
    let limit = Duration::from_millis(step.timeout_ms);
    let ended = tokio::select! {
        status = timeout(limit, child.wait()) => match status {
            Ok(status) => status.map_err(|error| Problem::Killed(error.to_string())),
            Err(_) => Err(Problem::TimedOut(limit)),
        },
        () = stop.cancelled() => Err(Problem::Cancelled),
    };
    if ended.is_err() {
        end(&mut child).await;
    }
    let said = [rest(stderr).await, rest(stdout).await];
    let last_line = said.iter().find_map(|text| text.lines().rev().find(|l| !l.trim().is_empty()));
    let last_line = last_line.unwrap_or_default().trim().to_owned();
    let code = ended.as_ref().ok().and_then(ExitStatus::code);
    let problem = match ended {
        Ok(status) if status.success() => None,
        Ok(_) if code.is_some() => Some(Problem::Failed),
        Ok(status) => Some(Problem::Killed(status.to_string())),
        Err(problem) => Some(problem),
    };
    Attempt { code, problem, last_line }
}

/// Asks a command, and all that it started, to end; ends them where they do not.
async fn end(child: &mut Child) {
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    signal(group, Signal::TERM);
    let ended = timeout(GRACE, child.wait()).await.is_ok();
    // What it started may not heed what it heeded itself.
    signal(group, Signal::KILL);
    if !ended {
        // That it cannot be waited for leaves nothing to do.
        let _ = child.kill().await;
    }
}

fn signal(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // It may have ended meanwhile.
        let _ = kill_process_group(group, signal);
    }
}

/// Reads to the end and keeps only that, so that the command never waits for a reader.
fn keep(mut from: impl AsyncRead + Unpin + Send + 'static) -> (JoinHandle<()>, Kept) {
    let kept = Kept::default();
    let (own, mut buffer) = (kept.clone(), vec![0; 4096]);
    let reading = tokio::spawn(async move {
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let mut text = own.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            text.extend(&buffer[..read]);
            let surplus = text.len().saturating_sub(KEPT);
            text.drain(..surplus);
        }
    });
    (reading, kept)
}

type Kept = std::sync::Arc<std::sync::Mutex<VecDeque<u8>>>;

/// What was kept of an output.
async fn rest(reading: Option<(JoinHandle<()>, Kept)>) -> String {
    let Some((mut reading, kept)) = reading else { return String::new() };
    if timeout(REST, &mut reading).await.is_err() {
        reading.abort();
    }
    let mut kept = kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let is_cut = kept.len() >= KEPT;
    let text = String::from_utf8_lossy(kept.make_contiguous());
    match is_cut {
        // Its first line may be the end of one, and begin in the middle of a secret.
        true => text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default(),
        false => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shell(script: &str, timeout_ms: u64) -> Step {
        let step = json!({
            "name": "s", "command": ["sh", "-c", script], "timeout_ms": timeout_ms,
            "env": { "GIVEN": "here" },
        });
        serde_json::from_value(step).unwrap()
    }

    async fn ran(script: &str) -> Attempt {
        run(&shell(script, 20_000), &CancellationToken::new()).await
    }

    #[tokio::test]
    async fn a_failure_says_its_code_and_its_last_line() {
        let attempt = ran("echo out; echo first >&2; echo $GIVEN >&2; exit 3").await;
        assert_eq!((attempt.code, attempt.problem), (Some(3), Some(Problem::Failed)));
        assert_eq!(attempt.last_line, "here");
        let killed = ran("kill -9 $$").await;
        assert!(matches!(killed.problem, Some(Problem::Killed(_))) && killed.code.is_none());
        let step = Step { command: vec!["/does/not/exist".into()], ..shell("", 1) };
        let absent = run(&step, &CancellationToken::new()).await;
        assert!(matches!(absent.problem, Some(Problem::NotStarted(_))), "{absent:?}");
    }

    #[tokio::test]
    async fn more_output_than_is_kept_holds_nobody_up() {
        let attempt = ran("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done").await;
        assert_eq!((attempt.problem, &*attempt.last_line), (None, "line 19999"));
    }

    #[tokio::test]
    async fn of_a_line_that_is_not_kept_as_a_whole_nothing_is_told() {
        let long = "head -c 20000 /dev/zero | tr '\\0' x";
        assert_eq!(ran(long).await.last_line, "");
        assert_eq!(ran(&format!("{long}; echo; echo end")).await.last_line, "end");
    }

    /// Waits until something is found, for ten seconds at most.
    async fn until<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
        for _ in 0..1000 {
            if let Some(found) = find() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never: {what}");
    }

    /// Waits until there is no such process. One that has ended and that nobody has waited for is a
    /// zombie: it is no more.
    async fn until_gone(pid: i32) {
        let id = rustix::process::Pid::from_raw(pid).unwrap();
        let is_zombie = || {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // Its state stands behind its name, which is in parentheses.
            stat.rsplit_once(')').is_some_and(|(_, state)| state.trim_start().starts_with('Z'))
        };
        let is_gone = || rustix::process::test_kill_process(id).is_err() || is_zombie();
        until(&format!("{pid} ends"), || is_gone().then_some(())).await;
    }

    #[tokio::test]
    async fn a_timeout_ends_the_command_and_all_that_it_started() {
        let attempt =
            run(&shell("sleep 60 & echo $!; wait", 2000), &CancellationToken::new()).await;
        assert_eq!(attempt.problem, Some(Problem::TimedOut(Duration::from_secs(2))));
        until_gone(attempt.last_line.parse::<i32>().unwrap()).await;
    }

    #[tokio::test]
    async fn what_does_not_heed_the_request_to_end_is_ended() {
        // What is started where a signal is ignored ignores it, too.
        let all = "trap '' TERM; sleep 60 & echo $! > FILE; wait";
        let started_alone = "(trap '' TERM; sleep 60 & echo $! > FILE; wait) & wait";
        for script in [all, started_alone] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("started");
            let script = script.replace("FILE", &format!("'{}'", file.display()));
            let stop = CancellationToken::new();
            let (step, asked) = (shell(&script, 20_000), stop.clone());
            let running = tokio::spawn(async move { run(&step, &asked).await });
            let pid = until("the script sets its trap", || {
                std::fs::read_to_string(&file).ok()?.strip_suffix('\n')?.parse::<i32>().ok()
            })
            .await;
            stop.cancel();
            assert_eq!(running.await.unwrap().problem, Some(Problem::Cancelled));
            until_gone(pid).await;
        }
    }
}
