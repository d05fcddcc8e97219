//! [`Suite`]: every check of every plugin, each in a process of its own, and the report of it all.

mod child;
mod job;
mod judge;
mod launcher;
mod options;
mod perform;
mod plan;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hookspec_plugin::{CancellationToken, HookName};
use hookspec_spec::Catalog;
use sha2::{Digest as _, Sha256};

pub(crate) use self::launcher::Ambient;
pub use self::launcher::Launcher;
pub use self::options::Options;

use self::child::{Ended, Order};
use self::job::{Done, Job, Task};
use self::perform::Known;
use self::plan::{Item, Planned};
use crate::cases::Case;
use crate::checks::security;
use crate::report::{CheckReport, Report};
use crate::subject::Subject;

/// How much memory a child may hold: enough for any check, and not all that there is.
const MEMORY: u64 = 4 << 30;
/// Of the check that is about it.
const LITTLE_MEMORY: u64 = 1 << 30;
/// How long a check may take before its process is ended.
const ALLOWED: Duration = Duration::from_secs(90);

/// Every check of every plugin, each in a process of its own.
#[derive(Clone)]
pub struct Suite {
    catalog: Catalog,
    subjects: Vec<Arc<Subject>>,
    cases: Vec<Arc<Case>>,
    options: Options,
    launcher: Option<Launcher>,
    command: String,
    reproduce: Arc<Reproduce>,
    digests: bool,
}

type Reproduce = dyn Fn(&Subject, &str, u64) -> String + Send + Sync;

/// What happens while a suite runs.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// So many checks will be run.
    Planned(usize),
    /// A check begins.
    Begun {
        /// The plugin.
        subject: &'a Subject,
        /// The check, or the case.
        id: &'a str,
    },
    /// A check has ended.
    Ended {
        /// The plugin.
        subject: &'a Subject,
        /// What came of it.
        report: &'a CheckReport,
    },
}

impl Suite {
    /// All checks of these plugins, over the kinds of a catalog.
    pub fn new(catalog: Catalog, subjects: Vec<Subject>) -> Self {
        Self {
            catalog,
            subjects: subjects.into_iter().map(Arc::new).collect(),
            cases: Vec::new(),
            options: Options::default(),
            launcher: None,
            command: std::env::args().collect::<Vec<_>>().join(" "),
            reproduce: Arc::new(|_, _, _| String::new()),
            digests: false,
        }
    }

    /// Cases too, of the kinds that they are about.
    #[must_use]
    pub fn cases(mut self, cases: Vec<Case>) -> Self {
        self.cases.extend(cases.into_iter().map(Arc::new));
        self
    }

    /// Which checks, and how.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// How this program is started once more. Without it nothing is run: a check may end the process
    /// that it runs in.
    #[must_use]
    pub fn launcher(mut self, launcher: Launcher) -> Self {
        self.launcher = Some(launcher);
        self
    }

    /// What to tell people who want to run one check again: by plugin, id and seed.
    #[must_use]
    pub fn reproduced_by(
        mut self,
        reproduce: impl Fn(&Subject, &str, u64) -> String + Send + Sync + 'static,
    ) -> Self {
        self.reproduce = Arc::new(reproduce);
        self
    }

    /// Says of plugins that are linked in which program that is, by its digest: takes a moment.
    #[must_use]
    pub fn program_digest(mut self) -> Self {
        self.digests = true;
        self
    }

