//! [`Problem`]: an error as an HTTP answer, in the form of RFC 9457 (problem details).
//!
//! Who asks is told which plugin failed and in which way. What it panicked with, or answered instead
//! of an answer, is for the log: it may hold what only the operator should see.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hookspec::{Cause, CauseClass, DispatchError, Failure};
use serde_json::{Map, Value, json};

/// An error as an HTTP answer.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem, with a sentence for people.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), members: Map::new() }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Adds a member for machines.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.into(), value.into());
        self
    }

    fn of_failure(failure: &Failure) -> Self {
        let status = match failure.cause.class() {
            CauseClass::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            // It was not the plugin: it was never called, or nobody wanted its answer any more.
            CauseClass::Rejected | CauseClass::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
            CauseClass::Faulted
            | CauseClass::Panicked
            | CauseClass::InvalidOutput
            | CauseClass::Gone => StatusCode::BAD_GATEWAY,
        };
        tracing::warn!(plugin = %failure.plugin, error = %failure.cause, "a dispatch failed");
        let how = failure.cause.name();
        let detail = format!("plugin `{}` failed in `{}`: {how}", failure.plugin, failure.hook);
        let mut problem = Self::new(status, detail);
        problem.members = told(failure);
        problem
    }
}

/// What who asks is told of a failure.
pub(crate) fn told(failure: &Failure) -> Map<String, Value> {
    let mut told = Map::new();
    told.insert("plugin".into(), failure.plugin.as_str().into());
    told.insert("cause".into(), failure.cause.name().into());
    if let Cause::Faulted(fault) = &failure.cause {
        told.insert("fault".into(), fault.code().into());
    }
    told
}

impl From<DispatchError> for Problem {
    fn from(error: DispatchError) -> Self {
        let code = error.code();
        let text = error.to_string();
        let problem = match error {
            DispatchError::InvalidInput { violations, .. } => {
                let errors: Vec<Value> = violations
                    .iter()
                    .map(|each| json!({ "pointer": each.instance, "detail": each.message }))
                    .collect();
                let detail = "the request does not fit what plugins are asked with";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with("errors", errors)
            }
            DispatchError::PluginFailed { failure, .. } => Self::of_failure(&failure),
            DispatchError::Refused { plugin, fault } => {
                Self::new(StatusCode::FORBIDDEN, format!("plugin `{plugin}` refused the request"))
                    .with("plugin", plugin.as_str())
                    .with("fault", fault.code())
            }
            DispatchError::ShuttingDown
            | DispatchError::Rejected { .. }
            | DispatchError::NoCapableHandler { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
            }
            // The application asked wrongly, and whoever sent the request cannot mend it.
            _ => {
                tracing::error!(error = text, "a dispatch was wrong");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the gateway is set up wrongly")
            }
        };
        problem.with("code", code)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, detail, members } = self;
        // `about:blank`: the status says what kind of problem it is.
        let mut object = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Value::Object(own) = &mut object {
            own.extend(members);
        }
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, object.to_string()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hookspec::{Fault, HookName, Partial, PluginName, Violations};

    use super::*;

    fn failed(cause: Cause) -> DispatchError {
        let failure = Failure {
            plugin: PluginName::from_static("anna"),
            hook: HookName::from_static("rewrite"),
            cause,
            elapsed: Duration::ZERO,
            late: false,
        };
        DispatchError::PluginFailed { failure: Box::new(failure), partial: Partial::None }
    }

    #[test]
    fn each_error_has_the_status_that_fits() {
        let panicked = Cause::Panicked { message: "password is x".into(), location: None };
        let (kind, hook) = ("query_rewriter".to_owned(), "rewrite".to_owned());
        let violations = Violations::at("/text", "is missing");
        for (error, status, code) in [
            (failed(panicked), 502, "HS-D009"),
            (failed(Cause::Faulted(Fault::new("no_backend", "password"))), 502, "HS-D009"),
            (failed(Cause::InvalidOutput(Violations::whole("password"))), 502, "HS-D009"),
            (failed(Cause::Gone), 502, "HS-D009"),
            (failed(Cause::TimedOut), 504, "HS-D009"),
            (failed(Cause::Cancelled), 503, "HS-D009"),
            (failed(Cause::Rejected { reason: "full".into() }), 503, "HS-D009"),
            (DispatchError::ShuttingDown, 503, "HS-D012"),
            (DispatchError::Rejected { outstanding: 9 }, 503, "HS-D011"),
            (
                DispatchError::InvalidInput { kind: kind.clone(), hook: hook.clone(), violations },
                422,
                "HS-D004",
            ),
            (DispatchError::UnknownHook { kind, hook, known: Vec::new() }, 500, "HS-D002"),
        ] {
            let text = error.to_string();
            let blames = matches!(error, DispatchError::PluginFailed { .. });
            let problem = Problem::from(error);
            assert_eq!(problem.status().as_u16(), status, "{text}");
            assert_eq!(problem.members["code"], code, "{text}");
            assert_eq!(problem.members.get("plugin").is_some(), blames, "{text}");
            let told = format!("{} {:?}", problem.detail, problem.members);
            assert!(!told.contains("password"), "{told}");
        }
    }

    #[test]
    fn members_for_machines_and_a_type_of_its_own() {
        let response = Problem::from(DispatchError::ShuttingDown).into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }
}
