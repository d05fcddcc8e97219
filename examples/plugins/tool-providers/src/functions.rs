//! Two plugins of kind `tool`, which carry out what providers only list: [`Arithmetic`] and [`Text`].
//!
//! Their hook `execute` is a singleton: one of them answers, and the application settles which.
//!
//! A function that cannot do what it is asked (division by zero) answers so, for the model to read;
//! a function that is not there is a fault, for the application to see.
//!
//! Absent on purpose: validation of the arguments against the schemas that are listed.

use std::sync::Arc;

use hookspec::kinds::tool::{
    Empty, Execution, ExecutionResult, Function, Functions, Tool, ToolPlugin,
};
use hookspec::{CallContext, Fault, Plugin};
use serde_json::Value;

use crate::{number, parameters, text};

/// Both plugins.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![Arc::new(ToolPlugin::from(Arithmetic)), Arc::new(ToolPlugin::from(Text))]
}

/// Sums: `add`, `divide`.
#[derive(Debug, Default)]
pub struct Arithmetic;

#[hookspec::plugin(
    name = "arithmetic",
    version = "0.1.0",
    description = "Adds and divides",
    license = "MIT OR Apache-2.0",
    priority = 20
)]
impl Tool for Arithmetic {
    async fn get_schema(&self, _: &CallContext<'_>, _: &Empty) -> Result<Functions, Fault> {
        let numbers = || [("a", number()), ("b", number())];
        let functions = vec![
            function("add", "Adds two numbers.", numbers()),
            function("divide", "Divides one number by another.", numbers()),
        ];
        Ok(functions.into())
    }

    async fn execute(
        &self,
        ctx: &CallContext<'_>,
        call: &Execution,
    ) -> Result<ExecutionResult, Fault> {
        let number = |name| call.args.get(name).and_then(Value::as_f64).unwrap_or_default();
        let (a, b) = (number("a"), number("b"));
        match call.function.as_str() {
            "add" => Ok(returned(a + b)),
            "divide" if b == 0.0 => Ok(failed("division by zero")),
            "divide" => Ok(returned(a / b)),
            other => Err(unknown(ctx, other)),
        }
    }
}

/// Texts: `upper_case`, `count_words`.
#[derive(Debug, Default)]
pub struct Text;

#[hookspec::plugin(
    name = "text",
    version = "0.1.0",
    description = "Changes and measures texts",
    license = "MIT OR Apache-2.0",
    priority = 10
)]
impl Tool for Text {
    async fn get_schema(&self, _: &CallContext<'_>, _: &Empty) -> Result<Functions, Fault> {
        let given = || [("text", text("The text."))];
        let functions = vec![
            function("upper_case", "Writes a text in capitals.", given()),
            function("count_words", "Counts the words of a text.", given()),
        ];
        Ok(functions.into())
    }

    async fn execute(
        &self,
        ctx: &CallContext<'_>,
        call: &Execution,
    ) -> Result<ExecutionResult, Fault> {
        let text = call.args.get("text").and_then(Value::as_str).unwrap_or_default();
        match call.function.as_str() {
            "upper_case" => Ok(returned(text.to_uppercase())),
            "count_words" => Ok(returned(text.split_whitespace().count())),
            other => Err(unknown(ctx, other)),
        }
    }
}

fn function<const N: usize>(
    name: &str,
    description: &str,
    properties: [(&str, Value); N],
) -> Function {
    let parameters = parameters(properties);
    Function { name: name.into(), description: description.into(), parameters }
}

fn returned(result: impl Into<Value>) -> ExecutionResult {
    ExecutionResult { result: result.into(), is_error: false, error_message: None }
}

fn failed(message: &str) -> ExecutionResult {
    let error_message = Some(message.to_owned());
    ExecutionResult { result: Value::Null, is_error: true, error_message }
}

fn unknown(ctx: &CallContext<'_>, function: &str) -> Fault {
    let message = format!("`{}` has no function `{function}`", ctx.plugin().plugin());
    Fault::new("unknown_function", message)
}

#[cfg(test)]
mod tests {
    use hookspec::kinds::tool::ToolCalls;
    use hookspec::{Caller, Cause, Choice, DispatchError, Registry};
    use serde_json::json;

    use super::*;

    fn run(plugin: &str, function: &str, args: Value) -> Result<ExecutionResult, DispatchError> {
        let registry = Registry::builder()
            .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
            .plugins(plugins())
            .start_blocking()
            .unwrap();
        let calls = ToolCalls::new(&registry).unwrap();
        let Value::Object(args) = args else { panic!("arguments have names") };
        let (caller, call) = (Caller::new(), Execution { function: function.into(), args });
        let answer = calls.execute_with(&caller, call, Choice::name(plugin));
        registry.block_on(answer).map(|answer| (*answer.value).clone())
    }

    #[test]
    fn functions_do_what_they_say() {
        let sum = run("arithmetic", "add", json!({ "a": 2, "b": 3.5 })).unwrap();
        assert_eq!(sum, returned(5.5));
        let loud = run("text", "upper_case", json!({ "text": "grüße" })).unwrap();
        assert_eq!(loud.result, "GRÜSSE");
        assert_eq!(run("text", "count_words", json!({ "text": "a b" })).unwrap().result, 2);
    }

    #[test]
    fn a_failure_of_the_function_is_an_answer_and_a_missing_function_a_fault() {
        let answer = run("arithmetic", "divide", json!({ "a": 1, "b": 0 })).unwrap();
        assert!(answer.is_error);
        let error = run("text", "add", json!({})).unwrap_err();
        let DispatchError::PluginFailed { failure, .. } = error else { panic!("{error}") };
        let Cause::Faulted(fault) = &failure.cause else { panic!("{failure:?}") };
        assert_eq!(fault.code(), "unknown_function");
    }
}
