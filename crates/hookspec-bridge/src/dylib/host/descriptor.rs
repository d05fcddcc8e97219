//! What a library says it holds: read, checked and copied before anything of it is used.
//!
//! Numbers and texts are checked here; that a pointer which is not null points to what it should,
//! nobody can check.

use std::collections::BTreeMap;
use std::mem::{offset_of, size_of};

use hookspec_plugin::{HookName, LoadEnv, Manifest, Subscription};

use super::library::Open;
use crate::dylib::abi::{
    Bytes, Descriptor, HOOKSPEC_ABI_VERSION, HOOKSPEC_FLAG_PANIC_ABORT, Hook, Library,
};

/// A plugin of a library, with what was copied out of its descriptor.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it lies: what `create` is given.
    pub(super) place: Place,
    /// As much of it as there is.
    pub(super) descriptor: Descriptor,
    pub(super) hooks: Vec<HookName>,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) built_with: String,
}

/// Where a descriptor lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(pub(super) *const Descriptor);

// SAFETY: it stays where it is and does not change, as the interface says.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

/// No library holds more, and a number that is wrong must not be believed.
const MOST: usize = 1024;
const LONGEST: usize = 1 << 20;

/// What version 1 had from the start. A member that is appended is looked at where `size` reaches it.
const LIBRARY: usize = offset_of!(Library, plugin_count) + size_of::<usize>();
const DESCRIPTOR: usize = offset_of!(Descriptor, free) + size_of::<usize>();

/// Finds the plugin that a manifest names.
///
/// # Errors
/// What the library was built for, what this host has, what to do.
pub(super) fn find(library: Open, manifest: &Manifest, env: &LoadEnv) -> Result<Found, String> {
    let entry = library.entry()?;
    // SAFETY: the interface says what the function does; it is the first that is called.
    let library = unsafe { entry() };
    if library.is_null() {
        return Err(
            "it cannot say what it holds: it panicked while it was asked, and said why on \
                    standard error"
                .into(),
        );
    }
    // SAFETY: not null; what it points to stays, as the interface says.
    unsafe { choose(library, manifest, env) }
}

/// # Safety
/// `library` points to at least the first two members of a `Library`, and to all of them where
/// those say so; likewise everything it leads to.
pub(super) unsafe fn choose(
    library: *const Library,
    manifest: &Manifest,
    env: &LoadEnv,
) -> Result<Found, String> {
    // SAFETY: the caller's promise; only these two until they are known to be right.
    let (size, version) = unsafe { (*library.cast::<u32>(), *library.cast::<u32>().add(1)) };
    if version != HOOKSPEC_ABI_VERSION {
        let (what, who) = match version > HOOKSPEC_ABI_VERSION {
            true => ("newer", "update this host, or take a build of the plugin for it"),
            false => ("older", "build the plugin again with a current hookspec"),
        };
        return Err(format!(
            "it was built for version {version} of the interface, {what} than that of this host, \
             {HOOKSPEC_ABI_VERSION}; {who}"
        ));
    }
    if (size as usize) < LIBRARY {
        return Err(too_small("hookspec_library", size, LIBRARY));
    }
    // SAFETY: large enough, of the version whose members these are.
    let library = unsafe { &*library };
    if library.flags & HOOKSPEC_FLAG_PANIC_ABORT != 0 {
        return Err("it was built with panic = \"abort\": a panic of it would end this process; \
                    build it with panic = \"unwind\""
            .into());
    }
    // SAFETY: the caller's promise.
    let built_with = unsafe { library.built_with.text() }.unwrap_or("unreadable").to_owned();
    let count = library.plugin_count;
    if count == 0 {
        return Err(
            "it holds no plugins; `export!(linked)` exports those of crates that its source \
                    names: `use the_crate as _;`"
                .into(),
        );
    }
    if library.plugins.is_null() || count > MOST {
        return Err(format!("it says that it holds {count} plugins, and not where; it is broken"));
    }
    let mut names = Vec::new();
    for index in 0..count {
        // SAFETY: `index` is below the number of them.
        let descriptor = unsafe { *library.plugins.add(index) };
        // SAFETY: the caller's promise.
        let own = unsafe { read(descriptor) }.map_err(|why| format!("plugin {index}: {why}"))?;
        if own.name == manifest.name.as_str() {
            return accept(own, manifest, env, built_with);
        }
        names.push(own.name);
    }
    Err(format!(
        "it holds no plugin `{}`, but: {}; the manifest's name is the plugin's own",
        manifest.name,
        names.join(", ")
    ))
}

/// A descriptor as values.
struct Own {
    place: Place,
    descriptor: Descriptor,
    name: String,
    kind: String,
    hooks: BTreeMap<String, String>,
    subscriptions: Vec<Subscription>,
}

