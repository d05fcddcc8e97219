//! Payload schemas: violations, secrets, references between files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use hookspec_spec::{Catalog, Schema, Source};
use serde_json::{Value, json};

fn schema(document: Value) -> Schema {
    Schema::compile(document).unwrap_or_else(|found| panic!("{found}"))
}

/// The input schema of a hook that names the first of some files.
fn from_files(files: &[(&str, Value)]) -> Result<Schema, String> {
    let spec = format!(
        "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - {{ name: h, dispatch: singleton, input_schema: {} }}\n",
        files[0].0
    );
    let sources = files.iter().map(|(path, document)| Source::new(*path, document.to_string()));
    let catalog = Catalog::from_sources(sources.chain([Source::new("v1.yaml", spec)]));
    let catalog = catalog.map_err(|found| found.to_string())?;
    Ok(catalog.kind("k", 1).unwrap().hook("h").unwrap().input.clone())
}

#[test]
fn every_violation_has_both_pointers() {
    let schema = schema(json!({
        "properties": { "a/b": { "type": "string" }, "n": { "minimum": 3 } }, "required": ["z"]
    }));
    let violations = schema.validate(&json!({ "a/b": 1, "n": 2 })).unwrap_err();
    let mut places: Vec<_> =
        violations.iter().map(|each| (each.instance.as_str(), each.schema.as_str())).collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [("", "/required"), ("/a~1b", "/properties/a~1b/type"), ("/n", "/properties/n/minimum")]
    );
}

#[test]
fn anything_is_accepted_by_a_schema_that_only_describes() {
    for document in [json!(true), json!({}), json!({ "title": "t", "description": "d" })] {
        assert!(schema(document).accepts_anything());
    }
    assert!(!schema(json!(false)).accepts_anything() && !schema(json!(false)).is_valid(&json!(1)));
    assert!(Schema::anything().validate(&json!([1])).is_ok());
}

#[test]
fn formats_are_asserted() {
    let schema = schema(json!({ "format": "date-time" }));
    assert!(schema.is_valid(&json!("2026-01-31T10:00:00Z")));
    assert!(!schema.is_valid(&json!("yesterday")));
}

#[test]
fn secrets_never_appear_in_messages() {
    let secret = json!({ "type": "integer", "x-sensitive": true });
    let rows = [
        json!({ "properties": { "s": secret } }),
        json!({ "properties": { "s": { "$ref": "#/$defs/secret" } }, "$defs": { "secret": secret } }),
        json!({ "additionalProperties": { "writeOnly": true, "type": "integer" } }),
        json!({ "patternProperties": { "^s$": secret } }),
        json!({ "allOf": [{ "properties": { "s": { "anyOf": [secret, { "type": "null" }] } } }] }),
        json!({ "properties": { "s": { "writeOnly": true } }, "maxProperties": 0 }),
        json!({ "properties": { "s": { "writeOnly": true } }, "not": { "required": ["s"] } }),
        json!({ "properties": { "s": { "writeOnly": true } }, "type": "array" }),
        json!({ "properties": { "s": { "writeOnly": true } }, "enum": [1] }),
        json!({ "if": { "required": ["s"] }, "then": { "properties": { "s": secret } } }),
        json!({ "writeOnly": true, "type": "string" }),
        json!({ "unevaluatedProperties": secret }),
    ];
    for document in rows {
        let violations = schema(document.clone()).validate(&json!({ "s": "hunter2" })).unwrap_err();
        let text = format!("{violations} {violations:?}");
        assert!(!text.contains("hunter2"), "{document}: {text}");
    }
    for items in ["items", "contains"] {
        let document = json!({ "properties": { "l": { items: secret } } });
        let value = json!({ "l": ["hunter2"] });
        let text = schema(document.clone()).validate(&value).unwrap_err().to_string();
        assert!(!text.contains("hunter2"), "{document}: {text}");
    }
    let listed = json!({ "prefixItems": [{ "type": "string" }, secret], "maxItems": 1 });
    let text = schema(listed).validate(&json!(["a", "hunter2"])).unwrap_err().to_string();
    assert!(!text.contains("hunter2") && text.contains("***"), "{text}");
}

#[test]
fn what_is_no_secret_is_shown() {
    let document =
        json!({ "properties": { "s": { "writeOnly": true }, "n": { "type": "integer" } } });
    let text = schema(document)
        .validate(&json!({ "s": "hunter2", "n": "three" }))
        .unwrap_err()
        .to_string();
    assert!(text.contains("three") && !text.contains("hunter2"), "{text}");
}

#[test]
fn violations_of_large_payloads_are_bounded() {
    let schema = schema(json!({ "items": { "type": "string" } }));
    let some = schema.validate(&json!(vec![1; 5_000])).unwrap_err();
    assert_eq!(some.iter().count(), 100);
    let start = std::time::Instant::now();
    let many = schema.validate(&json!(vec![1; 1_000_000])).unwrap_err();
    assert_eq!(many.iter().count(), 1);
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
    let long = self::schema(json!({ "maxLength": 1 }))
        .validate(&json!("x".repeat(1_000_000)))
        .unwrap_err();
    assert!(long.to_string().len() < 1_000, "a message does not carry the payload");
}

