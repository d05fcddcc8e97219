//! What goes wrong only when two things happen at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hookspec_host::testing::{Behaviour, Gate, Happening, Journal, Puppet, Step};
use hookspec_host::{Cause, CauseClass, Limits, State};
use hookspec_plugin::{Caller, CancellationToken, Isolation, Manifest, Reply};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{PATIENCE, builder, eventually, impatient, kind, plugin, puppet, ranked};

const CHAIN: DispatchClass = DispatchClass::Chain;
const COLLECT: DispatchClass = DispatchClass::BroadcastCollect;
const NOTIFY: DispatchClass = DispatchClass::BroadcastNotify;
const BEST_EFFORT: &str = "    error_policy: best_effort\n";

fn waits(gate: &Gate) -> Behaviour {
    Behaviour::Wait(gate.clone(), Box::new(Behaviour::Unchanged))
}

/// Thirty-one pending calls live in a set; when one is given up, the thirty left do not.
#[tokio::test]
async fn a_set_that_shrinks_forgets_nobody() {
    let gate = Gate::new();
    let short = Manifest { timeout_ms: Some(20), ..Manifest::new("short", "k") };
    let puppets = (0..30).map(|index| puppet(&format!("p{index:02}"), waits(&gate)));
    let puppets = puppets.chain([Puppet::new(short).on("h", Behaviour::Hang)]);
    let registry = builder(kind(NOTIFY, ""), puppets).start().await.unwrap();
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    // On a task of its own: nothing but its own calls may wake it.
    let dispatch = tokio::spawn(async move { notify.dispatch(&Caller::new(), json!({})).await });
    let given_up = || plugin(&registry, "short").failures.contains_key(&CauseClass::TimedOut);
    eventually("the short one is given up", given_up).await;
    gate.open();
    let notified = timeout(PATIENCE / 2, dispatch).await.expect("all are heard of");
    let notified = notified.unwrap().unwrap();
    assert_eq!((notified.delivered, notified.failures.len()), (30, 1));
}

/// Blocks at `gate` where the input is 1, and at `first` where it is 2.
fn blocks(gate: &Gate, first: &Gate) -> Behaviour {
    let (gate, first) = (gate.clone(), first.clone());
    Behaviour::compute(move |call| {
        match call.input.json()?.as_u64() {
            Some(1) => gate.block(),
            Some(2) => first.block(),
            _ => {}
        }
        Ok(Reply::value(json!("done")))
    })
}

/// One thread is held for ever and one is idle: the idle one serves.
#[tokio::test]
async fn iso_1_an_idle_thread_beside_a_held_one_serves() {
    let (gate, first) = (Gate::new(), Gate::new());
    let registry = builder(kind(COLLECT, BEST_EFFORT), [puppet("a", blocks(&gate, &first))])
        .isolation_for_all(Isolation::Thread)
        .limits(Limits { worker_threads: 2, ..impatient() })
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let caller = Caller::new();
    let opener = async {
        eventually("both threads run", || first.holds(2, Duration::ZERO)).await;
        first.open();
    };
    let two = || async { collect.dispatch(&caller, json!(2)).await.unwrap().replies.len() };
    assert_eq!(tokio::join!(two(), two(), opener), (1, 1, ()));
    let held = collect.dispatch(&caller, json!(1)).await.unwrap();
    assert!(matches!(held.failures[0].cause, Cause::TimedOut));
    let served = collect.dispatch(&caller, json!(3)).await.unwrap();
    assert_eq!(served.replies.len(), 1, "{:?}", served.failures);
    gate.open();
    eventually("nothing is abandoned", || plugin(&registry, "a").abandoned == 0).await;
}

/// A call whose time is up, or that nobody wants, before it begins says nothing about the plugin.
#[tokio::test]
async fn a_call_that_never_began_blames_nobody() {
    let journal = Journal::new();
    let puppets = [puppet("a", Behaviour::answer(1)).journal(&journal)];
    let registry = builder(kind(COLLECT, BEST_EFFORT), puppets).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let late = Caller::new().with_deadline(Instant::now());
    for _ in 0..5 {
        let collected = collect.dispatch(&late, json!({})).await.unwrap();
        assert!(matches!(collected.failures[0].cause, Cause::TimedOut));
    }
    let a = plugin(&registry, "a");
    assert_eq!((a.state, a.failures[&CauseClass::TimedOut]), (State::Ready, 5));
    assert!(journal.calls().is_empty());
}

#[tokio::test]
async fn a_change_goes_on_when_nobody_awaits_it() {
    let gate = Gate::new();
    let puppets = [puppet("a", Behaviour::answer(1)).setup(Step::Wait(gate.clone()))];
    let registry = builder(kind(COLLECT, ""), puppets).build().unwrap();
    assert!(timeout(Duration::from_millis(5), registry.start()).await.is_err(), "it waits");
    assert_eq!(plugin(&registry, "a").state, State::Starting);
    gate.open();
    eventually("it is ready", || plugin(&registry, "a").state == State::Ready).await;
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    assert_eq!(collect.dispatch(&Caller::new(), json!({})).await.unwrap().replies.len(), 1);
}

