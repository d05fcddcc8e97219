//! [`Loader`]: finds schema files, joins those that refer to each other, compiles each once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::compile::{self, Mistake};
use super::{Schema, walk};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, escape, shorten};
use crate::files::{Entry, Files, normal};

/// How many files one schema may consist of.
const MOST_FILES: usize = 256;

/// How long a path may be, in bytes.
const LONGEST_PATH: usize = 4096;

/// Reads the schemas below one root.
pub(crate) struct Loader<'a> {
    files: &'a Files,
    schemas: HashMap<PathBuf, Option<Schema>>,
    documents: HashMap<PathBuf, Option<Rc<Document>>>,
    found: Vec<Diagnostic>,
}

/// Why a path leads to no schema: a code, a message and a hint.
pub(crate) type Lost = (&'static str, String, String);

impl<'a> Loader<'a> {
    pub(crate) fn new(files: &'a Files) -> Self {
        Self { files, schemas: HashMap::new(), documents: HashMap::new(), found: Vec::new() }
    }

    pub(crate) fn files(&self) -> &'a Files {
        self.files
    }

    /// What was found wrong since the last time.
    pub(crate) fn take_found(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.found)
    }

    /// Every schema file that was read.
    pub(crate) fn into_paths(self) -> Vec<PathBuf> {
        self.documents.into_keys().collect()
    }

    /// The file that a hookspec names: beside it, then in each folder above it up to the root.
    pub(crate) fn find(&self, hookspec: &Path, given: &str) -> Result<PathBuf, Lost> {
        let shown = shorten(given);
        let outside = |why: &str| {
            let hint = "write a path below the root, relative to the hookspec or a folder above it";
            Err((codes::SCHEMA_OUTSIDE, format!("the schema path `{shown}` {why}"), hint.into()))
        };
        if given.len() > LONGEST_PATH {
            return outside("is longer than paths can be");
        }
        if given.contains("://") {
            return outside("is an address; schemas are local files");
        }
        let path = Path::new(given);
        if path.has_root() || path.is_absolute() || given.get(1..2) == Some(":") {
            return outside("is absolute");
        }
        let root = self.files.root();
        let below = hookspec.strip_prefix(root).unwrap_or(hookspec);
        let (mut tried, mut folder) = (Vec::new(), None);
        for ancestor in below.ancestors().skip(1) {
            let Some(candidate) = normal(&ancestor.join(path)) else { continue };
            let candidate = root.join(candidate);
            match self.files.entry(&candidate) {
                Entry::File => return Ok(candidate),
                Entry::Folder => folder = folder.or(Some(candidate)),
                Entry::Outside => return outside("is a link that leaves the root"),
                Entry::Missing => tried.push(candidate.display().to_string()),
            }
        }
        if let Some(folder) = folder {
            let message = format!("the schema path `{shown}` is a folder: {}", folder.display());
            return Err((codes::SCHEMA_FOLDER, message, "name a file in it".into()));
        }
        if tried.is_empty() {
            return outside("leaves the root");
        }
        let message = format!("the schema `{shown}` does not exist; tried {}", tried.join(", "));
        Err((codes::SCHEMA_MISSING, message, "create the file, or correct the path".into()))
    }

    /// The schema in a file; `None` when it has mistakes, which are reported once.
    pub(crate) fn schema(&mut self, path: &Path) -> Option<Schema> {
        if let Some(known) = self.schemas.get(path) {
            return known.clone();
        }
        let schema = self.compile(path);
        self.schemas.insert(path.to_owned(), schema.clone());
        schema
    }

    fn document(&mut self, path: &Path) -> Option<Rc<Document>> {
        if let Some(known) = self.documents.get(path) {
            return known.clone();
        }
        let read = self.files.read(path).map_err(|diagnostic| vec![*diagnostic]);
        let read = read.and_then(|text| {
            Document::by_name(path.to_owned(), text).map_err(|found| found.into_vec())
        });
        let document = match read {
            Ok(document) => {
                let mistakes = compile::keywords(document.value());
                self.report(&document, mistakes).then(|| Rc::new(document))
            }
            Err(found) => {
                self.found.extend(found);
                None
            }
        };
        self.documents.insert(path.to_owned(), document.clone());
        document
    }

    /// Reports mistakes at their places; true when there are none.
    fn report(&mut self, document: &Document, mistakes: Vec<Mistake>) -> bool {
        let fine = mistakes.is_empty();
        self.found.extend(mistakes.into_iter().map(|mistake| {
            let position = document.position(&mistake.pointer).or_else(|| document.position(""));
            Diagnostic {
                position,
                snippet: position.and_then(|position| document.snippet(position)),
                pointer: mistake.pointer,
                hint: mistake.hint,
                ..Diagnostic::error(mistake.code, mistake.message).at(document.path())
            }
        }));
        fine
    }

    fn compile(&mut self, path: &Path) -> Option<Schema> {
        let root = self.document(path)?;
        let mut bundle = Bundle { parts: vec![Part { document: root, key: None }] };
        let mut whole = bundle.parts[0].document.value().clone();
        let mut fine = true;
        let mut next = 0;
        while let Some(part) = bundle.parts.get(next).cloned() {
            let mut value = part.document.value().clone();
            let mut mistakes = Vec::new();
            for (pointer, reference) in references(part.document.value()) {
                match self.target(&mut bundle, &part, &reference) {
                    Ok(rewritten) => {
                        if let Some(slot) = value.pointer_mut(&pointer) {
                            *slot = Value::String(rewritten);
                        }
                    }
                    Err(None) => fine = false,
                    Err(Some((code, message))) => {
                        mistakes.push(Mistake::new(code, &pointer, message))
                    }
                }
            }
            fine &= self.report(&part.document, mistakes);
            match &part.key {
                None => whole = value,
                Some(key) => embed(&mut whole, key, value),
            }
            next += 1;
        }
        if !(fine && self.resolved(&bundle, &whole)) {
            return None;
        }
        match compile::bundled(whole, Some(path.to_owned())) {
            Ok(schema) => Some(schema),
            Err(mistakes) => {
                for mistake in mistakes {
                    let (document, pointer) = bundle.locate(&mistake.pointer);
                    self.report(&document, vec![Mistake { pointer, ..mistake }]);
                }
                None
            }
        }
    }

    /// A reference as it is written in the bundle. `Err(None)`: already reported.
    fn target(
        &mut self,
        bundle: &mut Bundle,
        from: &Part,
        reference: &str,
    ) -> Result<String, Option<(&'static str, String)>> {
        let shown = shorten(reference);
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let own = from.document.value().get("$id").and_then(Value::as_str);
        if file.is_empty() || own.is_some_and(|id| id.trim_end_matches('#') == file) {
            return Ok(prefixed(from.key.as_deref(), fragment));
        }
        if file.contains(':') || file.starts_with("//") {
            let message = format!("`{shown}` leaves the local files; nothing is ever fetched");
            return Err(Some((codes::REMOTE_REF, message)));
        }
        let outside = || Some((codes::SCHEMA_OUTSIDE, format!("`{shown}` leaves the root")));
        if file.starts_with('/') {
            return Err(outside());
        }
        let root = self.files.root();
        let folder = from.document.path().parent().unwrap_or(Path::new(""));
        let folder = folder.strip_prefix(root).unwrap_or(folder);
        let path = normal(&folder.join(walk::percent_decoded(file))).ok_or_else(outside)?;
        let path = root.join(path);
        match self.files.entry(&path) {
            Entry::File => {}
            Entry::Outside => return Err(outside()),
            Entry::Folder | Entry::Missing => {
                let message = format!("`{shown}` refers to no file: tried {}", path.display());
                return Err(Some((codes::BAD_REF, message)));
            }
        }
        let document = self.document(&path).ok_or(None)?;
        let key = bundle.key_of(document).ok_or_else(|| {
            Some((codes::TOO_LARGE, format!("the schema consists of more than {MOST_FILES} files")))
        })?;
        Ok(prefixed(key.as_deref(), fragment))
    }

    /// Whether every reference in the bundle leads somewhere.
    fn resolved(&mut self, bundle: &Bundle, whole: &Value) -> bool {
        let (anchors, schemas) = (walk::anchors(whole), walk::schemas(whole));
        let mut fine = true;
        for (pointer, reference) in references(whole) {
            let target = walk::resolve(whole, &anchors, &reference);
            if let Some(why) = compile::unfit(target, &schemas) {
                let (document, pointer) = bundle.locate(&pointer);
                let written = document.value().pointer(&pointer).and_then(Value::as_str);
                let written = shorten(written.unwrap_or(&reference));
                let message = format!("`{written}` refers to {}", why.0);
                let mistake = Mistake::new(codes::BAD_REF, &pointer, message).hint(why.1);
                fine = self.report(&document, vec![mistake]);
            }
        }
        fine
    }
}

