//! [`Fault`]: what a plugin says went wrong.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a plugin says went wrong: a code for machines, a message for people.
///
/// Any error becomes a fault with `?`, under the code `error` and with its sources in the message.
///
/// ```
/// # use hookspec_plugin::Fault;
/// fn read(path: &str) -> Result<String, Fault> {
///     if path.is_empty() {
///         return Err(Fault::new("no_path", "the input carries no path"));
///     }
///     Ok(std::fs::read_to_string(path)?)
/// }
/// assert_eq!(read("").unwrap_err().code(), "no_path");
/// assert_eq!(read("/does/not/exist").unwrap_err().code(), "error");
/// ```
///
/// It is not itself a [`std::error::Error`], because the conversion from any error would then
/// collide with the standard library's; the host wraps it in errors that are.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fault(Box<Body>);

// Boxed, because a `Result<Reply, Fault>` is moved several times per call and is nearly always Ok.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Body {
    code: String,
    message: String,
    #[serde(default)]
    retryable: bool,
    #[serde(default)]
    data: Value,
}

impl Fault {
    /// A fault that is not worth repeating the call for.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(Body {
            code: code.into(),
            message: message.into(),
            retryable: false,
            data: Value::Null,
        }))
    }

    /// Says that the same call may succeed later.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// Attaches data for the caller. It crosses every boundary as JSON.
    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.0.data = data;
        self
    }

    /// A stable code chosen by the plugin.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What happened, for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Data for the caller; `null` when there is none.
    pub fn data(&self) -> &Value {
        &self.0.data
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("retryable", &self.0.retryable)
            .field("data", &self.0.data)
            .finish()
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::new("error", message)
    }
}
