//! What `#[plugin]` writes against: the methods of a kind, a manifest as text, and how an instance
//! of a type is made.
//!
//! Everything is constant or generic, so that what the macro emits decides nothing by itself.

use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::component::{Component, Instance};
use crate::linked::LoadError;
use crate::manifest::{Manifest, RuntimeName};
use crate::name::HookName;

/// A kind, as its generated trait knows it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name; empty: it is not one kind, and the manifest says which.
    pub name: &'static str,
    /// What a plugin asks for that was written against it.
    pub version: &'static str,
    /// What a manifest of another kind is told.
    pub mismatch: &'static str,
    /// The author's method of every hook, and the hook's name.
    pub methods: &'static [(&'static str, &'static str)],
    /// Every hook, and the digest of what its types were generated from.
    pub digests: &'static [(&'static str, &'static str)],
}

impl Kind {
    /// How many of these methods are hooks; `matches` is none, nor is what the trait does not have.
    /// `$event` stands for the methods with `#[on]`, which are one hook together.
    pub const fn count(&self, written: &[&str]) -> usize {
        let (mut count, mut index) = (self.events(written) as usize, 0);
        while index < self.methods.len() {
            if contains(written, self.methods[index].0) {
                count += 1;
            }
            index += 1;
        }
        count
    }

    /// The hooks of these methods, in the order of the kind; `N` is their [`count`](Self::count).
    pub const fn hooks<const N: usize>(&self, written: &[&str]) -> [HookName; N] {
        let mut hooks = [const { HookName::from_static("") }; N];
        let (mut count, mut index) = (0, 0);
        while index < self.methods.len() {
            let (method, hook) = self.methods[index];
            if contains(written, method) {
                // A constant drops nothing.
                let empty = std::mem::replace(&mut hooks[count], HookName::from_static(hook));
                std::mem::forget(empty);
                count += 1;
            }
            index += 1;
        }
        if self.events(written) {
            let empty = std::mem::replace(&mut hooks[count], HookName::from_static(EVENTS));
            std::mem::forget(empty);
        }
        hooks
    }

    /// Whether events are a hook beside those of the methods.
    const fn events(&self, written: &[&str]) -> bool {
        let mut index = 0;
        while index < self.methods.len() {
            let (method, hook) = self.methods[index];
            if same(hook, EVENTS) && contains(written, method) {
                return false;
            }
            index += 1;
        }
        contains(written, EVENTS)
    }

    /// Asserted by the compiler of every manifest that names a kind.
    ///
    /// # Panics
    /// The manifest is of another kind.
    #[track_caller]
    pub const fn must_be(&self, kind: &str) {
        assert!(self.name.is_empty() || same(self.name, kind), "{}", self.mismatch);
    }

    /// Asserted by the compiler of every manifest that names no kind.
    ///
    /// # Panics
    /// It has to: the trait is of no kind.
    #[track_caller]
    pub const fn must_be_known(&self) {
        assert!(!self.name.is_empty(), "{}", self.mismatch);
    }

    /// Asserted by the compiler of every implementation of a trait that is of no kind.
    ///
    /// # Panics
    /// None of its methods is there.
    #[track_caller]
    pub const fn must_do(&self, written: &[&str]) {
        let nothing = self.name.is_empty() && self.count(written) == 0;
        assert!(!nothing, "this plugin does nothing: implement a method of the trait");
    }
}

/// The name of [`EVENT`](crate::EVENT).
const EVENTS: &str = "$event";

