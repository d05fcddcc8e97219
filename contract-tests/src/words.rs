//! [`Words`]: which of the texts that a vector looks for bind this implementation.

use std::collections::BTreeSet;

use hookspec_plugin::Manifest;
use serde_json::Value;

/// The names that a vector uses. A text that is one of them must be found in a message; any other
/// text is another implementation's phrase.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    names: BTreeSet<String>,
    /// The plugins among them: those that a log record can be about.
    plugins: BTreeSet<String>,
}

/// Tables of manifest files.
const TABLES: [&str; 3] = ["plugin", "dagstack.plugin", "tool.dagstack.plugin"];

/// Where a name stands as the value of a key.
const NAMED_BY: [&str; 3] = ["name", "kind", "hook"];

/// Where names stand as a list.
const LISTED_BY: [&str; 4] = ["depends_on", "required", "optional", "resources"];

impl Words {
    pub(crate) fn of(input: &Value) -> Self {
        let mut words = Self::default();
        words.names.extend(TABLES.map(str::to_owned));
        if let Ok(every_field) = serde_json::to_value(Manifest::new("", "")) {
            words.keys(&every_field);
        }
        if let Some(manifest) = input.get("manifest") {
            words.keys(manifest);
        }
        words.collect(input);
        let plugins = input.get("plugins").and_then(Value::as_array).into_iter().flatten();
        let named = plugins.chain(input.get("manifest"));
        words.plugins.extend(named.filter_map(|one| one.get("name")?.as_str().map(str::to_owned)));
        words.names.remove("");
        words
    }

    /// A plugin that the scenario names outside of its input.
    pub(crate) fn plugin(&mut self, name: &str) {
        self.names.insert(name.to_owned());
        self.plugins.insert(name.to_owned());
    }

    /// A word that the vectors and our reports have in common.
    pub(crate) fn shared(&mut self, word: &str) {
        self.names.insert(word.to_owned());
    }

    pub(crate) fn binds(&self, text: &str) -> bool {
        self.names.contains(text)
    }

    pub(crate) fn plugins(&self) -> impl Iterator<Item = &str> {
        self.plugins.iter().map(String::as_str)
    }

    /// Manifest keys, also nested ones.
    fn keys(&mut self, value: &Value) {
        if let Value::Object(fields) = value {
            for (key, value) in fields {
                self.names.insert(key.clone());
                self.keys(value);
            }
        }
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::String(name) if NAMED_BY.contains(&key.as_str()) => {
                            self.names.insert(name.clone());
                        }
                        Value::Array(names) if LISTED_BY.contains(&key.as_str()) => {
                            let names = names.iter().filter_map(Value::as_str);
                            self.names.extend(names.map(str::to_owned));
                        }
                        Value::Object(hooks) if key == "hooks" => {
                            self.names.extend(hooks.keys().cloned());
                        }
                        _ => {}
                    }
                    self.collect(value);
                }
            }
            _ => {}
        }
    }
}

/// Whether a text contains a name as a whole: `h` is in `k.h`, and not in `the`.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(name).any(|(start, found)| {
        let (before, after) = (&text[..start], &text[start + found.len()..]);
        !before.ends_with(inside) && !after.starts_with(inside)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_binds_and_a_phrase_does_not() {
        let words = Words::of(&json!({
            "plugins": [{ "name": "py", "depends_on": ["ghost"], "hooks": { "h": {} } }],
            "call": { "kind": "k", "hook": "h" },
        }));
        for name in ["py", "ghost", "h", "k", "tryfirst", "idempotency_mode", "dagstack.plugin"] {
            assert!(words.binds(name), "{name}");
        }
        for phrase in ["Candidates checked: 1", "not found", "", "declared as dispatch="] {
            assert!(!words.binds(phrase), "{phrase}");
        }
        assert_eq!(words.plugins().collect::<Vec<_>>(), ["py"]);
    }

    #[test]
    fn a_name_is_mentioned_only_as_a_whole() {
        assert!(mentions("kind `k.h` is", "h"));
        assert!(mentions("[tool.dagstack.plugin]", "dagstack.plugin"));
        assert!(!mentions("the other", "h"));
        assert!(!mentions("tie-break", "tie"));
    }
}
