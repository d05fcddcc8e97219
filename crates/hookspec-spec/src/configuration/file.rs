//! [`HostConfiguration`]: the file, read, with a place for everything in it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_plugin::PluginName;
use serde_json::Value;

use super::overrides::{FIELDS, Overrides};
use super::{toml_key, unseen};
use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, escape};
use crate::manifest::fields;
use crate::reader::{Codes, Object, Report, nearest, object};

const CODES: Codes = Codes {
    unknown_key: codes::CONFIG_UNKNOWN_KEY,
    missing: codes::CONFIG_LACKS,
    wrong_type: codes::CONFIG_WRONG_TYPE,
    unknown_value: codes::CONFIG_UNKNOWN_VALUE,
    out_of_range: codes::CONFIG_OUT_OF_RANGE,
};

/// A configuration file that was read: a section for each plugin that the host has a word about.
///
/// Whether a plugin's `config` is what the plugin accepts is asked by
/// [`configure`](super::configure), for which its manifest is needed.
///
/// ```
/// # use hookspec_spec::configuration::HostConfiguration;
/// let text = "[plugins.audit-logger]\npriorty = 10\n";
/// let mistakes = HostConfiguration::parse("hookspec.toml", text).unwrap_err();
/// assert!(mistakes.to_string().contains("hookspec.toml:2:1: error[HS-C002]: unknown key `priorty`"));
/// assert!(mistakes.to_string().contains("did you mean `priority`?"));
/// ```
#[derive(Clone)]
pub struct HostConfiguration {
    document: Arc<Document>,
    plugins: BTreeMap<PluginName, Overrides>,
}

/// What could be read of a configuration that has mistakes, so that those of its values can be
/// told together with those of its form.
#[derive(Clone, Debug)]
pub struct Partial {
    /// What is left when everything that is broken is left out; `None` of a text that is no TOML.
    pub configuration: Option<HostConfiguration>,
    /// The mistakes.
    pub mistakes: Vec<Diagnostic>,
}

impl HostConfiguration {
    /// Reads a file.
    ///
    /// # Errors
    /// Every mistake of its form, each with its place; or that it cannot be read. Correct the file.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        Self::read_partly(path).whole()
    }

    /// Reads a text; the path is for messages.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    pub fn parse(path: impl Into<PathBuf>, text: impl Into<String>) -> Result<Self, Diagnostics> {
        partly(path.into(), text.into()).whole()
    }

    /// Reads a file as far as it can be read.
    pub fn read_partly(path: &Path) -> Partial {
        match crate::files::read(path) {
            Ok(text) => partly(path.to_owned(), text),
            Err(unreadable) => {
                let message = format!("the configuration: {}", unreadable.message);
                let unreadable = Diagnostic {
                    code: codes::CONFIG_UNREADABLE,
                    message,
                    hint: Some("check the path, or write the file".into()),
                    ..*unreadable
                };
                Partial { configuration: None, mistakes: vec![unreadable] }
            }
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.document.path()
    }

    /// The plugins that have a section, by name.
    pub fn plugins(&self) -> impl Iterator<Item = &PluginName> {
        self.plugins.keys()
    }

    /// What the host decides about a plugin that has a section.
    pub fn overrides(&self, plugin: &str) -> Option<&Overrides> {
        self.plugins.get(plugin)
    }

    /// What a plugin is given to read; masked nowhere, so for the plugin alone.
    pub fn config(&self, plugin: &str) -> Option<&Value> {
        self.document.value().pointer(&base(plugin)).filter(|value| value.is_object())
    }

    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    /// The sections of plugins that are none of those known.
    pub fn strangers<'a>(&self, known: impl IntoIterator<Item = &'a str>) -> Vec<Diagnostic> {
        let known: Vec<&str> = known.into_iter().collect();
        let strangers = self.plugins.keys().filter(|name| !known.contains(&name.as_str()));
        let stranger = |name: &PluginName| {
            let shown = crate::document::shorten(name.as_str());
            let hint = match nearest(name.as_str(), &known) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "no plugin is registered".into(),
                None => format!("plugins: {}", listed(&known)),
            };
            let message =
                format!("[plugins.{}]: no plugin `{shown}` is registered", toml_key(&shown));
            self.at_key(
                codes::CONFIG_STRANGER,
                format!("/plugins/{}", escape(name.as_str())),
                message,
            )
            .hint(hint)
        };
        strangers.map(stranger).collect()
    }

    /// That a plugin cannot be in shadow, because it is in no chain.
    pub fn no_shadow(&self, plugin: &str, kind: &str) -> Diagnostic {
        let message =
            format!("plugin `{plugin}`: `shadow` is for chains, and kind `{kind}` has none");
        let pointer = format!("/plugins/{}/shadow", escape(plugin));
        self.at_key(codes::CONFIG_SHADOW, pointer, message).hint("remove it")
    }

    fn at_key(&self, code: &'static str, pointer: String, message: String) -> Diagnostic {
        let position = self.document.key_position(&pointer);
        let snippet = position.and_then(|position| self.document.snippet(position));
        let snippet = snippet.and_then(|line| unseen::without_values(&line));
        Diagnostic {
            position,
            snippet,
            pointer,
            ..Diagnostic::error(code, message).at(self.path())
        }
    }
}

