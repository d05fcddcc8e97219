//! [`Payload`]: one immutable value, shared by a whole dispatch, in up to three forms.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::codec;
use crate::contract::Contract;
use crate::fault::Fault;
use crate::findings::Findings;
use crate::forms::{Forms, Start, value_of};
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

impl Payload {
    /// A payload that starts as a Rust value. A [`Value`] becomes the JSON form.
    pub fn of<T: Serialize + Send + Sync + 'static>(value: T) -> Self {
        // The only way to specialise on `Value` without unsafe: look at it as `Any`.
        let mut slot = Some(value);
        if let Some(json) = (&mut slot as &mut dyn Any).downcast_mut::<Option<Value>>() {
            return Self::from_json(json.take().unwrap_or_default());
        }
        match slot {
            Some(value) => Self(Forms::of_value(value, None)),
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
        Self(Forms::of_value(value, Some(Contract::of::<T>())))
    }

    /// A payload that starts as JSON.
    #[inline]
    pub fn from_json(value: Value) -> Self {
        Self(Forms::of(Start::Json(value)))
    }

    /// A payload that starts as the bytes of a JSON text; they are parsed when somebody looks.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(Forms::of(Start::Bytes(bytes.into())))
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
        match self.0.kept().and_then(value_of) {
            Some(value) => Ok(View::Shared(value)),
            None => self.read_typed(),
        }
    }

    #[cold]
    fn read_typed<T>(&self) -> Result<View<'_, T>, Fault>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        if self.0.kept().is_some() {
            self.0.crossings.fetch_add(1, Ordering::Relaxed);
            return read::<T>(self.json()?).map(|value| View::Own(Box::new(value)));
        }
        let value = Guarded::new(read::<T>(self.json()?)?);
        match self.0.read.set(Box::new(value)) {
            Ok(()) => self.0.kept().and_then(value_of).map(View::Shared).ok_or_else(mismatch::<T>),
            // Somebody else was faster: our copy is as good as theirs.
            Err(mut ours) => {
                let value = ours.downcast_mut::<Guarded<T>>().and_then(Guarded::take);
                value.map(|value| View::Own(Box::new(value))).ok_or_else(mismatch::<T>)
            }
        }
    }

    /// The payload as JSON.
    ///
    /// # Errors
    /// `payload_not_json`: the bytes are not JSON, or the Rust value cannot be written as JSON.
    #[inline]
    pub fn json(&self) -> Result<&Value, Fault> {
        self.0.json()
    }

    /// The payload as the bytes of a JSON text, shared by every plugin outside the process.
    ///
    /// # Errors
    /// As [`Payload::json`].
    pub fn bytes(&self) -> Result<&Arc<[u8]>, Fault> {
        self.0.bytes()
    }

    /// Takes the value out as a `T`, without a copy where this is the last owner of a `T`.
    ///
    /// # Errors
    /// As [`Payload::typed`].
    #[inline]
    pub fn into_typed<T>(mut self) -> Result<T, Fault>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        if TypeId::of::<T>() == TypeId::of::<Value>() {
            return self.into_json().and_then(cast::<T>);
        }
        match Arc::get_mut(&mut self.0).and_then(Forms::take) {
            Some(value) => Ok(value),
            None => read(self.json()?),
        }
    }

    /// Takes the JSON out, without a copy where this is the last owner.
    ///
    /// # Errors
    /// As [`Payload::json`].
    pub fn into_json(mut self) -> Result<Value, Fault> {
        match Arc::get_mut(&mut self.0) {
            Some(forms) => forms.take_json(),
            None => self.json().cloned(),
        }
    }

    /// The fingerprint of the schema that the kept value's type was generated from; `None` for
    /// JSON, for bytes, and for a Rust value of any other type.
    #[inline]
    pub fn typed_schema(&self) -> Option<&'static str> {
        self.0.contract().map(|(contract, _)| contract.schema)
    }

    /// Whether [`check_typed`](Self::check_typed) says all that the schema says.
    #[inline]
    pub fn is_complete(&self) -> bool {
        self.0.contract().is_some_and(|(contract, _)| contract.complete)
    }

    /// Checks the kept value without making JSON; `None` where there is no such value.
    #[inline]
    pub fn check_typed(&self) -> Option<Result<(), Violations>> {
        let (contract, value) = self.0.contract()?;
        let checked = catch(|| (contract.check)(value));
        Some(checked.unwrap_or_else(|panic| Err(Violations::whole(format!("panicked: {panic}")))))
    }

    /// Whether the kept value, written as JSON and read back, is what it was; makes no JSON that
    /// stays. Nothing is wrong where there is no value of a generated type.
    ///
    /// # Errors
    /// What is lost. Mend how the type is written or read.
    pub fn survives_json(&self) -> Result<(), Violations> {
        let Some((contract, value)) = self.0.contract() else { return Ok(()) };
        catch(|| (contract.survives_json)(value))
            .unwrap_or_else(|panic| Err(Violations::whole(format!("panicked: {panic}"))))
    }

    /// Whether both keep equal values of one type; `None` where they do not keep one type.
    pub fn typed_eq(&self, other: &Self) -> Option<bool> {
        let (contract, value) = self.0.contract()?;
        // The other's value may have been read from JSON, so only its type counts.
        let other = other.0.kept()?;
        catch(|| (contract.equal)(value, other)).ok().flatten()
    }

    /// What capability dispatch looks at, read from the kept value (CAPABILITY-2); `None` where
    /// there is no such value.
    pub fn typed_routing(&self) -> Option<Routing<'_>> {
        let (contract, value) = self.0.contract()?;
        catch(|| (contract.routing)(value)).ok()
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
        self.0.has_json()
    }

    /// The bytes, if they exist already; asking makes nothing.
    #[inline]
    pub fn known_bytes(&self) -> Option<&Arc<[u8]>> {
        self.0.known_bytes()
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

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content may be secret or huge; which forms exist is what one debugs.
        f.debug_struct("Payload")
            .field("typed", &self.0.kept().is_some())
            .field("json", &self.has_json())
            .field("bytes", &self.known_bytes().is_some())
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
