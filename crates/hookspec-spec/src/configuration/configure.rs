//! [`configure`]: one plugin's configuration, from everywhere it may come from, checked.
//!
//! - CONFIG-3 it is checked as a whole, and every mistake is told with its place. CONFIG-4 what is
//!   required and nowhere given is told with whatever would give it. CONFIG-5 secrets are in no message.

use std::fmt;

use hookspec_plugin::Manifest;
use serde_json::{Map, Value};

use super::environment::{self, Lookup};
use super::file::{HostConfiguration, base};
use super::schema::ConfigSchema;
use super::toml_key;
use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::escape;

/// Where a plugin's configuration comes from; what comes later here wins (CONFIG-1): the defaults of
/// its schema, then these three.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// What the application's code gives.
    pub code: Option<&'a Value>,
    /// The configuration file.
    pub file: Option<&'a HostConfiguration>,
    /// The environment.
    pub environment: Lookup<'a>,
}

/// A configuration that its plugin's schema accepts.
#[derive(Clone)]
pub struct Configured {
    /// The configuration, for the plugin alone.
    pub value: Value,
    /// The same with `***` for every secret, for everybody.
    pub masked: Value,
    /// Where each value comes from: its keys, and the source. Objects stand for what is in them.
    pub sources: Vec<(Vec<String>, ConfigSource)>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// The schema's `default`.
    Default,
    /// The application's code.
    Code,
    /// The configuration file.
    File,
    /// This environment variable.
    Environment(String),
}

impl fmt::Display for ConfigSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::Code => "application",
            Self::File => "file",
            Self::Environment(variable) => variable,
        })
    }
}

/// A mistake, and where in the configuration it is.
pub(super) struct Problem {
    code: &'static str,
    /// JSON pointer into the configuration; `None` of what is in no file.
    at: Option<String>,
    message: String,
    hint: Option<String>,
}

impl Problem {
    pub(super) fn whole(code: &'static str, message: String, hint: impl Into<String>) -> Self {
        Self { code, at: None, message, hint: Some(hint.into()) }
    }
}

/// Puts a plugin's configuration together and checks it against its `config_schema`. A plugin
/// without one takes anything.
///
/// # Errors
/// Every mistake: at its line where it stands in a file, else with the variable or the key. Or what
/// is wrong with the `config_schema` itself, with JSON pointers that begin with `/config_schema`.
pub fn configure(manifest: &Manifest, given: Given<'_>) -> Result<Configured, Diagnostics> {
    let schema = ConfigSchema::of(manifest)?;
    let file = given.file.and_then(|file| file.config(manifest.name.as_str()));
    let start = || if schema.is_object() { Value::Object(Map::new()) } else { Value::Null };
    let mut value = match (given.code.filter(|own| !own.is_null()), file) {
        (None, None) => start(),
        (None, Some(file)) => file.clone(),
        (Some(code), None) => code.clone(),
        (Some(code), Some(file)) => overlaid(code, file),
    };
    let mut problems = Vec::new();
    let set =
        environment::set(&manifest.name, &schema, given.environment, &mut value, &mut problems);
    schema.fill(&mut value);
    let told = Told { manifest, given, file, set: &set, value: &value };
    let unknown = schema.unknown_keys(&value);
    for each in &unknown {
        let at = format!("{}/{}", each.parent, escape(&each.key));
        let place = told.place(&at);
        let message = format!("{place}unknown key `{}`", crate::document::shorten(&each.key));
        problems.push(Problem {
            code: codes::CONFIG_UNKNOWN_KEY,
            at: Some(at),
            message,
            hint: Some(each.hint.clone()),
        });
    }
    for flaw in schema.schema.flaws(&value) {
        let is_key = matches!(&*flaw.keyword, "additionalProperties" | "unevaluatedProperties");
        if is_key && unknown.iter().any(|each| each.parent == flaw.instance) {
            continue;
        }
        problems.push(match &flaw.missing {
            Some(key) => told.lacks(&flaw.instance, key),
            None => told.invalid(&flaw.instance, &flaw.message),
        });
    }
    let secrets = schema.schema.secrets(&value);
    if problems.is_empty() {
        let masked = masked(&value, &secrets, "");
        let mut sources = Vec::new();
        told.sources(&value, &mut Vec::new(), &mut sources);
        return Ok(Configured { masked, sources, value });
    }
    let is_sensitive = schema.schema.is_sensitive();
    let mut found: Vec<Diagnostic> =
        problems.into_iter().map(|problem| told.diagnostic(problem, is_sensitive)).collect();
    found.sort_by_key(|each| each.position);
    match Diagnostics::split(found) {
        Err(found) => Err(found),
        // Every problem is an error.
        Ok(_) => {
            Err(Diagnostic::error(codes::CONFIG_INVALID, "the configuration is invalid").into())
        }
    }
}

/// What is needed to tell people where something is.
struct Told<'a> {
    manifest: &'a Manifest,
    given: Given<'a>,
    file: Option<&'a Value>,
    set: &'a [(String, String)],
    value: &'a Value,
}

