//! The exclusion rules of the vectors, by number, and the groups that wait for their stage.

use serde_json::Value;

use crate::vector::Vector;

/// Why a vector is excluded: the rule's number and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule(pub(crate) u8, pub(crate) &'static str);

const REFUSED_BY_THE_COMPILER: Rule = Rule(1, "refused by the compiler");
const JSON_BY_TYPE: Rule = Rule(2, "a hook takes and answers JSON by type");
const TYPED_INSTANTS: Rule = Rule(3, "instants are typed");
const EMPTY_CHAIN: Rule = Rule(4, "an empty chain returns its input");
const ONE_INPUT: Rule = Rule(5, "there is one input");

/// Groups that a later stage serves.
const GROUPS: [&str; 1] = ["orchestrator"];

/// Whether a later stage serves a vector.
pub(crate) fn pending(vector: &Vector) -> bool {
    GROUPS.contains(&vector.group.as_str())
}

/// The rule that excludes a vector.
pub(crate) fn excluded(vector: &Vector) -> Option<Rule> {
    let input = &vector.input;
    let says = |key: &str| input.get(key).and_then(Value::as_str).unwrap_or_default();
    match vector.group.as_str() {
        "context" if matches!(says("op"), "metadata_set" | "metadata_delete") => {
            Some(REFUSED_BY_THE_COMPILER)
        }
        "sinks" if says("op") == "progress_mutate" => Some(REFUSED_BY_THE_COMPILER),
        "contract_serialization" => {
            let special = says("hook_returns_special");
            let typed = special.is_empty() || special == "nan" || special.starts_with("string_");
            let argument = input.get("hook_args_special").is_some();
            (argument || !typed).then_some(JSON_BY_TYPE)
        }
        "contract_suite" if says("plugin") == "returns_set" => Some(JSON_BY_TYPE),
        "resources" if says("op") == "frozen_clock" && !has_offset(says("at")) => {
            Some(TYPED_INSTANTS)
        }
        "dispatch_class_meta" if says("dispatch") == "chain" => Some(EMPTY_CHAIN),
        "broadcast_collect" | "broadcast_notify" | "capability" | "chain" | "dispatch_mismatch"
        | "dispatch_order" | "singleton" => {
            input.get("call").is_some_and(more_than_one_input).then_some(ONE_INPUT)
        }
        _ => None,
    }
}

/// Whether a time says how far it is from UTC.
fn has_offset(at: &str) -> bool {
    let time = at.split_once('T').map_or("", |(_, time)| time);
    time.contains(['Z', 'z', '+', '-'])
}

/// A payload, the value of a chain and every positional argument are one positional input each.
fn more_than_one_input(call: &Value) -> bool {
    let chain = call.get("class").and_then(Value::as_str) == Some("chain");
    let payload = call.get("input").is_some();
    let arguments = call.get("args").and_then(Value::as_array).map_or(0, Vec::len);
    let positional = arguments + usize::from(chain) + usize::from(payload);
    let named =
        call.get("kwargs").and_then(Value::as_object).is_some_and(|named| !named.is_empty());
    positional > 1 || (named && positional > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_rule_excludes_what_it_says_and_nothing_beside_it() {
        let rows = [
            ("context", json!({ "op": "metadata_set" }), 1),
            ("context", json!({ "op": "metadata_delete" }), 1),
            ("context", json!({ "op": "defaults" }), 0),
            ("sinks", json!({ "op": "progress_mutate" }), 1),
            ("sinks", json!({ "op": "progress" }), 0),
            ("contract_serialization", json!({ "hook_returns_special": "bytes" }), 2),
            ("contract_serialization", json!({ "hook_returns_special": "nan" }), 0),
            ("contract_serialization", json!({ "hook_returns_special": "string_11mb" }), 0),
            ("contract_serialization", json!({ "hook_args_special": "datetime" }), 2),
            ("contract_serialization", json!({ "hook_returns": 1 }), 0),
            ("contract_suite", json!({ "plugin": "returns_set" }), 2),
            ("contract_suite", json!({ "plugin": "good" }), 0),
            ("resources", json!({ "op": "frozen_clock", "at": "2026-01-01T00:00:00" }), 3),
            ("resources", json!({ "op": "frozen_clock", "at": "2026-01-01T00:00:00Z" }), 0),
            ("resources", json!({ "op": "frozen_clock", "at": "2026-01-01T00:00:00+01:00" }), 0),
            ("dispatch_class_meta", json!({ "dispatch": "chain" }), 4),
            ("dispatch_class_meta", json!({ "dispatch": "capability" }), 0),
            ("singleton", json!({ "call": { "args": [1, 2] } }), 5),
            ("singleton", json!({ "call": { "args": [1] } }), 0),
            ("singleton", json!({ "call": { "args": [1], "kwargs": { "a": 1 } } }), 5),
            ("singleton", json!({ "call": { "kwargs": { "a": 1 } } }), 0),
            ("capability", json!({ "call": { "input": {}, "kwargs": { "a": 1 } } }), 5),
            ("capability", json!({ "call": { "input": {}, "kwargs": {} } }), 0),
            ("chain", json!({ "call": { "class": "chain", "kwargs": { "a": 1 } } }), 5),
            ("chain", json!({ "call": { "class": "chain", "args": [1] } }), 5),
            ("chain", json!({ "call": { "class": "chain", "initial": 1, "args": [] } }), 0),
            ("manifest_valid", json!({ "call": { "args": [1, 2] } }), 0),
        ];
        for (group, input, rule) in rows {
            let vector = Vector::read(&json!({
                "id": "x", "group": group, "level": "normative", "input": input, "expected": {},
            }));
            assert_eq!(excluded(&vector).map_or(0, |rule| rule.0), rule, "{group} {input}");
        }
    }
}
