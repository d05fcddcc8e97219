//! [`App`]: an application's plugins, and the commands over them.

use std::ffi::OsString;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use hookspec_bridge::dylib::Dylib;
use hookspec_host::{Registry, RegistryBuilder};

use crate::args::{Args, Command, Global};
use crate::commands::Events;
use crate::output::Output;
use crate::recorder::Recorder;
use crate::session::{self, Session};
use crate::text::complain;
use crate::{commands, logging};

type Demo =
    dyn for<'a> FnOnce(&'a Registry, &'a mut Output) -> Pin<Box<dyn Future<Output = Verdict> + 'a>>;

/// The commands over an application's plugins, for applications with nothing to add.
///
/// The folders that the builder knows already are used by `list` and `explain`, and `--hookspecs`
/// adds to them; see [`App::hookspecs`] for a default that `--hookspecs` replaces.
pub fn main_with(builder: RegistryBuilder) -> ExitCode {
    App::new(builder).main()
}

/// An application's plugins, and the commands over them.
pub struct App {
    builder: RegistryBuilder,
    name: Option<&'static str>,
    folders: Vec<PathBuf>,
    demo: Option<Box<Demo>>,
}

/// Adds the runtimes that this crate knows to a builder, so that `--plugins` can open what they
/// load. One of the same name that the builder has is replaced: an application with its own leaves
/// this out, or adds its own afterwards.
#[must_use]
pub fn runtimes(builder: RegistryBuilder) -> RegistryBuilder {
    builder.runtime(Dylib::new())
}

/// How a demo went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Verdict {
    /// What went otherwise than expected, one sentence each; with any, the exit code is 1.
    pub unexpected: Vec<String>,
}

/// How a command ended: the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// 0
    Fine,
    /// 1: what was looked at is not as it should be.
    Failed,
    /// 2: it could not be looked at.
    CouldNotRun,
}

impl App {
    /// The plugins are the builder's.
    pub fn new(builder: RegistryBuilder) -> Self {
        Self { builder, name: None, folders: Vec::new(), demo: None }
    }

    /// The name in the help; without it, the name of the program.
    #[must_use]
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// A folder of hookspecs that every command reads, unless `--hookspecs` names others.
    #[must_use]
    pub fn hookspecs(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Offers the command `demo`, which is then also what runs when no command is named. The demo
    /// gets the started registry and shows on the output whatever it likes.
    #[must_use]
    pub fn demo<F>(mut self, demo: F) -> Self
    where
        F: AsyncFnOnce(&Registry, &mut Output) -> Verdict + 'static,
    {
        self.demo = Some(Box::new(|registry, output| {
            Box::pin(async move { demo(registry, output).await })
        }));
        self
    }

    /// Does what the arguments of the process say.
    pub fn main(self) -> ExitCode {
        hookspec_host::install_panic_hook();
        self.run(std::env::args_os()).into()
    }

    fn run(mut self, arguments: impl IntoIterator<Item = OsString>) -> Status {
        let mut command = Args::command();
        if let Some(name) = self.name {
            command = command.name(name).bin_name(name);
        }
        if self.demo.is_some() {
            let about = "Show what the application offers; the default command";
            command = command.subcommand(clap::Command::new("demo").about(about));
        }
        let mut help = command.clone();
        let matches = match command.try_get_matches_from(arguments) {
            Ok(matches) => matches,
            Err(error) => {
                // A closed output is no reason to fail differently.
                let _ = error.print();
                return if error.exit_code() == 0 { Status::Fine } else { Status::CouldNotRun };
            }
        };
        let is_demo = matches!(matches.subcommand_name(), Some("demo"));
        let parsed = match is_demo {
            true => Global::from_arg_matches(&matches).map(|global| Args { global, command: None }),
            false => Args::from_arg_matches(&matches),
        };
        let Args { global, command } = match parsed {
            Ok(args) => args,
            Err(error) => {
                let _ = error.print();
                return Status::CouldNotRun;
            }
        };
        let demo = self.demo.take().filter(|_| command.is_none());
        if command.is_none() && demo.is_none() {
            complain(&help.render_help().to_string());
            return Status::CouldNotRun;
        }
        let recorder = Recorder::default();
        let measured = matches!(&command, Some(Command::Call(call)) if call.is_measured());
        let measured = measured.then(|| recorder.clone());
        let shows_failures = demo.is_some() || matches!(command, Some(Command::Call(_)));
        // A child of the suite logs where the suite wants it.
        if !hookspec_contract::is_child() {
            logging::install(shows_failures, global.color, measured);
        }
        let mut output = Output::stdout(global.format, global.color);
        let status = self.carry_out(global, command, demo, &recorder, &mut output);
        match output.finish() {
            Ok(()) => status,
            Err(error) => {
                complain(&format!("error: the output cannot be written: {error}"));
                Status::CouldNotRun
            }
        }
    }

    fn carry_out(
        self,
        global: Global,
        command: Option<Command>,
        demo: Option<Box<Demo>>,
        recorder: &Recorder,
        output: &mut Output,
    ) -> Status {
        let folders = if global.hookspecs.is_empty() { self.folders } else { global.hookspecs };
        if let Some(Command::Check { path }) = command {
            let paths = match path {
                Some(path) => vec![path],
                None if folders.is_empty() => vec!["hookspecs".into()],
                None => folders,
            };
            return commands::check(&paths, output);
        }
        let file = global.configuration.as_deref();
        let builder = commands::with_file(self.builder, file);
        if let Some(Command::Config(command)) = &command {
            let builder = session::joined(builder, &folders, &global.plugins);
            return commands::config(builder, command, output);
        }
        if let Some(Command::Plugins(command)) = &command {
            let builder = session::joined(builder, &[], &global.plugins);
            return commands::plugins(&builder, command, output);
        }
        if let Some(Command::Generate(args)) = command {
            let folders = if folders.is_empty() { vec!["hookspecs".into()] } else { folders };
            return commands::generate(&folders, &args, output);
        }
        if let Some(Command::Diff(args)) = command {
            return commands::diff(&args, output);
        }
        if let Some(Command::New(args)) = command {
            return commands::new(&folders, &args, output);
        }
        if let Some(Command::Test(args)) = &command {
            return commands::test(&builder, &folders, &global.plugins, args, output);
        }
        if let Some(Command::Watch) = command {
            return commands::watch(builder, &folders, &global.plugins, output);
        }
        if let Some(Command::Events(Events::Tail(args))) = &command {
            return commands::tail(builder, &folders, &global.plugins, args, output);
        }
        let session = match Session::start(builder, &folders, &global.plugins) {
            Ok(session) => session,
            Err(status) => return status,
        };
        let status = match (command, demo) {
            (Some(Command::Explain { hook }), _) => {
                commands::explain(&session.registry, &hook, output)
            }
            (Some(Command::Events(command)), _) => {
                commands::events(&session.registry, &command, output)
            }
            (Some(Command::Call(args)), _) => {
                commands::call_hook(&session, &args, recorder, output)
            }
            (None, Some(demo)) => {
                let verdict = session.block_on(demo(&session.registry, output));
                commands::demo(verdict, output)
            }
            _ => commands::list(&session.registry, output),
        };
        session.stop(status)
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(match status {
            Status::Fine => 0,
            Status::Failed => 1,
            Status::CouldNotRun => 2,
        })
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("builder", &self.builder)
            .field("folders", &self.folders)
            .field("demo", &self.demo.is_some())
            .finish_non_exhaustive()
    }
}
