//! The binary `hookspec`: the commands over the hookspecs of the working directory.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use hookspec_cli::{App, runtimes};
use hookspec_host::Registry;

fn main() -> ExitCode {
    App::new(runtimes(Registry::builder())).hookspecs("hookspecs").main()
}
