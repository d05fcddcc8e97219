//! The binary interface between a host and a plugin in a shared library: C structures, passed by
//! pointer, that only ever grow at their end.
//!
//! `include/hookspec_plugin.h` is generated from this file; `docs/dylib-abi.md` says how the parts
//! work together. Nothing here has behaviour.

use std::ffi::c_void;

/// The version of this interface. A host refuses a library of another one: what is appended to a
/// structure does not change it, `size` tells how much of the structure is there.
pub const HOOKSPEC_ABI_VERSION: u32 = 1;

/// A flag of `hookspec_library`: a panic in the library ends the process. The host refuses it.
pub const HOOKSPEC_FLAG_PANIC_ABORT: u64 = 1;

/// Status: the answer is a JSON value; of no bytes at all, `null`.
pub const HOOKSPEC_VALUE: i32 = 0;
/// Status, of chain hooks: the value that came in goes on as it is.
pub const HOOKSPEC_UNCHANGED: i32 = 1;
/// Status, of chain hooks: the value that came in is the result, nobody after this one is called.
pub const HOOKSPEC_STOP: i32 = 2;
/// Status: it went wrong. The answer is a JSON object: `code` and `message` (texts), and where
/// there is more to say `retryable` (a boolean) and `data`.
pub const HOOKSPEC_FAULT: i32 = 3;
/// Status: the plugin panicked, and caught it. The answer is a JSON object: `message`, and where it
/// is known `file`, `line`, `column`.
pub const HOOKSPEC_PANIC: i32 = 4;
/// Status, of a teardown: something stays until the process ends; a new instance needs a restart.
pub const HOOKSPEC_REQUIRES_RESTART: i32 = 5;
/// Status, of another configuration: it holds for a new instance, and this one is replaced.
pub const HOOKSPEC_NEEDS_RELOAD: i32 = 6;

/// What a function of the host answers where it did what was asked.
pub const HOOKSPEC_OK: i32 = 0;
/// What a function of the host answers where this host does not offer it.
pub const HOOKSPEC_UNSUPPORTED: i32 = -1;
/// What a function of the host answers where it was given something that it cannot read.
pub const HOOKSPEC_INVALID: i32 = -2;
/// What a function of the host answers where what it was asked for has ended: the call, or the
/// instance.
pub const HOOKSPEC_GONE: i32 = -3;
/// What a function of the host answers where it is too much: too long, or too much of it at once.
pub const HOOKSPEC_TOO_MUCH: i32 = -4;
/// What a function of the host answers where it is not allowed.
pub const HOOKSPEC_DENIED: i32 = -5;

/// Level of a log record: something failed and somebody should look.
pub const HOOKSPEC_LOG_ERROR: i32 = 1;
/// Level of a log record: something is not as it should be.
pub const HOOKSPEC_LOG_WARN: i32 = 2;
/// Level of a log record: something an operator may want to know.
pub const HOOKSPEC_LOG_INFO: i32 = 3;
/// Level of a log record: something a developer may want to know.
pub const HOOKSPEC_LOG_DEBUG: i32 = 4;

/// Bytes that the other side owns: UTF-8, without a zero at the end. They are lent until the
/// function that got them returns, unless the member that holds them says otherwise. `data` may be
/// null where `len` is 0.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// The first byte.
    pub data: *const u8,
    /// How many.
    pub len: usize,
}

/// What a library holds. It stays where it is while the process lives.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// `sizeof(hookspec_library)`, as the library was built.
    pub size: u32,
    /// `HOOKSPEC_ABI_VERSION`, as the library was built.
    pub abi_version: u32,
    /// `HOOKSPEC_FLAG_...`, or'ed.
    pub flags: u64,
    /// What it was built with, for people: compiler, versions.
    pub built_with: Bytes,
    /// Its plugins, an array of pointers.
    pub plugins: *const *const Descriptor,
    /// How many.
    pub plugin_count: usize,
}

/// One hook of a plugin.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Hook {
    /// Its name.
    pub name: Bytes,
    /// The digest of what the plugin was built against: schemas, class, mode. Empty where it is not
    /// known. Another digest than the host's is logged; the host validates both directions always.
    pub digest: Bytes,
}

