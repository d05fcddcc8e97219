//! [`Call`]: the call of a scenario, and what a dispatcher answers it.

use hookspec_host::{Cause, Choice, DispatchError, Failure, Registry, RoutingPolicy};
use hookspec_plugin::Caller;
use hookspec_spec::DispatchClass;
use serde_json::{Map, Value, json};

use super::choice::{filter, policy};
use crate::seen::Seen;
use crate::unserved::{Served, flag, object, text, unserved, whole};

/// The call of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) class: DispatchClass,
    pub(super) kind: String,
    pub(super) hook: String,
    pub(super) sync: bool,
    pub(super) shipped: bool,
    pub(super) error_policy: Option<String>,
    pub(super) config: Option<Value>,
    pub(super) policy: Option<RoutingPolicy>,
    pub(super) repeat: u64,
    input: Value,
    caller: Caller,
    choice: Option<Choice>,
}

/// What one dispatch answered, under the keys of the vectors.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) facts: Map<String, Value>,
    pub(super) error: Option<Seen>,
}

const KNOWN: [&str; 16] = [
    "class",
    "kind",
    "hook",
    "args",
    "kwargs",
    "input",
    "initial",
    "mode",
    "error_policy",
    "metadata",
    "config",
    "filter",
    "name",
    "policy",
    "check_spec",
    "repeat",
];

impl Call {
    /// A call without input.
    pub(super) fn of(class: DispatchClass, kind: &str, hook: &str) -> Self {
        Self {
            class,
            kind: kind.to_owned(),
            hook: hook.to_owned(),
            sync: false,
            shipped: false,
            error_policy: None,
            config: None,
            policy: None,
            repeat: 1,
            input: json!({}),
            caller: Caller::new(),
            choice: None,
        }
    }

    pub(super) fn read(value: &Value) -> Served<Self> {
        let fields = object(value, "call", &KNOWN)?;
        let word = |key: &str| fields.get(key).map(|value| text(value, key)).transpose();
        let class = word("class")?.unwrap_or_default().parse().or_else(unserved)?;
        let Some(hook) = word("hook")? else { return unserved("call has no `hook`") };
        let mut call = Self::of(class, word("kind")?.unwrap_or("k"), hook);
        call.input = input(fields, class)?;
        call.error_policy = word("error_policy")?.map(str::to_owned);
        call.config = fields.get("config").cloned();
        call.sync = match word("mode")? {
            None | Some("async") => false,
            Some("sync") => true,
            Some(other) => return unserved(format!("unknown mode `{other}`")),
        };
        if let Some(shipped) = fields.get("check_spec") {
            call.shipped = flag(shipped, "check_spec")?;
        }
        if let Some(times) = fields.get("repeat") {
            call.repeat = whole(times, "repeat")?;
        }
        match fields.get("metadata") {
            None => {}
            Some(Value::Object(metadata)) => {
                for (key, value) in metadata {
                    call.caller = call.caller.with_metadata(key.as_str(), value.clone());
                }
            }
            Some(other) => return unserved(format!("metadata is no object: {other}")),
        }
        call.policy = fields.get("policy").map(policy).transpose()?;
        call.choice = match (word("name")?, fields.get("filter")) {
            (None, None) => None,
            (Some(name), None) => Some(Choice::name(name)),
            (None, Some(value)) => Some(filter(value)?),
            (Some(_), Some(_)) => return unserved("a call with a name and a filter"),
        };
        let chooses = matches!(class, DispatchClass::Singleton | DispatchClass::Capability);
        if !chooses && (call.choice.is_some() || call.policy.is_some()) {
            return unserved(format!("a choice in class {class}"));
        }
        Ok(call)
    }

