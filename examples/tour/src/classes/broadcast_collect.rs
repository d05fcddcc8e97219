//! `broadcast_collect`: which tools are there? Everybody answers, with a name on the answer.

use hookspec::kinds::tool_provider::{Empty, ToolProviderCalls};
use hookspec::{Caller, Registry};

use crate::demo::Trouble;
use crate::section::Section;

pub(crate) async fn show(registry: &Registry) -> Result<Section, Trouble> {
    let mut section = Section::begin(
        registry,
        "broadcast_collect",
        "tool_provider.list_tools",
        ["answer of", "tools"],
    );
    let providers = ToolProviderCalls::new(registry)?;
    let collected = providers.list_tools(&Caller::new(), Empty {}).await?;
    section.dispatched();
    section.failed(&collected.failures);
    for reply in &collected.replies {
        let tools: Vec<&str> = reply.value.iter().map(|tool| tool.name.as_str()).collect();
        section.row([reply.plugin.to_string(), tools.join(", ")]);
    }
    if collected.replies.len() != 2 {
        section.unexpected.push(format!("{} providers answered, not 2", collected.replies.len()));
    }
    Ok(section.end(
        "Everybody is asked at the same time; every reply comes with its plugin's name, in a \
         fixed order. One provider panics, one never answers, one answers something that is no \
         list of tools; a fourth failed in setup and is not asked.",
    ))
}
