//! [`EventCatalog`]: every event type an application knows.

mod binding;
mod model;
pub(crate) mod pattern;
mod read;
mod shipped;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use hookspec_plugin::{Pattern, Segment};

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Kind;
use crate::reader::nearest;
use crate::schema::Loader;

use binding::unheard;
pub(crate) use model::Place;
pub use model::{EventDeclaration, EventNamespace};
use read::{File, read};

/// Every event type an application knows, by namespace. Clones share it.
///
/// It is read with the hookspecs: each `events/<namespace>.yaml` directly below a root of
/// [`Catalog::load`](crate::Catalog::load) declares one namespace.
///
/// ```
/// use hookspec_spec::{Catalog, Source};
///
/// let catalog = Catalog::from_sources([Source::new("events/deploy.yaml", "
/// namespace: deploy
/// version: 1.0.0
/// events:
///   - type: deploy.completed
///     data_schema: { type: object, required: [target] }
/// ")])?;
/// let events = catalog.events();
/// let completed = events.find("deploy.completed").ok_or("not there")?;
/// assert!(!completed.schema.is_valid(&serde_json::json!({})));
/// assert_eq!(events.nearest("deploy.complete"), Some("deploy.completed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EventCatalog(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    namespaces: BTreeMap<String, Arc<EventNamespace>>,
    declarations: BTreeMap<String, Arc<EventDeclaration>>,
}

impl EventCatalog {
    /// A catalog without events.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The events that this project ships: `core`, `workflow`, `step`, `user` and `data`.
    pub fn shipped() -> Self {
        shipped::catalog()
    }

    /// These events, and of the shipped ones what these leave open: whole namespaces that are not
    /// here. Of `core`, which the host itself publishes, every shipped type is there as it is
    /// shipped, whatever is declared of it here.
    #[must_use]
    pub fn with_shipped(&self) -> Self {
        let shipped = Self::shipped();
        let mut all = Inner::clone(&self.0);
        for (name, declaration) in &shipped.0.declarations {
            let own = shipped.namespace_of(name).map(|own| own.name.as_str());
            let is_here = own.is_some_and(|own| self.0.namespaces.contains_key(own));
            // The host's own events satisfy these schemas, and need not satisfy an application's.
            if !is_here || own == Some(shipped::CORE) {
                all.declarations.insert(name.clone(), Arc::clone(declaration));
            }
        }
        for (name, namespace) in &shipped.0.namespaces {
            all.namespaces.entry(name.clone()).or_insert_with(|| Arc::clone(namespace));
        }
        Self(Arc::new(all))
    }

    /// What is declared of an event type.
    pub fn find(&self, event_type: &str) -> Option<&EventDeclaration> {
        self.0.declarations.get(event_type).map(Arc::as_ref)
    }

    /// The namespace that an event type lies below, declared or not; of several, the longest.
    pub fn namespace_of(&self, event_type: &str) -> Option<&EventNamespace> {
        let mut rest = event_type;
        while let Some((above, _)) = rest.rsplit_once('.') {
            if let Some(namespace) = self.0.namespaces.get(above) {
                return Some(namespace);
            }
            rest = above;
        }
        None
    }

    /// Every namespace, by name.
    pub fn namespaces(&self) -> impl Iterator<Item = &EventNamespace> {
        self.0.namespaces.values().map(Arc::as_ref)
    }

    /// Every declared event type, in the order of the types.
    pub fn declarations(&self) -> impl Iterator<Item = &EventDeclaration> {
        self.0.declarations.values().map(Arc::as_ref)
    }

    /// The declared type that a text was probably meant to be.
    pub fn nearest(&self, text: &str) -> Option<&str> {
        let known: Vec<&str> = self.0.declarations.keys().map(String::as_str).collect();
        nearest(text, &known)
    }

    /// Whether a pattern means something: a declared type, or one that an open namespace may hold.
    pub fn may_match(&self, pattern: &Pattern) -> bool {
        self.0.declarations.keys().any(|known| pattern.matches(known))
            || self.may_match_undeclared(pattern)
    }

    /// Whether a pattern means a type that is not declared, and that an open namespace may hold.
    pub fn may_match_undeclared(&self, pattern: &Pattern) -> bool {
        let mut open = self.namespaces().filter(|namespace| namespace.open);
        // One with a wildcard means more types than are declared.
        self.find(pattern.as_str()).is_none()
            && open.any(|namespace| Self::reaches(&namespace.name, pattern))
    }

