//! [`Scenario`]: a vector of the contract suite as a kind, a plugin and the checks of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hookspec_contract::cases::{self, Case};
use hookspec_contract::{Options, Subject, Suite};
use hookspec_plugin::{Manifest, Plugin};
use hookspec_spec::{Catalog, Source};
use serde_json::{Value, json};

use crate::specimen::{Answer, Nature, Specimen, Step};
use crate::unserved::{Served, flag, object, text, texts, unserved, whole};

/// The five checks of the specification family, and ours that look at the same.
pub(crate) const FAMILIES: [(&str, &str); 5] = [
    ("manifest", "MAN-*"),
    ("lifecycle", "LIF-*"),
    ("serialization", "IO-008"),
    ("ambient_state", "AMB-*"),
    ("determinism", "DET-*"),
];

const KIND: &str = "k";
const HOOK: &str = "h";

/// A vector of the contract suite as a kind, a plugin and the checks of it.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// What each hook of the kind answers; nothing: the plugin does not have it.
    hooks: BTreeMap<String, Option<Answer>>,
    /// What hooks are called with.
    input: Value,
    /// The kind says that the same input has the same answer.
    deterministic: bool,
    expected_output: Option<Value>,
    contradicts_itself: bool,
    setup: Step,
    teardown: Step,
    /// The checks, by id.
    checks: Vec<String>,
}

impl Scenario {
    /// The scenario of one of the four groups.
    pub(crate) fn read(group: &str, input: &Value) -> Served<Self> {
        match group {
            "contract_serialization" => serialization(input),
            "contract_determinism" => determinism(input),
            "contract_lifecycle" => lifecycle(input),
            "contract_suite" => suite(input),
            other => unserved(format!("`{other}` is no group of the contract suite")),
        }
    }

    /// One hook that answers the same each time, and nothing to look at.
    fn plain(checks: &[&str]) -> Self {
        Self {
            hooks: [(HOOK.to_owned(), Some(Answer::Value(constant())))].into(),
            input: json!({}),
            deterministic: false,
            expected_output: None,
            contradicts_itself: false,
            setup: Step::Ok,
            teardown: Step::Ok,
            checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        }
    }

    /// The suite, without a way to start this program once more.
    pub(crate) fn suite(&self) -> Served<Suite> {
        let catalog = self.catalog()?;
        let cases = self.cases(&catalog)?;
        let nature = self.nature();
        let (manifest, hooks) = (nature.manifest.clone(), nature.answers.keys());
        let hooks: Vec<_> = hooks.map(|hook| hook.as_str().into()).collect();
        let open = move || Ok(Specimen::instance(nature.clone()));
        let options = Options { filter: self.checks.clone(), jobs: 2, ..Options::default() };
        Ok(Suite::new(catalog, vec![Subject::new(manifest, hooks, open)])
            .cases(cases)
            .options(options))
    }

    /// A new instance, and the kind that it is of.
    pub(crate) fn instance(&self) -> Served<(Arc<dyn Plugin>, Catalog)> {
        Ok((Specimen::instance(self.nature()), self.catalog()?))
    }

    fn nature(&self) -> Nature {
        let has =
            |(hook, answer): (&String, &Option<Answer>)| Some((hook.clone(), answer.clone()?));
        let (tryfirst, trylast) = (self.contradicts_itself, self.contradicts_itself);
        Nature {
            manifest: Manifest { tryfirst, trylast, ..Manifest::new("specimen", KIND) },
            answers: self.hooks.iter().filter_map(has).collect(),
            setup: self.setup,
            teardown: self.teardown,
        }
    }

