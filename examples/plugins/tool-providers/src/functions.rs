//! Two plugins of kind `tool`, which carry out what providers only list: [`arithmetic`] and [`text`].
//!
//! Their hook `execute` is a singleton: one of them answers, and the application settles which.
//!
//! A function that cannot do what it is asked (division by zero) answers so, for the model to read;
//! a function that is not there is a fault, for the application to see.
//!
//! Absent on purpose: validation of the arguments against the schemas that are listed.

use std::sync::Arc;

use hookspec_plugin::{Call, Fault, HookFuture, HookName, Manifest, Payload, Plugin, Reply};
use serde_json::{Value, json};

/// Both plugins.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![Arc::new(arithmetic()), Arc::new(text())]
}

/// Sums: `add`, `divide`.
pub fn arithmetic() -> Functions {
    let numbers = json!({ "a": { "type": "number" }, "b": { "type": "number" } });
    let schema = json!([
        crate::tool("add", "Adds two numbers.", numbers.clone()),
        crate::tool("divide", "Divides one number by another.", numbers),
    ]);
    Functions::new("arithmetic", "Adds and divides", 20, schema, |function, args| {
        let (a, b) =
            (args["a"].as_f64().unwrap_or_default(), args["b"].as_f64().unwrap_or_default());
        match function {
            "add" => Some(Ok(json!(a + b))),
            "divide" if b == 0.0 => Some(Err("division by zero")),
            "divide" => Some(Ok(json!(a / b))),
            _ => None,
        }
    })
}

/// Texts: `upper_case`, `count_words`.
pub fn text() -> Functions {
    let parameters = json!({ "text": crate::text("The text.") });
    let schema = json!([
        crate::tool("upper_case", "Writes a text in capitals.", parameters.clone()),
        crate::tool("count_words", "Counts the words of a text.", parameters),
    ]);
    Functions::new("text", "Changes and measures texts", 10, schema, |function, args| {
        let text = args["text"].as_str().unwrap_or_default();
        match function {
            "upper_case" => Some(Ok(json!(text.to_uppercase()))),
            "count_words" => Some(Ok(json!(text.split_whitespace().count()))),
            _ => None,
        }
    })
}

/// Carries out a function; `None` when there is no such function, an error for the model to read.
pub type Execute = fn(function: &str, args: &Value) -> Option<Result<Value, &'static str>>;

/// A plugin that brings functions and carries them out.
#[derive(Debug)]
pub struct Functions {
    manifest: Manifest,
    schema: Payload,
    execute: Execute,
}

impl Functions {
    fn new(name: &str, description: &str, priority: u32, schema: Value, execute: Execute) -> Self {
        let manifest = Manifest {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            description: Some(description.into()),
            license: Some("MIT OR Apache-2.0".into()),
            priority,
            ..Manifest::new(name, "tool")
        };
        Self { manifest, schema: Payload::from_json(schema), execute }
    }

    fn execute(&self, input: &Value) -> Result<Reply, Fault> {
        let function = input["function"].as_str().unwrap_or_default();
        let Some(result) = (self.execute)(function, &input["args"]) else {
            let message = format!("`{}` has no function `{function}`", self.manifest.name);
            return Err(Fault::new("unknown_function", message));
        };
        Ok(Reply::value(match result {
            Ok(result) => json!({ "result": result }),
            Err(message) => json!({ "result": null, "is_error": true, "error_message": message }),
        }))
    }
}

impl Plugin for Functions {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] =
            &[HookName::from_static("get_schema"), HookName::from_static("execute")];
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(match call.hook().as_str() {
            "get_schema" => Ok(Reply::Value(self.schema.clone())),
            "execute" => call.input.json().and_then(|input| self.execute(input)),
            other => Err(Fault::new("unknown_hook", format!("no hook `{other}` here"))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(plugin: &Functions, function: &str, args: Value) -> Result<Value, Fault> {
        match plugin.execute(&json!({ "function": function, "args": args }))? {
            Reply::Value(payload) => payload.into_json(),
            other => panic!("not a value: {other:?}"),
        }
    }

    #[test]
    fn functions_do_what_they_say() {
        let sum = run(&arithmetic(), "add", json!({ "a": 2, "b": 3.5 })).unwrap();
        assert_eq!(sum, json!({ "result": 5.5 }));
        let loud = run(&text(), "upper_case", json!({ "text": "grüße" })).unwrap();
        assert_eq!(loud["result"], "GRÜSSE");
        assert_eq!(run(&text(), "count_words", json!({ "text": "a b" })).unwrap()["result"], 2);
    }

    #[test]
    fn a_failure_of_the_function_is_an_answer_and_a_missing_function_a_fault() {
        let answer = run(&arithmetic(), "divide", json!({ "a": 1, "b": 0 })).unwrap();
        assert_eq!(answer["is_error"], true);
        assert_eq!(run(&text(), "add", json!({})).unwrap_err().code(), "unknown_function");
    }
}
