//! Circuit breakers: BREAKER-1 to BREAKER-4, in virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hookspec_host::testing::{Behaviour, Gate, Journal, Puppet};
use hookspec_host::{Cause, CauseClass, CircuitState, DispatchError, Registry};
use hookspec_plugin::{Call, Caller, CancellationToken, CircuitBreaker, Fault, Manifest, Reply};
use hookspec_spec::{Catalog, DispatchClass, Source};
use serde_json::{Value, json};

use crate::support::{builder, eventually, kind, plugin};

fn guarded(behaviour: Behaviour) -> Puppet {
    let circuit_breaker = Some(CircuitBreaker { fail_threshold: 3, open_seconds: 10 });
    Puppet::new(Manifest { circuit_breaker, ..Manifest::new("a", "k") }).on("h", behaviour)
}

/// Fails while a flag is set.
fn sick(flag: &Arc<AtomicBool>) -> Behaviour {
    let flag = Arc::clone(flag);
    Behaviour::compute(move |_: &Call<'_>| match flag.load(Ordering::SeqCst) {
        true => Err(Fault::new("sick", "not today")),
        false => Ok(Reply::value(1)),
    })
}

async fn registry(puppet: Puppet) -> Registry {
    builder(kind(DispatchClass::Singleton, ""), [puppet]).start().await.unwrap()
}

async fn ask(registry: &Registry) -> Result<(), Cause> {
    let singleton = registry.singleton::<Value, Value>("k", "h").unwrap();
    match singleton.dispatch(&Caller::new(), json!({})).await {
        Ok(_) => Ok(()),
        Err(DispatchError::PluginFailed { failure, .. }) => Err(failure.cause),
        Err(other) => panic!("{other}"),
    }
}

