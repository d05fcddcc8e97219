//! `MAN`: what a plugin says of itself, and whether its kind and its conduct agree.

use hookspec_plugin::{EVENT, Reply};
use hookspec_spec::{DispatchClass, manifest};
use serde_json::Value;

use crate::check::{Check, Run};
use crate::direct::{Direct, Hand};
use crate::found::{Checked, Found};
use crate::inputs::ordinary;
use crate::report::Finding;
use crate::scene::Scene;
use crate::verdict::{Level, Profile};

const MAN: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Core,
    laws: &["ADR-0001"],
    since: "0.1",
    about: "",
    run: Run::Async(|scene| Box::pin(keeps_to_its_schema(scene))),
};

/// The check that has to see the very first instance.
pub(crate) const INSTANCES: &str = "MAN-007";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "MAN-001",
        title: "The manifest keeps to its schema",
        about: "What the instance says of itself is read as a manifest file would be: every field \
                of its type and in its range, no contradiction between two of them.",
        ..MAN
    },
    Check {
        id: "MAN-002",
        title: "The kind is known, in the major version that the manifest names",
        about: "A host that knows another major version cannot call the plugin. Give the suite the \
                hookspecs of the kind, or correct `kind` or `kind_api_version`.",
        run: Run::Async(|scene| Box::pin(kind_is_known(scene))),
        ..MAN
    },
    Check {
        id: "MAN-003",
        title: "Every hook that the plugin lists is one of its kind",
        about: "A hook that the kind does not have is called by nobody: a misspelt name, or a newer \
                version of the kind than the one that is known here.",
        run: Run::Async(|scene| Box::pin(hooks_are_known(scene))),
        ..MAN
    },
    Check {
        id: "MAN-004",
        title: "Every hook that the kind requires is there",
        about: "The kind says `required: true` of a hook that callers count on.",
        run: Run::Async(|scene| Box::pin(required_hooks_are_there(scene))),
        ..MAN
    },
    Check {
        id: "MAN-005",
        title: "Every hook that the plugin lists is served",
        about: "Declared but not served: each listed hook is called, and must not answer that it is \
                not implemented.",
        run: Run::Async(|scene| Box::pin(listed_is_served(scene))),
        ..MAN
    },
    Check {
        id: "MAN-006",
        title: "No hook is served that the plugin does not list",
        about: "Served but not declared: each hook of the kind that the plugin does not list is \
                called directly, and must refuse. A host never calls it, so what it does is dead, \
                or the list forgets it.",
        run: Run::Async(|scene| Box::pin(unlisted_is_not_served(scene))),
        ..MAN
    },
    Check {
        id: INSTANCES,
        title: "Every instance says the same of itself",
        about: "Manifest and hooks of two instances are compared. A reload makes a new instance, and \
                its callers count on the old one's hooks.",
        run: Run::Async(|scene| Box::pin(instances_agree(scene))),
        ..MAN
    },
    Check {
        id: "MAN-008",
        title: "The priority is below 1000, which is where middleware begins",
        level: Level::Should,
        laws: &["ADR-0005"],
        about: "Priorities from 1000 on belong to plugins that wrap others (`chain_wrap`).",
        run: Run::Async(|scene| Box::pin(priority_is_of_business(scene))),
        ..MAN
    },
    Check {
        id: "MAN-009",
        title: "What is declared for the choice by capability can matter",
        level: Level::Should,
        laws: &["CAPABILITY-2"],
        about: "`supports_*`, `capabilities` and `fallback` are looked at for hooks of class \
                `capability` only. A plugin that has none of them declares them in vain.",
        run: Run::Async(|scene| Box::pin(declarations_matter(scene))),
        ..MAN
    },
];

async fn keeps_to_its_schema(scene: &Scene) -> Checked {
    let instance = scene.subject.open().await;
    let instance =
        instance.map_err(|why| Found::fail(format!("no instance can be made of it: {why}")))?;
    match manifest::check(instance.manifest()) {
        Ok(()) => Ok(Found::pass("it is as a manifest file would have to be")),
        Err(mistakes) => Ok(Found::fail(mistakes.to_string().trim().to_owned())),
    }
}

async fn kind_is_known(scene: &Scene) -> Checked {
    match scene.kind() {
        Ok(kind) => Ok(Found::pass(format!("{} {}", kind.name, kind.api_version))),
        Err(unknown) => Ok(Found::fail(unknown.summary)),
    }
}

async fn hooks_are_known(scene: &Scene) -> Checked {
    let kind = scene.kind()?;
    let hooks = scene.subject.hooks().iter();
    // Events are delivered to plugins of any kind.
    let unknown = hooks.filter(|hook| **hook != EVENT && kind.hook(hook.as_str()).is_none());
    let known: Vec<&str> = kind.hooks.iter().map(|hook| hook.name.as_str()).collect();
    let finding = |name: &hookspec_plugin::HookName| Finding {
        message: format!("`{name}` is no hook of {}, which has: {}", kind.name, known.join(", ")),
        hook: Some(name.to_string()),
        input: None,
    };
    let findings = unknown.map(finding).collect();
    Ok(Found::of(findings, format!("{} hooks", scene.subject.hooks().len())))
}

