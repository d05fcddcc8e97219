//! Middleware: WRAP-1 to WRAP-10; what its failures come to in every class: `wrap_faults.rs`.

use std::time::{Duration, Instant};

use hookspec_host::testing::{Behaviour, Happening, Journal, Puppet, Script};
use hookspec_host::{CauseClass, DispatchError, Registry};
use hookspec_plugin::{
    AFTER, BEFORE, Call, Caller, CancellationToken, ChainWrap, HookName, Isolation, Manifest, Reply,
};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{PATIENCE, builder, impatient, kind, plugin, puppet, ranked, strict};

pub(crate) fn wrapping(name: &str, priority: u32) -> Manifest {
    let chain_wrap = Some(ChainWrap { kinds: vec![], hooks: vec!["*".into()], required: false });
    Manifest { priority, chain_wrap, ..Manifest::new(name, "k") }
}

/// A middleware with a script for `$before`; its `$after` takes note.
pub(crate) fn middleware(name: &str, before: impl Into<Script>, journal: &Journal) -> Puppet {
    Puppet::new(wrapping(name, 1000))
        .on(BEFORE, before)
        .on(AFTER, Behaviour::answer(0))
        .journal(journal)
}

/// What one dispatch came to, whatever its class.
pub(crate) async fn run(
    registry: &Registry,
    class: DispatchClass,
    caller: &Caller,
) -> Result<String, DispatchError> {
    let input = json!({ "text": "in" });
    Ok(match class {
        DispatchClass::BroadcastNotify => {
            let told = registry.broadcast_notify::<Value>("k", "h").unwrap();
            format!("{}", told.dispatch(caller, input).await?.delivered)
        }
        DispatchClass::BroadcastCollect => {
            let asked = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
            format!("{}", *asked.dispatch(caller, input).await?.replies[0].value)
        }
        DispatchClass::Chain => {
            let passed = registry.chain::<Value>("k", "h").unwrap();
            format!("{}", *passed.dispatch(caller, input).await?.value)
        }
        DispatchClass::Singleton => {
            let asked = registry.singleton::<Value, Value>("k", "h").unwrap();
            format!("{}", *asked.dispatch(caller, input).await?.value)
        }
        DispatchClass::Capability => {
            let asked = registry.capability::<Value, Value>("k", "h").unwrap();
            format!("{}", *asked.dispatch(caller, input).await?.value)
        }
    })
}

/// The hooks that were called, in order, as `plugin.hook`.
pub(crate) fn calls(journal: &Journal) -> Vec<String> {
    let entries = journal.entries();
    let called = entries.iter().filter_map(|entry| match entry {
        Happening::Called { plugin, hook, .. } => Some(format!("{plugin}.{hook}")),
        _ => None,
    });
    called.collect()
}

/// What `$after` was told, in order.
pub(crate) fn told(journal: &Journal) -> Vec<Value> {
    let entries = journal.entries();
    let called = entries.into_iter().filter_map(|entry| match entry {
        Happening::Called { hook, input, .. } if hook == AFTER => Some(input),
        _ => None,
    });
    called.collect()
}

