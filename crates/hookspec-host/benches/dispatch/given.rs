//! Dispatches of payloads that were made before: the cost without the caller's own value, which is
//! what dispatchers of other languages are compared with. Every dispatch has a payload of its own,
//! so that every input is validated.

use std::hint::black_box;
use std::sync::Arc;

use hookspec_plugin::{Caller, Payload};
use serde_json::Value;

use crate::harness::{Given, Pair};
use crate::ours::{Collect, Kind, by_hand, event, registry, runtime, subjects};

macro_rules! pair {
    ($class:literal, $count:expr, $dispatcher:ident::<$($of:ty),+>, |$hook:ident, $input:ident| $floor:expr) => {{
        let (left, right) = (runtime(), runtime());
        let registry = registry($class, subjects($count, Kind::Ready), &right);
        let dispatcher = registry.$dispatcher::<$($of),+>("k", "h").expect("the hook is declared");
        let ($hook, caller) = (by_hand($count, Kind::Ready), Caller::new());
        Pair {
            floor: Box::new(Given::new(
                || Arc::new(event()),
                move |inputs: &[Arc<Value>]| {
                    left.block_on(async {
                        for input in inputs {
                            let $input = Arc::clone(input);
                            black_box($floor.await.expect("the floor works"));
                        }
                    })
                },
            )),
            ours: Box::new(Given::new(
                || Payload::from_json(event()),
                move |inputs: &[Payload]| {
                    let _keep = &registry;
                    right.block_on(async {
                        for input in inputs {
                            let outcome = dispatcher.dispatch_payload(&caller, input.clone()).await;
                            black_box(outcome.expect("the dispatch works"));
                        }
                    })
                },
            )),
        }
    }};
}

pub(crate) fn collect(count: usize) -> Pair {
    pair!("broadcast_collect", count, broadcast_collect::<Value, Value>, |hook, input| {
        hook.collect(input)
    })
}

pub(crate) fn chain(count: usize) -> Pair {
    pair!("chain", count, chain::<Value>, |hook, input| hook.chain(input))
}

pub(crate) fn collect_sync(count: usize) -> Pair {
    let right = runtime();
    let registry = registry("broadcast_collect", subjects(count, Kind::Now), &right);
    let dispatcher: Collect = registry.broadcast_collect("k", "h").expect("the hook is declared");
    let (hook, caller) = (by_hand(count, Kind::Now), Caller::new());
    Pair {
        floor: Box::new(Given::new(
            || Arc::new(event()),
            move |inputs: &[Arc<Value>]| {
                for input in inputs {
                    black_box(hook.collect_sync(input).expect("the floor works"));
                }
            },
        )),
        ours: Box::new(Given::new(
            || Payload::from_json(event()),
            move |inputs: &[Payload]| {
                let _keep = (&registry, &right);
                for input in inputs {
                    let outcome = dispatcher.dispatch_payload_sync(&caller, input.clone());
                    black_box(outcome.expect("the dispatch works"));
                }
            },
        )),
    }
}
