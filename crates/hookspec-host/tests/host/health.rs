//! HEALTH: what plugins say of themselves, and what follows from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookspec_host::testing::{Behaviour, Gate};
use hookspec_host::{Limits, Registry, State};
use hookspec_plugin::{
    BoxFuture, Call, Caller, Health, HookFuture, HookName, Isolation, Manifest, Plugin, Reply,
};
use hookspec_spec::DispatchClass;
use serde_json::{Value, json};

use crate::living::{Condition, Life};
use crate::loading::Folder;
use crate::support::{PATIENCE, builder, eventually, impatient, kind, plugin, puppet};

fn limits() -> Limits {
    Limits { health_interval: None, health_timeout: Duration::from_millis(100), ..impatient() }
}

async fn answers(registry: &Registry) -> usize {
    let collect = registry.broadcast_collect::<Value, Value>("k", "h").unwrap();
    collect.dispatch(&Caller::new(), json!({})).await.unwrap().replies.len()
}

/// HEALTH-2, HEALTH-3, HEALTH-4, for each way of not being well, on each executor.
#[tokio::test]
async fn one_that_is_not_well_is_degraded_then_unavailable_then_ready_again() {
    let failing = [
        (Condition::Failed, "no disk"),
        (Condition::Panics, "panic"),
        (Condition::Hangs, "did not end within"),
    ];
    for isolation in Isolation::ALL {
        for (condition, part) in failing.clone() {
            let (folder, life) = (Folder::new(), Life::default());
            let registry = life.registry(&folder).limits(limits()).isolation_for_all(isolation);
            let registry = registry.start().await.unwrap();
            life.told().health = condition;
            for times in 1..=3 {
                registry.check_health().await;
                let now = plugin(&registry, "a");
                let state = if times < 3 { State::Degraded } else { State::Unavailable };
                assert_eq!(now.state, state, "{isolation:?}: {}", now.reason);
                assert!(now.reason.contains(part), "{isolation:?}: {}", now.reason);
                assert_eq!(answers(&registry).await, usize::from(state.is_callable()));
            }
            life.told().health = Condition::Ok;
            registry.check_health().await;
            assert_eq!(plugin(&registry, "a").state, State::Ready);
            assert_eq!(answers(&registry).await, 1);
            let _ = registry.stop().await;
        }
    }
}

/// HEALTH-2: success of calls does not outvote what the plugin says of itself.
#[tokio::test]
async fn degraded_by_its_own_word_it_stays_so_whatever_its_calls_come_to() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).limits(limits()).start().await.unwrap();
    life.told().health = Condition::Degraded;
    for _ in 0..5 {
        registry.check_health().await;
        assert_eq!(answers(&registry).await, 1);
        assert_eq!(plugin(&registry, "a").state, State::Degraded, "never unavailable");
    }
    life.told().health = Condition::Ok;
    registry.check_health().await;
    assert_eq!(plugin(&registry, "a").state, State::Ready);
    registry.stop().await.unwrap();
}

/// HEALTH-1: one that hangs keeps nobody else from being asked.
#[tokio::test]
async fn one_is_not_asked_later_because_another_hangs() {
    let (folder, life) = (Folder::new(), Life::default());
    let registry = life.registry(&folder).limits(limits());
    folder.dylib("b", "living", "");
    // Both share a life, and so the port: only one of them starts.
    let registry = registry.start().await.unwrap();
    life.told().health = Condition::Hangs;
    let before = std::time::Instant::now();
    registry.check_health().await;
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(life.told().asked, 1, "what is unavailable for another reason is not asked");
    registry.stop().await.unwrap();
}

/// Counts how often it is asked, and answers or does not.
struct Counted(Manifest, Arc<AtomicUsize>, bool);

impl Plugin for Counted {
    fn manifest(&self) -> &Manifest {
        &self.0
    }
    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("h")];
        HOOKS
    }
    fn call<'a>(&'a self, _: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(Ok(Reply::value(json!(1))))
    }
    fn health(&self) -> BoxFuture<'_, Health> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let answers = self.2;
        Box::pin(async move { if answers { Health::Ok } else { std::future::pending().await } })
    }
}

