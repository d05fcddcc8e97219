//! What changed between two versions of a kind: whom each change breaks, and which version bump it
//! demands.
//!
//! | where | what |
//! |---|---|
//! | [`compare`], [`Comparison`], [`Change`] | two kinds, and everything that differs |
//! | [`Bump`] | none, patch, minor, major: what changes demand and versions declare |
//! | [`What`], [`Side`] | the sort of a change, and the payload it is about |
//!
//! Plugins *take* a hook's input and *make* its output, callers the reverse. A payload that is
//! narrowed breaks who makes it, one that is widened breaks who takes it; in a chain everybody does
//! both. Whether schemas are narrowed or widened is decided by a proof in each direction; where
//! there is none, the change is [`undecided`](Change::undecided) and counts as breaking.
//!
//! Schemas are compared by what they accept. A new property of an open object is therefore
//! narrowed: before, a value of any shape was accepted under that name.
//!
//! **Absent**: anything about manifests, and which kinds of two folders belong together.

mod cover;
mod hook;
mod payload;
mod version;

use std::fmt;

use hookspec_plugin::{HookName, KindName};

use crate::model::{Hook, Kind};

pub use version::Bump;

/// Everything that differs between two versions of a kind.
///
/// ```
/// use hookspec_spec::compat::{Bump, compare};
/// use hookspec_spec::{Catalog, Source};
///
/// let kind = |version: &str, hooks: &str| {
///     let text = format!("kind: k\nkind_api_version: {version}\nhooks:\n{hooks}");
///     Catalog::from_sources([Source::new("k/v1.yaml", text)])
/// };
/// let old = kind("1.0.0", "  - { name: a, dispatch: singleton }\n")?;
/// let hooks = "  - { name: a, dispatch: singleton }\n  - { name: b, dispatch: singleton }\n";
/// let new = kind("1.0.1", hooks)?;
///
/// let (Some(old), Some(new)) = (old.kind("k", 1), new.kind("k", 1)) else { return Ok(()) };
/// let comparison = compare(old, new);
/// assert_eq!(comparison.changes.len(), 1);
/// assert_eq!(comparison.demanded(), Bump::Minor);
/// assert_eq!(comparison.declared(), Some(Bump::Patch));
/// assert!(!comparison.suffices());
/// # Ok::<(), hookspec_spec::Diagnostics>(())
/// ```
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The kind, by its new name.
    pub kind: KindName,
    /// The version it had.
    pub old: semver::Version,
    /// The version it has.
    pub new: semver::Version,
    /// What changed: of the kind, then hook by hook in the order of the new file, then the hooks
    /// that are gone.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its sort.
    pub what: What,
    /// The hook; of a renamed one its new name, `None` for the kind as a whole.
    pub hook: Option<HookName>,
    /// The payload, of changes of a schema.
    pub side: Option<Side>,
    /// JSON pointer into the schema: into the new one where something was narrowed, into the old
    /// one where something was widened. Empty for the whole schema, and where there is none.
    pub pointer: String,
    /// What is different, in words.
    pub message: String,
    /// Whether plugins that were right before may be wrong now.
    pub plugins: bool,
    /// Whether callers that were right before may be wrong now.
    pub callers: bool,
    /// What it demands of a version from 1.0.0 on.
    pub bump: Bump,
    /// Whether it is only presumed to break, because nothing is proved about the two schemas.
    pub undecided: bool,
}

/// Which payload of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// What goes in.
    Input,
    /// What comes out.
    Output,
    /// What a chain hands on.
    Value,
}

impl Side {
    /// `input`, `output` or `value`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Value => "value",
        }
    }
}

