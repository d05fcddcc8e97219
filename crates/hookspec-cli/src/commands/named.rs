//! `KIND.HOOK`: the hook that a text names, or what was probably meant.

use std::collections::HashSet;

use hookspec_host::{DispatchError, Explanation, Registry};

use crate::nearest::nearest;

/// The hook that `KIND.HOOK` or `KIND@MAJOR.HOOK` names.
///
/// # Errors
/// That it names none, for people, with the names there are.
pub(super) fn find(registry: &Registry, name: &str) -> Result<Explanation, String> {
    let Some((kind, hook)) = name.rsplit_once('.') else {
        let known = known(registry, name);
        return Err(format!("error: `{name}` does not name a hook; write KIND.HOOK\n{known}"));
    };
    registry.explain(kind, hook).map_err(|error| match error {
        DispatchError::UnknownKind { .. } | DispatchError::UnknownHook { .. } => {
            format!("error: {error}\n{}", known(registry, name))
        }
        _ => format!("error: {error}"),
    })
}

/// What there is instead of a name that nothing has.
fn known(registry: &Registry, name: &str) -> String {
    let kinds = registry.catalog().kinds();
    let mut all: Vec<String> = kinds
        .flat_map(|kind| kind.hooks.iter().map(move |hook| format!("{}.{}", kind.name, hook.name)))
        .collect();
    // Several majors of a kind have hooks of one name.
    let mut seen = HashSet::new();
    all.retain(|name| seen.insert(name.clone()));
    if all.is_empty() {
        return "No hookspec declares any hook; name their folder with --hookspecs.".into();
    }
    // Half a name is enough, where it is a whole kind or a whole hook.
    let half = all
        .iter()
        .map(String::as_str)
        .find(|full| full.split_once('.').is_some_and(|(kind, hook)| name == kind || name == hook));
    let near = half.or_else(|| nearest(name, all.iter().map(String::as_str)));
    let near = near.map(|near| format!("did you mean `{near}`?\n")).unwrap_or_default();
    format!("{near}hooks:\n  {}", all.join("\n  "))
}
