//! [`SubscriptionGuard`]: a subscription that ends with whoever holds it.

use std::fmt;
use std::sync::{Arc, Weak};

use super::hub::Hub;

/// A subscription of the application's. It ends when this is dropped: what waits for it is dropped,
/// what is being handled is handled to its end.
#[must_use = "the subscription ends when its guard is dropped"]
pub struct SubscriptionGuard {
    hub: Weak<Hub>,
    id: u64,
    kept: bool,
}

impl SubscriptionGuard {
    pub(crate) fn new(hub: &Arc<Hub>, id: u64) -> Self {
        Self { hub: Arc::downgrade(hub), id, kept: false }
    }

    /// Its id, for [`Bus::unsubscribe`](super::Bus::unsubscribe).
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Lets the subscription live as long as the bus; answers its id.
    pub fn keep(mut self) -> u64 {
        self.kept = true;
        self.id
    }
}

impl Drop for SubscriptionGuard {
    fn drop(&mut self) {
        if !self.kept
            && let Some(hub) = self.hub.upgrade()
        {
            drop(hub.leave(self.id));
        }
    }
}

impl fmt::Debug for SubscriptionGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionGuard").field("id", &self.id).finish()
    }
}
