//! `LIF`: setup, teardown and health, in turn and out of turn.

use hookspec_plugin::{Health, HookName, Teardown};
use serde_json::{Map, Value, json};

use crate::check::{Check, Run};
use crate::direct::{Direct, Hand};
use crate::found::{Checked, Found};
use crate::inputs::ordinary;
use crate::report::Finding;
use crate::scene::Scene;
use crate::short::short;
use crate::stage::Outcome;
use crate::verdict::{Level, Profile};

const LIF: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Lifecycle,
    laws: &["ADR-0002"],
    since: "0.1",
    about: "",
    run: Run::Async(|scene| Box::pin(setup_succeeds(scene))),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "LIF-001",
        title: "Setup succeeds with the configuration that the plugin is given",
        about: "Under `startup_timeout_sec` of its manifest. Everything else needs this; give the \
                suite the configuration and the resources that the plugin wants.",
        ..LIF
    },
    Check {
        id: "LIF-002",
        title: "Teardown succeeds in time",
        about: "Under `teardown_timeout_sec` of its manifest, ten seconds at most here. What does not \
                end is leaked, and forbids a reload.",
        run: Run::Async(|scene| Box::pin(teardown_succeeds(scene))),
        ..LIF
    },
    Check {
        id: "LIF-009",
        title: "A call before setup is a fault",
        about: "There is no configuration yet, and no resource.",
        run: Run::Async(|scene| Box::pin(call_before_setup(scene))),
        ..LIF
    },
    Check {
        id: "LIF-010",
        title: "A second setup of the same instance is a fault",
        about: "A host sets an instance up once, and makes a new one to start anew.",
        run: Run::Async(|scene| Box::pin(second_setup(scene))),
        ..LIF
    },
    Check {
        id: "LIF-011",
        title: "A teardown before setup ends cleanly",
        about: "With a fault, or with nothing to do: a host whose start fails half-way tears down \
                what it has.",
        run: Run::Async(|scene| Box::pin(teardown_first(scene))),
        ..LIF
    },
    Check {
        id: "LIF-012",
        title: "A second teardown ends cleanly",
        about: "With a fault, or with nothing to do.",
        run: Run::Async(|scene| Box::pin(teardown_twice(scene))),
        ..LIF
    },
    Check {
        id: "LIF-013",
        title: "A call after teardown is a fault",
        about: "What the instance used is given back.",
        run: Run::Async(|scene| Box::pin(call_after_teardown(scene))),
        ..LIF
    },
    Check {
        id: "LIF-014",
        title: "Two instances live beside each other",
        about: "A reload sets the new instance up before it tears the old one down: the end of one \
                must change no answer of the other.",
        run: Run::Async(|scene| Box::pin(second_instance(scene))),
        ..LIF
    },
    Check {
        id: "LIF-015",
        title: "Health is told in time, and is no failure after setup",
        about: "Within five seconds.",
        run: Run::Async(|scene| Box::pin(health(scene))),
        ..LIF
    },
    Check {
        id: "LIF-016",
        title: "A wrong configuration is a fault or is ignored, and never a panic",
        about: "Setup is given nothing, a text, a list, fields of the wrong type and fields that \
                nobody knows.",
        run: Run::Async(|scene| Box::pin(wrong_configuration(scene))),
        ..LIF
    },
];

/// A hook of the plugin, and something to call it with.
fn question(scene: &Scene) -> Result<(HookName, Value), Found> {
    for hook in scene.hooks()? {
        let input = ordinary(scene.subject.manifest(), &hook, scene.seed, 1).into_iter().next();
        if let Some(input) = input {
            return Ok((hook.name.clone(), input));
        }
    }
    Err(Found::not_applicable("there is nothing to call it with"))
}

async fn setup_succeeds(scene: &Scene) -> Checked {
    match scene.try_stage().await {
        Ok(_) => Ok(Found::pass("it is ready")),
        Err(why) => Ok(Found::fail(why)),
    }
}

async fn teardown_succeeds(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    scene.about_to("tear it down");
    Ok(match hand.teardown().await {
        Direct::Ok(Teardown::Clean) => Found::pass("clean"),
        Direct::Ok(Teardown::RequiresRestart) => {
            Found::pass("it says that a new instance needs a restart of the process")
        }
        other => Found::fail(format!("its teardown does not succeed: {}", other.told())),
    })
}

async fn call_before_setup(scene: &Scene) -> Checked {
    let hand = Hand::new(scene, scene.config()).await?;
    let (hook, input) = question(scene)?;
    scene.about_to("call it before its setup");
    refuses(hand.ask(&hook, &input).await, "called before its setup")
}

fn refuses<T>(answer: Direct<T>, when: &str) -> Checked {
    Ok(match answer.is_fault() {
        true => Found::pass("it answers with a fault"),
        false => Found::fail(format!("{when}: {}", answer.told())),
    })
}

