//! A plugin's circuit breaker, as people and as programs read it.

use hookspec_host::{CircuitSnapshot, CircuitState};
use serde_json::{Value, json};

use crate::text::{duration, millis};

/// Why calls do not pass, or not all of them; `None` while they do.
pub(super) fn holds_back(circuit: &CircuitSnapshot) -> Option<String> {
    let held = match circuit.state {
        CircuitState::Closed => return None,
        CircuitState::Open => match circuit.retry_in {
            Some(left) => format!("open, tried again in {}", duration(left)),
            None => "open".into(),
        },
        CircuitState::HalfOpen => "half-open, one call is let through to try".into(),
    };
    let times = if circuit.opened == 1 { "time" } else { "times" };
    Some(format!("{held}; it opened {} {times}", circuit.opened))
}

/// The name that programs find.
pub(super) fn name(state: CircuitState) -> &'static str {
    match state {
        CircuitState::Closed => "closed",
        CircuitState::Open => "open",
        CircuitState::HalfOpen => "half_open",
    }
}

/// As the README describes `circuit`.
pub(super) fn object(circuit: &CircuitSnapshot) -> Value {
    json!({
        "state": name(circuit.state),
        "failures": circuit.failures,
        "retry_in_ms": circuit.retry_in.map(millis),
        "opened": circuit.opened,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_holds_calls_back_is_said() {
        let circuit = |state, retry_in| CircuitSnapshot { state, failures: 2, retry_in, opened: 1 };
        let open = circuit(CircuitState::Open, Some(Duration::from_secs(12)));
        let text = "open, tried again in 12.0 s; it opened 1 time";
        assert_eq!(holds_back(&open).as_deref(), Some(text));
        let probing = holds_back(&circuit(CircuitState::HalfOpen, None));
        assert!(probing.is_some_and(|text| text.starts_with("half-open")));
        assert_eq!(holds_back(&circuit(CircuitState::Closed, None)), None);
        let expected = json!({
            "state": "open", "failures": 2, "retry_in_ms": 12_000.0, "opened": 1,
        });
        assert_eq!(object(&open), expected);
    }
}
