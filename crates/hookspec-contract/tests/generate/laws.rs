//! The laws on random schemas.

use hookspec_contract::generate::{Generator, Sort};
use hookspec_spec::Schema;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::keeps_the_laws;

fn leaf() -> impl Strategy<Value = Value> {
    let number = -20_i64..20;
    prop_oneof![
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({})),
        Just(json!({ "type": "boolean" })),
        Just(json!({ "$ref": "#/$defs/shared" })),
        Just(json!({ "type": "array", "items": { "$ref": "#" } })),
        Just(json!({ "type": ["string", "null"], "pattern": "^[a-c]+$" })),
        Just(json!({ "type": "string", "format": "date" })),
        (0_u64..4, 0_u64..8).prop_map(|(least, most)| json!({
            "type": "string", "minLength": least, "maxLength": most
        })),
        (number.clone(), number.clone()).prop_map(|(low, high)| json!({
            "type": "integer", "minimum": low, "maximum": high
        })),
        (number, 1_i64..9).prop_map(|(low, of)| json!({
            "type": "number", "exclusiveMinimum": low, "multipleOf": of as f64 / 2.0
        })),
        Just(json!({ "enum": [1, "a", null, [], { "a": 1 }] })),
        Just(json!({ "const": { "a": 1 } })),
    ]
}

fn object(fields: &[Value], bits: u32) -> Value {
    let names = ["a", "b", "c", "d"];
    let properties: Map<String, Value> =
        names.iter().zip(fields).map(|(name, field)| ((*name).to_owned(), field.clone())).collect();
    let required: Vec<_> =
        (0..names.len()).filter(|bit| bits >> bit & 1 == 1).map(|bit| names[bit]).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "required": required });
    if bits & 16 != 0 {
        schema["additionalProperties"] = fields.last().cloned().unwrap_or(json!(false));
    }
    if bits & 32 != 0 {
        schema["additionalProperties"] = json!(false);
    }
    if bits & 64 != 0 {
        schema["minProperties"] = json!(bits % 5);
    }
    if bits & 128 != 0 {
        schema["dependentRequired"] = json!({ "a": ["b"], "b": ["c"] });
    }
    if bits & 256 != 0 {
        schema["unevaluatedProperties"] = json!(false);
    }
    if bits & 512 != 0 {
        schema["propertyNames"] = json!({ "maxLength": 3 });
    }
    schema
}

fn list(items: &[Value], bits: u32) -> Value {
    let mut schema = json!({ "type": "array", "minItems": bits % 4 });
    if let Some((last, first)) = items.split_last() {
        schema["items"] = last.clone();
        if bits & 4 != 0 && !first.is_empty() {
            schema["prefixItems"] = first.to_vec().into();
        }
    }
    if bits & 8 != 0 {
        schema["maxItems"] = json!(bits % 7);
    }
    if bits & 16 != 0 {
        schema["uniqueItems"] = json!(true);
    }
    if bits & 32 != 0 {
        schema["contains"] = items.first().cloned().unwrap_or(json!(true));
    }
    schema
}

fn documents() -> impl Strategy<Value = Value> {
    let whole = leaf().prop_recursive(4, 24, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            3 => (several.clone(), any::<u32>()).prop_map(|(fields, bits)| object(&fields, bits)),
            2 => (several.clone(), any::<u32>()).prop_map(|(items, bits)| list(&items, bits)),
            1 => several.clone().prop_map(|all| json!({ "allOf": all })),
            1 => several.clone().prop_map(|all| json!({ "anyOf": all })),
            1 => several.clone().prop_map(|all| json!({ "oneOf": all })),
            1 => inner.clone().prop_map(|not| json!({ "not": not })),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(test, then, or)| {
                json!({ "if": test, "then": then, "else": or })
            }),
        ]
    });
    (whole, leaf()).prop_map(|(whole, shared)| match whole {
        Value::Object(mut fields) => {
            let shared = if shared.get("$ref").is_some() { json!(true) } else { shared };
            fields.insert("$defs".into(), json!({ "shared": shared }));
            Value::Object(fields)
        }
        whole => whole,
    })
}

fn arbitrary() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..30).prop_map(Value::from),
        Just(json!(1.5)),
        "[a-d]{0,3}".prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_keeps_its_schema(document in documents(), seed in any::<u64>()) {
        // A reference to itself in place is refused: nothing to be made from.
        if let Ok(schema) = Schema::compile(document.clone()) {
            keeps_the_laws(&document.to_string(), &schema, &[], seed);
        }
    }

    /// A value that exists disproves what was called impossible.
    #[test]
    fn what_is_called_impossible_is(document in documents(), values in prop::collection::vec(arbitrary(), 40)) {
        use hookspec_contract::generate::Nothing;
        if let Ok(schema) = Schema::compile(document.clone())
            && let Err(Nothing::Unsatisfiable(why)) = Generator::new(&schema, &[], 1).samples(Sort::Valid, 5)
        {
            let counter = values.iter().find(|value| schema.is_valid(value));
            prop_assert_eq!(counter, None, "{} in {}", why, document);
        }
    }
}
