//! [`Facts`]: what a case is run with that its file cannot know, and the `${…}` that stand for it.
//!
//! | written | stands for |
//! |---|---|
//! | `${folder}` | the case's own folder, which holds what `given.files` lists |
//! | `${plugin}` | the name of the plugin |
//! | `${manifest:/supports_extensions/0}` | what its manifest has at that JSON pointer |
//! | `$${` | `${` itself |
//!
//! A text that is nothing but one placeholder becomes the value, whatever its type.

use std::path::Path;

use serde_json::Value;

use super::mistake::{Report, join};

/// What placeholders stand for.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) folder: &'a Path,
    pub(super) plugin: &'a str,
    pub(super) manifest: &'a Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Folder,
    Plugin,
    Manifest(&'a str),
}

/// A text and the placeholders in it.
fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            parts.extend([Part::Text(before), Part::Text("${")]);
            rest = after;
            continue;
        }
        let Some((name, behind)) = after.split_once('}') else {
            return Err("`${` without `}`; write `$${` for the text itself".into());
        };
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(match (name, name.strip_prefix("manifest:")) {
            ("folder", _) => Part::Folder,
            ("plugin", _) => Part::Plugin,
            (_, Some(pointer)) if pointer.starts_with('/') => Part::Manifest(pointer),
            _ => {
                return Err(format!(
                    "`${{{name}}}` stands for nothing; known: ${{folder}}, ${{plugin}}, \
                     ${{manifest:/json/pointer}}, and `$${{` for the text itself"
                ));
            }
        });
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

/// Reports every placeholder in a value that stands for nothing.
pub(super) fn check(report: &mut Report<'_>, value: &Value, at: &str) {
    match value {
        Value::String(text) => {
            if let Err(why) = parts(text) {
                report.add(at, why);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check(report, item, &format!("{at}/{index}"));
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                check(report, field, &join(at, key));
            }
        }
        _ => {}
    }
}

/// Whether a value says the same whatever it is run with.
pub(super) fn is_constant(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains("${"),
        Value::Array(items) => items.iter().all(is_constant),
        Value::Object(fields) => fields.values().all(is_constant),
        _ => true,
    }
}

impl Facts<'_> {
    /// The value with everything that placeholders stand for.
    ///
    /// # Errors
    /// The manifest has nothing at a pointer: `given.manifest` should have asked for it.
    pub(super) fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.fill_text(text)?,
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.fill(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, v)| Ok((key.clone(), self.fill(v)?)));
                Value::Object(fields.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    fn fill_text(&self, text: &str) -> Result<Value, String> {
        let parts = parts(text)?;
        if let [only] = parts.as_slice() {
            return self.value(*only);
        }
        let mut filled = String::new();
        for part in parts {
            match self.value(part)? {
                Value::String(text) => filled.push_str(&text),
                other => filled.push_str(&other.to_string()),
            }
        }
        Ok(Value::String(filled))
    }

    fn value(&self, part: Part<'_>) -> Result<Value, String> {
        Ok(match part {
            Part::Text(text) => text.into(),
            Part::Folder => self.folder.to_string_lossy().into(),
            Part::Plugin => self.plugin.into(),
            Part::Manifest(pointer) => self.manifest.pointer(pointer).cloned().ok_or_else(|| {
                let plugin = self.plugin;
                format!(
                    "the manifest of {plugin} has nothing at {pointer}; let `given.manifest` ask \
                     for it"
                )
            })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_filled_and_mistakes_are_told() {
        let manifest = json!({ "priority": 7, "supports_extensions": ["rs"] });
        let facts = Facts { folder: Path::new("/f"), plugin: "p", manifest: &manifest };
        let filled = facts.fill(&json!({
            "a": ["${folder}/x.${manifest:/supports_extensions/0}", "${manifest:/priority}"],
            "b": "no $${plugin} but ${plugin}: ${manifest:/priority}",
        }));
        let expected = json!({ "a": ["/f/x.rs", 7], "b": "no ${plugin} but p: 7" });
        assert_eq!(filled.unwrap(), expected);
        let missing = facts.fill(&json!("${manifest:/nothing}")).unwrap_err();
        assert!(missing.contains("/nothing"), "{missing}");
        assert!(parts("${folder").is_err() && parts("${other}").is_err() && parts("").is_ok());
    }
}