/// One plugin. It stays where it is while the process lives.
///
/// All but `cancel`, `free` and `answered` end by one call of `hookspec_host.done` with the id they
/// were given: before they return, or later from any thread. A second one, and one after
/// `cancel`, is ignored and counted. No function may unwind or call `longjmp` out of itself. All of
/// them may be called from any thread, `call`, `cancel`, `health` and `answered` also at the same
/// time.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// `sizeof(hookspec_plugin)`, as the library was built.
    pub size: u32,
    /// The major version of the kind that it was built for.
    pub kind_major: u32,
    /// Its manifest, a JSON object; at least `name` and `kind`.
    pub manifest: Bytes,
    /// The hooks it implements, an array.
    pub hooks: *const Hook,
    /// How many.
    pub hook_count: usize,
    /// Makes an instance and prepares it; `done` says whether that went well (`HOOKSPEC_VALUE`
    /// without bytes) or not. `plugin` is this
    /// descriptor. What it returns is given to the functions below, null too. `host` and
    /// `context` may be used while the process lives, from any thread, also after `free`.
    pub create: Option<
        unsafe extern "C" fn(
            plugin: *const Self,
            host: *const Host,
            context: *mut c_void,
            id: u64,
        ) -> *mut c_void,
    >,
    /// Answers one hook. What `call` points to is lent until it returns: copy what is needed later.
    pub call: Option<unsafe extern "C" fn(instance: *mut c_void, call: *const Call)>,
    /// Nobody waits for this call any more: stop working on it. Answers 1 where nothing of the call
    /// will touch the instance any more; or 0, and completes it later all the same. May be null:
    /// then every call is completed.
    pub cancel: Option<unsafe extern "C" fn(instance: *mut c_void, id: u64) -> i32>,
    /// How the instance is: `HOOKSPEC_VALUE` without bytes is well, with a JSON text it is degraded
    /// and the text says how, `HOOKSPEC_FAULT` is failed. May be null: then it is well.
    pub health: Option<unsafe extern "C" fn(instance: *mut c_void, id: u64)>,
    /// Gives back what `create` took; called once. No call begins afterwards, but calls that the
    /// host gave up may not have ended, and `cancel` of one may still come. `HOOKSPEC_VALUE` or
    /// `HOOKSPEC_REQUIRES_RESTART`. May be null: then there is nothing to give back.
    pub teardown: Option<unsafe extern "C" fn(instance: *mut c_void, id: u64)>,
    /// Frees the instance: after `teardown`, or after a `create` that went wrong, and after the end
    /// of every call; never called where one has not ended, or `create` returned null. May be null.
    pub free: Option<unsafe extern "C" fn(instance: *mut c_void)>,
    /// Hands over what a resource answered: `request` is the number that was given to
    /// `hookspec_host.ask`, the status `HOOKSPEC_VALUE` with a JSON value or `HOOKSPEC_FAULT` with
    /// one as above. Called once for every request that the host took, before the call ends for the
    /// host that it was asked in; never while `hookspec_host.ask` runs for that request. May be
    /// null: then no resource can be asked.
    pub answered: Option<
        unsafe extern "C" fn(instance: *mut c_void, request: u64, status: i32, answer: Bytes),
    >,
    /// Lets go of what only one instance can hold, such as a port: another one is about to be
    /// created. Calls still come. `HOOKSPEC_VALUE` or `HOOKSPEC_FAULT`. May be null: then there is
    /// nothing to let go of.
    pub quiesce: Option<unsafe extern "C" fn(instance: *mut c_void, id: u64)>,
    /// Takes that back: the other instance did not come to be. As `quiesce`.
    pub resume: Option<unsafe extern "C" fn(instance: *mut c_void, id: u64)>,
    /// Takes another configuration, a JSON value that is lent until this returns. `HOOKSPEC_VALUE`:
    /// it holds, and `hookspec_host.config` answers it from then on; `HOOKSPEC_NEEDS_RELOAD`; or
    /// `HOOKSPEC_FAULT`: the one before stays. May be null: then a new instance takes it.
    pub config_change: Option<unsafe extern "C" fn(instance: *mut c_void, id: u64, config: Bytes)>,
    /// The events it wants beside those that its manifest file names: a JSON array of subscriptions,
    /// as in `plugin.toml`; empty where it wants none. They are delivered through the hook `$event`.
    pub subscriptions: Bytes,
}

