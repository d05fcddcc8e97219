//! The standard resources themselves: clocks, random numbers, blobs.

use std::time::{Duration, SystemTime};

use hookspec_host::resources::{MemoryBlobStore, SystemClock, SystemRng};
use hookspec_host::testing::{FrozenClock, SeededRng};
use hookspec_plugin::resources::{BlobStore, Clock, Rng};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::get;
use crate::observed::Observed;
use crate::seen::Seen;
use crate::unserved::{Served, Unserved, object, text, unserved, whole};

/// `false`: the operation is not about one of them.
pub(super) async fn observe(op: &str, input: &Value, observed: &mut Observed) -> Served<bool> {
    match op {
        "system_clock" => {
            object(input, "input", &["op"])?;
            let clock: &dyn Clock = &SystemClock::new();
            // An instant has no offset to be wrong about; that it is now is what can be seen.
            let near = instant(clock.now())?.duration_until(Timestamp::now()).abs();
            observed.fact("timezone_aware", near.as_secs() < 60);
            observed.fact("offset_seconds", 0);
        }
        "frozen_clock" => {
            frozen(object(input, "input", &["op", "at", "reads", "steps"])?, observed)?
        }
        "rng_random" => {
            let n = whole(get(object(input, "input", &["op", "n"])?, "n"), "n")?;
            let drawn: Vec<f64> = (0..n).map(|_| SystemRng.random()).collect();
            let within = drawn.iter().all(|one| (0.0..=1.0).contains(one));
            observed.fact("all_in", if within { json!([0, 1]) } else { json!(drawn) });
            observed.fact("upper_exclusive", drawn.iter().all(|one| *one < 1.0));
        }
        "rng_randint" => {
            let fields = object(input, "input", &["op", "a", "b"])?;
            observed.fact("value", SystemRng.randint(signed(fields, "a")?, signed(fields, "b")?));
        }
        "seeded_rng" => {
            let known = ["op", "seed", "seeds", "n", "instances", "call"];
            seeded(object(input, "input", &known)?, observed)?;
        }
        "blob" => blob(get(object(input, "input", &["op", "steps"])?, "steps"), observed).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn signed(fields: &Map<String, Value>, key: &str) -> Served<i64> {
    let value = get(fields, key);
    value.as_i64().ok_or_else(|| Unserved(format!("{key} is not a whole number: {value}")))
}

/// An instant as it is written: without a word on the offset, none can be got wrong.
pub(super) fn instant(at: SystemTime) -> Served<Timestamp> {
    Timestamp::try_from(at).map_err(|error| Unserved(error.to_string()))
}

pub(super) fn clock(at: &Value, place: &str) -> Served<FrozenClock> {
    let at: Timestamp =
        text(at, place)?.parse().map_err(|error| Unserved(format!("{place}: {error}")))?;
    Ok(FrozenClock::new(at.into()))
}

fn frozen(fields: &Map<String, Value>, observed: &mut Observed) -> Served<()> {
    let clock = clock(get(fields, "at"), "at")?;
    let read = || instant(clock.now()).map(|now| now.to_string());
    let mut values = Vec::new();
    for _ in 0..whole(fields.get("reads").unwrap_or(&json!(0)), "reads")? {
        values.push(read()?);
    }
    for step in get(fields, "steps").as_array().into_iter().flatten() {
        match step.get("advance_seconds").and_then(Value::as_f64) {
            Some(seconds) => clock.advance(
                Duration::try_from_secs_f64(seconds).map_err(|e| Unserved(e.to_string()))?,
            ),
            None if step == "read" => values.push(read()?),
            None => return unserved(format!("unknown step {step}")),
        }
    }
    observed.fact("values", values);
    Ok(())
}

fn seeded(fields: &Map<String, Value>, observed: &mut Observed) -> Served<()> {
    let seeds: Vec<u64> = match fields.get("seeds") {
        Some(Value::Array(seeds)) => {
            seeds.iter().map(|seed| whole(seed, "seeds")).collect::<Served<_>>()?
        }
        Some(_) => return unserved("`seeds` is not a list"),
        None => {
            let seed = whole(get(fields, "seed"), "seed")?;
            let instances = whole(fields.get("instances").unwrap_or(&json!(2)), "instances")?;
            (0..instances).map(|_| seed).collect()
        }
    };
    let n = whole(get(fields, "n"), "n")?;
    let call = fields.get("call").map_or(Ok("random"), |call| text(call, "call"))?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for seed in seeds {
        let rng = SeededRng::new(seed);
        let draw = |_| match call {
            "random" => Ok(json!(rng.random())),
            "randint" => Ok(json!(rng.randint(0, 1_000_000))),
            other => unserved(format!("unknown call `{other}`")),
        };
        rows.push((0..n).map(draw).collect::<Served<_>>()?);
    }
    observed.fact("equal", rows.windows(2).all(|pair| pair[0] == pair[1]));
    observed.fact("values", rows.into_iter().next().unwrap_or_default());
    Ok(())
}

async fn blob(steps: &Value, observed: &mut Observed) -> Served<()> {
    let Value::Array(steps) = steps else { return unserved("`steps` is not a list") };
    let store = MemoryBlobStore::new();
    let mut values = Vec::new();
    for step in steps {
        let fields = object(step, "a step", &["put", "get", "delete"])?;
        // Bytes come and go as the text that stands for them: no two texts are the same bytes here.
        let done = match fields.iter().next() {
            Some((key, value)) if key == "put" => {
                store.put(text(&value[0], key)?, text(&value[1], key)?.as_bytes()).await
            }
            Some((key, value)) if key == "get" => {
                let found = store.get(text(value, key)?).await;
                found.map(|found| {
                    let shown = |bytes| String::from_utf8_lossy(bytes).into_owned();
                    values.push(json!(found.as_deref().map(shown)));
                })
            }
            Some((key, value)) => store.delete(text(value, key)?).await,
            None => return unserved("a step says nothing"),
        };
        if let Err(fault) = done {
            observed.failed(Seen::new(&["KeyError"], fault));
        }
    }
    observed.fact("values", values);
    Ok(())
}
