//! [`Item`]: one check or one case; which of them a run has.

use std::sync::Arc;

use super::Suite;
use super::job::Task;
use crate::cases::{self, Trial};
use crate::check::{Check, checks};
use crate::subject::Subject;
use crate::verdict::{Level, Profile};

/// One check or one case.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Check(&'static Check),
    Case(Trial),
}

/// One thing to do with one plugin, by its place among the subjects.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) subject: usize,
    pub(super) item: Item,
}

impl Item {
    /// `IO-001`, `case:kind/name`.
    pub(super) fn id(&self) -> String {
        match self {
            Self::Check(check) => check.id.to_owned(),
            Self::Case(trial) => format!("case:{}", trial.case_name()),
        }
    }

    pub(super) fn title(&self) -> String {
        match self {
            Self::Check(check) => check.title.to_owned(),
            Self::Case(trial) => trial.case().title(),
        }
    }

    pub(super) fn level(&self) -> Level {
        match self {
            Self::Check(check) => check.level,
            Self::Case(_) => Level::Must,
        }
    }

    pub(super) fn profile(&self) -> Profile {
        match self {
            Self::Check(check) => check.profile,
            Self::Case(_) => Profile::Core,
        }
    }

    pub(super) fn laws(&self) -> Vec<String> {
        match self {
            Self::Check(check) => check.laws.iter().map(|law| (*law).to_owned()).collect(),
            Self::Case(trial) => trial.case().laws().to_vec(),
        }
    }

    pub(super) fn since(&self) -> &'static str {
        match self {
            Self::Check(check) => check.since,
            Self::Case(_) => "0.1",
        }
    }

    pub(super) fn task(&self) -> Task {
        match self {
            Self::Check(check) => Task::Check(check.id.to_owned()),
            Self::Case(trial) => Task::Case(trial.case_name()),
        }
    }

    /// What it needs that is not there.
    pub(super) fn lacks(&self) -> Option<String> {
        let Self::Case(trial) = self else { return None };
        let lacks = trial.lacks();
        (!lacks.is_empty())
            .then(|| format!("it needs beside it, and does not find: {}", lacks.join(", ")))
    }
}

impl Suite {
    /// Everything that is asked for, plugin by plugin.
    pub(super) fn plan(&self) -> Vec<Planned> {
        let mut items = Vec::new();
        for (index, subject) in self.subjects.iter().enumerate() {
            let cases = self.trials(subject).into_iter().map(Item::Case);
            for item in checks().map(Item::Check).chain(cases) {
                if self.options.wants(&item.id(), item.profile()) {
                    items.push(Planned { subject: index, item });
                }
            }
        }
        items
    }

    /// The cases that are about a plugin.
    pub(super) fn trials(&self, subject: &Subject) -> Vec<Trial> {
        let (cases, subjects) = (self.cases.iter().map(Arc::clone), self.subjects.clone());
        let plan = cases::Suite::shared(self.catalog.clone(), cases.collect(), subjects).plan();
        plan.trials.into_iter().filter(|trial| trial.is_about(subject)).collect()
    }
}
