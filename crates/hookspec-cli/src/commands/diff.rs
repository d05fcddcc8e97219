//! `diff`: what changed between two versions of kinds, whom it breaks, and whether the version says
//! so.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_spec::compat::{Change, Comparison, compare};
use hookspec_spec::{Catalog, Kind, read_kind};
use serde_json::{Value, json};

use crate::app::Status;
use crate::grid::{Cell, Grid};
use crate::output::{Format, Output, Tone};
use crate::text::{complain, plural};

/// What is compared.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The hookspec as it was, or a folder of them
    old: PathBuf,
    /// The hookspec as it is, or a folder of them
    new: PathBuf,
}

type Kinds = Vec<Arc<Kind>>;

/// Kinds that are compared, and those that are in one of the two folders only.
#[derive(Default)]
struct Matched {
    comparisons: Vec<Comparison>,
    removed: Kinds,
    added: Kinds,
}

pub(crate) fn diff(args: &Diff, output: &mut Output) -> Status {
    let (old, new) = match (read(&args.old), read(&args.new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => {
            for problem in [old.err(), new.err()].into_iter().flatten() {
                complain(&format!("error: {problem}"));
            }
            return Status::CouldNotRun;
        }
    };
    let matched = matched(old, new);
    if matched.comparisons.is_empty() {
        let names =
            |kinds: &Kinds| kinds.iter().map(|k| k.name.as_str()).collect::<Vec<_>>().join(", ");
        complain(&format!(
            "error: no kind is in both: {} has {}, {} has {}; kinds are compared by name",
            args.old.display(),
            names(&matched.removed),
            args.new.display(),
            names(&matched.added),
        ));
        return Status::CouldNotRun;
    }
    let ok = matched.comparisons.iter().all(Comparison::suffices);
    match output.format() {
        Format::Json => output.json(&object(&matched, ok)),
        Format::Human => show(&matched, output),
    }
    output.flush();
    let short = matched.comparisons.iter().filter(|each| !each.suffices()).count();
    let changes = matched.comparisons.iter().map(|each| each.changes.len()).sum();
    let compared = plural(matched.comparisons.len(), "kind");
    complain(&match (changes, short) {
        (0, 0) => format!("{compared} compared, no changes"),
        (_, 0) => format!("{compared} compared, {}", plural(changes, "change")),
        _ => format!(
            "{compared} compared, {}: the version of {} does not say so",
            plural(changes, "change"),
            plural(short, "kind"),
        ),
    });
    if ok { Status::Fine } else { Status::Failed }
}

fn read(path: &Path) -> Result<Kinds, String> {
    if !path.is_dir() {
        let (kind, _) = read_kind(path).map_err(|found| found.to_string())?;
        return Ok(vec![kind]);
    }
    let catalog = Catalog::load([path]).map_err(|found| found.to_string())?;
    let kinds: Kinds = catalog.kinds().cloned().collect();
    match kinds.is_empty() {
        true => Err(format!("no hookspec is below {}; name a folder that has one", path.display())),
        false => Ok(kinds),
    }
}

/// Kinds of one name belong together: by their major, and where they share none, the newest of
/// each. A major that is gone beside one that stayed did not become another.
fn matched(old: Kinds, new: Kinds) -> Matched {
    let mut names: Vec<_> = old.iter().chain(&new).map(|kind| kind.name.clone()).collect();
    names.sort();
    names.dedup();
    let mut matched = Matched::default();
    for name in names {
        let own = |kinds: &Kinds| -> Kinds {
            let mut own: Kinds = kinds.iter().filter(|kind| kind.name == name).cloned().collect();
            own.sort_by_key(|kind| kind.major());
            own
        };
        let (mut old, mut new) = (own(&old), own(&new));
        let shared: Vec<u64> = old.iter().map(|kind| kind.major()).collect();
        let is_shared = |kind: &Arc<Kind>| shared.contains(&kind.major());
        if new.iter().any(is_shared) {
            for major in shared {
                let at = |kinds: &Kinds| kinds.iter().position(|kind| kind.major() == major);
                if let (Some(before), Some(after)) = (at(&old), at(&new)) {
                    matched.comparisons.push(compare(&old.remove(before), &new.remove(after)));
                }
            }
        } else if let (Some(before), Some(after)) = (old.last(), new.last()) {
            matched.comparisons.push(compare(before, after));
            old.pop();
            new.pop();
        }
        matched.removed.extend(old);
        matched.added.extend(new);
    }
    matched
}

fn show(matched: &Matched, output: &mut Output) {
    for comparison in &matched.comparisons {
        let Comparison { kind, old, new, changes } = comparison;
        output.heading(&format!("{kind} {old} to {new}"));
        if changes.is_empty() {
            output.line("  no changes");
        } else {
            let mut grid = Grid::new(["breaks", "bump", "where", "what"]);
            for change in changes {
                let tone = if change.plugins || change.callers { Tone::Bad } else { Tone::Plain };
                grid.row([
                    Cell::new(change.whom(), tone),
                    change.bump.as_str().into(),
                    place(change).into(),
                    (&change.message).into(),
                ]);
            }
            output.grid(&grid);
        }
        verdict(comparison, output);
    }
    for (kinds, how) in [(&matched.removed, "only in the old one"), (&matched.added, "new")] {
        for kind in kinds {
            output.heading(&format!("{} {}", kind.name, kind.api_version));
            output.line(format_args!("  {how}: there is nothing to compare it with"));
        }
    }
}

/// The hook, the payload and the place in its schema.
fn place(change: &Change) -> String {
    let hook = change.hook.as_ref().map(|hook| hook.as_str());
    let parts = [hook, change.side.map(|side| side.as_str()), Some(change.pointer.as_str())];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "the kind".to_owned() } else { parts.join(" ") }
}