fn reason(result: Result<(), Cause>) -> String {
    match result {
        Err(Cause::Rejected { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

fn state(registry: &Registry) -> CircuitState {
    plugin(registry, "a").circuit.unwrap().state
}

#[tokio::test(start_paused = true)]
async fn breaker_1_failures_in_a_row_open_it_and_2_calls_are_rejected_at_once() {
    let (flag, journal) = (Arc::new(AtomicBool::new(true)), Journal::new());
    let registry = registry(guarded(sick(&flag)).journal(&journal)).await;
    // A success in between starts the count anew.
    for sick in [true, true, false, true, true] {
        flag.store(sick, Ordering::SeqCst);
        assert_eq!(ask(&registry).await.is_err(), sick);
        assert_eq!(state(&registry), CircuitState::Closed);
    }
    assert!(matches!(ask(&registry).await, Err(Cause::Faulted(_))));
    let circuit = plugin(&registry, "a").circuit.unwrap();
    assert_eq!((circuit.state, circuit.opened), (CircuitState::Open, 1));
    assert_eq!(circuit.retry_in, Some(Duration::from_secs(10)));
    let called = journal.calls().len();
    tokio::time::advance(Duration::from_secs(4)).await;
    for _ in 0..5 {
        let reason = reason(ask(&registry).await);
        assert!(reason.contains("circuit_breaker") && reason.contains("6s"), "{reason}");
    }
    assert_eq!(journal.calls().len(), called);
    let snapshot = plugin(&registry, "a");
    assert_eq!((snapshot.failures[&CauseClass::Rejected], snapshot.consecutive_failures), (5, 3));
}

#[tokio::test(start_paused = true)]
async fn breaker_3_a_probe_that_fails_opens_it_again_and_one_that_succeeds_closes_it() {
    let flag = Arc::new(AtomicBool::new(true));
    let registry = registry(guarded(sick(&flag))).await;
    for _ in 0..3 {
        assert!(ask(&registry).await.is_err());
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(state(&registry), CircuitState::HalfOpen);
    assert!(matches!(ask(&registry).await, Err(Cause::Faulted(_))));
    assert_eq!(state(&registry), CircuitState::Open);
    reason(ask(&registry).await);
    tokio::time::advance(Duration::from_secs(10)).await;
    flag.store(false, Ordering::SeqCst);
    ask(&registry).await.unwrap();
    assert_eq!(state(&registry), CircuitState::Closed);
    // The count begins anew.
    flag.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        assert!(matches!(ask(&registry).await, Err(Cause::Faulted(_))));
    }
    assert_eq!(state(&registry), CircuitState::Closed);
}

/// A plugin with a hook `h` that fails while a flag is set, and a hook `slow` that waits for a gate.
async fn two_hooks(sick_flag: &Arc<AtomicBool>, gate: &Gate, journal: &Journal) -> Registry {
    let slow = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(1)));
    let puppet = guarded(sick(sick_flag)).on("slow", slow).journal(journal);
    let yaml = "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: singleton\n  - name: slow\n    dispatch: singleton\n";
    let catalog = Catalog::from_sources([Source::new("kinds/k/v1.yaml", yaml)]).unwrap();
    builder(catalog, [puppet]).start().await.unwrap()
}

async fn slowly(registry: Registry, caller: Caller) -> bool {
    let singleton = registry.singleton::<Value, Value>("k", "slow").unwrap();
    singleton.dispatch(&caller, json!({})).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn breaker_3_exactly_one_probe_and_one_without_a_verdict_leaves_its_place() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let flag = Arc::new(AtomicBool::new(true));
    let registry = two_hooks(&flag, &gate, &journal).await;
    for _ in 0..3 {
        assert!(ask(&registry).await.is_err());
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    let token = CancellationToken::new();
    let caller = Caller::new().with_cancellation(token.clone());
    let probe = tokio::spawn(slowly(registry.clone(), caller));
    eventually("the probe is under way", || plugin(&registry, "a").in_flight == 1).await;
    for _ in 0..10 {
        assert!(reason(ask(&registry).await).contains("probe"));
    }
    assert_eq!(journal.calls().len(), 4);
    token.cancel();
    assert!(!probe.await.unwrap());
    assert_eq!(state(&registry), CircuitState::HalfOpen);
    flag.store(false, Ordering::SeqCst);
    ask(&registry).await.unwrap();
    assert_eq!(state(&registry), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn breaker_4_what_was_begun_before_it_opened_has_no_say() {
    let (gate, flag) = (Gate::new(), Arc::new(AtomicBool::new(true)));
    let registry = two_hooks(&flag, &gate, &Journal::new()).await;
    let stale = tokio::spawn(slowly(registry.clone(), Caller::new()));
    eventually("it runs", || plugin(&registry, "a").in_flight == 1).await;
    for _ in 0..3 {
        assert!(matches!(ask(&registry).await, Err(Cause::Faulted(_))));
    }
    assert_eq!(state(&registry), CircuitState::Open);
    gate.open();
    assert!(stale.await.unwrap());
    assert_eq!(state(&registry), CircuitState::Open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn breaker_3_one_probe_among_many_at_once() {
    let journal = Journal::new();
    let circuit_breaker = Some(CircuitBreaker { fail_threshold: 1, open_seconds: 1 });
    let manifest =
        Manifest { circuit_breaker, max_concurrency: Some(4), ..Manifest::new("a", "k") };
    let slow = Behaviour::Hang;
    let puppet = Puppet::new(manifest).on("h", slow).journal(&journal);
    let limits = crate::support::impatient();
    let registry =
        builder(kind(DispatchClass::Singleton, ""), [puppet]).limits(limits).start().await.unwrap();
    assert!(matches!(ask(&registry).await, Err(Cause::TimedOut)));
    eventually("it may be tried", || state(&registry) == CircuitState::HalfOpen).await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let registry = registry.clone();
            tokio::spawn(async move { ask(&registry).await })
        })
        .collect();
    let mut rejected = 0;
    for task in tasks {
        if matches!(task.await.unwrap(), Err(Cause::Rejected { .. })) {
            rejected += 1;
        }
    }
    assert_eq!((rejected, journal.calls().len()), (49, 2));
}
