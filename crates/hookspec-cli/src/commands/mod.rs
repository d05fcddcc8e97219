//! One file per command: each looks at something, writes to the output, and says how it is.

mod check;
mod declares;
mod demo;
mod explain;
mod list;

pub(crate) use check::check;
pub(crate) use demo::demo;
pub(crate) use explain::explain;
pub(crate) use list::list;