macro_rules! what {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// The sort of a change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum What { $($(#[$doc])* $variant),+ }

        impl What {
            /// A stable name for programs, such as `hook_removed`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

what!(
    /// What a registry and a runtime must respect.
    Constraints = "constraints",
    /// A hook is new.
    HookAdded = "hook_added",
    /// A hook is gone.
    HookRemoved = "hook_removed",
    /// A hook of the same class and schemas has another name.
    HookRenamed = "hook_renamed",
    /// Another dispatch class.
    Class = "class",
    /// `async` or `sync`.
    Mode = "mode",
    /// What one plugin's failure means.
    ErrorPolicy = "error_policy",
    /// Whether every plugin must implement the hook.
    Required = "required",
    /// What a chain plugin may change (CHAIN-5).
    Writable = "writable",
    /// How long a dispatch may take (DEADLINE-1).
    Timeout = "timeout",
    /// Whether calling twice is calling once.
    Idempotent = "idempotent",
    /// The events that a notification is bound to.
    Event = "event",
    /// What is offered to Model Context Protocol clients, and under which name.
    Mcp = "mcp",
    /// What to use instead.
    Deprecated = "deprecated",
    /// Descriptions, examples, `since`.
    Description = "description",
    /// A payload schema accepts less.
    SchemaNarrowed = "schema_narrowed",
    /// A payload schema accepts more.
    SchemaWidened = "schema_widened",
    /// A payload schema accepts the same, and says it otherwise.
    SchemaRewritten = "schema_rewritten",
);

/// Compares two versions of a kind.
pub fn compare(old: &Kind, new: &Kind) -> Comparison {
    let mut changes = of_kind(old, new);
    let pairs = hook::pairs(&old.hooks, &new.hooks);
    for hook in &new.hooks {
        match pairs.iter().find(|(_, after)| after.name == hook.name) {
            Some((before, after)) => changes.extend(hook::compare(before, after)),
            None => changes.push(hook::added(hook)),
        }
    }
    let is_paired = |hook: &Hook| pairs.iter().any(|(before, _)| before.name == hook.name);
    changes
        .extend(old.hooks.iter().filter(|hook| !is_paired(hook)).map(|hook| hook::removed(hook)));
    Comparison {
        kind: new.name.clone(),
        old: old.api_version.clone(),
        new: new.api_version.clone(),
        changes,
    }
}

impl Comparison {
    /// What the changes demand, as a step from the old version: before 1.0.0 a minor step may
    /// break, and before 0.1.0 every step may.
    pub fn demanded(&self) -> Bump {
        let most = self.changes.iter().map(|change| change.bump).max().unwrap_or(Bump::None);
        version::demanded(most, &self.old)
    }

    /// The step from the old version to the new one; `None` where it leads back. A pre-release
    /// promises nothing, so that every step up from one is a major one.
    pub fn declared(&self) -> Option<Bump> {
        version::declared(&self.old, &self.new)
    }

    /// Whether the declared step is at least the demanded one.
    pub fn suffices(&self) -> bool {
        self.declared().is_some_and(|declared| declared >= self.demanded())
    }

    /// The least version that the changes allow.
    pub fn least(&self) -> semver::Version {
        version::least(self.demanded(), &self.old)
    }
}

fn of_kind(old: &Kind, new: &Kind) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut constraint = |name: &str, before: bool, after: bool, tightened: (bool, bool)| {
        if before == after {
            return;
        }
        let message = format!("`{name}` was {before}, is {after}");
        let change = Change::new(What::Constraints, message, Bump::Minor);
        changes.push(if after { change.breaks(tightened.0, tightened.1) } else { change });
    };
    let (before, after) = (old.constraints, new.constraints);
    // Two plugins that ran beside each other no longer do: neither they nor their host start.
    let (name, both) = ("singleton_per_runtime", (true, true));
    constraint(name, before.singleton_per_runtime, after.singleton_per_runtime, both);
    let (name, plugins) = ("in_process_only", (true, false));
    constraint(name, before.in_process_only, after.in_process_only, plugins);
    if old.description != new.description {
        changes.push(Change::new(What::Description, "the description is another", Bump::Patch));
    }
    changes
}

impl Change {
    fn new(what: What, message: impl Into<String>, bump: Bump) -> Self {
        Self {
            what,
            hook: None,
            side: None,
            pointer: String::new(),
            message: message.into(),
            plugins: false,
            callers: false,
            bump,
            undecided: false,
        }
    }

    /// Whoever is broken, the bump is a major one.
    fn breaks(mut self, plugins: bool, callers: bool) -> Self {
        (self.plugins, self.callers, self.bump) = (plugins, callers, Bump::Major);
        self
    }

    fn of(mut self, hook: &Hook) -> Self {
        self.hook = Some(hook.name.clone());
        self
    }

    /// Whom it breaks: `plugins`, `callers`, `plugins and callers` or `nobody`.
    pub const fn whom(&self) -> &'static str {
        match (self.plugins, self.callers) {
            (true, true) => "plugins and callers",
            (true, false) => "plugins",
            (false, true) => "callers",
            (false, false) => "nobody",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(hook) = &self.hook {
            write!(f, "{hook}: ")?;
        }
        if let Some(side) = self.side {
            write!(f, "{}: ", side.as_str())?;
        }
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.message)
    }
}
