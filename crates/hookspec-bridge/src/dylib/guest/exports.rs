//! [`Exports`]: what a library holds, in the form that a host reads.

use std::any::type_name;
use std::ptr;
use std::sync::{Arc, OnceLock};

use hookspec_plugin::guard::catch;
use hookspec_plugin::{EVENT, Linked, LoadError, Manifest, Plugin, Subscription};

use super::instance;
use crate::dylib::abi::{Bytes, Descriptor, HOOKSPEC_ABI_VERSION, HOOKSPEC_FLAG_PANIC_ABORT};
use crate::dylib::abi::{Hook, Library};

/// What a library holds: made when a host first asks, and never changed.
#[derive(Debug)]
pub struct Exports {
    panic_aborts: bool,
    add: &'static [fn(&mut List)],
    library: OnceLock<Option<&'static Library>>,
}

impl Exports {
    /// What [`export!`](crate::export) writes.
    pub const fn new(panic_aborts: bool, add: &'static [fn(&mut List)]) -> Self {
        Self { panic_aborts, add, library: OnceLock::new() }
    }

    /// What a host reads; null where a plugin panicked while it was asked for its manifest.
    pub fn get(&self) -> *const Library {
        let made = self.library.get_or_init(|| catch(|| self.make()).ok());
        made.map_or(ptr::null(), ptr::from_ref)
    }

    fn make(&self) -> &'static Library {
        let mut list = List::default();
        // A host refuses it for its flag alone, and nothing of it must panic before.
        for add in self.add.iter().filter(|_| !self.panic_aborts) {
            add(&mut list);
        }
        let plugins: Vec<*const Descriptor> =
            list.0.into_iter().map(|own| ptr::from_ref(Exported::leak(own)).cast()).collect();
        let plugins: &'static [*const Descriptor] = plugins.leak();
        Box::leak(Box::new(Library {
            size: size_of::<Library>() as u32,
            abi_version: HOOKSPEC_ABI_VERSION,
            flags: if self.panic_aborts { HOOKSPEC_FLAG_PANIC_ABORT } else { 0 },
            built_with: Bytes::of(
                concat!("hookspec ", env!("CARGO_PKG_VERSION"), ", Rust").as_bytes(),
            ),
            plugins: plugins.as_ptr(),
            plugin_count: plugins.len(),
        }))
    }
}

/// The plugins that a library adds up to.
#[derive(Debug, Default)]
pub struct List(Vec<Own>);

impl List {
    /// The plugins of a type that `#[plugin]` stands above: one for each kind it implements.
    ///
    /// # Panics
    /// There is none; the host is then told that the library cannot say what it holds.
    pub fn linked<T: 'static>(&mut self) {
        let before = self.0.len();
        self.0.extend(
            Linked::all()
                .into_iter()
                .filter(|linked| linked.type_name() == type_name::<T>())
                .map(Own::linked),
        );
        assert!(self.0.len() > before, "`{}` has no #[plugin] above an impl", type_name::<T>());
    }

    /// Every plugin that a linked crate registered.
    pub fn all_linked(&mut self) {
        self.0.extend(Linked::all().into_iter().map(Own::linked));
    }

    /// A plugin that a function makes.
    pub fn make<P: Plugin>(&mut self, make: fn() -> P) {
        let one = make();
        let digest = |hook: &hookspec_plugin::HookName| (hook.to_string(), String::new());
        let hooks = one.hooks().iter().map(digest).collect();
        let make = Make::Function(Box::new(move || Arc::new(make())));
        let (manifest, subscriptions) = (one.manifest().clone(), one.subscriptions());
        self.0.push(Own { manifest, hooks, subscriptions, make });
    }
}

/// A plugin of this library, as its own side knows it.
#[derive(Debug)]
struct Own {
    manifest: Manifest,
    /// Names and digests.
    hooks: Vec<(String, String)>,
    subscriptions: Vec<Subscription>,
    make: Make,
}

impl Own {
    fn linked(linked: &'static Linked) -> Self {
        let make = Make::Linked(linked);
        let (manifest, hooks) = (linked.manifest(), linked.hooks());
        let mut own = Self { manifest, hooks, subscriptions: Vec::new(), make };
        if own.hooks.iter().any(|(name, _)| name == EVENT.as_str()) {
            // One that cannot be made wants nothing here: why it cannot, its instance says.
            own.subscriptions = catch(|| own.make().map(|made| made.subscriptions()))
                .map_or_else(|_| Vec::new(), Result::unwrap_or_default);
        }
        own
    }

    fn make(&self) -> Result<Arc<dyn Plugin>, LoadError> {
        match &self.make {
            Make::Linked(linked) => linked.constructor()(self.manifest.clone()),
            Make::Function(make) => Ok(make()),
        }
    }
}

enum Make {
    Linked(&'static Linked),
    Function(Box<dyn Fn() -> Arc<dyn Plugin> + Send + Sync>),
}

impl std::fmt::Debug for Make {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Make(..)")
    }
}

/// A descriptor, followed by what the host does not see of it.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Exported {
    // First: a pointer to it is a pointer to the whole.
    descriptor: Descriptor,
    own: Own,
}

impl Exported {
    fn leak(own: Own) -> &'static Self {
        let manifest = serde_json::to_vec(&own.manifest).unwrap_or_default().leak();
        let hooks: Vec<Hook> = own
            .hooks
            .iter()
            .map(|(name, digest)| {
                let [name, digest] = [name, digest].map(|text| text.clone().leak().as_bytes());
                Hook { name: Bytes::of(name), digest: Bytes::of(digest) }
            })
            .collect();
        let hooks: &'static [Hook] = hooks.leak();
        let subscriptions: &'static [u8] = if own.subscriptions.is_empty() {
            &[]
        } else {
            serde_json::to_vec(&own.subscriptions).unwrap_or_default().leak()
        };
        let version = &own.manifest.kind_api_version;
        let major = version.split('.').next().and_then(|major| major.parse().ok());
        Box::leak(Box::new(Self {
            descriptor: Descriptor {
                size: size_of::<Descriptor>() as u32,
                kind_major: major.unwrap_or_default(),
                manifest: Bytes::of(manifest),
                hooks: hooks.as_ptr(),
                hook_count: hooks.len(),
                create: Some(instance::create),
                call: Some(instance::call),
                cancel: Some(instance::cancel),
                health: Some(instance::health),
                teardown: Some(instance::teardown),
                free: Some(instance::free),
                answered: Some(instance::answered),
                quiesce: Some(instance::quiesce),
                resume: Some(instance::resume),
                config_change: Some(instance::config_change),
                subscriptions: Bytes::of(subscriptions),
            },
            own,
        }))
    }

    /// What a descriptor belongs to.
    ///
    /// # Safety
    /// The pointer is one that `leak` made.
    pub(super) unsafe fn of(descriptor: *const Descriptor) -> &'static Self {
        // SAFETY: `descriptor` is the first member of a `repr(C)` structure that is never freed.
        unsafe { &*descriptor.cast::<Self>() }
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.own.manifest
    }

    pub(super) fn make(&self) -> Result<Arc<dyn Plugin>, LoadError> {
        self.own.make()
    }
}
