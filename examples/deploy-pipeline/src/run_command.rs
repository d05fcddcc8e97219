//! `run`: starts the plugins, runs the workflows, stops in order, and says what became of it all.

use std::process::ExitCode;
use std::time::Duration;

use deploy_pipeline::{Ended, HOOKSPECS, Runner, Settings, Summary, Workflow, builder};
use hookspec::events::{Delivery, Subscription, SubscriptionGuard};
use hookspec::{CancellationToken, Fault, Registry, State};
use hookspec_cli::{Output, cancel_on_signal, clean};
use serde_json::{Value, json};
use std::io::Write as _;
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::RunArgs;

pub(super) fn run(args: RunArgs) -> ExitCode {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::ERROR.into());
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).log_internal_errors(false);
    log.with_env_filter(filter.from_env_lossy()).init();
    hookspec::install_panic_hook();
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return could_not(&format!("there is no async runtime: {error}")),
    };
    let code = runtime.block_on(live(args));
    // Not awaited: what a plugin left running must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    code
}

async fn live(args: RunArgs) -> ExitCode {
    let mut workflows = Vec::new();
    for path in &args.workflows {
        match Workflow::read(path) {
            Ok(workflow) => workflows.push(workflow),
            Err(problem) => return could_not(&problem),
        }
    }
    let stop = CancellationToken::new();
    if let Err(error) = cancel_on_signal(&stop, || say("stopping; a second signal ends it at once"))
    {
        return could_not(&format!("signals cannot be waited for: {error}"));
    }
    let settings = Settings {
        audit: args.audit,
        webhook: args.webhook,
        releases: args.releases,
        frozen: args.freeze,
    };
    let registry = match builder(&settings).hookspecs(HOOKSPECS).start().await {
        Ok(registry) => registry,
        Err(error) => return could_not(&error.to_string()),
    };
    let down = unavailable(&registry);
    let _told = (!args.json).then(|| tell_as_it_happens(&registry));
    let runner = Runner::new(registry.bus(), stop.clone());
    let mut ended = Vec::new();
    for workflow in &workflows {
        if stop.is_cancelled() {
            break;
        }
        match runner.run(workflow).await {
            Ok(own) => ended.push(own),
            Err(error) => {
                say(&format!("error: {error}"));
                break;
            }
        }
    }
    // What was published is delivered: this waits for it.
    let stopped = registry.stop().await;
    if let Err(errors) = &stopped {
        say(&errors.to_string());
    }
    let summary = Summary::of(&registry);
    let is_fine = ended.len() == workflows.len()
        && ended.iter().all(|own| own.failed.is_none())
        && summary.is_complete()
        && down.is_empty()
        && stopped.is_ok();
    show(&summary, &ended, args.json, is_fine)
}

/// Plugins that could not be set up. The workflows run without them.
fn unavailable(registry: &Registry) -> Vec<String> {
    let plugins = registry.snapshot().plugins.into_iter();
    let down = plugins.filter(|plugin| plugin.state == State::Unavailable);
    down.map(|plugin| {
        say(&format!("{} is not there: {}", plugin.name, plugin.reason));
        plugin.name
    })
    .collect()
}

/// A subscriber of the application itself: a line for each event that people want to see.
fn tell_as_it_happens(registry: &Registry) -> Option<SubscriptionGuard> {
    let wants = Subscription::new("workflow.*").ok()?;
    let more = ["step.*", "deploy.*"].into_iter().filter_map(|own| own.parse().ok());
    let wants = more.fold(wants, Subscription::or).observe().queue(1024);
    let told = registry.bus().subscribe("terminal", wants, |told: Delivery| async move {
        announce(&line(&told));
        Ok::<(), Fault>(())
    });
    told.inspect_err(|error| say(&format!("error: {error}"))).ok()
}

fn line(told: &Delivery) -> String {
    let event = &told.event;
    let own = |key: &str| event.metadata.get(key).map(String::as_str);
    let data = |key: &str| event.data.json().ok().and_then(|data| data[key].as_str());
    let subject = own("step_name").or(event.subject.as_deref()).unwrap_or_default();
    let more = match event.event_type.as_str() {
        "step.retrying" | "step.failed" => {
            let [attempt, most] = ["attempt", "max_attempts"].map(|key| own(key).unwrap_or("?"));
            format!("attempt {attempt} of {most}: {}", own("error").unwrap_or_default())
        }
        "workflow.failed" => own("error_message").unwrap_or_default().to_owned(),
        "step.completed" | "workflow.completed" => {
            format!("in {}", own("duration").unwrap_or_default())
        }
        "deploy.refused" => {
            let [by, why] = ["by", "reason"].map(|key| data(key).unwrap_or("?"));
            format!("by {by}: {why}")
        }
        "deploy.completed" => format!("in {}", data("place").unwrap_or("?")),
        "deploy.failed" => data("error").unwrap_or("?").to_owned(),
        _ => String::new(),
    };
    let text = format!("{:<18} {subject} {more}", event.event_type.as_str());
    clean(text.trim_end()).into_owned()
}

fn show(summary: &Summary, ended: &[Ended], json: bool, is_fine: bool) -> ExitCode {
    let runs: Vec<Value> = ended
        .iter()
        .map(|own| {
            let failed = own.failed.as_ref();
            json!({ "id": own.id, "failed_step": failed.map(|(step, _)| step) })
        })
        .collect();
    let shown = match json {
        true => {
            let mut object = summary.object();
            object["ok"] = is_fine.into();
            object["runs"] = runs.into();
            writeln!(std::io::stdout().lock(), "{object:#}")
        }
        false => Output::on_stdout(|output| summary.show(output)),
    };
    match shown {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            could_not(&format!("the output cannot be written: {error}"))
        }
        _ if is_fine => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn could_not(problem: &str) -> ExitCode {
    say(&format!("error: {problem}"));
    ExitCode::from(2)
}

/// On standard output, for whoever started it: that nobody reads it is no reason to panic.
fn announce(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// On standard error, for people.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
