//! [`Payload`]: one immutable value, shared by a whole dispatch, in up to three forms.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::codec;
use crate::contract::Contract;
use crate::fault::Fault;
use crate::findings::Findings;
use crate::guard::{Guarded, catch};
use crate::typed::{Routing, TypedPayload};
use crate::violation::Violations;

/// One immutable payload shared by everyone who takes part in a dispatch.
///
/// It holds a Rust value, its JSON and the JSON's bytes, starting from any one of them; each other
/// form is made when first asked for, and at most once, however many plugins ask.
///
/// ```
/// # use hookspec_plugin::Payload;
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Query { text: String }
/// let payload = Payload::of(Query { text: "rust".into() });
/// assert_eq!(payload.typed::<Query>()?.text, "rust");          // the same value: no JSON was made
/// assert_eq!(payload.json()?, &serde_json::json!({ "text": "rust" }));
/// # Ok::<(), hookspec_plugin::Fault>(())
/// ```
#[derive(Clone)]
pub struct Payload(Arc<Forms>);

#[derive(Default)]
struct Forms {
    typed: OnceLock<Typed>,
    json: OnceLock<Result<Value, Fault>>,
    bytes: OnceLock<Result<Arc<[u8]>, Fault>>,
    crossings: AtomicU32,
    findings: Findings,
}

struct Typed {
    value: Guarded<Box<dyn Any + Send + Sync>>,
    // Absent when the value was read from JSON: then the JSON is there already.
    to_json: Option<ToJson>,
    // What the type knows of its schema; only of values that a typed plugin or caller handed in.
    contract: Option<&'static Contract>,
}

type ToJson = fn(&(dyn Any + Send + Sync)) -> Result<Value, Fault>;

