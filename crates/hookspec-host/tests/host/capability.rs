//! `capability`: CAPABILITY-1 to CAPABILITY-8.

use hookspec_host::testing::{Behaviour, Journal, Matcher, Puppet};
use hookspec_host::{Choice, DispatchError, StartError};
use hookspec_plugin::{Caller, Manifest};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{builder, kind, puppet};

const CAPABILITY: DispatchClass = DispatchClass::Capability;

/// A puppet that answers its own name.
fn named(manifest: Manifest) -> Puppet {
    let name = manifest.name.to_string();
    Puppet::new(manifest).on("h", Behaviour::answer(name))
}

fn of(name: &str, priority: u32) -> Manifest {
    Manifest { priority, ..Manifest::new(name, "k") }
}

async fn selected(
    puppets: impl IntoIterator<Item = Puppet>,
    input: Value,
    choice: Option<Choice>,
) -> Result<String, DispatchError> {
    let registry = builder(kind(CAPABILITY, ""), puppets).start().await.unwrap();
    let capability = registry.capability::<Value, Value>("k", "h").unwrap();
    let caller = Caller::new();
    let answer = match choice {
        Some(choice) => capability.dispatch_with(&caller, input, choice).await?,
        None => capability.dispatch(&caller, input).await?,
    };
    Ok(answer.plugin.to_string())
}

fn cast() -> [Puppet; 7] {
    let strings = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    [
        named(Manifest { supports_extensions: strings(&[".RS"]), ..of("rust", 10) }),
        named(Manifest {
            supports_extensions: strings(&[".rs", ".toml"]),
            capabilities: strings(&["fast"]),
            ..of("fast-rust", 5)
        }),
        named(Manifest { supports_languages: strings(&["python"]), ..of("python", 1) }),
        named(Manifest { supports_mime_types: strings(&["application/pdf"]), ..of("pdf", 1) }),
        named(Manifest { capabilities: strings(&["zh", "fast"]), ..of("chinese", 1) }),
        named(of("anything", 900)).matches(Matcher::FieldEquals("any".into(), json!(true))),
        named(Manifest {
            fallback: true,
            supports_extensions: strings(&[".rs"]),
            ..of("fallback", 999)
        }),
    ]
}

#[tokio::test]
async fn capability_2_4_5_what_is_asked_for_finds_who_declared_it() {
    let rows = [
        (json!({ "extension": ".rs" }), "rust"),
        (json!({ "extension": ".Rs" }), "rust"),
        (json!({ "extension": ".toml" }), "fast-rust"),
        (json!({ "extension": ".rs", "capabilities": { "required": ["fast"] } }), "fast-rust"),
        (json!({ "capabilities": { "required": ["fast"] } }), "fast-rust"),
        (json!({ "capabilities": { "required": ["fast", "zh"] } }), "chinese"),
        (json!({ "language": "ruby", "extension": ".rs" }), "rust"),
        (json!({ "language": "Python" }), "python"),
        (json!({ "mime_type": "application/pdf", "any": true }), "pdf"),
        // Those that declare nothing come after those that do, whatever their priority.
        (json!({ "extension": ".exe", "any": true }), "chinese"),
        (
            json!({ "extension": ".exe", "capabilities": { "required": ["x"] }, "any": true }),
            "anything",
        ),
        (json!({ "extension": ".exe", "capabilities": { "required": ["x"] } }), "fallback"),
        // Fields of another type ask for nothing.
        (json!({ "extension": 5, "capabilities": "fast" }), "chinese"),
    ];
    for (input, expected) in rows {
        assert_eq!(selected(cast(), input.clone(), None).await.unwrap(), expected, "{input}");
    }
}

#[tokio::test]
async fn capability_8_nobody_can() {
    let python = || cast().into_iter().skip(2).take(1);
    for input in [json!({ "language": "rust" }), json!({}), json!(null), json!("text")] {
        let error = selected(python(), input, None).await.unwrap_err();
        assert!(matches!(error, DispatchError::NoCapableHandler { .. }), "{error}");
    }
    assert!(matches!(
        selected([], json!({}), None).await,
        Err(DispatchError::NoCapableHandler { .. })
    ));
}

#[tokio::test]
async fn capability_1_the_filter_comes_first_and_gives_the_order() {
    let input = || json!({ "extension": ".rs" });
    let without = |name: &'static str| {
        Choice::filter(move |_, mut candidates| {
            candidates.retain(|candidate| candidate.plugin != name);
            candidates
        })
    };
    assert_eq!(selected(cast(), input(), Some(without("rust"))).await.unwrap(), "fast-rust");
    let reversed = Choice::filter(|_, mut candidates| {
        candidates.reverse();
        candidates
    });
    assert_eq!(selected(cast(), input(), Some(reversed)).await.unwrap(), "fast-rust");
    let nobody = Choice::filter(|_, _| Vec::new());
    let error = selected(cast(), input(), Some(nobody)).await.unwrap_err();
    assert!(matches!(error, DispatchError::NoCapableHandler { .. }));
    let one = Choice::name("rust");
    assert_eq!(selected(cast(), input(), Some(one)).await.unwrap(), "rust");
}

#[tokio::test]
async fn a_filter_that_panics_calls_nobody() {
    hookspec_host::install_panic_hook();
    let journal = Journal::new();
    let puppets = [puppet("a", Behaviour::answer(1)).journal(&journal)];
    let panics = Choice::filter(|_, _| panic!("a filter panics"));
    let error = selected(puppets, json!({}), Some(panics)).await.unwrap_err();
    // It may stand for a permission: it fails closed.
    assert!(matches!(&error, DispatchError::ChoicePanicked { role: "filter", .. }), "{error}");
    assert!(journal.calls().is_empty());
}

#[tokio::test]
async fn capability_3_a_matches_that_panics_is_no_match() {
    hookspec_host::install_panic_hook();
    let puppets = [
        named(of("panics", 9)).matches(Matcher::Panic),
        named(of("no", 8)).matches(Matcher::No),
        named(of("yes", 1)),
    ];
    assert_eq!(selected(puppets, json!({}), None).await.unwrap(), "yes");
}

#[tokio::test]
async fn capability_7_a_failure_is_never_another_plugins_answer() {
    let puppets = [
        Puppet::new(of("fails", 9)).on("h", Behaviour::fault("boom")),
        named(of("could", 1)),
        named(Manifest { fallback: true, ..of("fallback", 0) }),
    ];
    let error = selected(puppets, json!({}), None).await.unwrap_err();
    assert!(
        matches!(&error, DispatchError::PluginFailed { failure, .. } if failure.plugin == "fails")
    );
}

#[tokio::test]
async fn two_fallbacks_of_a_kind_are_ambiguous_at_start() {
    let fallback = |name| named(Manifest { fallback: true, ..of(name, 1) });
    let both = builder(kind(CAPABILITY, ""), [fallback("f"), fallback("g")]);
    let error = both.start().await.unwrap_err();
    let StartError::AmbiguousPlugin { ambiguity } = &error else { panic!("{error}") };
    assert_eq!(ambiguity.candidates, ["f", "g"]);
    // And later: the second is refused, the registry is as it was.
    let registry = builder(kind(CAPABILITY, ""), [fallback("f")]).start().await.unwrap();
    let refused = registry.add(std::sync::Arc::new(fallback("g"))).await.unwrap_err();
    assert_eq!(refused.code(), "HS-R006");
    assert_eq!(registry.snapshot().plugins.len(), 1);
}
