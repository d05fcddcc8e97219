//! The floor: what one would write by hand for one hook, with nothing that can be left out.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use hookspec_spec::Schema;
use serde_json::Value;
use tokio::time::Instant;

pub(crate) type Answer = Result<Arc<Value>, String>;
type Boxed<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// A plugin by hand.
pub(crate) trait Plugin: Send + Sync {
    fn call<'a>(&'a self, input: &'a Arc<Value>) -> Boxed<'a>;
    fn call_now(&self, input: &Arc<Value>) -> Answer;
    fn matches(&self, _input: &Value) -> bool {
        true
    }
}

/// A plugin and what is known of its calls.
pub(crate) struct Registered {
    pub(crate) name: Arc<str>,
    pub(crate) plugin: Box<dyn Plugin>,
    pub(crate) calls: AtomicU64,
    pub(crate) nanos: AtomicU64,
}

impl Registered {
    fn count(&self, clock: &mut Instant) {
        let now = Instant::now();
        self.calls.fetch_add(1, Relaxed);
        self.nanos.fetch_add((now - *clock).as_nanos() as u64, Relaxed);
        *clock = now;
    }
}

/// One hook by hand.
pub(crate) struct Hook {
    pub(crate) plugins: Vec<Registered>,
    pub(crate) input: Schema,
    pub(crate) output: Schema,
}

type Collected = Vec<(Arc<str>, Answer)>;
const TIMEOUT: Duration = Duration::from_secs(30);

fn poll_caught(future: &mut Boxed<'_>, cx: &mut Context<'_>) -> Poll<Answer> {
    match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled,
        Err(_) => Poll::Ready(Err("panic".into())),
    }
}

impl Hook {
    fn check(&self, answer: Answer) -> Answer {
        let value = answer?;
        if self.output.is_valid(&value) { Ok(value) } else { Err("invalid output".into()) }
    }

    pub(crate) async fn collect(&self, input: Arc<Value>) -> Result<Collected, String> {
        if !self.input.is_valid(&input) {
            return Err("invalid input".into());
        }
        let mut clock = Instant::now();
        let deadline = clock + TIMEOUT;
        let mut results: Vec<Option<Answer>> = Vec::with_capacity(self.plugins.len());
        let mut pending = Vec::new();
        poll_fn(|cx| {
            for (index, registered) in self.plugins.iter().enumerate() {
                let mut future =
                    match catch_unwind(AssertUnwindSafe(|| registered.plugin.call(&input))) {
                        Ok(future) => future,
                        Err(_) => {
                            results.push(Some(Err("panic".into())));
                            continue;
                        }
                    };
                match poll_caught(&mut future, cx) {
                    Poll::Ready(answer) => {
                        registered.count(&mut clock);
                        results.push(Some(self.check(answer)));
                    }
                    Poll::Pending => {
                        results.push(None);
                        pending.push((index, future));
                    }
                }
            }
            Poll::Ready(())
        })
        .await;
        if !pending.is_empty() {
            let driven = pending.into_iter().map(|(index, mut future)| async move {
                let mut clock = clock;
                let answer = poll_fn(|cx| poll_caught(&mut future, cx)).await;
                self.plugins[index].count(&mut clock);
                (index, self.check(answer))
            });
            let all = async {
                if self.plugins.len() > 30 {
                    driven.collect::<FuturesUnordered<_>>().collect::<Vec<_>>().await
                } else {
                    join_all(driven).await
                }
            };
            let ended = tokio::time::timeout_at(deadline, all).await.unwrap_or_default();
            for (index, answer) in ended {
                results[index] = Some(answer);
            }
        }
        let results = self.plugins.iter().zip(results).map(|(registered, answer)| {
            (registered.name.clone(), answer.unwrap_or_else(|| Err("timed out".into())))
        });
        Ok(results.collect())
    }

    pub(crate) fn collect_sync(&self, input: &Arc<Value>) -> Result<Collected, String> {
        if !self.input.is_valid(input) {
            return Err("invalid input".into());
        }
        let mut clock = Instant::now();
        let deadline = clock + TIMEOUT;
        let mut results = Vec::with_capacity(self.plugins.len());
        for registered in &self.plugins {
            if clock >= deadline {
                results.push((registered.name.clone(), Err("timed out".into())));
                continue;
            }
            let answer = catch_unwind(AssertUnwindSafe(|| registered.plugin.call_now(input)));
            registered.count(&mut clock);
            let answer = answer.unwrap_or_else(|_| Err("panic".into()));
            results.push((registered.name.clone(), self.check(answer)));
        }
        Ok(results)
    }

    async fn one(&self, registered: &Registered, input: &Arc<Value>) -> Answer {
        let mut clock = Instant::now();
        let deadline = clock + TIMEOUT;
        let future = catch_unwind(AssertUnwindSafe(|| registered.plugin.call(input)));
        let Ok(mut future) = future else { return Err("panic".into()) };
        let mut call = pin!(poll_fn(|cx| poll_caught(&mut future, cx)));
        // Polled once before a timer is made: a ready answer needs none.
        let answer = match futures::poll!(call.as_mut()) {
            Poll::Ready(answer) => answer,
            Poll::Pending => match tokio::time::timeout_at(deadline, call).await {
                Ok(answer) => answer,
                Err(_) => Err("timed out".into()),
            },
        };
        registered.count(&mut clock);
        self.check(answer)
    }

    pub(crate) async fn singleton(
        &self,
        input: Arc<Value>,
    ) -> Result<(Arc<str>, Arc<Value>), String> {
        if !self.input.is_valid(&input) {
            return Err("invalid input".into());
        }
        let registered = &self.plugins[0];
        let answer = self.one(registered, &input).await?;
        Ok((registered.name.clone(), answer))
    }

    pub(crate) async fn capability(
        &self,
        input: Arc<Value>,
    ) -> Result<(Arc<str>, Arc<Value>), String> {
        if !self.input.is_valid(&input) {
            return Err("invalid input".into());
        }
        let mut chosen = None;
        for registered in &self.plugins {
            // Every plugin is asked: without an index there is no other way to know.
            if registered.plugin.matches(&input) && chosen.is_none() {
                chosen = Some(registered);
            }
        }
        let Some(registered) = chosen else { return Err("nobody".into()) };
        let answer = self.one(registered, &input).await?;
        Ok((registered.name.clone(), answer))
    }

    pub(crate) async fn chain(
        &self,
        input: Arc<Value>,
    ) -> Result<(Arc<Value>, Vec<Arc<str>>), String> {
        if !self.input.is_valid(&input) {
            return Err("invalid input".into());
        }
        let mut value = input;
        let mut ran = Vec::with_capacity(self.plugins.len());
        for registered in &self.plugins {
            value = self.one(registered, &value).await?;
            ran.push(registered.name.clone());
        }
        Ok((value, ran))
    }
}
