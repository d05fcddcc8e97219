//! `config check`, `config show` and `plugins enable`, `disable`: what the host configures.

use std::path::{Path, PathBuf};

use hookspec_host::{RegistryBuilder, StartError};
use hookspec_plugin::Manifest;
use hookspec_spec::configuration::{
    Configured, Edited, FILE_NAME, HostConfiguration, set_disabled,
};
use hookspec_spec::{Diagnostic, Diagnostics, Severity};
use serde_json::{Value, json};

use super::check;
use crate::app::Status;
use crate::grid::{Cell, Grid};
use crate::nearest::nearest;
use crate::output::{Format, Output, Tone};
use crate::text::{clean, complain, plural};

/// Check and show what plugins are configured with
#[derive(Clone, Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Report every mistake of the configuration; sets nothing up
    Check {
        /// The file; without it, that of --configuration
        file: Option<PathBuf>,
    },
    /// Show what a plugin is configured with and where it comes from; secrets are masked
    Show {
        /// The plugin
        name: String,
    },
}

/// Switch plugins on and off
#[derive(Clone, Debug, clap::Subcommand)]
pub(crate) enum Plugins {
    /// No longer disable a plugin in the configuration file
    Enable {
        /// The plugin
        name: String,
    },
    /// Disable a plugin in the configuration file, which is made if it is not there
    Disable {
        /// The plugin
        name: String,
    },
}

/// Names the file in the builder: the one that was asked for, else the application's own, else the
/// default where it is there.
pub(crate) fn with_file(builder: RegistryBuilder, asked: Option<&Path>) -> RegistryBuilder {
    match (asked, builder.configuration_path()) {
        (Some(path), _) => builder.configuration_file(path),
        (None, Some(_)) => builder,
        (None, None) => builder.configuration_file_if_present(FILE_NAME),
    }
}

/// `config`: the builder knows hookspecs, plugins and the file.
pub(crate) fn config(builder: RegistryBuilder, command: &Config, output: &mut Output) -> Status {
    match command {
        Config::Check { file: Some(file) } => {
            config_check(builder.configuration_file(file), output)
        }
        Config::Check { file: None } => config_check(builder, output),
        Config::Show { name } => config_show(&builder, name, output),
    }
}

fn config_check(builder: RegistryBuilder, output: &mut Output) -> Status {
    let path = builder.configuration_path().map(Path::to_owned);
    let path = path.filter(|path| path.exists() || path != Path::new(FILE_NAME));
    let found: Vec<Diagnostic> = match builder.check_configuration() {
        Ok(warnings) => warnings,
        Err(StartError::Configuration { diagnostics }) => diagnostics.into_vec(),
        Err(error) => {
            complain(&format!("error: {error}"));
            return Status::CouldNotRun;
        }
    };
    let errors = found.iter().filter(|each| each.severity == Severity::Error).count();
    match output.format() {
        Format::Json => output.json(&json!({
            "command": "config check",
            "ok": errors == 0,
            "file": path.as_ref().map(|path| path.to_string_lossy()),
            "errors": errors,
            "warnings": found.len() - errors,
            "diagnostics": found.iter().map(check::object).collect::<Vec<_>>(),
        })),
        Format::Human => found.iter().for_each(|each| check::show(each, output)),
    }
    output.flush();
    let what = match &path {
        Some(path) => path.display().to_string(),
        None => "no configuration file".into(),
    };
    let count = match (errors, found.len() - errors) {
        (0, 0) => "no mistakes".to_owned(),
        (errors, warnings) => {
            format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"))
        }
    };
    complain(&format!("{what}: {count}"));
    if errors == 0 { Status::Fine } else { Status::Failed }
}

