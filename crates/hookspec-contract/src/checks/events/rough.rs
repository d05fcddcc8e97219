//! `EVT-008`, `EVT-010`, `EVT-011`: events that are not as declared, events after the end, and many
//! at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookspec_host::bus::Bus;
use hookspec_plugin::{Event, Reply, Subscription};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::Listener;
use super::made::{Lot, Made, any_data, any_of};
use super::ran::{Enough, Watched, shown, wrong};
use crate::direct::{Direct, Hand};
use crate::found::{Checked, Found};
use crate::generate::Generator;
use crate::observer::{Came, Told};
use crate::report::Finding;
use crate::scene::Scene;
use crate::short::short;

/// Events of one type for one subscription that are changed in every way.
const BASES: usize = 2;

/// All that are told; every type of every subscription has its turn.
const MOST: usize = 240;

/// One event as no bus would publish it, for the subscription of a name.
#[derive(Clone, Debug, PartialEq)]
struct Rough {
    written: Value,
    name: Option<Arc<str>>,
    timeout_ms: u64,
}

/// A registry's bus says which events a plugin would receive; then it ends.
async fn lot(scene: &Scene) -> Result<(Lot, Vec<Rough>), Found> {
    let listener = Listener::subscribed(scene).await?;
    let watched = Watched::start(scene, listener).await?;
    let lot = watched.lot(scene);
    let unknown = watched.wants.iter().flat_map(|wants| {
        let open = wants.patterns.iter().filter(|pattern| pattern.as_str().contains('*'));
        open.map(move |pattern| Rough {
            written: json!({ "type": any_of(pattern), "data": {} }),
            name: wants.name.clone(),
            timeout_ms: wants.timeout_ms,
        })
    });
    let mut rough: Vec<_> = unknown.collect();
    rough.extend(unlike(&watched.bus(), &lot.made));
    // A subscription may rely on its filter: no bus would deliver the rest.
    rough.retain(|rough| {
        let holds = |wants: &&Subscription| {
            wants.name == rough.name
                && wants.wants(rough.written["type"].as_str().unwrap_or_default())
                && wants.filter.as_ref().is_none_or(|filter| filter.holds(&rough.written))
        };
        watched.wants.iter().any(|wants| holds(&wants))
    });
    // What its teardown has to complain about is LIF-002.
    let _ = watched.stage.stop().await;
    Ok((lot, rough))
}

/// Of each type for each subscription some events with everything wrong with them that can be, none of
/// them twice that is not meant to be; all types by turns.
fn unlike(bus: &Bus, made: &[Made]) -> Vec<Rough> {
    let mut bases: BTreeMap<(&Option<Arc<str>>, &str), Vec<&Made>> = BTreeMap::new();
    for one in made {
        let own = bases.entry((&one.name, one.draft.event_type.as_str())).or_default();
        if own.len() < BASES {
            own.push(one);
        }
    }
    let of_type = bases.into_values().map(|bases| {
        let mut own: Vec<Rough> = Vec::new();
        for rough in bases.into_iter().flat_map(|base| changed(bus, base)) {
            if rough.written["id"] == AGAIN || !own.contains(&rough) {
                own.push(rough);
            }
        }
        own
    });
    by_turns(of_type.collect())
}

/// The first of each list, then the second of each, and so on.
fn by_turns<T>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::new();
    loop {
        let before = all.len();
        all.extend(lists.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            return all;
        }
    }
}

/// The id of events that come twice.
const AGAIN: &str = "again";

/// An event with everything wrong with it that can be, one after another.
fn changed(bus: &Bus, made: &Made) -> Vec<Rough> {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut written = made.written.clone();
        change(&mut written);
        Rough { written, name: made.name.clone(), timeout_ms: made.timeout_ms }
    };
    let declared = bus.catalog().find(&made.draft.event_type);
    let refused = declared.map(|own| Generator::new(&own.schema, &[], 1).invalid(8));
    let data = refused.into_iter().flatten().chain(any_data());
    let data = data.map(|data| with(&|written| written["data"] = data.clone())).collect();
    let long: BTreeMap<String, String> =
        (0..1_000).map(|key| (format!("key-{key}"), "x".repeat(56))).collect();
    let beside = vec![
        with(&|written| drop(written.as_object_mut().map(|own| own.remove("data")))),
        with(&|written| written["metadata"] = json!(long)),
        with(&|written| written["depth"] = json!(i32::MAX)),
        with(&|written| written["time"] = json!("1970-01-01T00:00:00Z")),
        // One that came before.
        with(&|written| written["id"] = json!(AGAIN)),
        with(&|written| written["id"] = json!(AGAIN)),
    ];
    by_turns(vec![data, beside])
}

