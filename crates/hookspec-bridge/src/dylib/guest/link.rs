//! [`Link`]: what one instance may ask of its host.

use std::ffi::c_void;
use std::mem::offset_of;

use hookspec_plugin::{Fault, Level};
use serde_json::{Map, Value, json};

use super::panic::Panicked;
use crate::dylib::abi::{
    Bytes, HOOKSPEC_FAULT, HOOKSPEC_LOG_DEBUG, HOOKSPEC_LOG_ERROR, HOOKSPEC_LOG_INFO,
    HOOKSPEC_LOG_WARN, HOOKSPEC_PANIC, Host,
};

/// The functions of a host, bound to one instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    host: *const Host,
    context: *mut c_void,
}

// SAFETY: the interface promises that both may be used from any thread while the process lives.
unsafe impl Send for Link {}
// SAFETY: as above.
unsafe impl Sync for Link {}

impl Link {
    /// # Safety
    /// `host` and `context` are what a host gave to `create`.
    pub(super) unsafe fn new(host: *const Host, context: *mut c_void) -> Self {
        Self { host, context }
    }

    fn host(&self) -> &Host {
        // SAFETY: `new` was promised so; a host stays while the process lives.
        unsafe { &*self.host }
    }

    /// Completes what has this id.
    pub(super) fn done(&self, id: u64, status: i32, answer: &[u8]) {
        // SAFETY: the host copies the answer before it returns.
        unsafe { (self.host().done)(self.context, id, status, Bytes::of(answer)) }
    }

    pub(super) fn fault(&self, id: u64, fault: &Fault) {
        let text = serde_json::to_vec(fault).unwrap_or_default();
        self.done(id, HOOKSPEC_FAULT, &text);
    }

    pub(super) fn panicked(&self, id: u64, panicked: &Panicked) {
        let mut told = json!({ "message": panicked.message });
        if let Some((file, line, column)) = &panicked.location {
            told["file"] = json!(file);
            told["line"] = json!(line);
            told["column"] = json!(column);
        }
        self.done(id, HOOKSPEC_PANIC, told.to_string().as_bytes());
    }

    pub(super) fn config(&self) -> Value {
        // SAFETY: the bytes stay while the process lives.
        let text = unsafe { (self.host().config)(self.context).read() };
        text.and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default()
    }

    pub(super) fn log(&self, id: u64, level: Level, message: &str, fields: &Map<String, Value>) {
        self.record(Place::Call(id), level, "", message, fields);
    }

    /// Writes a record to the host's log.
    pub(super) fn record(
        &self,
        place: Place,
        level: Level,
        target: &str,
        message: &str,
        fields: &Map<String, Value>,
    ) {
        let text = text(fields);
        let (level, target) = (number(level), Bytes::of(target.as_bytes()));
        let (message, fields) = (Bytes::of(message.as_bytes()), Bytes::of(text.as_bytes()));
        let (host, context) = (self.host(), self.context);
        // SAFETY: everything is lent for the time of the call, as the interface says.
        unsafe {
            match place {
                Place::Span(span) if self.has_spans() => {
                    (host.span_log)(context, span, level, target, message, fields);
                }
                Place::Call(id) => {
                    (host.log)(context, id, level, target, message, fields);
                }
                Place::Span(_) => {
                    (host.log)(context, 0, level, target, message, fields);
                }
            }
        }
    }

    /// Opens a span of the host; 0 where it does not.
    pub(super) fn open(
        &self,
        id: u64,
        parent: u64,
        level: Level,
        name: &str,
        fields: &Map<String, Value>,
    ) -> u64 {
        if !self.has_spans() {
            return 0;
        }
        let text = text(fields);
        let (name, fields) = (Bytes::of(name.as_bytes()), Bytes::of(text.as_bytes()));
        // SAFETY: everything is lent for the time of the call, as the interface says.
        unsafe { (self.host().span_open)(self.context, id, parent, number(level), name, fields) }
    }

    pub(super) fn close(&self, span: u64) {
        if span != 0 && self.has_spans() {
            // SAFETY: a number is given.
            unsafe {
                (self.host().span_close)(self.context, span);
            }
        }
    }

    /// Whether the host is new enough to have spans.
    fn has_spans(&self) -> bool {
        self.host().size as usize > offset_of!(Host, span_close)
    }
}

/// What a record belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Call(u64),
    Span(u64),
}

fn text(fields: &Map<String, Value>) -> String {
    if fields.is_empty() {
        return String::new();
    }
    serde_json::to_string(fields).unwrap_or_default()
}

fn number(level: Level) -> i32 {
    match level {
        Level::Error => HOOKSPEC_LOG_ERROR,
        Level::Warn => HOOKSPEC_LOG_WARN,
        Level::Info => HOOKSPEC_LOG_INFO,
        Level::Debug => HOOKSPEC_LOG_DEBUG,
    }
}
