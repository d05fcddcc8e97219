//! Which plugins are tested, and what they are configured with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_contract::Subject;
use hookspec_host::RegistryBuilder;
use hookspec_plugin::{Linked, LoadEnv, PluginName};
use hookspec_spec::{Catalog, Document, Found, discover, manifest};
use serde_json::{Map, Value};

use crate::nearest::nearest;

/// The plugins that are meant.
///
/// # Errors
/// Why there are none, for people.
pub(super) fn find(
    builder: &RegistryBuilder,
    named: Option<&str>,
    folders: &[PathBuf],
    catalog: &Catalog,
) -> Result<Vec<Subject>, String> {
    let env = Arc::new(LoadEnv { kinds: catalog.known_kinds(), ..LoadEnv::default() });
    let linked = || Linked::all().into_iter().map(Subject::linked);
    let opened = |found: &[Found]| loaded(builder, found, &env);
    let Some(named) = named else {
        let mut subjects: Vec<Subject> = linked().collect();
        for folder in folders {
            subjects.extend(opened(&below(folder)?)?);
        }
        return match subjects.is_empty() {
            true => Err("there is no plugin in this program; name a plugin's folder".into()),
            false => Ok(subjects),
        };
    };
    let path = Path::new(named);
    if path.exists() {
        return opened(&below(path)?);
    }
    let own: Vec<Subject> = linked().filter(|subject| subject.name() == named).collect();
    if !own.is_empty() {
        return Ok(own);
    }
    let known: Vec<String> = linked().map(|subject| subject.name().to_owned()).collect();
    Err(match nearest(named, known.iter().map(String::as_str)) {
        Some(other) => {
            format!("there is no folder and no plugin `{named}`; did you mean `{other}`?")
        }
        None if known.is_empty() => {
            format!("there is no folder `{named}`, and no plugin in this program")
        }
        None => {
            format!("there is no folder and no plugin `{named}`; plugins: {}", known.join(", "))
        }
    })
}

/// The plugins of a folder or of a manifest. What cannot be read of a folder is an error: a plugin
/// that is not looked at would look like one that conforms.
fn below(path: &Path) -> Result<Vec<Found>, String> {
    // Checks run elsewhere.
    let path = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
    if path.is_file() {
        let loaded = manifest::found(&path).map_err(|mistakes| mistakes.to_string())?;
        let (manifest, warnings) = (loaded.manifest, loaded.warnings);
        return Ok(vec![Found { path, manifest, warnings }]);
    }
    let discovery = discover(&path).map_err(|mistakes| mistakes.to_string())?;
    let problems: Vec<String> =
        discovery.problems.iter().map(|problem| problem.diagnostics.to_string()).collect();
    match (problems.is_empty(), discovery.found.is_empty()) {
        (false, _) => Err(problems.join("\n")),
        (true, true) => Err(format!("there is no plugin.toml in {} or below it", path.display())),
        (true, false) => Ok(discovery.found),
    }
}

fn loaded(
    builder: &RegistryBuilder,
    found: &[Found],
    env: &Arc<LoadEnv>,
) -> Result<Vec<Subject>, String> {
    let mut subjects: Vec<Arc<Subject>> = Vec::new();
    for each in found {
        let manifest = &each.manifest;
        let in_program = Linked::all().into_iter().find(|linked| {
            manifest.entry_point.as_deref() == Some(linked.entry_point())
                && linked.kind() == manifest.kind
        });
        let subject = match (builder.runtime_named(manifest.runtime), in_program) {
            (Some(runtime), _) => Subject::found(each, runtime, Arc::clone(env)),
            (None, Some(linked)) => {
                let (constructor, own) = (linked.constructor(), manifest.clone());
                let hooks = linked.hooks().into_iter().map(|(hook, _)| hook.into());
                Subject::new(manifest.clone(), hooks, move || {
                    constructor(own.clone()).map_err(|error| error.to_string())
                })
            }
            (None, None) => {
                return Err(format!(
                    "{}: this program has no plugin `{}` and no runtime `{}`; an in_process plugin is \
                     tested by the program that it is linked into, or by `hookspec::contract_tests!`",
                    each.path.display(),
                    manifest.entry_point.as_deref().unwrap_or(manifest.name.as_str()),
                    manifest.runtime
                ));
            }
        };
        // They come in the order of their dependencies.
        let needs = manifest.depends_on.iter();
        let beside = needs.filter_map(|name: &PluginName| {
            subjects.iter().find(|other| other.name() == name.as_str()).cloned()
        });
        let beside = beside.collect();
        subjects.push(Arc::new(subject.beside(beside)));
    }
    Ok(subjects.iter().map(|subject| Subject::clone(subject)).collect())
}

/// The configurations in a file.
///
/// # Errors
/// It cannot be read, or is no object of objects.
pub(super) fn configurations(path: &Path) -> Result<Map<String, Value>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let document = Document::json(path, text).map_err(|mistakes| mistakes.to_string())?;
    match document.value() {
        Value::Object(by_plugin) => Ok(by_plugin.clone()),
        _ => Err(format!("{}: write an object with a configuration by plugin", path.display())),
    }
}

/// Gives each plugin its own.
///
/// # Errors
/// A configuration is nobody's.
pub(super) fn configured(
    subjects: Vec<Subject>,
    config: Option<&Map<String, Value>>,
) -> Result<Vec<Subject>, String> {
    let Some(config) = config else { return Ok(subjects) };
    let known: Vec<&str> = subjects.iter().map(Subject::name).collect();
    if let Some(nobody) = config.keys().find(|name| !known.contains(&name.as_str())) {
        let hint = match nearest(nobody, known.iter().copied()) {
            Some(other) => format!("; did you mean `{other}`?"),
            None => format!("; they are: {}", known.join(", ")),
        };
        return Err(format!("no plugin that is tested is named `{nobody}`{hint}"));
    }
    let own = |subject: Subject| match config.get(subject.name()) {
        Some(own) => subject.configured(own.clone()),
        None => subject,
    };
    Ok(subjects.into_iter().map(own).collect())
}

/// Gives each plugin what the application would give it: from its code, the configuration file and
/// the environment.
///
/// # Errors
/// The mistakes in it. What a plugin needs and nobody gives is not among them: a check says so.
pub(super) fn as_in_application(
    builder: &RegistryBuilder,
    subjects: Vec<Subject>,
) -> Result<Vec<Subject>, String> {
    let configured = |subject: Subject| match builder.configuration_of(subject.manifest()) {
        Ok(own) if own.value.is_null() => Ok(subject),
        Ok(own) => Ok(subject.configured(own.value)),
        Err(mistakes) if mistakes.iter().all(|each| each.position.is_none()) => Ok(subject),
        Err(mistakes) => Err(mistakes.to_string()),
    };
    subjects.into_iter().map(configured).collect()
}
