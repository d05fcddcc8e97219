//! [`UreqClient`]: requests over the network.

use std::time::Duration;

use async_trait::async_trait;
use hookspec_plugin::Fault;
use hookspec_plugin::resources::{HttpClient, HttpRequest, HttpResponse};
use tokio::runtime::Handle;
use ureq::http::{Request, Response, header::HeaderName};
use ureq::{Agent, AsSendBody, Body, Error};

/// What a request may take (LEND-7).
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// Until the whole response is there, redirects and all: 30 s. A request can ask for less.
    pub timeout: Duration,
    /// The largest body of a response: 16 MiB.
    pub response_bytes: u64,
    /// How many redirects are followed: 5.
    pub redirects: u32,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), response_bytes: 16 << 20, redirects: 5 }
    }
}

/// Sends requests over the network, each on a thread for work that blocks. HTTP/1.1; `https` URLs
/// need the feature `https`.
///
/// A call whose plugin no longer awaits it ends at its timeout.
#[derive(Clone, Debug)]
pub struct UreqClient {
    agent: Agent,
    limits: HttpLimits,
}

impl UreqClient {
    /// A client.
    pub fn new(limits: HttpLimits) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(limits.timeout))
            .max_redirects(limits.redirects)
            .http_status_as_error(false)
            .user_agent(concat!("hookspec/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), limits }
    }

    fn run(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let timeout =
            request.timeout.map_or(self.limits.timeout, |own| own.min(self.limits.timeout));
        let mut built = Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in &request.headers {
            built = built.header(name, value);
        }
        let none = |error| Fault::new("http_request", format!("the request is none: {error}"));
        let sent = if request.body.is_empty() {
            self.exchange(built.body(()).map_err(none)?, timeout)
        } else {
            self.exchange(built.body(request.body).map_err(none)?, timeout)
        };
        let mut response = sent.map_err(|error| self.failed(error))?;
        let limit = self.limits.response_bytes;
        let body = response.body_mut().with_config().limit(limit).read_to_vec();
        let headers = response.headers().iter().map(|(name, value): (&HeaderName, _)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let mut answer = HttpResponse::new(response.status().as_u16(), Vec::new());
        answer.headers = headers.collect();
        answer.body = body.map_err(|error| self.failed(error))?;
        Ok(answer)
    }

    fn exchange(
        &self,
        request: Request<impl AsSendBody>,
        timeout: Duration,
    ) -> Result<Response<Body>, Error> {
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(timeout))
            .allow_non_standard_methods(true)
            .build();
        self.agent.run(request)
    }

    fn failed(&self, error: Error) -> Fault {
        match error {
            Error::Timeout(_) => {
                Fault::new("http_timeout", format!("no response in time: {error}")).retryable()
            }
            Error::BodyExceedsLimit(_) => Fault::new(
                "http_size",
                format!("the response is larger than {} bytes", self.limits.response_bytes),
            ),
            Error::BadUri(_) | Error::Http(_) | Error::RequireHttpsOnly(_) => {
                Fault::new("http_request", format!("the request is none: {error}"))
            }
            other => Fault::new("http_io", format!("there was no response: {other}")).retryable(),
        }
    }
}

impl Default for UreqClient {
    fn default() -> Self {
        Self::new(HttpLimits::default())
    }
}

#[async_trait]
impl HttpClient for UreqClient {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let client = self.clone();
        let Ok(runtime) = Handle::try_current() else { return client.run(request) };
        let sent = runtime.spawn_blocking(move || client.run(request)).await;
        sent.unwrap_or_else(|error| Err(Fault::new("http_io", format!("it was not sent: {error}"))))
    }
}
