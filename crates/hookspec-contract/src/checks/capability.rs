//! `CAP`: whoever says that it takes a file, takes it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_spec::{DispatchClass, Hook};
use serde_json::{Map, Value};

use super::samples::{Look, valid_output};
use crate::check::{Check, Run};
use crate::found::{Checked, Found};
use crate::inputs::{CONTENTS, ordinary};
use crate::report::Finding;
use crate::scene::Scene;
use crate::stage::Outcome;
use crate::verdict::{Level, Profile};

const CAP: Check = Check {
    id: "",
    title: "",
    level: Level::Must,
    profile: Profile::Core,
    laws: &["CAPABILITY-2", "CAPABILITY-4"],
    since: "0.1",
    about: "",
    run: Run::Async(|scene| Box::pin(declared_is_processed(scene))),
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "CAP-001",
        title: "What the plugin declares is really processed",
        about: "For every extension, language and media type that the manifest declares, the plugin \
                is called with small contents of many formats; at least one of them must be \
                answered. One that is declared and always refused keeps others from being chosen.",
        ..CAP
    },
    Check {
        id: "CAP-002",
        title: "A fallback copes with whatever nobody else takes",
        profile: Profile::Resilience,
        laws: &["CAPABILITY-5", "ADR-0003"],
        about: "Binary, empty, malformed UTF-8, more than 10 MB, a file without permission, a folder, \
                nothing at all: a file that can be read is answered, one that cannot is a fault.",
        run: Run::Async(|scene| Box::pin(fallback_copes(scene))),
        ..CAP
    },
];

async fn declared_is_processed(scene: &Scene) -> Checked {
    let manifest = scene.subject.manifest();
    let mut declared: Vec<(&str, &String)> = Vec::new();
    for (field, values) in [
        ("extension", &manifest.supports_extensions),
        ("language", &manifest.supports_languages),
        ("mime_type", &manifest.supports_mime_types),
    ] {
        declared.extend(values.iter().map(|value| (field, value)));
    }
    let hooks = chosen(scene)?;
    if declared.is_empty() || hooks.is_empty() {
        return Ok(Found::not_applicable("it declares no extension, language or media type"));
    }
    let stage = scene.stage().await?;
    let mut findings = Vec::new();
    for hook in &hooks {
        for (field, value) in &declared {
            let mut last = None;
            let mut answered = false;
            for input in asking(scene, hook, field, value) {
                let asked = scene.ask(&stage, hook, &input).await;
                match valid_output(hook, &asked) {
                    Look::Fine => {
                        answered = true;
                        break;
                    }
                    Look::Refused(why) | Look::Wrong(why) => last = Some((input, why)),
                    Look::Nothing => {
                        let why = match asked.outcome {
                            Outcome::NotAsked(why) => why,
                            other => other.value().to_string(),
                        };
                        last = last.or(Some((input, why)));
                    }
                }
            }
            if !answered {
                let (input, why) = last.unzip();
                let why = why.unwrap_or_else(|| "no input could be made".into());
                let message = format!("it declares {field} `{value}` and answers nothing: {why}");
                findings.push(Finding { message, hook: Some(hook.name.to_string()), input });
            }
        }
    }
    Ok(Found::of(findings, format!("{} declared things are processed", declared.len())))
}

/// The hooks that are chosen by capability.
fn chosen(scene: &Scene) -> Result<Vec<Arc<Hook>>, Found> {
    let hooks = scene.hooks()?.into_iter();
    Ok(hooks.filter(|hook| hook.dispatch == DispatchClass::Capability).collect())
}

