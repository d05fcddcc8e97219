//! What setup does: it looks at the configuration; and what the flawed leave behind.

use std::fs::{self, File};
use std::mem;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use hookspec_plugin::Fault;
use serde_json::Value;

use crate::flaw::Flaw;
use crate::state::next;

const MIB: usize = 1 << 20;

static SHARED: AtomicBool = AtomicBool::new(false);

pub(crate) fn is_shared_state_there() -> bool {
    SHARED.load(Ordering::Acquire)
}

pub(crate) fn clear_shared_state() {
    SHARED.store(false, Ordering::Release);
}

/// Looks at the configuration: none at all, or an object whose `volume` is a number and whose
/// `token` is a text. What it holds is told to nobody.
///
/// # Errors
/// `bad_config`: it has another shape.
pub(crate) fn check(flaw: Option<Flaw>, config: &Value) -> Result<(), Fault> {
    let known = |key: &str, is: fn(&Value) -> bool| config.get(key).is_none_or(is);
    let fits = config.is_null()
        || config.is_object()
            && known("volume", Value::is_number)
            && known("token", Value::is_string);
    if fits {
        return Ok(());
    }
    assert!(flaw != Some(Flaw::PanicsOnConfig), "a configuration of this shape was not thought of");
    Err(Fault::new("bad_config", "the configuration is an object with a number and a text"))
}

/// What a flawed setup leaves behind.
///
/// # Errors
/// `setup_fails`, where that is the flaw; what could not be left.
pub(crate) fn leave(flaw: Option<Flaw>) -> Result<(), Fault> {
    match flaw {
        Some(Flaw::SetupFails) => return Err(Fault::new("setup_fails", "it cannot be set up")),
        Some(Flaw::SharesState) => SHARED.store(true, Ordering::Release),
        Some(Flaw::LeavesATask) => task(),
        Some(Flaw::LeavesAThread) => {
            thread::Builder::new().name("zoo-left".into()).spawn(|| {
                loop {
                    thread::park();
                }
            })?;
        }
        Some(Flaw::LeavesAnOpenFile) => mem::forget(File::open("/dev/null")?),
        Some(Flaw::LeavesATemporaryFile) => {
            static FILES: AtomicU64 = AtomicU64::new(0);
            let name = format!("zoo-left-{}-{}", process::id(), next(&FILES));
            fs::write(std::env::temp_dir().join(name), "left")?;
        }
        // Written to, so that it is there and not only promised.
        Some(Flaw::LeavesMemory) => mem::forget(vec![1_u8; MIB]),
        // It holds no pipe of its parent: that would be another flaw.
        Some(Flaw::LeavesAProcess) => {
            let (input, output, errors) = (Stdio::null(), Stdio::null(), Stdio::null());
            let mut command = Command::new("sleep");
            mem::forget(command.arg("30").stdin(input).stdout(output).stderr(errors).spawn()?);
        }
        Some(Flaw::LeavesAFile) => fs::write("left.txt", "left")?,
        _ => {}
    }
    Ok(())
}

#[cfg(feature = "tasks")]
fn task() {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        drop(runtime.spawn(std::future::pending::<()>()));
    }
}

#[cfg(not(feature = "tasks"))]
fn task() {}