#[tokio::test(start_paused = true)]
async fn wrap_7_an_audit_hears_of_timeouts_and_of_cancellations() {
    for cancelled in [false, true] {
        let journal = Journal::new();
        let late = Behaviour::answer(0).late(Duration::from_millis(50));
        let audit = Puppet::new(wrapping("audit", 1000)).on(AFTER, late).journal(&journal);
        let registry =
            builder(kind(DispatchClass::Singleton, ""), [audit, puppet("a", Behaviour::Hang)])
                .limits(impatient())
                .start()
                .await
                .unwrap();
        let token = CancellationToken::new();
        let caller = Caller::new().with_cancellation(token.clone());
        let dispatch = run(&registry, DispatchClass::Singleton, &caller);
        let cancel = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if cancelled {
                token.cancel();
            }
        };
        let (result, ()) = tokio::join!(dispatch, cancel);
        assert_eq!(result.unwrap_err().code(), "HS-D009");
        let cause = if cancelled { "cancelled" } else { "timed_out" };
        assert_eq!(told(&journal)[0]["outcome"]["failures"][0]["cause"], cause);
        // It had the time that it needed.
        assert_eq!(plugin(&registry, "audit").failures.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn wrap_7_a_hanging_after_costs_no_more_than_its_grace() {
    let hangs = |name| Puppet::new(wrapping(name, 1000)).on(AFTER, Behaviour::Hang);
    let puppets = [hangs("one"), hangs("two"), puppet("a", Behaviour::Hang)];
    let registry = builder(kind(DispatchClass::BroadcastNotify, ""), puppets)
        .limits(impatient())
        .start()
        .await
        .unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(run(&registry, DispatchClass::BroadcastNotify, &Caller::new()).await.unwrap(), "0");
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(400) && took < Duration::from_millis(450), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn wrap_7_what_a_before_takes_is_taken_from_the_dispatch() {
    let journal = Journal::new();
    let slow = middleware("slow", Behaviour::Unchanged.late(Duration::from_millis(150)), &journal);
    let answers = Behaviour::answer(1).late(Duration::from_millis(100));
    let registry = builder(kind(DispatchClass::Singleton, ""), [slow, puppet("a", answers)])
        .limits(impatient())
        .start()
        .await
        .unwrap();
    let error = run(&registry, DispatchClass::Singleton, &Caller::new()).await.unwrap_err();
    let DispatchError::PluginFailed { failure, .. } = error else { panic!("{error}") };
    assert_eq!((failure.plugin.as_str(), failure.cause.class()), ("a", CauseClass::TimedOut));
}

#[tokio::test]
async fn wrap_2_before_in_order_and_after_in_reverse_once_in_every_class() {
    for class in DispatchClass::ALL {
        let journal = Journal::new();
        let of = |name: &str, priority| {
            Puppet::new(wrapping(name, priority))
                .on(BEFORE, Behaviour::Unchanged)
                .on(AFTER, Behaviour::answer(0).pending())
                .journal(&journal)
        };
        let first = Manifest { tryfirst: true, ..wrapping("first", 1000) };
        let first = Puppet::new(first).on(BEFORE, Behaviour::Unchanged.pending()).journal(&journal);
        let puppets = [
            of("b", 1000),
            of("a", 1000),
            of("high", 2000),
            first,
            puppet("x", Behaviour::Echo).journal(&journal),
        ];
        let registry = builder(kind(*class, ""), puppets).start().await.unwrap();
        run(&registry, *class, &Caller::new()).await.unwrap();
        let expected = [
            "first.$before",
            "high.$before",
            "a.$before",
            "b.$before",
            "x.h",
            "b.$after",
            "a.$after",
            "high.$after",
        ];
        assert_eq!(calls(&journal), expected, "{class}");
        let told = &told(&journal)[0];
        assert_eq!(
            (&told["kind"], &told["hook"], &told["class"]),
            (&json!("k"), &json!("h"), &json!(class.to_string()))
        );
        assert_eq!(told["outcome"]["answered"][0]["plugin"], "x", "{class}");
        assert_eq!(told["outcome"]["error"], Value::Null);
    }
}

#[tokio::test]
async fn wrap_3_a_changed_input_is_what_everybody_sees_also_who_chooses() {
    let change = |text: &'static str| {
        Behaviour::compute(move |call: &Call<'_>| {
            let seen = call.input.json()?;
            assert_eq!(seen["hook"], "h");
            let before = seen["input"]["text"].as_str().unwrap_or_default();
            Ok(Reply::value(json!({ "text": format!("{before}{text}") })))
        })
    };
    for class in DispatchClass::ALL {
        let journal = Journal::new();
        let puppets = [
            middleware("one", change("-1"), &journal),
            middleware("two", change("-2"), &journal),
            ranked("x", 1, Behaviour::Echo).journal(&journal),
        ];
        let registry = builder(strict(*class, ""), puppets).start().await.unwrap();
        run(&registry, *class, &Caller::new()).await.unwrap();
        let seen = Happening::Called {
            plugin: "x".into(),
            hook: "h".into(),
            input: json!({ "text": "in-1-2" }),
        };
        assert!(journal.has(&seen), "{class}: {:?}", journal.entries());
    }
    // Who is asked depends on what the middleware made of the input.
    let to = Behaviour::answer(json!({ "language": "de" }));
    let speaks = |name: &str, language: &str| {
        let supports_languages = vec![language.to_owned()];
        Puppet::new(Manifest { supports_languages, ..Manifest::new(name, "k") })
            .on("h", Behaviour::answer(name))
    };
    let puppets =
        [middleware("m", to, &Journal::new()), speaks("english", "en"), speaks("german", "de")];
    let registry = builder(kind(DispatchClass::Capability, ""), puppets).start().await.unwrap();
    let capability = registry.capability::<Value, Value>("k", "h").unwrap();
    let answer = capability.dispatch(&Caller::new(), json!({ "language": "en" })).await.unwrap();
    assert_eq!(answer.plugin, "german");
}

#[tokio::test]
async fn wrap_1_only_what_matches_is_wrapped_and_only_by_who_says_so() {
    let journal = Journal::new();
    let of = |name: &str, kinds: &[&str], hooks: &[&str]| {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let chain_wrap =
            Some(ChainWrap { kinds: list(kinds), hooks: list(hooks), required: false });
        Puppet::new(Manifest { priority: 1000, chain_wrap, ..Manifest::new(name, "k") })
            .on(BEFORE, Behaviour::Unchanged)
            .journal(&journal)
    };
    let without = Puppet::new(Manifest { priority: 1000, ..Manifest::new("without", "k") })
        .on(BEFORE, Behaviour::fault("never called"));
    let silent = Puppet::new(wrapping("silent", 1000));
    let puppets = [
        of("all", &[], &[]),
        of("star", &["*"], &["*"]),
        of("this", &["k"], &["h"]),
        of("other-kind", &["other"], &["h"]),
        of("other-hook", &["k"], &["other"]),
        without,
        silent,
        puppet("x", Behaviour::answer(1)),
    ];
    let registry = builder(kind(DispatchClass::Singleton, ""), puppets).start().await.unwrap();
    run(&registry, DispatchClass::Singleton, &Caller::new()).await.unwrap();
    assert_eq!(calls(&journal), ["all.$before", "star.$before", "this.$before"]);
}

#[tokio::test]
async fn wrap_1_below_1000_is_refused_at_registration() {
    let low = Puppet::new(wrapping("low", 999)).on(BEFORE, Behaviour::Unchanged);
    let error = builder(kind(DispatchClass::Singleton, ""), [low]).start().await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("low") && text.contains("chain_wrap") && text.contains("1000"), "{text}");
}

