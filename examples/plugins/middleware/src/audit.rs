//! [`Audit`]: writes how every dispatch ended to the host's log. Shows a middleware that has `$after`
//! alone. Absent: what was asked and answered, which may be secret.

use hookspec::{AFTER, CallContext, Concluded, Fault, HookName, Level, Middleware};
use serde_json::{Map, json};

/// One record for each dispatch: who answered, who failed, and the error if it ended in one.
#[derive(Debug, Default)]
pub struct Audit;

#[hookspec::async_trait]
impl Middleware for Audit {
    const HOOKS: &'static [HookName] = &[AFTER];

    async fn after(&self, ctx: &CallContext<'_>, ended: &Concluded) -> Result<(), Fault> {
        let outcome = &ended.outcome;
        let answered: Vec<&str> = outcome.answered.iter().map(|own| own.plugin.as_str()).collect();
        let failed: Vec<&str> = outcome.failures.iter().map(|own| own.plugin.as_str()).collect();
        let fields = Map::from_iter([
            ("kind".to_owned(), json!(ended.kind)),
            ("hook".to_owned(), json!(ended.hook)),
            ("elapsed_ms".to_owned(), json!(ended.elapsed_ms)),
            ("answered".to_owned(), json!(answered)),
            ("failed".to_owned(), json!(failed)),
            ("error".to_owned(), json!(outcome.error.as_ref().map(|error| &error.code))),
        ]);
        let level = if outcome.error.is_some() { Level::Warn } else { Level::Info };
        ctx.plugin().log_with(level, "a dispatch ended", &fields);
        Ok(())
    }
}
