//! The gate of deployments: silence is no consent.

use std::sync::Arc;

use hookspec::events::EVENT;
use hookspec::events::Subscription;
use hookspec::manifest::{Events, Manifest};
use hookspec::testing::{Behaviour, Puppet};
use serde_json::{Value, json};

use crate::{Fixture, types, workflow};

/// A gatekeeper that does this with every request. It may cancel none.
fn gatekeeper(behaviour: Behaviour) -> Puppet {
    let requests = Subscription::new("deploy.requested").unwrap().timeout_ms(200);
    let events = Events { subscribe: vec![requests], ..Events::default() };
    let manifest = Manifest { events: Some(events), ..Manifest::new("gatekeeper", "pipeline") };
    Puppet::new(manifest).on(EVENT, behaviour)
}

/// What the deployer tells of a workflow that ended well, and whether it deployed, with another
/// gatekeeper or with none.
async fn deployed_with(gate: Option<Behaviour>) -> (Vec<Value>, bool) {
    let fixture = Fixture::start(None, &[]).await;
    fixture.registry.remove("gatekeeper").await.unwrap();
    if let Some(behaviour) = gate {
        fixture.registry.add(Arc::new(gatekeeper(behaviour))).await.unwrap();
    }
    assert_eq!(fixture.run(&workflow(&[json!("true")])).await.failed, None);
    fixture.stop().await;
    (fixture.of("deployer"), fixture.release().exists())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gatekeeper_did_not_let_through_is_not_deployed() {
    let rows = [
        (Some(Behaviour::panic("oh no")), "it could not decide: "),
        (Some(Behaviour::fault("no list")), "no list"),
        (Some(Behaviour::Hang), "it could not decide: "),
        (Some(Behaviour::answer(json!({ "cancel": "frozen" }))), "it may not cancel"),
        (None, "it is not there to be asked"),
    ];
    for (gate, why) in rows {
        let shown = format!("{gate:?}");
        let (events, is_deployed) = deployed_with(gate).await;
        assert_eq!(types(&events), ["deploy.requested", "deploy.refused"], "{shown}");
        let data = &events[1]["data"];
        assert_eq!(data["by"], "gatekeeper", "{shown}");
        assert!(data["reason"].as_str().unwrap().contains(why), "{shown}: {data}");
        assert!(!is_deployed, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gatekeeper_that_says_nothing_against_it_lets_it_through() {
    let (events, is_deployed) = deployed_with(Some(Behaviour::answer(Value::Null))).await;
    assert_eq!(types(&events), ["deploy.requested", "deploy.started", "deploy.completed"]);
    assert!(is_deployed);
}