/// One call of one hook. Read no member beyond `size`: those after `remaining_ns` were appended.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// `sizeof(hookspec_call)`, as the host was built.
    pub size: u32,
    /// Zero.
    pub reserved: u32,
    /// What `done` and `cancel` know the call by.
    pub id: u64,
    /// The name of the hook.
    pub hook: Bytes,
    /// The input, a JSON value.
    pub input: Bytes,
    /// The caller's metadata, a JSON object.
    pub metadata: Bytes,
    /// How long the host waits, in nanoseconds from now; negative where it does not say.
    pub remaining_ns: i64,
    /// Where the call is part of handling an event, a JSON object, otherwise empty: `name`, what the
    /// plugin calls the subscription, or `null`; `subscription`, its number; `lagged`, how many
    /// events it lost since the last one; `attempt`, from 1; and `event`, which is missing where the
    /// hook is `$event`: there the event is the input.
    pub cause: Bytes,
}

/// What a host offers. Read no member beyond `size`: those after `emit` were appended.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Host {
    /// `sizeof(hookspec_host)`, as the host was built.
    pub size: u32,
    /// `HOOKSPEC_ABI_VERSION` of the host.
    pub abi_version: u32,
    /// Completes what has this id, with a status and an answer that is copied before it returns.
    pub done: unsafe extern "C" fn(context: *mut c_void, id: u64, status: i32, answer: Bytes),
    /// Writes to the host's log. `id` is that of the call it belongs to, or 0; `target` says which
    /// part of the plugin speaks, and may be empty; `fields` is a JSON object, or empty.
    pub log: unsafe extern "C" fn(
        context: *mut c_void,
        id: u64,
        level: i32,
        target: Bytes,
        message: Bytes,
        fields: Bytes,
    ) -> i32,
    /// The plugin's configuration as it is now, a JSON value; lent while the process lives.
    pub config: unsafe extern "C" fn(context: *mut c_void) -> Bytes,
    /// Whether nobody waits for this call any more: 1, else 0.
    pub is_cancelled: unsafe extern "C" fn(context: *mut c_void, id: u64) -> i32,
    /// Opens a span in the host's tracing and returns what it is known by; 0 where nobody listens.
    /// `parent` is another span, or 0: then the call `id`.
    pub span_open: unsafe extern "C" fn(
        context: *mut c_void,
        id: u64,
        parent: u64,
        level: i32,
        name: Bytes,
        fields: Bytes,
    ) -> u64,
    /// Writes to the host's log, inside a span.
    pub span_log: unsafe extern "C" fn(
        context: *mut c_void,
        span: u64,
        level: i32,
        target: Bytes,
        message: Bytes,
        fields: Bytes,
    ) -> i32,
    /// Closes a span.
    pub span_close: unsafe extern "C" fn(context: *mut c_void, span: u64) -> i32,
    /// Sets a gauge. Its name, and those of labels, are ASCII letters, digits and `_`; `labels` is
    /// a JSON object of texts, or empty.
    pub metric:
        unsafe extern "C" fn(context: *mut c_void, name: Bytes, value: f64, labels: Bytes) -> i32,
    /// As `ask`, with the id of the call as the number of the request.
    pub resource:
        unsafe extern "C" fn(context: *mut c_void, id: u64, name: Bytes, request: Bytes) -> i32,
    /// Says how far the work is: so many steps of so many, negative where that is not known, and a
    /// text. A fraction of a step is cut off. `id` is that of the call it belongs to, or 0.
    pub progress: unsafe extern "C" fn(
        context: *mut c_void,
        id: u64,
        so_far: f64,
        of: f64,
        text: Bytes,
    ) -> i32,
    /// As `emit_in`, beside any call and without an answer. A host that is older than that one
    /// answers `HOOKSPEC_UNSUPPORTED`.
    pub emit: unsafe extern "C" fn(context: *mut c_void, event: Bytes) -> i32,
    /// Adds to a counter, which only grows. Name and labels as for `metric`.
    pub count:
        unsafe extern "C" fn(context: *mut c_void, name: Bytes, by: u64, labels: Bytes) -> i32,
    /// Adds one observation, such as a duration in seconds, to a histogram. Name and labels as for
    /// `metric`.
    pub observe:
        unsafe extern "C" fn(context: *mut c_void, name: Bytes, value: f64, labels: Bytes) -> i32,
    /// Says that the work has ended: `HOOKSPEC_VALUE`, or `HOOKSPEC_FAULT` and a text that says why.
    pub progress_end:
        unsafe extern "C" fn(context: *mut c_void, id: u64, status: i32, text: Bytes) -> i32,
    /// Asks a resource of the host by name. `what` is a JSON value, `request` a number of the
    /// plugin's own choice that `hookspec_plugin.answered` gives back, and `id` what the request
    /// belongs to: a call, or another thing the host asked, that has not ended. `HOOKSPEC_OK`: the
    /// request was taken, and is answered.
    pub ask: unsafe extern "C" fn(
        context: *mut c_void,
        id: u64,
        request: u64,
        name: Bytes,
        what: Bytes,
    ) -> i32,
    /// What the host lends to the plugin, a JSON object: `resources`, the names that can be asked;
    /// `checkpoints`, whether the resource `$checkpoints` is there; `events`, whether there are
    /// events; `tenant`, the id of the tenant or `null`. Lent while the process lives.
    pub lends: unsafe extern "C" fn(context: *mut c_void) -> Bytes,
    /// Whether the tenant may do something with something: `HOOKSPEC_OK` or `HOOKSPEC_DENIED`.
    pub check_access:
        unsafe extern "C" fn(context: *mut c_void, resource: Bytes, action: Bytes) -> i32,
    /// Publishes an event, a JSON object of which only `type` is needed, without waiting: a queue
    /// that is full drops it. `id` is that of the call it is emitted in, or 0; what caused it, and on
    /// whose behalf it is, the host knows from there. `HOOKSPEC_OK`: it was published; otherwise
    /// nobody receives it.
    ///
    /// `take`, which may be null, is called once before this returns, with `to`: the status
    /// `HOOKSPEC_VALUE` with a JSON object (`id`; `matched`, how many subscriptions want it;
    /// `dropped`, how many of those had no room), or `HOOKSPEC_FAULT` with one as above.
    pub emit_in: unsafe extern "C" fn(
        context: *mut c_void,
        id: u64,
        event: Bytes,
        take: Option<unsafe extern "C" fn(to: *mut c_void, status: i32, answer: Bytes)>,
        to: *mut c_void,
    ) -> i32,
}

