//! [`Link`]: what one instance may ask of its host.

use std::ffi::c_void;
use std::mem::offset_of;

use hookspec_plugin::{Fault, Level, Progress};
use serde_json::{Map, Value, json};

use super::asks;
use super::panic::Panicked;
use crate::dylib::abi::{
    Bytes, HOOKSPEC_FAULT, HOOKSPEC_LOG_DEBUG, HOOKSPEC_LOG_ERROR, HOOKSPEC_LOG_INFO,
    HOOKSPEC_LOG_WARN, HOOKSPEC_OK, HOOKSPEC_PANIC, HOOKSPEC_UNSUPPORTED, HOOKSPEC_VALUE, Host,
};

/// The functions of a host, bound to one instance.
///
/// No reference to the host is made: one that is older than this library is smaller than `Host`, and
/// of what was appended a member is looked at only where [`has`](Link::has) says so.
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

    /// Whether a host of this size has a member that was appended.
    fn has(&self, offset: usize) -> bool {
        // SAFETY: every host has its first member.
        let size = unsafe { (*self.host).size };
        size as usize >= offset + size_of::<usize>()
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.context == other.context
    }

    /// Completes what has this id.
    pub(super) fn done(&self, id: u64, status: i32, answer: &[u8]) {
        // SAFETY: the host copies the answer before it returns.
        unsafe { ((*self.host).done)(self.context, id, status, Bytes::of(answer)) }
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
        let text = unsafe { ((*self.host).config)(self.context).read() };
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
        let (host, context) = (self.host, self.context);
        // SAFETY: everything is lent for the time of the call, as the interface says.
        unsafe {
            match place {
                Place::Span(span) if self.has_spans() => {
                    ((*host).span_log)(context, span, level, target, message, fields);
                }
                Place::Call(id) => {
                    ((*host).log)(context, id, level, target, message, fields);
                }
                Place::Span(_) => {
                    ((*host).log)(context, 0, level, target, message, fields);
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
        unsafe { ((*self.host).span_open)(self.context, id, parent, number(level), name, fields) }
    }

    pub(super) fn close(&self, span: u64) {
        if span != 0 && self.has_spans() {
            // SAFETY: a number is given.
            unsafe {
                ((*self.host).span_close)(self.context, span);
            }
        }
    }

    /// Whether the host is new enough to have spans.
    fn has_spans(&self) -> bool {
        self.has(offset_of!(Host, span_close))
    }

    /// Records a measurement: nothing, where the host is too old.
    pub(super) fn measure(&self, what: Measured, name: &str, labels: &[(&str, &str)]) {
        let labels: Map<String, Value> =
            labels.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let labels = text(&labels);
        let (name, labels) = (Bytes::of(name.as_bytes()), Bytes::of(labels.as_bytes()));
        let context = self.context;
        // SAFETY: everything is lent for the time of the call, as the interface says; what was
        // appended is there.
        unsafe {
            match what {
                Measured::Gauge(value) => {
                    ((*self.host).metric)(context, name, value, labels);
                }
                Measured::Count(by) if self.has(offset_of!(Host, count)) => {
                    ((*self.host).count)(context, name, by, labels);
                }
                Measured::Observed(value) if self.has(offset_of!(Host, observe)) => {
                    ((*self.host).observe)(context, name, value, labels);
                }
                Measured::Count(_) | Measured::Observed(_) => {}
            }
        }
    }

    /// Tells of progress.
    pub(super) fn progress(&self, id: u64, progress: &Progress) {
        let of = progress.total().map_or(-1.0, |total| total as f64);
        let said = Bytes::of(progress.message().as_bytes());
        // SAFETY: as above.
        unsafe {
            ((*self.host).progress)(self.context, id, progress.current() as f64, of, said);
        }
    }

    /// Tells that the work has ended, well or not.
    pub(super) fn ended(&self, id: u64, error: Option<&str>) {
        if self.has(offset_of!(Host, progress_end)) {
            let status = if error.is_some() { HOOKSPEC_FAULT } else { HOOKSPEC_VALUE };
            let said = Bytes::of(error.unwrap_or_default().as_bytes());
            // SAFETY: as above.
            unsafe {
                ((*self.host).progress_end)(self.context, id, status, said);
            }
        }
    }

    /// Asks a resource; what the host says to that at once.
    pub(super) fn ask(&self, id: u64, request: u64, name: &str, what: &[u8]) -> i32 {
        if !self.has(offset_of!(Host, ask)) {
            return HOOKSPEC_UNSUPPORTED;
        }
        let (name, what) = (Bytes::of(name.as_bytes()), Bytes::of(what));
        // SAFETY: as above.
        unsafe { ((*self.host).ask)(self.context, id, request, name, what) }
    }

    /// Publishes an event at once, and says what came of it.
    ///
    /// # Errors
    /// The host's own. `no_bus`: it is too old.
    pub(super) fn emit(&self, id: u64, event: &[u8]) -> Result<Value, Fault> {
        if !self.has(offset_of!(Host, emit_in)) {
            return Err(Fault::new("no_bus", "the host is too old to have events for a library"));
        }
        let mut taken = Taken(None);
        let (event, to) = (Bytes::of(event), (&raw mut taken).cast());
        // SAFETY: everything is lent for the time of the call, as the interface says; `to` is what
        // `take` expects, and stays until this returns.
        unsafe {
            ((*self.host).emit_in)(self.context, id, event, Some(take), to);
        }
        let (status, answer) = taken.0.unwrap_or((HOOKSPEC_FAULT, None));
        asks::read(status, answer.as_deref())
    }

    /// What the host lends; nothing, where it is too old.
    pub(super) fn lends(&self) -> Value {
        if !self.has(offset_of!(Host, lends)) {
            return Value::Null;
        }
        // SAFETY: the bytes stay while the process lives.
        let text = unsafe { ((*self.host).lends)(self.context).read() };
        text.and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default()
    }

    /// Whether the host says that the tenant may; `None` where it is too old to say.
    pub(super) fn check_access(&self, resource: &str, action: &str) -> Option<bool> {
        if !self.has(offset_of!(Host, check_access)) {
            return None;
        }
        let (resource, action) = (Bytes::of(resource.as_bytes()), Bytes::of(action.as_bytes()));
        // SAFETY: as above.
        let said = unsafe { ((*self.host).check_access)(self.context, resource, action) };
        Some(said == HOOKSPEC_OK)
    }
}

/// What the host answered to something that it does at once.
struct Taken(Option<(i32, Option<Vec<u8>>)>);

/// Takes that.
unsafe extern "C" fn take(to: *mut c_void, status: i32, answer: Bytes) {
    // SAFETY: the answer is lent until this returns; what is kept of it is copied.
    let answer = unsafe { answer.read() }.map(<[u8]>::to_vec);
    // SAFETY: the host gives what it was given by `emit`, which waits meanwhile.
    unsafe { (*to.cast::<Taken>()).0 = Some((status, answer)) }
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Measured {
    Gauge(f64),
    Count(u64),
    Observed(f64),
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
