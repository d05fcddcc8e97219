//! `EVT`: what a plugin receives and emits on the event bus.
//!
//! | where | what |
//! |---|---|
//! | `declared.rs`, `filter.rs` | what it says that it wants, before any event comes |
//! | `made.rs` | events that it would receive, made from the catalogue |
//! | `ran.rs` | a registry in which it was told of them, and what came of that |
//! | `handles.rs`, `emits.rs` | what it made of them, and what it published |
//! | `rough.rs` | events that no host would let through, many at once, and after the end |

mod declared;
mod emits;
mod filter;
mod handles;
mod made;
mod ran;
mod rough;

use std::sync::Arc;

use hookspec_plugin::{EVENT, Plugin, Subscription};

use crate::check::{Check, Run};
use crate::found::Found;
use crate::scene::Scene;
use crate::verdict::{Level, Profile};

const EVT: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Events,
    laws: &["EVENT-4"],
    since: "0.1",
    about: "",
    run: Run::Async(|scene| Box::pin(declared::handler_is_there(scene))),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "EVT-001",
        title: "Who subscribes implements `$event`",
        laws: &["EVENT-3"],
        about: "What its manifest names under `events.subscribe`, and what its code asks for, is \
                delivered through the hook `$event`: without it no host registers the plugin. One \
                that implements `$event` and subscribes to nothing is warned.",
        ..EVT
    },
    Check {
        id: "EVT-002",
        title: "Every pattern that is subscribed to can match something declared",
        laws: &["EVENT-1", "EVENT-3"],
        about: "Each pattern is given to a bus with the application's catalogue and the shipped \
                events. Mend the pattern, declare the event in `events/<namespace>.yaml` beside the \
                hookspecs, or open its namespace.",
        run: Run::Async(|scene| Box::pin(declared::patterns_match(scene))),
        ..EVT
    },
    Check {
        id: "EVT-003",
        title: "No event that is as declared makes the plugin panic or answer a fault without a code",
        laws: &["EVENT-3", "EVENT-10"],
        about: "For each subscription events are made from the data schemas of the types that it \
                matches, in an open namespace with data of any shape, and sent through a bus. The \
                plugin may refuse what it does not like, with a fault that has a code and a message.",
        run: Run::Async(|scene| Box::pin(handles::without_panic(scene))),
        ..EVT
    },
    Check {
        id: "EVT-004",
        title: "What it answers to an event is an answer to an event",
        about: "Nothing, a list of events, or an object with some of `emit`, `cancel`, `reply` and \
                `error`. A host drops every other answer, and the event counts as failed.",
        run: Run::Async(|scene| Box::pin(handles::with_an_answer(scene))),
        ..EVT
    },
    Check {
        id: "EVT-005",
        title: "It emits only what its manifest allows",
        about: "What it returns, and what it emits through `ctx.bus()`, while events are delivered \
                and its other hooks are called: the type is under `events.emit`, and is not in \
                `core`, `workflow` or `step`; it claims no other source and no other tenant.",
        run: Run::Async(|scene| Box::pin(emits::what_it_may(scene))),
        ..EVT
    },
    Check {
        id: "EVT-006",
        title: "What it emits is declared, with data that its schema accepts",
        laws: &["EVENT-3"],
        about: "As EVT-005: each of these events is offered to the bus on behalf of the application, \
                which may publish anything that is as the catalogue says.",
        run: Run::Async(|scene| Box::pin(emits::what_is_declared(scene))),
        ..EVT
    },
    Check {
        id: "EVT-007",
        title: "Its own events do not set it off until the depth limit ends it",
        laws: &["EVENT-6"],
        about: "One event is delivered after another, and what comes of each; the bus must not refuse \
                an event because too many led to it. End the loop where it begins: do not subscribe to \
                what you emit, or stop answering events of your own.",
        run: Run::Async(|scene| Box::pin(emits::no_loop(scene))),
        ..EVT
    },
    Check {
        id: "EVT-008",
        title: "It survives events that are not as declared",
        laws: &["EVENT-10"],
        about: "Another application may declare other data, and a bus in compatibility mode lets \
                anything through. Data that the schema refuses, no data, unknown types below its \
                pattern, metadata of 64 KiB, the same event again: a fault, or nothing at all, but no \
                panic and no silence; and the next ordinary event is handled as before.",
        run: Run::Async(|scene| Box::pin(rough::survives(scene))),
        ..EVT
    },
    Check {
        id: "EVT-009",
        title: "Every instance subscribes to the same",
        laws: &["EVENT-13"],
        about: "`Plugin::subscriptions` of three instances, asked twice each. A reload hands what waits \
                for the old instance to the new one, by subscription.",
        run: Run::Async(|scene| Box::pin(declared::instances_agree(scene))),
        ..EVT
    },
    Check {
        id: "EVT-010",
        title: "After its teardown it emits nothing and is told nothing",
        laws: &["EVENT-13", "EVENT-14"],
        about: "Events are delivered, the host stops, and for a while the bus that the plugin was given \
                is watched. Stop in `teardown` what `setup` or a call has started.",
        run: Run::Async(|scene| Box::pin(rough::ends_with_teardown(scene))),
        ..EVT
    },
    Check {
        id: "EVT-011",
        title: "Each event is handled within the time of its subscription, also many at once",
        laws: &["EVENT-10", "DEADLINE-1"],
        about: "The subscription's `timeout_ms`, or 5 seconds. First one after another; then all of \
                them are published at once, fewer where each took long, and as many are handled at \
                once as the subscription's `concurrency` says.",
        run: Run::Async(|scene| Box::pin(rough::in_time(scene))),
        ..EVT
    },
    Check {
        id: "EVT-012",
        title: "Every filter can hold",
        laws: &["EVENT-7"],
        about: "A filter that looks at what no matching event has lets nothing through, and nobody \
                notices. Pointers start at the event: `/type`, `/source`, `/data/...`. Where the data \
                schema forbids the field it is broken; where it allows, but does not name it, that is \
                a warning: declare the field, or mend the pointer.",
        run: Run::Async(|scene| Box::pin(filter::can_hold(scene))),
        ..EVT
    },
];

