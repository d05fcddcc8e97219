//! The contract suite over every plugin of this repository: the examples keep every check in every
//! runtime, and each plugin of the zoo breaks the check that it was made for.
//!
//! `cargo test -p contract-tests --test contract -- zoo/` chooses as ever.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "what a test cannot do without, it ends without")]
#![allow(clippy::print_stderr, reason = "a test program without a harness tells what is wrong")]

#[path = "../cases/linked.rs"]
mod linked;

mod examples;
mod library;
mod matrix;
mod world;
mod zoo;

use std::process::ExitCode;

use libtest_mimic::Arguments;

use self::library::Libraries;

fn main() -> ExitCode {
    // The panics of plugins that misbehave are data, and no noise.
    hookspec::install_panic_hook();
    if hookspec_contract::is_child() {
        let libraries = Libraries::given();
        world::suite(world::asked(&libraries), &libraries).perform_asked();
        return ExitCode::FAILURE;
    }
    let arguments = Arguments::from_args();
    let libraries = if arguments.list { Libraries::none() } else { Libraries::built() };
    let mut trials = examples::trials(&libraries);
    trials.extend(zoo::trials(&libraries));
    let all = trials.len() as u64;
    let ran = libtest_mimic::run(&arguments, trials);
    if ran.num_passed + ran.num_failed == all
        && let Err(why) = matrix::compare()
    {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    ran.exit_code()
}
