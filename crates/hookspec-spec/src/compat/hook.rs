//! What changed of one hook, its payload schemas aside; and which hook is which.

use std::sync::Arc;
use std::time::Duration;

use hookspec_plugin::Pattern;

use crate::class::{DispatchClass, ErrorPolicy, Mode};
use crate::model::Hook;

use super::payload;
use super::{Bump, Change, What};

/// How long a host waits where the hookspec does not say (DEADLINE-1).
const HOST_TIMEOUT: Duration = Duration::from_secs(30);

/// The hooks that are the same in both: of one name, or else renamed.
pub(super) fn pairs<'a>(
    old: &'a [Arc<Hook>],
    new: &'a [Arc<Hook>],
) -> Vec<(&'a Arc<Hook>, &'a Arc<Hook>)> {
    let named = |hooks: &'a [Arc<Hook>], name: &str| hooks.iter().find(|h| h.name == *name);
    let mut pairs: Vec<_> =
        new.iter().filter_map(|after| Some((named(old, after.name.as_str())?, after))).collect();
    let gone = old.iter().filter(|hook| named(new, hook.name.as_str()).is_none());
    let mut fresh: Vec<_> =
        new.iter().filter(|hook| named(old, hook.name.as_str()).is_none()).collect();
    for before in gone {
        // In the order of the files: of several that could be it, the first is as good as any.
        if let Some(at) = fresh.iter().position(|after| is_the_same(before, after)) {
            pairs.push((before, fresh.remove(at)));
        }
    }
    pairs
}

fn is_the_same(old: &Hook, new: &Hook) -> bool {
    old.dispatch == new.dispatch
        && payload::is_same(&old.input, &new.input)
        && payload::is_same(&old.output, &new.output)
}

pub(super) fn added(hook: &Hook) -> Change {
    let change = |message| Change::new(What::HookAdded, message, Bump::Minor).of(hook);
    match hook.required {
        true => change("a new hook, which every plugin must implement").breaks(true, false),
        false => change("a new hook, which plugins need not implement"),
    }
}

pub(super) fn removed(hook: &Hook) -> Change {
    let message = "the hook is gone: plugins that list it are refused, callers find nobody";
    Change::new(What::HookRemoved, message, Bump::Major).breaks(true, true).of(hook)
}

/// Everything that differs between two hooks that are the same one.
pub(super) fn compare(old: &Hook, new: &Hook) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.name != new.name {
        let message = format!("was called `{}`: same class, same schemas", old.name);
        changes.push(Change::new(What::HookRenamed, message, Bump::Major).breaks(true, true));
    }
    if old.dispatch != new.dispatch {
        let message = format!("was {}, is {}", old.dispatch, new.dispatch);
        changes.push(Change::new(What::Class, message, Bump::Major).breaks(true, true));
    } else if old.error_policy != new.error_policy {
        changes.push(policy(new.error_policy));
    }
    changes.extend(mode(old.mode, new.mode));
    changes.extend(required(old.required, new.required));
    if old.dispatch == DispatchClass::Chain && new.dispatch == DispatchClass::Chain {
        changes.extend(writable(old.writable.as_deref(), new.writable.as_deref()));
    }
    changes.extend(timeout(old.timeout, new.timeout));
    changes.extend(idempotent(old.idempotent, new.idempotent));
    changes.extend(event(old.event.as_ref(), new.event.as_ref()));
    changes.extend(payload::compare(old, new));
    mcp(old, new, &mut changes);
    words(old, new, &mut changes);
    changes.into_iter().map(|change| change.of(new)).collect()
}

fn policy(new: ErrorPolicy) -> Change {
    let message = match new {
        ErrorPolicy::FailFast => "a plugin's failure now ends the dispatch",
        ErrorPolicy::BestEffort => "a plugin's failure is now data, and no longer an error",
    };
    Change::new(What::ErrorPolicy, message, Bump::Major).breaks(false, true)
}

fn mode(old: Mode, new: Mode) -> Option<Change> {
    let change = |message| Change::new(What::Mode, message, Bump::Major);
    match (old, new) {
        (Mode::Async, Mode::Sync) => Some(
            change("methods are `fn` now, were `async fn`: they may not await").breaks(true, false),
        ),
        (Mode::Sync, Mode::Async) => Some(
            change("methods are `async fn` now, were `fn`; `dispatch_sync` no longer calls them")
                .breaks(true, true),
        ),
        _ => None,
    }
}

fn required(old: bool, new: bool) -> Option<Change> {
    let change = |message| Change::new(What::Required, message, Bump::Minor);
    match (old, new) {
        (false, true) => Some(change("every plugin must implement it now").breaks(true, false)),
        (true, false) => Some(change("plugins need no longer implement it")),
        _ => None,
    }
}

fn writable(old: Option<&[String]>, new: Option<&[String]>) -> Option<Change> {
    // What one list permits, the other permits too: each pointer is at or below one of the other's.
    let within = |small: Option<&[String]>, large: Option<&[String]>| match (small, large) {
        (_, None) => true,
        (None, Some(large)) => large.iter().any(String::is_empty),
        (Some(small), Some(large)) => {
            small.iter().all(|pointer| large.iter().any(|above| is_below(pointer, above)))
        }
    };
    let change = |message: String| Change::new(What::Writable, message, Bump::Major);
    let list = |pointers: Option<&[String]>| match pointers {
        None => "everything".to_owned(),
        Some([]) => "nothing".to_owned(),
        Some(pointers) => pointers.join(", "),
    };
    let said = format!("plugins may change {}, before {}", list(new), list(old));
    match (within(old, new), within(new, old)) {
        (true, true) => None,
        (false, true) => Some(change(said).breaks(true, false)),
        // What nobody could change, callers could rely on.
        (true, false) => Some(change(said).breaks(false, true)),
        (false, false) => Some(change(said).breaks(true, true)),
    }
}

