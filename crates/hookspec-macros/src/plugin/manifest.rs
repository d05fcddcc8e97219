//! The manifest of `#[plugin]`, checked as one that is read from a file.

use std::path::{Path, PathBuf};

use hookspec_spec::Diagnostic;
use hookspec_spec::manifest::{self, Dialect};
use proc_macro2::Span;
use serde_json::{Map, Value};
use syn::{Error, LitStr};

use super::arguments::{Arguments, Manifest};
use super::value::Fields;
use crate::files;

/// A manifest without mistakes.
pub(crate) struct Checked {
    /// Its fields as JSON, without `kind` and `kind_api_version` where the trait says them.
    pub(crate) text: String,
    /// The kind that it names, and where.
    pub(crate) kind: Option<(String, Span)>,
    /// The entry point that it names, where that is no file.
    pub(crate) entry_point: Option<String>,
    /// The file that it was read from, and where that is named.
    pub(crate) file: Option<(PathBuf, LitStr)>,
}

impl Checked {
    /// What stands for a manifest with mistakes: never read, for there is a compile error.
    pub(crate) fn nothing() -> Self {
        Self { text: String::new(), kind: None, entry_point: None, file: None }
    }
}

pub(crate) fn check(arguments: &Arguments, source: Option<&Path>) -> Result<Checked, Error> {
    match &arguments.manifest {
        Manifest::File(path) => in_file(path, source),
        Manifest::Inline(fields) => inline(fields),
    }
}

fn in_file(path: &LitStr, source: Option<&Path>) -> Result<Checked, Error> {
    let at = path.span();
    let file = files::find(path, source)?;
    let loaded = manifest::load(&file)
        .map_err(|found| Error::new(at, format!("the manifest has mistakes:\n{found}")))?;
    let fields = fields_of(&loaded.manifest, at)?;
    let kind = Some((loaded.manifest.kind.to_string(), at));
    Ok(Checked { kind, file: Some((file, path.clone())), ..checked(fields) })
}

fn inline(fields: &Fields) -> Result<Checked, Error> {
    let mut whole = fields.value().clone();
    if !whole.contains_key("name") {
        let message = "a plugin has a name: #[plugin(name = \"...\")], or \
                       #[plugin(manifest = \"plugin.toml\")]";
        return Err(Error::new(fields.place(""), message));
    }
    // What the trait says is filled in where the trait is known; the rest has its defaults here.
    let said = |key: &str| fields.value().contains_key(key);
    let defaults = [
        ("schema_version", "1"),
        ("kind", "unsaid"),
        ("kind_api_version", "1"),
        ("core_version", ""),
        ("runtime", "in_process"),
    ];
    for (key, default) in defaults.into_iter().filter(|(key, _)| !said(key)) {
        whole.insert(key.into(), default.into());
    }
    let manifest =
        manifest::from_value(&Value::Object(whole), Dialect::Hookspec).map_err(|found| {
            let mut errors =
                found.iter().map(|each| Error::new(fields.place(&each.pointer), told(each)));
            let first = errors.next();
            let first =
                first.unwrap_or_else(|| Error::new(fields.place(""), "the manifest has mistakes"));
            errors.fold(first, |mut all, each| {
                all.combine(each);
                all
            })
        })?;
    let mut known = fields_of(&manifest, fields.place(""))?;
    for key in ["kind", "kind_api_version"].into_iter().filter(|key| !said(key)) {
        known.remove(key);
    }
    let kind = said("kind").then(|| (manifest.kind.to_string(), fields.place("/kind")));
    Ok(Checked { kind, ..checked(known) })
}

/// A mistake, and what to do about it.
pub(crate) fn told(mistake: &Diagnostic) -> String {
    let hint = mistake.hint.as_ref().map(|hint| format!("\n  help: {hint}"));
    format!("[{}] {}{}", mistake.code, mistake.message, hint.unwrap_or_default())
}

fn checked(fields: Map<String, Value>) -> Checked {
    let in_process = fields.get("runtime").and_then(Value::as_str) == Some("in_process");
    let entry_point = fields.get("entry_point").and_then(Value::as_str).map(str::to_owned);
    Checked {
        text: Value::Object(fields).to_string(),
        kind: None,
        entry_point: entry_point.filter(|_| in_process),
        file: None,
    }
}

/// The fields that say something.
fn fields_of(manifest: &impl serde::Serialize, at: Span) -> Result<Map<String, Value>, Error> {
    match serde_json::to_value(manifest) {
        Ok(Value::Object(fields)) => {
            Ok(fields.into_iter().filter(|(_, value)| !value.is_null()).collect())
        }
        Ok(_) => Err(Error::new(at, "the manifest is no object")),
        Err(error) => Err(Error::new(at, format!("the manifest cannot be written: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn made(tokens: proc_macro2::TokenStream) -> Result<Checked, Vec<String>> {
        let arguments: Arguments = syn::parse2(tokens).unwrap();
        check(&arguments, None)
            .map_err(|error| error.into_iter().map(|each| each.to_string()).collect())
    }

    #[test]
    fn what_the_trait_knows_is_left_to_it() {
        let made = made(quote!(name = "own", priority = 7)).unwrap();
        let text: Value = serde_json::from_str(&made.text).unwrap();
        assert_eq!((&text["name"], &text["priority"]), (&"own".into(), &7.into()));
        assert_eq!((text.get("kind"), text.get("kind_api_version")), (None, None));
        assert!(made.kind.is_none() && made.entry_point.is_none());
    }

    #[test]
    fn every_mistake_is_said() {
        let found = made(quote! {
            name = "own", prority = 7, timeout_ms = 0, resources = { required = [1] }
        });
        let found = found.err().unwrap();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().any(|each| each.contains("priority")), "{found:?}");
        assert!(made(quote!(priority = 1)).err().unwrap()[0].contains("has a name"));
    }

    #[test]
    fn an_entry_point_of_another_runtime_is_a_file() {
        let made = |tokens| made(tokens).unwrap().entry_point;
        assert_eq!(made(quote!(name = "own", entry_point = "a:B")).as_deref(), Some("a:B"));
        let dylib = quote!(name = "own", runtime = "dylib", entry_point = "libown.so");
        assert_eq!(made(dylib), None);
    }
}