#[test]
fn a_blocking_registry_may_be_dropped_inside_a_runtime() {
    let registry =
        builder(kind(COLLECT, ""), [puppet("a", Behaviour::answer(1))]).start_blocking().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move { drop(registry) });
}

/// A plugin is not torn down under a call of it that can still end.
#[tokio::test]
async fn teardown_waits_for_calls_that_nobody_awaits() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let under = Arc::new(AtomicBool::new(false));
    let behaviour = Behaviour::compute({
        let (gate, journal, under) = (gate.clone(), journal.clone(), Arc::clone(&under));
        move |_| {
            gate.block();
            // Long enough that a teardown that did not wait would be over.
            let end = Instant::now() + Duration::from_millis(50);
            while Instant::now() < end {
                std::thread::yield_now();
            }
            under.store(journal.has(&Happening::TornDown("a".into())), Ordering::SeqCst);
            Ok(Reply::value(Value::Null))
        }
    });
    let limits = Limits { teardown_timeout: Some(PATIENCE), ..impatient() };
    let registry = builder(kind(COLLECT, BEST_EFFORT), [puppet("a", behaviour).journal(&journal)])
        .isolation_for_all(Isolation::Thread)
        .limits(limits)
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    assert!(matches!(collected.failures[0].cause, Cause::TimedOut));
    assert_eq!(plugin(&registry, "a").abandoned, 1);
    gate.open();
    registry.stop().await.unwrap();
    assert!(journal.has(&Happening::TornDown("a".into())));
    assert!(!under.load(Ordering::SeqCst), "torn down while a call of it ran");
}

/// A setup that is given up leaves its thread.
#[tokio::test]
async fn a_setup_that_waits_for_ever_gives_its_thread_back() {
    let puppets = [puppet("a", Behaviour::answer(1)).setup(Step::Wait(Gate::new()))];
    let registry = builder(kind(COLLECT, ""), puppets)
        .isolation_for_all(Isolation::Thread)
        .limits(impatient())
        .start()
        .await
        .unwrap();
    assert_eq!(plugin(&registry, "a").state, State::Unavailable);
    eventually("its thread comes back", || plugin(&registry, "a").abandoned == 0).await;
}

/// A link that is removed while the chain is at another: it is not called, and the chain goes on.
#[tokio::test]
async fn a_chain_goes_on_without_a_link_that_was_removed() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let puppets = [
        ranked("first", 3, waits(&gate)),
        ranked("removed", 2, Behaviour::Unchanged).journal(&journal),
        ranked("last", 1, Behaviour::answer("end")),
    ];
    let limits = Limits { dispatch_timeout: PATIENCE, ..impatient() };
    let registry = builder(kind(CHAIN, BEST_EFFORT), puppets).limits(limits).start().await.unwrap();
    let chain = registry.chain::<Value>("k", "h").unwrap();
    let running = tokio::spawn(async move { chain.dispatch(&Caller::new(), json!("")).await });
    eventually("it waits", || gate.holds(1, Duration::ZERO)).await;
    registry.remove("removed").await.unwrap();
    gate.open();
    let chained = timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
    assert_eq!(*chained.value, json!("end"));
    assert!(matches!(chained.failures[0].cause, Cause::Cancelled), "{:?}", chained.failures);
    assert!(journal.calls().is_empty(), "torn down already, and never called");
}

/// The caller's own cancellation ends the chain even so.
#[tokio::test]
async fn a_chain_that_nobody_wants_ends() {
    let token = CancellationToken::new();
    let caller = Caller::new().with_cancellation(token.clone());
    let puppets = [ranked("a", 1, Behaviour::Hang), ranked("b", 0, Behaviour::answer("end"))];
    let registry = builder(kind(CHAIN, BEST_EFFORT), puppets).start().await.unwrap();
    let chain = registry.chain::<Value>("k", "h").unwrap();
    let cancel = async {
        eventually("it runs", || plugin(&registry, "a").in_flight == 1).await;
        token.cancel();
    };
    let (chained, ()) = tokio::join!(chain.dispatch(&caller, json!("")), cancel);
    assert!(chained.is_err());
}

/// What `dispatch_sync` cannot interrupt is kept and marked, in every class that answers many.
#[test]
fn late_answers_are_marked() {
    let slow = || {
        Behaviour::compute(|call| {
            while !call.context.is_cancelled() {
                std::thread::yield_now();
            }
            Ok(Reply::value(Value::Null))
        })
    };
    let start = |class| {
        let puppets = [puppet("slow", slow())];
        builder(kind(class, ""), puppets).limits(impatient()).start_blocking().unwrap()
    };
    let registry = start(NOTIFY);
    let notify = registry.broadcast_notify::<Value>("k", "h").unwrap();
    let notified = notify.dispatch_sync(&Caller::new(), json!({})).unwrap();
    assert_eq!((notified.delivered, notified.late), (1, vec!["slow".into()]));
    let registry = start(CHAIN);
    let chain = registry.chain::<Value>("k", "h").unwrap();
    let chained = chain.dispatch_sync(&Caller::new(), json!({})).unwrap();
    assert_eq!((chained.ran, chained.late), (vec!["slow".into()], vec!["slow".into()]));
}
