//! Executors, deadlines and what nobody awaits any more: ISO-1, DEADLINE-2, DEADLINE-3.

use std::time::{Duration, Instant};

use hookspec_host::testing::{Behaviour, Gate, Happening, Journal};
use hookspec_host::{Cause, CauseClass, Limits, State};
use hookspec_plugin::{Caller, CancellationToken, Isolation, Reply};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::support::{PATIENCE, builder, eventually, impatient, kind, plugin, puppet};

const COLLECT: DispatchClass = DispatchClass::BroadcastCollect;
const BEST_EFFORT: &str = "    error_policy: best_effort\n";

fn held(gate: &Gate) -> Behaviour {
    Behaviour::Block(gate.clone(), Box::new(Behaviour::answer("free")))
}

#[tokio::test]
async fn iso_1_plugins_on_threads_block_side_by_side() {
    let gate = Gate::new();
    let puppets = ["a", "b", "c", "d"].map(|name| puppet(name, held(&gate)));
    let registry = builder(kind(COLLECT, BEST_EFFORT), puppets)
        .isolation_for_all(Isolation::Thread)
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let opener = async {
        // Only if all four are held at once does the gate open at all.
        eventually("all four are held", || gate.holds(4, Duration::ZERO)).await;
        gate.open();
    };
    let caller = Caller::new();
    let (collected, ()) = tokio::join!(collect.dispatch(&caller, json!({})), opener);
    assert_eq!(collected.unwrap().replies.len(), 4);
}

#[tokio::test]
async fn iso_1_one_that_never_returns_costs_only_itself() {
    let (gate, journal) = (Gate::new(), Journal::new());
    let puppets =
        [puppet("stuck", held(&gate)), puppet("well", Behaviour::answer(1)).journal(&journal)];
    let limits = Limits { worker_threads: 2, ..impatient() };
    let registry = builder(kind(COLLECT, BEST_EFFORT), puppets)
        .isolation_for_all(Isolation::Thread)
        .limits(limits)
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let stuck = || plugin(&registry, "stuck");
    for round in 1..=2 {
        let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
        assert_eq!(collected.replies[0].plugin, "well");
        assert!(matches!(collected.failures[0].cause, Cause::TimedOut), "round {round}");
        assert_eq!((stuck().abandoned, stuck().in_flight), (round, 0));
    }
    // Its threads are all held: the next call is refused at once and waits for nothing.
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    let Cause::Rejected { reason } = &collected.failures[0].cause else { panic!("{collected:?}") };
    assert!(reason.contains("abandoned"), "{reason}");
    assert_eq!(journal.calls().len(), 3, "the other was called every time");

    let errors = registry.stop().await.unwrap_err();
    assert_eq!(errors.0[0].plugin, "stuck");
    assert_eq!((stuck().state, plugin(&registry, "well").state), (State::Leaked, State::Stopped));
    gate.open();
    eventually("its threads come back", || stuck().abandoned == 0).await;
}

#[tokio::test]
async fn deadline_2_queueing_counts() {
    let gate = Gate::new();
    let limits = Limits { worker_threads: 1, ..impatient() };
    let registry = builder(kind(COLLECT, BEST_EFFORT), [puppet("busy", held(&gate))])
        .isolation_for_all(Isolation::Thread)
        .limits(limits)
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let patient = Caller::new();
    // The second call waits behind the first, and its time runs meanwhile.
    let (first, second) =
        tokio::join!(collect.dispatch(&patient, json!(1)), collect.dispatch(&patient, json!(2)));
    for collected in [first.unwrap(), second.unwrap()] {
        assert!(matches!(collected.failures[0].cause, Cause::TimedOut));
    }
    gate.open();
    eventually("nothing is abandoned", || plugin(&registry, "busy").abandoned == 0).await;
}

#[tokio::test]
async fn a_bounded_queue_rejects_what_does_not_fit() {
    let gate = Gate::new();
    let limits = Limits { worker_threads: 1, worker_queue: 1, ..Limits::default() };
    let registry = builder(kind(COLLECT, BEST_EFFORT), [puppet("busy", held(&gate))])
        .isolation_for_all(Isolation::Thread)
        .limits(limits)
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let call = |input| {
        let collect = collect.clone();
        tokio::spawn(async move { collect.dispatch(&Caller::new(), json!(input)).await.unwrap() })
    };
    let running = call(1);
    eventually("the thread is held", || gate.holds(1, Duration::ZERO)).await;
    let waiting = call(2);
    eventually("the second waits", || plugin(&registry, "busy").in_flight == 2).await;
    let refused = call(3).await.unwrap();
    assert!(matches!(refused.failures[0].cause, Cause::Rejected { .. }));
    gate.open();
    for ended in [running, waiting] {
        assert_eq!(ended.await.unwrap().replies.len(), 1);
    }
}