impl Told<'_> {
    fn source(&self, at: &str) -> ConfigSource {
        let around = |outer: &str| {
            at.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // What is set later lies deeper.
        if let Some((_, variable)) = self.set.iter().rev().find(|(own, _)| around(own)) {
            return ConfigSource::Environment(variable.clone());
        }
        let there = |value: Option<&Value>| value.is_some_and(|value| value.pointer(at).is_some());
        match () {
            () if there(self.file) => ConfigSource::File,
            () if there(self.given.code) => ConfigSource::Code,
            () => ConfigSource::Default,
        }
    }

    /// What is said before a message that no line of a file says it for.
    fn place(&self, at: &str) -> String {
        let plugin = &self.manifest.name;
        match self.source(at) {
            ConfigSource::File => String::new(),
            ConfigSource::Environment(variable) => format!("{variable} (plugin `{plugin}`): "),
            ConfigSource::Code => {
                format!("the configuration that the application gives plugin `{plugin}`: ")
            }
            ConfigSource::Default => format!("plugin `{plugin}`: "),
        }
    }

    fn section(&self, at: &str) -> String {
        let keys = at.split('/').skip(1).map(crate::document::unescape);
        let keys = keys.fold(String::new(), |keys, key| format!("{keys}.{}", toml_key(&key)));
        format!("[plugins.{}.config{keys}]", toml_key(self.manifest.name.as_str()))
    }

    fn lacks(&self, at: &str, key: &str) -> Problem {
        let section = self.section(at);
        let pointer = format!("{at}/{}", escape(key));
        // Found by the name of its property: an object in a list has none.
        let schema = ConfigSchema::of(self.manifest).ok();
        let variables = schema.map(|schema| environment::of(&self.manifest.name, &schema));
        let variable = variables.into_iter().flatten().find(|own| own.pointer() == pointer);
        let variable = variable.map(|own| format!(", or set {}", own.name)).unwrap_or_default();
        let shown = toml_key(&crate::document::shorten(key));
        let message = format!(
            "plugin `{}` needs `{shown}` in {section}, and it is not there",
            self.manifest.name
        );
        let hint = match self.given.file {
            Some(file) => {
                format!(
                    "write `{shown} = …` below {section} in {}{variable}",
                    file.path().display()
                )
            }
            None => format!(
                "there is no configuration file: write `{shown} = …` below {section} in {}{variable}",
                super::FILE_NAME
            ),
        };
        Problem { code: codes::CONFIG_LACKS, at: Some(at.to_owned()), message, hint: Some(hint) }
    }

    fn invalid(&self, at: &str, message: &str) -> Problem {
        let place = self.place(at);
        let key = match at.rsplit('/').next().unwrap_or_default() {
            "" => "the configuration".to_owned(),
            key => format!("`{}`", crate::document::unescape(key)),
        };
        let message = format!("{place}{key}: {message}");
        Problem { code: codes::CONFIG_INVALID, at: Some(at.to_owned()), message, hint: None }
    }

    fn diagnostic(&self, problem: Problem, is_sensitive: bool) -> Diagnostic {
        let bare =
            Diagnostic { hint: problem.hint, ..Diagnostic::error(problem.code, problem.message) };
        let root = base(self.manifest.name.as_str());
        let Some(at) = problem.at else { return bare };
        let pointer = format!("{root}{at}");
        let is_key = matches!(problem.code, codes::CONFIG_UNKNOWN_KEY | codes::CONFIG_LACKS);
        let from_file =
            matches!(self.source(&at), ConfigSource::File) || problem.code == codes::CONFIG_LACKS;
        let Some(file) = self.given.file.filter(|_| from_file) else {
            return Diagnostic { pointer, ..bare };
        };
        let document = file.document();
        // What is not there has no place: what lacks it has.
        let mut place = pointer.as_str();
        let position = loop {
            let found =
                if is_key { document.key_position(place) } else { document.position(place) };
            match (found, place.rsplit_once('/')) {
                // Above the plugin's own section nothing is said about it.
                _ if place.len() < "/plugins/".len() => break None,
                (Some(found), _) => break Some(found),
                (None, Some((outer, _))) => place = outer,
                (None, None) => break None,
            }
        };
        let snippet = position.and_then(|position| document.snippet(position));
        // On the line, or in a text that goes on over lines, may be a secret.
        let snippet = match is_sensitive {
            true => snippet.as_deref().and_then(super::unseen::without_values),
            false => snippet,
        };
        Diagnostic { position, snippet, pointer, ..bare.at(file.path()) }
    }

    fn sources(
        &self,
        value: &Value,
        keys: &mut Vec<String>,
        out: &mut Vec<(Vec<String>, ConfigSource)>,
    ) {
        debug_assert!(self.value.is_object() || keys.is_empty());
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (key, inner) in fields {
                    keys.push(key.clone());
                    self.sources(inner, keys, out);
                    keys.pop();
                }
            }
            _ if keys.is_empty() => {}
            _ => {
                let at: String = keys.iter().map(|key| format!("/{}", escape(key))).collect();
                out.push((keys.clone(), self.source(&at)));
            }
        }
    }
}

/// One configuration over another: objects are merged, everything else is replaced.
pub fn overlaid(under: &Value, over: &Value) -> Value {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            let mut merged = under.clone();
            for (key, value) in over {
                let value =
                    merged.get(key).map_or_else(|| value.clone(), |own| overlaid(own, value));
                merged.insert(key.clone(), value);
            }
            Value::Object(merged)
        }
        _ => over.clone(),
    }
}

fn masked(value: &Value, secrets: &crate::schema::mask::Secrets, at: &str) -> Value {
    if secrets.is(at) {
        return "***".into();
    }
    let below = |key: &str, value: &Value| masked(value, secrets, &format!("{at}/{}", escape(key)));
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, own)| (key.clone(), below(key, own))).collect())
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, own)| below(&index.to_string(), own)).collect()
        }
        other => other.clone(),
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the value: it holds what the plugin keeps secret.
        f.debug_struct("Configured")
            .field("masked", &self.masked)
            .field("sources", &self.sources)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("file", &self.file).finish_non_exhaustive()
    }
}
