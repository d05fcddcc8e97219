//! [`Guarded`]: a holder for foreign values whose `Drop` may panic.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Holds a value of a plugin and drops it under `catch_unwind`.
///
/// A future, a typed payload or a plugin can panic while it is dropped. Without a holder that panic
/// would unwind through the host, and abort the process when the host is already unwinding.
pub struct Guarded<T>(Option<T>);

impl<T> Guarded<T> {
    /// Takes a value into care.
    #[inline]
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// The value. `None` only after [`Guarded::take`].
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// The value, mutable. `None` only after [`Guarded::take`].
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }

    /// Releases the value: from here on its drop is the caller's concern.
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    /// Drops the value now and says what its `Drop` panicked with, if it did.
    ///
    /// # Errors
    /// The message of the panic; the value is gone all the same.
    pub fn discard(mut self) -> Result<(), String> {
        match self.0.take() {
            Some(value) => catch(|| drop(value)),
            None => Ok(()),
        }
    }
}

impl<T> Drop for Guarded<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            // Whoever wants to know calls `discard`.
            let _ = catch(|| drop(value));
        }
    }
}

impl<T> fmt::Debug for Guarded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded(..)")
    }
}

/// Runs foreign code and turns a panic into its message.
///
/// # Errors
/// The message of the panic.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(panic_message)
}

/// A panic that was caught elsewhere, with what is known of it: in a shared library, in another
/// process. Thrown with [`resume_unwind`](std::panic::resume_unwind), it ends a call like a panic
/// of the host's own code.
#[derive(Clone, Debug)]
pub struct ForeignPanic {
    /// What it was thrown with, if that was text.
    pub message: String,
    /// Where: file, line, column.
    pub location: Option<(String, u32, u32)>,
}

/// The message of a caught panic; drops the payload without letting it panic again.
pub fn panic_message(payload: Box<dyn Any + Send>) -> String {
    let message = if let Some(text) = payload.downcast_ref::<&'static str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else if let Some(foreign) = payload.downcast_ref::<ForeignPanic>() {
        foreign.message.clone()
    } else {
        "a panic whose payload is not text".to_owned()
    };
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload that panics when dropped would do so again: leaking it is the only way out.
        std::mem::forget(second);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any(Bomb);
        }
    }

    #[test]
    fn a_value_that_panics_while_dropped_harms_nobody() {
        drop(Guarded::new(Bomb));
        assert!(Guarded::new(Bomb).discard().is_err());
    }

    #[test]
    fn a_panic_payload_that_panics_while_dropped_is_forgotten() {
        let caught = catch(|| std::panic::panic_any(Bomb));
        assert_eq!(caught, Err("a panic whose payload is not text".to_owned()));
    }
}
