//! What an instance may do with what it was lent: measure, tell of progress, ask resources. Events
//! have a file of their own.
//!
//! As the functions beside [`Side`]: called by foreign code, from any thread, with anything.
//! Everything is done before they return, so that a plugin that does too much of it holds itself up
//! and nothing piles up here.

use std::collections::BTreeMap;
use std::ffi::c_void;

use hookspec_plugin::{Context, Metrics, Progress};

use super::events;
use super::remote;
use super::requests::Request;
use super::side::Side;
use crate::dylib::abi::{
    Bytes, HOOKSPEC_DENIED, HOOKSPEC_FAULT, HOOKSPEC_GONE, HOOKSPEC_INVALID, HOOKSPEC_OK,
    HOOKSPEC_TOO_MUCH, HOOKSPEC_UNSUPPORTED, HOOKSPEC_VALUE,
};

/// What a name may have of bytes.
const LONGEST_NAME: usize = 256;
/// What the labels of one measurement may have of bytes, and how many there may be.
const LONGEST_LABELS: usize = 4096;
const MOST_LABELS: usize = 32;
/// What is told of progress may have so many bytes.
const LONGEST_TEXT: usize = 4096;
/// A request may be as large as the input of a call.
pub(super) const LARGEST_REQUEST: usize = 16 << 20;

pub(super) unsafe extern "C" fn metric(
    context: *mut c_void,
    name: Bytes,
    value: f64,
    labels: Bytes,
) -> i32 {
    let gauge = |metrics: &dyn Metrics, name: &str, labels: &[(&str, &str)]| {
        finite(value).map(|value| metrics.gauge(name, labels, value))
    };
    // SAFETY: the plugin gives what it was given.
    unsafe { measured(context, name, labels, gauge) }
}

pub(super) unsafe extern "C" fn observe(
    context: *mut c_void,
    name: Bytes,
    value: f64,
    labels: Bytes,
) -> i32 {
    let observe = |metrics: &dyn Metrics, name: &str, labels: &[(&str, &str)]| {
        finite(value).map(|value| metrics.observe(name, labels, value))
    };
    // SAFETY: the plugin gives what it was given.
    unsafe { measured(context, name, labels, observe) }
}

pub(super) unsafe extern "C" fn count(
    context: *mut c_void,
    name: Bytes,
    by: u64,
    labels: Bytes,
) -> i32 {
    let count = |metrics: &dyn Metrics, name: &str, labels: &[(&str, &str)]| {
        metrics.count(name, labels, by);
        Ok(())
    };
    // SAFETY: the plugin gives what it was given.
    unsafe { measured(context, name, labels, count) }
}

/// # Safety
/// As for [`lent`].
unsafe fn measured(
    context: *mut c_void,
    name: Bytes,
    labels: Bytes,
    record: impl FnOnce(&dyn Metrics, &str, &[(&str, &str)]) -> Result<(), i32>,
) -> i32 {
    let work = |_: &Side, context: &Context| {
        let (name, labels) = (text(name, LONGEST_NAME)?, text(labels, LONGEST_LABELS)?);
        let labels: BTreeMap<String, String> = if labels.is_empty() {
            BTreeMap::new()
        } else {
            serde_json::from_str(labels).map_err(|_| HOOKSPEC_INVALID)?
        };
        if labels.len() > MOST_LABELS {
            return Err(HOOKSPEC_TOO_MUCH);
        }
        if !labels.keys().map(String::as_str).chain([name]).all(is_name) {
            return Err(HOOKSPEC_INVALID);
        }
        let labels: Vec<(&str, &str)> =
            labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        record(context.metrics(), name, &labels)
    };
    // SAFETY: the caller's promise.
    unsafe { lent(context, work) }
}

pub(super) unsafe extern "C" fn progress(
    context: *mut c_void,
    id: u64,
    so_far: f64,
    of: f64,
    said: Bytes,
) -> i32 {
    let work = |side: &Side, context: &Context| {
        alive(side, id)?;
        let said = text(said, LONGEST_TEXT)?;
        let (so_far, of) = (finite(so_far)?, finite(of)?);
        if so_far < 0.0 {
            return Err(HOOKSPEC_INVALID);
        }
        // Such a conversion ends at the bounds of the type, and cuts fractions off.
        let progress = Progress::new(so_far as u64).saying(said);
        let progress = if of < 0.0 { progress } else { progress.of(of as u64) };
        context.progress().report(&progress);
        Ok(())
    };
    // SAFETY: the plugin gives what it was given.
    unsafe { lent(context, work) }
}

