//! `singleton`: SINGLETON-1 to SINGLETON-8.

use hookspec_host::testing::{Behaviour, Journal, Step};
use hookspec_host::{Choice, DispatchError, RegistryBuilder, RoutingPolicy, StartError};
use hookspec_plugin::Caller;
use hookspec_spec::{Catalog, DispatchClass, Source};
use serde_json::{Value, json};

use crate::support::{builder, kind, puppet, ranked};

fn two() -> RegistryBuilder {
    let puppets = [puppet("a", Behaviour::answer("a!")), puppet("b", Behaviour::answer("b!"))];
    builder(kind(DispatchClass::Singleton, ""), puppets)
}

async fn selected(
    builder: RegistryBuilder,
    choice: Option<Choice>,
) -> Result<String, DispatchError> {
    let registry = builder.start().await.unwrap();
    let singleton = registry.singleton::<Value, Value>("k", "h").unwrap();
    let caller = Caller::new();
    let answer = match choice {
        Some(choice) => singleton.dispatch_with(&caller, json!({}), choice).await?,
        None => singleton.dispatch(&caller, json!({})).await?,
    };
    assert_eq!(*answer.value, json!(format!("{}!", answer.plugin)), "the reply is its own");
    Ok(answer.plugin.to_string())
}

fn environment(
    builder: RegistryBuilder,
    own: &'static str,
    value: &'static str,
) -> RegistryBuilder {
    builder.environment(move |name| (name == own).then(|| value.to_owned()))
}

fn policy(name: &'static str) -> RoutingPolicy {
    RoutingPolicy::new(move |_, _| Some(name.into()))
}

#[tokio::test]
async fn singleton_5_a_tie_that_nothing_settles_is_ambiguous() {
    let error = selected(two(), None).await.unwrap_err();
    let DispatchError::AmbiguousPlugin { ambiguity } = &error else { panic!("{error}") };
    assert_eq!(ambiguity.candidates, ["a", "b"]);
    assert!(error.to_string().contains("HOOKSPEC_ACTIVE_K"), "{error}");
}

#[tokio::test]
async fn singleton_1_to_4_a_name_then_a_policy_then_the_environment_then_priority() {
    let env = |builder| environment(builder, "HOOKSPEC_ACTIVE_K", "b");
    assert_eq!(selected(env(two()), Some(Choice::name("a"))).await.unwrap(), "a");
    assert_eq!(selected(env(two()).routing_policy("k", policy("a")), None).await.unwrap(), "a");
    assert_eq!(selected(env(two()), None).await.unwrap(), "b");
    assert_eq!(selected(environment(two(), "DAGSTACK_ACTIVE_K", "b"), None).await.unwrap(), "b");
    let puppets =
        [ranked("low", 1, Behaviour::answer("low!")), ranked("top", 2, Behaviour::answer("top!"))];
    let ranked = builder(kind(DispatchClass::Singleton, ""), puppets);
    assert_eq!(selected(ranked, None).await.unwrap(), "top");
    let undecided = RoutingPolicy::new(|_, _| None);
    let left_open = env(two()).routing_policy("k", undecided);
    assert_eq!(selected(left_open, None).await.unwrap(), "b", "a policy may leave it open");
}

#[tokio::test]
async fn a_choice_that_is_not_there_is_named() {
    let absent = selected(two(), Some(Choice::name("zz"))).await.unwrap_err();
    assert!(
        matches!(&absent, DispatchError::NoCapableHandler { wanted: Some(name), .. } if name == "zz")
    );
    let env = environment(two(), "HOOKSPEC_ACTIVE_K", "gone");
    let absent = selected(env, None).await.unwrap_err();
    assert!(absent.to_string().contains("HOOKSPEC_ACTIVE_K"), "{absent}");
}

#[tokio::test]
async fn a_policy_that_panics_calls_nobody() {
    hookspec_host::install_panic_hook();
    let journal = Journal::new();
    let puppets = [puppet("a", Behaviour::answer("a!")).journal(&journal)];
    let panics = RoutingPolicy::new(|_, _| panic!("a policy panics"));
    let builder = builder(kind(DispatchClass::Singleton, ""), puppets).routing_policy("k", panics);
    let error = selected(builder, None).await.unwrap_err();
    assert!(
        matches!(&error, DispatchError::ChoicePanicked { role: "routing policy", .. }),
        "{error}"
    );
    assert!(journal.calls().is_empty());
}

#[tokio::test]
async fn a_policy_sees_the_input_and_the_candidates() {
    let by_input = RoutingPolicy::new(|selection, candidates| {
        let wanted = selection.input.json().ok()?.get("to")?.as_str()?.to_owned();
        candidates.iter().find(|c| c.plugin.as_str() == wanted).map(|c| c.plugin.clone())
    });
    let registry = two().routing_policy("k", by_input).start().await.unwrap();
    let singleton = registry.singleton::<Value, Value>("k", "h").unwrap();
    for name in ["a", "b"] {
        let answer = singleton.dispatch(&Caller::new(), json!({ "to": name })).await.unwrap();
        assert_eq!(answer.plugin, name);
    }
}

#[tokio::test]
async fn singleton_7_and_8_a_failure_and_nobody() {
    let failing =
        builder(kind(DispatchClass::Singleton, ""), [puppet("a", Behaviour::fault("inner"))]);
    let error = selected(failing, None).await.unwrap_err();
    assert!(matches!(&error, DispatchError::PluginFailed { failure, .. } if failure.plugin == "a"));
    let nobody = builder(kind(DispatchClass::Singleton, ""), []);
    assert!(matches!(selected(nobody, None).await, Err(DispatchError::NoCapableHandler { .. })));
}

#[tokio::test]
async fn a_plugin_that_did_not_start_is_no_candidate() {
    let puppets = [
        ranked("bad", 9, Behaviour::answer("bad!")).setup(Step::Fault("no disk".into())),
        ranked("good", 1, Behaviour::answer("good!")),
    ];
    let builder = builder(kind(DispatchClass::Singleton, ""), puppets);
    assert_eq!(selected(builder, None).await.unwrap(), "good");
}

#[tokio::test]
async fn a_kind_that_is_a_singleton_per_runtime_is_ambiguous_at_start() {
    let yaml = "kind: k\nkind_api_version: 1.0.0\nconstraints: { singleton_per_runtime: true }\nhooks:\n  - name: h\n    dispatch: singleton\n";
    let catalog = || Catalog::from_sources([Source::new("kinds/k/v1.yaml", yaml)]).unwrap();
    let puppets = || [puppet("a", Behaviour::answer("a!")), puppet("b", Behaviour::answer("b!"))];
    let error = builder(catalog(), puppets()).start().await.unwrap_err();
    let StartError::AmbiguousPlugin { ambiguity } = &error else { panic!("{error}") };
    assert_eq!(ambiguity.variable.as_deref(), Some("HOOKSPEC_ACTIVE_K"));
    let settled = environment(builder(catalog(), puppets()), "HOOKSPEC_ACTIVE_K", "a");
    assert_eq!(selected(settled, None).await.unwrap(), "a");
}
