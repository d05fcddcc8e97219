//! resources: what a host lends, to whom, and the standard ones.

mod lending;
mod standard;

use serde_json::{Map, Value};

use crate::observed::Observed;
use crate::unserved::{Served, text};

pub(super) const EXPECTATIONS: [&str; 17] = [
    "names",
    "clock",
    "rng",
    "blob_store",
    "timezone_aware",
    "offset_seconds",
    "values",
    "value",
    "all_in",
    "upper_exclusive",
    "equal",
    "container",
    "len",
    "metadata",
    "stored_key",
    "satisfies",
    "bit_equal",
];

pub(super) async fn observe(input: &Value) -> Served<Observed> {
    let mut observed = Observed::of(input);
    let op = text(input.get("op").unwrap_or(&Value::Null), "op")?;
    if !standard::observe(op, input, &mut observed).await? {
        lending::observe(op, input, &mut observed).await?;
    }
    Ok(observed)
}

fn get<'a>(fields: &'a Map<String, Value>, key: &str) -> &'a Value {
    fields.get(key).unwrap_or(&Value::Null)
}