pub(super) unsafe extern "C" fn progress_end(
    context: *mut c_void,
    id: u64,
    status: i32,
    said: Bytes,
) -> i32 {
    let work = |side: &Side, context: &Context| {
        alive(side, id)?;
        let said = text(said, LONGEST_TEXT)?;
        match status {
            HOOKSPEC_VALUE => context.progress().done(),
            HOOKSPEC_FAULT => context.progress().error(said),
            _ => return Err(HOOKSPEC_INVALID),
        }
        Ok(())
    };
    // SAFETY: the plugin gives what it was given.
    unsafe { lent(context, work) }
}

pub(super) unsafe extern "C" fn resource(
    context: *mut c_void,
    id: u64,
    name: Bytes,
    what: Bytes,
) -> i32 {
    // SAFETY: what this one was given.
    unsafe { ask(context, id, id, name, what) }
}

pub(super) unsafe extern "C" fn ask(
    context: *mut c_void,
    id: u64,
    number: u64,
    name: Bytes,
    what: Bytes,
) -> i32 {
    let work = |side: &Side, context: &Context| {
        if !side.hears {
            return Err(HOOKSPEC_UNSUPPORTED);
        }
        // Looked at first: what belongs to nothing is not worth the reading.
        let caller = side.calls.caller(id).ok_or(HOOKSPEC_GONE)?;
        let name = text(name, LONGEST_NAME)?;
        if what.len > LARGEST_REQUEST {
            return Err(HOOKSPEC_TOO_MUCH);
        }
        let permit = side.requests.permit(what.len).ok_or(HOOKSPEC_TOO_MUCH)?;
        // SAFETY: lent until this function returns.
        let what = unsafe { what.read() }.ok_or(HOOKSPEC_INVALID)?;
        let what = serde_json::from_slice(what).map_err(|_| HOOKSPEC_INVALID)?;
        let answer = match name {
            events::NAME => events::answer(context, caller, what),
            _ => {
                let resource = remote::find(context, name);
                Box::pin(async move { resource?.ask(&what).await })
            }
        };
        let request = Request::new(number, answer, permit);
        if side.requests.push(&side.calls, id, request) { Ok(()) } else { Err(HOOKSPEC_GONE) }
    };
    // SAFETY: the plugin gives what it was given.
    unsafe { lent(context, work) }
}

pub(super) unsafe extern "C" fn lends(context: *mut c_void) -> Bytes {
    // SAFETY: the plugin gives what it was given.
    let side = unsafe { Side::of(context) };
    side.map_or(Bytes::of(b"{}"), |side| Bytes::of(side.lent.lends()))
}

pub(super) unsafe extern "C" fn check_access(
    context: *mut c_void,
    resource: Bytes,
    action: Bytes,
) -> i32 {
    let mut may = HOOKSPEC_OK;
    let work = |_: &Side, context: &Context| {
        let (resource, action) = (text(resource, LONGEST_TEXT)?, text(action, LONGEST_TEXT)?);
        if context.tenant().check_access(resource, action).is_err() {
            may = HOOKSPEC_DENIED;
        }
        Ok(())
    };
    // SAFETY: the plugin gives what it was given.
    let asked = unsafe { lent(context, work) };
    if asked == HOOKSPEC_OK { may } else { asked }
}

/// Does something with what the instance behind `context` was lent, and says how it went.
///
/// # Safety
/// `context` is what the host gave to the library, or null.
pub(super) unsafe fn lent(
    context: *mut c_void,
    work: impl FnOnce(&Side, &Context) -> Result<(), i32>,
) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { Side::of(context) } {
        Some(side) => side.lent.with(|context| work(side, context)),
        None => HOOKSPEC_INVALID,
    }
}

/// A text of the plugin, lent until the function that got it returns.
fn text<'a>(bytes: Bytes, most: usize) -> Result<&'a str, i32> {
    if bytes.len > most {
        return Err(HOOKSPEC_TOO_MUCH);
    }
    // SAFETY: valid until the function returns, which uses it until then alone.
    unsafe { bytes.text() }.ok_or(HOOKSPEC_INVALID)
}

fn finite(value: f64) -> Result<f64, i32> {
    if value.is_finite() { Ok(value) } else { Err(HOOKSPEC_INVALID) }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What is said of a call that has ended is too late; 0 is no call.
fn alive(side: &Side, id: u64) -> Result<(), i32> {
    if id == 0 || side.calls.waits(id) { Ok(()) } else { Err(HOOKSPEC_GONE) }
}