async fn second_setup(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    let found = refuses(hand.setup().await, "set up again");
    let _ = hand.teardown().await;
    found
}

fn ends_cleanly(answer: &Direct<Teardown>, when: &str) -> Checked {
    Ok(match answer {
        Direct::Ok(_) => Found::pass("it has nothing to do"),
        Direct::Fault(fault) => Found::pass(format!("it refuses: {fault}")),
        other => Found::fail(format!("{when}: {}", other.told())),
    })
}

async fn teardown_first(scene: &Scene) -> Checked {
    let hand = Hand::new(scene, scene.config()).await?;
    scene.about_to("tear it down before its setup");
    ends_cleanly(&hand.teardown().await, "torn down before its setup")
}

async fn teardown_twice(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    scene.about_to("tear it down twice");
    match hand.teardown().await {
        Direct::Ok(_) => {}
        other => {
            return Ok(Found::not_verified(format!(
                "the first does not succeed: {}",
                other.told()
            )));
        }
    }
    ends_cleanly(&hand.teardown().await, "torn down again")
}

async fn call_after_teardown(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    let (hook, input) = question(scene)?;
    match hand.teardown().await {
        Direct::Ok(_) => {}
        other => {
            return Ok(Found::not_verified(format!("it cannot be torn down: {}", other.told())));
        }
    }
    scene.about_to("call it after its teardown");
    refuses(hand.ask(&hook, &input).await, "called after its teardown")
}

async fn second_instance(scene: &Scene) -> Checked {
    let (first, second) = (scene.stage().await?, scene.try_stage().await);
    let second = match second {
        Ok(second) => second,
        Err(why) => {
            return Ok(Found::fail(format!(
                "a second instance does not start beside the first: {why}"
            )));
        }
    };
    let mut questions = Vec::new();
    for hook in scene.hooks()? {
        for input in ordinary(scene.subject.manifest(), &hook, scene.seed, 3) {
            let one = scene.ask(&first, &hook, &input).await.outcome;
            let other = scene.ask(&second, &hook, &input).await.outcome;
            questions.push((hook.clone(), input, one, other));
        }
    }
    if let Err(why) = first.stop().await {
        return Ok(Found::not_verified(format!("the first cannot be torn down: {why}")));
    }
    let mut findings = Vec::new();
    for (hook, input, _, before) in &questions {
        let after = scene.ask(&second, hook, input).await.outcome;
        let fails = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. });
        // What may answer otherwise each time may do so here.
        if fails(&after) && !fails(before) {
            findings.push(Finding {
                message: format!(
                    "once the first instance was torn down, the second answers {} instead of {}",
                    short(&after.value()),
                    short(&before.value())
                ),
                hook: Some(hook.name.to_string()),
                input: Some(input.clone()),
            });
        }
    }
    let _ = second.stop().await;
    Ok(Found::of(findings, "both answer, and the end of one is not felt by the other"))
}

async fn health(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    scene.about_to("ask how it is");
    let told = hand.health().await;
    let _ = hand.teardown().await;
    Ok(match told {
        Direct::Ok(Health::Ok) => Found::pass("it is well"),
        Direct::Ok(Health::Degraded(why)) => Found::pass(format!("it says it is degraded: {why}")),
        Direct::Ok(Health::Failed(why)) => {
            Found::fail(format!("right after its setup it says that it failed: {why}"))
        }
        other => Found::fail(format!("asked how it is: {}", other.told())),
    })
}

async fn wrong_configuration(scene: &Scene) -> Checked {
    let own = scene.config();
    let mut wrong = vec![
        Value::Null,
        json!([]),
        json!("text"),
        json!(7),
        json!({}),
        json!({ "nobody knows this": true }),
    ];
    let schema = scene.subject.manifest().config_schema.as_ref();
    let fields: Vec<String> = own
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .chain(schema.and_then(|s| s["properties"].as_object()).into_iter().flat_map(Map::keys))
        .cloned()
        .collect();
    for field in fields {
        for value in
            [json!(null), json!(-1), json!("\u{0}"), json!([[]]), json!({ "a": {} }), json!(true)]
        {
            let mut config = own.as_object().cloned().unwrap_or_default();
            config.insert(field.clone(), value);
            wrong.push(Value::Object(config));
        }
    }
    let mut findings = Vec::new();
    for config in &wrong {
        let hand = Hand::new(scene, config.clone()).await?;
        scene.about_to(&format!("set it up with the configuration {}", short(config)));
        match hand.setup().await {
            Direct::Ok(()) => drop(hand.teardown().await),
            Direct::Fault(_) => {}
            other => findings.push(Finding {
                message: format!("set up with a wrong configuration: {}", other.told()),
                hook: None,
                input: Some(config.clone()),
            }),
        }
    }
    Ok(Found::of(findings, format!("{} configurations", wrong.len())))
}