impl Payload {
    /// A payload that starts as a Rust value. A [`Value`] becomes the JSON form.
    pub fn of<T: Serialize + Send + Sync + 'static>(value: T) -> Self {
        // The only way to specialise on `Value` without unsafe: look at it as `Any`.
        let mut slot = Some(value);
        if let Some(json) = (&mut slot as &mut dyn Any).downcast_mut::<Option<Value>>() {
            return Self::from_json(json.take().unwrap_or_default());
        }
        match slot {
            Some(value) => Self::keep(value, None),
            None => Self::from_json(Value::Null),
        }
    }

    /// A payload that starts as a value of a generated type, and can be asked what that type knows
    /// of its schema. A [`Value`] becomes the JSON form.
    #[inline]
    pub fn checked<T: TypedPayload>(value: T) -> Self {
        if TypeId::of::<T>() == TypeId::of::<Value>() {
            return Self::of(value);
        }
        Self::keep(value, Some(Contract::of::<T>()))
    }

    fn keep<T>(value: T, contract: Option<&'static Contract>) -> Self
    where
        T: Serialize + Send + Sync + 'static,
    {
        let typed = Typed {
            value: Guarded::new(Box::new(value)),
            to_json: Some(|any| match any.downcast_ref::<T>() {
                Some(value) => Ok(serde_json::to_value(value)?),
                None => Ok(Value::Null),
            }),
            contract,
        };
        Self(Arc::new(Forms { typed: OnceLock::from(typed), ..Forms::default() }))
    }

    /// A payload that starts as JSON.
    #[inline]
    pub fn from_json(value: Value) -> Self {
        Self(Arc::new(Forms { json: OnceLock::from(Ok(value)), ..Forms::default() }))
    }

    /// A payload that starts as the bytes of a JSON text; they are parsed when somebody looks.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(Arc::new(Forms { bytes: OnceLock::from(Ok(bytes.into())), ..Forms::default() }))
    }

    /// The payload as a `T`: shared with everybody who asks for the same type.
    ///
    /// The first type asked for is kept; any other type is read from the JSON anew for each call,
    /// and [counted](Payload::crossings).
    ///
    /// # Errors
    /// `payload_mismatch`: the JSON does not have the shape of a `T`. The caller can look at
    /// [`Payload::json`] instead.
    #[inline]
    pub fn typed<T>(&self) -> Result<View<'_, T>, Fault>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        if TypeId::of::<T>() == TypeId::of::<Value>() {
            let json: &dyn Any = self.json()?;
            // Cannot be absent: the types were just compared.
            return json.downcast_ref::<T>().map(View::Shared).ok_or_else(mismatch::<T>);
        }
        self.typed_or_read()
    }

    fn typed_or_read<T>(&self) -> Result<View<'_, T>, Fault>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        if let Some(typed) = self.0.typed.get() {
            if let Some(value) = typed.get::<T>() {
                return Ok(View::Shared(value));
            }
            self.0.crossings.fetch_add(1, Ordering::Relaxed);
            return read::<T>(self.json()?).map(|value| View::Own(Box::new(value)));
        }
        let value = Box::new(read::<T>(self.json()?)?);
        let typed = Typed { value: Guarded::new(value), to_json: None, contract: None };
        match self.0.typed.set(typed) {
            Ok(()) => {
                let kept = self.0.typed.get().and_then(Typed::get::<T>);
                kept.map(View::Shared).ok_or_else(mismatch::<T>)
            }
            // Somebody else was faster: our copy is as good as theirs.
            Err(mut ours) => {
                let value = ours.value.take().and_then(|value| value.downcast::<T>().ok());
                value.map(View::Own).ok_or_else(mismatch::<T>)
            }
        }
    }

    /// The payload as JSON.
    ///
    /// # Errors
    /// `payload_not_json`: the bytes are not JSON, or the Rust value cannot be written as JSON.
    #[inline]
    pub fn json(&self) -> Result<&Value, Fault> {
        match self.0.json.get() {
            Some(Ok(json)) => Ok(json),
            _ => self.make_json(),
        }
    }

    #[cold]
    fn make_json(&self) -> Result<&Value, Fault> {
        let json = self.0.json.get_or_init(|| {
            if let Some(typed) = self.0.typed.get() {
                return typed.write();
            }
            match self.0.bytes.get() {
                Some(Ok(bytes)) => serde_json::from_slice(bytes).map_err(not_json),
                Some(Err(fault)) => Err(fault.clone()),
                None => Ok(Value::Null),
            }
        });
        json.as_ref().map_err(Fault::clone)
    }

    /// The payload as the bytes of a JSON text, shared by every plugin outside the process.
    ///
    /// # Errors
    /// As [`Payload::json`].
    pub fn bytes(&self) -> Result<&Arc<[u8]>, Fault> {
        let bytes = self.0.bytes.get_or_init(|| {
            let json = self.json()?;
            serde_json::to_vec(json).map(Arc::from).map_err(not_json)
        });
        bytes.as_ref().map_err(Fault::clone)
    }

    /// Takes the value out as a `T`, without a copy where this is the last owner of a `T`.
    ///
    /// # Errors
    /// As [`Payload::typed`].
    pub fn into_typed<T>(self) -> Result<T, Fault>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        match Arc::try_unwrap(self.0) {
            Ok(mut forms) => {
                if TypeId::of::<T>() == TypeId::of::<Value>() {
                    return Self(Arc::new(forms)).into_json().and_then(cast::<T>);
                }
                let kept = forms.typed.take().and_then(|mut typed| {
                    if !typed.value.get().is_some_and(|value| value.is::<T>()) {
                        // Put back: its JSON may still have to be made from it.
                        let _ = forms.typed.set(typed);
                        return None;
                    }
                    typed.value.take().and_then(|value| value.downcast::<T>().ok())
                });
                match kept {
                    Some(value) => Ok(*value),
                    None => read(Self(Arc::new(forms)).json()?),
                }
            }
            Err(shared) => {
                let json = Self(shared);
                if TypeId::of::<T>() == TypeId::of::<Value>() {
                    return json.json().cloned().and_then(cast::<T>);
                }
                read(json.json()?)
            }
        }
    }

    /// Takes the JSON out, without a copy where this is the last owner.
    ///
    /// # Errors
    /// As [`Payload::json`].
    pub fn into_json(self) -> Result<Value, Fault> {
        self.json()?;
        match Arc::try_unwrap(self.0) {
            Ok(forms) => forms.json.into_inner().unwrap_or(Ok(Value::Null)),
            Err(shared) => Self(shared).json().cloned(),
        }
    }

    /// The fingerprint of the schema that the kept value's type was generated from; `None` for
    /// JSON, for bytes, and for a Rust value of any other type.
    #[inline]
    pub fn typed_schema(&self) -> Option<&'static str> {
        self.contract().map(|(contract, _)| contract.schema)
    }

    /// Whether [`check_typed`](Self::check_typed) says all that the schema says.
    #[inline]
    pub fn is_complete(&self) -> bool {
        self.contract().is_some_and(|(contract, _)| contract.complete)
    }

    /// Checks the kept value without making JSON; `None` where there is no such value.
    #[inline]
    pub fn check_typed(&self) -> Option<Result<(), Violations>> {
        let (contract, value) = self.contract()?;
        let checked = catch(|| (contract.check)(value));
        Some(checked.unwrap_or_else(|panic| Err(Violations::whole(format!("panicked: {panic}")))))
    }

    /// Whether both keep equal values of one type; `None` where they do not keep one type.
    pub fn typed_eq(&self, other: &Self) -> Option<bool> {
        let (contract, value) = self.contract()?;
        // The other's value may have been read from JSON, so only its type counts.
        let other = other.0.typed.get()?.value.get()?;
        catch(|| (contract.equal)(value, &**other)).ok().flatten()
    }

    /// What capability dispatch looks at, read from the kept value (CAPABILITY-2); `None` where
    /// there is no such value.
    pub fn typed_routing(&self) -> Option<Routing<'_>> {
        let (contract, value) = self.contract()?;
        catch(|| (contract.routing)(value)).ok()
    }

    #[inline]
    fn contract(&self) -> Option<(&'static Contract, &(dyn Any + Send + Sync))> {
        let typed = self.0.typed.get()?;
        Some((typed.contract?, &**typed.value.get()?))
    }

    /// Whether both are the same payload, not merely equal ones.
    #[inline]
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether nobody else holds this payload.
    #[inline]
    pub fn is_unique(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }

    /// Whether the JSON form exists already; asking makes nothing.
    #[inline]
    pub fn has_json(&self) -> bool {
        self.0.json.get().is_some()
    }

    /// The bytes, if they exist already; asking makes nothing.
    #[inline]
    pub fn known_bytes(&self) -> Option<&Arc<[u8]>> {
        self.0.bytes.get().and_then(|bytes| bytes.as_ref().ok())
    }

    /// What the host has found out about this payload.
    #[doc(hidden)]
    #[inline]
    pub fn findings(&self) -> &Findings {
        &self.0.findings
    }

    /// How often somebody asked for another Rust type than the one that is kept.
    pub fn crossings(&self) -> u32 {
        self.0.crossings.load(Ordering::Relaxed)
    }
}