impl Partial {
    fn whole(self) -> Result<HostConfiguration, Diagnostics> {
        let path = self.configuration.as_ref().map(|own| own.path().to_owned());
        Diagnostics::split(self.mistakes)?;
        // Without a configuration there is a mistake, so the error below is not reached.
        self.configuration.ok_or_else(|| {
            let error = Diagnostic::error(codes::CONFIG_UNREADABLE, "the file cannot be read");
            Diagnostic { path, ..error }.into()
        })
    }
}

/// Where a plugin's own configuration stands.
pub(super) fn base(plugin: &str) -> String {
    format!("/plugins/{}/config", escape(plugin))
}

fn partly(path: PathBuf, text: String) -> Partial {
    // Nothing configured is a configuration.
    let text = if text.trim().is_empty() { "#".to_owned() } else { text };
    let long_texts = text.contains("\"\"\"") || text.contains("'''");
    let document = match Document::toml(path, text) {
        Ok(document) => Arc::new(document),
        Err(found) => {
            // Nobody knows yet what in it is a secret.
            let unseen = found.into_iter().map(|each| Diagnostic {
                snippet: each
                    .snippet
                    .filter(|_| !long_texts)
                    .as_deref()
                    .and_then(unseen::without_values),
                ..each
            });
            return Partial { configuration: None, mistakes: unseen.collect() };
        }
    };
    let mut report = Report::new(Some(&document), &CODES);
    let mut plugins = BTreeMap::new();
    if let Some(root) = object(&mut report, document.value(), String::new()) {
        root.only(&mut report, &["plugins"]);
        let sections = root.object(&mut report, "plugins");
        for (name, section) in sections.iter().flat_map(|sections| sections.fields) {
            let at = format!("/plugins/{}", escape(name));
            let Value::Object(fields) = section else {
                let shown = crate::document::shorten(name);
                let message = format!("[plugins.{}] must be a table", toml_key(&shown));
                report.error_unseen(CODES.wrong_type, &at, message);
                continue;
            };
            let section = Object { fields, pointer: at };
            if let Some(config) = section.get("config").filter(|config| !config.is_object()) {
                let message = format!("`config` must be a table, and is {}", sort(config));
                report.error_unseen(CODES.wrong_type, &section.at("config"), message);
            }
            let rules = fields::Rules { ours: true, strict_names: false, patterns: true };
            let read = fields::read(&section, FIELDS, rules, &mut report);
            plugins.insert(PluginName::from(name.as_str()), Overrides::from_fields(&read));
        }
    }
    let unseen = report.finish().into_iter().map(|each| Diagnostic {
        // An unknown key may be a secret that stands in the wrong table.
        snippet: match each.code == CODES.unknown_key {
            true => each.snippet.as_deref().and_then(unseen::without_values),
            false => each.snippet,
        },
        ..each
    });
    let mistakes = unseen.collect();
    Partial { configuration: Some(HostConfiguration { document, plugins }), mistakes }
}

/// The first of many names.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    let shown = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST { format!("{shown}, …") } else { shown }
}

/// What sort of value it is, without the value.
fn sort(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

impl fmt::Debug for HostConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the document: it holds what plugins keep secret.
        f.debug_struct("HostConfiguration")
            .field("path", &self.path())
            .field("plugins", &self.plugins)
            .finish_non_exhaustive()
    }
}
