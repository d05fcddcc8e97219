//! [`Accepts`]: what a payload has to satisfy, looked at in the form that it already has.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hookspec_plugin::{Payload, Violations};
use hookspec_spec::Schema;

use hookspec_plugin::size;

/// What one side of a hook accepts: its input or its output.
pub(crate) struct Accepts {
    schema: Schema,
    fingerprint: String,
    made_json: AtomicU64,
}

impl Accepts {
    pub(crate) fn new(schema: &Schema) -> Self {
        let fingerprint = schema.fingerprint();
        Self { schema: schema.clone(), fingerprint, made_json: AtomicU64::new(0) }
    }

    /// How many Rust values had to be made JSON to be looked at: their type says less than the
    /// schema, or was generated from another one.
    pub(crate) fn made_json(&self) -> u64 {
        self.made_json.load(Relaxed)
    }

    /// Whether a payload is within a bound of bytes and satisfies the schema. Makes JSON only where
    /// nothing less will do, and looks once at a payload that many hand on or that comes again.
    #[inline]
    pub(crate) fn check(&self, payload: &Payload, limit: usize) -> Result<(), Violations> {
        if !payload.has_json() {
            // Bytes are measured before they are parsed.
            size::check(payload, limit)?;
            // Bytes of a foreign runtime have to be JSON, also where any JSON will do.
            let any = self.schema.accepts_anything() && payload.known_bytes().is_none();
            if any || self.is_checked_by_its_type(payload) {
                return Ok(());
            }
        }
        let json = payload.json().map_err(|fault| Violations::whole(fault.message()))?;
        let findings = payload.findings();
        if findings.size().is_none_or(|bytes| bytes > limit) {
            findings.measured(size::measure(json, limit)?);
        }
        if findings.is_accepted_by(self.schema.id()) {
            return Ok(());
        }
        if !self.schema.is_valid(json) {
            return self.schema.validate(json);
        }
        findings.accepted(self.schema.id());
        Ok(())
    }

    /// Whether the type of a value that is no JSON vouches for it. Where it does not, the
    /// interpreter decides, and says what is wrong.
    #[inline]
    fn is_checked_by_its_type(&self, payload: &Payload) -> bool {
        let findings = payload.findings();
        if findings.is_accepted_by(self.schema.id()) {
            return true;
        }
        let own = payload.typed_schema() == Some(self.fingerprint.as_str());
        if own && payload.is_complete() && matches!(payload.check_typed(), Some(Ok(()))) {
            findings.accepted(self.schema.id());
            return true;
        }
        if payload.known_bytes().is_none() {
            self.made_json.fetch_add(1, Relaxed);
        }
        false
    }
}