impl Typed {
    fn get<T: 'static>(&self) -> Option<&T> {
        self.value.get().and_then(|value| value.downcast_ref())
    }

    fn write(&self) -> Result<Value, Fault> {
        match (self.to_json, self.value.get()) {
            // `Serialize` of a foreign type may panic like any other foreign code.
            (Some(to_json), Some(value)) => catch(|| to_json(&**value))
                .unwrap_or_else(|panic| Err(Fault::new("panic", panic)))
                .map_err(|fault| Fault::new("payload_not_json", fault.message())),
            _ => Ok(Value::Null),
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content may be secret or huge; which forms exist is what one debugs.
        f.debug_struct("Payload")
            .field("typed", &self.0.typed.get().is_some())
            .field("json", &self.0.json.get().is_some())
            .field("bytes", &self.0.bytes.get().is_some())
            .finish()
    }
}

/// A payload seen as a `T`.
#[derive(Debug)]
pub enum View<'a, T> {
    /// The value everybody shares.
    Shared(&'a T),
    /// A value read for this view alone.
    Own(Box<T>),
}

impl<T> Deref for View<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Shared(value) => value,
            Self::Own(value) => value,
        }
    }
}

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, Fault> {
    catch(|| codec::read(json))
        .map_err(|panic| Fault::new("panic", panic))?
        .map_err(|error| Fault::new("payload_mismatch", error.to_string()))
}

fn cast<T: 'static>(json: Value) -> Result<T, Fault> {
    let mut slot = Some(json);
    let any: &mut dyn Any = &mut slot;
    any.downcast_mut::<Option<T>>().and_then(Option::take).ok_or_else(mismatch::<T>)
}

fn mismatch<T>() -> Fault {
    Fault::new("payload_mismatch", format!("the payload is not a {}", std::any::type_name::<T>()))
}

fn not_json(error: serde_json::Error) -> Fault {
    Fault::new("payload_not_json", error.to_string())
}
