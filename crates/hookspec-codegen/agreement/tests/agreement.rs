//! The law of generated types: what a type accepts is what its schema accepts.

#![forbid(unsafe_code)]

use agreement::{Case, Instances, all, judge_of};
use serde_json::{Number, Value};

/// How many random instances each schema is compared on.
const RANDOM: usize = 1_000;

#[test]
fn types_accept_what_their_schemas_accept() {
    let mut wrong = Vec::new();
    let (mut typed, mut complete, mut compared) = (0, 0, 0);
    for (index, case) in all().unwrap().iter().enumerate() {
        let Some(judge) = judge_of(index) else { continue };
        typed += 1;
        complete += usize::from(judge(&Value::Null).complete);
        let mut random = Instances::new(index as u64 + 1, case.schema.document(), &case.values);
        let drawn = std::iter::repeat_with(|| random.draw()).take(RANDOM);
        let known = wrong.len();
        for instance in case.values.iter().cloned().chain(drawn) {
            if beyond_rust(&instance) {
                continue;
            }
            compared += 1;
            if wrong.len() < known + 3 {
                wrong.extend(disagreement(case, judge, &instance));
            }
        }
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    println!("{typed} types, {complete} of them complete, compared on {compared} instances");
    assert!(typed >= 450 && complete >= 200, "{typed} types, {complete} of them complete");
}

fn disagreement(
    case: &Case,
    judge: fn(&Value) -> agreement::Judged,
    instance: &Value,
) -> Option<String> {
    let (expected, found) = (case.schema.is_valid(instance), judge(instance));
    let schema = case.schema.document();
    let say = |what: &str| Some(format!("{}: {what}: {instance}\n    {schema}", case.name));
    match (expected, &found.written) {
        (true, None) => say("refused by the type alone"),
        (false, Some(_)) if found.complete => say("accepted by the type alone"),
        (_, Some(written)) if found.complete && !case.schema.is_valid(written) => {
            say(&format!("written as what the schema refuses, {written}"))
        }
        (_, Some(written)) if judge(written).written.as_ref() != Some(written) => {
            say(&format!("does not survive being written, {written}"))
        }
        _ => None,
    }
}

/// Whether an instance holds a number that Rust's types cannot: a whole one beyond an `i64`.
fn beyond_rust(instance: &Value) -> bool {
    match instance {
        Value::Number(number) => is_beyond(number),
        Value::Array(items) => items.iter().any(beyond_rust),
        Value::Object(fields) => fields.values().any(beyond_rust),
        _ => false,
    }
}

fn is_beyond(number: &Number) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let float = number.as_f64().unwrap_or(f64::INFINITY);
    number.as_i64().is_none() && float.fract() == 0.0 && !(-LIMIT..LIMIT).contains(&float)
}
