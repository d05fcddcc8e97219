//! [`TraceContext`]: W3C trace context, as it goes from a caller to plugins and on.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

/// Where in a distributed trace something happens: `traceparent` and `tracestate` as the W3C
/// Recommendation *Trace Context* has them.
///
/// ```
/// # use hookspec_plugin::TraceContext;
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace: TraceContext = text.parse()?;
/// assert!(trace.is_sampled());
/// assert_eq!(trace.traceparent(), text);
/// # Ok::<(), hookspec_plugin::InvalidTraceparent>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
    state: String,
}

impl TraceContext {
    /// The context of a span within a trace. `None` if one of the ids is zero, which means no id.
    pub fn new(trace_id: u128, parent_id: u64, sampled: bool) -> Option<Self> {
        let valid = trace_id != 0 && parent_id != 0;
        valid.then(|| Self { trace_id, parent_id, flags: sampled.into(), state: String::new() })
    }

    /// Reads what [`to_value`](Self::to_value) writes: the metadata value `trace_context`.
    /// `None` where there is no valid `traceparent`: a trace that cannot be read is not continued.
    pub fn from_value(value: &Value) -> Option<Self> {
        let trace: Self = value.get("traceparent")?.as_str()?.parse().ok()?;
        let state = value.get("tracestate").and_then(Value::as_str).unwrap_or_default();
        Some(trace.with_state(state))
    }

    /// An object with `traceparent` and, where there is one, `tracestate`.
    pub fn to_value(&self) -> Value {
        let mut value = json!({ "traceparent": self.traceparent() });
        if !self.state.is_empty() {
            value["tracestate"] = json!(self.state);
        }
        value
    }

    /// The same place, with a vendor's state. One of over 512 characters is left out, as the
    /// Recommendation allows.
    #[must_use]
    pub fn with_state(mut self, state: &str) -> Self {
        self.state = if state.len() <= 512 { state.trim().to_owned() } else { String::new() };
        self
    }

    /// A place below this one in the same trace.
    #[must_use]
    pub fn child(&self, span_id: u64) -> Self {
        // Zero means no id: then the place stays the parent's.
        let parent_id = if span_id == 0 { self.parent_id } else { span_id };
        Self { parent_id, ..self.clone() }
    }

    /// The header `traceparent`.
    pub fn traceparent(&self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, self.flags)
    }

    /// The header `tracestate`; empty where there is none.
    pub fn tracestate(&self) -> &str {
        &self.state
    }

    /// The id of the whole trace.
    pub fn trace_id(&self) -> u128 {
        self.trace_id
    }

    /// The id of the span that this is the context of.
    pub fn span_id(&self) -> u64 {
        self.parent_id
    }

    /// Whether the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidTraceparent;

impl FromStr for TraceContext {
    type Err = InvalidTraceparent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = InvalidTraceparent;
        let mut parts = text.split('-');
        let mut part = |length: usize| {
            let part = parts.next().filter(|part| part.len() == length).ok_or(invalid)?;
            let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            if part.bytes().all(lower) { Ok(part) } else { Err(invalid) }
        };
        let version = part(2)?;
        let (trace, parent, flags) = (part(32)?, part(16)?, part(2)?);
        // Later versions may add parts at the end; this one has four.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return Err(invalid);
        }
        let trace_id = u128::from_str_radix(trace, 16).map_err(|_| invalid)?;
        let parent_id = u64::from_str_radix(parent, 16).map_err(|_| invalid)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| invalid)?;
        if trace_id == 0 || parent_id == 0 {
            return Err(invalid);
        }
        Ok(Self { trace_id, parent_id, flags: flags & 1, state: String::new() })
    }
}

impl fmt::Display for InvalidTraceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "it is no traceparent: write `00-` and 32, `-` and 16, `-` and 2 lower-case hexadecimal \
             digits, with neither id all zeros",
        )
    }
}

impl std::error::Error for InvalidTraceparent {}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_no_traceparent_is_refused() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(text.parse::<TraceContext>(), Err(InvalidTraceparent), "{text}");
        }
    }

    #[test]
    fn a_later_version_may_say_more_and_is_handed_on_as_this_one() {
        let later = TEXT.replacen("00-", "cc-", 1) + "-what-comes";
        assert_eq!(later.parse::<TraceContext>().unwrap().traceparent(), TEXT);
    }

    #[test]
    fn a_child_stays_in_its_trace() {
        let trace: TraceContext = TEXT.parse().unwrap();
        let child = trace.clone().with_state("a=1").child(7);
        assert_eq!((child.trace_id(), child.span_id()), (trace.trace_id(), 7));
        assert!(child.is_sampled());
        assert_eq!(TraceContext::from_value(&child.to_value()), Some(child));
    }

    #[test]
    fn no_state_longer_than_the_recommendation_asks_for_is_carried() {
        let trace: TraceContext = TEXT.parse().unwrap();
        assert_eq!(trace.clone().with_state(&"x".repeat(513)).tracestate(), "");
        assert_eq!(trace.with_state(&"x".repeat(512)).tracestate().len(), 512);
    }
}
