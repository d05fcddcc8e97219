//! What of the host's resources a library can ask, and by which name.

use hookspec_plugin::{BoxFuture, Context, Fault, RemoteResource};
use serde_json::{Value, json};
use std::sync::Arc;

use super::standard::standard;

/// The name of the plugin's checkpoints: not a resource of the host, and so not a name of one.
pub(super) const CHECKPOINTS: &str = "$checkpoints";

/// The resource of a name, in the form that can be asked.
///
/// # Errors
/// There is none, the plugin does not declare it, or it cannot be asked.
pub(super) fn find(context: &Context, name: &str) -> Result<Arc<dyn RemoteResource>, Fault> {
    if name == CHECKPOINTS && context.checkpoints().is_some() {
        return Ok(Arc::new(Checkpoints(context.clone())));
    }
    let own = context.resource::<dyn RemoteResource>(name);
    own.or_else(|fault| standard(context, name).ok_or(fault))
}

/// What is lent, for `hookspec_host.lends`.
pub(super) fn lends(context: &Context) -> Value {
    let names = context.resource_names();
    let names: Vec<&str> = names.into_iter().filter(|name| find(context, name).is_ok()).collect();
    json!({
        "resources": names,
        "checkpoints": context.checkpoints().is_some(),
        "events": context.services().bus().is_some(),
        "tenant": context.tenant().id(),
    })
}

/// The text of a request.
///
/// # Errors
/// `resource_request`: it has none.
pub(super) fn text<'a>(request: &'a Value, member: &str) -> Result<&'a str, Fault> {
    let text = request.get(member).and_then(Value::as_str);
    text.ok_or_else(|| Fault::new("resource_request", format!("`{member}` is not a text")))
}

/// What a request asks for is not known.
pub(super) fn unknown(op: &str, known: &str) -> Fault {
    Fault::new("resource_request", format!("`op` is `{op}`, and may be: {known}"))
}

/// `save` (`key`, `state`), `load` (`key`), `list` (`prefix`), `clear` (`key`).
struct Checkpoints(Context);

impl RemoteResource for Checkpoints {
    fn ask<'a>(&'a self, request: &'a Value) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let Some(store) = self.0.checkpoints() else {
                return Err(Fault::new("resource_missing", "the host keeps no checkpoints"));
            };
            match text(request, "op")? {
                "save" => {
                    let state = request.get("state").unwrap_or(&Value::Null);
                    Ok(json!(store.save(text(request, "key")?, state).await?))
                }
                "load" => Ok(json!(store.load(text(request, "key")?).await?)),
                "list" => Ok(json!(store.list(text(request, "prefix")?).await?)),
                "clear" => Ok(json!(store.clear(text(request, "key")?).await?)),
                op => Err(unknown(op, "save, load, list, clear")),
            }
        })
    }
}
