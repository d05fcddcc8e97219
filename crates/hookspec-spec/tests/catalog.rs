//! Catalogs from folders and from memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::time::Duration;

use hookspec_spec::{Catalog, DispatchClass, ErrorPolicy, Mode, Source, check_path};
use serde_json::json;

fn spec(kind: &str, version: &str, hooks: &str) -> String {
    format!("kind: {kind}\nkind_api_version: {version}\nhooks:{hooks}\n")
}

#[test]
fn every_field_of_a_hook_arrives() {
    let text = r#"
kind: k
kind_api_version: 2.1.0
description: What it is for.
constraints: { singleton_per_runtime: true, in_process_only: true }
hooks:
  - name: rewrite
    description: Rewrites.
    dispatch: chain
    input_schema: schemas/query.json
    error_policy: best_effort
    mode: sync
    timeout_ms: 250
    required: true
    since: "2.1"
    deprecated: use `other`
    idempotent: true
    writable: [/text]
    mcp_tool_name_template: "{kind}.{hook}"
    examples:
      - input: { text: a }
        output: { text: b }
"#;
    let catalog = Catalog::from_sources([
        Source::new("hookspecs/k/v2.yaml", text),
        Source::new("schemas/query.json", r#"{ "type": "object", "required": ["text"] }"#),
    ])
    .unwrap();
    let kind = catalog.kind("k", 2).unwrap();
    assert_eq!((kind.major(), kind.description.as_deref()), (2, Some("What it is for.")));
    assert!(kind.constraints.singleton_per_runtime && kind.constraints.in_process_only);
    let hook = kind.hook("rewrite").unwrap();
    assert_eq!(hook.dispatch, DispatchClass::Chain);
    assert_eq!((hook.error_policy, hook.mode), (ErrorPolicy::BestEffort, Mode::Sync));
    assert_eq!(hook.timeout, Some(Duration::from_millis(250)));
    assert!(hook.required && hook.idempotent && hook.mcp_exposed);
    assert_eq!(hook.writable.as_deref(), Some(["/text".to_owned()].as_slice()));
    assert_eq!(hook.examples[0].output, Some(json!({ "text": "b" })));
    assert!(!hook.output.is_valid(&json!({})), "a chain has one value schema");
    assert_eq!(hook.digest.len(), 64);
    assert!(kind.hook("other").is_none() && catalog.kind("k", 1).is_none());
}

#[test]
fn cases_beside_a_hookspec_are_no_hookspec() {
    let cases = |at: &str| Source::new(at, "kind: k@1\ncases: []\n");
    let hook = "\n  - { name: h, dispatch: singleton }";
    let own = |at: &str, kind: &str| Source::new(at, spec(kind, "1.0.0", hook));
    let catalog = Catalog::from_sources([
        own("hookspecs/k/v1.yaml", "k"),
        cases("hookspecs/k/cases/v1.yaml"),
        cases("hookspecs/k/cases/any.yaml"),
        own("hookspecs/cases/v1.yaml", "cases"),
    ])
    .unwrap();
    let kinds: Vec<_> = catalog.kinds().map(|kind| kind.name.as_str()).collect();
    assert_eq!(kinds, ["cases", "k"], "a kind may have any name");
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("k");
    fs::create_dir_all(own.join("cases")).unwrap();
    fs::write(own.join("v1.yaml"), spec("k", "1.0.0", hook)).unwrap();
    fs::write(own.join("cases/v1.yaml"), "cases: []").unwrap();
    assert_eq!(Catalog::load([folder.path()]).unwrap().kinds().count(), 1);
}

#[test]
fn two_files_with_three_mistakes_each_are_six_diagnostics() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["a", "b"] {
        fs::create_dir(folder.path().join(kind)).unwrap();
        let hooks = "\n  - { name: OnX, dispatch: collect }\n  - { name: h, dispatch: chain, timeout_ms: 0 }";
        fs::write(folder.path().join(kind).join("v1.yaml"), spec(kind, "1.0.0", hooks)).unwrap();
    }
    let found = Catalog::load([folder.path()]).unwrap_err();
    assert_eq!(found.iter().count(), 6, "{found}");
    let places: Vec<_> =
        found.iter().map(|each| each.position.unwrap()).map(|at| (at.line, at.column)).collect();
    assert_eq!(places, [(4, 13), (4, 28), (5, 45), (4, 13), (4, 28), (5, 45)], "{found}");
    let text = found.to_string();
    assert!(
        text.contains("help: did you mean `on_x`?") && text.contains("                ^"),
        "{text}"
    );
}

#[test]
fn majors_live_side_by_side_and_twins_are_refused() {
    let (one, two) = (spec("k", "1.4.0", " []"), spec("k", "2.0.0", " []"));
    let sources = [Source::new("k/v1.yaml", &one), Source::new("k/v2.yaml", &two)];
    let catalog = Catalog::from_sources(sources).unwrap();
    assert_eq!(catalog.majors("k"), [1, 2]);
    assert!(catalog.majors("other").is_empty());
    let twin = Catalog::from_sources([Source::new("other/v1.yaml", &one)]).unwrap();
    assert_eq!(twin.warnings().len(), 1, "the folder is not named as the kind");
    let error = catalog.merge(&twin).unwrap_err().to_string();
    assert!(error.contains("k/v1.yaml") && error.contains("other/v1.yaml"), "{error}");
    assert_eq!(catalog.merge(&Catalog::empty()).unwrap().kinds().count(), 2);
}

