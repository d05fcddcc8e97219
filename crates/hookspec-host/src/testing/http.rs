//! [`StubHttpClient`]: answers that a test wrote.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use hookspec_plugin::Fault;
use hookspec_plugin::resources::{HttpClient, HttpRequest, HttpResponse};

/// Answers what a test wrote, by method and URL, and keeps what it was asked. Anything else is
/// `http_io`.
///
/// ```
/// # use hookspec_host::testing::StubHttpClient;
/// # use hookspec_plugin::resources::{HttpClient, HttpResponse};
/// let http = StubHttpClient::new().on("GET", "http://a/", Ok(HttpResponse::new(200, "yes")));
/// # futures::executor::block_on(async {
/// assert_eq!(http.get("http://a/").await.unwrap().text().unwrap(), "yes");
/// assert_eq!(http.get("http://b/").await.unwrap_err().code(), "http_io");
/// # });
/// assert_eq!(http.requests().len(), 2);
/// ```
#[derive(Debug, Default)]
pub struct StubHttpClient {
    answers: Vec<(String, String, Result<HttpResponse, Fault>)>,
    requests: Mutex<Vec<HttpRequest>>,
}

impl StubHttpClient {
    /// A client that answers nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an answer; one for the same method and URL is replaced.
    #[must_use]
    pub fn on(mut self, method: &str, url: &str, answer: Result<HttpResponse, Fault>) -> Self {
        self.answers.retain(|(own, at, _)| (own.as_str(), at.as_str()) != (method, url));
        self.answers.push((method.to_owned(), url.to_owned(), answer));
        self
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<HttpRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl HttpClient for StubHttpClient {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let asked = (request.method.clone(), request.url.clone());
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let mut answers = self.answers.iter();
        let found = answers.find(|(method, url, _)| (method, url) == (&asked.0, &asked.1));
        found.map_or_else(
            || {
                Err(Fault::new(
                    "http_io",
                    format!("the stub has no answer to {} {}", asked.0, asked.1),
                ))
            },
            |(_, _, answer)| answer.clone(),
        )
    }
}
