//! What flawed calls do to the process that they run in.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, mem, process, thread};

use crate::flaw::Flaw;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
/// Longer than any hook is given to end.
pub(crate) const LONG: Duration = Duration::from_secs(3);

/// What any call does, whichever hook it is of.
pub(crate) fn of_call(flaw: Option<Flaw>, count: u64) {
    static KEPT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

    match flaw {
        Some(Flaw::ChangesFolder) => drop(env::set_current_dir("/")),
        Some(Flaw::KeepsMemory) => {
            KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(vec![1; 4 * KIB]);
        }
        Some(Flaw::KeepsFiles) if count.is_multiple_of(100) => {
            // Where no more can be opened, enough were.
            let _ = File::open("/dev/null").map(mem::forget);
        }
        _ => {}
    }
}

/// Ends the process, as if all had gone well.
pub(crate) fn end() -> ! {
    process::exit(0)
}

/// Writes 64 MiB to the standard output. One that is closed takes none.
pub(crate) fn flood() {
    let line = [b"all work and no play\n".as_slice(); 50].concat();
    let mut out = io::stdout().lock();
    for _ in 0..64 * MIB / line.len() + 1 {
        if out.write_all(&line).is_err() {
            return;
        }
    }
}

/// Takes two GiB and writes to all of it, so that a bound of less is met, and a machine without one
/// survives.
pub(crate) fn hoard() {
    let taken: Vec<Vec<u8>> = (0..2 * KIB).map(|_| vec![1; MIB]).collect();
    black_box(taken);
}

/// Keeps a processor busy, and leaves one for whoever wants to see that.
pub(crate) fn work_on() {
    static BUSY: AtomicBool = AtomicBool::new(false);

    if BUSY.swap(true, Ordering::AcqRel) {
        return;
    }
    let until = Instant::now() + LONG;
    // Where there is no thread left, nothing works on.
    let _ = thread::Builder::new().name("zoo-works-on".into()).spawn(move || {
        let mut count = 0_u64;
        while Instant::now() < until {
            count = black_box(count.wrapping_add(1));
        }
        BUSY.store(false, Ordering::Release);
    });
}
