//! Nothing that is read can make a reader panic, and what is read knows its places.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use hookspec_plugin::Pattern;
use hookspec_spec::manifest::{self, Dialect};
use hookspec_spec::{Catalog, CoreRequirement, CoreVersion, Document, Schema, Source, check_path};
use proptest::prelude::*;
use serde_json::Value;

const HOOKSPEC: &str = "kind: k\nkind_api_version: 1.0.0\nconstraints: { in_process_only: true }\nhooks:\n  - name: h\n    dispatch: chain\n    input_schema: s.json\n    writable: [/a]\n    examples:\n      - { input: &x { a: 1 }, output: *x }\n";
const SCHEMA: &str = r##"{ "type": "object", "properties": { "a": { "$ref": "#/$defs/a" } }, "$defs": { "a": { "pattern": "^a+$", "minimum": 1 } } }"##;
const EVENTS: &str = "namespace: e\nversion: 1.0.0\nopen: true\nevents:\n  - type: e.a\n    data_schema: s.json\n    metadata: { id: x }\n    security_level: high\n  - { type: e.b.c, data_schema: { type: object }, since: 1.0.0 }\n";
const MANIFEST: &str = "[plugin]\nname = \"p\"\nkind = \"k\"\ncore_version = \">=0.1\"\nruntime = \"in_process\"\nentry_point = \"a:B\"\npriority = 5\ndepends_on = [\"x\"]\n[plugin.when]\npointer = \"/a\"\nexists = true\n[plugin.events]\nemit = [\"a.*\"]\n[[plugin.events.subscribe]]\npattern = \"a.**\"\nqueue = 5\noverflow = \"coalesce\"\nkey = \"/data\"\n";

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
    let sources = [Source::new("events/e.yaml", &*text), Source::new("s.json", SCHEMA)];
    if let Ok(catalog) = Catalog::from_sources(sources) {
        asked(&catalog, &text);
    }
    let sources = [Source::new("k/v1.yaml", HOOKSPEC), Source::new("k/s.json", &*text)];
    let _ = Catalog::from_sources(sources).map_err(|found| found.to_string());
}

/// What is declared is found, lies in its namespace, and can be meant.
fn asked(catalog: &Catalog, text: &str) {
    let events = catalog.events();
    for declaration in events.declarations() {
        let own = declaration.event_type.as_str();
        assert!(events.find(own).is_some() && events.nearest(own).is_some_and(|near| near == own));
        assert_eq!(events.namespace_of(own).unwrap().file, declaration.file);
        assert!(events.may_match(&Pattern::parse(own).unwrap()));
    }
    let _ = (events.find(text), events.namespace_of(text), events.nearest(text));
}

#[test]
fn what_is_mutated_is_fine_to_begin_with() {
    let sources = [Source::new("k/v1.yaml", HOOKSPEC), Source::new("k/s.json", SCHEMA)];
    assert!(Catalog::from_sources(sources).is_ok());
    let sources = [Source::new("events/e.yaml", EVENTS), Source::new("s.json", SCHEMA)];
    let catalog = Catalog::from_sources(sources).unwrap();
    assert_eq!(catalog.events().declarations().count(), 2);
    asked(&catalog, EVENTS);
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
    fn no_events_that_are_nearly_right_make_a_reader_panic(bytes in mutated(EVENTS)) {
        read_everything(&bytes);
    }

    #[test]
    fn a_pattern_may_match_what_some_type_matches(
        pattern in "([ab*]\\.){0,3}([ab*]|\\*\\*)", open in "[ab](\\.[ab]){0,2}", rest in "(\\.[abc]){1,3}"
    ) {
        let text = format!("namespace: {open}\nversion: 1.0.0\nopen: true\nevents: []\n");
        let file = Source::new(format!("events/{open}.yaml"), text);
        let catalog = Catalog::from_sources([file]).unwrap();
        let pattern = Pattern::parse(&pattern).unwrap();
        if pattern.matches(&format!("{open}{rest}")) {
            prop_assert!(catalog.events().may_match(&pattern), "{} {}{}", pattern, open, rest);
        }
        // And the other way round: by the rule, segment for segment.
        let (own, wanted): (Vec<_>, Vec<_>) =
            (open.split('.').collect(), pattern.as_str().split('.').collect());
        let fits = own.iter().zip(&wanted).all(|(own, wanted)| wanted.contains('*') || own == wanted);
        let long = wanted.len() > own.len() || wanted.last() == Some(&"**");
        prop_assert_eq!(catalog.events().may_match(&pattern), fits && long, "{} {}", pattern, open);
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
        spec in mutated(HOOKSPEC), schema in mutated(SCHEMA), manifest in mutated(MANIFEST),
        events in mutated(EVENTS)
    ) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("v1.yaml"), spec).unwrap();
        fs::write(folder.path().join("s.json"), schema).unwrap();
        fs::write(folder.path().join("plugin.toml"), manifest).unwrap();
        fs::create_dir(folder.path().join("events")).unwrap();
        fs::write(folder.path().join("events/e.yaml"), events).unwrap();
        let report = check_path(folder.path());
        prop_assert_eq!(report.files.len(), 3);
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
