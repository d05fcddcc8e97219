//! `CHN`: what a link of a chain may do to the value that it was given.

use hookspec_spec::{DispatchClass, Hook};
use serde_json::Value;

use super::samples::{Look, each};
use crate::check::{Check, Run};
use crate::found::{Checked, Found, Tally};
use crate::generate::Sort;
use crate::scene::Scene;
use crate::stage::Asked;
use crate::verdict::{Level, Profile};
use crate::witness::Raw;

pub(super) const CHECKS: &[Check] = &[Check {
    id: "CHN-001",
    title: "A link changes only what its hook lists as writable",
    level: Level::Must,
    profile: Profile::Core,
    laws: &["CHAIN-5"],
    since: "0.1",
    about: "What the plugin hands on is compared with what it was given, outside of the pointers \
            under `writable:`. A host refuses such a value, and the chain loses the link's work.",
    run: Run::Async(|scene| Box::pin(only_writable(scene))),
}];

async fn only_writable(scene: &Scene) -> Checked {
    let hooks = scene.hooks()?;
    let bound = |hook: &Hook| hook.dispatch == DispatchClass::Chain && hook.writable.is_some();
    if !hooks.iter().any(|hook| bound(hook)) {
        return Ok(Found::not_applicable("it has no chain hook that bounds what may change"));
    }
    let stage = scene.stage().await?;
    let mut tally = Tally::default();
    for sort in [Sort::Valid, Sort::Boundary, Sort::Unicode, Sort::UnknownField] {
        each(scene, &stage, sort, look, &mut tally).await;
    }
    // What other hooks, and other sorts, have no inputs for is no reason here.
    tally.without.clear();
    Ok(tally.found("values"))
}

fn look(hook: &Hook, asked: &Asked) -> Look {
    let Some(writable) = hook.writable.as_ref() else { return Look::Nothing };
    match &asked.raw {
        Some(Raw::Value(payload)) => {
            let Ok(after) = payload.json() else { return Look::Nothing };
            let (before, after) = (without(&asked.input, writable), without(after, writable));
            match different(&before, &after, "") {
                None => Look::Fine,
                Some(at) => Look::Wrong(format!(
                    "it changes `{at}`, and may change only {}",
                    writable.join(", ")
                )),
            }
        }
        Some(Raw::Unchanged | Raw::Stop) => Look::Fine,
        Some(Raw::Fault(fault)) => Look::Refused(fault.to_string()),
        None => Look::Nothing,
    }
}

/// A value without what may change.
fn without(value: &Value, writable: &[String]) -> Value {
    let mut rest = value.clone();
    for pointer in writable {
        let Some((parent, name)) = pointer.rsplit_once('/') else { return Value::Null };
        let name = name.replace("~1", "/").replace("~0", "~");
        match rest.pointer_mut(parent) {
            Some(Value::Object(fields)) => drop(fields.shift_remove(&name)),
            Some(Value::Array(items)) => {
                // An item that may change stays in its place: the others keep theirs.
                if let Some(item) = name.parse().ok().and_then(|index: usize| items.get_mut(index))
                {
                    *item = Value::Null;
                }
            }
            _ => {}
        }
    }
    rest
}

/// Where two values differ first.
fn different(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort();
            names.dedup();
            names.into_iter().find_map(|name| {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => different(a, b, &at),
                    _ => Some(at),
                }
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(index, (a, b))| different(a, b, &format!("{at}/{index}"))),
        (a, b) if same(a, b) => None,
        _ => Some(if at.is_empty() { "/".to_owned() } else { at.to_owned() }),
    }
}

/// `1` and `1.0` are the same number to JSON Schema.
fn same(one: &Value, other: &Value) -> bool {
    one == other
        || matches!((one.as_f64(), other.as_f64()), (Some(a), Some(b))
            if one.is_number() && other.is_number() && (one.is_f64() || other.is_f64()) && a == b)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_change_is_taken_out_and_the_rest_is_compared() {
        let writable = ["/a".to_owned(), "/b/c".to_owned(), "/d/1".to_owned()];
        let rest = |value: Value| without(&value, &writable);
        let before = rest(json!({ "a": 1, "b": { "c": 2, "x": 3 }, "d": [1, 2, 3] }));
        assert_eq!(
            different(&before, &rest(json!({ "b": { "x": 3.0 }, "d": [1, 9, 3] })), ""),
            None
        );
        for (after, at) in [
            (json!({ "a": 1, "b": { "c": 2 }, "d": [1, 2, 3] }), "/b/x"),
            (json!({ "b": { "x": 3 }, "d": [1, 2, 4] }), "/d/2"),
            (json!({ "b": { "x": 3 }, "d": [1, 2] }), "/d"),
            (json!({ "b": { "x": 3 }, "d": [1, 2, 3], "e/": 1 }), "/e~1"),
            (json!(7), "/"),
        ] {
            assert_eq!(different(&before, &rest(after), "").as_deref(), Some(at));
        }
    }
}
