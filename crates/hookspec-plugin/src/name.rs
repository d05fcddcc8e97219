//! Names: of plugins, kinds and hooks.
//!
//! A name is text that is cheap to clone and can be a constant, so that a plugin's list of hooks
//! needs no allocation. Whether the text is a *valid* name is decided where it is read
//! (`hookspec-spec`), not here: a name that reached this type may still be refused at registration.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Clone)]
enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Text);

        impl $name {
            /// Makes a name from text.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(Text::Shared(text.into()))
            }

            /// Makes a name from a literal; allocates nothing and can stand in a `const`.
            pub const fn from_static(text: &'static str) -> Self {
                Self(Text::Static(text))
            }

            /// The text of the name.
            #[inline]
            pub fn as_str(&self) -> &str {
                match &self.0 {
                    Text::Static(text) => text,
                    Text::Shared(text) => text,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        /// By code point, as every order in this project.
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

name!(
    /// The name of a plugin, unique in a registry.
    PluginName
);
name!(
    /// The name of a plugin kind, such as `lifecycle_listener`.
    KindName
);
name!(
    /// The name of a hook, unique in its kind, such as `on_request_started`.
    HookName
);

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_constant_and_an_owned_name_are_the_same_name() {
        const HOOK: HookName = HookName::from_static("rewrite");
        let owned = HookName::new(String::from("rewrite"));
        assert_eq!(HOOK, owned);
        assert_eq!(HashMap::from([(HOOK, 1)]).get("rewrite"), Some(&1));
    }

    #[test]
    fn names_sort_by_code_point() {
        let mut names = ["b", "B", "a-1", "a1", "a"].map(PluginName::from);
        names.sort();
        assert_eq!(names.map(|name| name.to_string()), ["B", "a", "a-1", "a1", "b"]);
    }
}
