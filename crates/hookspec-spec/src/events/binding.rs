//! Hooks that are bound to events: there must be such events.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Kind;

use super::{EventCatalog, at};

/// What a kind's hooks are bound to and no event can be, by the shipped events and these.
pub(crate) fn unheard<'a>(
    kinds: impl Iterator<Item = &'a Kind>,
    events: &EventCatalog,
) -> Vec<Diagnostic> {
    let mut kinds = kinds.filter(|kind| !kind.bindings.is_empty()).peekable();
    if kinds.peek().is_none() {
        return Vec::new();
    }
    let events = events.with_shipped();
    let mut found = Vec::new();
    for kind in kinds {
        for (hook, place) in &kind.bindings {
            let Some(pattern) = hook.event.as_ref().filter(|each| !events.may_match(each)) else {
                continue;
            };
            let message =
                format!("hook `{}` is bound to `{pattern}`, which no event can be", hook.name);
            let hint = match events.nearest(pattern.as_str()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let namespace = pattern.as_str().split('.').next().unwrap_or_default();
                    format!("declare it in events/{namespace}.yaml, or let that say `open: true`")
                }
            };
            found.push(at(codes::UNKNOWN_EVENT, message, &hint, &kind.source, place));
        }
    }
    found
}
