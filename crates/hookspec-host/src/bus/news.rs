//! What happens to plugins, as events of the namespace `core` (EVENT-15).

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hookspec_plugin::{Cause, EventDraft, EventType, KindName, PluginName};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::cause;
use super::hub::Hub;
use super::stamp::Author;
use crate::changes::StateChange;
use crate::outcome::Failure;

/// Something that happened in the host.
pub(crate) enum News {
    State(StateChange),
    Failed { failure: Box<Told>, kind: KindName },
    Configured(PluginName),
    Started { plugins: usize },
    Stopping(oneshot::Sender<()>),
}

/// A failure, as it is told.
pub(crate) struct Told {
    plugin: PluginName,
    hook: String,
    cause: &'static str,
    message: String,
    elapsed_ms: u64,
}

/// News that wait to be published; more are lost, and counted.
pub(crate) struct Desk {
    sender: mpsc::Sender<News>,
    receiver: Mutex<Option<mpsc::Receiver<News>>>,
    /// What was told and is not published yet.
    open: AtomicUsize,
    pub(crate) lost: AtomicU64,
}

/// The event that tells of a failed call.
const FAILED: &str = "core.plugin.dispatch_failed";

/// How long a stop waits until what was told is published.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// News that wait at most.
const WAITING: usize = 1024;

impl Default for Desk {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
            open: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
        }
    }
}

impl Hub {
    /// Something happened: it is published soon, by somebody else, in this order.
    pub(crate) fn tell(&self, news: News) {
        if self.is_closed() || !self.has_listeners() {
            return;
        }
        self.desk.open.fetch_add(1, SeqCst);
        if self.desk.sender.try_send(news).is_err() {
            self.desk.open.fetch_sub(1, SeqCst);
            if self.desk.lost.fetch_add(1, Relaxed) == 0 {
                tracing::warn!("more happens to plugins than can be told as events: some are lost");
            }
        }
    }

    /// A call failed.
    pub(crate) fn tell_failure(&self, failure: &Failure, kind: &KindName) {
        if self.is_closed() || !self.has_listeners() {
            return;
        }
        // Who fails because of such news, however far away, would make more of them, without end.
        let is_news = |event_type: &EventType| event_type.as_str() == FAILED;
        if cause::current().is_some_and(|Cause { event, .. }| {
            is_news(&event.event_type) || event.trail().any(|step| is_news(&step.event_type))
        }) {
            return;
        }
        let failure = Box::new(Told {
            plugin: failure.plugin.clone(),
            hook: failure.hook.to_string(),
            cause: failure.cause.name(),
            message: failure.cause.to_string(),
            elapsed_ms: u64::try_from(failure.elapsed.as_millis()).unwrap_or(u64::MAX),
        });
        self.tell(News::Failed { failure, kind: kind.clone() });
    }

    /// Publishes what is told, for as long as there is a bus.
    pub(crate) fn publish_news_on(self: &Arc<Self>, runtime: &Handle) {
        let receiver = self.desk.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut receiver) = receiver else { return };
        let hub: Weak<Self> = Arc::downgrade(self);
        runtime.spawn(async move {
            while let Some(news) = receiver.recv().await {
                let Some(hub) = hub.upgrade() else { return };
                let is_end = matches!(news, News::Stopping(_));
                hub.publish_news(news);
                // The end was told in another way, which is awaited.
                if !is_end {
                    hub.desk.open.fetch_sub(1, SeqCst);
                }
            }
        });
    }

    /// Says that the host stops, after all that was told before.
    pub(crate) async fn tell_the_end(&self) {
        // Where nothing ran, nobody publishes and nobody listens.
        if self.runtime.get().is_none() || !self.has_listeners() {
            return;
        }
        let (published, done) = oneshot::channel();
        let telling = async {
            self.desk.sender.send(News::Stopping(published)).await.ok()?;
            done.await.ok()
        };
        if timeout(LAST_WORDS, telling).await.is_err() {
            tracing::warn!("not all that happened to plugins became events before the stop");
        }
    }

    /// Whether everything that was told is published.
    pub(crate) fn has_told_all(&self) -> bool {
        self.desk.open.load(SeqCst) == 0
    }

    /// Publishes one of the news.
    fn publish_news(&self, news: News) {
        let draft = match &news {
            News::State(change) => EventDraft::new("core.plugin.state_changed")
                .subject(change.plugin.as_str())
                .time(hookspec_plugin::Timestamp::of(change.at))
                .json(json!({
                    "plugin": change.plugin, "from": change.from, "to": change.to,
                    "reason": change.reason,
                })),
            News::Failed { failure, kind } => {
                EventDraft::new(FAILED).subject(failure.plugin.as_str()).json(json!({
                    "plugin": failure.plugin, "kind": kind, "hook": failure.hook,
                    "cause": failure.cause, "message": failure.message,
                    "elapsed_ms": failure.elapsed_ms,
                }))
            }
            News::Configured(plugin) => EventDraft::new("core.plugin.config_changed")
                .subject(plugin.as_str())
                .json(json!({ "plugin": plugin })),
            News::Started { plugins } => {
                EventDraft::new("core.system.started").json(json!({ "plugins": plugins }))
            }
            News::Stopping(_) => EventDraft::new("core.system.stopping").json(json!({})),
        };
        if let Err(error) = self.publish_as(draft, Author::Core) {
            tracing::debug!(%error, "an event about the host was not published");
        }
        if let News::Stopping(published) = news {
            // Who stops may have lost patience.
            let _ = published.send(());
        }
    }
}