/// A plugin that has to do with events, and what it wants.
struct Listener {
    instance: Arc<dyn Plugin>,
    wants: Vec<Subscription>,
}

impl Listener {
    /// An instance of a plugin that has to do with events.
    ///
    /// # Errors
    /// It cannot be opened, or has nothing to do with events.
    async fn open(scene: &Scene) -> Result<Self, Found> {
        let instance = scene.subject.open().await.map_err(Found::not_verified)?;
        let events = scene.subject.manifest().events.as_ref();
        let mut wants = events.map(|events| events.subscribe.clone()).unwrap_or_default();
        for own in instance.subscriptions() {
            if !wants.contains(&own) {
                wants.push(own);
            }
        }
        match events.is_some() || !wants.is_empty() || instance.hooks().contains(&EVENT) {
            true => Ok(Self { instance, wants }),
            false => Err(Found::not_applicable("it has nothing to do with events")),
        }
    }

    /// As [`open`](Self::open), of one that subscribes.
    ///
    /// # Errors
    /// As `open`, and where it subscribes to nothing.
    async fn subscribed(scene: &Scene) -> Result<Self, Found> {
        let own = Self::open(scene).await?;
        match own.wants.is_empty() {
            true => Err(Found::not_applicable("it subscribes to nothing")),
            false => Ok(own),
        }
    }
}

/// What a subscription is called in a message: its name, or its patterns.
fn named(wants: &Subscription) -> String {
    match &wants.name {
        Some(name) => format!("the subscription `{name}`"),
        None => {
            let patterns: Vec<_> = wants.patterns.iter().map(|own| format!("`{own}`")).collect();
            format!("the subscription to {}", patterns.join(", "))
        }
    }
}
