//! `chain`: search queries, rewritten by one plugin after another.

use std::time::Instant;

use futures::future::join_all;
use hookspec::kinds::query_rewriter::{Query, QueryRewriterCalls};
use hookspec::{Caller, Registry};
use hookspec_cli::duration;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::records;
use crate::demo::Trouble;
use crate::section::Section;

#[derive(Deserialize)]
struct Record {
    metadata: Map<String, Value>,
    query: Query,
}

pub(crate) async fn show(registry: &Registry) -> Result<Section, Trouble> {
    let mut section = Section::begin(
        registry,
        "chain",
        "query_rewriter.rewrite",
        ["query", "became", "changed by", ">took"],
    );
    let rewriters = QueryRewriterCalls::new(registry)?;
    let rewrites = records("queries.ndjson")?.into_iter().map(async |record: Record| {
        let caller = record
            .metadata
            .into_iter()
            .fold(Caller::new(), |caller, (key, value)| caller.with_metadata(key, value));
        let (began, text) = (Instant::now(), record.query.text.clone());
        let chained = rewriters.rewrite(&caller, record.query).await?;
        Ok::<_, Trouble>((text, chained, began.elapsed()))
    });
    for rewrite in join_all(rewrites).await {
        let (text, chained, took) = rewrite?;
        section.dispatched();
        section.failed(&chained.failures);
        let by: Vec<&str> = chained.changed.iter().map(|plugin| plugin.as_str()).collect();
        section.row([format!("{text:?}"), words(&chained.value), by.join(", "), duration(took)]);
        if chained.ran.len() != 3 {
            section
                .unexpected
                .push(format!("{} links ran, not 3, for {text:?}", chained.ran.len()));
        }
    }
    Ok(section.end(
        "Each link works on what the one before it handed on; every step is validated. Between \
         those that work, one panics, one never answers and one changes the language, which is \
         not writable: each of them is skipped.",
    ))
}

fn words(query: &Query) -> String {
    let mut words = format!("{:?}", query.text);
    if !query.terms.is_empty() {
        words.push_str(&format!(" or {}", query.terms.join(", ")));
    }
    if let Some(tenant) = &query.tenant_id {
        words.push_str(&format!(" for {tenant}"));
    }
    words
}
