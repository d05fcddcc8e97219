//! [`Gateway`]: the endpoints, each a few lines around one dispatch or one snapshot.

use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hookspec::kinds::query_rewriter::{self, QueryRewriterCalls};
use hookspec::kinds::tool_provider::{Empty, ToolProviderCalls};
use hookspec::{Caller, DispatchError, Registry};
use metrics_exporter::MetricsExporter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::layer::Lifecycle;
use crate::metrics;
use crate::problem::{Problem, told};
use crate::traffic::Traffic;

/// The endpoints over one registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gateway {
    registry: Registry,
    rewriters: QueryRewriterCalls,
    tools: ToolProviderCalls,
    lifecycle: Lifecycle,
    traffic: Traffic,
    exporter: Option<MetricsExporter>,
    most: Duration,
}

impl Gateway {
    /// Endpoints that dispatch to a registry, no request for longer than `most`.
    ///
    /// # Errors
    /// The registry lacks a kind that the gateway dispatches to: give it the shipped hookspecs.
    pub fn new(registry: &Registry, most: Duration) -> Result<Self, DispatchError> {
        let traffic = Traffic::default();
        Ok(Self {
            registry: registry.clone(),
            rewriters: QueryRewriterCalls::new(registry)?,
            tools: ToolProviderCalls::new(registry)?,
            lifecycle: Lifecycle::new(registry, traffic.clone())?,
            traffic,
            exporter: None,
            most,
        })
    }

    /// Adds what this plugin counted to `/metrics`: an application reads its own plugins as values.
    #[must_use]
    pub fn exporter(mut self, exporter: MetricsExporter) -> Self {
        self.exporter = Some(exporter);
        self
    }

    /// What its layer counts.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The endpoints behind the layer that tells plugins of every request.
    pub fn router(&self) -> Router {
        self.bare().layer(self.lifecycle.clone())
    }

    /// The endpoints alone: nobody is told of requests, and nobody counts them.
    pub fn bare(&self) -> Router {
        Router::new()
            .route("/search", get(search))
            .route("/tools", get(list_tools))
            .route("/metrics", get(exposition))
            .route("/plugins", get(plugins))
            .route("/healthz", get(health))
            .fallback(unknown)
            .method_not_allowed_fallback(wrong_method)
            .with_state(self.clone())
    }
}

/// The caller of a request's dispatches, with its deadline.
struct Dispatching(Caller);

impl FromRequestParts<Gateway> for Dispatching {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let asked = parts.extensions.get::<Asked>().cloned();
        // Without the layer nobody has read it yet.
        let asked = asked.unwrap_or_else(|| Asked::read(&parts.method, &parts.headers));
        let caller = asked.within(gateway.most);
        caller.map(Self).map_err(|wrong| Problem::new(StatusCode::BAD_REQUEST, wrong))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    q: String,
    language: Option<String>,
    tenant: Option<String>,
}

/// `chain`: the query as the rewriters leave it, and who had a hand in it.
async fn search(
    State(gateway): State<Gateway>,
    Dispatching(caller): Dispatching,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Search { q, language, tenant }) =
        search.map_err(|wrong| Problem::new(StatusCode::BAD_REQUEST, wrong.body_text()))?;
    let query = query_rewriter::Query {
        text: q,
        language,
        terms: Vec::new(),
        filters: serde_json::Map::new(),
        tenant_id: tenant,
    };
    let chained = gateway.rewriters.rewrite(&caller, query).await?;
    Ok(answer(&json!({
        "value": *chained.value,
        "changed_by": chained.changed,
        "ran": chained.ran,
        "stopped_by": chained.stopped_by,
        "failures": chained.failures.iter().map(told).collect::<Vec<_>>(),
    })))
}

/// `broadcast_collect`: the tools of everybody who has some, and who could not say.
async fn list_tools(
    State(gateway): State<Gateway>,
    Dispatching(caller): Dispatching,
) -> Result<Response, Problem> {
    let collected = gateway.tools.list_tools(&caller, Empty {}).await?;
    let tools = collected.replies.iter().flat_map(|reply| {
        reply.value.0.iter().map(|tool| json!({ "plugin": reply.plugin, "tool": tool }))
    });
    Ok(answer(&json!({
        "tools": tools.collect::<Vec<Value>>(),
        "failures": collected.failures.iter().map(told).collect::<Vec<_>>(),
    })))
}

async fn exposition(State(gateway): State<Gateway>) -> Response {
    let text = metrics::page(&gateway.registry, &gateway.traffic, gateway.exporter.as_ref());
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response()
}

async fn plugins(State(gateway): State<Gateway>) -> Response {
    answer(&gateway.registry.snapshot())
}

/// Plugins that do not work are the operator's concern; the gateway is well as long as it serves.
async fn health(State(gateway): State<Gateway>) -> Result<Response, Problem> {
    let seen = gateway.registry.snapshot();
    if seen.closed {
        return Err(DispatchError::ShuttingDown.into());
    }
    let called = seen.plugins.iter().filter(|plugin| plugin.state.is_callable()).count();
    Ok(answer(&json!({ "status": "ok", "plugins": seen.plugins.len(), "callable": called })))
}

async fn unknown(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is no {}", uri.path()))
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "what is here can be read and nothing else")
}

fn answer(value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        // The path of a manifest need not be text.
        Err(error) => {
            let detail = format!("the answer cannot be written as JSON: {error}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail).into_response()
        }
    }
}
