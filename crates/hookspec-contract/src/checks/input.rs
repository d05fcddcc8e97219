//! `IO`: what goes in and what comes out.

use hookspec_spec::DispatchClass;

use super::samples::{Look, each, of_hook, survives, valid_output};
use crate::check::{Check, Run};
use crate::direct::{Direct, Hand};
use crate::found::{Checked, Found, Tally};
use crate::generate::Sort;
use crate::inputs::refused;
use crate::report::Finding;
use crate::scene::Scene;
use crate::stage::{Asked, Outcome};
use crate::verdict::{Level, Profile};
use crate::witness::Raw;

const IO: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Core,
    laws: &["COLLECT-4", "CHAIN-4", "SINGLETON-6", "CAPABILITY-6"],
    since: "0.1",
    about: "",
    run: Run::Async(|scene| Box::pin(of_sort(scene, Sort::Valid))),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "IO-001",
        title: "Answers to valid inputs satisfy the output schema",
        about: "Inputs are made of the input schema and of the hookspec's examples; each answer is \
                validated. A fault is an answer that a plugin may give; if it gives nothing else, \
                nothing is verified.",
        ..IO
    },
    Check {
        id: "IO-002",
        title: "Answers to inputs at the bounds of their schema satisfy the output schema",
        about: "Empty texts and lists, smallest and largest numbers, only what is required, \
                everything that is allowed.",
        run: Run::Async(|scene| Box::pin(of_sort(scene, Sort::Boundary))),
        ..IO
    },
    Check {
        id: "IO-003",
        title: "Answers to deeply nested inputs satisfy the output schema",
        about: "As deep as the schema allows, up to the depth that JSON parsers read.",
        run: Run::Async(|scene| Box::pin(of_sort(scene, Sort::Deep))),
        laws: &["SIZE-1", "SIZE-2"],
        ..IO
    },
    Check {
        id: "IO-004",
        title: "Answers to large inputs satisfy the output schema",
        about: "Texts of 100 000 characters, lists of 10 000 items, where the schema allows them.",
        run: Run::Async(|scene| Box::pin(of_sort(scene, Sort::Large))),
        laws: &["SIZE-1", "SIZE-2"],
        ..IO
    },
    Check {
        id: "IO-005",
        title: "Fields that the schema does not name are tolerated where it is open",
        about: "A caller of a newer minor version of the kind sends fields that this plugin does not \
                know. Where the schema allows that, the plugin must answer as well as without them.",
        laws: &["ADR-0001"],
        run: Run::Async(|scene| Box::pin(unknown_fields(scene))),
        ..IO
    },
    Check {
        id: "IO-006",
        title: "Answers to unusual texts satisfy the output schema",
        about: "Combining marks, right-to-left text, characters beyond the first plane, NUL and \
                other controls, byte order marks.",
        run: Run::Async(|scene| Box::pin(of_sort(scene, Sort::Unicode))),
        ..IO
    },
    Check {
        id: "IO-007",
        title: "Every example of the hookspec is answered",
        about: "The inputs under `examples:` are what every plugin of the kind can be asked. What the \
                example answers shows the shape, not the words; an answer of exactly one plugin is \
                the matter of a case.",
        run: Run::Async(|scene| Box::pin(examples(scene))),
        ..IO
    },
    Check {
        id: "IO-008",
        title: "What crosses a boundary survives JSON",
        laws: &["ADR-0003"],
        about: "Each answer is written and read; it must be the same value. A NaN, an infinite \
                number, a map whose keys are no texts, a value that is written differently each time \
                is not.",
        run: Run::Async(|scene| Box::pin(round_trip(scene))),
        ..IO
    },
    Check {
        id: "IO-009",
        title: "Answers have the form of their dispatch class",
        laws: &["COLLECT-4", "CHAIN-6"],
        about: "`Unchanged` and `Stop` are for chains; every other hook answers a value.",
        run: Run::Async(|scene| Box::pin(form(scene))),
        ..IO
    },
    Check {
        id: "IO-010",
        title: "An input that the schema refuses is a fault, should it arrive",
        level: Level::Should,
        laws: &["ADR-0003"],
        about: "A host validates before it calls, so this is a second line: called directly with \
                what the schema refuses, the plugin must not panic.",
        run: Run::Async(|scene| Box::pin(refused_inputs(scene))),
        ..IO
    },
];

async fn of_sort(scene: &Scene, sort: Sort) -> Checked {
    let stage = scene.stage().await?;
    let mut tally = Tally::default();
    each(scene, &stage, sort, valid_output, &mut tally).await;
    // Refusing whatever is unusual is allowed; it is IO-001 that asks for answers.
    if sort != Sort::Valid && tally.looked_at == 0 && tally.refused > 0 && tally.findings.is_empty()
    {
        return Ok(Found::pass(format!("{} inputs, all refused with a fault", tally.refused)));
    }
    Ok(tally.found("answers"))
}

