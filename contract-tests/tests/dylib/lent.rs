//! What a host lends reaches a plugin in a library: metrics, progress, resources, checkpoints,
//! tenant; and what is asked wrongly harms nobody.

use std::time::Duration;

use hookspec::manifest::ResourceNeeds;
use hookspec::{Caller, Context, Fault, Manifest, RemoteResource, State};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::house::{House, Lodger};
use crate::support::{
    c_puppet, catalog, eventually, impatient, puppet, puppet_c, runtime, rust_puppet,
};

const INVALID: i32 = -2;
const GONE: i32 = -3;
const TOO_MUCH: i32 = -4;
const UNSUPPORTED: i32 = -1;

async fn rust(config: Value) -> Lodger {
    Lodger::new(rust_puppet().open(&puppet()).unwrap(), House::new(config)).await
}

async fn c(defines: &[&str]) -> Lodger {
    Lodger::new(c_puppet(defines).open(&puppet_c()).unwrap(), House::new(json!(null))).await
}

/// A build of the interface that ended before anything was appended to a descriptor.
const OLD: &str = "PLUGIN_SIZE=offsetof(hookspec_plugin,answered)";

const MEASURED: [&str; 3] = [
    r#"count asked_total [("by", "test")] 3"#,
    "gauge depth [] 1.5",
    r#"observe seconds [("at", "b"), ("of", "a")] 0.25"#,
];

#[test]
fn measurements_reach_the_host() {
    runtime().block_on(async {
        let rust = rust(json!(null)).await;
        rust.ask(json!("metrics")).await.unwrap();
        assert_eq!(rust.house.said(), MEASURED);
        assert_eq!(rust.fact("refused_requests"), 2, "a name and a number that are none");
        let c = c(&[]).await;
        assert_eq!(c.ask(json!("metrics")).await.unwrap(), json!([0, 0, 0]));
        assert_eq!(c.house.said(), MEASURED);
    });
}

#[test]
fn progress_reaches_the_host() {
    runtime().block_on(async {
        let rust = rust(json!(null)).await;
        rust.ask(json!("progress")).await.unwrap();
        let told = ["report 3 Some(10) `third`", "report 4 None ``", "error no further", "done"];
        assert_eq!(rust.house.said(), told);
        let c = c(&[]).await;
        assert_eq!(c.ask(json!("progress")).await.unwrap(), json!([0, 0, 0, 0]));
        assert_eq!(c.house.said(), told);
    });
}

#[test]
fn what_cannot_be_read_is_refused_and_counted() {
    runtime().block_on(async {
        let c = c(&[]).await;
        for (what, codes) in [
            (
                "bad metrics",
                json!([
                    INVALID, INVALID, INVALID, INVALID, TOO_MUCH, INVALID, INVALID, INVALID,
                    INVALID, INVALID, TOO_MUCH, INVALID
                ]),
            ),
            (
                "bad progress",
                json!([
                    INVALID, INVALID, INVALID, INVALID, INVALID, TOO_MUCH, GONE, INVALID, INVALID
                ]),
            ),
            (
                "bad requests",
                json!([INVALID, INVALID, INVALID, INVALID, INVALID, TOO_MUCH, GONE, INVALID]),
            ),
            ("ask deep", json!([INVALID])),
        ] {
            let before = c.fact("refused_requests");
            assert_eq!(c.ask(json!(what)).await.unwrap(), codes, "{what}");
            // Of a context that is none, nobody can count.
            let nameless = u64::from(what != "ask deep");
            let refused = codes.as_array().unwrap().len() as u64 - nameless;
            assert_eq!(c.fact("refused_requests") - before, refused, "{what}");
        }
        assert!(c.house.said().is_empty());
        assert_eq!(c.ask(json!("came")).await.unwrap(), json!([0, 0]), "none of it is answered");
    });
}

/// A host's own code may panic where it is reached from a library.
#[test]
fn what_is_lent_may_panic() {
    runtime().block_on(async {
        let folder = c_puppet(&[]);
        let c = Lodger::new(folder.open(&puppet_c()).unwrap(), House::broken()).await;
        assert_eq!(c.ask(json!("metrics")).await.unwrap(), json!([INVALID, INVALID, INVALID]));
        assert_eq!(
            c.ask(json!("progress")).await.unwrap(),
            json!([INVALID, INVALID, INVALID, INVALID])
        );
        assert_eq!(c.ask(json!("may")).await.unwrap(), json!([INVALID, INVALID, INVALID]));
        let rust = Lodger::new(rust_puppet().open(&puppet()).unwrap(), House::broken()).await;
        let denied = rust.ask(json!("tenant")).await.unwrap();
        assert_eq!(
            denied["read"]["code"], "tenant_access_denied",
            "what is unknown is not allowed"
        );
    });
}

