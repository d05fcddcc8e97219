//! `call --lines`: one dispatch for each line, bounded in number, answered in the order of the
//! lines.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::stream::{self, Stream, StreamExt};
use hookspec_plugin::CancellationToken;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::Call;
use super::ask::Ask;
use super::input::{LIMIT, Line, line, parse};
use super::outcome::Outcome;
use super::progress::Progress;
use super::summary::Summary;
use crate::app::Status;
use crate::interrupt;
use crate::output::Output;
use crate::recorder::Recorder;
use crate::session::Session;
use crate::text::{complain, millis};

/// What is read ahead of the dispatches.
const AHEAD: usize = 16;

pub(super) fn each(
    session: &Session,
    args: &Call,
    ask: Ask,
    recorder: &Recorder,
    output: &mut Output,
) -> Status {
    let source = match open(args.input.as_deref().unwrap_or("-")) {
        Ok(source) => source,
        Err(problem) => {
            complain(&format!("error: {problem}"));
            return Status::CouldNotRun;
        }
    };
    let before = session.registry.snapshot();
    let progress = Progress::new(source.bytes);
    let started = Instant::now();
    let token = CancellationToken::new();
    let ended = session.block_on(async {
        interrupt::cancels(&token);
        run(source, args, ask, &token, &progress, output).await
    });
    progress.finish();
    output.flush();
    let after = session.registry.snapshot();
    let summary = Summary::new(&before, &after, recorder);
    summary.complain(&ended.counts, started.elapsed(), output.width());
    match ended.problem {
        Some(problem) => {
            complain(&format!("error: {problem}"));
            Status::CouldNotRun
        }
        None if ended.counts.ok == ended.counts.lines => Status::Fine,
        None => Status::Failed,
    }
}

/// Where lines come from, and how many bytes that is, if it is known.
struct Source {
    reader: Box<dyn BufRead + Send>,
    bytes: Option<u64>,
}

fn open(source: &str) -> Result<Source, String> {
    if source == "-" {
        return Ok(Source { reader: Box::new(BufReader::new(io::stdin())), bytes: stdin_bytes() });
    }
    let Some(path) = source.strip_prefix('@') else {
        return Err("--lines reads @FILE or standard input, not an argument".into());
    };
    let file = File::open(path).map_err(|error| format!("`{path}` cannot be read: {error}"))?;
    let bytes = length(&file);
    Ok(Source { reader: Box::new(BufReader::new(file)), bytes })
}

fn length(file: &File) -> Option<u64> {
    file.metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len())
}

#[cfg(unix)]
fn stdin_bytes() -> Option<u64> {
    use std::os::fd::AsFd;
    let copy = io::stdin().as_fd().try_clone_to_owned().ok()?;
    length(&File::from(copy))
}

#[cfg(not(unix))]
fn stdin_bytes() -> Option<u64> {
    None
}

/// How a run of lines ended.
struct Ended {
    counts: Counts,
    /// Why it ended before the last line.
    problem: Option<String>,
}

/// What came of the lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Lines that were read, except empty ones.
    pub(super) lines: u64,
    /// Every plugin that was called did what it was called for.
    pub(super) ok: u64,
    /// Lines that are not JSON: nobody was called.
    pub(super) not_json: u64,
}

/// What came of one line.
struct Answer {
    line: u64,
    bytes: u64,
    result: Result<(Outcome, Duration), String>,
}

