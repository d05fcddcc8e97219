//! [`Launcher`]: how this program is started once more, for one job.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hookspec_plugin::CancellationToken;

use super::child::{self, Ended, Order};
use super::job::{Done, Task};
use crate::checks::determinism::Answer;
use crate::scene::Scene;

/// How this program is started once more, so that what a plugin does to its process is done to that one.
///
/// The program must come to [`Suite::run`](crate::Suite::run) or
/// [`Suite::perform_asked`](crate::Suite::perform_asked) with the same plugins when it is started so.
#[derive(Clone, Debug)]
pub struct Launcher {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Where it is started: what its arguments name may be relative to that.
    home: PathBuf,
}

/// What a child finds around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ambient {
    /// Variables, and those that are not there.
    pub(crate) variables: BTreeMap<String, Option<String>>,
    /// The folder that it stands in, instead of one of its own.
    pub(crate) folder: Option<PathBuf>,
}

impl Launcher {
    /// A program and its arguments.
    pub fn new(program: impl Into<PathBuf>, arguments: Vec<OsString>) -> Self {
        // A child moves to another folder once it has read its arguments.
        let home = std::env::current_dir().unwrap_or_default();
        Self { program: program.into(), arguments, home }
    }

    /// This program, with the arguments that it was started with.
    ///
    /// # Errors
    /// The system does not say which program this is.
    pub fn this_program() -> std::io::Result<Self> {
        Ok(Self::new(std::env::current_exe()?, std::env::args_os().skip(1).collect()))
    }

    /// This program, which is a test program, for one of its tests.
    ///
    /// # Errors
    /// The system does not say which program this is.
    pub fn test(name: &str) -> std::io::Result<Self> {
        let arguments = [name, "--exact", "--nocapture", "--test-threads=1", "--include-ignored"];
        Ok(Self::new(std::env::current_exe()?, arguments.map(Into::into).into()))
    }

    /// The command that starts it.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        if !self.home.as_os_str().is_empty() {
            command.current_dir(&self.home);
        }
        command
    }

    /// Starts it for a job, and waits until it ends.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(&self, order: &Order, stop: &CancellationToken) -> Result<Ended, String> {
        child::run(self, order, stop)
    }

    /// What another process answers to the usual questions.
    ///
    /// # Errors
    /// It cannot be started, or ended without an answer.
    pub(crate) fn answers(&self, scene: &Scene, ambient: Ambient) -> Result<Vec<Answer>, String> {
        let order = Order {
            subject: scene.subject.key(),
            task: Task::Answers,
            seed: scene.seed,
            scale: scene.scale,
            ambient,
            allowed: Duration::from_secs(30).mul_f64(scene.scale),
            memory: super::MEMORY,
            secret: None,
            // The folder that its configuration names is the same one, or its answers would differ.
            folder: Some(scene.folder.clone()),
        };
        scene.about_to("ask the same of another process");
        let ended = self.start(&order, &CancellationToken::new())?;
        match ended.done {
            Some(Done::Answered(answers)) => Ok(answers),
            Some(Done::Not(why)) => Err(format!("it does not start in another process: {why}")),
            _ => Err(format!("another process ended: {}", ended.how)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_started_where_its_parent_was() {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let folder = folder.path().canonicalize().expect("it is there");
        let launcher = Launcher { home: folder.clone(), ..Launcher::new("pwd", Vec::new()) };
        let order = Order {
            subject: String::new(),
            task: Task::Describe,
            seed: 1,
            scale: 1.0,
            ambient: Ambient::default(),
            allowed: Duration::from_secs(30),
            memory: 1 << 30,
            secret: None,
            folder: None,
        };
        let ended = launcher.start(&order, &CancellationToken::new()).expect("it starts");
        let expected = vec![folder.display().to_string()];
        assert_eq!((ended.how.as_str(), ended.tail), ("exit code 0", expected));
    }
}
