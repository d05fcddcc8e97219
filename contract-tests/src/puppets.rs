//! [`puppet`]: a plugin of a vector, as the shipped puppet inside a plugin that times its setup.

use std::time::Duration;

use hookspec_host::testing::{Journal, Puppet, Step};
use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Health, HookFuture, HookName, Manifest, Plugin, Teardown,
};
use hookspec_spec::Diagnostics;
use hookspec_spec::manifest::{self, Dialect};
use serde_json::{Map, Value, json};

use crate::script::{Trace, script};
use crate::unserved::{Served, object, unserved, whole};

/// The keys of a manifest in the specification's own dialect.
pub(crate) const MANIFEST_KEYS: [&str; 30] = [
    "schema_version",
    "name",
    "kind",
    "kind_api_version",
    "core_version",
    "runtime",
    "license",
    "maintainer",
    "homepage",
    "entry_point",
    "health_check",
    "url",
    "endpoint",
    "command",
    "env",
    "auth",
    "capabilities",
    "depends_on",
    "supports_languages",
    "supports_extensions",
    "supports_mime_types",
    "priority",
    "tryfirst",
    "trylast",
    "fallback",
    "in_process_only",
    "startup_timeout_sec",
    "teardown_timeout_sec",
    "execution_model",
    "resources",
];

const OWN_KEYS: [&str; 5] = ["unit_of_work", "hooks", "matches", "setup", "teardown"];

/// Where puppets write, and how they are called.
#[derive(Clone, Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) kind: &'a str,
    pub(crate) journal: &'a Journal,
    pub(crate) trace: &'a Trace,
    pub(crate) sync: bool,
}

/// The manifest of a plugin entry, completed, and the hooks it has. The fields must be known; that
/// their values are wrong is an outcome.
pub(crate) fn complete(
    entry: &Value,
    kind: &str,
) -> Served<(Result<Manifest, Diagnostics>, Map<String, Value>)> {
    let known = [MANIFEST_KEYS.as_slice(), &OWN_KEYS].concat();
    let mut fields = object(entry, "a plugin", &known)?.clone();
    let hooks = match fields.shift_remove("hooks") {
        None => Map::new(),
        Some(Value::Object(hooks)) => hooks,
        Some(other) => return unserved(format!("the hooks of a plugin are no object: {other}")),
    };
    for key in ["matches", "setup", "teardown"] {
        fields.shift_remove(key);
    }
    let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut default = |key: &str, value: Value| {
        fields.entry(key).or_insert(value);
    };
    default("schema_version", json!("1"));
    default("kind", json!(kind));
    default("kind_api_version", json!("1"));
    default("core_version", json!(">=0.1.0"));
    default("runtime", json!("in_process"));
    match fields.get("runtime").and_then(Value::as_str) {
        Some("in_process") => {
            fields.entry("entry_point").or_insert_with(|| format!("puppets:{name}").into());
        }
        Some("mcp_stdio") => {
            fields.entry("command").or_insert_with(|| json!(["puppet", name]));
        }
        Some("mcp_http") if !fields.contains_key("endpoint") => {
            fields.entry("url").or_insert_with(|| "http://127.0.0.1:9/puppet".into());
        }
        _ => {}
    }
    let manifest = manifest::from_value(&Value::Object(fields), Dialect::Specification);
    Ok((manifest, hooks))
}

/// A plugin of a vector; its manifest is complete already.
pub(crate) fn puppet(
    entry: &Value,
    manifest: Manifest,
    hooks: &Map<String, Value>,
    stage: &Stage<'_>,
) -> Served<Actor> {
    let name = manifest.name.to_string();
    let mut puppet = Puppet::new(manifest).journal(stage.journal);
    for (hook, behaviour) in hooks {
        let script = script(behaviour, &name, stage.trace, stage.sync)?;
        puppet = puppet.on(hook.as_str(), script);
    }
    let (setup, setup_takes) = step(entry.get("setup"), "setup")?;
    let (teardown, teardown_takes) = step(entry.get("teardown"), "teardown")?;
    Ok(Actor {
        puppet: puppet.setup(setup).teardown(teardown),
        setup_takes,
        teardown_takes,
        matches: entry.get("matches").map_or(Ok(Matches::Always(true)), matches)?,
    })
}

fn step(value: Option<&Value>, place: &str) -> Served<(Step, Option<Duration>)> {
    match value {
        None => Ok((Step::Ok, None)),
        Some(Value::String(word)) => match word.as_str() {
            "ok" | "absent" => Ok((Step::Ok, None)),
            "async" => Ok((Step::Ok, Some(Duration::ZERO))),
            "raise" => Ok((Step::Fault(format!("{place} fails")), None)),
            other => unserved(format!("unknown {place} `{other}`")),
        },
        Some(value) => match object(value, place, &["sleep_ms"])?.get("sleep_ms") {
            Some(time) => Ok((Step::Ok, Some(Duration::from_millis(whole(time, place)?)))),
            None => unserved(format!("{place} is an empty object")),
        },
    }
}

/// What a matcher answers.
#[derive(Clone, Debug)]
enum Matches {
    Always(bool),
    Panic(String),
    Fields(Map<String, Value>),
}

fn matches(value: &Value) -> Served<Matches> {
    if let Value::Bool(answer) = value {
        return Ok(Matches::Always(*answer));
    }
    let fields = object(value, "matches", &["return", "raise", "arg_equals"])?;
    let mut all = fields.iter();
    match (all.next(), all.next()) {
        // A matcher answers true or false by type: the author of the plugin says which it means.
        (Some((key, value)), None) if key == "return" => Ok(Matches::Always(truth(value))),
        (Some((key, value)), None) if key == "raise" => {
            Ok(Matches::Panic(crate::unserved::text(value, "matches.raise")?.to_owned()))
        }
        (Some((_, Value::Object(fields))), None) => Ok(Matches::Fields(fields.clone())),
        _ => unserved(format!("unknown matcher {value}")),
    }
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(answer) => *answer,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// The shipped puppet, with a matcher and with times that vectors ask for.
#[derive(Debug)]
pub(crate) struct Actor {
    puppet: Puppet,
    setup_takes: Option<Duration>,
    teardown_takes: Option<Duration>,
    matches: Matches,
}

/// Real time, or with none of it one turn of the runtime.
async fn pass(time: Option<Duration>) {
    match time {
        Some(Duration::ZERO) => tokio::task::yield_now().await,
        Some(time) => tokio::time::sleep(time).await,
        None => {}
    }
}

impl Plugin for Actor {
    fn manifest(&self) -> &Manifest {
        self.puppet.manifest()
    }

    fn hooks(&self) -> &[HookName] {
        self.puppet.hooks()
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            pass(self.setup_takes).await;
            Plugin::setup(&self.puppet, context).await
        })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        self.puppet.call(call)
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        match &self.matches {
            Matches::Always(answer) => *answer,
            Matches::Panic(message) => std::panic::panic_any(message.clone()),
            Matches::Fields(fields) => call.input.json().is_ok_and(|input| {
                fields.iter().all(|(key, value)| {
                    input.get(key).is_some_and(|found| crate::compare::includes(value, found))
                })
            }),
        }
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.puppet.health()
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async {
            pass(self.teardown_takes).await;
            Plugin::teardown(&self.puppet).await
        })
    }
}
