//! What the application lends is code too: whatever panics in it, the host and the others go on.

use std::sync::Arc;

use async_trait::async_trait;
use hookspec_host::{RecordingProgress, State};
use hookspec_plugin::resources::Clock;
use hookspec_plugin::{
    Checkpoint, CheckpointStore, CheckpointVersion, Context, Fault, Manifest, Progress,
    ProgressSink, Tenant, access_denied,
};
use serde_json::{Value, json};

use crate::support::{Use, ask, builder, needs, state};

/// Panics in whatever it is asked, and when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl Clock for Bomb {
    fn now(&self) -> std::time::SystemTime {
        panic!("no time")
    }
    fn monotonic(&self) -> std::time::Duration {
        panic!("no time")
    }
}

impl ProgressSink for Bomb {
    fn report(&self, _: &Progress) {
        panic!("no report")
    }
    fn done(&self) {
        panic!("no end")
    }
    fn error(&self, _: &str) {
        panic!("no error")
    }
}

impl Tenant for Bomb {
    fn id(&self) -> Option<&str> {
        panic!("nobody")
    }
    fn check_access(&self, _: &str, _: &str) -> Result<(), Fault> {
        panic!("nothing is allowed")
    }
}

#[async_trait]
impl CheckpointStore for Bomb {
    async fn save(&self, _: &str, _: &Value) -> Result<CheckpointVersion, Fault> {
        panic!("not saved")
    }
    async fn load(&self, _: &str) -> Result<Option<Checkpoint>, Fault> {
        panic!("not loaded")
    }
    async fn list(&self, _: &str) -> Result<Vec<(String, CheckpointVersion)>, Fault> {
        panic!("not listed")
    }
    async fn clear(&self, _: &str) -> Result<(), Fault> {
        panic!("not cleared")
    }
}

/// Uses one thing that it is lent.
struct Uses;

#[async_trait]
impl Use for Uses {
    async fn call(&self, ctx: &Context, input: &Value) -> Result<Value, Fault> {
        match input.as_str() {
            Some("clock") => drop(ctx.resource::<dyn Clock>("clock")?.now()),
            Some("checkpoints") => drop(ctx.checkpoints().unwrap().load("k").await?),
            Some("progress") => {
                ctx.progress().report(&Progress::new(1));
                ctx.progress().done();
                ctx.progress().error("over");
            }
            Some("tenant") => {
                let denied = ctx.tenant().check_access("disk", "write").unwrap_err();
                return Ok(json!([ctx.tenant().id(), denied.code()]));
            }
            _ => {}
        }
        Ok(json!("fine"))
    }
}

#[tokio::test]
async fn lend_5_what_panics_in_a_method_costs_at_most_the_call() {
    let plugins =
        [(needs("uses", &["clock"], &["other"]), Uses), (Manifest::new("not", "k"), Uses)];
    let registry = builder(plugins)
        .resource::<dyn Clock>("clock", Arc::new(Bomb))
        .resource("other", Arc::new(Bomb))
        .checkpoints(Arc::new(Bomb))
        .tenant(Arc::new(Bomb))
        .progress(|_| Arc::new(Bomb))
        .start()
        .await
        .unwrap();
    for (what, answers) in [
        ("clock", [Err("no time"), Err("sees no resource")]),
        ("checkpoints", [Err("not loaded"), Err("not loaded")]),
        ("progress", [Ok(json!("fine")), Ok(json!("fine"))]),
        (
            "tenant",
            [Ok(json!([null, "tenant_access_denied"])), Ok(json!([null, "tenant_access_denied"]))],
        ),
        ("", [Ok(json!("fine")), Ok(json!("fine"))]),
    ] {
        for (name, answer) in ask(&registry, json!(what)).await {
            match (&answers[usize::from(name == "not")], answer) {
                (Ok(expected), Ok(answer)) => assert_eq!(*expected, answer, "{what} {name}"),
                (Err(part), Err(cause)) => assert!(cause.contains(part), "{what} {name}: {cause}"),
                (expected, answer) => panic!("{what} {name}: {answer:?} instead of {expected:?}"),
            }
        }
    }
    registry.stop().await.unwrap();
    drop(registry);
}

#[tokio::test]
async fn lend_5_a_decorator_that_panics_costs_its_plugin_alone() {
    let plugins = [(needs("lends", &[], &["clock"]), Uses), (Manifest::new("not", "k"), Uses)];
    let registry = builder(plugins)
        .standard_resources()
        .decorate::<dyn Clock>("clock", |_, _| Arc::new(Bomb))
        .decorate::<dyn Clock>("clock", |_, borrower| panic!("not for {}", borrower.plugin))
        .start()
        .await
        .unwrap();
    let (is, reason) = state(&registry, "lends");
    assert_eq!(is, State::Unavailable);
    assert!(reason.contains("clock") && reason.contains("not for lends"), "{reason}");
    assert_eq!(state(&registry, "not").0, State::Ready);
    registry.stop().await.unwrap();
}

#[tokio::test]
async fn lend_5_a_sink_that_cannot_be_made_is_none() {
    let registry = builder([(Manifest::new("a", "k"), Uses)])
        .progress(|_| panic!("no sink"))
        .start()
        .await
        .unwrap();
    assert_eq!(ask(&registry, json!("progress")).await[0].1, Ok(json!("fine")));
}

/// A house of one tenant, who may read.
struct House;

impl Tenant for House {
    fn id(&self) -> Option<&str> {
        Some("t1")
    }
    fn check_access(&self, resource: &str, action: &str) -> Result<(), Fault> {
        if action == "read" { Ok(()) } else { Err(access_denied(self.id(), resource, action)) }
    }
}

#[tokio::test]
async fn lend_6_a_plugin_has_the_tenant_and_the_sink_that_the_application_gave() {
    let record = RecordingProgress::new();
    let sink = record.clone();
    let registry = builder([(Manifest::new("a", "k"), Uses)])
        .tenant(Arc::new(House))
        .progress(move |_| Arc::new(sink.clone()))
        .start()
        .await
        .unwrap();
    let answer = ask(&registry, json!("tenant")).await.remove(0).1;
    assert_eq!(answer, Ok(json!(["t1", "tenant_access_denied"])));
    ask(&registry, json!("progress")).await;
    assert_eq!(record.reports(), [Progress::new(1)]);
    assert_eq!((record.is_done(), record.errors()), (true, vec!["over".to_owned()]));
}