async fn required_hooks_are_there(scene: &Scene) -> Checked {
    let kind = scene.kind()?;
    let required: Vec<_> = kind.hooks.iter().filter(|hook| hook.required).collect();
    if required.is_empty() {
        return Ok(Found::not_applicable("the kind requires no hook"));
    }
    let missing = required.iter().filter(|hook| !scene.subject.hooks().contains(&hook.name));
    let finding = |hook: &&std::sync::Arc<hookspec_spec::Hook>| Finding {
        message: format!("`{}` is required and is not there", hook.name),
        hook: Some(hook.name.to_string()),
        input: None,
    };
    Ok(Found::of(missing.map(finding).collect(), format!("{} required hooks", required.len())))
}

/// What a fault says whose hook is not there, whoever wrote the plugin.
fn says_not_served(code: &str) -> bool {
    const CODES: [&str; 5] = [
        "hook_not_implemented",
        "not_implemented",
        "unknown_hook",
        "unimplemented",
        "hook_unknown",
    ];
    CODES.contains(&code.to_ascii_lowercase().as_str())
}

async fn listed_is_served(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    let mut findings = Vec::new();
    let hooks = scene.hooks()?;
    for hook in &hooks {
        let inputs = ordinary(scene.subject.manifest(), hook, scene.seed, 3);
        for input in inputs {
            scene.about_to_call(hook, &input);
            if let Direct::Fault(fault) = hand.ask(&hook.name, &input).await
                && says_not_served(fault.code())
            {
                let message = format!("`{}` is listed and not served: {fault}", hook.name);
                let hook = Some(hook.name.to_string());
                findings.push(Finding { message, hook, input: Some(input) });
                break;
            }
        }
    }
    Ok(Found::of(findings, format!("{} hooks answer", hooks.len())))
}

async fn unlisted_is_not_served(scene: &Scene) -> Checked {
    let hand = Hand::ready(scene).await?;
    let kind = scene.kind()?;
    let listed = scene.subject.hooks();
    let unlisted: Vec<_> = kind.hooks.iter().filter(|h| !listed.contains(&h.name)).collect();
    if unlisted.is_empty() {
        return Ok(Found::not_applicable("it lists every hook of its kind"));
    }
    let mut findings = Vec::new();
    for hook in &unlisted {
        for input in ordinary(scene.subject.manifest(), hook, scene.seed, 3) {
            scene.about_to_call(hook, &input);
            let answer = hand.ask(&hook.name, &input).await;
            // What a notification answers when nobody listens is nothing.
            let nothing = matches!(answer, Direct::Ok(Reply::Unchanged))
                && hook.dispatch == DispatchClass::BroadcastNotify;
            if matches!(answer, Direct::Ok(_)) && !nothing {
                let message = format!("`{}` is served and not listed", hook.name);
                let hook = Some(hook.name.to_string());
                findings.push(Finding { message, hook, input: Some(input) });
                break;
            }
        }
    }
    Ok(Found::of(findings, format!("{} hooks that it does not list refuse", unlisted.len())))
}

async fn instances_agree(scene: &Scene) -> Checked {
    let names = |hooks: &[hookspec_plugin::HookName]| {
        hooks.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let mut first: Option<(Value, Vec<String>)> = None;
    for _ in 0..3 {
        let instance = scene.subject.open().await.map_err(Found::not_verified)?;
        let manifest = serde_json::to_value(instance.manifest()).unwrap_or_default();
        let hooks = names(instance.hooks());
        let (own, listed) = first.get_or_insert_with(|| (manifest.clone(), hooks.clone()));
        if *listed != hooks {
            let (one, other) = (listed.join(", "), hooks.join(", "));
            return Ok(Found::fail(format!("one instance lists [{one}], another [{other}]")));
        }
        if *own != manifest {
            let fields = own.as_object().into_iter().flatten();
            let differ = fields.filter(|(name, value)| manifest.get(name.as_str()) != Some(value));
            let differ: Vec<&str> = differ.map(|(name, _)| name.as_str()).collect();
            let differ = differ.join(", ");
            return Ok(Found::fail(format!("two instances differ in their manifest: {differ}")));
        }
    }
    Ok(Found::pass("three instances say the same"))
}

async fn priority_is_of_business(scene: &Scene) -> Checked {
    let manifest = scene.subject.manifest();
    Ok(match (manifest.priority, &manifest.chain_wrap) {
        (0..1000, _) => Found::pass(format!("it is {}", manifest.priority)),
        (_, Some(_)) => Found::not_applicable("it wraps other plugins"),
        (priority, None) => Found::fail(format!(
            "its priority is {priority}, and it wraps nobody: choose one below 1000"
        )),
    })
}

async fn declarations_matter(scene: &Scene) -> Checked {
    let manifest = scene.subject.manifest();
    if !manifest.declares_capabilities() && !manifest.fallback {
        return Ok(Found::not_applicable("it declares nothing of that sort"));
    }
    let chosen =
        |hook: &std::sync::Arc<hookspec_spec::Hook>| hook.dispatch == DispatchClass::Capability;
    Ok(match scene.hooks()?.iter().any(chosen) {
        true => Found::pass("it has a hook that is chosen by capability"),
        false => Found::fail(
            "it declares `supports_*`, `capabilities` or `fallback`, and none of its hooks is chosen \
             by them",
        ),
    })
}