#[test]
fn files_refer_to_each_other_and_become_one_document() {
    let schema = from_files(&[
        (
            "schemas/a.json",
            json!({ "$id": "https://example.invalid/a.json", "properties": {
            "u": { "$ref": "common/user.json" }, "i": { "$ref": "common/user.json#/$defs/id" } } }),
        ),
        (
            "schemas/common/user.json",
            json!({ "$id": "https://example.invalid/user.json",
            "$defs": { "id": { "type": "integer" } }, "properties": {
            "id": { "$ref": "#/$defs/id" }, "friends": { "items": { "$ref": "#" } },
            "home": { "$ref": "../address.yaml" } } }),
        ),
        ("schemas/address.yaml", json!({ "type": "string" })),
    ])
    .unwrap();
    assert!(
        schema
            .is_valid(&json!({ "u": { "id": 1, "friends": [{ "id": 2 }], "home": "x" }, "i": 1 }))
    );
    assert!(!schema.is_valid(&json!({ "u": { "friends": [{ "id": "2" }] } })));
    assert!(
        !schema.is_valid(&json!({ "u": { "home": 1 } })) && !schema.is_valid(&json!({ "i": "1" }))
    );
    let mut open = vec![schema.document()];
    while let Some(value) = open.pop() {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(schema.document().pointer(pointer).is_some(), "{reference}");
        }
        open.extend(value.as_array().into_iter().flatten());
        open.extend(value.as_object().into_iter().flat_map(|fields| fields.values()));
    }
}

#[test]
fn references_that_lead_nowhere_out_or_round_in_circles_are_refused() {
    let rows = [
        (json!({ "$ref": "b.json" }), "HS-S036"),
        (json!({ "$ref": "none.json" }), "HS-S035"),
        (json!({ "$ref": "b.json#/$defs/none" }), "HS-S035"),
        (json!({ "$ref": "../b.json" }), "HS-S031"),
        (json!({ "$ref": "/etc/passwd" }), "HS-S031"),
        (json!({ "$ref": "file:///etc/passwd" }), "HS-S034"),
        (json!({ "$ref": "//example.invalid/b.json" }), "HS-S034"),
        (json!({ "properties": { "x": { "$id": "x" } } }), "HS-S033"),
        (json!({ "$schema": "http://json-schema.org/draft-07/schema#" }), "HS-S033"),
    ];
    for (document, code) in rows {
        let other = ("b.json", json!({ "allOf": [{ "$ref": "a.json" }] }));
        let error = from_files(&[("a.json", document.clone()), other]).unwrap_err();
        assert!(error.contains(code), "{document}: {error}");
        assert!(error.contains(".json:1:"), "{error}");
    }
    // Through a property the value gets smaller: this one is fine.
    let tree = json!({ "properties": { "left": { "$ref": "#" } }, "type": "object" });
    let tree = from_files(&[("a.json", tree)]).unwrap();
    assert!(
        tree.is_valid(&json!({ "left": { "left": {} } })) && !tree.is_valid(&json!({ "left": 1 }))
    );
}

#[test]
fn a_document_alone_reports_all_its_mistakes() {
    let document = json!({ "type": "txt", "properties": { "a": { "minimum": "1" }, "b": { "pattern": "(" },
        "c": { "$ref": "other.json" } } });
    let found = Schema::compile(document).unwrap_err();
    let mut pointers: Vec<_> = found.iter().map(|each| each.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        ["/properties/a/minimum", "/properties/b/pattern", "/properties/c/$ref", "/type"],
        "{found}"
    );
}

#[test]
fn too_many_references_are_refused() {
    let chain = |count: usize, link: fn(String) -> Value| {
        let mut defs = serde_json::Map::new();
        for index in 0..count {
            defs.insert(format!("d{index}"), link(format!("#/$defs/d{}", index + 1)));
        }
        defs.insert(format!("d{count}"), json!({ "type": "string" }));
        Schema::compile(json!({ "$ref": "#/$defs/d0", "$defs": defs }))
    };
    assert!(chain(100, |next| json!({ "$ref": next })).is_ok());
    assert!(chain(200, |next| json!({ "$ref": next })).is_err(), "validation recurses along it");
    assert!(chain(500, |next| json!({ "properties": { "x": { "$ref": next } } })).is_ok());
    assert!(chain(3_000, |next| json!({ "properties": { "x": { "$ref": next } } })).is_err());
}

#[test]
fn a_resolver_follows_pointers_and_anchors() {
    let schema = schema(json!({
        "$defs": { "a b": { "const": 1 }, "named": { "$anchor": "here", "const": 2 } },
        "anyOf": [{ "$ref": "#/$defs/a%20b" }, { "$ref": "#here" }]
    }));
    let resolver = schema.resolver();
    assert_eq!(resolver.resolve("#/$defs/a%20b"), Some(&json!({ "const": 1 })));
    assert_eq!(resolver.resolve("#here").and_then(|found| found.get("const")), Some(&json!(2)));
    assert_eq!(resolver.resolve("#"), Some(schema.document()));
    assert_eq!(resolver.resolve("#nowhere"), None);
    assert_eq!(resolver.resolve("other.json"), None);
}
