//! [`HttpClient`]: requests over HTTP.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::fault::Fault;

/// Sends requests over HTTP, within limits of time and size that the host sets.
///
/// ```
/// # use hookspec_plugin::{Fault, resources::{HttpClient, HttpRequest}};
/// # async fn ask(http: &dyn HttpClient) -> Result<(), Fault> {
/// let response = http.send(HttpRequest::get("https://example.org/").header("accept", "text/plain")).await?;
/// if response.is_success() {
///     let text = response.text()?;
/// }
/// # Ok(()) }
/// ```
#[async_trait]
pub trait HttpClient: Send + Sync + 'static {
    /// Sends a request and awaits the whole response. A status such as 404 is a response.
    ///
    /// # Errors
    /// `http_request`: the request is none, such as a bad URL. `http_timeout`, `http_io`: there was
    /// no response; these are worth repeating. `http_size`: the response is larger than the host
    /// allows.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Fault>;

    /// Sends a GET.
    ///
    /// # Errors
    /// As [`send`](HttpClient::send).
    async fn get(&self, url: &str) -> Result<HttpResponse, Fault> {
        self.send(HttpRequest::get(url)).await
    }

    /// Sends a POST.
    ///
    /// # Errors
    /// As [`send`](HttpClient::send).
    async fn post(&self, url: &str, body: Vec<u8>) -> Result<HttpResponse, Fault> {
        self.send(HttpRequest::post(url, body)).await
    }
}

/// What is sent.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpRequest {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// What is sent along; empty for nothing.
    pub body: Vec<u8>,
    /// How long to wait for the response, if less than the host would.
    pub timeout: Option<Duration>,
}

impl HttpRequest {
    /// A request of any method.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: None,
        }
    }

    /// A GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A POST.
    pub fn post(url: impl Into<String>, body: Vec<u8>) -> Self {
        Self { body, ..Self::new("POST", url) }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets what is sent along.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    /// Sets how long to wait for the response.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never a header's value or the body: they may hold secrets.
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("headers", &headers)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpResponse {
    /// Such as 200.
    pub status: u16,
    /// Names, in lower case, and values, in order.
    pub headers: Vec<(String, String)>,
    /// All of it.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// A response without headers.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// Whether the status is one of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of a name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    ///
    /// # Errors
    /// `http_text`: it is not UTF-8.
    pub fn text(&self) -> Result<&str, Fault> {
        std::str::from_utf8(&self.body)
            .map_err(|error| Fault::new("http_text", format!("the response is no text: {error}")))
    }
}

impl fmt::Debug for dyn HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let request = HttpRequest::post("http://u:p4ss@h/?key=s3cret", b"t0ken".to_vec())
            .header("authorization", "h1dden");
        let shown = format!("{request:?}");
        for secret in ["p4ss", "s3cret", "t0ken", "h1dden"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("authorization"), "{shown}");
    }

    #[test]
    fn a_header_is_found_whatever_its_case() {
        let response = HttpResponse::new(204, *b"\xff").with_header("Content-Type", "text/plain");
        assert_eq!(response.header("CONTENT-type"), Some("text/plain"));
        assert!(response.is_success() && !HttpResponse::new(404, "").is_success());
        assert_eq!(response.text().unwrap_err().code(), "http_text");
    }
}
