//! The standard resources of a host, in the form that a library can ask.
//!
//! A resource that is registered as one of the standard traits needs no `RemoteResource` beside it:
//! it is wrapped here. A request is an object whose `op` says what is to be done:
//!
//! | resource | requests and answers |
//! |---|---|
//! | `clock` | `{"op":"now"}`: seconds since 1970, a number; `{"op":"monotonic"}`: seconds |
//! | `rng` | `{"op":"random"}`: a number in [0, 1); `{"op":"randint","a":..,"b":..}`: both included |
//! | `tmpdir` | `{"op":"path"}`: the folder |
//! | `blob_store` | `put` (`key`, `bytes` in base64), `get`: base64 or `null`, `delete`, `exists`, `list` (`prefix`) |

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hookspec_plugin::resources::{BlobStore, Clock, Rng, TmpDir};
use hookspec_plugin::{BoxFuture, Context, Fault, RemoteResource};
use serde_json::{Value, json};

/// The resource of a name, if it is a standard one.
pub(super) fn standard(context: &Context, name: &str) -> Option<Arc<dyn RemoteResource>> {
    if let Ok(clock) = context.resource::<dyn Clock>(name) {
        return Some(Arc::new(Asked(Standard::Clock(clock))));
    }
    if let Ok(rng) = context.resource::<dyn Rng>(name) {
        return Some(Arc::new(Asked(Standard::Rng(rng))));
    }
    if let Ok(folder) = context.resource::<dyn TmpDir>(name) {
        return Some(Arc::new(Asked(Standard::TmpDir(folder))));
    }
    let blobs = context.resource::<dyn BlobStore>(name).ok()?;
    Some(Arc::new(Asked(Standard::Blobs(blobs))))
}

enum Standard {
    Clock(Arc<dyn Clock>),
    Rng(Arc<dyn Rng>),
    TmpDir(Arc<dyn TmpDir>),
    Blobs(Arc<dyn BlobStore>),
}

struct Asked(Standard);

impl RemoteResource for Asked {
    fn ask<'a>(&'a self, request: &'a Value) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let op = text(request, "op")?;
            match (&self.0, op) {
                (Standard::Clock(clock), "now") => {
                    let now = clock.now();
                    let before = || now.duration_since(UNIX_EPOCH).map(|since| since.as_secs_f64());
                    Ok(json!(before().unwrap_or_else(|error| -error.duration().as_secs_f64())))
                }
                (Standard::Clock(clock), "monotonic") => Ok(json!(clock.monotonic().as_secs_f64())),
                (Standard::Rng(rng), "random") => Ok(json!(rng.random())),
                (Standard::Rng(rng), "randint") => {
                    let (a, b) = (whole(request, "a")?, whole(request, "b")?);
                    match a <= b {
                        true => Ok(json!(rng.randint(a, b))),
                        false => {
                            Err(refused(format!("`a` is {a}, and more than `b`, which is {b}")))
                        }
                    }
                }
                (Standard::TmpDir(folder), "path") => match folder.path().to_str() {
                    Some(path) => Ok(json!(path)),
                    None => Err(refused("the folder's path is no text".into())),
                },
                (Standard::Blobs(blobs), _) => blob(&**blobs, op, request).await,
                _ => Err(refused(format!("it has no `op` `{op}`"))),
            }
        })
    }
}

async fn blob(blobs: &dyn BlobStore, op: &str, request: &Value) -> Result<Value, Fault> {
    match op {
        "put" => {
            let bytes = STANDARD.decode(text(request, "bytes")?);
            let bytes = bytes.map_err(|error| refused(format!("`bytes` is no base64: {error}")))?;
            blobs.put(text(request, "key")?, &bytes).await.map(|()| Value::Null)
        }
        "get" => {
            let found = blobs.get(text(request, "key")?).await?;
            Ok(found.map_or(Value::Null, |bytes| json!(STANDARD.encode(bytes))))
        }
        "delete" => blobs.delete(text(request, "key")?).await.map(|()| Value::Null),
        "exists" => blobs.exists(text(request, "key")?).await.map(Value::from),
        "list" => {
            let prefix = request.get("prefix").map_or(Ok(""), |_| text(request, "prefix"))?;
            blobs.list(prefix).await.map(Value::from)
        }
        _ => Err(refused(format!("it has no `op` `{op}`"))),
    }
}

fn text<'a>(request: &'a Value, key: &str) -> Result<&'a str, Fault> {
    let found = request.get(key).and_then(Value::as_str);
    found.ok_or_else(|| refused(format!("`{key}` is not there, or is no text")))
}

fn whole(request: &Value, key: &str) -> Result<i64, Fault> {
    let found = request.get(key).and_then(Value::as_i64);
    found.ok_or_else(|| refused(format!("`{key}` is not there, or is no whole number")))
}

fn refused(what: String) -> Fault {
    Fault::new("resource_request", what)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> SystemTime {
            UNIX_EPOCH + Duration::from_millis(1500)
        }
        fn monotonic(&self) -> Duration {
            Duration::from_secs(2)
        }
    }

    impl Rng for Fixed {
        fn next_u64(&self) -> u64 {
            0
        }
    }

    fn ask(resource: Standard, request: Value) -> Result<Value, String> {
        let asked = Asked(resource);
        let answer = futures::executor::block_on(asked.ask(&request));
        answer.map_err(|fault| format!("{}: {}", fault.code(), fault.message()))
    }

    #[test]
    fn what_is_no_request_is_refused_with_the_reason() {
        let clock = || Standard::Clock(Arc::new(Fixed));
        let rng = || Standard::Rng(Arc::new(Fixed));
        for (resource, request, part) in [
            (clock(), json!(null), "`op`"),
            (clock(), json!({ "op": 1 }), "`op`"),
            (clock(), json!({ "op": "later" }), "`later`"),
            (rng(), json!({ "op": "randint", "a": 1 }), "`b`"),
            (rng(), json!({ "op": "randint", "a": 2, "b": 1 }), "more than"),
            (rng(), json!({ "op": "randint", "a": 0.5, "b": 1 }), "`a`"),
        ] {
            let refused = ask(resource, request.clone()).unwrap_err();
            assert!(refused.starts_with("resource_request") && refused.contains(part), "{refused}");
        }
    }

    #[test]
    fn numbers_and_times_are_numbers() {
        let clock = || Standard::Clock(Arc::new(Fixed));
        assert_eq!(ask(clock(), json!({ "op": "now" })), Ok(json!(1.5)));
        assert_eq!(ask(clock(), json!({ "op": "monotonic" })), Ok(json!(2.0)));
        let drawn = ask(Standard::Rng(Arc::new(Fixed)), json!({ "op": "randint", "a": 4, "b": 9 }));
        assert_eq!(drawn, Ok(json!(4)));
    }
}
