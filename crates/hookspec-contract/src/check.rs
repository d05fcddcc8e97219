//! [`Check`]: one thing that every plugin must, should or may keep; [`checks`]: all of them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hookspec_plugin::BoxFuture;

use crate::found::Checked;
use crate::scene::Scene;
use crate::verdict::{Level, Profile};

/// One thing that every plugin must, should or may keep.
///
/// Its id never changes its meaning; one that is given up is not given to another.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// `IO-001`.
    pub id: &'static str,
    /// What must hold, in one line.
    pub title: &'static str,
    /// How binding it is.
    pub level: Level,
    /// The profile it belongs to.
    pub profile: Profile,
    /// The laws of `docs/laws.md`, and the decisions of the specification family, that it proves.
    pub laws: &'static [&'static str],
    /// The version of the suite that first had it.
    pub since: &'static str,
    /// How it is looked at, and what an author can do about a failure.
    pub about: &'static str,
    pub(crate) run: Run,
}

/// How a check is run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Run {
    /// On a runtime of two threads.
    Async(for<'a> fn(&'a Scene) -> BoxFuture<'a, Checked>),
    /// Makes the runtimes that it needs.
    Blocking(fn(&Scene) -> Checked),
}

/// Every check, in the order in which reports have them: by family, and then by number.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    static ORDERED: LazyLock<Vec<&'static Check>> = LazyLock::new(|| {
        let mut all: Vec<_> = crate::checks::ALL.iter().flat_map(|family| family.iter()).collect();
        let mut families: Vec<&str> = all.iter().map(|check| family(check)).collect();
        let mut seen = BTreeSet::new();
        families.retain(|name| seen.insert(*name));
        all.sort_by_key(|check| (families.iter().position(|f| *f == family(check)), check.id));
        all
    });
    ORDERED.iter().copied()
}

/// `IO` of `IO-001`.
fn family(check: &Check) -> &'static str {
    check.id.split('-').next().unwrap_or(check.id)
}

/// The check of an id, in whatever case it is written.
pub fn check(id: &str) -> Option<&'static Check> {
    checks().find(|check| check.id.eq_ignore_ascii_case(id))
}