/// Every `$ref` and `$dynamicRef` of a document: where, and to what.
fn references(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk::visit(document, |pointer, schema| {
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(reference) = schema.get(keyword).and_then(Value::as_str) {
                found.push((format!("{pointer}/{keyword}"), reference.to_owned()));
            }
        }
    });
    found
}

fn prefixed(key: Option<&str>, fragment: &str) -> String {
    match key {
        Some(key) if fragment.is_empty() || fragment.starts_with('/') => {
            format!("#/$defs/{}{fragment}", escape(key))
        }
        // Anchors are names of the whole bundle.
        _ => format!("#{fragment}"),
    }
}

fn embed(whole: &mut Value, key: &str, mut part: Value) {
    if let Some(fields) = part.as_object_mut() {
        // An `$id` would make references inside the part relative to it.
        fields.shift_remove("$id");
        fields.shift_remove("$schema");
    }
    let Some(fields) = whole.as_object_mut() else { return };
    let defs = fields.entry("$defs").or_insert_with(|| Value::Object(Map::new()));
    if let Some(defs) = defs.as_object_mut() {
        defs.insert(key.to_owned(), part);
    }
}

/// The files one schema consists of; the first is the schema, the others stand in its `$defs`.
struct Bundle {
    parts: Vec<Part>,
}

