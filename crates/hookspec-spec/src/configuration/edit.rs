//! [`set_disabled`]: switches one plugin on or off in the file, and keeps the rest as it is.

use std::fs;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::HostConfiguration;
use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::replace::replace_file;

/// What became of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// It says so now.
    Changed,
    /// It was made, and says so.
    Created,
    /// It said so before, or says nothing, which means the same.
    Unchanged,
}

/// Makes a configuration file say that a plugin is disabled, or that it is not. Comments, order and
/// form of the rest stay as they are; the file is replaced as a whole, and keeps its permissions.
///
/// # Errors
/// The mistakes of the file, which is left alone then; or why it cannot be read or written.
pub fn set_disabled(path: &Path, plugin: &str, disabled: bool) -> Result<Edited, Diagnostics> {
    let existing = match fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => {
            // Read again by those who tell why it cannot be read.
            HostConfiguration::read(path)?;
            return Err(failed(path, "it cannot be read"));
        }
    };
    if existing.is_none() && !disabled {
        return Ok(Edited::Unchanged);
    }
    if let Some(text) = &existing {
        let before = HostConfiguration::parse(path, text.as_str())?;
        if before.overrides(plugin).is_some_and(|own| own.disabled == Some(true)) == disabled {
            return Ok(Edited::Unchanged);
        }
    }
    let text = edited(existing.as_deref().unwrap_or_default(), plugin, disabled)
        .map_err(|why| failed(path, &why))?;
    // What is written is what was meant, whatever form the file has.
    let after = HostConfiguration::parse(path, text.as_str())?;
    if after.overrides(plugin).is_some_and(|own| own.disabled == Some(true)) != disabled {
        return Err(failed(path, "it has a form that cannot be edited; edit it by hand"));
    }
    replace_file(path, text.as_bytes()).map_err(|error| failed(path, &error.to_string()))?;
    Ok(if existing.is_some() { Edited::Changed } else { Edited::Created })
}

fn edited(text: &str, plugin: &str, disabled: bool) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
    let plugins = document.entry("plugins").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let plugins = plugins.as_table_like_mut().ok_or("`plugins` is no table")?;
    let is_new = plugins.get(plugin).is_none();
    let section = section(plugins, plugin).ok_or("the plugin's section is no table")?;
    match section.get_mut("disabled") {
        Some(own) => {
            let decor = own.as_value().map(|own| own.decor().clone());
            *own = value(disabled);
            if let (Some(own), Some(decor)) = (own.as_value_mut(), decor) {
                *own.decor_mut() = decor;
            }
        }
        None => drop(section.insert("disabled", value(disabled))),
    }
    let mut text = document.to_string();
    if is_new && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn section<'a>(plugins: &'a mut dyn TableLike, plugin: &str) -> Option<&'a mut dyn TableLike> {
    plugins.entry(plugin).or_insert_with(|| Item::Table(Table::new())).as_table_like_mut()
}

fn failed(path: &Path, why: &str) -> Diagnostics {
    let message = format!("the configuration cannot be edited: {why}");
    Diagnostic::error(codes::CONFIG_UNREADABLE, message)
        .at(path)
        .hint("check that the file and its folder may be written")
        .into()
}
