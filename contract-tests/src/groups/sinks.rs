//! sinks: progress and checkpoints.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use hookspec_host::{MemoryCheckpoints, RecordingProgress, Registry};
use hookspec_plugin::{Caller, CheckpointStore, Manifest, NoProgress, Progress, ProgressSink};
use serde_json::{Value, json};

use super::lent::look;
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, object, text, texts, unserved, whole};

pub(super) const EXPECTATIONS: [&str; 15] = [
    "current",
    "total",
    "message",
    "equal",
    "hashable",
    "reports",
    "done",
    "errors",
    "values",
    "load_returns",
    "versions_increase",
    "keys",
    "progress",
    "checkpoint",
    "value",
];

pub(super) async fn observe(input: &Value) -> Served<Observed> {
    let known = ["op", "current", "total", "message", "steps", "saves", "keys", "prefix"];
    let fields = object(input, "input", &known)?;
    let get = |key: &str| fields.get(key).unwrap_or(&Value::Null);
    let mut observed = Observed::of(input);
    match text(get("op"), "op")? {
        "progress" => {
            let progress = progress(input)?;
            observed.fact("current", progress.current());
            observed.fact("total", progress.total());
            observed.fact("message", progress.message());
        }
        "progress_hash" => {
            let (one, other) = (progress(input)?, progress(input)?);
            let hash = |progress: &Progress| {
                let mut hasher = DefaultHasher::new();
                progress.hash(&mut hasher);
                hasher.finish()
            };
            observed.fact("equal", one == other && hash(&one) == hash(&other));
            observed.fact("hashable", true);
        }
        "noop_sink" => play(&NoProgress, get("steps"))?,
        "mock_sink" => {
            let record = RecordingProgress::new();
            play(&record, get("steps"))?;
            let reports: Vec<u64> = record.reports().iter().map(Progress::current).collect();
            observed.fact("reports", reports);
            observed.fact("done", record.is_done());
            observed.fact("errors", record.errors().len());
        }
        "checkpoint" => checkpoint(get("steps"), &mut observed).await?,
        "checkpoint_versions" => versions(whole(get("saves"), "saves")?, &mut observed).await,
        "checkpoint_list" => {
            let (keys, prefix) = (texts(get("keys"), "keys")?, text(get("prefix"), "prefix")?);
            list(&keys, prefix, &mut observed).await;
        }
        "context_sinks" => {
            let manifest = Manifest::new("a", "k");
            let seen = look(Registry::builder(), manifest, Caller::new(), |ctx| {
                let services = ctx.plugin().services();
                (services.progress().is_some(), services.checkpoints().is_some())
            });
            let there = |is: bool| if is { json!("something") } else { Value::Null };
            match seen.await {
                Err(error) => observed.failed(error),
                Ok((progress, checkpoint)) => {
                    observed.fact("progress", there(progress));
                    observed.fact("checkpoint", there(checkpoint));
                }
            }
        }
        other => return unserved(format!("unknown op `{other}`")),
    }
    Ok(observed)
}

fn progress(input: &Value) -> Served<Progress> {
    let mut progress = Progress::new(whole(&input["current"], "current")?);
    if let Some(total) = input.get("total").filter(|total| !total.is_null()) {
        progress = progress.of(whole(total, "total")?);
    }
    if let Some(message) = input.get("message") {
        progress = progress.saying(text(message, "message")?);
    }
    Ok(progress)
}

fn play(sink: &dyn ProgressSink, steps: &Value) -> Served<()> {
    let Value::Array(steps) = steps else { return unserved("`steps` is not a list") };
    for step in steps {
        match step {
            Value::String(word) if word == "done" => sink.done(),
            Value::Object(step) if step.len() == 1 => match step.iter().next() {
                Some((key, value)) if key == "report" => {
                    sink.report(&Progress::new(whole(value, key)?));
                }
                Some((key, value)) if key == "error" => sink.error(text(value, key)?),
                _ => return unserved(format!("unknown step {step:?}")),
            },
            other => return unserved(format!("unknown step {other}")),
        }
    }
    Ok(())
}

async fn checkpoint(steps: &Value, observed: &mut Observed) -> Served<()> {
    let Value::Array(steps) = steps else { return unserved("`steps` is not a list") };
    let store = MemoryCheckpoints::new();
    let mut values = Vec::new();
    for step in steps {
        let fields = object(step, "a step", &["save", "load", "clear"])?;
        let done = match fields.iter().next() {
            Some((key, value)) if key == "save" => {
                let (key, state) = (text(&value[0], key)?, &value[1]);
                store.save(key, state).await.map(drop)
            }
            Some((key, value)) if key == "load" => {
                let loaded = store.load(text(value, key)?).await;
                loaded.map(|found| values.push(found.map_or(Value::Null, |found| found.state)))
            }
            Some((key, value)) => store.clear(text(value, key)?).await,
            None => return unserved("a step says nothing"),
        };
        if let Err(fault) = done {
            observed.failed(Seen::new(&["KeyError"], fault));
        }
    }
    observed.fact("values", values);
    Ok(())
}

async fn versions(saves: u64, observed: &mut Observed) {
    let store = MemoryCheckpoints::new();
    let mut versions = Vec::new();
    let mut together = true;
    for save in 0..saves {
        let saved = store.save("k", &json!(save)).await;
        let loaded = store.load("k").await.ok().flatten();
        together &= loaded.is_some_and(|found| {
            found.state == json!(save) && saved.as_ref().ok() == Some(&found.version)
        });
        versions.extend(saved.ok());
    }
    // What a `Checkpoint` holds, in the words of the vectors.
    observed.fact("load_returns", if together { "(state, version)" } else { "something else" });
    let all = versions.len() as u64 == saves;
    observed.fact("versions_increase", all && versions.windows(2).all(|pair| pair[0] < pair[1]));
}

async fn list(keys: &[String], prefix: &str, observed: &mut Observed) {
    let store = MemoryCheckpoints::new();
    for key in keys {
        if let Err(fault) = store.save(key, &json!(1)).await {
            observed.failed(Seen::new(&["ValueError"], fault));
        }
    }
    match store.list(prefix).await {
        Err(fault) => observed.failed(Seen::new(&["ValueError"], fault)),
        Ok(found) => {
            let keys: Vec<String> = found.into_iter().map(|(key, _)| key).collect();
            observed.fact("keys", keys);
        }
    }
}
