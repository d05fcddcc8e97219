//! kind_payload, dispatch_class_lookup, dispatch_class_meta: what kinds and classes say.

use hookspec_host::Registry;
use hookspec_spec::{Catalog, DispatchClass, Schema};
use serde_json::Value;

use super::call::Call;
use super::kinds::{Hooks, declare};
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, Unserved, object, text, unserved, whole};

/// Whether a payload satisfies a shipped schema, found by `<kind>/schemas/<hook>.<direction>.json`.
pub(super) fn payload(input: &Value, shipped: &Catalog) -> Served<Observed> {
    let fields = object(input, "input", &["schema", "value"])?;
    let path = text(fields.get("schema").unwrap_or(&Value::Null), "schema")?;
    let Some(value) = fields.get("value") else { return unserved("input has no `value`") };
    let schema = schema(path, shipped)
        .ok_or_else(|| Unserved(format!("no shipped kind has the schema `{path}`")))?;
    let mut observed = Observed::of(input);
    observed.fact("valid", schema.is_valid(value));
    if let Err(violations) = schema.validate(value) {
        let mut seen = Seen::new(&["InvalidInput"], &violations);
        let parts = violations.iter().flat_map(|each| each.instance.split('/'));
        seen.fields = parts.map(str::to_owned).collect();
        observed.failed(seen);
    }
    Ok(observed)
}

fn schema<'a>(path: &str, shipped: &'a Catalog) -> Option<&'a Schema> {
    let (kind, file) = path.split_once("/schemas/")?;
    let kind = shipped.kind(kind, *shipped.majors(kind).last()?)?;
    match file.strip_suffix(".json")?.rsplit_once('.') {
        Some((hook, "input")) => Some(&kind.hook(hook)?.input),
        Some((hook, "output")) => Some(&kind.hook(hook)?.output),
        None if file == "empty.json" => Some(&kind.hook("get_schema")?.input),
        _ => None,
    }
}

/// The class that a shipped kind declares a hook with.
pub(super) fn lookup(input: &Value, shipped: &Catalog) -> Served<Observed> {
    let fields = object(input, "input", &["kind", "hook", "api_major"])?;
    let get = |key: &str| text(fields.get(key).unwrap_or(&Value::Null), key);
    let (kind, hook) = (get("kind")?, get("hook")?);
    let kind = match fields.get("api_major") {
        Some(major) => format!("{kind}@{}", whole(major, "api_major")?),
        None => kind.to_owned(),
    };
    let mut observed = Observed::of(input);
    match Registry::builder().catalog(shipped.clone()).build() {
        Err(error) => observed.failed(error),
        Ok(registry) => match registry.dispatch_class(&kind, hook) {
            Ok(class) => observed.fact("dispatch", class.as_str()),
            Err(error) => observed.failed(Seen::dispatch(&error, DispatchClass::BroadcastCollect)),
        },
    }
    Ok(observed)
}

/// What a class does when nobody is there: seen by dispatching to nobody.
pub(super) async fn meta(input: &Value) -> Served<Observed> {
    let fields = object(input, "input", &["dispatch"])?;
    let class = text(fields.get("dispatch").unwrap_or(&Value::Null), "dispatch")?;
    let class: DispatchClass = class.parse().or_else(unserved)?;
    let mut observed = Observed::of(input);
    let kinds = match declare(&Hooks::from([("k".into(), ["h".into()].into())]), class, None) {
        Ok(kinds) => kinds,
        Err(error) => {
            observed.failed(error);
            return Ok(observed);
        }
    };
    match Registry::builder().catalog(kinds).start().await {
        Err(error) => observed.failed(error),
        Ok(registry) => {
            let answer = Call::of(class, "k", "h").dispatch(&registry).await?;
            observed.fact("error_on_zero_results", answer.error.is_some());
        }
    }
    Ok(observed)
}