async fn run(
    source: Source,
    args: &Call,
    ask: Ask,
    token: &CancellationToken,
    progress: &Progress,
    output: &mut Output,
) -> Ended {
    let (mut counts, mut problem) = (Counts::default(), None);
    let read = read(source.reader).take_until(token.cancelled());
    let answers = read.map(|item| answer(item, args, &ask, token));
    let mut answers = std::pin::pin!(answers.buffered(usize::from(args.jobs)));
    loop {
        // What is written is shown before something that takes time.
        let next = match answers.next().now_or_never() {
            Some(next) => next,
            None => {
                progress.aside(|| output.flush());
                answers.next().await
            }
        };
        match next {
            None => break,
            Some(Err(error)) => {
                problem = Some(format!("the input cannot be read any further: {error}"));
                break;
            }
            Some(Ok(answer)) => {
                counts.lines += 1;
                counts.ok += u64::from(answer.is_ok());
                counts.not_json += u64::from(answer.result.is_err());
                progress.aside(|| output.record(&answer.object()));
                progress.advance(answer.bytes, counts.lines);
            }
        }
        if output.is_closed() {
            // Nobody reads what would come of the rest.
            token.cancel();
            return Ended { counts, problem };
        }
    }
    if token.is_cancelled() && problem.is_none() {
        problem = Some(format!("interrupted after {} lines", counts.lines));
    }
    Ended { counts, problem }
}

type Item = io::Result<(u64, u64, Line)>;

/// The lines of a reader, read on a thread of their own: a read cannot be interrupted, and the
/// process does not wait for it.
fn read(mut reader: Box<dyn BufRead + Send>) -> impl Stream<Item = Item> {
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    std::thread::spawn(move || {
        for number in 1.. {
            let item = match line(&mut *reader, LIMIT) {
                Ok(None) => return,
                Ok(Some((Line::Text(text), _))) if text.trim_ascii().is_empty() => continue,
                Ok(Some((line, bytes))) => Ok((number, bytes, line)),
                Err(error) => Err(error),
            };
            let last = item.is_err();
            if sender.blocking_send(item).is_err() || last {
                return;
            }
        }
    });
    stream::poll_fn(move |context| receiver.poll_recv(context))
}

/// Dispatches one line. One of several at once has a task of its own: plugins that do not wait take
/// time as well.
async fn answer(
    item: Item,
    args: &Call,
    ask: &Ask,
    token: &CancellationToken,
) -> io::Result<Answer> {
    let (line, bytes, text) = item?;
    let not_json = |problem: String| Answer { line, bytes, result: Err(problem) };
    let input = match text {
        Line::TooLong => return Ok(not_json(format!("it is longer than {LIMIT} bytes"))),
        // With the end of the line the place of a mistake could be the line after it.
        Line::Text(text) => match parse(text.trim_ascii_end()) {
            Ok(input) => input,
            Err(problem) => {
                let at = format!("not JSON (column {})", problem.column);
                return Ok(not_json(format!("{at}: {}", problem.message)));
            }
        },
    };
    let (ask, caller) = (ask.clone(), args.caller(token));
    let started = Instant::now();
    let dispatched = async move {
        let outcome = ask.dispatch(&caller, input).await;
        (outcome, started.elapsed())
    };
    let dispatched = match args.jobs {
        1 => Ok(dispatched.await),
        _ => tokio::spawn(dispatched).await,
    };
    match dispatched {
        Ok(result) => Ok(Answer { line, bytes, result: Ok(result) }),
        // Whatever a plugin does is contained; this is a mistake of the host, and one line's.
        Err(error) => Ok(not_json(format!("the dispatch did not end: {error}"))),
    }
}

impl Answer {
    fn is_ok(&self) -> bool {
        self.result.as_ref().is_ok_and(|(outcome, _)| outcome.is_ok())
    }

    fn object(&self) -> Value {
        let mut object = Map::new();
        object.insert("line".into(), self.line.into());
        object.insert("ok".into(), self.is_ok().into());
        match &self.result {
            Ok((outcome, elapsed)) => {
                object.insert("elapsed_ms".into(), json!(millis(*elapsed)));
                object.extend(outcome.object());
            }
            Err(problem) => {
                object.insert("elapsed_ms".into(), Value::Null);
                object.insert("outcome".into(), Value::Null);
                object.insert("failures".into(), json!([]));
                object.insert(
                    "error".into(),
                    json!({ "code": null, "message": problem, "violations": null, "partial": null }),
                );
            }
        }
        Value::Object(object)
    }
}
