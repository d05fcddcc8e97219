//! What is said of two schemas, against the interpreter: random schemas, random values.

use hookspec_spec::Schema;
use hookspec_spec::compat::{Bump, What};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::input;

/// A schema of one keyword.
fn keyword<V: Into<Value>>(name: &'static str) -> impl Fn(V) -> Value + Clone {
    move |value| {
        let value: Value = value.into();
        json!({ name: value })
    }
}

/// Small schemas over few names and few values, so that two of them have to do with each other.
fn schema() -> impl Strategy<Value = Value> {
    let name = || prop::sample::select(vec!["a", "b", "ab"]);
    let literal = || {
        prop::sample::select(vec![
            json!(null),
            json!(true),
            json!(0),
            json!(1),
            json!(1.0),
            json!(1.5),
            json!(2),
            json!(""),
            json!("a"),
            json!("ab"),
            json!([]),
            json!([1]),
            json!({}),
            json!({ "a": 1 }),
        ])
    };
    let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let small = || (0..4_i64).prop_map(Value::from);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        prop::sample::subsequence(types.to_vec(), 1..4).prop_map(|names| json!({ "type": names })),
        literal().prop_map(keyword("const")),
        prop::collection::vec(literal(), 1..4).prop_map(|mut values| {
            let mut seen: Vec<Value> = Vec::new();
            values.retain(|value| {
                let equal = |other: &Value| {
                    other == value || (other.is_number() && other.as_f64() == value.as_f64())
                };
                let fresh = !seen.iter().any(equal);
                seen.push(value.clone());
                fresh
            });
            json!({ "enum": values })
        }),
        (
            prop::sample::select(vec![
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "minLength",
                "maxLength",
                "minItems",
                "maxItems",
                "minProperties",
                "maxProperties",
            ]),
            small()
        )
            .prop_map(|(keyword, value)| json!({ keyword: value })),
        (1..4_i64).prop_map(|factor| json!({ "multipleOf": factor })),
        prop::sample::select(vec!["^a", "b$", "^a+$"]).prop_map(|text| json!({ "pattern": text })),
        Just(json!({ "uniqueItems": true })),
        prop::sample::subsequence(vec!["a", "b", "ab"], 1..3)
            .prop_map(|names| json!({ "required": names })),
        (name(), name()).prop_map(|(one, other)| json!({ "dependentRequired": { one: [other] } })),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let map = move || prop::collection::btree_map(name(), inner.clone(), 1..3);
        let many = {
            let map = map.clone();
            move || map().prop_map(|schemas| schemas.into_values().collect::<Vec<_>>())
        };
        let single = {
            let many = many.clone();
            move || many().prop_map(|schemas| schemas[0].clone())
        };
        prop_oneof![
            3 => map().prop_map(|schemas| json!({ "properties": schemas })),
            1 => single().prop_map(keyword("additionalProperties")),
            1 => (map(), single()).prop_map(|(own, rest)| json!({ "properties": own, "additionalProperties": rest })),
            1 => (single(), single()).prop_map(|(own, rest)| json!({ "patternProperties": { "^a": own }, "additionalProperties": rest })),
            1 => single().prop_map(keyword("propertyNames")),
            1 => (name(), single()).prop_map(|(name, schema)| json!({ "dependentSchemas": { name: schema } })),
            2 => single().prop_map(keyword("items")),
            1 => (many(), single()).prop_map(|(own, rest)| json!({ "prefixItems": own, "items": rest })),
            1 => (single(), 0..3_i64, 1..3_i64).prop_map(|(schema, least, most)| json!({ "contains": schema, "minContains": least, "maxContains": most })),
            1 => many().prop_map(keyword("allOf")),
            2 => many().prop_map(keyword("anyOf")),
            2 => many().prop_map(keyword("oneOf")),
            1 => single().prop_map(keyword("not")),
            1 => (single(), single(), single()).prop_map(|(if_, then, else_)| json!({ "if": if_, "then": then, "else": else_ })),
            1 => single().prop_map(|schema| json!({ "$defs": { "d": schema }, "$ref": "#/$defs/d" })),
            3 => (single(), single()).prop_map(|(one, other)| match (one, other) {
                (Value::Object(mut one), Value::Object(other)) => {
                    one.extend(other);
                    Value::Object(one)
                }
                (one, _) => one,
            }),
            1 => single().prop_map(|schema| json!({
                "$defs": { "list": { "properties": { "a": schema, "b": { "$ref": "#/$defs/list" } } } },
                "$ref": "#/$defs/list",
            })),
        ]
    })
}

fn instance() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(false),
        json!(-1),
        json!(0),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(2),
        json!(3),
        json!(6),
        json!(""),
        json!("a"),
        json!("b"),
        json!("ab"),
        json!("aa"),
        json!("abb"),
    ]);
    leaf.prop_recursive(3, 10, 3, |inner| {
        let name = prop::sample::select(vec!["a", "b", "ab", "c"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..4).prop_map(|fields| json!(fields)),
        ]
    })
}

/// A schema, and one that was made from it by changing a little.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    prop_oneof![
        (schema(), schema()),
        // One of two alternatives of the other, or the other with something more.
        (schema(), schema())
            .prop_map(|(one, other)| (one.clone(), json!({ "anyOf": [other, one] }))),
        (schema(), schema()).prop_map(|(one, other)| (json!({ "allOf": [one, other] }), one)),
        (schema(), schema()).prop_map(|(one, other)| {
            let list = |items: [&Value; 2]| json!({ "properties": { "a": { "oneOf": items } } });
            (list([&one, &other]), list([&other, &one]))
        }),
        (schema(), schema()).prop_map(|(one, other)| match (&one, other) {
            (Value::Object(fields), Value::Object(more)) => {
                let mut fields = fields.clone();
                fields.extend(more);
                (Value::Object(fields), one)
            }
            (_, other) => (other, one),
        }),
    ]
}

proptest! {
    /// The interpreter is the judge: what is not called narrowed accepts all it accepted, what is
    /// not called widened accepts nothing more.
    #[test]
    fn no_change_that_breaks_is_missed(
        (old, new) in pair(),
        instances in prop::collection::vec(instance(), 40),
    ) {
        let (Ok(one), Ok(other)) = (Schema::compile(old.clone()), Schema::compile(new.clone())) else {
            return Ok(());
        };
        let changes = input(&old, &new);
        let told = |what| changes.iter().any(|change| change.what == what);
        for value in &instances {
            let (before, after) = (one.is_valid(value), other.is_valid(value));
            prop_assert!(after || !before || told(What::SchemaNarrowed), "{value} was accepted by {old}, is refused by {new}: {changes:#?}");
            prop_assert!(before || !after || told(What::SchemaWidened), "{value} was refused by {old}, is accepted by {new}: {changes:#?}");
        }
    }

    #[test]
    fn a_schema_is_as_it_was(schema in schema()) {
        prop_assume!(Schema::compile(schema.clone()).is_ok());
        prop_assert_eq!(input(&schema, &schema), []);
        let titled = match &schema {
            Value::Object(fields) => {
                let mut fields = fields.clone();
                fields.insert("title".to_owned(), "Another".into());
                Value::Object(fields)
            }
            _ => return Ok(()),
        };
        let changes = input(&schema, &titled);
        prop_assert!(changes.iter().all(|change| change.bump != Bump::Major), "{schema}: {changes:#?}");
    }
}