/// # Safety
/// Null, or as for `choose`.
unsafe fn read(descriptor: *const Descriptor) -> Result<Own, String> {
    if descriptor.is_null() {
        return Err("its descriptor is null; it is broken".into());
    }
    // SAFETY: not null; the first member alone.
    let size = unsafe { *descriptor.cast::<u32>() };
    if (size as usize) < DESCRIPTOR {
        return Err(too_small("hookspec_plugin", size, DESCRIPTOR));
    }
    let place = Place(descriptor);
    // SAFETY: large enough, and not read beyond its size.
    let descriptor = unsafe { copied(descriptor, size as usize) };
    // SAFETY: the caller's promise.
    let text = unsafe { descriptor.manifest.read() }.filter(|text| text.len() <= LONGEST);
    let text = text.ok_or("its manifest has no place, or no plausible length")?;
    let manifest: serde_json::Value = serde_json::from_slice(text)
        .map_err(|error| format!("its manifest is no JSON: {error}"))?;
    let member = |name: &str| match manifest.get(name).and_then(serde_json::Value::as_str) {
        Some(text) if !text.contains('\0') => Ok(text.to_owned()),
        Some(_) => Err(format!("the `{name}` in its manifest holds a NUL")),
        None => Err(format!("its manifest has no text `{name}`")),
    };
    let (name, kind) = (member("name")?, member("kind")?);
    let count = descriptor.hook_count;
    if count > MOST || (descriptor.hooks.is_null() && count > 0) {
        return Err(format!("it says that it has {count} hooks, and not where"));
    }
    let mut hooks = BTreeMap::new();
    for index in 0..count {
        // SAFETY: `index` is below the number of them.
        let hook: Hook = unsafe { *descriptor.hooks.add(index) };
        // SAFETY: the caller's promise.
        let (name, digest) = unsafe { (hook.name.text(), hook.digest.text()) };
        let readable = |text: &&str| text.len() <= LONGEST && !text.contains('\0');
        match (name.filter(readable).filter(|name| !name.is_empty()), digest.filter(readable)) {
            (Some(name), Some(digest)) => hooks.insert(name.to_owned(), digest.to_owned()),
            _ => return Err(format!("hook {index} has no readable name or digest")),
        };
    }
    for (name, there) in
        [("create", descriptor.create.is_some()), ("call", descriptor.call.is_some())]
    {
        if !there {
            return Err(format!("its function `{name}` is null"));
        }
    }
    // SAFETY: the caller's promise.
    let text = unsafe { descriptor.subscriptions.read() }.filter(|text| text.len() <= LONGEST);
    let text = text.ok_or("its subscriptions have no place, or no plausible length")?;
    let subscriptions = subscriptions(text)?;
    Ok(Own { place, descriptor, name, kind, hooks, subscriptions })
}

/// The events that a plugin wants: those that it says, and none where it says nothing.
fn subscriptions(text: &[u8]) -> Result<Vec<Subscription>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<Subscription> = serde_json::from_slice(text)
        .map_err(|error| format!("its subscriptions cannot be read: {error}"))?;
    match all.len() {
        ..=MOST => Ok(all),
        many => Err(format!("it has {many} subscriptions, and {MOST} are allowed")),
    }
}

/// The members of a descriptor that are there: a library that was built before one was appended
/// has it as null, and so has one that cuts it off.
///
/// # Safety
/// `size` bytes are there, at least those of the first version.
unsafe fn copied(descriptor: *const Descriptor, size: usize) -> Descriptor {
    let mut own = NOTHING;
    let there = size.min(size_of::<Descriptor>());
    let whole = there - there % size_of::<usize>();
    // SAFETY: the caller's promise; `own` is as large as what is copied at most, and every member
    // that was appended is made of pointers and lengths, for which zero is a value.
    unsafe {
        let to = (&raw mut own).cast::<u8>();
        std::ptr::copy_nonoverlapping(descriptor.cast::<u8>(), to, whole);
    }
    own
}

const NOTHING: Descriptor = Descriptor {
    size: 0,
    kind_major: 0,
    manifest: Bytes::NONE,
    hooks: std::ptr::null(),
    hook_count: 0,
    create: None,
    call: None,
    cancel: None,
    health: None,
    teardown: None,
    free: None,
    answered: None,
    quiesce: None,
    resume: None,
    config_change: None,
    subscriptions: Bytes::NONE,
};

fn accept(
    own: Own,
    manifest: &Manifest,
    env: &LoadEnv,
    built_with: String,
) -> Result<Found, String> {
    if own.kind != manifest.kind.as_str() {
        return Err(format!(
            "it is of kind `{}`, and its manifest file says `{}`; mend the file",
            own.kind, manifest.kind
        ));
    }
    let major = u64::from(own.descriptor.kind_major);
    let Some(kind) = env.kind(&own.kind, major) else {
        let majors: Vec<String> = env.majors(&own.kind).iter().map(u64::to_string).collect();
        let has = if majors.is_empty() { "no such kind".into() } else { majors.join(", ") };
        return Err(format!(
            "it was built for version {major} of kind `{}`, and this host has {has}; take a build \
             for that, or a host that has version {major}",
            own.kind
        ));
    };
    for (hook, digest) in &own.hooks {
        let declared = kind.hooks.get(hook.as_str());
        if !digest.is_empty() && declared.is_some_and(|declared| declared != digest) {
            tracing::warn!(
                plugin = %manifest.name,
                kind = %kind.name,
                %hook,
                built_for = %digest,
                host_has = declared.map(String::as_str),
                "the plugin was built against another declaration of this hook; both directions \
                 are validated against the host's"
            );
        }
    }
    Ok(Found {
        place: own.place,
        descriptor: own.descriptor,
        hooks: own.hooks.into_keys().map(HookName::new).collect(),
        subscriptions: own.subscriptions,
        built_with,
    })
}

