//! Whether a hook's payload schemas accept less or more than before, and whom that breaks.

use serde_json::Value;

use crate::class::DispatchClass;
use crate::model::Hook;
use crate::schema::{Containment, Schema, contained};

use super::cover::{self, Gap};
use super::{Bump, Change, Side, What};

/// How many places are named of one schema and one direction.
const MOST_PLACES: usize = 20;

pub(super) fn compare(old: &Hook, new: &Hook) -> Vec<Change> {
    let is_chain = |hook: &Hook| hook.dispatch == DispatchClass::Chain;
    let mut changes = Vec::new();
    let mut side = |side, old, new| changes.extend(schemas(side, old, new));
    match (is_chain(old), is_chain(new)) {
        (true, true) => {
            side(Side::Value, &old.input, &new.input);
            // A chain may say of its output that it accepts less; else it is the same document.
            let own = |hook: &Hook| !is_same(&hook.input, &hook.output);
            if own(old) || own(new) {
                side(Side::Output, &old.output, &new.output);
            }
        }
        // Of another class, what a hook answers is another thing altogether.
        _ if old.dispatch != new.dispatch => side(Side::Input, &old.input, &new.input),
        _ => {
            side(Side::Input, &old.input, &new.input);
            side(Side::Output, &old.output, &new.output);
        }
    }
    if is_chain(old) && is_chain(new) {
        for change in changes.iter_mut().filter(|change| change.bump == Bump::Major) {
            (change.plugins, change.callers) = (true, true);
        }
    }
    changes
}

fn schemas(side: Side, old: &Schema, new: &Schema) -> Vec<Change> {
    if old.document() == new.document() {
        return Vec::new();
    }
    let plain =
        |what, message, bump| Change { side: Some(side), ..Change::new(what, message, bump) };
    if is_same(old, new) {
        let message = "the schema is described otherwise";
        return vec![plain(What::SchemaRewritten, message, Bump::Patch)];
    }
    let mut changes = Vec::new();
    // Makers are broken by what is refused now, takers by what comes now.
    let made_by_plugins = side != Side::Input;
    for (what, outer, inner, plugins) in [
        (What::SchemaNarrowed, new, old, made_by_plugins),
        (What::SchemaWidened, old, new, !made_by_plugins),
    ] {
        let narrowed = what == What::SchemaNarrowed;
        let places = places(outer, inner, narrowed);
        changes.extend(places.into_iter().map(|(pointer, message, undecided)| Change {
            side: Some(side),
            pointer,
            undecided,
            ..Change::new(what, message, Bump::Major).breaks(plugins, !plugins)
        }));
    }
    if changes.is_empty() {
        // Names of generated types follow the document.
        let message = "the schema accepts the same values and says it otherwise";
        changes.push(plain(What::SchemaRewritten, message, Bump::Minor));
    }
    changes
}

/// Where `outer` does not accept what `inner` accepts: pointer, message, whether it is undecided.
fn places(outer: &Schema, inner: &Schema, narrowed: bool) -> Vec<(String, String, bool)> {
    let gaps = cover::gaps(outer, inner);
    if gaps.is_empty() {
        return Vec::new();
    }
    // Where our own rules prove nothing the library's canonical form may; it is asked second, for
    // it says no more than yes or no.
    let all = match contained(inner, outer) {
        Containment::Yes => return Vec::new(),
        // That there is a difference is proved: where it is, only the gaps can say.
        Containment::No => gaps.iter().all(|gap| gap.doubt.is_some()),
        Containment::Undecided => false,
    };
    let more = gaps.len().saturating_sub(MOST_PLACES);
    let place = |gap: Gap| {
        let said = gap.said.map(|[narrow, wide]| if narrowed { narrow } else { wide });
        let less = if narrowed { "it accepts less here" } else { "it accepts more here" };
        match (gap.doubt.filter(|_| !all), said) {
            (None, said) => (gap.pointer, said.unwrap_or_else(|| less.to_owned()), false),
            (Some(doubt), said) => {
                let said = said.map(|said| format!(": {said}")).unwrap_or_default();
                let message = format!("undecided, treated as breaking, because {doubt}{said}");
                (gap.pointer, message, true)
            }
        }
    };
    let mut places: Vec<_> = gaps.into_iter().take(MOST_PLACES).map(place).collect();
    if more > 0 {
        places.push((String::new(), format!("and at {more} places more"), false));
    }
    places
}

/// Whether two schemas are the same but for words that nothing but people read.
pub(super) fn is_same(old: &Schema, new: &Schema) -> bool {
    cover::is_same(old.document(), new.document())
        && old.document().get("title") == new.document().get("title")
        && definitions(old.document()) == definitions(new.document())
}

/// The definitions, by which generated types are named.
fn definitions(document: &Value) -> Vec<&String> {
    ["$defs", "definitions"]
        .iter()
        .filter_map(|keyword| document.get(keyword).and_then(Value::as_object))
        .flat_map(serde_json::Map::keys)
        .collect()
}
