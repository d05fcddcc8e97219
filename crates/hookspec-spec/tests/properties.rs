//! Nothing that is read can make a reader panic, and what is read knows its places.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use hookspec_spec::manifest::{self, Dialect};
use hookspec_spec::{Catalog, CoreRequirement, CoreVersion, Document, Schema, Source, check_path};
use proptest::prelude::*;
use serde_json::Value;

const HOOKSPEC: &str = "kind: k\nkind_api_version: 1.0.0\nconstraints: { in_process_only: true }\nhooks:\n  - name: h\n    dispatch: chain\n    input_schema: s.json\n    writable: [/a]\n    examples:\n      - { input: &x { a: 1 }, output: *x }\n";
const SCHEMA: &str = r##"{ "type": "object", "properties": { "a": { "$ref": "#/$defs/a" } }, "$defs": { "a": { "pattern": "^a+$", "minimum": 1 } } }"##;
const MANIFEST: &str = "[plugin]\nname = \"p\"\nkind = \"k\"\ncore_version = \">=0.1\"\nruntime = \"in_process\"\nentry_point = \"a:B\"\npriority = 5\ndepends_on = [\"x\"]\n[plugin.when]\npointer = \"/a\"\nexists = true\n";

/// A text with some of its bytes replaced, removed or doubled.
fn mutated(base: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        0..base.len(),
        prop_oneof![
            Just(None),
            any::<u8>().prop_map(Some),
            prop::sample::select(b"{}[]:,-\"'#&*!|>%@\n\t ~/".to_vec()).prop_map(Some)
        ],
        any::<bool>(),
    );
    prop::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut bytes = base.as_bytes().to_vec();
        for (at, byte, insert) in edits {
            let at = at.min(bytes.len() - 1);
            match byte {
                None => drop(bytes.remove(at)),
                Some(byte) if insert => bytes.insert(at, byte),
                Some(byte) => bytes[at] = byte,
            }
        }
        bytes
    })
}

fn places(document: &Document) {
    let mut open = vec![(String::new(), document.value())];
    while let Some((pointer, value)) = open.pop() {
        let at = document.position(&pointer);
        assert!(at.is_some(), "{pointer:?} has no place");
        document.key_position(&pointer);
        at.map(|at| document.snippet(at));
        match value {
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(i, v)| (format!("{pointer}/{i}"), v)))
            }
            Value::Object(fields) => open.extend(fields.iter().map(|(k, v)| {
                (format!("{pointer}/{}", k.replace('~', "~0").replace('/', "~1")), v)
            })),
            _ => {}
        }
    }
}

fn read_everything(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    for read in
        [Document::yaml("a", &*text), Document::json("a", &*text), Document::toml("a", &*text)]
    {
        match read {
            Ok(document) => {
                places(&document);
                for dialect in [Dialect::Hookspec, Dialect::Specification] {
                    let _ =
                        manifest::from_value(document.value(), dialect).map_err(|e| e.to_string());
                }
                let schema = Schema::compile(document.value().clone());
                let _ = schema
                    .map(|schema| schema.validate(document.value()).map_err(|e| e.to_string()));
            }
            Err(found) => {
                assert!(found.iter().all(|each| each.position.is_some()), "{found}");
                let _ = found.to_string();
            }
        }
    }
    let sources = [Source::new("k/v1.yaml", &*text), Source::new("k/s.json", SCHEMA)];
    let _ = Catalog::from_sources(sources).map_err(|found| found.to_string());
    let sources = [Source::new("k/v1.yaml", HOOKSPEC), Source::new("k/s.json", &*text)];
    let _ = Catalog::from_sources(sources).map_err(|found| found.to_string());
}

#[test]
fn what_is_mutated_is_fine_to_begin_with() {
    let sources = [Source::new("k/v1.yaml", HOOKSPEC), Source::new("k/s.json", SCHEMA)];
    assert!(Catalog::from_sources(sources).is_ok());
    let document = Document::toml("a", MANIFEST).unwrap();
    places(&document);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_everything(&bytes);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[\\PC\n\t]{0,80}") {
        read_everything(text.as_bytes());
        let _ = CoreRequirement::parse(&text);
        let _ = CoreVersion::parse(&text);
    }

    #[test]
    fn no_hookspec_that_is_nearly_right_makes_a_reader_panic(bytes in mutated(HOOKSPEC)) {
        read_everything(&bytes);
    }

    #[test]
    fn no_schema_that_is_nearly_right_makes_a_reader_panic(bytes in mutated(SCHEMA)) {
        read_everything(&bytes);
    }

    #[test]
    fn no_manifest_that_is_nearly_right_makes_a_reader_panic(bytes in mutated(MANIFEST)) {
        read_everything(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_broken_file_is_reported_at_a_place(
        spec in mutated(HOOKSPEC), schema in mutated(SCHEMA), manifest in mutated(MANIFEST)
    ) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("v1.yaml"), spec).unwrap();
        fs::write(folder.path().join("s.json"), schema).unwrap();
        fs::write(folder.path().join("plugin.toml"), manifest).unwrap();
        let report = check_path(folder.path());
        prop_assert_eq!(report.files.len(), 2);
        for each in &report.diagnostics {
            prop_assert!(each.position.is_some() && each.path.is_some(), "{}", each);
        }
    }

    #[test]
    fn json_reads_as_serde_json_reads_it(value in any_json()) {
        let document = Document::json("a", serde_json::to_string_pretty(&value).unwrap()).unwrap();
        prop_assert_eq!(document.value(), &value);
        let document = Document::yaml("a", value.to_string());
        if !value.is_null() && let Ok(document) = document {
            prop_assert_eq!(document.value(), &value);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z~/ \"\\\\é\n]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z~/]{0,4}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
