//! [`Plan`]: files to write, all of them or none.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Files to write, and what is to be done then.
#[derive(Debug)]
pub(super) struct Plan {
    folder: PathBuf,
    files: Vec<(PathBuf, String)>,
    next: Vec<String>,
}

impl Plan {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), files: Vec::new(), next: Vec::new() }
    }

    /// A file of a template, with `{{name}}` replaced by what belongs there.
    pub(super) fn file(&mut self, path: impl AsRef<Path>, template: &str, values: &[(&str, &str)]) {
        let path = self.folder.join(path);
        self.files.push((path, filled(template, values)));
    }

    pub(super) fn next(&mut self, step: impl Into<String>) {
        self.next.push(step.into());
    }

    pub(super) fn steps(&self) -> &[String] {
        &self.next
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|(path, _)| path.as_path())
    }

    /// Writes everything. What is there already is not touched: then nothing is written.
    pub(super) fn write(&self) -> Result<(), String> {
        let there: Vec<_> = self
            .paths()
            .filter(|path| path.symlink_metadata().is_ok())
            .map(|path| format!("\n  {}", path.display()))
            .collect();
        if !there.is_empty() {
            return Err(format!(
                "nothing was written, as these exist; name another folder with --path, or move \
                 them:{}",
                there.concat()
            ));
        }
        let mut made = Vec::new();
        let written = self.files.iter().try_for_each(|(path, text)| create(path, text, &mut made));
        written.inspect_err(|_| {
            // Last made, first removed: a folder is empty again when its turn comes.
            for path in made.iter().rev() {
                let _ = if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
            }
        })
    }
}

fn create(path: &Path, text: &str, made: &mut Vec<PathBuf>) -> Result<(), String> {
    let problem = |path: &Path, error: std::io::Error| {
        format!("nothing was written, as {} cannot be created: {error}", path.display())
    };
    let missing = path
        .ancestors()
        .skip(1)
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let mut missing: Vec<&Path> = missing.collect();
    while let Some(folder) = missing.pop() {
        fs::create_dir(folder).map_err(|error| problem(folder, error))?;
        made.push(folder.to_owned());
    }
    // Never the file of somebody who was faster.
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| problem(path, error))?;
    made.push(path.to_owned());
    file.write_all(text.as_bytes()).map_err(|error| problem(path, error))
}

/// In one pass: what is filled in is not looked at again.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        let (before, behind) = rest.split_at(at);
        text.push_str(before);
        let known = values.iter().find_map(|(name, value)| {
            let behind = behind[2..].strip_prefix(name)?.strip_prefix("}}")?;
            Some((*value, behind))
        });
        match known {
            Some((value, behind)) => {
                text.push_str(value);
                rest = behind;
            }
            // A brace of Rust, around a value.
            None => {
                text.push('{');
                rest = &behind[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_once() {
        let values = [("a", "{{b}}"), ("b", "c")];
        assert_eq!(filled("x {{a}} {{{b}}} {{d}} {y}", &values), "x {{b}} {c} {{d}} {y}");
    }

    #[test]
    fn nothing_is_left_of_what_could_not_be_finished() {
        let outside = tempfile::tempdir().unwrap();
        let mut plan = Plan::new(&outside.path().join("new"));
        plan.file("a/b.rs", "b", &[]);
        // A file cannot be a folder too.
        plan.file("a/b.rs/c.rs", "c", &[]);
        let error = plan.write().unwrap_err();
        assert!(error.contains("nothing was written"), "{error}");
        assert!(!outside.path().join("new").exists());
    }
}