#[tokio::test]
async fn wrap_9_nobody_there_is_nobody_wrapped() {
    for class in DispatchClass::ALL {
        let journal = Journal::new();
        let registry = builder(kind(*class, ""), [middleware("m", Behaviour::Unchanged, &journal)])
            .start()
            .await
            .unwrap();
        let result = match class {
            DispatchClass::BroadcastCollect => Ok(registry
                .broadcast_collect::<Value, Value>("k", "h")
                .unwrap()
                .dispatch(&Caller::new(), json!({}))
                .await
                .map(|collected| collected.replies.len().to_string())
                .unwrap()),
            _ => run(&registry, *class, &Caller::new()).await,
        };
        match class {
            DispatchClass::BroadcastNotify
            | DispatchClass::BroadcastCollect
            | DispatchClass::Chain => {
                result.unwrap();
                assert!(calls(&journal).is_empty(), "{class}");
            }
            // Somebody who is asked for and not there is an end that an audit hears of.
            DispatchClass::Singleton | DispatchClass::Capability => {
                assert_eq!(result.unwrap_err().code(), "HS-D006");
                assert_eq!(told(&journal)[0]["outcome"]["error"]["code"], "HS-D006");
            }
        }
    }
}

#[test]
fn wrap_9_dispatch_sync_needs_middleware_that_is_inline_and_ready() {
    let waits = |name: &str, hook: HookName| {
        Puppet::new(wrapping(name, 1000)).on(hook, Behaviour::Unchanged.pending())
    };
    let sync = |around: Puppet, isolation| {
        let more = "    mode: sync\n";
        let registry = builder(
            kind(DispatchClass::Singleton, more),
            [around, puppet("x", Behaviour::answer(1))],
        )
        .isolation("m", isolation)
        .start_blocking()
        .unwrap();
        let singleton = registry.singleton::<Value, Value>("k", "h").unwrap();
        let result = singleton.dispatch_sync(&Caller::new(), json!({}));
        (
            result.map(|answer| answer.plugin.to_string()).map_err(|e| e.code()),
            plugin(&registry, "m"),
        )
    };
    assert_eq!(sync(waits("m", BEFORE), Isolation::Inline).0, Err("HS-D008"));
    let ready = || middleware("m", Behaviour::Unchanged, &Journal::new());
    assert_eq!(sync(ready(), Isolation::Thread).0, Err("HS-D008"));
    assert_eq!(sync(ready(), Isolation::Inline).0, Ok("x".into()));
    // Everybody was called already: the answer stands, and the audit is recorded as cancelled.
    let (answer, audit) = sync(waits("m", AFTER), Isolation::Inline);
    assert_eq!(answer, Ok("x".into()));
    assert_eq!(audit.failures[&CauseClass::Cancelled], 1);
}

