//! The schemas that are compared: those of the suite, and what is made of each to reach further.

use std::error::Error;

use hookspec_spec::Schema;
use serde_json::{Value, json};

/// A schema with values to begin from.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called in the suite.
    pub name: String,
    /// The schema.
    pub schema: Schema,
    /// Instances, valid ones and others.
    pub values: Vec<Value>,
}

const SUITE: [&str; 2] =
    [include_str!("../suite/draft2020-12.json"), include_str!("../suite/own.json")];

/// Every schema of the suite; most of them leave `type` out, so each is there once more with the
/// type that its keywords are about; and each as a field, present or absent, of an object.
///
/// # Errors
/// The suite cannot be read, or holds a schema that the interpreter refuses. Correct the suite.
pub fn all() -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = Vec::new();
    for text in SUITE {
        for each in serde_json::from_str::<Vec<Value>>(text)? {
            let name = each["name"].as_str().unwrap_or_default();
            let values = each["data"].as_array().cloned().unwrap_or_default();
            let schema = &each["schema"];
            cases.push(case(name.to_owned(), schema.clone(), values.clone())?);
            let typed = typed(schema);
            if let Some(typed) = &typed {
                cases.push(case(format!("{name}, typed"), typed.clone(), values.clone())?);
            }
            let text = schema.to_string();
            if ["$ref", "$anchor", "$defs"].iter().any(|keyword| text.contains(keyword)) {
                continue;
            }
            let inner = typed.as_ref().unwrap_or(schema);
            let field = json!({
                "type": "object",
                "properties": { "value": inner, "maybe": inner },
                "required": ["value"],
                "additionalProperties": { "type": "array", "items": inner },
            });
            let fields = values.iter().flat_map(|value| {
                [
                    json!({ "value": value }),
                    json!({ "value": value, "maybe": value, "more": [value, value] }),
                    json!({ "maybe": value }),
                    json!({ "value": value, "maybe": null }),
                ]
            });
            cases.push(case(format!("{name}, as a field"), field, fields.collect())?);
        }
    }
    Ok(cases)
}

fn case(name: String, schema: Value, values: Vec<Value>) -> Result<Case, Box<dyn Error>> {
    let schema = Schema::compile(schema).map_err(|found| format!("{name}: {found}"))?;
    Ok(Case { name, schema, values })
}

/// The schema with the type its keywords are about.
fn typed(schema: &Value) -> Option<Value> {
    let fields = schema.as_object()?;
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| fields.contains_key(*keyword));
    if has(&["type", "enum", "const", "$ref"]) {
        return None;
    }
    const ABOUT: [(&str, &[&str]); 4] = [
        (
            "object",
            &[
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
                "minProperties",
                "maxProperties",
                "propertyNames",
                "dependentRequired",
                "dependentSchemas",
                "unevaluatedProperties",
            ],
        ),
        (
            "array",
            &[
                "items",
                "prefixItems",
                "contains",
                "minItems",
                "maxItems",
                "uniqueItems",
                "unevaluatedItems",
            ],
        ),
        ("string", &["minLength", "maxLength", "pattern"]),
        ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];
    let (of, _) = ABOUT.iter().find(|(_, keywords)| has(keywords))?;
    let mut typed = fields.clone();
    typed.insert("type".into(), json!(of));
    Some(Value::Object(typed))
}