    /// Whether a pattern means a type below a namespace.
    pub fn reaches(namespace: &str, pattern: &Pattern) -> bool {
        below(namespace, pattern).iter().any(|text| pattern.matches(text))
    }
}

/// Types below a namespace of which the pattern means one, if it means any type below it: the
/// namespace's own segments, then the pattern's, and some name where the pattern leaves it open. The
/// first is as short as such a type can be, the second as long as the pattern.
fn below(namespace: &str, pattern: &Pattern) -> [String; 2] {
    let own: Vec<&str> = namespace.split('.').collect();
    let wanted = pattern.segments();
    let segment = |index: usize| match (own.get(index), wanted.get(index)) {
        (Some(own), _) => *own,
        (None, Some(Segment::Exact(text))) => text,
        (None, _) => "any",
    };
    let of_length = |length: usize| (0..length).map(segment).collect::<Vec<_>>().join(".");
    let least = own.len() + 1;
    [of_length(least), of_length(least.max(wanted.len()))]
}

/// Collects files of events, each of which must agree with the others.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    all: Inner,
    /// Whether a file has a mistake or could not be looked at, so that not all events are known.
    pub(crate) broken: bool,
}

impl Builder {
    /// Adds what a file declares; answers what is wrong with it, and where it contradicts one that
    /// was added before.
    pub(crate) fn read(&mut self, path: &Path, loader: &mut Loader<'_>) -> Vec<Diagnostic> {
        let (file, mut found) = read(path, loader);
        match file {
            Some(File { namespace, declarations }) => {
                let declarations = declarations.into_iter().map(Arc::new);
                found.extend(self.join(std::iter::once(Arc::new(namespace)), declarations));
            }
            None => self.broken = true,
        }
        found
    }

    /// Adds everything that a catalog declares; answers where it contradicts what was there.
    pub(crate) fn merge(&mut self, other: &EventCatalog) -> Vec<Diagnostic> {
        let Inner { namespaces, declarations } = &*other.0;
        self.join(namespaces.values().cloned(), declarations.values().cloned())
    }

    fn join(
        &mut self,
        namespaces: impl Iterator<Item = Arc<EventNamespace>>,
        declarations: impl Iterator<Item = Arc<EventDeclaration>>,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        // What a file says twice is told once: that its namespace is there twice.
        let mut refused = BTreeSet::new();
        for namespace in namespaces {
            if let Some(first) = self.all.namespaces.get(&namespace.name) {
                let message = format!(
                    "namespace `{}` is already declared by {}",
                    namespace.name,
                    first.file.display()
                );
                let code = codes::EVENTS_DUPLICATE_NAMESPACE;
                let hint = "join the two files, or give one of them another namespace";
                found.push(at(code, message, hint, &namespace.file, &namespace.place));
                refused.insert(namespace.file.clone());
                continue;
            }
            self.all.namespaces.insert(namespace.name.clone(), namespace);
        }
        for declaration in declarations {
            if refused.contains(&declaration.file) {
                continue;
            }
            let name = declaration.event_type.as_str();
            if let Some(first) = self.all.declarations.get(name) {
                let message = format!("`{name}` is already declared by {}", first.file.display());
                let (code, hint) = (codes::EVENTS_DUPLICATE_TYPE, "remove one of the two");
                found.push(at(code, message, hint, &declaration.file, &declaration.place));
                continue;
            }
            self.all.declarations.insert(name.to_owned(), declaration);
        }
        self.broken |= !found.is_empty();
        found
    }

    /// The events, and what hooks of these kinds are bound to and no event can be. While not all
    /// events are known, nobody is told of one that is missing.
    pub(crate) fn finish<'a>(
        self,
        kinds: impl Iterator<Item = &'a Kind>,
    ) -> (EventCatalog, Vec<Diagnostic>) {
        let events = EventCatalog(Arc::new(self.all));
        let found = if self.broken { Vec::new() } else { unheard(kinds, &events) };
        (events, found)
    }
}

/// A mistake at a place that was kept.
fn at(code: &'static str, message: String, hint: &str, file: &Path, place: &Place) -> Diagnostic {
    Diagnostic {
        position: place.position,
        snippet: place.snippet.clone(),
        pointer: place.pointer.clone(),
        ..Diagnostic::error(code, message).at(file).hint(hint)
    }
}
