//! Errors: the caller was wrong, or the class says that one failure ends the dispatch.
//!
//! Everything else is data in an outcome (invariant 6). Each error has a stable code, listed with
//! its remedy in the error reference (`docs/errors.md`).

mod dispatch;
mod lifecycle;
mod reload;

pub use self::dispatch::{Ambiguity, DispatchError, Partial};
pub use self::lifecycle::{
    RegistrationError, RemoveError, StartError, TeardownErrors, TeardownFailure,
};
pub use self::reload::ReloadError;

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    if items.is_empty() {
        return "none".into();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn arrow<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> ")
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("  - {item}")).collect::<Vec<_>>().join("\n")
}
