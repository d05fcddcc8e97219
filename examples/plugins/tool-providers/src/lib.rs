//! Two `tool_provider` plugins: [`FileTools`] and [`WebAndMathTools`].
//!
//! A provider says what there is; carrying it out is another kind's work, see [`functions`].
//!
//! Absent on purpose: state. What a plugin lists is made when it is asked, and is the caller's own.

#![forbid(unsafe_code)]

pub mod functions;

use std::sync::Arc;

use hookspec::kinds::tool_provider::{Empty, Tool, ToolProvider, ToolProviderPlugin, Tools};
use hookspec::{CallContext, Fault, Plugin};
use serde_json::{Map, Value, json};

/// Both plugins.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![
        Arc::new(ToolProviderPlugin::from(FileTools)),
        Arc::new(ToolProviderPlugin::from(WebAndMathTools)),
    ]
}

/// Tools for files: `read_file`, `list_folder`, `search_files`.
#[derive(Debug, Default)]
pub struct FileTools;

#[hookspec::plugin(
    name = "file-tools",
    version = "0.1.0",
    description = "Tools that read files and folders",
    license = "MIT OR Apache-2.0",
    priority = 20
)]
impl ToolProvider for FileTools {
    async fn list_tools(&self, _: &CallContext<'_>, _: &Empty) -> Result<Tools, Fault> {
        let search = [("path", text("Where to start.")), ("pattern", text("What to look for."))];
        let tools = vec![
            tool("read_file", "Reads a text file.", [("path", text("Where the file is."))]),
            tool("list_folder", "Lists a folder.", [("path", text("Where the folder is."))]),
            tool("search_files", "Finds the files whose text matches.", search),
        ];
        Ok(tools.into())
    }
}

/// Tools for the web and for sums: `fetch_page`, `add`, `convert_unit`.
#[derive(Debug, Default)]
pub struct WebAndMathTools;

#[hookspec::plugin(
    name = "web-and-math-tools",
    version = "0.1.0",
    description = "Tools that fetch pages and calculate",
    license = "MIT OR Apache-2.0",
    priority = 10
)]
impl ToolProvider for WebAndMathTools {
    async fn list_tools(&self, _: &CallContext<'_>, _: &Empty) -> Result<Tools, Fault> {
        let convert =
            [("value", number()), ("from", text("Unit it has.")), ("to", text("Unit wanted."))];
        let tools = vec![
            tool("fetch_page", "Fetches a web page.", [("url", text("Address of the page."))]),
            tool("add", "Adds two numbers.", [("a", number()), ("b", number())]),
            tool("convert_unit", "Converts a quantity.", convert),
        ];
        Ok(tools.into())
    }
}

fn tool<const N: usize>(name: &str, description: &str, properties: [(&str, Value); N]) -> Tool {
    let parameters = parameters(properties);
    Tool { name: name.into(), description: description.into(), parameters }
}

/// The schema of parameters that are all required.
fn parameters<const N: usize>(properties: [(&str, Value); N]) -> Map<String, Value> {
    let required = properties.iter().map(|(name, _)| *name).collect();
    let properties = properties.into_iter().map(|(name, schema)| (name.to_owned(), schema));
    Map::from_iter([
        ("type".to_owned(), "object".into()),
        ("required".to_owned(), required),
        ("properties".to_owned(), Value::Object(properties.collect())),
    ])
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn number() -> Value {
    json!({ "type": "number" })
}

#[cfg(test)]
mod tests {
    use hookspec::kinds::tool_provider::ToolProviderCalls;
    use hookspec::{Caller, Collected, Registry};

    use super::*;

    fn ask() -> Collected<Tools> {
        let registry = Registry::builder()
            .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
            .plugins(plugins())
            .start_blocking()
            .unwrap();
        let calls = ToolProviderCalls::new(&registry).unwrap();
        registry.block_on(calls.list_tools(&Caller::new(), Empty {})).unwrap()
    }

    #[test]
    fn each_lists_its_own_tools() {
        let collected = ask();
        let lists: Vec<(&str, Vec<&str>)> = collected
            .replies
            .iter()
            .map(|reply| {
                (reply.plugin.as_str(), reply.value.iter().map(|tool| &*tool.name).collect())
            })
            .collect();
        let expected = [
            ("file-tools", vec!["read_file", "list_folder", "search_files"]),
            ("web-and-math-tools", vec!["fetch_page", "add", "convert_unit"]),
        ];
        assert_eq!(lists, expected);
    }

    #[test]
    fn every_tool_describes_its_parameters() {
        let collected = ask();
        let search = &collected.replies[0].value[2].parameters;
        assert_eq!(search["required"], json!(["path", "pattern"]));
        assert_eq!(search["properties"]["path"]["type"], "string");
    }
}