fn too_small(what: &str, size: u32, least: usize) -> String {
    format!("its `{what}` has {size} bytes, and this host needs {least}; it is broken")
}

// The two members that are read first are first.
const _: () = assert!(offset_of!(Library, size) == 0 && offset_of!(Library, abi_version) == 4);
const _: () = assert!(offset_of!(Descriptor, size) == 0);

#[cfg(test)]
mod tests {
    use std::ptr;

    use hookspec_plugin::{KindName, KnownKind};
    use proptest::prelude::*;

    use super::*;

    unsafe extern "C" fn create(
        _: *const Descriptor,
        _: *const crate::dylib::abi::Host,
        _: *mut std::ffi::c_void,
        _: u64,
    ) -> *mut std::ffi::c_void {
        ptr::null_mut()
    }

    unsafe extern "C" fn call(_: *mut std::ffi::c_void, _: *const crate::dylib::abi::Call) {}

    fn environment() -> LoadEnv {
        let kind = KnownKind {
            name: KindName::from_static("k"),
            major: 1,
            api_version: "1.0.0".into(),
            hooks: BTreeMap::new(),
        };
        LoadEnv { kinds: vec![kind], ..LoadEnv::default() }
    }

    unsafe extern "C" fn quiesce(_: *mut std::ffi::c_void, _: u64) {}

    /// A library says how much of a descriptor is there, and no more of it is looked at.
    #[test]
    fn what_was_appended_is_seen_where_it_is_whole() {
        let whole =
            Descriptor { quiesce: Some(quiesce as _), resume: Some(quiesce as _), ..NOTHING };
        let end = offset_of!(Descriptor, quiesce) + size_of::<usize>();
        for (size, sees) in [
            (DESCRIPTOR, [false, false]),
            (end - 1, [false, false]),
            (end, [true, false]),
            (end + 7, [true, false]),
            (size_of::<Descriptor>(), [true, true]),
            (size_of::<Descriptor>() + 64, [true, true]),
        ] {
            // SAFETY: it is not larger than `whole`, or cut to that.
            let seen = unsafe { copied(&raw const whole, size) };
            assert_eq!([seen.quiesce.is_some(), seen.resume.is_some()], sees, "{size}");
        }
    }

    proptest! {
        /// Every pointer is null or leads to so many bytes; all else is anything at all.
        #[test]
        fn any_descriptor_is_accepted_or_refused(
            size in prop_oneof![Just(size_of::<Descriptor>() as u32), any::<u32>()],
            kind_major in prop_oneof![Just(1_u32), any::<u32>()],
            manifest in prop_oneof![
                Just(br#"{"name":"own","kind":"k"}"#.to_vec()),
                proptest::collection::vec(any::<u8>(), 0..40),
            ],
            hook in proptest::collection::vec(any::<u8>(), 0..12),
            digest in proptest::collection::vec(any::<u8>(), 0..12),
            hook_count in prop_oneof![Just(0_usize), Just(1), Just(usize::MAX)],
            hooks_are_there in any::<bool>(),
            functions_are_there in any::<bool>(),
            flags in prop_oneof![Just(0_u64), any::<u64>()],
            count in prop_oneof![Just(1_usize), Just(0), Just(usize::MAX)],
            version in prop_oneof![Just(HOOKSPEC_ABI_VERSION), any::<u32>()],
        ) {
            let hooks = [Hook { name: Bytes::of(&hook), digest: Bytes::of(&digest) }];
            // It stays while the test runs; what reads it asks for longer, and does not keep it.
            let descriptor = Box::leak(Box::new(Descriptor {
                size,
                kind_major,
                manifest: Bytes::of(&manifest),
                hooks: if hooks_are_there { hooks.as_ptr() } else { ptr::null() },
                hook_count,
                create: functions_are_there.then_some(create as _),
                call: functions_are_there.then_some(call as _),
                ..NOTHING
            }));
            let plugins = [ptr::from_ref(descriptor)];
            let library = Library {
                size: size_of::<Library>() as u32,
                abi_version: version,
                flags,
                built_with: Bytes::of(&hook),
                plugins: plugins.as_ptr(),
                plugin_count: count,
            };
            let manifest = Manifest::new("own", "k");
            // SAFETY: as said above.
            match unsafe { choose(&library, &manifest, &environment()) } {
                Ok(found) => prop_assert!(version == HOOKSPEC_ABI_VERSION && found.hooks.len() < 2),
                Err(why) => prop_assert!(!why.is_empty()),
            }
        }
    }
}
