//! The binary `hookspec`: the commands over the hookspecs of the working directory.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use hookspec_cli::App;
use hookspec_host::Registry;

fn main() -> ExitCode {
    App::new(Registry::builder()).hookspecs("hookspecs").main()
}
