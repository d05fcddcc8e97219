//! `call`: one dispatch of any class, or one for each line of a stream, over values as they come.
//!
//! **Absent on purpose**: who is called, in which order and what a failure means; those are the
//! laws of the hook's class (`explain` prints them).

mod ask;
pub(super) mod input;
mod lines;
mod outcome;
mod progress;
mod show;
mod summary;

use std::time::{Duration, Instant};

use hookspec_host::{DispatchError, Explanation};
use hookspec_plugin::{Caller, CancellationToken};
use serde_json::{Map, Value, json};

use self::ask::Ask;
use self::outcome::Outcome;
use super::named;
use crate::app::Status;
use crate::interrupt;
use crate::nearest::nearest;
use crate::output::{Format, Output};
use crate::recorder::Recorder;
use crate::session::Session;
use crate::text::{complain, millis};

/// What is called, with what, and on whose behalf.
#[derive(Debug, clap::Args)]
pub(crate) struct Call {
    /// The kind, KIND or KIND@MAJOR; or both as KIND.HOOK
    #[arg(value_name = "KIND")]
    kind: String,
    /// The hook
    #[arg(value_name = "HOOK")]
    hook: Option<String>,
    /// The input: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    #[arg(required_unless_present = "lines")]
    input: Option<String>,
    /// This plugin and no other; for singleton and capability hooks
    #[arg(long, value_name = "NAME")]
    plugin: Option<String>,
    /// A limit on each dispatch; the hook's own holds as well
    #[arg(long, value_name = "MS")]
    timeout: Option<u64>,
    /// Metadata of the caller; may be repeated
    #[arg(long, value_name = "KEY=JSON", value_parser = input::pair)]
    metadata: Vec<(String, Value)>,
    /// One dispatch for each line of the input, by default standard input
    #[arg(long)]
    lines: bool,
    /// With --lines, how many dispatches run at once
    #[arg(long, value_name = "N", requires = "lines", default_value = "1")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
}

impl Call {
    /// Whether durations of calls are wanted: see [`crate::recorder`].
    pub(crate) fn is_measured(&self) -> bool {
        self.lines
    }

    fn name(&self) -> String {
        match &self.hook {
            Some(hook) => format!("{}.{hook}", self.kind),
            None => self.kind.clone(),
        }
    }

    /// The caller of one dispatch: its time begins now.
    fn caller(&self, token: &CancellationToken) -> Caller {
        let caller = Caller::new().with_cancellation(token.clone());
        let caller = match self.timeout {
            Some(millis) => caller.with_timeout(Duration::from_millis(millis)),
            None => caller,
        };
        let pairs = self.metadata.iter().cloned();
        pairs.fold(caller, |caller, (key, value)| caller.with_metadata(key, value))
    }
}

pub(crate) fn call_hook(
    session: &Session,
    args: &Call,
    recorder: &Recorder,
    output: &mut Output,
) -> Status {
    let prepared = named::find(&session.registry, &args.name()).and_then(|hook| {
        let ask = Ask::new(&session.registry, &hook, args.plugin.as_deref())?;
        Ok((hook, ask))
    });
    let (hook, ask) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => {
            complain(&problem);
            return Status::CouldNotRun;
        }
    };
    if args.lines {
        return lines::each(session, args, ask, recorder, output);
    }
    let source = args.input.as_deref().unwrap_or("-");
    let input = match input::read("--input", source) {
        Ok(input) => input,
        Err(problem) => {
            complain(&format!("error: {problem}"));
            return Status::CouldNotRun;
        }
    };
    let token = CancellationToken::new();
    let (outcome, elapsed) = session.block_on(async {
        interrupt::cancels(&token);
        let started = Instant::now();
        let outcome = ask.dispatch(&args.caller(&token), input).await;
        (outcome, started.elapsed())
    });
    match output.format() {
        Format::Json => output.json(&object(&hook, &outcome, elapsed)),
        Format::Human => {
            show::show(&hook, &outcome, elapsed, output);
            output.flush();
            if let Some(error) = outcome.error() {
                complain(&show::error(error, &args.name()));
                complain_of_plugin(session, error);
            }
        }
    }
    outcome.status()
}

/// Says which plugin was probably meant by a name that no plugin has.
fn complain_of_plugin(session: &Session, error: &DispatchError) {
    let DispatchError::NoCapableHandler { wanted: Some(wanted), .. } = error else { return };
    let plugins = session.registry.snapshot().plugins;
    let known = plugins.iter().map(|plugin| plugin.name.as_str());
    match nearest(wanted.as_str(), known) {
        Some(near) if near != wanted.as_str() => complain(&format!("did you mean `{near}`?")),
        _ => {}
    }
}

fn object(hook: &Explanation, outcome: &Outcome, elapsed: Duration) -> Value {
    let mut object = Map::new();
    object.insert("command".into(), "call".into());
    object.insert("ok".into(), outcome.is_ok().into());
    object.insert("kind".into(), hook.kind.name.as_str().into());
    object.insert("kind_major".into(), hook.kind.major().into());
    object.insert("hook".into(), hook.hook.name.as_str().into());
    object.insert("class".into(), hook.hook.dispatch.as_str().into());
    object.insert("elapsed_ms".into(), json!(millis(elapsed)));
    object.extend(outcome.object());
    Value::Object(object)
}