#[test]
fn a_resource_is_asked_from_rust() {
    runtime().block_on(async {
        let rust = rust(json!(null)).await;
        let ask = async |name: &str| {
            rust.ask(json!({ "ask": name, "request": { "n": 1 } })).await.unwrap()
        };
        let echo = json!({ "answer": { "echo": { "n": 1 } } });
        assert_eq!(ask("echo").await, echo);
        assert_eq!(ask("both").await, echo);
        for (name, code) in [
            ("unknown", "resource_missing"),
            ("object", "resource_missing"),
            ("panic", "resource_panicked"),
            ("panic at once", "resource_panicked"),
            ("huge", "resource_answer"),
            ("deep", "resource_answer"),
            ("fault", "own"),
        ] {
            assert_eq!(ask(name).await["fault"], code, "{name}");
        }
        assert_eq!(ask("echo").await, echo, "and it goes on");
        let context = rust.ask(json!("context")).await.unwrap();
        let seen = context["resources"].as_array().unwrap();
        assert!(seen.contains(&json!("echo")) && !seen.contains(&json!("object")), "{context}");
    });
}

#[test]
fn a_resource_is_asked_from_c() {
    runtime().block_on(async {
        let c = c(&[]).await;
        let echo = c.ask(json!("ask echo")).await.unwrap();
        assert_eq!(echo, json!({ "echo": { "from": "C" } }));
        let echo = c.ask(json!("ask from a thread")).await.unwrap();
        assert_eq!(echo, json!({ "echo": "asked from a thread" }));
        let told = ["count from_a_thread [] 1", "report 1 Some(2) `from a thread`"];
        assert_eq!(c.house.said(), told);
        for (what, code) in [
            ("ask unknown", "resource_missing"),
            ("ask panic", "resource_panicked"),
            ("ask huge", "resource_answer"),
        ] {
            assert_eq!(c.ask(json!(what)).await.unwrap_err().code(), code, "{what}");
        }
        assert_eq!(c.ask(json!("came")).await.unwrap(), json!([2, 3]));
        let lends = c.ask(json!("lends")).await.unwrap();
        assert_eq!((&lends["checkpoints"], &lends["tenant"]), (&json!(true), &json!("acme")));
    });
}

/// Every request that was taken is answered, also where its call has ended before.
#[test]
fn requests_end_with_their_call() {
    runtime().block_on(async {
        let c = c(&[]).await;
        assert_eq!(c.ask(json!("ask and end")).await.unwrap(), 1);
        assert_eq!(c.ask(json!("came")).await.unwrap(), json!([0, 1]));
        let given_up = tokio::time::timeout(Duration::from_millis(50), c.ask(json!("ask never")));
        assert!(given_up.await.is_err());
        assert_eq!(c.ask(json!("came")).await.unwrap(), json!([0, 2]));
        assert_eq!(c.ask(json!("ask flood")).await.unwrap(), json!([256, 744]));
        assert_eq!(c.ask(json!("came")).await.unwrap(), json!([0, 258]));
        assert_eq!(c.fact("refused_requests"), 744);
        assert!(c.ask(json!("ask echo")).await.is_ok(), "the room was given back");
    });
}

#[test]
fn a_resource_is_asked_in_setup_and_not_beside_a_call() {
    runtime().block_on(async {
        let rust = rust(json!({ "setup": "ask" })).await;
        assert_eq!(rust.ask(json!("told")).await.unwrap()[0], "answered in setup");
        let beside = rust.ask(json!("beside")).await.unwrap();
        assert_eq!(beside["fault"], "no_call");
        assert_eq!(rust.house.said(), MEASURED, "measured may be anywhere");
    });
}

