//! Two `tool_provider` plugins: [`file_tools`] and [`web_and_math_tools`].
//!
//! One type stands behind both: what makes them two plugins is their manifest. Each makes its answer
//! once and hands out the same payload ever after, which costs a reference count and no copy.
//!
//! A provider says what there is; carrying it out is another kind's work, see [`functions`].

#![forbid(unsafe_code)]

pub mod functions;

use std::sync::Arc;

use hookspec_plugin::{Call, Fault, HookFuture, HookName, Manifest, Payload, Plugin, Reply};
use serde_json::{Value, json};

/// Both plugins.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![Arc::new(file_tools()), Arc::new(web_and_math_tools())]
}

/// Tools for files: `read_file`, `list_folder`, `search_files`.
pub fn file_tools() -> ToolProvider {
    let tools = json!([
        tool("read_file", "Reads a text file.", json!({ "path": text("Where the file is.") })),
        tool("list_folder", "Lists a folder.", json!({ "path": text("Where the folder is.") })),
        tool(
            "search_files",
            "Finds the files whose text matches.",
            json!({ "path": text("Where to start."), "pattern": text("What to look for.") }),
        ),
    ]);
    ToolProvider::new("file-tools", "Tools that read files and folders", 20, tools)
}

/// Tools for the web and for sums: `fetch_page`, `add`, `convert_unit`.
pub fn web_and_math_tools() -> ToolProvider {
    let number = json!({ "type": "number" });
    let tools = json!([
        tool("fetch_page", "Fetches a web page.", json!({ "url": text("Address of the page.") })),
        tool("add", "Adds two numbers.", json!({ "a": number, "b": number })),
        tool(
            "convert_unit",
            "Converts a quantity.",
            json!({ "value": number, "from": text("Unit it has."), "to": text("Unit wanted.") }),
        ),
    ]);
    ToolProvider::new("web-and-math-tools", "Tools that fetch pages and calculate", 10, tools)
}

/// A plugin that brings a fixed list of tools.
#[derive(Debug)]
pub struct ToolProvider {
    manifest: Manifest,
    tools: Payload,
}

impl ToolProvider {
    fn new(name: &str, description: &str, priority: u32, tools: Value) -> Self {
        let manifest = Manifest {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            description: Some(description.into()),
            license: Some("MIT OR Apache-2.0".into()),
            priority,
            ..Manifest::new(name, "tool_provider")
        };
        Self { manifest, tools: Payload::from_json(tools) }
    }
}

impl Plugin for ToolProvider {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("list_tools")];
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(match call.hook().as_str() {
            "list_tools" => Ok(Reply::Value(self.tools.clone())),
            other => Err(Fault::new("unknown_hook", format!("no hook `{other}` here"))),
        })
    }
}

/// A tool whose parameters are all required.
fn tool(name: &str, description: &str, parameters: Value) -> Value {
    let required: Vec<&String> =
        parameters.as_object().into_iter().flat_map(|p| p.keys()).collect();
    json!({
        "name": name,
        "description": description,
        "parameters": { "type": "object", "required": required, "properties": parameters },
    })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

#[cfg(test)]
mod tests {
    use hookspec_plugin::{CallContext, Caller, Context, Level, Resource, Services};
    use serde_json::Map;

    use super::*;

    struct Nothing;

    impl Services for Nothing {
        fn config(&self) -> &Value {
            &Value::Null
        }
        fn resource(&self, _: &str) -> Option<&Resource> {
            None
        }
        fn resource_names(&self) -> Vec<&str> {
            Vec::new()
        }
        fn log(&self, _: Level, _: &str, _: &Map<String, Value>) {}
    }

    fn ask(plugin: &ToolProvider) -> Payload {
        let services = Arc::new(Nothing);
        let context = Context::new("x".into(), "tool_provider".into(), services);
        let (caller, hook) = (Caller::new(), HookName::from_static("list_tools"));
        let context = CallContext::new(&context, &caller, &hook);
        match plugin.call(Call { context, input: &Payload::from_json(json!({})) }) {
            HookFuture::Ready(Ok(Reply::Value(tools))) => tools,
            other => panic!("not a value: {other:?}"),
        }
    }

    fn names(plugin: &ToolProvider) -> Vec<String> {
        let tools = ask(plugin).into_json().unwrap();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.as_array().unwrap().iter().map(name).collect()
    }

    #[test]
    fn each_lists_its_own_tools() {
        assert_eq!(names(&file_tools()), ["read_file", "list_folder", "search_files"]);
        assert_eq!(names(&web_and_math_tools()), ["fetch_page", "add", "convert_unit"]);
    }

    #[test]
    fn every_tool_describes_its_parameters() {
        let tools = ask(&file_tools()).into_json().unwrap();
        assert_eq!(tools[2]["parameters"]["required"], json!(["path", "pattern"]));
        assert_eq!(tools[2]["parameters"]["properties"]["path"]["type"], "string");
    }

    #[test]
    fn the_answer_is_made_once() {
        let provider = file_tools();
        assert!(ask(&provider).same(&ask(&provider)));
    }
}
