//! [`About`]: what `contract_tests!` knows of a plugin, and one of its tests.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hookspec_plugin::{CancellationToken, Linked};
use hookspec_spec::Catalog;
use serde_json::Value;

use crate::cases::{Mistake, read_folder};
use crate::report::{CheckReport, human};
use crate::run::{Launcher, Options, Suite};
use crate::shipped;
use crate::subject::Subject;
use crate::verdict::Verdict;

/// What `contract_tests!` knows of a plugin.
#[derive(Debug)]
pub struct About {
    type_name: &'static str,
    home: PathBuf,
    package: &'static str,
    module: &'static str,
    hookspecs: Option<PathBuf>,
    cases: Option<PathBuf>,
    config: Value,
}

impl About {
    /// A type, and where its test is.
    pub fn new(
        type_name: &'static str,
        home: &'static str,
        package: &'static str,
        module: &'static str,
    ) -> Self {
        let (home, config) = (PathBuf::from(home), Value::Null);
        Self { type_name, home, package, module, hookspecs: None, cases: None, config }
    }

    /// The folder of its kind.
    #[must_use]
    pub fn hookspecs(self, folder: impl AsRef<Path>) -> Self {
        Self { hookspecs: Some(self.home.join(folder)), ..self }
    }

    /// A folder of cases.
    #[must_use]
    pub fn cases(self, folder: impl AsRef<Path>) -> Self {
        Self { cases: Some(self.home.join(folder)), ..self }
    }

    /// Its configuration.
    #[must_use]
    pub fn config(self, config: Value) -> Self {
        Self { config, ..self }
    }

    /// Runs one test: the checks whose id matches.
    ///
    /// # Panics
    /// A MUST is broken or could not be verified: with the report. That is how a test fails.
    #[track_caller]
    pub fn test(self, filter: &str, name: &str) {
        match self.run(filter, name) {
            Ok(None) => {}
            Ok(Some(report)) => panic!("\n{report}"),
            Err(why) => panic!("\n{why}\n"),
        }
    }

    /// The report, if something is broken.
    fn run(self, filter: &str, name: &str) -> Result<Option<String>, String> {
        let catalog = self.catalog()?;
        let cases = self.read_cases(&catalog)?;
        let linked = Linked::all().into_iter().filter(|each| each.type_name() == self.type_name);
        let subjects: Vec<Subject> =
            linked.map(|each| Subject::linked(each).configured(self.config.clone())).collect();
        if subjects.is_empty() {
            return Err(format!(
                "`{}` is no plugin that can be made: put `#[plugin]` above its `impl`, and give it \
                 `Component` or `Default`",
                self.type_name
            ));
        }
        let test = test_name(self.module, name);
        let launcher = Launcher::test(&test).map_err(|error| error.to_string())?;
        let (package, again) = (self.package, test.clone());
        let suite = Suite::new(catalog, subjects)
            .cases(cases)
            .options(Options { filter: vec![filter.into()], jobs: 1, ..options()? })
            .launcher(launcher)
            .command(format!("cargo test -p {package} {test}"))
            .reproduced_by(move |_, _, seed| {
                format!("HOOKSPEC_SEED={seed} cargo test -p {package} -- --exact {again}")
            });
        let report = suite.run(&CancellationToken::new(), &|_| {});
        let broken = |check: &CheckReport| check.is_broken() || check.verdict == Verdict::Error;
        Ok(report.checks().any(|(_, check)| broken(check)).then(|| human::write(&report)))
    }

    fn catalog(&self) -> Result<Catalog, String> {
        if let Some(folder) = &self.hookspecs {
            return Catalog::load([folder]).map_err(|mistakes| mistakes.to_string());
        }
        let near = self.home.ancestors().map(|folder| folder.join("hookspecs"));
        match near.into_iter().find(|folder| folder.is_dir()) {
            Some(folder) => Catalog::load([folder]).map_err(|mistakes| mistakes.to_string()),
            None => shipped::catalog(),
        }
    }

    fn read_cases(&self, catalog: &Catalog) -> Result<Vec<crate::cases::Case>, String> {
        let Some(folder) = &self.cases else { return Ok(Vec::new()) };
        read_folder(folder, catalog).map_err(|mistakes| {
            mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
        })
    }
}

/// A test's name, as the test program knows it: its path without the crate.
fn test_name(module: &str, name: &str) -> String {
    let mut path = String::new();
    if let Some((_, inside)) = module.split_once("::") {
        // Writing to a text cannot fail.
        let _ = write!(path, "{inside}::");
    }
    path + name
}

/// What the environment says; a test has no arguments of its own.
fn options() -> Result<Options, String> {
    fn read<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T, String> {
        match std::env::var(name) {
            Err(_) => Ok(otherwise),
            Ok(text) => text.parse().map_err(|_| format!("{name}=`{text}` is no number")),
        }
    }
    let standard = Options::default();
    Ok(Options {
        seed: read("HOOKSPEC_SEED", standard.seed)?,
        timeout_scale: read("HOOKSPEC_TIMEOUT_SCALE", standard.timeout_scale)?,
        ..standard
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_named_by_its_path_in_the_crate() {
        assert_eq!(test_name("my_crate::contract", "io_001"), "contract::io_001");
        assert_eq!(test_name("my_crate::a::contract", "io_001"), "a::contract::io_001");
    }
}