/// The one symbol of a library: `const hookspec_library *hookspec_plugins(void)`.
pub const SYMBOL: &str = "hookspec_plugins";

/// The type of that symbol. Null where the library cannot say what it holds.
pub type Entry = unsafe extern "C" fn() -> *const Library;

impl Bytes {
    /// No bytes.
    pub const NONE: Self = Self { data: std::ptr::null(), len: 0 };

    /// Lends bytes.
    pub const fn of(bytes: &[u8]) -> Self {
        Self { data: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes, as far as a pointer can be judged: a null pointer is none, and a length that no
    /// object can have is refused.
    ///
    /// # Safety
    /// A pointer that is not null must be valid for reads of `len` bytes, for as long as `'a`.
    pub unsafe fn read<'a>(self) -> Option<&'a [u8]> {
        if self.len == 0 {
            return Some(&[]);
        }
        if self.data.is_null() || isize::try_from(self.len).is_err() {
            return None;
        }
        // SAFETY: not null, not longer than an object may be; the rest is the caller's promise.
        Some(unsafe { std::slice::from_raw_parts(self.data, self.len) })
    }

    /// As [`read`](Self::read), as text.
    ///
    /// # Safety
    /// As for `read`.
    pub unsafe fn text<'a>(self) -> Option<&'a str> {
        // SAFETY: the caller's promise.
        std::str::from_utf8(unsafe { self.read() }?).ok()
    }
}

// SAFETY: plain data; whoever makes one promises that what it points to stays and does not change.
unsafe impl Sync for Library {}
// SAFETY: as above.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Descriptor {}
// SAFETY: as above.
unsafe impl Send for Descriptor {}
// SAFETY: as above.
unsafe impl Sync for Hook {}
// SAFETY: as above.
unsafe impl Send for Hook {}
