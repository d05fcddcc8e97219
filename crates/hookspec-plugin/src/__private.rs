//! What generated code names, so that a crate which holds it needs no dependency but this one.
//!
//! Not for people: names here may change with any version, together with what is generated.

use crate::fault::Fault;
use crate::reply::{Flow, HookFuture, Reply};
use crate::typed::TypedPayload;
use crate::{HookName, Payload};

pub use crate::codec::{Never, Objects, member, present, required, tagged, untag};
pub use crate::declared::{ByComponent, ByDefault, ByNothing, Kind, Make, manifest};
pub use crate::events::on::{Handle, On, data, handled, other, subscriptions};
pub use crate::{object, texts};
/// What a plugin wants of the events: named here, so that generated source names no more of the crate.
pub type Subscriptions = Vec<crate::events::Subscription>;
/// A configuration: named so that generated source which has no JSON value of its own names none.
pub type Config = serde_json::Value;
pub use {async_trait::async_trait, inventory, serde, serde_json};

/// A value as the answer of a hook.
pub fn reply<T: TypedPayload>(value: T) -> Reply {
    Reply::Value(Payload::checked(value))
}

/// What a chain link answered.
pub fn flow<T: TypedPayload>(flow: Flow<T>) -> Reply {
    match flow {
        Flow::Next(value) => reply(value),
        Flow::Unchanged => Reply::Unchanged,
        Flow::Stop => Reply::Stop,
    }
}

/// The answer to a notification: nobody reads it, so nothing is made.
pub fn told(_: ()) -> Reply {
    Reply::Unchanged
}

/// The answer of a hook that the plugin does not list.
#[cold]
pub fn not_implemented(hook: &str) -> Fault {
    Fault::new("hook_not_implemented", format!("the plugin does not implement hook `{hook}`"))
}

/// As [`not_implemented`], of a call.
#[cold]
pub fn unknown_hook(hook: &HookName) -> HookFuture<'static> {
    HookFuture::Ready(Err(not_implemented(hook.as_str())))
}

/// Reads and writes a derived struct as an object and nothing else.
#[doc(hidden)]
#[macro_export]
macro_rules! object {
    ($name:ident) => {
        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                // The derived function: `remote = "Self"` makes it an inherent one.
                $name::serialize(self, serializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $name::deserialize($crate::__private::Objects(deserializer))
            }
        }
    };
}

/// Reads and writes an enum of texts, which has `as_str`, `from_text` and `TEXTS`.
#[doc(hidden)]
#[macro_export]
macro_rules! texts {
    ($name:ident) => {
        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $crate::__private::member(deserializer, Self::from_text, Self::TEXTS)
            }
        }
    };
}