    /// The kind. Its hooks take one input only, the sample: what a check is about is what the hook
    /// answers, and once is enough.
    fn catalog(&self) -> Served<Catalog> {
        let hook = |name: &String| {
            json!({
                "name": name,
                "dispatch": "singleton",
                "required": true,
                "idempotent": self.deterministic,
                "input_schema": "sample.json",
                "examples": [{ "input": self.input }],
            })
        };
        let hooks: Vec<Value> = self.hooks.keys().map(hook).collect();
        let yaml = json!({ "kind": KIND, "kind_api_version": "1.0.0", "hooks": hooks });
        let sources = [
            Source::new(format!("kinds/{KIND}/v1.yaml"), yaml.to_string()),
            Source::new(
                format!("kinds/{KIND}/sample.json"),
                json!({ "enum": [self.input] }).to_string(),
            ),
        ];
        Catalog::from_sources(sources).or_else(|mistakes| unserved(mistakes.to_string()))
    }

    /// That an answer is the one that is expected is the matter of a case.
    fn cases(&self, catalog: &Catalog) -> Served<Vec<Case>> {
        let Some(expected) = &self.expected_output else { return Ok(Vec::new()) };
        let case = json!({
            "name": "answers_as_expected",
            "given": { "plugin": "specimen" },
            "call": { "hook": HOOK, "input": self.input },
            "expect": { "equals": expected },
        });
        let file = json!({ "kind": format!("{KIND}@1"), "cases": [case] }).to_string();
        cases::read(Path::new(&format!("{KIND}/cases.yaml")), file, catalog).or_else(|mistakes| {
            let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            unserved(mistakes.join("\n"))
        })
    }
}

/// What the samples of the vectors call constant.
fn constant() -> Value {
    json!({ "a": 2, "b": 1 })
}

fn serialization(input: &Value) -> Served<Scenario> {
    let keys =
        ["hook_returns", "hook_returns_special", "hook_absent", "hook_samples", "hooks_return"];
    let fields = object(input, "input", &[keys.as_slice(), &["hook_args"]].concat())?;
    // Without samples the manifest is all that there is to look at.
    let mut scenario = Scenario::plain(&["MAN-001", "MAN-004", "IO-008"]);
    if let Some(sample) = fields.get("hook_args") {
        scenario.input = sample.clone();
    }
    let said: Vec<_> = keys.iter().filter_map(|key| Some((*key, fields.get(*key)?))).collect();
    let [(key, value)] = said.as_slice() else {
        return unserved("input says not exactly one thing about the answers");
    };
    let one = |answer| BTreeMap::from([(HOOK.to_owned(), answer)]);
    scenario.hooks = match (*key, value) {
        ("hook_returns", value) => one(Some(Answer::Value((*value).clone()))),
        ("hook_returns_special", value) => one(Some(special(text(value, key)?)?)),
        ("hook_absent", value) => match flag(value, key)? {
            true => one(None),
            false => one(Some(Answer::Value(constant()))),
        },
        ("hook_samples", Value::Object(samples)) if samples.is_empty() => BTreeMap::new(),
        ("hooks_return", Value::Object(hooks)) => {
            let answer = |value: &Value| Some(Answer::Value(value.clone()));
            hooks.iter().map(|(hook, value)| (hook.clone(), answer(value))).collect()
        }
        (key, value) => return unserved(format!("`{key}` is {value}")),
    };
    Ok(scenario)
}

/// Answers that a vector cannot write down: `nan`, `string_11mb`.
fn special(word: &str) -> Served<Answer> {
    let unknown = || unserved(format!("unknown answer `{word}`"));
    if word == "nan" {
        return Ok(Answer::Nan);
    }
    let Some(size) = word.strip_prefix("string_") else { return unknown() };
    let units = [("kb", 1 << 10), ("mb", 1 << 20), ("b", 1)];
    let read = |(unit, bytes): &(&str, usize)| {
        size.strip_suffix(unit)?.parse::<usize>().ok()?.checked_mul(*bytes)
    };
    match units.iter().find_map(read) {
        // What a child process can hold several times over.
        Some(bytes) if bytes <= 64 << 20 => Ok(Answer::Text(bytes)),
        _ => unknown(),
    }
}