    /// Obtains the dispatcher and dispatches once.
    pub(super) async fn dispatch(&self, registry: &Registry) -> Served<Answer> {
        let (kind, hook) = (self.kind.as_str(), self.hook.as_str());
        let (caller, input) = (&self.caller, self.input.clone());
        macro_rules! dispatched {
            ($dispatcher:expr) => {
                match $dispatcher {
                    Err(error) => Err(error),
                    Ok(dispatcher) if self.sync => dispatcher.dispatch_sync(caller, input),
                    Ok(dispatcher) => dispatcher.dispatch(caller, input).await,
                }
            };
        }
        macro_rules! chosen {
            ($dispatcher:expr) => {
                match (&self.choice, $dispatcher) {
                    (Some(choice), Ok(dispatcher)) if self.sync => {
                        dispatcher.dispatch_sync_with(caller, input, choice.clone())
                    }
                    (Some(choice), Ok(dispatcher)) => {
                        dispatcher.dispatch_with(caller, input, choice.clone()).await
                    }
                    (_, dispatcher) => dispatched!(dispatcher),
                }
            };
        }
        let facts = match self.class {
            DispatchClass::BroadcastCollect => dispatched!(
                registry.broadcast_collect::<Value, Value>(kind, hook)
            )
            .map(|collected| {
                let values = collected.replies.iter().map(|reply| (*reply.value).clone());
                let errors = collected.failures.iter().map(described);
                json!({
                    "results": values.collect::<Vec<_>>(),
                    "errors": errors.collect::<Vec<_>>(),
                    "failed": named(&collected.failures),
                })
            }),
            DispatchClass::BroadcastNotify => {
                dispatched!(registry.broadcast_notify::<Value>(kind, hook)).map(|notified| {
                    let errors = notified.failures.iter().map(described);
                    json!({
                        "returns": null,
                        "errors": errors.collect::<Vec<_>>(),
                        "failed": named(&notified.failures),
                    })
                })
            }
            DispatchClass::Chain => {
                dispatched!(registry.chain::<Value>(kind, hook)).map(|chained| {
                    let errors = chained.failures.iter().map(described);
                    json!({
                        "result": *chained.value,
                        "results": [*chained.value],
                        "errors": errors.collect::<Vec<_>>(),
                        "failed": named(&chained.failures),
                    })
                })
            }
            DispatchClass::Singleton => {
                chosen!(registry.singleton::<Value, Value>(kind, hook)).map(one)
            }
            DispatchClass::Capability => {
                chosen!(registry.capability::<Value, Value>(kind, hook)).map(one)
            }
        };
        Ok(self.answer(facts))
    }

    fn answer(&self, facts: Result<Value, DispatchError>) -> Answer {
        match facts {
            Ok(Value::Object(facts)) => Answer { facts, error: None },
            Ok(_) => Answer::default(),
            Err(error) => {
                let error = Seen::dispatch(&error, self.class);
                Answer { facts: Map::new(), error: Some(error) }
            }
        }
    }
}

/// `initial` of a chain; else `input`, else `kwargs` as an object, else the one argument.
fn input(fields: &Map<String, Value>, class: DispatchClass) -> Served<Value> {
    let arguments = match fields.get("args") {
        None => [].as_slice(),
        Some(Value::Array(arguments)) => arguments,
        Some(other) => return unserved(format!("args is no list: {other}")),
    };
    let named = match fields.get("kwargs") {
        None => None,
        Some(Value::Object(named)) => Some(named).filter(|named| !named.is_empty()),
        Some(other) => return unserved(format!("kwargs is no object: {other}")),
    };
    if class == DispatchClass::Chain {
        return Ok(fields.get("initial").cloned().unwrap_or_default());
    }
    if fields.contains_key("initial") {
        return unserved(format!("an initial value in class {class}"));
    }
    let input = fields.get("input").cloned();
    let named = || named.map(|named| Value::Object(named.clone()));
    Ok(input.or_else(named).or_else(|| arguments.first().cloned()).unwrap_or_else(|| json!({})))
}

fn one(answer: hookspec_host::Answer<Value>) -> Value {
    json!({
        "selected": answer.plugin.as_str(),
        "result": *answer.value,
        "results": [*answer.value],
    })
}

fn named(failures: &[Failure]) -> Vec<&str> {
    failures.iter().map(|failure| failure.plugin.as_str()).collect()
}

fn described(failure: &Failure) -> Value {
    let message = match &failure.cause {
        Cause::Faulted(fault) => fault.message().to_owned(),
        cause => cause.to_string(),
    };
    json!({ "plugin": failure.plugin.as_str(), "message": message })
}
