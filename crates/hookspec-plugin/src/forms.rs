//! [`Forms`]: what a payload holds, the form that it started as and those made of it since.

use std::any::Any;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde_json::Value;

use crate::contract::Contract;
use crate::fault::Fault;
use crate::findings::Findings;
use crate::guard::{Guarded, catch};

/// A Rust value whose type is known to those who ask for it: a `Guarded<T>` always, see
/// [`value_of`].
pub(crate) type AnyValue = dyn Any + Send + Sync;

/// The Rust value lies in the same allocation as all else, and what a payload starts as needs no
/// `OnceLock`: both are paid for by every answer of every plugin.
pub(crate) struct Forms<V: ?Sized = AnyValue> {
    pub(crate) start: Start,
    json: OnceLock<Result<Box<Value>, Fault>>,
    bytes: OnceLock<Result<Arc<[u8]>, Fault>>,
    /// A Rust value that was read from the JSON: of the first type that somebody asked for.
    pub(crate) read: OnceLock<Box<AnyValue>>,
    pub(crate) crossings: AtomicU32,
    pub(crate) findings: Findings,
    /// The value where `start` is `Typed`.
    value: V,
}

/// What a payload starts as.
pub(crate) enum Start {
    Typed {
        to_json: fn(&AnyValue) -> Result<Value, Fault>,
        /// What the type knows of its schema, where it was generated from one.
        contract: Option<&'static Contract>,
    },
    Json(Value),
    Bytes(Arc<[u8]>),
}

/// The value as a `T`, if it is one.
#[inline]
pub(crate) fn value_of<T: 'static>(value: &AnyValue) -> Option<&T> {
    value.downcast_ref::<Guarded<T>>()?.get()
}

impl Forms {
    #[inline]
    pub(crate) fn of_value<T>(value: T, contract: Option<&'static Contract>) -> Arc<Self>
    where
        T: Serialize + Send + Sync + 'static,
    {
        let to_json = |any: &AnyValue| match value_of::<T>(any) {
            // `Serialize` of a foreign type may panic like any other foreign code.
            Some(value) => catch(|| serde_json::to_value(value))
                .map_err(|panic| not_json(&panic))?
                .map_err(|error| not_json(&error)),
            None => Ok(Value::Null),
        };
        Forms::new(Start::Typed { to_json, contract }, Guarded::new(value))
    }

    #[inline]
    pub(crate) fn of(start: Start) -> Arc<Self> {
        Forms::new(start, ())
    }

    /// The Rust value, of whatever type.
    #[inline]
    pub(crate) fn kept(&self) -> Option<&AnyValue> {
        match self.start {
            Start::Typed { .. } => Some(&self.value),
            Start::Json(_) | Start::Bytes(_) => self.read.get().map(|value| &**value),
        }
    }

    /// Takes the Rust value out if it is a `T`; it stays otherwise.
    #[inline]
    pub(crate) fn take<T: 'static>(&mut self) -> Option<T> {
        let value = match self.start {
            Start::Typed { .. } => &mut self.value,
            Start::Json(_) | Start::Bytes(_) => &mut **self.read.get_mut()?,
        };
        value.downcast_mut::<Guarded<T>>()?.take()
    }

    /// What the type of the kept value knows of its schema, and the value.
    #[inline]
    pub(crate) fn contract(&self) -> Option<(&'static Contract, &AnyValue)> {
        match self.start {
            Start::Typed { contract, .. } => Some((contract?, &self.value)),
            Start::Json(_) | Start::Bytes(_) => None,
        }
    }

    #[inline]
    pub(crate) fn json(&self) -> Result<&Value, Fault> {
        match &self.start {
            Start::Json(json) => Ok(json),
            Start::Typed { .. } | Start::Bytes(_) => self.made_json(),
        }
    }

    #[cold]
    fn made_json(&self) -> Result<&Value, Fault> {
        let json = self.json.get_or_init(|| match &self.start {
            Start::Typed { to_json, .. } => to_json(&self.value).map(Box::new),
            Start::Bytes(bytes) => serde_json::from_slice(bytes).map_err(|error| not_json(&error)),
            Start::Json(json) => Ok(Box::new(json.clone())),
        });
        json.as_deref().map_err(Fault::clone)
    }

    /// Takes the JSON out; what is left is of no use.
    pub(crate) fn take_json(&mut self) -> Result<Value, Fault> {
        match &mut self.start {
            Start::Json(json) => Ok(json.take()),
            Start::Typed { .. } | Start::Bytes(_) => match self.json.take() {
                Some(made) => made.map(|json| *json),
                None => self.made_json().cloned(),
            },
        }
    }

    #[inline]
    pub(crate) fn has_json(&self) -> bool {
        matches!(self.start, Start::Json(_)) || self.json.get().is_some()
    }

    pub(crate) fn bytes(&self) -> Result<&Arc<[u8]>, Fault> {
        if let Start::Bytes(bytes) = &self.start {
            return Ok(bytes);
        }
        let bytes = self.bytes.get_or_init(|| {
            let json = self.json()?;
            serde_json::to_vec(json).map(Arc::from).map_err(|error| not_json(&error))
        });
        bytes.as_ref().map_err(Fault::clone)
    }

    #[inline]
    pub(crate) fn known_bytes(&self) -> Option<&Arc<[u8]>> {
        match &self.start {
            Start::Bytes(bytes) => Some(bytes),
            Start::Typed { .. } | Start::Json(_) => self.bytes.get()?.as_ref().ok(),
        }
    }
}

impl<V> Forms<V> {
    #[inline]
    fn new(start: Start, value: V) -> Arc<Self> {
        Arc::new(Self {
            start,
            json: OnceLock::new(),
            bytes: OnceLock::new(),
            read: OnceLock::new(),
            crossings: AtomicU32::new(0),
            findings: Findings::default(),
            value,
        })
    }
}

fn not_json(why: &dyn std::fmt::Display) -> Fault {
    Fault::new("payload_not_json", why.to_string())
}
