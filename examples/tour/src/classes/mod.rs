//! One file per dispatch class: what is dispatched, and what came back.

pub(crate) mod broadcast_collect;
pub(crate) mod broadcast_notify;
pub(crate) mod capability;
pub(crate) mod chain;
pub(crate) mod repository;
pub(crate) mod singleton;

use std::path::PathBuf;

use serde::de::DeserializeOwned;

use crate::demo::Trouble;

/// The data that is shipped with the tour.
fn data() -> PathBuf {
    crate::root().join("examples/data")
}

/// The records of a file with one JSON text per line.
fn records<T: DeserializeOwned>(name: &str) -> Result<Vec<T>, Trouble> {
    let path = data().join(name);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let record = |(index, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|error| format!("{}:{}: {error}", path.display(), index + 1).into())
    };
    text.lines().enumerate().map(record).collect()
}
