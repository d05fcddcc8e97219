//! What a run publishes, who hears of it, and what does not hold it up.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::webhook::Webhook;
use crate::{Fixture, types, workflow};

fn scripts(scripts: &[&str]) -> Vec<Value> {
    scripts.iter().map(|own| json!(own)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_step_ends_the_run_and_is_told_with_what_went_wrong() {
    let webhook = Webhook::start(Duration::ZERO);
    let fixture = Fixture::start(Some(&webhook.url), &[]).await;
    let failing = json!({
        "name": "test", "command": ["sh", "-c", "echo $DB_PASSWORD is wrong >&2; exit 3"],
        "retries": 1, "pause_ms": 1,
        "env": { "DB_PASSWORD": "hunter22", "GITHUB_TOKEN": "s3cret", "workflow_id": "forged" },
    });
    let ended = fixture.run(&workflow(&[json!("true"), failing, json!("true")])).await;
    assert_eq!(ended.failed.as_ref().unwrap().0, "test");
    let summary = fixture.stop().await;
    assert!(summary.is_complete(), "{summary:?}");
    let events = fixture.of("host");
    let expected = [
        "workflow.started",
        "step.started",
        "step.completed",
        "step.started",
        "step.retrying",
        "step.failed",
        "workflow.failed",
    ];
    assert_eq!(types(&events), expected);
    let text = |event: usize, key: &str| events[event]["metadata"][key].clone();
    // Of its environment the names, and nothing where there is none.
    assert_eq!(text(3, "env"), json!("DB_PASSWORD,GITHUB_TOKEN,workflow_id"));
    assert_eq!(text(1, "env"), Value::Null);
    assert_eq!((text(4, "attempt"), text(4, "exit_code")), (json!("1"), json!("3")));
    assert_eq!((text(5, "attempt"), text(5, "max_attempts")), (json!("2"), json!("2")));
    assert_eq!((text(5, "error"), text(5, "step_type")), (json!("*** is wrong"), json!("command")));
    assert_eq!((text(6, "failed_step"), text(6, "status")), (json!("test"), json!("failed")));
    assert_eq!(text(6, "version"), "1.4.2");
    assert!(events.iter().all(|event| event["metadata"]["workflow_id"] == *ended.id));
    let told = format!("{:?}{:?}", fixture.audit(), webhook.came());
    for value in ["hunter22", "s3cret", "forged"] {
        assert!(!told.contains(value), "{value}: {told}");
    }
    assert_eq!(types(&webhook.came()), ["workflow.failed"], "nobody else is told of it");
    assert!(fixture.of("deployer").is_empty() && !fixture.release().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_is_deployed_by_events_alone() {
    let webhook = Webhook::start(Duration::ZERO);
    let fixture = Fixture::start(Some(&webhook.url), &["production"]).await;
    let ended = fixture.run(&workflow(&scripts(&["true", "echo built"]))).await;
    assert_eq!(ended.failed, None);
    let summary = fixture.stop().await;
    assert!(summary.is_complete(), "{summary:?}");
    // Exactly these, and in order.
    assert_eq!(types(&webhook.came()), ["deploy.started", "deploy.completed"]);
    let deployed = fixture.of("deployer");
    assert_eq!(types(&deployed), ["deploy.requested", "deploy.started", "deploy.completed"]);
    let host = fixture.of("host");
    let expected = [
        "workflow.started",
        "step.started",
        "step.completed",
        "step.started",
        "step.completed",
        "workflow.completed",
    ];
    assert_eq!(types(&host), expected);
    // Everything once, and all of it counted.
    let all = fixture.audit();
    let ids: BTreeSet<_> = all.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), all.len()), (9, 9));
    let counted = |event_type: &str| summary.types.get(event_type).copied();
    assert_eq!((counted("step.started"), counted("deploy.completed")), (Some(2), Some(1)));
    // What led to what.
    for event in &deployed {
        assert_eq!(event["correlationid"], *ended.id, "{event}");
        assert_eq!((&event["causationid"], &event["depth"]), (&host[5]["id"], &json!(1)));
    }
    let release = std::fs::read(fixture.release()).unwrap();
    let release: Value = serde_json::from_slice(&release).unwrap();
    assert_eq!(release, json!({ "workflow": "w", "version": "1.4.2" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gatekeeper_cancels_what_is_frozen_and_says_why() {
    let webhook = Webhook::start(Duration::ZERO);
    let fixture = Fixture::start(Some(&webhook.url), &["staging"]).await;
    assert_eq!(fixture.run(&workflow(&scripts(&["true"]))).await.failed, None);
    fixture.stop().await;
    let came = webhook.came();
    assert_eq!(types(&came), ["deploy.refused"]);
    assert_eq!(
        (&came[0]["data"]["by"], &came[0]["data"]["reason"]),
        (&json!("gatekeeper"), &json!("staging is frozen"))
    );
    // Who observes is told of what was cancelled, too.
    assert_eq!(types(&fixture.of("deployer")), ["deploy.requested", "deploy.refused"]);
    assert!(!fixture.release().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_down_leaves_dead_letters_and_everybody_else_unharmed() {
    // Nobody listens there any more.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", taken.local_addr().unwrap());
    drop(taken);
    let fixture = Fixture::start(Some(&url), &[]).await;
    assert_eq!(fixture.run(&workflow(&scripts(&["true"]))).await.failed, None);
    let summary = fixture.stop().await;
    let dead: Vec<_> = summary
        .dead
        .iter()
        .map(|own| (&*own.subscriber, own.event.event_type.as_str(), own.attempts))
        .collect();
    assert_eq!(dead, [("notifier", "deploy.started", 3), ("notifier", "deploy.completed", 3)]);
    assert!(!summary.is_complete());
    assert!(fixture.release().exists());
    assert_eq!(fixture.audit().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_hangs_holds_no_run_up() {
    let webhook = Webhook::stuck();
    let fixture = Fixture::start(Some(&webhook.url), &[]).await;
    for _ in 0..3 {
        // Its end is for the webhook itself, and is published by the run.
        assert!(fixture.run(&workflow(&scripts(&["false"]))).await.failed.is_some());
    }
    webhook.wait_for(1);
    assert_eq!(webhook.came().len(), 1, "the first one is not answered yet");
    webhook.let_go();
    let summary = fixture.stop().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(types(&webhook.came()), ["workflow.failed"; 3]);
}
