//! Middleware as an author writes it, and calls that lead to themselves: CYCLE-1.

use std::sync::{Arc, Mutex};

use hookspec_host::testing::{Behaviour, Journal};
use hookspec_host::{CauseClass, Registry};
use hookspec_plugin::{
    CallContext, Caller, Concluded, Fault, Intercepted, Middleware, MiddlewarePlugin, Passed,
    Plugin,
};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{builder, kind, plugin, puppet};
use crate::wrap::{middleware, run, wrapping};

/// What an author writes.
#[derive(Default)]
struct Typed(Mutex<Vec<String>>);

#[hookspec_plugin::async_trait]
impl Middleware for Typed {
    async fn before(&self, ctx: &CallContext<'_>, call: &Intercepted) -> Result<Passed, Fault> {
        match ctx.metadata().get("tenant_id").and_then(Value::as_str) {
            None => Err(Fault::new("no_tenant", "say for whom")),
            Some("acme") => Ok(Passed::Unchanged),
            Some(tenant) => {
                let mut input = call.input.json()?.clone();
                input["tenant"] = tenant.into();
                Ok(Passed::json(input))
            }
        }
    }

    async fn after(&self, _: &CallContext<'_>, ended: &Concluded) -> Result<(), Fault> {
        let answered = ended.outcome.answered.iter();
        let text = answered.map(|own| {
            own.value.as_ref().map_or("-".into(), |v| {
                v.0.json().map_or_else(|f| f.to_string(), ToString::to_string)
            })
        });
        self.0.lock().unwrap().push(text.collect::<Vec<_>>().join(","));
        Ok(())
    }
}

#[tokio::test]
async fn an_author_writes_two_methods() {
    let typed = Arc::new(Typed::default());
    let own = MiddlewarePlugin::value(wrapping("typed", 1000), Arc::clone(&typed));
    let registry = builder(kind(DispatchClass::Singleton, ""), [puppet("x", Behaviour::Echo)])
        .plugins([Arc::new(own) as Arc<dyn Plugin>])
        .start()
        .await
        .unwrap();
    let ask = async |tenant: Option<&str>| {
        let caller =
            tenant.map_or_else(Caller::new, |name| Caller::new().with_metadata("tenant_id", name));
        run(&registry, DispatchClass::Singleton, &caller).await
    };
    assert_eq!(ask(None).await.unwrap_err().code(), "HS-D007");
    assert_eq!(ask(Some("acme")).await.unwrap(), r#"{"text":"in"}"#);
    assert_eq!(ask(Some("b")).await.unwrap(), r#"{"text":"in","tenant":"b"}"#);
    assert_eq!(*typed.0.lock().unwrap(), [r#"{"text":"in"}"#, r#"{"text":"in","tenant":"b"}"#]);
}

#[tokio::test]
async fn cycle_1_a_call_that_leads_to_itself_is_not_begun() {
    let journal = Journal::new();
    for class in DispatchClass::ALL {
        let registry = builder(kind(*class, ""), [middleware("m", Behaviour::Unchanged, &journal)])
            .plugins([
                Arc::new(puppet("x", Behaviour::answer(1)).journal(&journal)) as Arc<dyn Plugin>
            ])
            .start()
            .await
            .unwrap();
        let caller =
            Caller::new().through("x".into(), "h".into()).through("y".into(), "other".into());
        let before = journal.calls().iter().filter(|name| *name == "x").count();
        let message = match (class, run_failing(&registry, *class, &caller).await) {
            (_, Some(message)) => message,
            (class, None) => panic!("{class} went round in a circle"),
        };
        assert!(message.contains("x.h -> y.other -> x.h"), "{message}");
        assert_eq!(journal.calls().iter().filter(|name| *name == "x").count(), before);
        let snapshot = plugin(&registry, "x");
        assert_eq!(
            (snapshot.consecutive_failures, snapshot.failures[&CauseClass::Faulted]),
            (0, 1)
        );
        // Another hook of it, or another plugin, is no circle.
        let elsewhere = Caller::new().through("x".into(), "other".into());
        run(&registry, *class, &elsewhere).await.unwrap();
    }
}

async fn run_failing(registry: &Registry, class: DispatchClass, caller: &Caller) -> Option<String> {
    if class == DispatchClass::BroadcastNotify {
        let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
        let told = notify.dispatch(caller, json!({})).await.unwrap();
        return told.failures.first().map(|failure| failure.cause.to_string());
    }
    run(registry, class, caller).await.err().map(|error| error.to_string())
}