fn is_below(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn timeout(old: Option<Duration>, new: Option<Duration>) -> Option<Change> {
    if old == new {
        return None;
    }
    let said = |limit: Option<Duration>| match limit {
        Some(limit) => format!("{} ms", limit.as_millis()),
        None => "the host's own (30 000 ms unless configured)".to_owned(),
    };
    let message = format!("the timeout is {}, was {}", said(new), said(old));
    let change = Change::new(What::Timeout, message, Bump::Minor);
    let shorter = new.unwrap_or(HOST_TIMEOUT) < old.unwrap_or(HOST_TIMEOUT);
    // Who waits longer than before has a limit of its own, or none to break.
    Some(if shorter { change.breaks(true, false) } else { change })
}

fn idempotent(old: bool, new: bool) -> Option<Change> {
    let change = |message| Change::new(What::Idempotent, message, Bump::Major);
    match (old, new) {
        (true, false) => Some(change("calling it twice may do more now").breaks(false, true)),
        (false, true) => Some(change("calling it twice must do no more now").breaks(true, false)),
        _ => None,
    }
}

fn event(old: Option<&Pattern>, new: Option<&Pattern>) -> Option<Change> {
    let change = |message: String| Change::new(What::Event, message, Bump::Minor);
    match (old, new) {
        (before, after) if before == after => None,
        (None, Some(after)) => Some(change(format!("it is called for events `{after}`, too"))),
        (Some(before), None) => {
            let message = format!("it is no longer called for events `{before}`");
            Some(change(message).breaks(true, false))
        }
        (Some(before), Some(after)) => {
            let message = format!("it is called for events `{after}`, was for `{before}`");
            Some(change(message).breaks(true, false))
        }
        (None, None) => None,
    }
}

fn mcp(old: &Hook, new: &Hook, changes: &mut Vec<Change>) {
    let change = |message: String| Change::new(What::Mcp, message, Bump::Minor);
    match (old.mcp_exposed, new.mcp_exposed) {
        (true, false) => {
            let message = "it is no longer offered to Model Context Protocol clients";
            changes.push(change(message.into()).breaks(false, true));
        }
        (false, true) => {
            changes.push(change("it is offered to Model Context Protocol clients".into()));
        }
        (true, true) if old.mcp_tool_name_template != new.mcp_tool_name_template => {
            let (before, after) = (&old.mcp_tool_name_template, &new.mcp_tool_name_template);
            let message = format!("its tools are named `{after}`, were named `{before}`");
            changes.push(change(message).breaks(false, true));
        }
        _ => {}
    }
}

fn words(old: &Hook, new: &Hook, changes: &mut Vec<Change>) {
    match (&old.deprecated, &new.deprecated) {
        (before, after) if before == after => {}
        (_, None) => {
            let message = "it is no longer deprecated";
            changes.push(Change::new(What::Deprecated, message, Bump::Patch));
        }
        (before, Some(instead)) => {
            let bump = if before.is_none() { Bump::Minor } else { Bump::Patch };
            let message = format!("it is deprecated: {instead}");
            changes.push(Change::new(What::Deprecated, message, bump));
        }
    }
    for (name, differs) in [
        ("the description is another", old.description != new.description),
        ("the examples are others", old.examples != new.examples),
        ("`since` is another", old.since != new.since),
    ] {
        if differs {
            changes.push(Change::new(What::Description, name, Bump::Patch));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_written_is_compared_as_a_set_of_places() {
        let list = |pointers: &[&str]| -> Option<Vec<String>> {
            Some(pointers.iter().map(ToString::to_string).collect())
        };
        for (old, new, whom) in [
            (None, None, None),
            (None, list(&[""]), None),
            (list(&["/a"]), list(&["/a", "/a/b"]), None),
            (None, list(&["/a"]), Some("plugins")),
            (list(&["/a"]), list(&[]), Some("plugins")),
            (list(&["/a"]), list(&["/a/b"]), Some("plugins")),
            (list(&["/a"]), None, Some("callers")),
            (list(&["/a"]), list(&["/a", "/ab"]), Some("callers")),
            (list(&["/a"]), list(&["/ab"]), Some("plugins and callers")),
        ] {
            let change = writable(old.as_deref(), new.as_deref());
            assert_eq!(change.as_ref().map(Change::whom), whom, "{old:?} to {new:?}");
        }
    }

    #[test]
    fn a_timeout_breaks_whom_it_shortens() {
        let ms = |ms| Some(Duration::from_millis(ms));
        for (old, new, whom) in [
            (ms(5), ms(5), None),
            (ms(5), ms(4), Some("plugins")),
            (ms(5), ms(6), Some("nobody")),
            (None, ms(29_999), Some("plugins")),
            (None, ms(30_000), Some("nobody")),
            (ms(60_000), None, Some("plugins")),
        ] {
            let change = timeout(old, new);
            assert_eq!(change.as_ref().map(Change::whom), whom, "{old:?} to {new:?}");
        }
    }
}
