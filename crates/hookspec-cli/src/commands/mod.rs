//! One file per command: each looks at something, writes to the output, and says how it is.

mod around;
mod call;
mod check;
mod circuit;
mod configuration;
mod declares;
mod demo;
mod diff;
mod events;
mod explain;
mod generate;
mod limits;
mod list;
mod named;
mod new;
mod origin;
mod test;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use call::{Call, call_hook};
pub(crate) use check::check;
pub(crate) use configuration::{Config, Plugins, config, plugins, with_file};
pub(crate) use demo::demo;
pub(crate) use diff::{Diff, diff};
pub(crate) use events::{Events, events, tail};
pub(crate) use explain::explain;
pub(crate) use generate::{Generate, generate};
pub(crate) use list::list;
pub(crate) use new::{New, new};
pub(crate) use test::{Test, test};
pub(crate) use watch::watch;
