//! `events tail`: each event as it is published, from the start of the plugins on.
//!
//! Events are those of this process: of the plugins that it starts and of its application. Another
//! process of the same application has its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hookspec_host::RegistryBuilder;
use hookspec_host::bus::{Bus, Delivery, SubscribeError, SubscriptionGuard};
use hookspec_plugin::{CancellationToken, Event, Fault, Pattern, Subscription};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Tail;
use crate::app::Status;
use crate::interrupt;
use crate::output::{Format, Output, Tone};
use crate::session::Session;
use crate::text::{clean, complain, plural};

/// Events that wait for a terminal that is slow; what does not fit is told as lost.
const WAITING: usize = 4096;
/// How much of an event's data people are shown, in characters.
const SHOWN: usize = 200;
/// How long a terminal may stand still before an event counts as not shown.
const PATIENCE_MS: u64 = 3_600_000;

pub(crate) fn tail(
    builder: RegistryBuilder,
    hookspecs: &[PathBuf],
    folders: &[PathBuf],
    args: &Tail,
    output: &mut Output,
) -> Status {
    let wants = match wants(&args.patterns) {
        Ok(wants) => wants,
        Err(problem) => {
            complain(&format!("error: {problem}"));
            return Status::CouldNotRun;
        }
    };
    // One at a time: what waits beyond it waits in the queue of the bus, which counts what it drops.
    let (sender, mut told) = mpsc::channel(1);
    let guard: Arc<Mutex<Option<Result<SubscriptionGuard, SubscribeError>>>> = Arc::default();
    let kept = Arc::clone(&guard);
    let builder = builder.with_bus(move |bus| {
        let subscribed = listen(bus, wants, sender);
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(subscribed);
    });
    let session = match Session::start(builder, hookspecs, folders) {
        Ok(session) => session,
        Err(status) => return status,
    };
    let subscribed = guard.lock().unwrap_or_else(PoisonError::into_inner).take();
    let guard = match subscribed.transpose() {
        Ok(guard) => guard,
        Err(error) => {
            complain(&format!("error: {error}"));
            return session.stop(Status::CouldNotRun);
        }
    };
    let token = CancellationToken::new();
    session.block_on(async {
        interrupt::cancels(&token);
        let mut left = args.count.map_or(u64::MAX, Into::into);
        while left > 0 && !output.is_closed() {
            tokio::select! {
                biased;
                () = token.cancelled() => break,
                next = told.recv() => match next {
                    Some(delivery) => show(&delivery, output),
                    None => break,
                },
            }
            output.flush();
            left -= 1;
        }
    });
    // Whoever publishes from here on does not wait for a terminal.
    drop((guard, told));
    session.stop(Status::Fine)
}

fn wants(patterns: &[String]) -> Result<Subscription, String> {
    let mut parsed = Vec::with_capacity(patterns.len());
    for text in patterns {
        parsed.push(Pattern::parse(text).map_err(|error| error.to_string())?);
    }
    let mut parsed = parsed.into_iter();
    let first = parsed.next().ok_or("name a pattern, such as `deploy.*`")?;
    let wants = parsed.fold(Subscription::of(first), Subscription::or);
    Ok(wants.observe().queue(WAITING).timeout_ms(PATIENCE_MS))
}

fn listen(
    bus: &Bus,
    wants: Subscription,
    sender: mpsc::Sender<Delivery>,
) -> Result<SubscriptionGuard, SubscribeError> {
    bus.subscribe("events tail", wants, move |delivery| {
        let sender = sender.clone();
        async move {
            // Nobody reads any more: the command ends.
            let _ = sender.send(delivery).await;
            Ok::<(), Fault>(())
        }
    })
}

fn show(delivery: &Delivery, output: &mut Output) {
    let Delivery { event, lagged, .. } = delivery;
    match output.format() {
        Format::Json => {
            if *lagged > 0 {
                output.record(&json!({ "lagged": lagged }));
            }
            output.record(&serde_json::to_value(event).unwrap_or_else(|error| {
                json!({ "id": event.id, "type": event.event_type, "error": error.to_string() })
            }));
        }
        Format::Human => {
            if *lagged > 0 {
                let lost = usize::try_from(*lagged).unwrap_or(usize::MAX);
                let text = format!("{} not shown: the terminal is too slow", plural(lost, "event"));
                let text = output.paint(Tone::Warn, &text).into_owned();
                output.line(text);
            }
            let line = line(event, output);
            output.line(line);
        }
    }
}

/// `TIME TYPE from SOURCE (SUBJECT) DATA {METADATA}`.
fn line(event: &Event, output: &Output) -> String {
    let time = event.time.to_string();
    let mut line = format!(
        "{} {} from {}",
        output.paint(Tone::Dim, &time),
        output.paint(Tone::Strong, event.event_type.as_str()),
        clean(&event.source),
    );
    if let Some(subject) = &event.subject {
        line += &format!(" ({})", clean(subject));
    }
    match event.data.json() {
        Ok(Value::Null) => {}
        Ok(data) => line += &format!(" {}", shortened(&data.to_string())),
        Err(fault) => line += &format!(" {}", clean(&fault.to_string())),
    }
    if !event.metadata.is_empty() {
        let pairs = event.metadata.iter().map(|(key, value)| format!("{key}={value}"));
        line += &format!(" {}", shortened(&pairs.collect::<Vec<_>>().join(" ")));
    }
    line
}

fn shortened(text: &str) -> String {
    let text = clean(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
