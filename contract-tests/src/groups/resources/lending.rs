//! Who sees which resource, and what is wrapped around it.

use std::sync::Arc;

use hookspec_host::resources::MemoryBlobStore;
use hookspec_host::testing::SeededRng;
use hookspec_host::{Registry, RegistryBuilder};
use hookspec_plugin::async_trait;
use hookspec_plugin::resources::{BlobStore, Clock, Rng};
use hookspec_plugin::{CallContext, Caller, Fault};
use serde_json::{Map, Value, json};

use super::get;
use super::standard::{clock, instant};
use crate::groups::lent::{declares, look};
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, object, text, texts, unserved, whole};

const STANDARD: [&str; 4] = ["blob_store", "clock", "rng", "tmpdir"];

pub(super) async fn observe(op: &str, input: &Value, observed: &mut Observed) -> Served<()> {
    match op {
        "register_standard" | "standard_names" => {
            standard(object(input, "input", &["op", "pre"])?, observed).await
        }
        "registry" => {
            registry(get(object(input, "input", &["op", "steps"])?, "steps"), observed).await
        }
        "inject" => {
            inject(object(input, "input", &["op", "manifest", "available"])?, observed).await
        }
        "container_get" | "container_async_get" | "container_len" | "container_copy" => {
            container(object(input, "input", &["op", "items", "name"])?, observed).await
        }
        "container_metadata" => {
            let fields = object(input, "input", &["op", "metadata"])?;
            let see = |ctx: &CallContext<'_>| json!(ctx.metadata());
            let caller = caller(get(fields, "metadata"))?;
            match look(Registry::builder(), declares("a", &[], &[]), caller, see).await {
                Ok(seen) => observed.fact("metadata", seen),
                Err(error) => observed.failed(error),
            }
            Ok(())
        }
        "decorated_blob_put" => {
            decorated_blob(object(input, "input", &["op", "metadata", "key"])?, observed).await
        }
        "decorated_clock" => {
            object(input, "input", &["op"])?;
            decorated_clock(observed).await;
            Ok(())
        }
        "two_runs" => two_runs(object(input, "input", &["op", "clock", "seed"])?, observed).await,
        other => unserved(format!("unknown op `{other}`")),
    }
}

fn caller(metadata: &Value) -> Served<Caller> {
    let Value::Object(metadata) = metadata else { return unserved("`metadata` is not an object") };
    let with = |caller: Caller, (key, value): (&String, &Value)| {
        caller.with_metadata(key.as_str(), value.clone())
    };
    Ok(metadata.iter().fold(Caller::new(), with))
}

fn strings(builder: RegistryBuilder, names: &[String]) -> RegistryBuilder {
    let lend = |builder: RegistryBuilder, name: &String| {
        builder.resource(name.clone(), Arc::new(name.clone()))
    };
    names.iter().fold(builder, lend)
}

fn names(ctx: &CallContext<'_>) -> Vec<String> {
    ctx.plugin().resource_names().into_iter().map(str::to_owned).collect()
}

/// What a plugin that asks for every standard resource gets, beside what was registered before.
async fn standard(fields: &Map<String, Value>, observed: &mut Observed) -> Served<()> {
    let mut builder = Registry::builder();
    for (name, value) in get(fields, "pre").as_object().into_iter().flatten() {
        builder = builder.resource(name.clone(), Arc::new(text(value, name)?.to_owned()));
    }
    let see = |ctx: &CallContext<'_>| {
        let own = |name: &String| {
            let own = ctx.plugin().resource::<String>(name).ok()?;
            Some((name.clone(), json!(*own)))
        };
        let names = names(ctx);
        (names.iter().filter_map(own).collect::<Map<_, _>>(), names)
    };
    let manifest = declares("a", &[], &STANDARD.map(str::to_owned));
    match look(builder.standard_resources(), manifest, Caller::new(), see).await {
        Err(error) => observed.failed(error),
        Ok((own, names)) => {
            observed.facts.extend(own);
            observed.fact("names", names);
        }
    }
    Ok(())
}

