//! The report, on the output and in files.

use std::fs;
use std::path::Path;

use hookspec_contract::report::{Report, html, human, json, junit};

use super::Test;
use crate::output::{Format, Output, Tone};

/// On the output: lines for people, or the JSON form.
pub(super) fn report(report: &Report, output: &mut Output) {
    if output.format() == Format::Json {
        // It is the same text as in a file.
        output.line(json::write(report).trim_end());
        return;
    }
    for line in human::lines(report) {
        let mut text = String::new();
        for (tone, part) in &line {
            text.push_str(&painted(output, *tone, part));
        }
        output.line(text.trim_end());
    }
}

fn painted(output: &Output, tone: human::Tone, text: &str) -> String {
    let tone = match tone {
        human::Tone::Plain => return text.to_owned(),
        human::Tone::Strong => Tone::Strong,
        human::Tone::Dim => Tone::Dim,
        human::Tone::Good => Tone::Good,
        human::Tone::Bad => Tone::Bad,
        human::Tone::Caution => Tone::Warn,
    };
    output.paint(tone, text).into_owned()
}

/// In every file that was asked for.
///
/// # Errors
/// One cannot be written; those before it are.
pub(super) fn files(report: &Report, args: &Test) -> Result<(), String> {
    type Form = fn(&Report) -> String;
    let forms: [(&Option<_>, Form); 3] =
        [(&args.json, json::write), (&args.junit, junit::write), (&args.html, html::write)];
    for (path, form) in forms {
        if let Some(path) = path {
            write(path, &form(report))?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