    /// The command that this run was asked for with, as reports show it.
    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = command.into();
        self
    }

    /// If this process was started by a [`Launcher`], does what it was started for and ends. A program
    /// calls it once its plugins are known; [`run`](Self::run) does so by itself.
    pub fn perform_asked(&self) {
        let Some(job) = Job::asked() else { return };
        let known = Known {
            catalog: &self.catalog,
            subjects: &self.subjects,
            trials: &|subject| self.trials(subject),
            launcher: self.launcher.as_ref(),
        };
        // If it cannot be said, the parent finds this process dead, and says so.
        let _ = perform::perform(&job, &known);
        perform::end()
    }

    /// Runs the checks and reports. Ends in bounded time, whatever a plugin does.
    ///
    /// Each check runs in a process of its own, which is ended with all that it started when its time
    /// is over. `stop` ends the run early: the report then has what there is.
    pub fn run(&self, stop: &CancellationToken, watch: &(dyn Fn(Event<'_>) + Sync)) -> Report {
        self.perform_asked();
        let (started, begun) = (jiff::Timestamp::now(), Instant::now());
        // Ends what still runs when one check is enough.
        let stop = stop.child();
        let described: Vec<Described> =
            self.subjects.iter().map(|subject| self.describe(subject, &stop)).collect();
        let items = self.plan();
        watch(Event::Planned(items.len()));
        let reports = self.run_items(&items, &stop, watch);
        let interrupted = reports.iter().any(Option::is_none);
        let mut found: BTreeMap<usize, Vec<CheckReport>> = BTreeMap::new();
        for (planned, report) in items.iter().zip(reports) {
            if let Some(report) = report {
                found.entry(planned.subject).or_default().push(report);
            }
        }
        let program = self.digests.then(program_digest).flatten();
        let subjects = self.subjects.iter().zip(described).enumerate();
        let subjects = subjects.map(|(index, (subject, mut described))| {
            described.sha256 = described.sha256.or_else(|| program.clone());
            judge::subject(subject, described, found.remove(&index).unwrap_or_default())
        });
        judge::report(judge::Ran {
            subjects: subjects.collect(),
            options: &self.options,
            command: &self.command,
            started,
            duration: begun.elapsed(),
            interrupted,
        })
    }

    /// What each of its plugins is, asked of a child.
    fn describe(&self, subject: &Subject, stop: &CancellationToken) -> Described {
        let Some(launcher) = &self.launcher else { return Described::default() };
        let order = self.order(subject, Task::Describe, self.options.seed);
        let ended = launcher.start(&order, stop);
        let Ok(Ended { done: Some(Done::Described { hooks, facts }), .. }) = ended else {
            return Described::default();
        };
        let text = |name: &str| facts.get(name).and_then(|fact| fact.as_str()).map(str::to_owned);
        let sha256 = text("sha256");
        subject.has_hooks(hooks.iter().map(|hook| HookName::from(hook.as_str())).collect());
        Described { hooks, sha256 }
    }

    fn run_items(
        &self,
        items: &[Planned],
        stop: &CancellationToken,
        watch: &(dyn Fn(Event<'_>) + Sync),
    ) -> Vec<Option<CheckReport>> {
        let next = Mutex::new(0..items.len());
        let reports: Mutex<Vec<Option<CheckReport>>> = Mutex::new(vec![None; items.len()]);
        let work = || loop {
            let index = next.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(index) = index.filter(|_| !stop.is_cancelled()) else { return };
            let planned = &items[index];
            let subject = &self.subjects[planned.subject];
            watch(Event::Begun { subject, id: &planned.item.id() });
            // What was stopped in the middle of it is not known.
            let Some(report) = self.run_item(subject, &planned.item, stop) else { return };
            watch(Event::Ended { subject, report: &report });
            if self.options.fail_fast && report.is_broken() {
                stop.cancel();
            }
            reports.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(report);
        };
        std::thread::scope(|scope| {
            for _ in 0..self.options.jobs.clamp(1, 64) {
                scope.spawn(work);
            }
        });
        reports.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// One check, as often as is asked for; the worst of it counts.
    fn run_item(
        &self,
        subject: &Subject,
        item: &Item,
        stop: &CancellationToken,
    ) -> Option<CheckReport> {
        let mut worst: Option<CheckReport> = None;
        for time in 0..self.options.repeat.max(1) {
            let seed = self.options.seed.wrapping_add(u64::from(time));
            let begun = Instant::now();
            let ended = match (&self.launcher, item.lacks()) {
                (_, Some(why)) => Err(judge::Cannot::Unverified(why)),
                (None, None) => Err(judge::Cannot::Harness(
                    "the suite cannot start this program once more, and so runs nothing".into(),
                )),
                (Some(launcher), None) => {
                    let order = self.order(subject, item.task(), seed);
                    launcher.start(&order, stop).map_err(judge::Cannot::Harness)
                }
            };
            if ended.as_ref().is_ok_and(|ended| ended.stopped) {
                return worst;
            }
            let reproduce = (self.reproduce)(subject, &item.id(), seed);
            let mut secrets = security::secrets(subject);
            secrets.push(security::secret(seed));
            let report = judge::check(item, ended, begun.elapsed(), reproduce, &secrets);
            if worst.as_ref().is_none_or(|worst| report.verdict > worst.verdict) {
                worst = Some(report);
            }
        }
        worst
    }

    fn order(&self, subject: &Subject, task: Task, seed: u64) -> Order {
        let is = |id: &str| matches!(&task, Task::Check(own) if own == id);
        let memory = if is(security::MEMORY) { LITTLE_MEMORY } else { MEMORY };
        let secret = is(security::SECRETS).then(|| security::secret(seed));
        Order {
            subject: subject.key(),
            task,
            seed,
            scale: self.options.timeout_scale,
            ambient: Ambient::default(),
            allowed: ALLOWED.mul_f64(self.options.timeout_scale),
            memory,
            secret,
            folder: None,
        }
    }
}

/// Whether this process was started by a suite's [`Launcher`]: what it writes is for the suite.
pub fn is_child() -> bool {
    std::env::var_os(job::JOB).is_some()
}

/// The plugin that this process was started for, as `name@runtime`: a program that makes many need
/// make no other. `None` in a process that no suite started.
pub fn asked_subject() -> Option<String> {
    job::Job::asked().map(|job| job.subject)
}

/// The digest of the program that this is.
fn program_digest() -> Option<String> {
    let program = std::fs::read(std::env::current_exe().ok()?).ok()?;
    let digest = Sha256::digest(program);
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a plugin is, as a child saw it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    pub(crate) hooks: Vec<String>,
    pub(crate) sha256: Option<String>,
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("subjects", &self.subjects)
            .field("cases", &self.cases.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