/// Builds a host step by step; what is read is what a plugin finds that declares the name.
async fn registry(steps: &Value, observed: &mut Observed) -> Served<()> {
    let Value::Array(steps) = steps else { return unserved("`steps` is not a list") };
    let known = ["register", "replace", "get", "contains", "names"];
    let mut values = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        if step != "names" && object(step, "a step", &known)?.contains_key("register") {
            continue;
        }
        let mut given = Vec::new();
        let builder = registered(&steps[..place], &mut given)?;
        let asked = step.get("get").or_else(|| step.get("contains"));
        let asked = asked.map(|name| text(name, "a name").map(str::to_owned)).transpose()?;
        let wanted = asked.clone().map_or(given.clone(), |name| vec![name]);
        let sort = if step.get("get").is_some() { "get" } else { "contains" };
        let see = move |ctx: &CallContext<'_>| match (&asked, sort) {
            (Some(name), "get") => ctx.plugin().resource::<String>(name).map(|own| json!(*own)),
            (Some(name), _) => Ok(json!(names(ctx).contains(name))),
            (None, _) => Ok(json!(names(ctx))),
        };
        let seen = look(builder, declares("a", &[], &wanted), Caller::new(), see).await;
        match seen.map(|found| found.map_err(|fault| Seen::new(&["KeyError"], fault))) {
            Ok(Ok(value)) if step == "names" || step.get("names").is_some() => {
                observed.fact("names", value.clone());
                values.push(value);
            }
            Ok(Ok(value)) => values.push(value),
            Ok(Err(error)) | Err(error) => observed.failed(error),
        }
    }
    // Whatever was registered must also make a registry where nothing is read.
    if let Err(error) = registered(steps, &mut Vec::new())?.build() {
        observed.failed(error);
    }
    observed.fact("values", values);
    Ok(())
}

fn registered(steps: &[Value], given: &mut Vec<String>) -> Served<RegistryBuilder> {
    let mut builder = Registry::builder();
    for step in steps {
        let Some(pair) = step.get("register") else { continue };
        let (name, value) = (text(&pair[0], "register")?, text(&pair[1], "register")?.to_owned());
        builder = match step.get("replace").and_then(Value::as_bool) {
            Some(true) => builder.replace_resource(name, Arc::new(value)),
            _ => builder.resource(name, Arc::new(value)),
        };
        given.push(name.to_owned());
    }
    Ok(builder)
}

async fn inject(fields: &Map<String, Value>, observed: &mut Observed) -> Served<()> {
    let manifest = object(get(fields, "manifest"), "manifest", &["name", "resources"])?;
    let needs = object(get(manifest, "resources"), "resources", &["required", "optional"])?;
    let list = |key: &str| needs.get(key).map_or(Ok(Vec::new()), |names| texts(names, key));
    let available = texts(get(fields, "available"), "available")?;
    available.iter().for_each(|name| observed.words.shared(name));
    let manifest =
        declares(text(get(manifest, "name"), "name")?, &list("required")?, &list("optional")?);
    let builder = strings(Registry::builder(), &available);
    match look(builder, manifest, Caller::new(), names).await {
        Ok(seen) => observed.fact("container", seen),
        Err(error) => observed.failed(error),
    }
    Ok(())
}

async fn container(fields: &Map<String, Value>, observed: &mut Observed) -> Served<()> {
    let items = texts(get(fields, "items"), "items")?;
    items.iter().for_each(|name| observed.words.shared(name));
    let asked = fields.get("name").map(|name| text(name, "name").map(str::to_owned)).transpose()?;
    let declared: Vec<String> = items.iter().chain(&asked).cloned().collect();
    let see = move |ctx: &CallContext<'_>| {
        let found = asked.as_ref().map(|name| ctx.plugin().resource::<String>(name));
        (names(ctx), found)
    };
    let builder = strings(Registry::builder(), &items);
    match look(builder, declares("a", &[], &declared), Caller::new(), see).await {
        Err(error) => observed.failed(error),
        Ok((names, found)) => {
            observed.fact("len", names.len());
            observed.fact("container", names);
            match found {
                Some(Err(fault)) => {
                    observed.failed(Seen::new(&["AttributeError", "KeyError"], fault))
                }
                Some(Ok(value)) => observed.fact("value", value.as_str()),
                None => {}
            }
        }
    }
    Ok(())
}

/// Puts the tenant before every key.
struct OfTenant(Arc<dyn BlobStore>, String);