/// The event that is written, as a host stamps it.
fn stamped(written: &Value, number: usize) -> Option<Event> {
    let mut event = written.clone();
    let fields = event.as_object_mut()?;
    for (key, value) in [
        ("specversion", json!("1.0")),
        ("id", json!(format!("rough-{number}"))),
        ("source", json!("host")),
        ("time", json!("2025-01-15T10:30:00Z")),
    ] {
        fields.entry(key).or_insert(value);
    }
    serde_json::from_value(event).ok()
}

pub(super) async fn survives(scene: &Scene) -> Checked {
    let (Lot { made, missing }, rough) = lot(scene).await?;
    let first = made.first().and_then(|made| Some((made, stamped(&made.written, 0)?)));
    let Some((first, ordinary)) = first else {
        return Ok(Found::not_verified(missing.join("; ")));
    };
    let name = || first.name.clone();
    // The time of its subscription counts, but several may hang before the check's own is up.
    let allowed = |timeout_ms: u64| scene.allowed(timeout_ms.clamp(5_000, 15_000));
    let hand = Hand::ready(scene).await?;
    let ends = |answer: &Direct<Reply>| matches!(answer, Direct::Ok(_));
    scene.about_to("tell it of an ordinary event");
    let before = ends(&hand.tell(ordinary.clone(), name(), allowed(first.timeout_ms)).await);
    let mut findings: Vec<Finding> = Vec::new();
    let (mut told, enough) = (0, Enough::from_now(scene));
    let rough = rough.into_iter().enumerate();
    let events = rough.filter_map(|(at, rough)| Some((stamped(&rough.written, at + 1)?, rough)));
    for (event, Rough { written, name, timeout_ms }) in events.take(MOST) {
        if findings.len() >= 3 || enough.is(told) {
            break;
        }
        scene.about_to(&format!("tell it of {}", short(&written)));
        told += 1;
        let answer = hand.tell(event, name, allowed(timeout_ms)).await;
        if let Direct::Panicked(_) | Direct::Hung = answer {
            findings.push(wrong(written, format!("told of this: {}", answer.told())));
        }
    }
    if findings.is_empty() {
        scene.about_to("tell it of an ordinary event once more");
        let after = hand.tell(ordinary, name(), allowed(first.timeout_ms)).await;
        if before && !ends(&after) {
            let message = format!("an ordinary event was handled before, and now {}", after.told());
            findings.push(Finding { message, ..Finding::default() });
        }
    }
    let _ = hand.teardown().await;
    Ok(Found::of(findings, format!("{told} events that are not as declared")))
}

pub(super) async fn ends_with_teardown(scene: &Scene) -> Checked {
    let watched = Watched::start(scene, Listener::open(scene).await?).await?;
    let Lot { made, .. } = watched.lot(scene);
    for one in made.iter().take(4) {
        scene.about_to(&format!("deliver {}", short(&one.written)));
        let _ = watched.bus().dispatch(one.draft.clone()).await;
    }
    watched.settled(scene).await;
    scene.about_to("tear it down");
    watched
        .stage
        .stop()
        .await
        .map_err(|why| Found::not_verified(format!("it cannot be torn down: {why}")))?;
    let before = watched.traffic.told().len();
    for one in made.iter().take(4) {
        // Nobody takes it: the bus is closed.
        let _ = watched.bus().try_publish(one.draft.clone());
    }
    sleep(scene.allowed(400)).await;
    let late: Vec<_> = watched.traffic.emitted().into_iter().filter(|own| own.late).collect();
    if let Some(first) = late.first() {
        let (some, event_type) = (late.len(), &first.draft.event_type);
        return Ok(Found::fail(format!(
            "after its teardown it tried {some} times to emit events, `{event_type}` first"
        )));
    }
    let more = watched.traffic.told().len() - before;
    Ok(match more {
        0 => Found::pass(format!("{before} events before, and none afterwards")),
        _ => Found::fail(format!("after its teardown it was told of {more} events")),
    })
}

