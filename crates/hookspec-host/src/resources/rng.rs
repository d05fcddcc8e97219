//! [`SystemRng`]: random numbers that differ from run to run.

use hookspec_plugin::resources::Rng;

/// Random numbers of a small, fast generator, one for each thread, seeded by the system. Not for
/// secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn next_u64(&self) -> u64 {
        fastrand::u64(..)
    }
}