fn verdict(comparison: &Comparison, output: &mut Output) {
    let declared = comparison.declared().map_or("a lower version", |bump| bump.as_str());
    let said = format!("demanded: {}; declared: {declared}", comparison.demanded());
    let verdict = match comparison.suffices() {
        true => output.paint(Tone::Good, "fine").into_owned(),
        false => {
            let verdict = output.paint(Tone::Bad, "too small").into_owned();
            format!("{verdict}: write at least {}", comparison.least())
        }
    };
    output.line(format_args!("  {said}: {verdict}"));
    if comparison.old.major == 0 && !comparison.changes.is_empty() {
        output.line("  (before 1.0.0 a minor step may break, before 0.1.0 any step)");
    }
}

fn object(matched: &Matched, ok: bool) -> Value {
    let lone = |kinds: &Kinds| -> Vec<Value> {
        let one = |kind: &Arc<Kind>| json!({ "kind": kind.name.as_str(), "version": kind.api_version.to_string() });
        kinds.iter().map(one).collect()
    };
    json!({
        "command": "diff",
        "ok": ok,
        "kinds": matched.comparisons.iter().map(compared).collect::<Vec<_>>(),
        "removed": lone(&matched.removed),
        "added": lone(&matched.added),
    })
}

fn compared(comparison: &Comparison) -> Value {
    json!({
        "kind": comparison.kind.as_str(),
        "old": comparison.old.to_string(),
        "new": comparison.new.to_string(),
        "demanded": comparison.demanded().as_str(),
        "declared": comparison.declared().map(|bump| bump.as_str()),
        "suffices": comparison.suffices(),
        "least": comparison.least().to_string(),
        "changes": comparison.changes.iter().map(changed).collect::<Vec<_>>(),
    })
}

fn changed(change: &Change) -> Value {
    json!({
        "what": change.what.as_str(),
        "hook": change.hook.as_ref().map(|hook| hook.as_str()),
        "side": change.side.map(|side| side.as_str()),
        "pointer": change.pointer,
        "message": change.message,
        "breaks": { "plugins": change.plugins, "callers": change.callers },
        "bump": change.bump.as_str(),
        "undecided": change.undecided,
    })
}