/// Inputs that ask for one thing, with every content where the schema has a place for one.
fn asking(scene: &Scene, hook: &Hook, field: &str, value: &str) -> Vec<Value> {
    let mut bases: Vec<Map<String, Value>> = Vec::new();
    for base in ordinary(scene.subject.manifest(), hook, scene.seed, 6) {
        if let Value::Object(mut fields) = base {
            for other in ["extension", "language", "mime_type", "capabilities"] {
                fields.shift_remove(other);
            }
            fields.insert(field.into(), value.into());
            bases.push(fields);
        }
    }
    let mut inputs = Vec::new();
    for base in bases {
        for (index, content) in CONTENTS.iter().enumerate() {
            let mut fields = base.clone();
            let suffix = if field == "extension" { value } else { "txt" };
            let path = scene.folder.join(format!("{index}.{suffix}"));
            // A content that cannot be written is one that the plugin cannot read: it will say so.
            let _ = fs::write(&path, content);
            fields.insert("path".into(), path.display().to_string().into());
            fields.insert("content".into(), (*content).into());
            inputs.extend(accepted(hook, fields));
        }
        inputs.extend(accepted(hook, base));
    }
    inputs
}

/// The input with as many of `path` and `content` as its schema has.
fn accepted(hook: &Hook, fields: Map<String, Value>) -> Option<Value> {
    let lacks = |names: &[&str]| {
        let mut fields = fields.clone();
        for name in names {
            fields.shift_remove(*name);
        }
        Value::Object(fields)
    };
    let candidates =
        [lacks(&[]), lacks(&["content"]), lacks(&["path"]), lacks(&["path", "content"])];
    candidates.into_iter().find(|each| hook.input.is_valid(each))
}

/// What a fallback is given, and whether it must be able to read it.
fn corpus(folder: &Path) -> Vec<(&'static str, PathBuf, bool)> {
    let file = |name: &'static str, bytes: &[u8]| {
        let path = folder.join(name);
        let _ = fs::write(&path, bytes);
        (name, path, true)
    };
    let all: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
    let mut found = vec![
        file("empty", b""),
        file("binary", &all),
        file("zeros", &[0; 1024]),
        file("malformed-utf-8", b"a\xff\xfe\xc3\x28b\xed\xa0\x80"),
        file("one-line", &vec![b'x'; 1 << 20]),
        file("large", &vec![b'y'; (10 << 20) + 1]),
        file("name with spaces ü.bin", b"x"),
    ];
    let (_, locked, _) = file("no-permission", b"x");
    let _ = fs::set_permissions(&locked, fs::Permissions::from_mode(0o000));
    // Whoever may read everything may read this too.
    let readable = fs::File::open(&locked).is_ok();
    found.push(("no-permission", locked, readable));
    found.push(("missing", folder.join("missing"), false));
    found.push(("a-folder", folder.to_path_buf(), false));
    found
}

async fn fallback_copes(scene: &Scene) -> Checked {
    if !scene.subject.manifest().fallback {
        return Ok(Found::not_applicable("it is no fallback"));
    }
    let hooks = chosen(scene)?;
    let stage = scene.stage().await?;
    let (mut findings, mut files) = (Vec::new(), 0);
    for hook in &hooks {
        for (name, path, readable) in corpus(&scene.folder) {
            let mut fields = Map::new();
            fields.insert("path".into(), path.display().to_string().into());
            let input = Value::Object(fields);
            if !hook.input.is_valid(&input) {
                continue;
            }
            files += 1;
            let asked = scene.ask(&stage, hook, &input).await;
            let wrong = match valid_output(hook, &asked) {
                Look::Fine => None,
                Look::Refused(_) if !readable => None,
                Look::Refused(why) => Some(format!("`{name}` can be read, and is refused: {why}")),
                Look::Wrong(why) => Some(format!("`{name}`: {why}")),
                Look::Nothing => Some(format!("`{name}`: {}", asked.outcome.value())),
            };
            findings.extend(wrong.map(|message| Finding {
                message,
                hook: Some(hook.name.to_string()),
                input: Some(input),
            }));
        }
    }
    match files {
        0 => Ok(Found::not_applicable("its hook takes no input that is a `path` alone")),
        _ => Ok(Found::of(findings, format!("{files} files"))),
    }
}