async fn unknown_fields(scene: &Scene) -> Checked {
    let stage = scene.stage().await?;
    let mut all = Tally::default();
    for hook in scene.hooks()? {
        let (mut without, mut with) = (Tally::default(), Tally::default());
        of_hook(scene, &stage, &hook, Sort::UnknownField, valid_output, &mut with).await;
        if with.looked_at == 0 && with.refused > 0 {
            of_hook(scene, &stage, &hook, Sort::Valid, valid_output, &mut without).await;
        }
        if with.findings.is_empty() && with.looked_at == 0 && without.looked_at > 0 {
            all.findings.push(Finding {
                message: format!(
                    "it answers inputs without unknown fields, and refuses every one with: {}",
                    with.first_refusal.as_deref().unwrap_or_default()
                ),
                hook: Some(hook.name.to_string()),
                input: with.first_refused.take(),
            });
        }
        // What is refused without them too says nothing about them.
        if with.looked_at == 0 && without.looked_at == 0 && with.refused > 0 {
            all.without.push(format!("`{}` refuses every input of ours", hook.name));
            continue;
        }
        all.add(with);
    }
    Ok(all.found("answers"))
}

async fn examples(scene: &Scene) -> Checked {
    fn answered(hook: &hookspec_spec::Hook, asked: &Asked) -> Look {
        match valid_output(hook, asked) {
            Look::Refused(why) => Look::Wrong(format!("an example is refused: {why}")),
            Look::Nothing => match &asked.outcome {
                Outcome::NotAsked(_) => Look::Nothing,
                other => Look::Wrong(format!("an example is not answered: {}", other.value())),
            },
            other => other,
        }
    }
    let stage = scene.stage().await?;
    let mut tally = Tally::default();
    for hook in scene.hooks()? {
        if hook.examples.is_empty() {
            tally.without.push(format!("`{}` has no examples", hook.name));
        }
        for example in &hook.examples {
            // As it stands: what the example asks for may be meant for another plugin.
            let asked = scene.ask(&stage, &hook, &example.input).await;
            match answered(&hook, &asked) {
                Look::Wrong(message) => tally.wrong(hook.name.as_str(), &example.input, message),
                Look::Nothing => tally
                    .without
                    .push(format!("`{}`: the example asks for another plugin", hook.name)),
                _ => tally.looked_at += 1,
            }
        }
    }
    Ok(tally.found("examples"))
}

async fn round_trip(scene: &Scene) -> Checked {
    fn look(hook: &hookspec_spec::Hook, asked: &Asked) -> Look {
        match &asked.raw {
            Some(Raw::Value(_)) if hook.dispatch == DispatchClass::BroadcastNotify => Look::Nothing,
            Some(Raw::Value(payload)) => match survives(payload) {
                Ok(()) => Look::Fine,
                Err(why) => Look::Wrong(why),
            },
            Some(Raw::Fault(fault)) => match serde_json::to_string(fault.data()) {
                Ok(_) => Look::Refused(fault.to_string()),
                Err(error) => Look::Wrong(format!("what a fault carries is no JSON: {error}")),
            },
            Some(Raw::Unchanged | Raw::Stop) => Look::Fine,
            None => Look::Nothing,
        }
    }
    let stage = scene.stage().await?;
    let mut tally = Tally::default();
    for sort in [Sort::Valid, Sort::Boundary, Sort::Unicode] {
        each(scene, &stage, sort, look, &mut tally).await;
    }
    Ok(tally.found("answers"))
}

async fn form(scene: &Scene) -> Checked {
    fn look(hook: &hookspec_spec::Hook, asked: &Asked) -> Look {
        let free = matches!(hook.dispatch, DispatchClass::Chain | DispatchClass::BroadcastNotify);
        match &asked.raw {
            None => Look::Nothing,
            Some(Raw::Fault(fault)) => Look::Refused(fault.to_string()),
            Some(Raw::Unchanged) if !free => Look::Wrong(only_chains("Unchanged", hook.dispatch)),
            Some(Raw::Stop) if !free => Look::Wrong(only_chains("Stop", hook.dispatch)),
            Some(_) => Look::Fine,
        }
    }
    let stage = scene.stage().await?;
    let mut tally = Tally::default();
    for sort in [Sort::Valid, Sort::Boundary] {
        each(scene, &stage, sort, look, &mut tally).await;
    }
    Ok(tally.found("answers"))
}

fn only_chains(form: &str, class: DispatchClass) -> String {
    format!("it answers `{form}`, which only a chain knows; a {class} hook answers a value")
}

async fn refused_inputs(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    let (mut findings, mut calls) = (Vec::new(), 0);
    for hook in scene.hooks()? {
        for input in refused(&hook, scene.seed, super::samples::SAMPLES) {
            scene.about_to_call(&hook, &input);
            calls += 1;
            if let Direct::Panicked(message) = hand.ask(&hook.name, &input).await {
                let message = format!("it panics: {message}");
                let (hook, input) = (Some(hook.name.to_string()), Some(input));
                findings.push(Finding { message, hook, input });
            }
        }
    }
    match calls {
        0 => Ok(Found::not_applicable("its schemas accept every input")),
        _ => Ok(Found::of(findings, format!("{calls} inputs, no panic"))),
    }
}
