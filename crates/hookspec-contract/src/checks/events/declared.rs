//! `EVT-001`, `EVT-002`, `EVT-009`: what a plugin says that it wants.

use hookspec_plugin::{EVENT, Subscription};

use super::Listener;
use crate::found::{Checked, Found};
use crate::report::Finding;
use crate::scene::Scene;
use crate::stage::empty;

pub(super) async fn handler_is_there(scene: &Scene) -> Checked {
    let own = Listener::open(scene).await?;
    let finding = |message: &str| Finding { message: message.to_owned(), ..Finding::default() };
    Ok(match (own.wants.is_empty(), own.instance.hooks().contains(&EVENT)) {
        (false, true) => Found::pass(format!("{} subscriptions", own.wants.len())),
        (false, false) => Found::fail(
            "it subscribes and does not implement `$event`: nothing would ever reach it",
        ),
        (true, true) => {
            Found::warn(vec![finding("it implements `$event` and subscribes to nothing")])
        }
        (true, false) => Found::not_applicable("it only emits"),
    })
}

pub(super) async fn patterns_match(scene: &Scene) -> Checked {
    let own = Listener::subscribed(scene).await?;
    // The host that the subject asks for may have opened namespaces.
    let registry = scene.subject.host(empty(&scene.catalog)).start().await;
    let registry =
        registry.map_err(|why| Found::not_verified(format!("its host does not start: {why}")))?;
    let (mut findings, mut patterns) = (Vec::new(), 0);
    for wants in &own.wants {
        let whole = wants.patterns.is_empty().then(|| wants.clone());
        let each = wants.patterns.iter().map(|pattern| Subscription::of(pattern.clone()));
        for one in each.chain(whole) {
            patterns += 1;
            let name = scene.subject.name();
            if let Err(error) = registry.bus().subscribe(name, one, |_| async { Ok(()) }) {
                findings.push(Finding { message: error.to_string(), ..Finding::default() });
            }
        }
    }
    // What it is stopped with matters to nobody.
    let _ = registry.stop().await;
    Ok(Found::of(findings, format!("{patterns} patterns")))
}

pub(super) async fn instances_agree(scene: &Scene) -> Checked {
    Listener::open(scene).await?;
    let mut first: Option<Vec<Subscription>> = None;
    for _ in 0..3 {
        let instance = scene.subject.open().await.map_err(Found::not_verified)?;
        for _ in 0..2 {
            let own = instance.subscriptions();
            if let Some(first) = first.as_ref().filter(|first| **first != own) {
                let texts = |all: &[Subscription]| {
                    let all: Vec<_> = all.iter().map(super::named).collect();
                    if all.is_empty() { "nothing".to_owned() } else { all.join("; ") }
                };
                let (one, other) = (texts(first), texts(&own));
                return Ok(Found::fail(if one == other {
                    format!("{one}: its options are not the same each time")
                } else {
                    format!("one instance asks for {one}, another for {other}")
                }));
            }
            first.get_or_insert(own);
        }
    }
    match first.unwrap_or_default().len() {
        0 => Ok(Found::not_applicable("its code subscribes to nothing")),
        some => Ok(Found::pass(format!("three instances ask for the same {some}"))),
    }
}
