//! The groups about dispatching: plugins and a call in, answers and calls out.

use std::sync::Arc;
use std::time::Instant;

use hookspec_host::testing::{Happening, Journal};
use hookspec_host::{Registry, RegistryBuilder, State};
use hookspec_plugin::Plugin;
use hookspec_spec::Catalog;
use serde_json::{Map, Value, json};

use super::call::{Answer, Call};
use super::host::host;
use super::kinds::{Hooks, declare};
use crate::logs::Logs;
use crate::observed::Observed;
use crate::puppets::{Stage, complete, puppet};
use crate::script::Trace;
use crate::seen::Seen;
use crate::unserved::{Served, flag, object, unserved};

pub(super) const EXPECTATIONS: [&str; 14] = [
    "results",
    "errors",
    "returns",
    "called_set",
    "failed",
    "result",
    "calls",
    "inputs",
    "selected",
    "candidates",
    "observed",
    "unavailable",
    "completion_order",
    "elapsed_ms_below",
];

pub(super) async fn observe(input: &Value, shipped: &Catalog) -> Served<Observed> {
    let fields = object(input, "input", &["plugins", "call", "run_setup", "env", "installed"])?;
    let call = Call::read(fields.get("call").unwrap_or(&Value::Null))?;
    let (journal, trace, logs) = (Journal::new(), Trace::default(), Logs::default());
    let guard = logs.install();
    let mut observed = Observed::of(input);
    match builder(fields, &call, shipped, &journal, &trace)? {
        Ok(builder) => play(builder, fields, &call, &mut observed).await?,
        Err(error) => observed.failed(error),
    }
    drop(guard);
    observed.records = logs.records();
    trace_facts(&mut observed, &journal, &trace);
    if let Some(error) = &observed.error {
        let candidates = error.candidates.clone();
        observed.fact("candidates", candidates);
    }
    Ok(observed)
}

/// Starts, dispatches, stops: an error of any of them counts.
async fn play(
    builder: RegistryBuilder,
    fields: &Map<String, Value>,
    call: &Call,
    observed: &mut Observed,
) -> Served<()> {
    let set_up = match fields.get("run_setup") {
        Some(set_up) => flag(set_up, "run_setup")?,
        None => true,
    };
    let registry: Registry = match builder.build() {
        Ok(registry) => registry,
        Err(error) => {
            observed.failed(error);
            return Ok(());
        }
    };
    if set_up && let Err(error) = registry.start().await {
        observed.failed(error);
        return Ok(());
    }
    let unavailable = registry.snapshot().plugins.into_iter();
    let unavailable = unavailable.filter(|plugin| plugin.state == State::Unavailable);
    observed.fact("unavailable", unavailable.map(|plugin| plugin.name).collect::<Vec<_>>());
    let started = Instant::now();
    for _ in 0..call.repeat {
        let answer = call.dispatch(&registry).await?;
        add(observed, answer);
    }
    observed.fact("elapsed_ms_below", started.elapsed().as_millis() as u64);
    if let Err(errors) = registry.stop().await {
        observed.failed(errors);
    }
    Ok(())
}

/// Lists of several dispatches are concatenated; of anything else the last counts.
fn add(observed: &mut Observed, answer: Answer) {
    for (key, value) in answer.facts {
        match (observed.facts.get_mut(&key), value) {
            (Some(Value::Array(before)), Value::Array(more))
                if matches!(key.as_str(), "results" | "errors" | "failed") =>
            {
                before.extend(more);
                if key == "failed" {
                    // Who failed is a set, however often it failed.
                    let mut seen = std::collections::BTreeSet::new();
                    before.retain(|name| seen.insert(name.to_string()));
                }
            }
            (_, value) => observed.fact(&key, value),
        }
    }
    if let Some(error) = answer.error {
        observed.failed(error);
    }
}

fn trace_facts(observed: &mut Observed, journal: &Journal, trace: &Trace) {
    let calls = journal.calls();
    let mut set = calls.clone();
    set.sort();
    set.dedup();
    let mut inputs: Map<String, Value> = Map::new();
    for entry in journal.entries() {
        if let Happening::Called { plugin, input, .. } = entry {
            let received = inputs.entry(plugin.as_str()).or_insert_with(|| json!([]));
            if let Value::Array(received) = received {
                received.push(input);
            }
        }
    }
    observed.fact("calls", calls);
    observed.fact("called_set", set);
    observed.fact("inputs", inputs);
    observed.fact("completion_order", trace.completed());
    observed.fact("observed", trace.read());
}

/// The registry of a scenario, or why its plugins or kinds cannot be.
fn builder(
    fields: &Map<String, Value>,
    call: &Call,
    shipped: &Catalog,
    journal: &Journal,
    trace: &Trace,
) -> Served<Result<RegistryBuilder, Seen>> {
    let stage = Stage { kind: &call.kind, journal, trace, sync: call.sync };
    let mut hooks = Hooks::from([(call.kind.clone(), [call.hook.clone()].into())]);
    let mut plugins: Vec<Arc<dyn Plugin>> = Vec::new();
    let mut builder = Registry::builder();
    let entries = match fields.get("plugins") {
        Some(Value::Array(entries)) => entries,
        Some(other) => return unserved(format!("plugins is no list: {other}")),
        None => return unserved("input has no `plugins`"),
    };
    for entry in entries {
        let (manifest, own) = complete(entry, stage.kind)?;
        let manifest = match manifest {
            Ok(manifest) => manifest,
            Err(diagnostics) => return Ok(Err(Seen::manifest(&diagnostics))),
        };
        hooks.entry(manifest.kind.to_string()).or_default().extend(own.keys().cloned());
        if let Some(config) = &call.config {
            builder = builder.config(manifest.name.clone(), config.clone());
        }
        plugins.push(Arc::new(puppet(entry, manifest, &own, &stage)?));
    }
    let kinds = match call.shipped {
        true => shipped.clone(),
        false => match declare(&hooks, call.class, call.error_policy.as_deref()) {
            Ok(kinds) => kinds,
            Err(error) => return Ok(Err(error)),
        },
    };
    if let Some(policy) = &call.policy {
        builder = builder.routing_policy(call.kind.as_str(), policy.clone());
    }
    Ok(Ok(host(builder, fields)?.catalog(kinds).plugins(plugins)))
}