#[test]
fn checkpoints_and_tenant_cross() {
    runtime().block_on(async {
        let rust = rust(json!(null)).await;
        let kept = rust.ask(json!("checkpoints")).await.unwrap();
        let expected = json!({
            "version": 1, "loaded": { "state": { "at": 7 }, "version": 1 },
            "listed": [["a/b", 1]], "gone": null, "refused": "checkpoint_key",
        });
        assert_eq!(kept, expected);
        let tenant = rust.ask(json!("tenant")).await.unwrap();
        let expected = json!({ "id": "acme", "read": null, "burn": "tenant_access_denied" });
        assert_eq!(tenant, expected);
        let may = c(&[]).await.ask(json!("may")).await.unwrap();
        assert_eq!(may, json!([0, -5, INVALID]));
    });
}

#[test]
fn nothing_is_lent_after_teardown() {
    runtime().block_on(async {
        let c = c(&[]).await;
        assert_eq!(c.ask(json!("flood")).await.unwrap(), true);
        c.plugin.teardown().await.unwrap();
        let said = c.house.said();
        assert!(said.contains(&"count torn_down [] 1".to_owned()), "a teardown may still measure");
        // Its thread goes on; what it says from here on is counted, and nobody hears it.
        let before = c.fact("refused_requests");
        eventually("the flood is over", || c.fact("refused_requests") >= 20_000);
        assert!(c.fact("refused_requests") >= before);
        let heard = c.house.said().len();
        assert!(heard <= said.len() + 1, "one at most was on its way: {heard}, {}", said.len());
        assert_eq!(Arc::strong_count(&c.house), 2, "the library holds nothing of the host's");
    });
}

#[test]
fn an_old_library_is_lent_what_it_knows() {
    runtime().block_on(async {
        let c = c(&[OLD]).await;
        assert_eq!(c.ask(json!("metrics")).await.unwrap(), json!([0, 0, 0]));
        assert_eq!(c.ask(json!("can be asked")).await.unwrap(), json!([UNSUPPORTED]));
    });
}

struct Greeting;

impl RemoteResource for Greeting {
    fn ask<'a>(&'a self, _: &'a Value) -> hookspec::BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async { Ok(json!("Hello")) })
    }
}

/// A required resource crosses where it can be asked; else the plugin says why it is unavailable.
#[test]
fn a_required_resource_is_one_that_can_be_asked() {
    runtime().block_on(async {
        let resources = ResourceNeeds { required: vec!["greeting".into()], optional: Vec::new() };
        let manifest = Manifest { resources, ..puppet_c() };
        for (defines, remote, says) in [
            (&[][..], true, ""),
            (&[], false, "asked by JSON"),
            (&[OLD][..], true, "build it again"),
        ] {
            let plugin = c_puppet(defines).open(&manifest).unwrap();
            let builder = hookspec::Registry::builder().catalog(catalog()).limits(impatient());
            let builder = builder.plugins([plugin]).resource("greeting", Arc::new(7_i32));
            let builder = match remote {
                true => builder.remote_resource("greeting", Arc::new(Greeting)),
                false => builder,
            };
            let registry = builder.start().await.unwrap();
            let plugin = registry.snapshot().plugins.remove(0);
            let expected = if says.is_empty() { State::Ready } else { State::Unavailable };
            assert_eq!(plugin.state, expected, "{}", plugin.reason);
            assert!(plugin.reason.contains(says), "{}", plugin.reason);
        }
    });
}

/// Only what a manifest declares is seen.
#[test]
fn what_is_not_declared_is_not_there() {
    runtime().block_on(async {
        let builder = hookspec::Registry::builder().catalog(catalog()).limits(impatient());
        let builder = builder.plugins([rust_puppet().open(&puppet()).unwrap()]);
        let registry =
            builder.remote_resource("greeting", Arc::new(Greeting)).start().await.unwrap();
        let ask = registry.broadcast_collect::<Value, Value>("puppet", "ask").unwrap();
        let answer = ask.dispatch(&Caller::new(), json!({ "ask": "greeting" })).await.unwrap();
        assert_eq!(answer.replies[0].value["fault"], "resource_missing");
    });
}

/// A resource with two forms is seen as either, in this process too.
#[test]
fn both_forms_have_one_name() {
    let context: Context = House::new(json!(null)).context();
    assert_eq!(*context.resource::<i32>("both").unwrap(), 7);
    assert!(context.resource::<dyn RemoteResource>("both").is_ok());
    assert!(context.resource::<dyn RemoteResource>("object").is_err());
}