fn determinism(input: &Value) -> Served<Scenario> {
    let fields = object(input, "input", &["behaviour", "expected_output"])?;
    let word = text(fields.get("behaviour").unwrap_or(&Value::Null), "behaviour")?;
    // DET-002 is the one about new instances: what one instance counts is its own business.
    let mut scenario = Scenario::plain(&["MAN-004", "DET-002", "case:*"]);
    scenario.deterministic = true;
    scenario.expected_output = fields.get("expected_output").cloned();
    let answer = match word {
        "absent" => None,
        word => match behaviour(word) {
            Some(answer) => Some(answer),
            None => return unserved(format!("unknown behaviour `{word}`")),
        },
    };
    scenario.hooks.insert(HOOK.to_owned(), answer);
    Ok(scenario)
}

fn behaviour(word: &str) -> Option<Answer> {
    Some(match word {
        "constant" => Answer::Value(constant()),
        "random" => Answer::Random,
        "instance_counter" => Answer::InstanceCounter,
        "global_counter" => Answer::GlobalCounter,
        "now" => Answer::Now,
        _ => return None,
    })
}

fn lifecycle(input: &Value) -> Served<Scenario> {
    let fields = object(input, "input", &["setup", "teardown"])?;
    let mut scenario = Scenario::plain(&["LIF-*"]);
    scenario.setup = step(fields.get("setup"), "setup")?;
    scenario.teardown = step(fields.get("teardown"), "teardown")?;
    match scenario.setup {
        Step::NeedsRestart => unserved("a setup answers nothing"),
        _ => Ok(scenario),
    }
}

fn step(value: Option<&Value>, place: &str) -> Served<Step> {
    match value {
        None => Ok(Step::Ok),
        Some(Value::String(word)) => Ok(match word.as_str() {
            "ok" | "absent" | "return_true" => Step::Ok,
            "async" => Step::Async,
            "raise" => Step::Raise,
            "stores_self_globally" => Step::KeepsItself,
            "opens_file_globally" => Step::KeepsFile,
            "return_false" => Step::NeedsRestart,
            other => return unserved(format!("unknown {place} `{other}`")),
        }),
        Some(value) => match object(value, place, &["sleep_ms"])?.get("sleep_ms") {
            Some(time) => Ok(Step::Sleep(Duration::from_millis(whole(time, place)?))),
            None => unserved(format!("{place} is an empty object")),
        },
    }
}

fn suite(input: &Value) -> Served<Scenario> {
    let fields = object(input, "input", &["checks", "plugin", "manifest"])?;
    let get = |key: &str| fields.get(key).unwrap_or(&Value::Null);
    let mut scenario = Scenario::plain(&[]);
    let mut asked: Vec<&str> = FAMILIES.iter().map(|(family, _)| *family).collect();
    if get("checks") != "all" {
        let named = texts(get("checks"), "checks")?;
        if let Some(unknown) = named.iter().find(|name| !asked.contains(&name.as_str())) {
            return unserved(format!("unknown check `{unknown}`"));
        }
        asked.retain(|family| named.iter().any(|name| name == family));
    }
    let wanted = FAMILIES.iter().filter(|(family, _)| asked.contains(family));
    scenario.checks = wanted.map(|(_, ids)| (*ids).to_owned()).collect();
    if scenario.checks.is_empty() {
        return unserved("no check is asked for");
    }
    match text(get("plugin"), "plugin")? {
        "good" => {}
        other => return unserved(format!("unknown plugin `{other}`")),
    }
    scenario.contradicts_itself = match get("manifest").as_str() {
        Some("invalid") => true,
        Some("valid") => false,
        None if fields.get("manifest").is_none() => false,
        _ => return unserved(format!("unknown manifest {}", get("manifest"))),
    };
    Ok(scenario)
}

#[cfg(test)]
mod tests;