fn config_show(builder: &RegistryBuilder, name: &str, output: &mut Output) -> Status {
    let known = builder.known_plugins().manifests;
    let Some(manifest) = known.iter().find(|own| own.name == *name) else {
        complain(&unknown(name, &known));
        return Status::CouldNotRun;
    };
    let configured = match builder.configuration_of(manifest) {
        Ok(configured) => configured,
        Err(mistakes) => {
            told(&mistakes);
            return Status::Failed;
        }
    };
    let file = builder.configuration_path().filter(|path| path.exists());
    let file = file.and_then(|path| HostConfiguration::read(path).ok());
    let overrides = file.as_ref().and_then(|file| file.overrides(name)).cloned();
    let overrides = overrides.unwrap_or_default().shown();
    match output.format() {
        Format::Json => output.json(&json!({
            "command": "config show",
            "ok": true,
            "plugin": name,
            "file": file.as_ref().map(|file| file.path().to_string_lossy()),
            "overrides": overrides.iter().map(|(key, own)| ((*key).to_owned(), own.clone().into()))
                .collect::<serde_json::Map<String, Value>>(),
            "config": configured.masked,
            "sources": sources(&configured).into_iter()
                .map(|(key, _, source)| json!({ "key": key, "source": source })).collect::<Vec<_>>(),
        })),
        Format::Human => {
            show_values(&configured, output);
            let mut grid = Grid::new(["override", "value"]);
            for (key, own) in &overrides {
                grid.row([Cell::new(*key, Tone::Strong), own.clone().into()]);
            }
            if !grid.is_empty() {
                output.heading("What the host decides");
                output.grid(&grid);
            }
        }
    }
    Status::Fine
}

fn show_values(configured: &Configured, output: &mut Output) {
    let mut grid = Grid::new(["key", "value", "from"]);
    for (key, value, source) in sources(configured) {
        grid.row([Cell::new(key, Tone::Strong), clean(&value).into_owned().into(), source.into()]);
    }
    match grid.is_empty() {
        true => output.line(format_args!("configured with {}", configured.masked)),
        false => output.grid(&grid),
    }
}

/// Key, value and source of everything that is configured.
fn sources(configured: &Configured) -> Vec<(String, String, String)> {
    let each = configured.sources.iter().map(|(keys, source)| {
        // What is masked further out hides what is in it.
        let mut value = Some(&configured.masked);
        for key in keys {
            value = match value {
                Some(Value::Object(fields)) => fields.get(key),
                masked => masked,
            };
        }
        let value = value.map(Value::to_string).unwrap_or_default();
        (keys.join("."), value, source.to_string())
    });
    each.collect()
}

/// `plugins enable` and `plugins disable`.
pub(crate) fn plugins(builder: &RegistryBuilder, command: &Plugins, output: &mut Output) -> Status {
    let (name, disabled) = match command {
        Plugins::Enable { name } => (name, false),
        Plugins::Disable { name } => (name, true),
    };
    let known = builder.known_plugins();
    // Where no plugin is known, the file is for an application that this program is not.
    let is_known = known.manifests.iter().any(|own| own.name == **name);
    if !known.manifests.is_empty() && !known.more && !is_known {
        complain(&unknown(name, &known.manifests));
        return Status::CouldNotRun;
    }
    let near = nearest(name, known.manifests.iter().map(|own| own.name.as_str()));
    if let Some(near) = near.filter(|_| !is_known) {
        complain(&format!("warning: no manifest names `{name}`; did you mean `{near}`?"));
    }
    let path = builder.configuration_path().unwrap_or(Path::new(FILE_NAME));
    let edited = match set_disabled(path, name, disabled) {
        Ok(edited) => edited,
        Err(mistakes) => {
            told(&mistakes);
            return Status::CouldNotRun;
        }
    };
    let (state, file) = (if disabled { "disabled" } else { "enabled" }, path.display());
    match output.format() {
        Format::Json => output.json(&json!({
            "command": if disabled { "plugins disable" } else { "plugins enable" },
            "ok": true,
            "plugin": name,
            "file": path.to_string_lossy(),
            "changed": edited != Edited::Unchanged,
        })),
        Format::Human => output.line(match edited {
            Edited::Changed => format!("{name} is {state} in {file}"),
            Edited::Created => format!("{name} is {state} in {file}, which is new"),
            Edited::Unchanged if disabled => {
                format!("{name} was {state} in {file} already; nothing to do")
            }
            Edited::Unchanged => format!("{name} is not disabled in {file}; nothing to do"),
        }),
    }
    Status::Fine
}

fn unknown(name: &str, known: &[Manifest]) -> String {
    let names: Vec<&str> = known.iter().map(|own| own.name.as_str()).collect();
    let hint = match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "name the folder of the plugins with --plugins".into(),
        None => format!("plugins: {}", names.join(", ")),
    };
    format!("error: there is no plugin `{}`; {hint}", clean(name))
}

fn told(mistakes: &Diagnostics) {
    complain(&mistakes.to_string());
}
