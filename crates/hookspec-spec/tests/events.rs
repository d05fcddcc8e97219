//! Files of events: what they declare, and what is wrong with them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use hookspec_plugin::{AwfUse, Pattern, SecurityLevel};
use hookspec_spec::{
    Catalog, Diagnostic, Diagnostics, EventCatalog, EventDeclaration, Source, check_path,
    check_paths,
};
use serde_json::json;

const DEPLOY: &str = "\
namespace: deploy
version: 1.2.0
description: Deployments.
events:
  - type: deploy.completed
    description: It is there.
    data_schema: schemas/deploy_completed.json
    since: 1.1.0
    metadata: { workflow_id: id of the run }
    security_level: high
  - { type: deploy.eu.failed, data_schema: { required: [why] }, deprecated: use deploy.failed }
  - type: deploy.started
";

const SCHEMA: (&str, &str) =
    ("events/schemas/deploy_completed.json", r#"{ "type": "object", "required": ["target"] }"#);

fn sources(files: &[(&str, &str)]) -> Result<Catalog, Diagnostics> {
    Catalog::from_sources(files.iter().map(|(path, text)| Source::new(*path, *text)))
}

fn catalog(files: &[(&str, &str)]) -> EventCatalog {
    sources(files).unwrap_or_else(|found| panic!("{found}")).events().clone()
}

fn deploy() -> EventCatalog {
    catalog(&[("events/deploy.yaml", DEPLOY), SCHEMA])
}

fn namespace(name: &str, rest: &str) -> (String, String) {
    let text = format!("namespace: {name}\nversion: 1.0.0\n{rest}");
    (format!("events/{name}.yaml"), text)
}

fn one(name: &str, rest: &str) -> EventCatalog {
    let (path, text) = namespace(name, rest);
    catalog(&[(&path, &text)])
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

/// A hookspec whose only hook is bound to an event.
fn bound(event: &str) -> String {
    let hook = format!("{{ name: h, dispatch: broadcast_notify, event: {event} }}");
    format!("kind: k\nkind_api_version: 1.0.0\nhooks:\n  - {hook}\n")
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn codes<'a>(found: impl IntoIterator<Item = &'a Diagnostic>) -> Vec<&'static str> {
    found.into_iter().map(|each| each.code).collect()
}

#[test]
fn what_a_file_says_of_an_event_is_found() {
    let events = deploy();
    let types: Vec<_> = events.declarations().map(|each| each.event_type.as_str()).collect();
    assert_eq!(types, ["deploy.completed", "deploy.eu.failed", "deploy.started"]);
    let completed = events.find("deploy.completed").unwrap();
    assert_eq!(completed.description.as_deref(), Some("It is there."));
    assert_eq!(completed.since.as_deref(), Some("1.1.0"));
    assert_eq!(completed.metadata["workflow_id"], "id of the run");
    assert_eq!(completed.security_level, SecurityLevel::High);
    assert_eq!(completed.file.to_str(), Some("events/deploy.yaml"));
    assert!(completed.has_schema && !completed.schema.is_valid(&json!({})));
    let failed = events.find("deploy.eu.failed").unwrap();
    assert!(failed.has_schema && failed.schema.is_valid(&json!({ "why": 1, "else": 2 })));
    assert_eq!(failed.deprecated.as_deref(), Some("use deploy.failed"));
    let started = events.find("deploy.started").unwrap();
    assert!(!started.has_schema && started.schema.accepts_anything());
    assert_eq!(started.security_level, SecurityLevel::Normal);
    assert!(events.find("deploy.other").is_none() && events.find("deploy").is_none());
    assert_eq!(events.nearest("deploy.complete"), Some("deploy.completed"));
    assert_eq!(events.nearest("zzz"), None);
}

#[test]
fn a_type_belongs_to_the_longest_namespace_above_it() {
    let (outer, inner) = (namespace("a", "events: []\n"), namespace("a.b", "events: []\n"));
    let events = catalog(&[(&outer.0, &outer.1), (&inner.0, &inner.1)]);
    let of = |text: &str| events.namespace_of(text).map(|own| own.name.as_str());
    assert_eq!(of("a.x"), Some("a"));
    assert_eq!(of("a.b"), Some("a"));
    assert_eq!(of("a.b.x"), Some("a.b"));
    assert_eq!(of("a.bc.x.y"), Some("a"));
    assert_eq!((of("a"), of("ab.x"), of("")), (None, None, None));
    assert_eq!(events.namespaces().count(), 2);
}

#[test]
fn a_pattern_that_means_nothing_is_told_from_one_that_may() {
    let events = deploy();
    for (text, expected) in [
        ("deploy.completed", true),
        ("deploy.*", true),
        ("*.eu.**", true),
        ("deploy.compleded", false),
        ("deploy.us.*", false),
        ("deploy", false),
        ("*", false),
    ] {
        assert_eq!(events.may_match(&pattern(text)), expected, "{text}");
    }
    let open = one("a.b", "open: true\nevents: []\n");
    for (text, expected) in [
        ("a.b.anything", true),
        ("a.b.c.d.e", true),
        ("a.**", true),
        ("*.*.*", true),
        ("a.*.c", true),
        ("a.b", false),
        ("a.*", false),
        ("b.**", false),
        ("a.c.d", false),
    ] {
        assert_eq!(open.may_match(&pattern(text)), expected, "{text}");
    }
    assert!(open.may_match(&Pattern::awf("*", AwfUse::Subscribe)));
    assert!(!open.may_match(&Pattern::awf("*", AwfUse::Emit)));
    assert!(!EventCatalog::empty().may_match(&pattern("**")));
}

#[test]
fn a_type_lies_below_its_namespace_and_is_not_that() {
    for (text, expected) in [("a.b.c", true), ("a.b", false), ("a.bc.d", false), ("a", false)] {
        let (path, text) = namespace("a.b", &format!("events: [{{ type: {text} }}]\n"));
        assert_eq!(sources(&[(&path, &text)]).is_ok(), expected, "{text}");
    }
}

#[test]
fn every_mistake_of_every_file_is_reported_at_its_place() {
    let one = "\
namespace: deploy
version: 1.0
evnets: []
events:
  - type: completed
    descripton: x
  - type: deploy.a
    data_schema: schemas/none.json
  - { type: deploy.b, security_level: hihg, metadata: { run: 1 } }
  - { type: deploy.a }
  - { type: deploy/c, data_schema: { type: text } }
  - { description: no type }
";
    let two = "namespace: Deploy Us\nversion: one\nevents: {}\nopen: yes please\n";
    let found = sources(&[("events/deploy.yaml", one), ("events/us.yaml", two)]).unwrap_err();
    let told: Vec<_> = found
        .iter()
        .map(|each| {
            let at = each.position.unwrap();
            assert!(each.snippet.is_some(), "{each}");
            (each.code, at.line, at.column)
        })
        .collect();
    let expected = [
        ("HS-V008", 2, 10),
        ("HS-V002", 3, 1),
        ("HS-V010", 5, 11),
        ("HS-V002", 6, 5),
        ("HS-S030", 8, 18),
        ("HS-V005", 9, 39),
        ("HS-V004", 9, 62),
        ("HS-V011", 10, 13),
        ("HS-V009", 11, 13),
        ("HS-S033", 11, 44),
        ("HS-V003", 12, 5),
        ("HS-V006", 1, 12),
        ("HS-V008", 2, 10),
        ("HS-V004", 3, 9),
        ("HS-V004", 4, 7),
    ];
    assert_eq!(told, expected, "{found}");
    let text = found.to_string();
    for hint in [
        "did you mean `events`?",
        "did you mean `deploy.completed`?",
        "did you mean `description`?",
        "did you mean `high`?",
        "did you mean `deploy.c`?",
        "did you mean `Deploy.Us`?",
        "add `type: deploy.something`",
        "write 1.0.0",
    ] {
        assert!(text.contains(hint), "{hint}\n{text}");
    }
}

#[test]
fn a_namespace_and_a_type_have_one_file() {
    let own = catalog(&[("events/deploy.yaml", DEPLOY), SCHEMA]);
    assert_eq!(own.declarations().count(), 3);
    let both = |other: (String, String)| {
        let one = sources(&[("events/deploy.yaml", DEPLOY), SCHEMA]).unwrap();
        let other = sources(&[(&other.0, &other.1)]).unwrap();
        one.merge(&other).map(|all| all.events().declarations().count())
    };
    assert_eq!(both(namespace("other", "events: [{ type: other.a }]\n")), Ok(4));
    let twice = both(namespace("deploy", "events: [{ type: deploy.started }]\n")).unwrap_err();
    assert_eq!(codes(twice.iter()), ["HS-V012"], "{twice}");
    let inner = namespace("deploy.eu", "events: [{ type: deploy.eu.failed }]\n");
    let twice = both(inner).unwrap_err().to_string();
    assert!(twice.contains("HS-V011") && twice.contains("events/deploy.eu.yaml:3:18"), "{twice}");
    assert!(twice.contains("already declared by events/deploy.yaml"), "{twice}");
}

#[test]
fn events_stand_directly_below_a_root_and_trip_no_kind() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(folder.path(), path, text);
    write("events/deploy.yaml", DEPLOY);
    write(SCHEMA.0, SCHEMA.1);
    write("events/v1.yaml", "kind: events\nkind_api_version: 1.0.0\nhooks: []\n");
    write("events/.draft.yaml", "?");
    write("events/deep/other.yaml", "?");
    write("k/v1.yaml", "kind: k\nkind_api_version: 1.0.0\nhooks: []\n");
    write("k/events/other.yaml", "?");
    let read = Catalog::load([folder.path(), folder.path()]).unwrap();
    assert_eq!(read.events().declarations().count(), 3);
    let kinds: Vec<_> = read.kinds().map(|kind| kind.name.as_str()).collect();
    assert_eq!(kinds, ["events", "k"]);
    assert!(read.warnings().is_empty(), "{:?}", read.warnings());
    let report = check_path(folder.path());
    assert_eq!((report.files.len(), report.diagnostics), (3, vec![]));
    let alone = check_path(&folder.path().join("events/deploy.yaml"));
    assert_eq!((alone.files.len(), alone.diagnostics), (1, vec![]));
    let inside = check_path(&folder.path().join("events"));
    assert!(inside.diagnostics.is_empty(), "{:?}", inside.diagnostics);
    let empty = tempfile::tempdir().unwrap();
    fs::create_dir(empty.path().join("events")).unwrap();
    assert_eq!(Catalog::load([empty.path()]).unwrap().warnings().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_root_is_not_followed_for_events() {
    let folder = tempfile::tempdir().unwrap();
    let events = "namespace: deploy\nversion: 1.0.0\nevents: [{ type: deploy.done }]\n";
    write(folder.path(), "events/deploy.yaml", events);
    for (linked, root) in [("events/deploy.yaml", "one"), ("events", "two")] {
        let root = folder.path().join(root);
        write(&root, "k/v1.yaml", &bound("deploy.done"));
        let link = root.join(linked);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(folder.path().join(linked), link).unwrap();
        // What it may declare is not missed, too.
        let error = Catalog::load([&root]).unwrap_err();
        assert_eq!(codes(error.iter()), ["HS-S031"], "{error}");
        for path in [root.join("k/v1.yaml"), root] {
            let report = check_path(&path);
            assert_eq!(codes(&report.diagnostics), ["HS-S031"], "{linked}: {report:?}");
        }
    }
}

#[test]
fn a_binding_is_no_mistake_while_two_files_contradict_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let roots = [("one", "deploy.started"), ("two", "deploy.done")].map(|(root, event)| {
        let root = folder.path().join(root);
        let events = format!("namespace: deploy\nversion: 1.0.0\nevents: [{{ type: {event} }}]\n");
        write(&root, "events/deploy.yaml", &events);
        root
    });
    write(&roots[1], "k/v1.yaml", &bound("deploy.done"));
    let [one, two] = roots.each_ref().map(|root| Catalog::load([root]).unwrap());
    for found in [one.merge(&two), Catalog::load(&roots)] {
        let found = found.unwrap_err();
        assert_eq!(codes(found.iter()), ["HS-V012"], "{found}");
    }
    let report = check_paths(&roots);
    assert_eq!(codes(&report.diagnostics), ["HS-V012"], "{report:?}");
}

#[test]
fn own_files_come_before_the_shipped_ones_and_what_the_host_publishes_stays() {
    let shipped = EventCatalog::shipped().declarations().count();
    let all = deploy().with_shipped();
    assert_eq!(all.declarations().count(), shipped + 3);
    assert!(all.find("workflow.completed").is_some_and(|each| !each.metadata.is_empty()));
    let user = one("user", "events: [{ type: user.created }]\n").with_shipped();
    assert!(!user.find("user.created").unwrap().has_schema && user.find("user.login").is_none());
    let core = one("core", "events: [{ type: core.mine }]\n").with_shipped();
    assert!(core.find("core.mine").is_some() && core.find("core.system.started").is_some());
    let nested = one("core.plugin", "events: []\n").with_shipped();
    assert!(nested.find("core.plugin.state_changed").is_some());
}

#[test]
fn no_file_changes_what_is_shipped_of_the_hosts_own_events() {
    let shipped = EventCatalog::shipped();
    let hosts = |own: &&EventDeclaration| own.event_type.as_str().starts_with("core.");
    for own in shipped.declarations().filter(hosts) {
        let name = own.event_type.as_str();
        let (inner, _) = name.rsplit_once('.').unwrap();
        let stricter =
            format!("events: [{{ type: {name}, data_schema: {{ required: [mine] }} }}]\n");
        for namespace in ["core", inner] {
            let all = one(namespace, &stricter).with_shipped();
            let found = all.find(name).unwrap();
            assert_eq!(found.schema.document(), own.schema.document(), "{namespace}: {name}");
        }
    }
}

#[test]
fn a_hook_is_bound_to_events_that_there_are() {
    let read = |event: &str| {
        sources(&[("k/v1.yaml", &bound(event)), ("events/deploy.yaml", DEPLOY), SCHEMA])
    };
    for event in ["deploy.completed", "deploy.**", "workflow.*", "core.plugin.state_changed"] {
        let read = read(event).unwrap();
        let hook = read.kind("k", 1).unwrap().hook("h").unwrap();
        assert_eq!(hook.event.as_ref().map(Pattern::as_str), Some(event));
        assert_eq!(read.merge(&Catalog::empty()).unwrap().kinds().count(), 1);
    }
    let unknown = read("deploy.compleeted").unwrap_err();
    let first = unknown.iter().next().unwrap();
    let place = first.position.map(|at| (at.line, at.column));
    assert_eq!((first.code, place), ("HS-S028", Some((4, 51))), "{unknown}");
    assert!(unknown.to_string().contains("did you mean `deploy.completed`?"), "{unknown}");
    let missing = read("billing.*").unwrap_err().to_string();
    assert!(missing.contains("declare it in events/billing.yaml"), "{missing}");
    let open = "namespace: billing\nversion: 1.0.0\nopen: true\nevents: []\n";
    let files = [("k/v1.yaml", bound("billing.*")), ("events/billing.yaml", open.to_owned())];
    assert!(sources(&files.each_ref().map(|(path, text)| (*path, text.as_str()))).is_ok());
    let other = bound("deploy.completed").replace("broadcast_notify", "singleton");
    let refused = sources(&[("k/v1.yaml", &other)]).unwrap_err();
    assert_eq!(codes(refused.iter()), ["HS-S020"], "{refused}");
    // Nobody is told of a missing event where the file that may declare it cannot be read.
    let files = [("k/v1.yaml", bound("deploy.x")), ("events/deploy.yaml", "?: [".to_owned())];
    let found = sources(&files.each_ref().map(|(path, text)| (*path, text.as_str()))).unwrap_err();
    assert!(found.iter().all(|each| each.code != "HS-S028"), "{found}");
}

#[test]
fn a_hookspec_that_is_checked_alone_hears_what_its_folder_hears() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| write(folder.path(), path, text);
    let checked = || {
        let alone = check_path(&folder.path().join("k/v1.yaml"));
        assert_eq!(alone, check_path(folder.path()));
        codes(&alone.diagnostics)
    };
    let events = "namespace: deploy\nversion: 1.0.0\nevents: [{ type: deploy.eu.done }]\n";
    write("events/deploy.yaml", events);
    write("k/v1.yaml", &bound("deploy.eu.done"));
    assert!(checked().is_empty());
    write("k/v1.yaml", &bound("deploy.gone"));
    assert_eq!(checked(), ["HS-S028"]);
    write("events/deploy.eu.yaml", &events.replace("namespace: deploy", "namespace: deploy.eu"));
    assert_eq!(checked(), ["HS-V011"]);
    write("events/deploy.eu.yaml", "namespace: deploy.eu\nversion: 1.0\nevents: []\n");
    assert_eq!(checked(), ["HS-V008"]);
}