const fn contains(list: &[&str], text: &str) -> bool {
    let mut index = 0;
    while index < list.len() {
        if same(list[index], text) {
            return true;
        }
        index += 1;
    }
    false
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut index = 0;
    while index < one.len() {
        if one[index] != other[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// A manifest that the macro checked and wrote down, completed by what only the compiler knows.
///
/// # Panics
/// The text is no manifest: the macro comes from another version of this project.
pub fn manifest(text: &str, kind: &Kind, entry_point: &str) -> Manifest {
    let read = || {
        let mut fields: Map<String, Value> = serde_json::from_str(text)?;
        fields.entry("kind").or_insert_with(|| kind.name.into());
        fields.entry("kind_api_version").or_insert_with(|| kind.version.into());
        serde_json::from_value::<Manifest>(Value::Object(fields))
    };
    match read() {
        Ok(mut manifest) => {
            // Elsewhere the entry point is a file, or there is none.
            if manifest.runtime == RuntimeName::InProcess && manifest.entry_point.is_none() {
                manifest.entry_point = Some(entry_point.to_owned());
            }
            manifest
        }
        Err(error) => panic!(
            "hookspec-macros and hookspec-plugin are of different versions; depend on the same \
             version of both: {error}"
        ),
    }
}

/// Makes instances of a `T`: of a [`Component`] by its setup, else of its default, else not.
///
/// The three traits below are tried in that order, by the number of references they are
/// implemented for: `(&&&Make::<T>::new()).instance(manifest)`.
#[derive(Debug)]
pub struct Make<T>(PhantomData<fn() -> T>);

impl<T> Make<T> {
    /// A maker.
    #[expect(clippy::new_without_default, reason = "the macro's word, and nobody else's")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// First: state that setup builds.
pub trait ByComponent<T> {
    /// An instance.
    ///
    /// # Errors
    /// None.
    fn instance(&self, manifest: Manifest) -> Result<Instance<T>, LoadError>;
}

impl<T: Component> ByComponent<T> for &&Make<T> {
    fn instance(&self, manifest: Manifest) -> Result<Instance<T>, LoadError> {
        Ok(Instance::component(manifest))
    }
}

/// Second: a default value.
pub trait ByDefault<T> {
    /// An instance.
    ///
    /// # Errors
    /// None.
    fn instance(&self, manifest: Manifest) -> Result<Instance<T>, LoadError>;
}

impl<T: Default + Send + Sync + 'static> ByDefault<T> for &Make<T> {
    fn instance(&self, manifest: Manifest) -> Result<Instance<T>, LoadError> {
        Ok(Instance::value(manifest, Arc::new(T::default())))
    }
}

/// Third: there is no way.
pub trait ByNothing<T> {
    /// No instance.
    ///
    /// # Errors
    /// Always: only the application can make a value of the type.
    fn instance(&self, manifest: Manifest) -> Result<Instance<T>, LoadError>;
}

impl<T> ByNothing<T> for Make<T> {
    fn instance(&self, _: Manifest) -> Result<Instance<T>, LoadError> {
        Err(LoadError::new(format!(
            "`{}` is made by the application alone: implement `Component` or `Default` for it, or \
             say `linked = false` in its #[plugin] and add a value of it to the builder",
            std::any::type_name::<T>()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::fault::Fault;

    const KIND: Kind = Kind {
        name: "reader",
        version: "1.2.0",
        mismatch: "of another kind",
        methods: &[("read", "read"), ("type_", "type"), ("matches_2", "matches")],
        digests: &[],
    };

    #[test]
    fn methods_become_hooks_in_the_order_of_the_kind() {
        const WRITTEN: &[&str] = &["matches", "matches_2", "nothing", "read"];
        static HOOKS: [HookName; KIND.count(WRITTEN)] = KIND.hooks(WRITTEN);
        assert_eq!(HOOKS, ["read", "matches"]);
        const HEARING: &[&str] = &["$event", "read", "$event"];
        static WITH_EVENTS: [HookName; KIND.count(HEARING)] = KIND.hooks(HEARING);
        assert_eq!(WITH_EVENTS, ["read", "$event"]);
    }

    #[test]
    #[should_panic(expected = "of another kind")]
    fn a_manifest_of_another_kind_is_refused() {
        KIND.must_be("reader");
        KIND.must_be("reading");
    }

    #[test]
    #[should_panic(expected = "does nothing")]
    fn a_trait_of_no_kind_takes_any_kind_and_wants_a_method() {
        let hearer = Kind { name: "", methods: &[("on_event", "$event")], ..KIND };
        hearer.must_be("reader");
        assert_eq!(hearer.hooks::<1>(&["on_event", "$event"]), ["$event"]);
        assert_eq!(hearer.count(&["$event", "$event"]), 1);
        hearer.must_do(&["subscriptions"]);
    }

    #[test]
    fn a_manifest_is_completed() {
        let text = r#"{"schema_version":"1","name":"n","core_version":"","runtime":"in_process"}"#;
        let made = manifest(text, &KIND, "own:Type");
        let entry_point = Some("own:Type".to_owned());
        let expected = Manifest {
            kind_api_version: "1.2.0".into(),
            entry_point,
            ..Manifest::new("n", "reader")
        };
        assert_eq!(made, expected);
        let dylib = text.replace("in_process", "dylib");
        assert_eq!(manifest(&dylib, &KIND, "own:Type").entry_point, None);
    }

    struct Both;
    impl Default for Both {
        fn default() -> Self {
            panic!("its setup makes it");
        }
    }
    #[crate::async_trait]
    impl Component for Both {
        async fn setup(_: &Context) -> Result<Self, Fault> {
            Ok(Self)
        }
    }

    #[derive(Default)]
    struct Plain;

    struct Neither;

    #[test]
    #[expect(clippy::needless_borrow, reason = "as the macro writes it, for every type")]
    fn state_is_built_by_setup_else_by_default_else_not() {
        let named = || Manifest::new("n", "k");
        assert!((&&&Make::<Both>::new()).instance(named()).is_ok());
        assert!((&&&Make::<Plain>::new()).instance(named()).is_ok());
        let refused = (&&&Make::<Neither>::new()).instance(named()).unwrap_err();
        assert!(refused.to_string().contains("linked = false"), "{refused}");
    }
}
