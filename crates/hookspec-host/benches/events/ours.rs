//! Our side: a bus of its own, with subscribers of the application's.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use hookspec_host::bus::{Bus, BusOptions, SubscriptionGuard};
use hookspec_plugin::{EventDraft, Subscription};
use hookspec_spec::EventCatalog;
use tokio::runtime::Runtime;

use crate::bursts::{BURST, Handled, QUEUE, Side, TYPE, data, patterns};
use crate::floor::runtime;

/// A bus on which so many of 1 000 subscribers want the type.
pub(crate) struct Ours {
    bus: Bus,
    wanted: usize,
    handled: Handled,
    _guards: Vec<SubscriptionGuard>,
    runtime: Runtime,
}

impl Ours {
    pub(crate) fn new(wanted: usize) -> Self {
        let (runtime, handled) = (runtime(), Handled::default());
        let open_namespaces = vec!["*".into()];
        let options = BusOptions { open_namespaces, ..BusOptions::default() };
        let bus = Bus::new(&EventCatalog::empty(), options);
        let entered = runtime.enter();
        let subscribe = |pattern: &String| {
            let count = Arc::clone(&handled.count);
            let wants = Subscription::new(pattern).expect("the pattern is valid").queue(QUEUE);
            bus.subscribe("counts", wants, move |_| {
                count.fetch_add(1, Relaxed);
                std::future::ready(Ok(()))
            })
        };
        let guards = patterns(wanted).iter().map(subscribe).collect::<Result<_, _>>();
        drop(entered);
        let _guards = guards.expect("all may subscribe");
        Self { bus, wanted, handled, _guards, runtime }
    }
}

impl Side for Ours {
    fn publish(&mut self) {
        self.runtime.block_on(async {
            for _ in 0..BURST {
                let published = self.bus.publish(EventDraft::new(TYPE).json(data())).await;
                let receipt = published.expect("the type is open");
                assert_eq!((receipt.matched, receipt.dropped), (self.wanted, 0));
            }
        });
    }

    fn settle(&mut self) {
        self.runtime.block_on(self.handled.more(BURST * self.wanted));
    }
}
