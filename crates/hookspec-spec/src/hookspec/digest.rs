//! A fingerprint of what two sides of a hook must agree on.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::class::{DispatchClass, Mode};
use crate::schema::Schema;

/// SHA-256, in hex, over class, mode and both schemas as JSON with sorted keys.
pub(super) fn of(class: DispatchClass, mode: Mode, input: &Schema, output: &Schema) -> String {
    let mut contract = json!({
        "dispatch": class.as_str(),
        "mode": mode.as_str(),
        "input": input.document(),
        "output": output.document(),
    });
    contract.sort_all_objects();
    let digest = Sha256::digest(contract.to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
