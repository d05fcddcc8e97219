//! `events list` and `events explain`, as people and as programs read them.

use hookspec_host::Registry;
use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_plugin::{EVENT, Events as Wanted, Manifest, Pattern, Subscription};
use hookspec_spec::{Catalog, Source};
use serde_json::{Value, json};

use super::{Events, Explain, events};
use crate::app::Status;
use crate::output::{Format, Output};

const DEPLOY: &str = "
namespace: deploy
version: 1.2.0
description: What is brought where.
events:
  - type: deploy.completed
    description: A version is in its place.
    since: 1.1.0
    data_schema: { type: object, required: [target] }
  - type: deploy.done
    deprecated: use deploy.completed
";

fn plugin(name: &str, emit: &str, wants: Subscription) -> Puppet {
    let events = Wanted {
        emit: vec![Pattern::parse(emit).unwrap()],
        cancel: vec![Pattern::parse("deploy.*").unwrap()],
        subscribe: vec![wants],
    };
    let manifest = Manifest { events: Some(events), ..Manifest::new(name, "k") };
    Puppet::new(manifest).on(EVENT.as_str(), Behaviour::answer(Value::Null))
}

async fn registry() -> Registry {
    let kind = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: chain\n";
    let sources = [Source::new("k/v1.yaml", kind), Source::new("events/deploy.yaml", DEPLOY)];
    let wants = |pattern: &str| Subscription::new(pattern).unwrap();
    Registry::builder()
        .catalog(Catalog::from_sources(sources).unwrap())
        .plugin(plugin("deploys", "deploy.**", wants("workflow.completed")))
        .plugin(plugin("notifies", "note.*", wants("deploy.*").priority(5).source("deploys")))
        .plugin(plugin("audits", "note.*", wants("**").priority(9).observe()))
        .open_events("note")
        .environment(|_| None)
        .start()
        .await
        .unwrap()
}

fn ask(event_type: &str, data: Option<&str>, source: Option<&str>) -> Events {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Events::Explain(Explain { event_type: event_type.into(), data: own(data), source: own(source) })
}

async fn shown(format: Format, command: Events) -> (Status, String) {
    let (registry, mut status) = (registry().await, Status::Fine);
    let text = Output::shown(format, 160, |output| status = events(&registry, &command, output));
    registry.stop().await.unwrap();
    (status, text)
}

async fn people(command: Events) -> (Status, String) {
    let (status, text) = shown(Format::Human, command).await;
    (status, text.lines().map(words).collect::<Vec<_>>().join("\n"))
}

async fn programs(command: Events) -> (Status, Value) {
    let (status, text) = shown(Format::Json, command).await;
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn has(text: &str, expected: &[&str]) {
    for each in expected {
        assert!(text.contains(each), "{each} is missing in:\n{text}");
    }
}

#[tokio::test]
async fn a_type_that_nobody_can_publish_is_an_unknown_name() {
    for wrong in ["deploy.complete", "deploy..x", "workflow.gone"] {
        let (status, text) = people(ask(wrong, None, None)).await;
        assert_eq!((status, &*text), (Status::CouldNotRun, ""), "{wrong}");
    }
    let (status, _) = people(ask("deploy.completed", Some("{x"), None)).await;
    assert_eq!(status, Status::CouldNotRun);
}

#[tokio::test]
async fn list_names_types_with_those_who_have_to_do_with_them() {
    let (status, text) = people(Events::List).await;
    assert_eq!(status, Status::Fine);
    has(&text, &["deploy 1.2.0", "deploy.completed 1.1.0 schema deploys audits, notifies"]);
    has(&text, &["deploy.done - anything deploys audits, notifies"]);
    has(&text, &["deploy.done is deprecated: use deploy.completed"]);
    has(&text, &["workflow.completed - anything the host audits, deploys"]);
    has(&text, &["Opened by the application\nnote", "audits ** 9 256 drop_newest"]);
    let (_, listed) = programs(Events::List).await;
    let namespaces = listed["namespaces"].as_array().unwrap();
    let deploy = namespaces.iter().find(|own| own["name"] == "deploy").unwrap();
    let done = &deploy["types"][1];
    assert_eq!(
        (&done["type"], &done["deprecated"]),
        (&json!("deploy.done"), &json!("use deploy.completed"))
    );
    assert_eq!(done["emitters"], json!(["deploys"]));
    assert_eq!(listed["subscriptions"][0]["subscriber"], "audits");
}

#[tokio::test]
async fn explain_tells_the_order_the_conditions_and_the_reasons() {
    let (status, text) = people(ask("deploy.completed", None, None)).await;
    assert_eq!(status, Status::Fine);
    has(&text, &["A version is in its place.", "declared in events/deploy.yaml", "since 1.1.0"]);
    has(&text, &["emitted by the application, deploys", "fewer than 3 events led to it"]);
    has(&text, &["1 audits ** 9\n2 notifies deploy.* 5 only from deploys"]);
    has(&text, &["deploys workflow.completed no pattern matches"]);
    let (_, text) = people(ask("step.failed", None, None)).await;
    has(&text, &["emitted by the host alone", "1 audits ** 9"]);
    let (_, text) = people(ask("note.taken", None, None)).await;
    has(
        &text,
        &["declared in nothing: its namespace is open", "the application, audits, notifies"],
    );
}

#[tokio::test]
async fn one_event_is_explained_with_its_data_and_its_source() {
    let target = Some(r#"{"target":"web"}"#);
    let (status, own) = programs(ask("deploy.completed", target, None)).await;
    assert_eq!((status, &own["ok"]), (Status::Fine, &json!(true)));
    let receives = |explained: &Value| -> Vec<(Value, Value)> {
        let each = explained["subscribers"].as_array().unwrap().iter();
        each.map(|one| (one["subscriber"].clone(), one["position"].clone())).collect()
    };
    let expected = [("audits", json!(1)), ("notifies", json!(null)), ("deploys", json!(null))];
    assert_eq!(receives(&own), expected.map(|(name, place)| (json!(name), place)));
    let (_, own) = programs(ask("deploy.completed", target, Some("deploys"))).await;
    assert_eq!(receives(&own)[1], (json!("notifies"), json!(2)));
    assert_eq!((&own["cancellers"][0], &own["max_depth"]), (&json!("audits"), &json!(3)));
    // Of its data nothing was said: its source is looked at all the same.
    let (status, own) = programs(ask("deploy.completed", None, Some("deploys"))).await;
    assert_eq!((status, receives(&own).len()), (Status::Fine, 3));
    for (source, event_type) in
        [("notifies", "deploy.completed"), ("deploys", "workflow.completed")]
    {
        let (status, own) = programs(ask(event_type, target, Some(source))).await;
        assert_eq!((status, &own["refused"]["code"]), (Status::Failed, &json!("HS-E005")));
        assert!(receives(&own).iter().all(|(_, place)| place.is_null()), "{source}: {own}");
    }
    let (status, own) = programs(ask("deploy.completed", Some("{}"), None)).await;
    assert_eq!((status, &own["refused"]["code"]), (Status::Failed, &json!("HS-E003")));
    assert_eq!(receives(&own)[0], (json!("audits"), json!(null)), "nobody receives it");
}
