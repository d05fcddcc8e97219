//! [`Intercepted`]: the dispatch that a middleware stands before.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::name::{HookName, KindName};
use crate::payload::Payload;

/// The dispatch that a middleware stands before: what `$before` is called with.
///
/// As JSON `{"kind", "hook", "class", "input"}`; that is made only for a middleware that asks for it,
/// such as one in another runtime.
#[derive(Clone, Debug)]
pub struct Intercepted {
    /// The kind.
    pub kind: KindName,
    /// The hook that is dispatched.
    pub hook: HookName,
    /// Its class, as hookspecs write it.
    pub class: String,
    /// What its plugins would be called with: the very payload, as the middleware before left it.
    pub input: Payload,
}

#[derive(Serialize)]
struct Written<'a> {
    kind: &'a KindName,
    hook: &'a HookName,
    class: &'a str,
    input: &'a Value,
}

#[derive(Deserialize)]
struct Read {
    kind: KindName,
    hook: HookName,
    class: String,
    input: Value,
}

impl Serialize for Intercepted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { kind, hook, class, input } = self;
        let input = input.json().map_err(S::Error::custom)?;
        Written { kind, hook, class, input }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Intercepted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Read { kind, hook, class, input } =
            Read::deserialize(deserializer).map_err(D::Error::custom)?;
        Ok(Self { kind, hook, class, input: Payload::from_json(input) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_the_payload_itself_and_becomes_json_only_when_asked() {
        let input = Payload::of(vec![1, 2]);
        let intercepted = Intercepted {
            kind: "k".into(),
            hook: "h".into(),
            class: "chain".into(),
            input: input.clone(),
        };
        let payload = Payload::of(intercepted);
        assert!(payload.typed::<Intercepted>().unwrap().input.same(&input));
        assert!(!input.has_json() && !payload.has_json());
        let json = json!({ "kind": "k", "hook": "h", "class": "chain", "input": [1, 2] });
        assert_eq!(*payload.json().unwrap(), json);
        let again = Payload::from_json(json);
        let again = again.typed::<Intercepted>().unwrap();
        assert_eq!(*again.input.json().unwrap(), json!([1, 2]));
    }
}
