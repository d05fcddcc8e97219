//! `capability` again, at some scale: this repository's own files, several at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::{StreamExt, TryStreamExt, stream};
use hookspec::Registry;
use hookspec::kinds::file_processor::FileProcessorCalls;

use super::capability::process;
use super::data;
use crate::demo::Trouble;
use crate::section::Section;

/// How many files are read at the same time.
const AT_ONCE: usize = 16;

/// Files whose names end so are read.
const ENDINGS: [&str; 6] = ["rs", "md", "json", "yaml", "toml", "ndjson"];

/// What the files that one plugin read add up to.
#[derive(Default)]
struct Sum {
    files: u64,
    bytes: u64,
    lines: u64,
    found: BTreeMap<String, u64>,
}

pub(crate) async fn show(registry: &Registry) -> Result<Section, Trouble> {
    let mut section = Section::begin(
        registry,
        "capability",
        "file_processor.process over this repository",
        ["answer of", ">files", ">bytes", ">lines", "found"],
    );
    let processors = FileProcessorCalls::new(registry)?;
    let files = walk(&crate::root())?;
    let count = files.len();
    let reads: Vec<_> = stream::iter(files)
        .map(|file| {
            let processors = &processors;
            async move { process(processors, &file).await }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for read in reads {
        section.dispatched();
        match read {
            Ok(answer) => {
                let sum = sums.entry(answer.plugin.to_string()).or_default();
                sum.files += 1;
                sum.bytes += answer.value.bytes;
                sum.lines += answer.value.lines.unwrap_or_default();
                for (what, count) in answer.value.counts.iter().flatten() {
                    *sum.found.entry(what.clone()).or_default() += count;
                }
            }
            Err(failure) => section.failed([&*failure]),
        }
    }
    for (plugin, sum) in sums {
        let found: Vec<String> =
            sum.found.iter().map(|(what, count)| format!("{count} {what}")).collect();
        let numbers = [sum.files, sum.bytes, sum.lines].map(|number| number.to_string());
        section.row(std::iter::once(plugin).chain(numbers).chain([found.join(", ")]));
    }
    Ok(section.end(format!(
        "The same hook over {count} files of this repository, {AT_ONCE} at a time, each read by \
         the plugin that can."
    )))
}

/// The files of the repository, by path: neither what was built, nor what is broken on purpose.
fn walk(root: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let (mut found, mut open) = (Vec::new(), vec![root.to_owned()]);
    let skipped = [data(), root.join("contract-tests/broken")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") || skipped.contains(&path) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                // What cargo builds into is tagged so, whatever it is called.
                if !path.join("CACHEDIR.TAG").exists() {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|own| ENDINGS.iter().any(|end| own == *end)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
