//! `check`: every mistake of every file, as `path:line:column: severity[code]: message`.

use std::path::PathBuf;

use hookspec_spec::{Diagnostic, Severity, check_paths};
use serde_json::{Value, json};

use crate::app::Status;
use crate::output::{Format, Output, Tone};
use crate::text::{clean, complain, plural};

pub(crate) fn check(paths: &[PathBuf], output: &mut Output) -> Status {
    for path in paths {
        let readable = match path.is_dir() {
            true => path.read_dir().map(drop),
            false => path.metadata().map(drop),
        };
        if let Err(error) = readable {
            let path = path.display();
            complain(&format!("error: {path} cannot be read: {error}; name a folder or a file"));
            return Status::CouldNotRun;
        }
    }
    let report = check_paths(paths);
    let count =
        |severity| report.diagnostics.iter().filter(|each| each.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match output.format() {
        Format::Json => output.json(&json!({
            "command": "check",
            "ok": errors == 0,
            // A path that is not UTF-8 is shown with replacements, as on a terminal.
            "files": report.files.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>(),
            "errors": errors,
            "warnings": warnings,
            "diagnostics": report.diagnostics.iter().map(object).collect::<Vec<_>>(),
        })),
        Format::Human => {
            for each in &report.diagnostics {
                show(each, output);
            }
        }
    }
    output.flush();
    let files = plural(report.files.len(), "file");
    complain(&match (errors, warnings) {
        (0, 0) => format!("{files} checked, no mistakes"),
        _ => {
            format!("{files} checked: {}, {}", plural(errors, "error"), plural(warnings, "warning"))
        }
    });
    if errors == 0 { Status::Fine } else { Status::Failed }
}

pub(super) fn show(found: &Diagnostic, output: &mut Output) {
    let mut place = found.path.as_ref().map(|path| format!("{}:", path.display()));
    if let (Some(place), Some(position)) = (&mut place, found.position) {
        place.push_str(&format!("{}:{}:", position.line, position.column));
    }
    let tone = match found.severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Warn,
    };
    let place = place.unwrap_or_default();
    let place = clean(&place);
    let place = output.paint(Tone::Strong, &place).into_owned();
    let severity = format!("{}[{}]", found.severity.as_str(), found.code);
    let severity = output.paint(tone, &severity).into_owned();
    output.line(format_args!("{place} {severity}: {}", clean(&found.message)));
    if let Some(snippet) = &found.snippet {
        let number = found.position.map(|position| position.line.to_string()).unwrap_or_default();
        for (index, line) in snippet.lines().enumerate() {
            // The line with its number, then what points into it.
            let (gutter, tone) =
                if index == 0 { (number.as_str(), Tone::Plain) } else { ("", tone) };
            let gutter = format!("{gutter:>5} |");
            let gutter = output.paint(Tone::Dim, &gutter).into_owned();
            let line = output.paint(tone, line).into_owned();
            output.line(format_args!("{gutter} {line}"));
        }
    }
    if let Some(hint) = &found.hint {
        let label = output.paint(Tone::Help, "help:").into_owned();
        output.line(format_args!("      {label} {}", clean(hint)));
    }
}

pub(super) fn object(found: &Diagnostic) -> Value {
    json!({
        "severity": found.severity.as_str(),
        "code": found.code,
        "path": found.path.as_ref().map(|path| path.to_string_lossy()),
        "line": found.position.map(|position| position.line),
        "column": found.position.map(|position| position.column),
        "pointer": found.pointer,
        "message": found.message,
        "hint": found.hint,
        "snippet": found.snippet,
    })
}