pub(super) async fn in_time(scene: &Scene) -> Checked {
    let watched = Watched::start(scene, Listener::subscribed(scene).await?).await?;
    let Lot { made, missing } = watched.lot(scene);
    if made.is_empty() {
        return Ok(Found::not_verified(missing.join("; ")));
    }
    let enough = Enough::from_now(scene);
    // How long each took alone.
    let mut took: Vec<Duration> = Vec::new();
    for one in &made {
        if enough.is(took.len()) {
            break;
        }
        scene.about_to(&format!("deliver {}", short(&one.written)));
        let begun = Instant::now();
        let _ = watched.bus().dispatch(one.draft.clone()).await;
        // What came of it may be in the plugin's hands now.
        watched.settled(scene).await;
        took.push(begun.elapsed());
        if let Some(found) = late(&watched.traffic.told(), "it did not handle this in time") {
            return Ok(found);
        }
    }
    let alone = outcomes(&watched.traffic.told());
    scene.about_to("deliver all of them at once");
    for one in at_once(&made, &took, scene.allowed(8_000)) {
        // A queue of two is full soon: what is dropped is not handled, and that is no fault.
        let _ = watched.bus().try_publish(one.draft.clone());
    }
    if !watched.settled(scene).await {
        return Ok(Found::fail("of events that came at once some were never handled"));
    }
    let told = watched.traffic.told();
    if let Some(found) = late(&told, "it handled this in time alone, and not among others") {
        return Ok(found);
    }
    let together = told.iter().filter(|told| matches!(told.came, Came::Panicked | Came::Fault(_)));
    let findings = together
        .filter(|told| alone.get(&shown(told).to_string()) == Some(&true))
        .map(|told| {
            wrong(shown(told), "it handled this alone, and failed when others came at once")
        })
        .collect();
    Ok(Found::of(findings, format!("{} events", told.len())))
}

/// Of events that took so long alone as many as come at once: each of them, 32 in all at least; but no
/// more than can be handled in a time.
fn at_once<'a>(made: &'a [Made], took: &[Duration], most: Duration) -> Vec<&'a Made> {
    let each = made.iter().zip(took).cycle().take(took.len().max(32));
    let (mut all, mut sum) = (Vec::new(), Duration::ZERO);
    for (one, took) in each {
        let beside = u32::try_from(one.concurrency).unwrap_or(u32::MAX).max(1);
        sum += *took / beside;
        // Fewer than two are not at once.
        if all.len() >= 2 && sum > most {
            break;
        }
        all.push(one);
    }
    all
}

/// The first event that was not finished.
fn late(told: &[Told], why: &str) -> Option<Found> {
    let late = told.iter().find(|told| matches!(told.came, Came::Unfinished))?;
    Some(Found::of(vec![wrong(shown(late), why)], ""))
}

/// Which events were handled, by what they say: those that never failed.
fn outcomes(told: &[Told]) -> BTreeMap<String, bool> {
    let mut outcomes = BTreeMap::new();
    for one in told {
        let handled = matches!(one.came, Came::Answered(_) | Came::Nothing);
        outcomes.entry(shown(one).to_string()).and_modify(|all| *all &= handled).or_insert(handled);
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use hookspec_host::bus::BusOptions;
    use hookspec_plugin::EventDraft;
    use hookspec_spec::EventCatalog;

    use super::*;

    fn made(name: &str, event_type: &str, data: &Value) -> Made {
        let written = json!({ "type": event_type, "data": data });
        let draft: EventDraft = serde_json::from_value(written.clone()).unwrap();
        Made { draft, written, name: Some(name.into()), timeout_ms: 5_000, concurrency: 1 }
    }

    #[test]
    fn every_type_of_every_subscription_has_its_turn() {
        let bus = Bus::new(&EventCatalog::empty(), BusOptions::default());
        let types = [("a", "user.login"), ("a", "user.logout"), ("b", "user.login")];
        let all: Vec<_> = types
            .iter()
            .flat_map(|(name, own)| (0..9).map(move |data| made(name, own, &json!(data))))
            .collect();
        let rough = unlike(&bus, &all);
        for (name, event_type) in types {
            let is_own = |rough: &&Rough| {
                rough.name.as_deref() == Some(name) && rough.written["type"] == event_type
            };
            assert!(rough.iter().take(3).any(|own| is_own(&own)), "{name} {event_type}");
            let own: Vec<_> = rough.iter().filter(is_own).collect();
            let twice = own.iter().enumerate().filter(|(at, one)| own[..*at].contains(one));
            // Each base comes again.
            assert_eq!(twice.count(), BASES, "{name} {event_type}");
        }
    }

    #[test]
    fn one_that_takes_its_time_is_told_less_at_once() {
        let made = |concurrency| Made { concurrency, ..made("a", "user.login", &Value::Null) };
        let at_once = |made: &[Made], each: u64| {
            let took = vec![Duration::from_millis(each); made.len()];
            at_once(made, &took, Duration::from_secs(8)).len()
        };
        assert_eq!(at_once(&[made(1)], 1), 32);
        assert_eq!(at_once(&vec![made(1); 50], 1), 50);
        assert_eq!(at_once(&[made(1), made(1)], 300), 26);
        assert_eq!(at_once(&[made(4)], 300), 32);
        assert_eq!(at_once(&[made(1)], 20_000), 2);
        assert_eq!(at_once(&[], 1), 0);
    }
}
