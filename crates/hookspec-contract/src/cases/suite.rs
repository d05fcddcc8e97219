//! [`Suite`]: which case is run against which plugin; [`Trial`]: one case with one plugin.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hookspec_spec::Catalog;

use super::mistake::Mistake;
use super::model::Case;
use super::run;
use crate::subject::Subject;

/// How long a case may take in all: longer than the deadlines of its calls.
const LONGEST: Duration = Duration::from_secs(60);

/// Cases, and the plugins that they are run against.
#[derive(Debug)]
pub struct Suite {
    catalog: Catalog,
    cases: Vec<Arc<Case>>,
    subjects: Vec<Arc<Subject>>,
    longest: Duration,
}

/// What a suite runs.
#[derive(Debug)]
pub struct Plan {
    /// Every case with every plugin that it is about.
    pub trials: Vec<Trial>,
    /// Cases that could never fail: about nobody, or naming a plugin that is not there.
    pub idle: Vec<Mistake>,
}

/// One case with one plugin: one test.
#[derive(Clone)]
pub struct Trial {
    pub(super) catalog: Catalog,
    pub(super) case: Arc<Case>,
    pub(super) subject: Arc<Subject>,
    pub(super) beside: Vec<Arc<Subject>>,
    pub(super) longest: Duration,
}

impl Suite {
    /// Cases and plugins, over the kinds of a catalog.
    pub fn new(catalog: Catalog, cases: Vec<Case>, subjects: Vec<Subject>) -> Self {
        let cases = cases.into_iter().map(Arc::new).collect();
        Self::shared(catalog, cases, subjects.into_iter().map(Arc::new).collect())
    }

    /// As [`new`](Self::new), of what others hold too.
    pub fn shared(catalog: Catalog, cases: Vec<Arc<Case>>, subjects: Vec<Arc<Subject>>) -> Self {
        Self { catalog, cases, subjects, longest: LONGEST }
    }

    /// How long a case may take in all, instead of a minute.
    #[must_use]
    pub fn bounded(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// Which case is run against which plugin.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan { trials: Vec::new(), idle: Vec::new() };
        for case in &self.cases {
            let before = plan.trials.len();
            let mut idle: Vec<String> = self.unknown(case).collect();
            for subject in &self.subjects {
                match self.applies(case, subject) {
                    Ok(false) => {}
                    Ok(true) => plan.trials.push(self.trial(case, subject)),
                    Err(why) => idle.push(why),
                }
            }
            if plan.trials.len() == before && idle.is_empty() {
                idle.push("no plugin here is what `given` asks for, so this checks nothing".into());
            }
            plan.idle.extend(idle.into_iter().map(|why| case.mistake(why)));
        }
        plan
    }

    fn applies(&self, case: &Case, subject: &Subject) -> Result<bool, String> {
        // Somebody who is registered already cannot stand beside itself.
        let beside_itself = case.given.beside.iter().any(|name| name == subject.name());
        let mut hooks = case.steps.iter().map(|step| &step.hook);
        let has_hooks = hooks.all(|hook| hook.required || subject.hooks().contains(&hook.name));
        Ok(!beside_itself && has_hooks && case.applies_to(subject)?)
    }

    fn unknown<'a>(&'a self, case: &'a Case) -> impl Iterator<Item = String> + 'a {
        let known: BTreeSet<&str> = self.subjects.iter().map(|subject| subject.name()).collect();
        let named = case.given.plugins.iter().chain(&case.given.beside);
        named
            .filter(move |name| !known.contains(name.as_str()))
            .map(|name| format!("there is no plugin `{name}` to run this with"))
    }

    fn trial(&self, case: &Arc<Case>, subject: &Arc<Subject>) -> Trial {
        // The others come from the same runtime where they can.
        let find = |name: &String| {
            let mut named: Vec<_> = self.subjects.iter().filter(|s| s.name() == name).collect();
            named.sort_by_key(|other| other.runtime() != subject.runtime());
            named.first().map(|other| Arc::clone(other))
        };
        Trial {
            catalog: self.catalog.clone(),
            case: Arc::clone(case),
            subject: Arc::clone(subject),
            beside: case.given.beside.iter().filter_map(find).collect(),
            longest: self.longest,
        }
    }
}

impl Trial {
    /// `kind/case/plugin/runtime`.
    pub fn name(&self) -> String {
        let (case, subject) = (&self.case, &self.subject);
        format!("{}/{}/{}/{}", case.kind(), case.name(), subject.name(), subject.runtime())
    }

    /// `kind/case`.
    pub fn case_name(&self) -> String {
        format!("{}/{}", self.case.kind(), self.case.name())
    }

    /// Whether it is about this plugin.
    pub fn is_about(&self, subject: &Subject) -> bool {
        self.subject.key() == subject.key()
    }

    /// The case itself.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// Plugins that must stand beside it and are not there.
    pub fn lacks(&self) -> Vec<&str> {
        let named = self.case.given.beside.iter().map(String::as_str);
        named.filter(|name| !self.beside.iter().any(|other| other.name() == *name)).collect()
    }

    /// Runs the case, from a new registry to its end. Ends in bounded time.
    ///
    /// # Errors
    /// Every expectation that was not met: its place in the file, what was expected, what came.
    pub fn run(&self) -> Result<(), Vec<Mistake>> {
        run::run(self)
    }
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trial({})", self.name())
    }
}
