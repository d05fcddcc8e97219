//! event_buffer: what a queue does with more than it has room for.

use std::time::Duration;

use hookspec_host::Registry;
use hookspec_host::testing::{Behaviour, Gate, Happening, Journal, Puppet};
use hookspec_plugin::{EVENT, EventDraft, Events, Manifest, Overflow, Subscription};
use serde_json::{Map, Value, json};

use super::{PLUGIN, mode, options, read, start};
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, object, text, unserved, whole};

pub(super) const EXPECTATIONS: [&str; 7] = [
    "delivered",
    "delivered_count",
    "dropped",
    "replaced",
    "publish_errors",
    "publisher_waits",
    "outstanding",
];

const KNOWN: [&str; 7] =
    ["mode", "capacity", "policy", "key", "publish", "publish_count", "subscriber"];

const TYPE: &str = "vector.e";

pub(super) async fn observe(input: &Value, observed: &mut Observed) -> Served<()> {
    let fields = object(input, "input", &KNOWN)?;
    let mode = mode(fields)?;
    if let Some(subscriber) = fields.get("subscriber") {
        holds_the_first(text(subscriber, "subscriber")?)?;
    }
    let published = published(fields)?;
    let pattern = match read(TYPE, mode, hookspec_plugin::AwfUse::Subscribe) {
        Ok(pattern) => pattern,
        Err(error) => return unserved(error.to_string()),
    };
    // Held for as long as it takes to publish: that is no fault of the subscriber.
    let wants = wants(Subscription::of(pattern).timeout_ms(55_000), fields)?;
    let (gate, journal) = (Gate::new(), Journal::new());
    let events = Events { subscribe: vec![wants], ..Events::default() };
    let manifest =
        Manifest { events: Some(events), timeout_ms: Some(55_000), ..Manifest::new(PLUGIN, "k") };
    let does = Behaviour::Wait(gate.clone(), Box::new(Behaviour::answer(Value::Null)));
    let puppet = Puppet::new(manifest).on(EVENT, does).journal(&journal);
    match start(options(mode), vec![puppet]).await {
        Err(error) => observed.failed(error),
        Ok(registry) => {
            play(&registry, &published, &gate, observed).await?;
            if let Err(errors) = registry.stop().await {
                observed.failed(errors);
            }
            let delivered: Vec<Value> = journal.entries().into_iter().filter_map(data).collect();
            observed.fact("delivered_count", delivered.len());
            observed.fact("delivered", delivered);
        }
    }
    Ok(())
}

/// The only behaviour that there is: the first event is in hands until the rest is published.
fn holds_the_first(text: &str) -> Served<()> {
    let held = text.strip_prefix("holds ").and_then(|rest| rest.split_once(" until "));
    match held {
        Some((what, "all are published" | "the rest is published"))
            if ["the first", "the first event", "e0"].contains(&what) =>
        {
            Ok(())
        }
        _ => unserved(format!("unknown subscriber `{text}`")),
    }
}

/// The data of each event.
fn published(fields: &Map<String, Value>) -> Served<Vec<Value>> {
    match (fields.get("publish"), fields.get("publish_count")) {
        (Some(Value::Array(items)), None) => Ok(items.clone()),
        (None, Some(count)) => {
            let count = whole(count, "publish_count")?;
            if count > 2_000_000 {
                return unserved("`publish_count` would take too long");
            }
            Ok((0..count).map(|number| json!(format!("e{number}"))).collect())
        }
        _ => unserved("a scenario has a list `publish`, or a `publish_count`"),
    }
}

fn wants(wants: Subscription, fields: &Map<String, Value>) -> Served<Subscription> {
    let capacity = fields.get("capacity").map_or(Ok(256), |value| whole(value, "capacity"))?;
    let policy = fields.get("policy").map_or(Ok("drop_newest"), |value| text(value, "policy"))?;
    let overflow = match policy {
        "drop_newest" => Overflow::DropNewest,
        "drop_oldest" => Overflow::DropOldest,
        "block" => Overflow::Block,
        "coalesce" => Overflow::Coalesce,
        other => return unserved(format!("unknown policy `{other}`")),
    };
    let mut wants = wants.queue(usize::try_from(capacity).unwrap_or(usize::MAX)).overflow(overflow);
    if let Some(key) = fields.get("key") {
        wants = wants.key(text(key, "key")?);
    }
    Ok(wants)
}

async fn play(
    registry: &Registry,
    published: &[Value],
    gate: &Gate,
    observed: &mut Observed,
) -> Served<()> {
    let bus = registry.bus();
    let (mut errors, mut waits) = (0, false);
    for (number, data) in published.iter().enumerate() {
        let draft = EventDraft::new(TYPE).json(data.clone());
        let publishing = bus.publish(draft);
        tokio::pin!(publishing);
        // Whoever waits for room would wait for ever: what is held is let go of then.
        let outcome = match tokio::time::timeout(Duration::ZERO, &mut publishing).await {
            Ok(outcome) => outcome,
            Err(_) => {
                waits = true;
                gate.open();
                publishing.await
            }
        };
        if let Err(error) = outcome {
            errors += 1;
            tracing::debug!(%error, "not published");
        }
        if number == 0 {
            in_hands(registry).await?;
        }
    }
    gate.open();
    settled(registry).await?;
    let own = bus.snapshot().subscriptions.into_iter().find(|own| own.subscriber == PLUGIN);
    let Some(own) = own else {
        observed.failed(Seen::new(&[], "nobody is subscribed"));
        return Ok(());
    };
    observed.fact("dropped", own.dropped);
    observed.fact("replaced", own.replaced);
    observed.fact("publish_errors", errors);
    observed.fact("publisher_waits", waits);
    observed.fact("outstanding", bus.snapshot().outstanding);
    Ok(())
}

/// Waits until the first event is in the subscriber's hands.
async fn in_hands(registry: &Registry) -> Served<()> {
    until(|| registry.bus().snapshot().subscriptions.iter().any(|own| own.in_hands == 1)).await
}

/// Waits until everything is handled.
async fn settled(registry: &Registry) -> Served<()> {
    until(|| registry.bus().snapshot().outstanding == 0).await
}

async fn until(holds: impl Fn() -> bool) -> Served<()> {
    for _ in 0..20_000 {
        if holds() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    unserved("the bus did not settle")
}

/// What a delivered event carried.
fn data(happening: Happening) -> Option<Value> {
    match happening {
        Happening::Called { hook, mut input, .. } if hook == EVENT => {
            Some(input.get_mut("data").map(Value::take).unwrap_or_default())
        }
        _ => None,
    }
}
