//! Documents: what is read, and where it stands.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use hookspec_spec::{Document, Position};
use serde_json::json;

fn at(document: &Document, pointer: &str) -> (u32, u32) {
    let Position { line, column } = document.position(pointer).unwrap();
    (line, column)
}

#[test]
fn every_value_knows_its_place_in_every_notation() {
    let yaml = Document::yaml("a", "a:\n  - x: é\n    y: [1, \"2\"]\n").unwrap();
    let json = Document::json("a", "{\"a\":\n [{\"x\": \"é\",\n \"y\": [1, \"2\"]}]}").unwrap();
    let toml = Document::toml("a", "[[a]]\nx = 'é'\ny = [1, '2']\n").unwrap();
    for document in [&yaml, &json, &toml] {
        assert_eq!(document.value(), &json!({ "a": [{ "x": "é", "y": [1, "2"] }] }));
        assert_eq!(document.position("/a/1"), None);
        assert_eq!(document.position("/a/0/x/y"), None);
    }
    assert_eq!((at(&yaml, "/a/0/x"), at(&yaml, "/a/0/y/1")), ((2, 8), (3, 12)));
    assert_eq!((at(&json, "/a/0/x"), at(&json, "/a/0/y/1")), ((2, 9), (3, 11)));
    assert_eq!((at(&toml, "/a/0/x"), at(&toml, "/a/0/y/1")), ((2, 5), (3, 9)));
    assert_eq!(yaml.key_position("/a/0/y"), Some(Position { line: 3, column: 5 }));
    let snippet = toml.snippet(Position { line: 2, column: 5 }).unwrap();
    assert_eq!(snippet, "x = 'é'\n    ^");
}

#[test]
fn marks_and_line_ends_of_other_systems_are_accepted() {
    let document = Document::yaml("a", "\u{feff}a: 1\r\nb: 2\r\n").unwrap();
    assert_eq!(document.value(), &json!({ "a": 1, "b": 2 }));
    assert_eq!((at(&document, "/a"), at(&document, "/b")), ((1, 4), (2, 4)));
}

#[test]
fn keys_with_special_characters_have_escaped_pointers() {
    let document = Document::yaml("a", "a/b: { c~d: 1 }\n").unwrap();
    assert_eq!(at(&document, "/a~1b/c~0d"), (1, 13));
}

#[test]
fn aliases_are_copies_and_stand_where_they_are_used() {
    let document = Document::yaml("a", "a: &x { b: 1 }\nc: *x\n").unwrap();
    assert_eq!(document.value(), &json!({ "a": { "b": 1 }, "c": { "b": 1 } }));
    assert_eq!((at(&document, "/c"), at(&document, "/c/b")), ((2, 4), (1, 12)));
}

#[test]
fn several_mistakes_of_notation_are_reported_at_once() {
    let found = Document::yaml("a", "a: no\na: 012\nb: !x 1\n<<: { c: .nan }\n").unwrap_err();
    let codes: Vec<_> = found.iter().map(|each| each.code).collect();
    assert_eq!(
        codes,
        ["HS-S006", "HS-S005", "HS-S006", "HS-S008", "HS-S008", "HS-S008"],
        "{found}"
    );
}

#[test]
fn what_json_cannot_say_is_refused() {
    for yaml in
        ["? [a]\n: 1\n", "a: &x [*x]\n", "a: *y\n", "a: 1\n---\nb: 2\n", "&x a: 1\n*x : 2\n"]
    {
        assert!(Document::yaml("a", yaml).is_err(), "{yaml}");
    }
    for toml in ["a = inf", "a = 2026-01-31", "a = 99999999999999999999", "a = 1\na = 2"] {
        assert!(Document::toml("a", toml).is_err(), "{toml}");
    }
    for json in ["{\"a\": 1, \"a\": 2}", "[1,]", "{} {}", "\"\\x\"", "01", "\"\t\"", "nul", "\"\\"]
    {
        assert!(Document::json("a", json).is_err(), "{json}");
    }
}

#[test]
fn a_parser_that_unwinds_says_once_why() {
    let found = Document::toml("a", format!("a = {}", "[".repeat(100_000))).unwrap_err();
    let mut said: Vec<_> = found.iter().map(|each| (each.position, &each.message)).collect();
    assert!(said.len() <= 3, "{found}");
    said.dedup();
    assert_eq!(said.len(), found.iter().count(), "{found}");
    let many = Document::toml("a", "= =\n".repeat(10_000)).unwrap_err();
    assert_eq!(many.iter().count(), 100);
    let large = Document::toml("a", format!("a = '{}'", "x".repeat(600_000))).unwrap_err();
    assert_eq!(large.iter().map(|each| each.code).collect::<Vec<_>>(), ["HS-S007"]);
}
