//! `EVT-005` to `EVT-007`: what a plugin emits, whichever way.

use hookspec_plugin::EventDraft;
use serde_json::{Value, json};

use super::Listener;
use super::handles::read;
use super::ran::{Ran, run, shown, wrong};
use crate::found::{Checked, Found};
use crate::observer::Came;
use crate::report::Finding;
use crate::scene::Scene;
use crate::short::short;

/// An event that was emitted.
struct Emission {
    draft: EventDraft,
    /// On whose behalf it may be, where that is known: its host's tenant, or that of what it came of.
    tenant: Option<Option<String>>,
    /// What it was refused with, where it was told.
    code: Option<String>,
    /// The event that it came of, as far as that is known.
    cause: Value,
}

/// What it returned, and what it emitted through its bus.
fn emissions(ran: &Ran) -> Vec<Emission> {
    let host = ran.watched.traffic.tenant();
    let returned = ran.told.iter().flat_map(|told| {
        let handled = match &told.came {
            Came::Answered(answer) => read(answer).unwrap_or_default(),
            _ => Default::default(),
        };
        let tenant = host.clone().or_else(|| told.event.tenant.clone());
        let cause = shown(told);
        handled.emit.into_iter().map(move |draft| Emission {
            draft,
            tenant: Some(tenant.clone()),
            code: None,
            cause: cause.clone(),
        })
    });
    let emitted = ran.watched.traffic.emitted().into_iter().map(|own| Emission {
        draft: own.draft,
        tenant: None,
        code: own.refused.map(|fault| fault.code().to_owned()),
        cause: Value::Null,
    });
    returned.chain(emitted).collect()
}

fn finding(emission: &Emission, why: &str) -> Finding {
    let data = emission.draft.data.json().cloned().unwrap_or_default();
    let event = short(&json!({ "type": emission.draft.event_type, "data": data }));
    let message = format!("it emits {event}: {why}");
    match emission.cause.is_null() {
        true => Finding { message, ..Finding::default() },
        false => wrong(emission.cause.clone(), message),
    }
}

/// Of every event that it emitted, what is wrong with it.
fn judged(ran: &Ran, wrong_with: impl Fn(&Emission) -> Option<String>) -> Checked {
    let emissions = emissions(ran);
    let mut findings: Vec<Finding> = Vec::new();
    for emission in &emissions {
        if let Some(why) = wrong_with(emission) {
            findings.push(finding(emission, &why));
        }
    }
    match emissions.len() {
        0 if !ran.missing.is_empty() => Ok(Found::not_verified(ran.missing.join("; "))),
        0 => Ok(Found::not_applicable(format!("of {} events it emitted none", ran.told.len()))),
        some => Ok(Found::of(findings, format!("{some} events that it emitted"))),
    }
}

pub(super) async fn what_it_may(scene: &Scene) -> Checked {
    let ran = run(scene, Listener::open(scene).await?).await?;
    let manifest = scene.subject.manifest();
    let may = manifest.events.as_ref().map(|events| events.emit.clone()).unwrap_or_default();
    let bus = ran.watched.bus();
    judged(&ran, |emission| {
        let draft = &emission.draft;
        if bus.is_reserved(&draft.event_type) {
            let first = draft.event_type.split('.').next().unwrap_or_default();
            return Some(format!("the namespace `{first}` is the host's"));
        }
        if !may.iter().any(|pattern| pattern.matches(&draft.event_type)) {
            return Some("the `events.emit` of its manifest does not allow it".into());
        }
        if let Some(source) = draft.source.as_ref().filter(|own| **own != manifest.name.as_str()) {
            return Some(format!("it says that it comes from `{source}`; leave `source` out"));
        }
        let tenant = draft.tenant.as_ref();
        let foreign = |allowed: &Option<String>| tenant.is_some() && tenant != allowed.as_ref();
        if emission.tenant.as_ref().is_some_and(foreign) {
            return Some("it is on behalf of a tenant that it was not called for".into());
        }
        let denied = emission.code.as_deref() == Some("event_denied");
        denied.then(|| "its host denied it".to_owned())
    })
}

pub(super) async fn what_is_declared(scene: &Scene) -> Checked {
    let ran = run(scene, Listener::open(scene).await?).await?;
    let bus = ran.watched.bus();
    judged(&ran, |emission| {
        let mut draft = emission.draft.clone();
        // The bus passes over a depth that a plugin claims, and would believe the application.
        draft.depth = None;
        bus.explain_draft(draft).err().map(|error| error.to_string())
    })
}

pub(super) async fn no_loop(scene: &Scene) -> Checked {
    let ran = run(scene, Listener::subscribed(scene).await?).await?;
    if ran.snapshot.too_deep > 0 {
        let deepest = ran.told.iter().min_by_key(|told| std::cmp::Reverse(told.event.depth));
        let way = deepest.map(|told| {
            let mut way: Vec<_> =
                told.event.trail().map(|step| format!("`{}`", step.event_type)).collect();
            way.reverse();
            way.push(format!("`{}`", told.event.event_type));
            way.join(" -> ")
        });
        let way = way.unwrap_or_default();
        let message =
            format!("its own events set it off until the bus refused one for its depth: {way}");
        // What it began with.
        let first = deepest.and_then(|told| told.event.trail().last());
        let first = first.and_then(|first| ran.told.iter().find(|told| told.event.id == first.id));
        let input = first.or(deepest).map(shown);
        let hook = Some("$event".to_owned());
        return Ok(Found::of(vec![Finding { message, hook, input }], ""));
    }
    match (ran.told.len(), ran.missing.is_empty()) {
        (0, _) | (_, false) => Ok(Found::not_verified(match ran.missing.is_empty() {
            true => "no event reached it".to_owned(),
            false => ran.missing.join("; "),
        })),
        (told, true) => Ok(Found::pass(format!("{told} events, and none too deep"))),
    }
}