/// HEALTH-1: however many do not answer; and who has not answered is not asked again meanwhile.
#[tokio::test]
async fn the_next_question_waits_for_nobodys_answer() {
    let [answered, silent] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
    let counted = |name: String, count: &Arc<AtomicUsize>, answers| {
        Arc::new(Counted(Manifest::new(name, "k"), Arc::clone(count), answers)) as Arc<dyn Plugin>
    };
    let plugins = (0..100).map(|n| counted(format!("silent{n}"), &silent, false));
    let plugins = plugins.chain([counted("well".into(), &answered, true)]);
    let often = Limits {
        health_interval: Some(Duration::from_millis(5)),
        health_timeout: 9 * PATIENCE,
        ..impatient()
    };
    let registry = builder(kind(DispatchClass::BroadcastCollect, ""), []).plugins(plugins);
    let registry = registry.limits(often).start().await.unwrap();
    eventually("asked again and again", || answered.load(Ordering::SeqCst) >= 5).await;
    assert_eq!(silent.load(Ordering::SeqCst), 100, "each of them once");
    registry.stop().await.unwrap();
}

/// HEALTH-1: asked now and then, without being told to, and no more once it stops.
#[tokio::test]
async fn plugins_are_asked_until_the_registry_stops() {
    let (folder, life) = (Folder::new(), Life::default());
    let often = Limits { health_interval: Some(Duration::from_millis(5)), ..limits() };
    let registry = life.registry(&folder).limits(often).start().await.unwrap();
    eventually("asked three times", || life.told().asked >= 3).await;
    life.told().health = Condition::Failed;
    eventually("unavailable", || plugin(&registry, "a").state == State::Unavailable).await;
    life.told().health = Condition::Ok;
    eventually("ready again", || plugin(&registry, "a").state == State::Ready).await;
    registry.stop().await.unwrap();
    let asked = life.told().asked;
    registry.check_health().await;
    assert_eq!(life.told().asked, asked, "what stopped is not asked");
}

/// RELOAD-3: that a plugin was out for its health once does not end the calls it has now.
#[tokio::test]
async fn one_that_came_back_is_not_torn_down_under_its_calls() {
    let (folder, life) = (Folder::new(), Life::default());
    let patient = Limits { teardown_timeout: Some(PATIENCE), ..limits() };
    let patient = Limits { dispatch_timeout: PATIENCE, ..patient };
    let registry = life.registry(&folder).limits(patient).start().await.unwrap();
    life.told().health = Condition::Failed;
    for _ in 0..3 {
        registry.check_health().await;
    }
    assert_eq!(plugin(&registry, "a").state, State::Unavailable);
    life.told().health = Condition::Ok;
    registry.check_health().await;
    let gate = Gate::new();
    life.told().held = Some(gate.clone());
    let calling = tokio::spawn({
        let registry = registry.clone();
        async move { answers(&registry).await }
    });
    eventually("the call is in the plugin", || gate.holds(1, Duration::ZERO)).await;
    let removing = tokio::spawn({
        let registry = registry.clone();
        async move { registry.remove("a").await }
    });
    eventually("it is drained", || plugin(&registry, "a").state == State::Stopping).await;
    for _ in 0..50 {
        tokio::task::yield_now().await;
        assert_eq!(life.told().events, ["setup 1"], "torn down under its call");
    }
    gate.open();
    assert_eq!(tokio::time::timeout(PATIENCE, calling).await.unwrap().unwrap(), 1);
    tokio::time::timeout(PATIENCE, removing).await.unwrap().unwrap().unwrap();
    assert_eq!(life.events(), ["setup 1", "teardown 1"]);
    registry.stop().await.unwrap();
}

/// A row of failures is not forgiven by a health that never spoke of them.
#[tokio::test]
async fn failures_in_a_row_stay_what_they_are() {
    let fails = puppet("a", Behaviour::fault("no"));
    let catalog = kind(DispatchClass::BroadcastCollect, "    error_policy: best_effort\n");
    let registry = builder(catalog, [fails]).limits(limits()).start().await.unwrap();
    for _ in 0..3 {
        answers(&registry).await;
    }
    registry.check_health().await;
    assert_eq!(plugin(&registry, "a").state, State::Degraded);
    registry.stop().await.unwrap();
}
