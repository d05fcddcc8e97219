//! What stands in an `#[on]`: patterns, and what else a subscription says.

use hookspec_codegen::events::{Pattern, Subscription};
use proc_macro2::Span;
use serde_json::{Map, Value, json};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, LitStr, Meta, Token};

use crate::plugin::value::{Fields, key, value};

const NO_PATTERN: &str = "which events? Name at least one pattern, as in #[on(\"deploy.*\")]";

/// Named as in a manifest, but for `retries` and `backoff_ms`, which stand side by side here.
const KNOWN: &[&str] = &[
    "priority",
    "queue",
    "overflow",
    "key",
    "concurrency",
    "timeout_ms",
    "retries",
    "backoff_ms",
    "filter",
    "sources",
    "permission",
    "tenant",
    "observe",
];

/// An `#[on]` without mistakes.
pub(crate) struct Options {
    pub(crate) patterns: Vec<LitStr>,
    /// What else its subscription says.
    pub(crate) json: String,
}

pub(crate) fn read(attribute: &Attribute) -> Result<Options, Error> {
    match &attribute.meta {
        Meta::List(list) => list.parse_args::<Written>()?.check(),
        other => Err(Error::new_spanned(other, NO_PATTERN)),
    }
}

/// As it was written.
struct Written {
    patterns: Vec<LitStr>,
    fields: Fields,
    names: Vec<(String, Span)>,
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut patterns, mut names) = (Vec::new(), Vec::new());
        let mut fields = Fields::new(input.span());
        while !input.is_empty() {
            if input.peek(LitStr) {
                patterns.push(input.parse()?);
            } else {
                let (name, at) = key(input)?;
                input.parse::<Token![=]>()?;
                let value = value(input, &format!("/{name}"), &mut fields)?;
                fields.insert(name.clone(), at, value)?;
                names.push((name, at));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self { patterns, fields, names })
    }
}

impl Written {
    fn check(self) -> Result<Options, Error> {
        let mut found: Option<Error> = None;
        let mut wrong = |at: Span, message: String| match &mut found {
            Some(all) => all.combine(Error::new(at, message)),
            None => found = Some(Error::new(at, message)),
        };
        if self.patterns.is_empty() {
            wrong(self.fields.place(""), NO_PATTERN.into());
        }
        for (index, pattern) in self.patterns.iter().enumerate() {
            let text = pattern.value();
            if let Err(error) = Pattern::parse(&text) {
                wrong(pattern.span(), error.to_string());
            } else if self.patterns[..index].iter().any(|before| before.value() == text) {
                wrong(pattern.span(), format!("`{text}` is said twice"));
            }
        }
        let mut options = Map::new();
        for (name, at) in &self.names {
            let given = self.fields.value().get(name).cloned().unwrap_or_default();
            match self.option(name, given) {
                Ok(Some(value)) => drop(options.insert(name.clone(), value)),
                Ok(None) => {}
                Err(message) => wrong(*at, message),
            }
        }
        match found {
            Some(found) => Err(found),
            None => {
                Ok(Options { patterns: self.patterns, json: Value::Object(options).to_string() })
            }
        }
    }

    /// The value of an option, as a subscription has it; `None`: another one says it.
    fn option(&self, name: &str, given: Value) -> Result<Option<Value>, String> {
        let said = |name: &str| self.fields.value().get(name);
        match name {
            "name" => return Err("a subscription is called as its method; rename that".into()),
            "pattern" | "patterns" => {
                return Err(format!("{name}: patterns stand by themselves, as in #[on(\"a.*\")]"));
            }
            _ if !KNOWN.contains(&name) => return Err(unknown(name)),
            "queue" | "concurrency" | "timeout_ms" if given == 0 => {
                return Err(format!("`{name}` is at least 1: with 0 no event would be handled"));
            }
            "key" if !given.as_str().is_some_and(is_pointer) => {
                return Err("a key is a JSON pointer into the event, such as \"/data/id\"".into());
            }
            "overflow" if given == "coalesce" && said("key").is_none() => {
                return Err(
                    "events are coalesced by a key: add one, as in key = \"/data/id\"".into()
                );
            }
            "backoff_ms" if said("retries").is_none() => {
                return Err(
                    "`backoff_ms` is the time before the first of `retries`: say how many".into()
                );
            }
            _ => {}
        }
        let value = match (name, given) {
            ("retries", Value::Object(table)) if said("backoff_ms").is_none() => table.into(),
            ("retries", attempts) => match said("backoff_ms") {
                Some(backoff) => json!({ "attempts": attempts, "backoff_ms": backoff }),
                None => json!({ "attempts": attempts }),
            },
            ("backoff_ms", backoff) if backoff.is_u64() => return Ok(None),
            ("backoff_ms", backoff) => json!({ "backoff_ms": backoff }),
            (_, given) => given,
        };
        let field = if name == "backoff_ms" { "retries" } else { name };
        serde_json::from_value::<Subscription>(json!({ field: value }))
            .map(|_| Some(value))
            .map_err(|error| format!("`{name}`: {error}"))
    }
}

