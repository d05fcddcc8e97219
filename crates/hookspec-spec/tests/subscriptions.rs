//! `[plugin.events]` of a manifest: what a plugin emits, cancels and receives.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

use hookspec_plugin::{AwfUse, Events, Manifest, Overflow, Pattern, Retries, Subscription};
use hookspec_spec::Diagnostics;
use hookspec_spec::manifest::{self, Dialect};
use serde_json::json;

const HEAD: &str = "\
[plugin]
name = \"p\"
kind = \"k\"
core_version = \"\"
runtime = \"in_process\"
entry_point = \"a:B\"
";

fn read(rest: &str) -> Result<Events, Diagnostics> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.toml");
    fs::write(&path, format!("{HEAD}{rest}")).unwrap();
    manifest::load(&path).map(|loaded| loaded.manifest.events.unwrap_or_default())
}

#[test]
fn both_forms_of_toml_are_read() {
    let short =
        read("[plugin.events]\nemit = [\"a.*\"]\nsubscribe = [\"a.*\", \"b.**\"]\n").unwrap();
    assert_eq!(short.emit, [Pattern::parse("a.*").unwrap()]);
    let plain = |text| Subscription::new(text).unwrap();
    assert_eq!(short.subscribe, [plain("a.*"), plain("b.**")]);
    let long = read(
        "[plugin.events]\ncancel = [\"a.b\"]\n\
         [[plugin.events.subscribe]]\npattern = \"a.*\"\n\
         [[plugin.events.subscribe]]\n\
         name = \"n\"\npatterns = [\"b.**\", \"c\"]\nqueue = 64\noverflow = \"coalesce\"\n\
         key = \"/data/id\"\nconcurrency = 4\ntimeout_ms = 100\npriority = -3\nsources = [\"x\"]\n\
         permission = \"may\"\ntenant = \"t\"\n\
         [plugin.events.subscribe.retries]\nattempts = 3\n\
         [plugin.events.subscribe.filter]\npointer = \"/data/env\"\nequals = \"prod\"\n",
    )
    .unwrap();
    assert_eq!(long.cancel, [Pattern::parse("a.b").unwrap()]);
    assert_eq!(long.subscribe[0], plain("a.*"));
    let full = &long.subscribe[1];
    assert!(full.wants("b.x.y") && full.wants("c") && !full.wants("a.x"));
    assert_eq!((full.queue, full.overflow), (64, Overflow::Coalesce));
    assert_eq!((full.concurrency, full.timeout_ms, full.priority), (4, 100, -3));
    assert_eq!(full.retries, Retries { attempts: 3, backoff_ms: 1000 });
    assert!(full.filter.as_ref().unwrap().holds(&json!({ "data": { "env": "prod" } })));
    assert_eq!(full.name.as_deref(), Some("n"));
}

#[test]
fn every_mistake_is_reported_at_its_place_with_what_to_do() {
    let found = read(
        "[plugin.events]\n\
         emit = [\"deploy.\", 1]\n\
         cancel = [\"deploy.**.x\"]\n\
         [[plugin.events.subscribe]]\n\
         pattern = \"deploy.c*\"\n\
         queue = 0\n\
         overflow = \"drop_old\"\n\
         key = \"data.id\"\n\
         [[plugin.events.subscribe]]\n\
         patern = \"a\"\n\
         overflow = \"coalesce\"\n\
         concurrency = 257\n\
         timeout_ms = \"5\"\n\
         priority = 1.5\n\
         retries = { attempts = 101 }\n\
         filter = { equals = 1 }\n",
    )
    .unwrap_err();
    let told: Vec<_> = found
        .iter()
        .map(|each| {
            let at = each.position.unwrap();
            assert!(each.snippet.is_some(), "{each}");
            (each.code, at.line, at.column)
        })
        .collect();
    let expected = [
        ("HS-M024", 8, 9),
        ("HS-M006", 8, 20),
        ("HS-M024", 9, 11),
        ("HS-M024", 11, 11),
        ("HS-M009", 12, 9),
        ("HS-M007", 13, 12),
        ("HS-M025", 14, 7),
        ("HS-M025", 15, 1),
        ("HS-M004", 16, 1),
        ("HS-M025", 17, 12),
        ("HS-M009", 18, 15),
        ("HS-M006", 19, 14),
        ("HS-M009", 20, 12),
        ("HS-M009", 21, 24),
        ("HS-M017", 22, 10),
    ];
    assert_eq!(told, expected, "{found}");
    let text = found.to_string();
    for hint in [
        "did you mean `deploy`?",
        "did you mean `deploy.*.x`?",
        "did you mean `deploy.*`?",
        "did you mean `drop_oldest`?",
        "did you mean `pattern`?",
        "add `pattern`, such as",
        "add `key`, such as /data/id",
        "such as /data/id or /subject",
        "from 1 to 65536",
        "from 0 to 100",
    ] {
        assert!(text.contains(hint), "{hint}\n{text}");
    }
}

#[test]
fn a_manifest_built_in_rust_obeys_the_same_rules_and_keeps_patterns_of_other_systems() {
    let with = |subscription: Subscription| Manifest {
        events: Some(Events { subscribe: vec![subscription], ..Events::default() }),
        ..Manifest::new("p", "k")
    };
    let fine = Subscription::new("a.*").unwrap();
    let built = with(fine.clone().overflow(Overflow::Coalesce).key("/data/id"));
    assert_eq!(manifest::check(&built), Ok(()));
    let again = serde_json::to_value(&built).unwrap();
    assert_eq!(manifest::from_value(&again, Dialect::Hookspec), Ok(built));
    let foreign = Subscription::of(Pattern::awf("a.b*", AwfUse::Subscribe));
    assert_eq!(manifest::check(&with(foreign)), Ok(()));
    for (broken, field) in [
        (fine.clone().overflow(Overflow::Coalesce), "overflow"),
        (fine.clone().key("id"), "key"),
        (fine.clone().timeout_ms(0), "timeout_ms"),
        (fine.clone().queue(70_000), "queue"),
        (fine.clone().retries(101, 1), "attempts"),
        (Subscription { patterns: Vec::new(), ..fine }, "0"),
    ] {
        let found = manifest::check(&with(broken)).unwrap_err();
        assert_eq!(found.iter().next().unwrap().field(), field, "{found}");
    }
}