#[derive(Clone)]
struct Part {
    document: Rc<Document>,
    key: Option<String>,
}

impl Bundle {
    /// The name of a file in `$defs`: the file's own, so that a bundle does not depend on where
    /// its folder is. `None`: there are too many.
    fn key_of(&mut self, document: Rc<Document>) -> Option<Option<String>> {
        if let Some(part) = self.parts.iter().find(|part| part.document.path() == document.path()) {
            return Some(part.key.clone());
        }
        if self.parts.len() >= MOST_FILES {
            return None;
        }
        let name = document.path().file_name().map_or("file".into(), |name| name.to_string_lossy());
        let root = self.parts.first().map(|part| Rc::clone(&part.document));
        let taken = |key: &str| {
            self.parts.iter().any(|part| part.key.as_deref() == Some(key))
                || root.as_ref().is_some_and(|root| {
                    root.value().pointer(&format!("/$defs/{}", escape(key))).is_some()
                })
        };
        let mut key = name.to_string();
        let mut number = 2;
        while taken(&key) {
            key = format!("{name}-{number}");
            number += 1;
        }
        self.parts.push(Part { document, key: Some(key.clone()) });
        Some(Some(key))
    }

    /// The file, and the place in it, of a place in the bundle.
    fn locate(&self, pointer: &str) -> (Rc<Document>, String) {
        let embedded = self.parts.iter().find_map(|part| {
            let rest = pointer.strip_prefix(&format!("/$defs/{}", escape(part.key.as_deref()?)))?;
            (rest.is_empty() || rest.starts_with('/'))
                .then(|| (Rc::clone(&part.document), rest.to_owned()))
        });
        embedded.unwrap_or_else(|| (Rc::clone(&self.parts[0].document), pointer.to_owned()))
    }
}