#[tokio::test]
async fn wrap_9_a_detached_notification_is_wrapped_too() {
    let journal = Journal::new();
    let puppets = [
        middleware("m", Behaviour::fault("no"), &journal),
        puppet("x", Behaviour::answer(1)).journal(&journal),
    ];
    let registry =
        builder(kind(DispatchClass::BroadcastNotify, ""), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    notify.notify_detached(&Caller::new(), json!({})).unwrap();
    registry.stop().await.unwrap();
    assert_eq!(calls(&journal), ["m.$before"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_one_of_many_dispatches_is_wrapped_once() {
    let begun = Instant::now();
    let journal = Journal::new();
    let puppets = [
        middleware("m", Behaviour::Unchanged, &journal),
        puppet("x", Behaviour::answer(1).pending()),
    ];
    let registry =
        builder(kind(DispatchClass::BroadcastCollect, ""), puppets).start().await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let registry = registry.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    run(&registry, DispatchClass::BroadcastCollect, &Caller::new()).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let snapshot = plugin(&registry, "m");
    assert_eq!((snapshot.calls, snapshot.in_flight), (1600, 0));
    assert_eq!(calls(&journal).len(), 1600);
    assert!(begun.elapsed() < PATIENCE);
}

/// WRAP-10: what stands for a permission is not passed by while it is away, in any class; whoever
/// runs the host may turn it off or remove it.
#[tokio::test]
async fn wrap_10_who_has_to_be_asked_is_not_passed_by() {
    for class in DispatchClass::ALL.iter().copied() {
        for turned_off in [true, false] {
            let journal = Journal::new();
            let mut manifest = wrapping("gatekeeper", 1000);
            manifest.chain_wrap =
                manifest.chain_wrap.map(|own| ChainWrap { required: true, ..own });
            let gatekeeper = Puppet::new(manifest)
                .on(BEFORE, Behaviour::Unchanged)
                .setup(hookspec_host::testing::Step::Fault("no list of tenants".into()));
            let business = puppet("p", Behaviour::answer(json!({ "text": "out" })));
            let registry = builder(kind(class, ""), [gatekeeper, business.journal(&journal)])
                .start()
                .await
                .unwrap();
            let error = run(&registry, class, &Caller::new()).await.unwrap_err();
            let DispatchError::Refused { plugin, fault } = error else { panic!("{error}") };
            assert_eq!((plugin.as_str(), fault.code()), ("gatekeeper", "middleware_missing"));
            assert!(fault.is_retryable() && fault.message().contains("unavailable"), "{fault}");
            assert!(calls(&journal).is_empty(), "{class}");
            match turned_off {
                true => registry.disable("gatekeeper").await.unwrap(),
                false => registry.remove("gatekeeper").await.unwrap(),
            }
            run(&registry, class, &Caller::new()).await.unwrap();
            registry.stop().await.unwrap();
        }
    }
}
