//! [`Rights`]: what one plugin may emit (EVENT-4).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hookspec_plugin::{AwfUse, Manifest, Pattern, PluginName};
use tokio::time::Instant;

use super::options::{BusMode, BusOptions, Rate};

/// What one plugin may emit, whichever way it does.
pub(crate) struct Rights {
    pub(crate) plugin: PluginName,
    /// What its manifest says it emits.
    emits: Vec<Pattern>,
    /// In compatibility mode it has to say that it has to do with events.
    has_events: bool,
    /// On whose behalf it runs.
    pub(crate) tenant: Option<String>,
    bucket: Option<Mutex<Bucket>>,
    /// It is torn down: who kept its context publishes nothing any more.
    gone: AtomicBool,
}

/// Namespaces that are the host's.
pub(crate) const RESERVED: [&str; 3] = ["core", "workflow", "step"];

/// Whether a type lies in a namespace of the host's.
pub(crate) fn is_reserved(event_type: &str) -> bool {
    let first = event_type.split('.').next().unwrap_or_default();
    RESERVED.contains(&first)
}

impl Rights {
    pub(crate) fn new(manifest: &Manifest, options: &BusOptions, tenant: Option<String>) -> Self {
        let own = manifest.events.as_ref().map(|events| events.emit.as_slice()).unwrap_or_default();
        let read = |pattern: &Pattern| match options.mode {
            BusMode::Native => pattern.clone(),
            BusMode::Awf => Pattern::awf(pattern.as_str(), AwfUse::Emit),
        };
        Self {
            plugin: manifest.name.clone(),
            emits: own.iter().map(read).collect(),
            has_events: options.mode == BusMode::Native
                || manifest.capabilities.iter().any(|capability| capability == "events"),
            tenant,
            bucket: options.rate.map(|rate| Mutex::new(Bucket::new(rate))),
            gone: AtomicBool::new(false),
        }
    }

    /// Whether it may emit a type.
    ///
    /// # Errors
    /// Which rule denies it, and what would allow it.
    pub(crate) fn allow(&self, event_type: &str, mode: BusMode) -> Result<(), String> {
        if self.gone.load(Ordering::Acquire) {
            return Err("it is torn down".into());
        }
        if mode == BusMode::Native && is_reserved(event_type) {
            let reserved = RESERVED.map(|name| format!("`{name}`")).join(", ");
            return Err(format!("namespaces {reserved} are the host's"));
        }
        if !self.has_events {
            return Err("its manifest does not list the capability `events`".into());
        }
        if self.emits.iter().any(|pattern| pattern.matches(event_type)) {
            return Ok(());
        }
        if self.emits.is_empty() {
            return Err("its manifest allows none: list the type under `events.emit`".into());
        }
        let emits: Vec<String> = self.emits.iter().map(|own| format!("`{own}`")).collect();
        Err(format!("the `events.emit` of its manifest allows {}", emits.join(", ")))
    }

    /// It is torn down.
    pub(crate) fn end(&self) {
        self.gone.store(true, Ordering::Release);
    }

    /// Whether it may emit once more now.
    ///
    /// # Errors
    /// How many a second it may.
    pub(crate) fn often(&self) -> Result<(), u32> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        if bucket.take(Instant::now()) { Ok(()) } else { Err(bucket.rate.per_second) }
    }
}

/// Tokens that come back with time.
struct Bucket {
    rate: Rate,
    /// When it would be full again.
    full_at: Option<Instant>,
}

impl Bucket {
    fn new(rate: Rate) -> Self {
        Self { rate, full_at: None }
    }

    fn take(&mut self, now: Instant) -> bool {
        let Rate { per_second, burst } = self.rate;
        if per_second == 0 || burst == 0 {
            return false;
        }
        let each = Duration::from_secs(1) / per_second;
        let full_at = self.full_at.map_or(now, |at| at.max(now));
        // As many as `burst` may be missing.
        if full_at.saturating_duration_since(now) + each > each * burst {
            return false;
        }
        self.full_at = Some(full_at + each);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // EVENT-11.
    #[test]
    fn a_burst_passes_and_then_as_many_as_come_back() {
        let (mut bucket, now) = (Bucket::new(Rate { per_second: 10, burst: 3 }), Instant::now());
        let passed = |bucket: &mut Bucket, now| (0..5).filter(|_| bucket.take(now)).count();
        assert_eq!(passed(&mut bucket, now), 3);
        assert_eq!(passed(&mut bucket, now + Duration::from_millis(99)), 0);
        assert_eq!(passed(&mut bucket, now + Duration::from_millis(200)), 2);
        assert_eq!(passed(&mut bucket, now + Duration::from_secs(60)), 3);
        let mut never = Bucket::new(Rate { per_second: 0, burst: 1 });
        assert!(!never.take(now));
    }

    #[test]
    fn a_reserved_namespace_is_more_than_a_prefix() {
        assert!(is_reserved("core") && is_reserved("step.a") && is_reserved("workflow.x.y"));
        assert!(!is_reserved("corework.a") && !is_reserved("my.core"));
    }
}
