//! The command line. Absent: `demo`, which is there only where the application offers one.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::commands::{Call, Config, Diff, Events, Generate, New, Plugins, Test};
use crate::output::Format;

/// Check hookspecs, list and call plugins, explain who is called
#[derive(Debug, Parser)]
#[command(
    name = "hookspec",
    version,
    after_help = "Exit codes: 0 fine, 1 a check or a plugin failed, 2 it could not be done."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// A folder of hookspecs; may be repeated
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) hookspecs: Vec<PathBuf>,
    /// A folder of plugins, which join those of the application; may be repeated
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) plugins: Vec<PathBuf>,
    /// What the host configures; without it, hookspec.toml in the working directory, if it is there
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) configuration: Option<PathBuf>,
    /// Text for people, or one JSON object
    #[arg(long, value_enum, default_value = "human", global = true)]
    pub(crate) format: Format,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN", global = true)]
    pub(crate) color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report every mistake of hookspecs, schemas and manifests
    Check {
        /// A folder or a file; without it, the folders of hookspecs
        path: Option<PathBuf>,
    },
    /// List the plugins and the kinds
    List,
    /// Check and show what plugins are configured with
    #[command(subcommand)]
    Config(Config),
    /// Switch plugins on and off in the configuration file
    #[command(subcommand)]
    Plugins(Plugins),
    /// Write kinds as Rust source or as reference pages
    Generate(Generate),
    /// Say what changed in kinds, whom it breaks and which version it demands
    Diff(Diff),
    /// Write a crate with a kind, a plugin or an application
    New(New),
    /// Say who is called for a hook, in which order, and why others are not
    Explain {
        /// KIND.HOOK, or KIND@MAJOR.HOOK
        #[arg(value_name = "KIND.HOOK")]
        hook: String,
    },
    /// List the types of events, say who would receive one, show those that are published
    #[command(subcommand)]
    Events(Events),
    /// Keep running; load, reload and remove plugins as the folders of --plugins change
    Watch,
    /// Check that plugins keep their contract, whatever they are written in
    Test(Box<Test>),
    /// Call the plugins of a hook and show what came of it
    Call(Call),
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Also where nobody sees them
    Always,
    /// Never
    Never,
}

impl Color {
    /// Whether to use them on a stream.
    pub(crate) fn wanted(self, terminal: bool) -> bool {
        self.wanted_in(terminal, |name| std::env::var_os(name))
    }

    fn wanted_in(self, terminal: bool, environment: impl Fn(&str) -> Option<OsString>) -> bool {
        let forbidden = || {
            environment("NO_COLOR").is_some_and(|value| !value.is_empty())
                || environment("TERM").is_some_and(|term| term == "dumb")
        };
        match self {
            Self::Auto => terminal && !forbidden(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_respect_the_terminal_and_the_environment_unless_asked_for() {
        for (color, terminal, set, wanted) in [
            (Color::Auto, true, None, true),
            (Color::Auto, false, None, false),
            (Color::Auto, true, Some(("NO_COLOR", "1")), false),
            (Color::Auto, true, Some(("NO_COLOR", "")), true),
            (Color::Auto, true, Some(("TERM", "dumb")), false),
            (Color::Auto, true, Some(("TERM", "xterm")), true),
            (Color::Always, false, Some(("NO_COLOR", "1")), true),
            (Color::Never, true, None, false),
        ] {
            let lookup = |name: &str| set.filter(|(own, _)| *own == name).map(|(_, v)| v.into());
            assert_eq!(color.wanted_in(terminal, lookup), wanted, "{color:?} {terminal} {set:?}");
        }
    }
}