fn unknown(name: &str) -> String {
    let hint = match hookspec_spec::nearest(name, KNOWN) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", KNOWN.join(", ")),
    };
    format!("`{name}` is no option of #[on]; {hint}")
}

fn is_pointer(text: &str) -> bool {
    let mut escapes = text.split('~').skip(1);
    text.starts_with('/') && escapes.all(|rest| rest.starts_with(['0', '1']))
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn wrong(attribute: &Attribute) -> String {
        let found = read(attribute).err().unwrap().into_iter();
        found.map(|each| each.to_string()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_cannot_be_subscribed_is_said() {
        let rows: [(Attribute, &[&str]); 18] = [
            (parse_quote!(#[on]), &["at least one pattern"]),
            (parse_quote!(#[on = "a"]), &["at least one pattern"]),
            (parse_quote!(#[on(priority = 1)]), &["at least one pattern"]),
            (parse_quote!(#[on("a.", "b*")]), &["`a.` is no pattern", "`b*` is no pattern"]),
            (parse_quote!(#[on("a", "b", "a")]), &["`a` is said twice"]),
            (parse_quote!(#[on("a", quque = 1)]), &["did you mean `queue`"]),
            (parse_quote!(#[on("a", zzzzzz = 1)]), &["there are priority, queue"]),
            (parse_quote!(#[on("a", name = "b")]), &["called as its method"]),
            (parse_quote!(#[on("a", pattern = "b")]), &["stand by themselves"]),
            (parse_quote!(#[on("a", queue = 0, concurrency = 0)]), &["`queue`", "`concurrency`"]),
            (parse_quote!(#[on("a", queue = "many")]), &["`queue`: invalid type"]),
            (parse_quote!(#[on("a", overflow = "drop_oldst")]), &["`drop_oldest`"]),
            (parse_quote!(#[on("a", overflow = "coalesce")]), &["by a key"]),
            (parse_quote!(#[on("a", key = "data/id")]), &["a JSON pointer"]),
            (parse_quote!(#[on("a", backoff_ms = 1)]), &["say how many"]),
            (parse_quote!(#[on("a", retries = -1)]), &["`retries`: invalid"]),
            (parse_quote!(#[on("a", retries = 1, backoff_ms = "x")]), &["`backoff_ms`: invalid"]),
            (parse_quote!(#[on("a", queue = 1, queue = 2)]), &["said twice"]),
        ];
        for (attribute, expected) in rows {
            let error = wrong(&attribute);
            assert!(expected.iter().all(|part| error.contains(part)), "{error}");
        }
    }

    #[test]
    fn everything_that_a_subscription_says_can_be_said() {
        let attribute: Attribute = parse_quote! {
            #[on("deploy.*", "release.**", priority = -10, queue = 64, overflow = "coalesce",
                key = "/data/id", concurrency = 4, timeout_ms = 1000, retries = 3, backoff_ms = 50,
                filter = { pointer = "/data/env", equals = "prod" }, sources = ["ci"], permission = "p", tenant = "t", observe = true)]
        };
        let Options { patterns, json } = read(&attribute).unwrap();
        assert_eq!(patterns.len(), 2);
        let subscription: Subscription = serde_json::from_str(&json).unwrap();
        let expected: Subscription = serde_json::from_value(json!({
            "priority": -10, "queue": 64, "overflow": "coalesce", "key": "/data/id",
            "concurrency": 4, "timeout_ms": 1000, "retries": { "attempts": 3, "backoff_ms": 50 },
            "filter": { "pointer": "/data/env", "equals": "prod" }, "sources": ["ci"], "permission": "p", "tenant": "t",
            "observe": true,
        }))
        .unwrap();
        assert_eq!(subscription, expected);
        let alone = read(&parse_quote!(#[on("a", retries = 2)])).unwrap();
        let alone: Subscription = serde_json::from_str(&alone.json).unwrap();
        assert_eq!((alone.retries.attempts, alone.retries.backoff_ms), (2, 1000));
    }
}
