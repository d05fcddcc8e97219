//! Whatever a document holds, it is translated, and what comes out is Rust.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::model::translate::{Document, translate};
use crate::options::Options;
use crate::{emit, source};

const KEYWORDS: &[&str] = &[
    "$ref",
    "$defs",
    "$anchor",
    "$dynamicRef",
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "items",
    "prefixItems",
    "contains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "multipleOf",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "dependentRequired",
    "title",
    "description",
    "default",
    "deprecated",
    "unevaluatedProperties",
];

/// Texts that stand where schemas have names, types and references.
const TEXTS: &[&str] = &[
    "object",
    "array",
    "string",
    "integer",
    "number",
    "null",
    "boolean",
    "#",
    "#/$defs/a",
    "#/properties/a",
    "#/items",
    "#/nowhere",
    "#a",
    "a",
    "type",
    "self",
    "Self",
    "3d",
    "",
    "🎉",
    "имя",
    "additional",
    "String",
    "Option",
    "a b",
    "a-b",
    "```rust\nfn\n",
    "*/",
    "\u{202e}",
    "%F0%9F",
    "\u{301}a",
    "ﬁ",
    "_",
    "__",
    "r#x",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(TEXTS).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(Value::String),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<u64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => (0..4_u8).prop_map(|number| json!(number)),
    ]
}

/// JSON that looks like a schema here and there.
fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(6, 80, 6, |inner| {
        let keyed = prop_oneof![
            6 => prop::sample::select(KEYWORDS).prop_map(str::to_owned),
            2 => text(),
        ];
        let object = prop::collection::vec((keyed, inner.clone()), 0..7);
        let of_type = prop::sample::select(&TEXTS[..7]);
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            3 => object.clone().prop_map(|fields| Value::Object(Map::from_iter(fields))),
            3 => (object, of_type).prop_map(|(fields, of)| {
                let mut fields = Map::from_iter(fields);
                fields.insert("type".into(), json!(of));
                Value::Object(fields)
            }),
        ]
    })
}

fn generated(value: Value, faithful: bool) -> String {
    let document = Document {
        value,
        fingerprint: "0".into(),
        label: "a/b.json".into(),
        name: "b".into(),
        faithful,
        routed: true,
    };
    let model = translate(&[document], &["Trait"]);
    let tokens = emit::types(&model, &Options::default());
    assert!(syn::parse2::<syn::File>(tokens.clone()).is_ok(), "{tokens}");
    source::format(&tokens)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_document_becomes_rust(value in schema(), faithful in any::<bool>()) {
        let once = generated(value.clone(), faithful);
        prop_assert_eq!(once, generated(value, faithful));
    }
}

#[test]
fn nesting_and_cycles_come_to_an_end() {
    let nested: [fn(Value) -> Value; 4] = [
        |inner| json!({ "type": ["array", "null"], "items": inner, "minItems": 1 }),
        |inner| json!({ "type": "object", "additionalProperties": inner, "maxProperties": 9 }),
        |inner| json!({ "type": "object", "properties": { "a": inner }, "minProperties": 1 }),
        |inner| json!({ "anyOf": [{ "type": "null" }, { "allOf": [inner] }] }),
    ];
    for nest in nested {
        let deep =
            (0..300).fold(json!({ "type": "string", "minLength": 1 }), |inner, _| nest(inner));
        generated(deep, false);
    }
    let cycles = [
        json!({ "$ref": "#" }),
        json!({ "anyOf": [{ "$ref": "#" }, { "type": "null" }] }),
        json!({ "allOf": [{ "$ref": "#" }] }),
        json!({ "type": "array", "items": { "$ref": "#" } }),
        json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } }),
        json!({ "oneOf": [{ "$ref": "#" }, { "$ref": "#" }] }),
    ];
    for cycle in cycles {
        generated(cycle, true);
    }
}

#[test]
fn many_properties_are_too_many() {
    let names = (0..5_000)
        .map(|index| (format!("p{index}"), json!({ "type": "object", "required": ["a"] })));
    let wide = json!({ "type": "object", "properties": Map::from_iter(names) });
    assert!(generated(wide, false).len() < 1_000_000);
}
