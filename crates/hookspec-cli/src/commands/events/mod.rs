//! `events`: which types there are, who would receive one, and which are published.

mod explain;
mod list;
mod people;
mod tail;
#[cfg(test)]
mod tests;

use std::num::NonZeroU64;

use hookspec_host::Registry;

pub(crate) use self::tail::tail;
use crate::app::Status;
use crate::output::Output;

/// List the types of events, say who would receive one, show those that are published
#[derive(Clone, Debug, clap::Subcommand)]
pub(crate) enum Events {
    /// List the declared types, who emits and who receives them
    List,
    /// Say who would receive an event of a type and why others would not
    Explain(Explain),
    /// Start the plugins and show each event as it is published, until Ctrl-C
    Tail(Tail),
}

/// Which event is looked at.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Explain {
    /// The type, such as workflow.completed
    #[arg(value_name = "TYPE")]
    pub(super) event_type: String,
    /// Look at an event with this data: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON")]
    pub(super) data: Option<String>,
    /// Look at an event of this source
    #[arg(long, value_name = "NAME")]
    pub(super) source: Option<String>,
}

/// Which events are shown.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Tail {
    /// Types, `*` for one segment and `**` for the rest
    #[arg(value_name = "PATTERN", default_value = "**")]
    pub(super) patterns: Vec<String>,
    /// End after so many events
    #[arg(long, value_name = "N")]
    pub(super) count: Option<NonZeroU64>,
}

/// Those commands that look at a registry that was started.
pub(crate) fn events(registry: &Registry, command: &Events, output: &mut Output) -> Status {
    match command {
        Events::Explain(args) => explain::explain(registry, args, output),
        // `tail` is there before the registry starts.
        Events::List | Events::Tail(_) => list::list(registry, output),
    }
}
