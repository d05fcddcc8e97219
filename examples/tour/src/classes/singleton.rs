//! `singleton`: functions that one plugin carries out, and how it is settled which one.

use std::time::Instant;

use hookspec::kinds::tool::{Execution, ExecutionResult, ToolCalls};
use hookspec::{Caller, Choice, DispatchError, Registry};
use hookspec_cli::duration;
use serde_json::json;

use crate::demo::Trouble;
use crate::section::Section;

pub(crate) async fn show(registry: &Registry) -> Result<Section, Trouble> {
    let mut section = Section::begin(
        registry,
        "singleton",
        "tool.execute",
        ["call", "chosen by", "answer of", "answer", ">took"],
    );
    let tools = ToolCalls::new(registry)?;
    let calls = [
        ("priority", "add", json!({ "a": 2, "b": 3 }), None),
        ("priority", "divide", json!({ "a": 1, "b": 0 }), None),
        ("policy", "upper_case", json!({ "text": "grüße" }), None),
        ("name", "add", json!({ "a": 2, "b": 3 }), Some("panicking-tool")),
        ("name", "add", json!({ "a": 2, "b": 3 }), Some("missing-tool")),
    ];
    for (by, function, args, name) in calls {
        let call = format!("{function} {args}");
        let input = Execution { function: function.into(), args: serde_json::from_value(args)? };
        let (caller, began) = (Caller::new(), Instant::now());
        let answered = match name {
            None => tools.execute(&caller, input).await,
            Some(name) => tools.execute_with(&caller, input, Choice::name(name)).await,
        };
        let took = duration(began.elapsed());
        section.dispatched();
        let (plugin, answer) = match answered {
            Ok(answer) => (answer.plugin.to_string(), said(&answer.value)),
            Err(DispatchError::PluginFailed { failure, .. }) => {
                section.failed([&*failure]);
                (failure.plugin.to_string(), format!("Err: PluginFailed, {}", failure.cause.name()))
            }
            Err(DispatchError::NoCapableHandler { wanted: Some(wanted), .. }) => {
                (String::new(), format!("Err: NoCapableHandler, `{wanted}` is not there"))
            }
            Err(other) => return Err(other.into()),
        };
        let expected = match (function, name) {
            (_, Some("missing-tool")) => "",
            (_, Some(name)) => name,
            ("upper_case", None) => "text",
            _ => "arithmetic",
        };
        if plugin != expected {
            section.unexpected.push(format!("{call} was answered by `{plugin}`, not `{expected}`"));
        }
        section.row([call, by.to_owned(), plugin, answer, took]);
    }
    Ok(section.end(
        "One plugin answers. Who it is, is settled by a name in the call, else by the \
         application's routing policy, else by an environment variable, else by priority. If that \
         plugin fails, the caller is told; nobody else is asked in its place.",
    ))
}

/// The result of a function, or what the function said of its failure.
fn said(answer: &ExecutionResult) -> String {
    match &answer.error_message {
        Some(message) => format!("the function says: {message}"),
        None => answer.result.to_string(),
    }
}
