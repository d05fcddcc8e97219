//! [`Catalog`]: every kind and every event an application knows, checked as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_plugin::{KindName, KnownKind};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::events::{self, EventCatalog};
use crate::files::{Files, Walked};
use crate::model::Kind;
use crate::{codes, hookspec};

/// Every kind an application knows, in every major version, and its events. Clones share it.
///
/// ```
/// use hookspec_spec::{Catalog, DispatchClass, Source};
///
/// let catalog = Catalog::from_sources([
///     Source::new("greeter/v1.yaml", "
/// kind: greeter
/// kind_api_version: 1.0.0
/// hooks:
///   - { name: greet, dispatch: singleton, input_schema: name.json }
/// "),
///     Source::new("greeter/name.json", r#"{ "type": "string", "minLength": 1 }"#),
/// ])?;
/// let kind = catalog.kind("greeter", 1).ok_or("not there")?;
/// let hook = kind.hook("greet").ok_or("not there")?;
/// assert_eq!(hook.dispatch, DispatchClass::Singleton);
/// assert!(hook.input.is_valid(&"Ada".into()) && !hook.input.is_valid(&"".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Catalog(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    kinds: BTreeMap<KindName, BTreeMap<u64, Arc<Kind>>>,
    events: EventCatalog,
    warnings: Vec<Diagnostic>,
}

/// A hookspec or schema file that is held in memory.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path, relative to a root that is not named.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
}

impl Source {
    /// A file of that path and content.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

impl Catalog {
    /// A catalog without kinds.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A catalog without kinds, of these events.
    pub fn of_events(events: EventCatalog) -> Self {
        Self(Arc::new(Inner { events, ..Inner::default() }))
    }

    /// Reads every `v<major>.yaml` below the roots, at any depth, in the order of their paths, and
    /// the `<namespace>.yaml` of a folder `events` directly below a root, which declare events.
    /// Hidden folders are skipped. Roots may overlap: each file is read once.
    ///
    /// # Errors
    /// Every mistake of every file; a root that cannot be read; a kind that two files declare in
    /// the same major version; a namespace or an event that two files declare; a hook that is
    /// bound to what no event here and none that is shipped can be. Correct the files: there is no catalog of the rest.
    pub fn load<P: AsRef<Path>>(roots: impl IntoIterator<Item = P>) -> Result<Self, Diagnostics> {
        let mut builder = Builder::default();
        for root in roots {
            builder.read(&Files::disk(root.as_ref()));
        }
        builder.finish()
    }

    /// Reads hookspecs, events and schemas that are held in memory: what is named `v<major>.yaml`
    /// is a hookspec, every other `events/<namespace>.yaml` declares events, and everything else is
    /// a schema that they may name.
    ///
    /// # Errors
    /// As for [`Catalog::load`].
    pub fn from_sources(sources: impl IntoIterator<Item = Source>) -> Result<Self, Diagnostics> {
        let mut builder = Builder::default();
        builder.read(&Files::memory(sources.into_iter().map(|file| (file.path, file.text))));
        builder.finish()
    }

    /// The kinds and the events of both.
    ///
    /// # Errors
    /// A kind that both have in the same major version, or a namespace or an event that both have.
    /// Remove one of the two files.
    pub fn merge(&self, other: &Self) -> Result<Self, Diagnostics> {
        let mut builder = Builder::default();
        for catalog in [self, other] {
            builder.found.extend(catalog.0.warnings.iter().cloned());
            for kind in catalog.kinds() {
                builder.add(Arc::clone(kind));
            }
            builder.found.extend(builder.events.merge(catalog.events()));
        }
        builder.finish()
    }

    /// One major version of a kind.
    pub fn kind(&self, name: &str, major: u64) -> Option<&Arc<Kind>> {
        self.0.kinds.get(name)?.get(&major)
    }

    /// The major versions of a kind, ascending; empty for a kind that is not known.
    pub fn majors(&self, name: &str) -> Vec<u64> {
        self.0.kinds.get(name).into_iter().flat_map(|majors| majors.keys().copied()).collect()
    }

    /// What a runtime may know of these kinds: names, versions, and what is declared of each hook as a
    /// digest.
    pub fn known_kinds(&self) -> Vec<KnownKind> {
        let known = |kind: &Arc<Kind>| KnownKind {
            name: kind.name.clone(),
            major: kind.major(),
            api_version: kind.api_version.to_string(),
            hooks: kind.hooks.iter().map(|h| (h.name.clone(), h.digest.clone())).collect(),
        };
        self.kinds().map(known).collect()
    }

    /// Every major version of every kind, by name, then major.
    pub fn kinds(&self) -> impl Iterator<Item = &Arc<Kind>> {
        self.0.kinds.values().flat_map(BTreeMap::values)
    }

    /// Every event that the files declare; the shipped ones are not among them unless a file
    /// declares them ([`EventCatalog::with_shipped`]).
    pub fn events(&self) -> &EventCatalog {
        &self.0.events
    }

    /// What the authors of the files should know.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.0.warnings
    }
}

#[derive(Default)]
struct Builder {
    kinds: BTreeMap<KindName, BTreeMap<u64, Arc<Kind>>>,
    events: events::Builder,
    found: Vec<Diagnostic>,
    seen: BTreeSet<PathBuf>,
}

impl Builder {
    fn read(&mut self, files: &Files) {
        let Walked { files: hookspecs, problems } = files.hookspecs();
        let Walked { files: events, problems: unreachable } = files.events();
        let nothing = hookspecs.is_empty() && events.is_empty();
        let fine = problems.is_empty() && unreachable.is_empty();
        self.events.broken |= !unreachable.is_empty();
        self.found.extend(problems.into_iter().chain(unreachable));
        if nothing && fine && !files.in_memory() {
            let message = "no hookspec is below this folder";
            let hint = "hookspecs are named v<major>.yaml, such as tool/v1.yaml";
            self.found.push(Diagnostic {
                severity: crate::Severity::Warning,
                ..Diagnostic::error(codes::NO_HOOKSPEC, message).at(files.root()).hint(hint)
            });
        }
        let mut loader = crate::schema::Loader::new(files);
        for path in events {
            if self.is_new(&path, files) {
                self.found.extend(self.events.read(&path, &mut loader));
            }
        }
        for path in hookspecs {
            if self.is_new(&path, files) {
                let (kind, found) = hookspec::read(&path, &mut loader);
                self.found.extend(found);
                if let Some(kind) = kind {
                    self.add(Arc::new(kind));
                }
            }
        }
    }

    /// Roots may overlap: a file does not contradict itself.
    fn is_new(&mut self, path: &Path, files: &Files) -> bool {
        let same = (!files.in_memory()).then(|| path.canonicalize().ok()).flatten();
        same.is_none_or(|same| self.seen.insert(same))
    }

    fn add(&mut self, kind: Arc<Kind>) {
        let majors = self.kinds.entry(kind.name.clone()).or_default();
        if let Some(first) = majors.get(&kind.major()) {
            self.found.push(hookspec::twice(&kind, &first.source));
            return;
        }
        majors.insert(kind.major(), kind);
    }

    fn finish(mut self) -> Result<Catalog, Diagnostics> {
        let kinds = self.kinds.values().flat_map(BTreeMap::values).map(Arc::as_ref);
        let (events, unheard) = self.events.finish(kinds);
        self.found.extend(unheard);
        let warnings = Diagnostics::split(self.found)?;
        Ok(Catalog(Arc::new(Inner { kinds: self.kinds, events, warnings })))
    }
}