#[test]
fn a_schema_is_found_beside_the_file_then_above_it() {
    let hooks = "\n  - { name: h, dispatch: singleton, input_schema: s.json }";
    let (near, far) = (r#"{ "const": "near" }"#, r#"{ "const": "far" }"#);
    let text = spec("k", "1.0.0", hooks);
    let accepts = |files: &[(&str, &str)], value: &str| {
        let files = files.iter().map(|(path, text)| Source::new(*path, *text));
        let all = files.chain([Source::new("a/k/v1.yaml", &text)]);
        let catalog = Catalog::from_sources(all).unwrap();
        catalog.kind("k", 1).unwrap().hook("h").unwrap().input.is_valid(&json!(value))
    };
    assert!(accepts(&[("a/k/s.json", near), ("s.json", far)], "near"));
    assert!(accepts(&[("a/s.json", near), ("s.json", far)], "near"));
    assert!(accepts(&[("s.json", far)], "far"));
    let missing =
        Catalog::from_sources([Source::new("a/k/v1.yaml", &text)]).unwrap_err().to_string();
    assert!(missing.contains("tried a/k/s.json, a/s.json, s.json"), "{missing}");
}

#[test]
fn a_link_out_of_the_root_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir(&root).unwrap();
    fs::write(folder.path().join("secret.json"), "{}").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret.json"), root.join("s.json")).unwrap();
    let hooks = "\n  - { name: h, dispatch: singleton, input_schema: s.json }";
    fs::write(root.join("v1.yaml"), spec("k", "1.0.0", hooks)).unwrap();
    let error = Catalog::load([&root]).unwrap_err();
    assert_eq!(error.iter().next().unwrap().code, "HS-S031", "{error}");
}

#[test]
fn digests_tell_contracts_apart_and_nothing_else() {
    let digest = |rest: &str, schema: &str| {
        let hooks =
            format!("\n  - {{ name: h, dispatch: broadcast_collect, input_schema: s.json{rest} }}");
        let files =
            [Source::new("v1.yaml", spec("k", "1.0.0", &hooks)), Source::new("s.json", schema)];
        let catalog = Catalog::from_sources(files).unwrap();
        catalog.kind("k", 1).unwrap().hook("h").unwrap().digest.clone()
    };
    let base = digest("", r#"{ "type": "string", "minLength": 1 }"#);
    assert_eq!(base, digest(", description: d", r#"{ "minLength": 1, "type": "string" }"#));
    assert_ne!(base, digest(", mode: sync", r#"{ "type": "string", "minLength": 1 }"#));
    assert_ne!(base, digest("", r#"{ "type": "string", "minLength": 2 }"#));
}

#[test]
fn a_chain_may_promise_less_than_it_accepts_if_that_can_be_proved() {
    let chain = |input: &str, output: &str| {
        let hooks =
            "\n  - { name: h, dispatch: chain, input_schema: a.json, output_schema: b.json }";
        let files = [
            Source::new("v1.yaml", spec("k", "1.0.0", hooks)),
            Source::new("a.json", input),
            Source::new("b.json", output),
        ];
        Catalog::from_sources(files).map(drop).map_err(|found| found.to_string())
    };
    let object = r#"{ "type": "object", "properties": { "a": { "type": "string" } } }"#;
    let narrower =
        r#"{ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] }"#;
    assert_eq!(chain(object, object), Ok(()));
    assert_eq!(chain("{}", object), Ok(()));
    assert_eq!(chain(object, narrower), Ok(()));
    assert!(chain(narrower, object).unwrap_err().contains("does not"));
}

#[test]
fn a_thousand_kinds_load_in_linear_time() {
    let load = |count: usize| {
        let files = (0..count).flat_map(|index| {
            let hooks = "\n  - { name: h, dispatch: chain, input_schema: s.json }";
            let folder = format!("kind_{index}");
            [
                Source::new(format!("{folder}/v1.yaml"), spec(&folder, "1.0.0", hooks)),
                Source::new(format!("{folder}/s.json"), r#"{ "type": "object" }"#),
            ]
        });
        let start = std::time::Instant::now();
        assert_eq!(Catalog::from_sources(files).unwrap().kinds().count(), count);
        start.elapsed()
    };
    load(10);
    let (few, many) = (load(100), load(1000));
    assert!(many < few * 40 + Duration::from_millis(200), "100: {few:?}, 1000: {many:?}");
}

#[test]
fn nesting_and_aliases_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("brackets.yaml"), "[".repeat(100_000)).unwrap();
    fs::write(root.join("blocks.yaml"), "- ".repeat(100_000)).unwrap();
    fs::write(
        root.join("scalar.yaml"),
        format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(20_000)),
    )
    .unwrap();
    fs::write(root.join("brackets.json"), "[".repeat(100_000)).unwrap();
    fs::write(root.join("plugin.toml"), format!("a = {}", "[".repeat(100_000))).unwrap();
    let start = std::time::Instant::now();
    let report = check_path(root);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(report.files.len(), 4);
    for file in &report.files {
        let place = report.diagnostics.iter().find(|each| each.path.as_ref() == Some(file));
        assert!(place.is_some_and(|each| each.position.is_some()), "{}", file.display());
    }
}
