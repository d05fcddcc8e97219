//! What stands in an `#[on]`: patterns, and what else a subscription says.

use hookspec_spec::Diagnostic;
use proc_macro2::Span;
use serde_json::{Map, Value, json};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, LitStr, Meta, Token};

use crate::plugin::manifest::told;
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
            if self.patterns[..index].iter().any(|before| before.value() == text) {
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
        for each in self.mistakes(&options) {
            wrong(self.place(&each.pointer), told(&each));
        }
        match found {
            Some(found) => Err(found),
            None => {
                Ok(Options { patterns: self.patterns, json: Value::Object(options).to_string() })
            }
        }
    }

    /// What a manifest could not say either.
    fn mistakes(&self, options: &Map<String, Value>) -> Vec<Diagnostic> {
        let mut whole = options.clone();
        let patterns = self.patterns.iter().map(LitStr::value);
        // That there is none was said.
        let patterns = patterns.chain(self.patterns.is_empty().then(|| "any".into()));
        whole.insert("patterns".into(), patterns.collect());
        let checked = hookspec_spec::manifest::check_subscription(&whole, true);
        checked.err().map(|found| found.iter().cloned().collect()).unwrap_or_default()
    }

    /// Where what a manifest has at a pointer stands here.
    fn place(&self, pointer: &str) -> Span {
        let index = pointer.strip_prefix("/patterns/").and_then(|index| index.parse().ok());
        match index.and_then(|index: usize| self.patterns.get(index)) {
            Some(pattern) => pattern.span(),
            None if pointer == "/retries/backoff_ms" && self.said("backoff_ms").is_some() => {
                self.fields.place("/backoff_ms")
            }
            None => self.fields.place(pointer),
        }
    }

    fn said(&self, name: &str) -> Option<&Value> {
        self.fields.value().get(name)
    }

    /// The value of an option, as a manifest has it; `None`: another one says it.
    fn option(&self, name: &str, given: Value) -> Result<Option<Value>, String> {
        match name {
            "name" => Err("a subscription is called as its method; rename that".into()),
            "pattern" | "patterns" => {
                Err(format!("{name}: patterns stand by themselves, as in #[on(\"a.*\")]"))
            }
            _ if !KNOWN.contains(&name) => Err(unknown(name)),
            "backoff_ms" if self.said("retries").is_none() => {
                Err("`backoff_ms` is the time before the first of `retries`: say how many".into())
            }
            "backoff_ms" => Ok(None),
            "retries" if !given.is_object() => Ok(Some(match self.said("backoff_ms") {
                Some(backoff) => json!({ "attempts": given, "backoff_ms": backoff }),
                None => json!({ "attempts": given }),
            })),
            _ => Ok(Some(given)),
        }
    }
}

fn unknown(name: &str) -> String {
    let hint = match hookspec_spec::nearest(name, KNOWN) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", KNOWN.join(", ")),
    };
    format!("`{name}` is no option of #[on]; {hint}")
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
        let rows: [(Attribute, &[&str]); 24] = [
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
            (parse_quote!(#[on("a", queue = 65537, concurrency = 257)]), &["65536", "256"]),
            (parse_quote!(#[on("a", queue = "many")]), &["`queue`"]),
            (parse_quote!(#[on("a", overflow = "drop_oldst")]), &["drop_oldest"]),
            (parse_quote!(#[on("a", overflow = "coalesce")]), &["`key` does not say"]),
            (parse_quote!(#[on("a", key = "data/id")]), &["`data/id` is no JSON pointer"]),
            (
                parse_quote!(#[on("a", filter = { pointer = "data/id", exists = true })]),
                &["`data/id` is no JSON pointer"],
            ),
            (parse_quote!(#[on("a", filter = { prefix = "x", equls = 1 })]), &["equls"]),
            (parse_quote!(#[on("a", backoff_ms = 1)]), &["say how many"]),
            (parse_quote!(#[on("a", retries = -1)]), &["`attempts`"]),
            (parse_quote!(#[on("a", retries = 101)]), &["`attempts`"]),
            (parse_quote!(#[on("a", retries = 1, backoff_ms = "x")]), &["`backoff_ms`"]),
            (parse_quote!(#[on("a", retries = 1, backoff_ms = 3600001)]), &["`backoff_ms`"]),
            (parse_quote!(#[on("a", sources = "ci")]), &["`sources`"]),
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
        let said: Value = serde_json::from_str(&json).unwrap();
        let expected = json!({
            "priority": -10, "queue": 64, "overflow": "coalesce", "key": "/data/id",
            "concurrency": 4, "timeout_ms": 1000, "retries": { "attempts": 3, "backoff_ms": 50 },
            "filter": { "pointer": "/data/env", "equals": "prod" }, "sources": ["ci"], "permission": "p", "tenant": "t",
            "observe": true,
        });
        assert_eq!(said, expected);
        let alone = read(&parse_quote!(#[on("a", retries = 2)])).unwrap();
        assert_eq!(alone.json, r#"{"retries":{"attempts":2}}"#);
    }
}