#[tokio::test]
async fn dropping_a_dispatch_cancels_what_it_started() {
    for isolation in Isolation::ALL {
        let (gate, journal) = (Gate::new(), Journal::new());
        let waits = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(1)));
        let registry = builder(kind(COLLECT, ""), [puppet("a", waits).journal(&journal)])
            .isolation_for_all(isolation)
            .start()
            .await
            .unwrap();
        let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
        let dispatch =
            tokio::spawn(async move { collect.dispatch(&Caller::new(), json!({})).await });
        eventually("it waits", || gate.holds(1, Duration::ZERO)).await;
        assert_eq!(plugin(&registry, "a").in_flight, 1, "{isolation}");
        dispatch.abort();
        assert!(dispatch.await.unwrap_err().is_cancelled());
        eventually("its future is dropped", || journal.has(&Happening::Dropped("a".into()))).await;
        eventually("nothing is left", || {
            let a = plugin(&registry, "a");
            (a.in_flight, a.abandoned) == (0, 0)
        })
        .await;
    }
}

#[tokio::test]
async fn a_token_cancels_from_outside_and_reaches_the_plugin() {
    for isolation in Isolation::ALL {
        let registry = builder(kind(COLLECT, BEST_EFFORT), [puppet("a", Behaviour::Hang)])
            .isolation_for_all(isolation)
            .start()
            .await
            .unwrap();
        let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
        let token = CancellationToken::new();
        let caller = Caller::new().with_cancellation(token.clone());
        let cancel = async {
            eventually("it runs", || plugin(&registry, "a").in_flight == 1).await;
            token.cancel();
        };
        let (collected, ()) = tokio::join!(collect.dispatch(&caller, json!({})), cancel);
        assert!(matches!(collected.unwrap().failures[0].cause, Cause::Cancelled), "{isolation}");
        // Cancelled before it began, nobody is called at all.
        let collected = collect.dispatch(&caller, json!({})).await.unwrap();
        assert!(matches!(collected.failures[0].cause, Cause::Cancelled), "{isolation}");
    }
}

#[tokio::test]
async fn work_on_a_thread_learns_that_nobody_awaits_it() {
    // A loop that asks now and then, as long work should.
    let busy = Behaviour::compute(|call| {
        let end = Instant::now() + PATIENCE;
        while !call.context.cancellation().is_some_and(CancellationToken::is_cancelled) {
            assert!(Instant::now() < end, "it was never told");
            std::thread::yield_now();
        }
        Ok(Reply::value(Value::Null))
    });
    let registry = builder(kind(COLLECT, BEST_EFFORT), [puppet("a", busy)])
        .isolation_for_all(Isolation::Thread)
        .limits(impatient())
        .start()
        .await
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let collected = collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    assert!(matches!(collected.failures[0].cause, Cause::TimedOut));
    eventually("its thread comes back", || plugin(&registry, "a").abandoned == 0).await;
}

#[tokio::test]
async fn iso_1_a_poll_that_holds_its_thread_is_recorded_against_the_plugin() {
    // Longer than a busy machine keeps a thread waiting that has something to do.
    let limits = Limits { long_poll: Duration::from_millis(400), ..Limits::default() };
    let slow = Behaviour::compute(move |_| {
        let end = Instant::now() + Duration::from_millis(450);
        while Instant::now() < end {
            std::thread::yield_now();
        }
        Ok(Reply::value(Value::Null))
    });
    let puppets = [
        puppet("slow", slow.clone()),
        puppet("slow-later", slow.pending()),
        puppet("quick", Behaviour::answer(1)),
    ];
    let registry = builder(kind(COLLECT, ""), puppets).limits(limits).start().await.unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    collect.dispatch(&Caller::new(), json!({})).await.unwrap();
    let long_polls = |name| plugin(&registry, name).long_polls;
    assert_eq!((long_polls("slow"), long_polls("slow-later"), long_polls("quick")), (1, 1, 0));
}

/// The one cell of the safety table that ends its own dispatch: what runs the call dies.
#[test]
fn a_runtime_that_ends_under_a_call_is_named_gone() {
    let gate = Gate::new();
    let worker = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let waits = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(1)));
    let registry = worker
        .block_on(
            builder(kind(COLLECT, BEST_EFFORT), [puppet("a", waits)])
                .isolation_for_all(Isolation::Task)
                .start(),
        )
        .unwrap();
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    let dispatching = std::thread::spawn(move || {
        // No runtime here: the task runs on the registry's.
        futures::executor::block_on(async { collect.dispatch(&Caller::new(), json!({})).await })
    });
    assert!(gate.holds(1, PATIENCE));
    worker.shutdown_background();
    let collected = dispatching.join().unwrap().unwrap();
    assert!(matches!(collected.failures[0].cause, Cause::Gone), "{:?}", collected.failures);
    assert_eq!(plugin(&registry, "a").failures[&CauseClass::Gone], 1);
}
