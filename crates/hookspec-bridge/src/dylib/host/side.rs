//! [`Side`]: what one instance of a plugin reaches of this host, and the functions it does so by.
//!
//! They are called by foreign code, from any thread, with anything: no panic leaves them, and what
//! cannot be read is refused.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use hookspec_plugin::PluginName;
use hookspec_plugin::guard::catch;
use tracing::Span;

use super::calls::{Calls, Completion};
use super::events;
use super::lent::Lent;
use super::requests::Requests;
use super::slots;
use super::spans::{self, Spans};
use crate::dylib::abi::{Bytes, HOOKSPEC_ABI_VERSION, HOOKSPEC_INVALID, HOOKSPEC_OK, Host};

/// The host's side of one instance.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) plugin: PluginName,
    pub(super) calls: Calls,
    pub(super) requests: Requests,
    pub(super) lent: Lent,
    /// Whether the library can be told what a resource answered.
    pub(super) hears: bool,
    spans: Spans,
}

/// An answer beyond this is not even copied. What a plugin may answer is bounded by the host.
const LARGEST_ANSWER: usize = 1 << 30;

/// What one log record may have of text.
const LONGEST_RECORD: usize = 64 << 10;

impl Side {
    /// A side for a new instance. It stays while the process lives: a thread of the plugin may
    /// outlive everything else of it.
    pub(super) fn new(plugin: PluginName, hears: bool) -> Arc<Self> {
        static ALL: Mutex<Vec<Arc<Side>>> = Mutex::new(Vec::new());
        let side = Arc::new(Self {
            plugin,
            calls: Calls::default(),
            requests: Requests::default(),
            lent: Lent::default(),
            hears,
            spans: Spans::default(),
        });
        ALL.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&side));
        side
    }

    /// What the plugin gives to every function below.
    pub(super) fn context(&self) -> *mut c_void {
        ptr::from_ref(self).cast_mut().cast()
    }

    /// # Safety
    /// What `context` made, or null.
    pub(super) unsafe fn of<'a>(context: *mut c_void) -> Option<&'a Self> {
        // SAFETY: a side is never freed: see `new`.
        unsafe { context.cast_const().cast::<Self>().as_ref() }
    }

    fn log(&self, span: Option<&Span>, level: i32, texts: [Bytes; 3]) -> i32 {
        let texts = texts.map(readable);
        let [Some(target), Some(message), Some(fields)] = texts else { return HOOKSPEC_INVALID };
        let written = spans::log(span, level, self.plugin.as_str(), &target, &message, &fields);
        if written { HOOKSPEC_OK } else { HOOKSPEC_INVALID }
    }
}

/// The functions of this host.
pub(super) static HOST: Host = Host {
    size: size_of::<Host>() as u32,
    abi_version: HOOKSPEC_ABI_VERSION,
    done,
    log,
    config,
    is_cancelled,
    span_open,
    span_log,
    span_close,
    metric: slots::metric,
    resource: slots::resource,
    progress: slots::progress,
    emit: events::emit,
    count: slots::count,
    observe: slots::observe,
    progress_end: slots::progress_end,
    ask: slots::ask,
    lends: slots::lends,
    check_access: slots::check_access,
    emit_in: events::emit_in,
};

unsafe extern "C" fn done(context: *mut c_void, id: u64, status: i32, answer: Bytes) {
    // SAFETY: the plugin gives what it was given.
    let Some(side) = (unsafe { Side::of(context) }) else { return };
    let _ = catch(|| {
        // Looked up first: what nobody waits for is not worth a copy.
        let answer = if side.calls.waits(id) && answer.len <= LARGEST_ANSWER {
            // SAFETY: lent until this function returns.
            unsafe { answer.read() }.map(<[u8]>::to_vec)
        } else {
            None
        };
        if !side.calls.complete(id, Completion { status, answer }) {
            tracing::debug!(
                plugin = %side.plugin,
                id,
                "the plugin completed a call that nobody waits for: a second time, or after it was \
                 cancelled"
            );
        }
    });
}

unsafe extern "C" fn log(
    context: *mut c_void,
    id: u64,
    level: i32,
    target: Bytes,
    message: Bytes,
    fields: Bytes,
) -> i32 {
    // SAFETY: the plugin gives what it was given.
    let Some(side) = (unsafe { Side::of(context) }) else { return HOOKSPEC_INVALID };
    let written = catch(|| {
        let span = side.calls.span(id);
        side.log(span.as_ref(), level, [target, message, fields])
    });
    written.unwrap_or(HOOKSPEC_INVALID)
}

unsafe extern "C" fn config(context: *mut c_void) -> Bytes {
    // SAFETY: the plugin gives what it was given.
    let side = unsafe { Side::of(context) };
    let config = side.and_then(|side| side.lent.config());
    config.map_or(Bytes::of(b"null"), |(data, len)| Bytes { data, len })
}

unsafe extern "C" fn is_cancelled(context: *mut c_void, id: u64) -> i32 {
    // SAFETY: the plugin gives what it was given.
    let side = unsafe { Side::of(context) };
    i32::from(!side.is_some_and(|side| side.calls.waits(id)))
}

unsafe extern "C" fn span_open(
    context: *mut c_void,
    id: u64,
    parent: u64,
    level: i32,
    name: Bytes,
    fields: Bytes,
) -> u64 {
    // SAFETY: the plugin gives what it was given.
    let Some(side) = (unsafe { Side::of(context) }) else { return 0 };
    let opened = catch(|| {
        let (Some(name), Some(fields)) = (readable(name), readable(fields)) else { return 0 };
        let parent = side.spans.get(parent).or_else(|| side.calls.span(id));
        side.spans.open(parent.as_ref(), level, side.plugin.as_str(), &name, &fields)
    });
    opened.unwrap_or(0)
}

unsafe extern "C" fn span_log(
    context: *mut c_void,
    span: u64,
    level: i32,
    target: Bytes,
    message: Bytes,
    fields: Bytes,
) -> i32 {
    // SAFETY: the plugin gives what it was given.
    let Some(side) = (unsafe { Side::of(context) }) else { return HOOKSPEC_INVALID };
    let written = catch(|| {
        let span = side.spans.get(span);
        side.log(span.as_ref(), level, [target, message, fields])
    });
    written.unwrap_or(HOOKSPEC_INVALID)
}

unsafe extern "C" fn span_close(context: *mut c_void, span: u64) -> i32 {
    // SAFETY: the plugin gives what it was given.
    let Some(side) = (unsafe { Side::of(context) }) else { return HOOKSPEC_INVALID };
    match catch(|| side.spans.close(span)) {
        Ok(true) => HOOKSPEC_OK,
        Ok(false) | Err(_) => HOOKSPEC_INVALID,
    }
}

/// Text of a plugin, for a log: what is no UTF-8 in it is replaced, what is too long is cut.
fn readable(text: Bytes) -> Option<String> {
    // SAFETY: lent until the function that got it returns.
    let bytes = unsafe { text.read() }?;
    Some(String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_RECORD)]).into_owned())
}
