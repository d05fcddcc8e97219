//! [`Asked`]: what a request says of itself, and the [`Caller`] that its dispatches are made with.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Method};
use hookspec::{Caller, TraceContext, metadata};

/// The header with the id of a request: taken over where it is one, made where it is not, and in
/// every answer.
pub const REQUEST_ID: &str = "x-request-id";
/// The header with the milliseconds that a request may take.
pub const REQUEST_TIMEOUT_MS: &str = "x-request-timeout-ms";

/// The metadata key under which plugins see the method, named as OpenTelemetry names it.
pub(crate) const METHOD: &str = "http.request.method";
/// The metadata key under which plugins see the status of the answer.
pub(crate) const STATUS: &str = "http.response.status_code";

/// What a request says of itself.
#[derive(Clone, Debug)]
pub struct Asked {
    id: String,
    caller: Caller,
    at: Instant,
    /// `None`: it does not say. An error is what is wrong with what it says.
    limit: Result<Option<Duration>, String>,
}

impl Asked {
    /// Reads the headers of a request that arrived just now.
    ///
    /// The trace is handed on as it came: the gateway records no span of its own, and a trace must
    /// not name a parent that nobody has seen.
    pub fn read(method: &Method, headers: &HeaderMap) -> Self {
        let id = id(headers);
        let caller = Caller::new()
            .with_metadata(metadata::REQUEST_ID, id.as_str())
            .with_metadata(METHOD, method.as_str());
        let caller = match trace(headers) {
            Some(trace) => caller.with_trace(&trace),
            None => caller,
        };
        Self { id, caller, at: Instant::now(), limit: limit(headers) }
    }

    /// The id of the request.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who dispatches on behalf of the request, without a deadline.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// How long ago it arrived.
    pub fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }

    /// As [`caller`](Self::caller), with the deadline that the request asks for, and at most `most`
    /// from its arrival.
    ///
    /// # Errors
    /// What is wrong with the header [`REQUEST_TIMEOUT_MS`], for whoever sent it.
    pub fn within(&self, most: Duration) -> Result<Caller, String> {
        let limit = self.limit.clone()?.map_or(most, |asked| asked.min(most));
        let caller = self.caller.clone();
        // A time beyond what the clock can express is no limit.
        Ok(match self.at.checked_add(limit) {
            Some(deadline) => caller.with_deadline(deadline),
            None => caller,
        })
    }
}

fn id(headers: &HeaderMap) -> String {
    let sent = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        (1..=64).contains(&id.len()) && id.bytes().all(allowed)
    };
    // What is no plain word would end up in logs and headers as it is.
    sent.filter(plain).map_or_else(made_id, str::to_owned)
}

/// Unique in this process, and as good as unique among others.
fn made_id() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one("gateway"));
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:016x}-{}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The trace that the request belongs to. Two `traceparent` are none, as the Recommendation says;
/// several `tracestate` are one list.
fn trace(headers: &HeaderMap) -> Option<TraceContext> {
    let mut parents = headers.get_all("traceparent").iter();
    let (parent, other) = (parents.next()?, parents.next());
    let trace: TraceContext = match other {
        None => parent.to_str().ok()?.trim().parse().ok()?,
        Some(_) => return None,
    };
    let states = headers.get_all("tracestate").iter().filter_map(|value| value.to_str().ok());
    let states: Vec<&str> = states.map(str::trim).filter(|state| !state.is_empty()).collect();
    Some(trace.with_state(&states.join(",")))
}

fn limit(headers: &HeaderMap) -> Result<Option<Duration>, String> {
    let Some(value) = headers.get(REQUEST_TIMEOUT_MS) else { return Ok(None) };
    let asked = value.to_str().ok().and_then(|text| text.trim().parse::<u64>().ok());
    match asked {
        Some(millis) if millis > 0 => Ok(Some(Duration::from_millis(millis))),
        _ => Err(format!("{REQUEST_TIMEOUT_MS} is not a whole number of milliseconds above 0")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn asked(headers: &[(&'static str, &str)]) -> Asked {
        let header = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers.iter().map(header) {
            map.append(name, value);
        }
        Asked::read(&Method::GET, &map)
    }

    #[test]
    fn an_id_that_is_no_plain_word_is_replaced() {
        let long = "x".repeat(65);
        for sent in ["", "two words", "a\"b", "é", &long] {
            let asked = asked(&[(REQUEST_ID, sent)]);
            assert!(asked.id() != sent && asked.id().len() > 16, "{sent}: {}", asked.id());
        }
        assert_ne!(asked(&[]).id(), asked(&[]).id());
        let plain = asked(&[(REQUEST_ID, "req-1")]);
        assert_eq!(
            (plain.id(), &plain.caller().metadata()["request_id"]),
            ("req-1", &"req-1".into())
        );
    }

    #[test]
    fn a_trace_that_cannot_be_read_is_not_continued() {
        for headers in [
            &[][..],
            &[("traceparent", "00-nonsense")],
            &[("traceparent", PARENT), ("traceparent", PARENT)],
            &[("tracestate", "a=1")],
        ] {
            assert_eq!(asked(headers).caller().trace(), None, "{headers:?}");
        }
        let headers = [
            ("traceparent", PARENT),
            ("tracestate", "a=1"),
            ("tracestate", ""),
            ("tracestate", "b=2"),
        ];
        let trace = asked(&headers).caller().trace().unwrap();
        assert_eq!((trace.traceparent().as_str(), trace.tracestate()), (PARENT, "a=1,b=2"));
    }

    #[test]
    fn a_request_has_less_time_than_the_gateway_gives_and_never_more() {
        let most = Duration::from_secs(5);
        for wrong in ["", "0", "-1", "1.5", "soon", "99999999999999999999999"] {
            assert!(asked(&[(REQUEST_TIMEOUT_MS, wrong)]).within(most).is_err(), "{wrong}");
        }
        for (headers, millis) in [
            (&[][..], 5_000),
            (&[(REQUEST_TIMEOUT_MS, "250")], 250),
            (&[(REQUEST_TIMEOUT_MS, "18446744073709551615")], 5_000),
        ] {
            let asked = asked(headers);
            let deadline = asked.within(most).unwrap().deadline().unwrap();
            assert_eq!(deadline - asked.at, Duration::from_millis(millis), "{headers:?}");
        }
    }
}
