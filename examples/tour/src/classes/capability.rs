//! `capability`: shipped files, each for the plugin that can read it.

use std::time::Instant;

use hookspec::kinds::file_processor::{File, FileProcessorCalls, FileReport};
use hookspec::{Answer, Caller, DispatchError, Failure, Registry};
use hookspec_cli::duration;

use super::data;
use crate::demo::Trouble;
use crate::section::Section;

/// What reading one file came to: a report, or the failure of the plugin that was chosen.
pub(crate) type Read = Result<Answer<FileReport>, Box<Failure>>;

pub(crate) async fn show(registry: &Registry) -> Result<Section, Trouble> {
    let mut section = Section::begin(
        registry,
        "capability",
        "file_processor.process",
        ["file", "answer of", "report", ">took"],
    );
    let processors = FileProcessorCalls::new(registry)?;
    let mut files: Vec<_> = std::fs::read_dir(data().join("files"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let began = Instant::now();
        let read = process(&processors, &file).await?;
        let took = duration(began.elapsed());
        section.dispatched();
        match read {
            Ok(answer) => {
                let summary = format!("{}: {}", answer.value.kind, answer.value.summary);
                section.row([name, answer.plugin.to_string(), summary, took]);
            }
            Err(failure) => {
                section.failed([&*failure]);
                let cause = format!("Err: PluginFailed, {}", failure.cause.name());
                section.row([name, failure.plugin.to_string(), cause, took]);
            }
        }
    }
    Ok(section.end(
        "The one plugin that says it can, answers: the file's extension decides, and the fallback \
         takes what nobody else supports. A plugin that fails is named; nobody else is asked in \
         its place. The malformed JSON is the file's fault, and said so by the plugin.",
    ))
}

/// Lets whoever can read a file, by its extension.
pub(crate) async fn process(
    processors: &FileProcessorCalls,
    file: &std::path::Path,
) -> Result<Read, Trouble> {
    let input = File {
        path: crate::shorter(file).to_string_lossy().into(),
        extension: file.extension().map(|extension| extension.to_string_lossy().into()),
        language: None,
        mime_type: None,
        content: None,
        capabilities: None,
    };
    match processors.process(&Caller::new(), input).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(DispatchError::PluginFailed { failure, .. }) => Ok(Err(failure)),
        Err(other) => Err(other.into()),
    }
}
