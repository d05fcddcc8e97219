//! [`ScopedCheckpoints`]: one plugin's part of the application's store.

use std::sync::Arc;

use async_trait::async_trait;
use hookspec_plugin::guard::Guarded;
use hookspec_plugin::{
    Checkpoint, CheckpointStore, CheckpointVersion, Fault, LONGEST_KEY, PluginName, check_key,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// One plugin's part of the application's store: keys of other plugins are not in it
/// (CHECKPOINT-5).
pub(crate) struct ScopedCheckpoints {
    prefix: String,
    // The application's code, and its `Drop` too.
    store: Guarded<Arc<dyn CheckpointStore>>,
}

impl ScopedCheckpoints {
    pub(crate) fn new(plugin: &PluginName, store: Arc<dyn CheckpointStore>) -> Self {
        Self { prefix: prefix(plugin), store: Guarded::new(store) }
    }

    fn store(&self) -> Result<&dyn CheckpointStore, Fault> {
        let gone = || Fault::new("checkpoint_io", "the store is gone");
        self.store.get().map(|store| &**store).ok_or_else(gone)
    }

    fn own(&self, key: &str) -> Result<String, Fault> {
        check_key(key, LONGEST_KEY).map_err(|reason| Fault::new("checkpoint_key", reason))?;
        Ok(format!("{}{key}", self.prefix))
    }
}

/// A name as the first segment of a key: two names never make the same. At most 40 bytes with the
/// `/` behind it.
fn prefix(plugin: &PluginName) -> String {
    let mut segment = String::new();
    for byte in plugin.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!(".{byte:02x}"));
        }
    }
    if segment.is_empty() || segment.len() > 39 {
        // No short name makes two full stops in a row.
        let digest = Sha256::digest(plugin.as_str().as_bytes());
        let digest: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        segment.truncate(5);
        segment = format!("{segment}..{digest}");
    }
    segment + "/"
}

#[async_trait]
impl CheckpointStore for ScopedCheckpoints {
    async fn save(&self, key: &str, state: &Value) -> Result<CheckpointVersion, Fault> {
        self.store()?.save(&self.own(key)?, state).await
    }

    async fn load(&self, key: &str) -> Result<Option<Checkpoint>, Fault> {
        self.store()?.load(&self.own(key)?).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<(String, CheckpointVersion)>, Fault> {
        let listed = self.store()?.list(&format!("{}{prefix}", self.prefix)).await?;
        let own = listed.into_iter().filter_map(|(key, version)| {
            // Whatever the store answers beside them is another's.
            Some((key.strip_prefix(&self.prefix)?.to_owned(), version))
        });
        Ok(own.collect())
    }

    async fn clear(&self, key: &str) -> Result<(), Fault> {
        self.store()?.clear(&self.own(key)?).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_share_a_prefix_and_each_is_a_key() {
        let long = "p".repeat(50);
        let longer = "p".repeat(51);
        let names = ["", "a", "a/b", "a.2fb", "a.b", "A", "ä", "a-b", "a_b", &long, &longer];
        let mut prefixes: Vec<String> =
            names.iter().map(|name| prefix(&PluginName::new(*name))).collect();
        for prefix in &prefixes {
            assert!(prefix.len() <= 40, "{prefix}");
            assert!(check_key(&format!("{prefix}k"), 240).is_ok(), "{prefix}");
        }
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), names.len());
    }
}