#[async_trait]
impl BlobStore for OfTenant {
    async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.0.put(&format!("{}/{key}", self.1), bytes).await
    }
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.0.get(&format!("{}/{key}", self.1)).await
    }
    async fn delete(&self, key: &str) -> Result<(), Fault> {
        self.0.delete(&format!("{}/{key}", self.1)).await
    }
    async fn exists(&self, key: &str) -> Result<bool, Fault> {
        self.0.exists(&format!("{}/{key}", self.1)).await
    }
    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        self.0.list(&format!("{}/{prefix}", self.1)).await
    }
}

async fn decorated_blob(fields: &Map<String, Value>, observed: &mut Observed) -> Served<()> {
    let key = text(get(fields, "key"), "key")?;
    let store: Arc<dyn BlobStore> = Arc::new(MemoryBlobStore::new());
    let Value::Object(metadata) = get(fields, "metadata") else {
        return unserved("`metadata` is not an object");
    };
    let builder = Registry::builder()
        .resource::<dyn BlobStore>("blob_store", Arc::clone(&store))
        .decorate::<dyn BlobStore>("blob_store", |inner, borrower| {
        let tenant = borrower.metadata.get("tenant_id").and_then(Value::as_str);
        Arc::new(OfTenant(inner, tenant.unwrap_or("nobody").to_owned()))
    });
    let with = |builder: RegistryBuilder, (key, value): (&String, &Value)| {
        builder.context_metadata(key.as_str(), value.clone())
    };
    let builder = metadata.iter().fold(builder, with);
    let manifest = declares("a", &["blob_store".into()], &[]);
    let see = |ctx: &CallContext<'_>| ctx.plugin().resource::<dyn BlobStore>("blob_store");
    let put = match look(builder, manifest, Caller::new(), see).await {
        Err(error) => Err(error),
        Ok(Err(fault)) => Err(Seen::new(&["KeyError"], fault)),
        Ok(Ok(lent)) => lent.put(key, b"x").await.map_err(|fault| Seen::new(&["KeyError"], fault)),
    };
    match put {
        Err(error) => observed.failed(error),
        Ok(()) => {
            let stored = store.list("").await.unwrap_or_default();
            observed.fact("stored_key", stored.first().cloned());
        }
    }
    Ok(())
}

/// The same clock, from another type.
struct Wrapped(Arc<dyn Clock>);

impl Clock for Wrapped {
    fn now(&self) -> std::time::SystemTime {
        self.0.now()
    }
    fn monotonic(&self) -> std::time::Duration {
        self.0.monotonic()
    }
}

async fn decorated_clock(observed: &mut Observed) {
    let builder = Registry::builder()
        .standard_resources()
        .decorate::<dyn Clock>("clock", |inner, _| Arc::new(Wrapped(inner)));
    let see = |ctx: &CallContext<'_>| ctx.plugin().resource::<dyn Clock>("clock").is_ok();
    match look(builder, declares("a", &["clock".into()], &[]), Caller::new(), see).await {
        Err(error) => observed.failed(error),
        Ok(satisfies) => observed.fact("satisfies", satisfies.then_some("Clock")),
    }
}

/// Two runs of one plugin on the same stopped clock and seed.
async fn two_runs(fields: &Map<String, Value>, observed: &mut Observed) -> Served<()> {
    let seed = whole(get(fields, "seed"), "seed")?;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let builder = Registry::builder()
            .resource::<dyn Clock>("clock", Arc::new(clock(get(fields, "clock"), "clock")?))
            .resource::<dyn Rng>("rng", Arc::new(SeededRng::new(seed)));
        let see = |ctx: &CallContext<'_>| {
            let clock = ctx.plugin().resource::<dyn Clock>("clock")?;
            let rng = ctx.plugin().resource::<dyn Rng>("rng")?;
            let drawn = (rng.random(), rng.randint(0, 1_000_000), rng.next_u64());
            Ok::<_, Fault>((clock.now(), drawn))
        };
        let manifest = declares("a", &["clock".into(), "rng".into()], &[]);
        match look(builder, manifest, Caller::new(), see).await {
            Err(error) => observed.failed(error),
            Ok(Err(fault)) => observed.failed(Seen::new(&["KeyError"], fault)),
            Ok(Ok((now, drawn))) => {
                let bytes = serde_json::to_vec(&json!([instant(now)?.to_string(), drawn]));
                runs.extend(bytes.ok());
            }
        }
    }
    observed.fact("bit_equal", runs.len() == 2 && runs[0] == runs[1]);
    Ok(())
}
