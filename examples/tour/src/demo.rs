//! The demo: the five classes one after another, then the plugins as an operator sees them.

use std::path::Path;

use hookspec::Registry;
use hookspec_cli::{Format, Output, Tone, Verdict, plural};
use metrics_exporter::MetricsExporter;
use serde_json::json;

use crate::section::Section;
use crate::{classes, expected, summary};

/// Why a part of the demo could not be shown at all.
pub(crate) type Trouble = Box<dyn std::error::Error>;

pub(crate) async fn run(
    registry: &Registry,
    output: &mut Output,
    audit: &Path,
    metrics: &MetricsExporter,
) -> Verdict {
    if output.format() == Format::Human {
        let count = plural(registry.snapshot().plugins.len(), "plugin");
        let title = output.paint(Tone::Strong, "A tour of hookspec").into_owned();
        output.line(format_args!("{title}: {count}, some of which misbehave on purpose."));
        output.flush();
    }
    let mut sections = Vec::new();
    let verdict = match parts(registry, output, &mut sections).await {
        Ok(()) => Verdict { unexpected: expected::compare(&sections) },
        Err(trouble) => Verdict { unexpected: vec![trouble.to_string()] },
    };
    let log = std::fs::read_to_string(audit).unwrap_or_default();
    let (lines, counters) = (log.lines().count(), counters(metrics));
    match output.format() {
        Format::Json => output.json(&json!({
            "command": "demo",
            "ok": verdict.unexpected.is_empty(),
            "unexpected": verdict.unexpected,
            "sections": sections.iter().map(Section::object).collect::<Vec<_>>(),
            "plugins": summary::object(registry),
            "metrics": counters.iter().cloned().collect::<serde_json::Map<_, _>>(),
            "audit_log": { "path": audit.to_string_lossy(), "lines": lines },
        })),
        Format::Human => {
            summary::show(registry, output);
            output.line("");
            let counters = counters.iter().map(|(name, value)| format!("{name} {value}"));
            let counters = counters.collect::<Vec<_>>().join(", ");
            output.paragraph("", &format!("metrics-exporter: {counters}"));
            output.line(format_args!(
                "audit-logger: {} in {}",
                plural(lines, "line"),
                audit.display()
            ));
            if verdict.unexpected.is_empty() {
                let said = format!(
                    "As expected: {} failed {} times in all.",
                    plural(expected::plugins(), "plugin"),
                    expected::failures()
                );
                let said = output.paint(Tone::Good, &said).into_owned();
                output.line(format_args!("\n{said}"));
                output.line("Nobody else did, and every other plugin's answer arrived.");
            }
        }
    }
    verdict
}

async fn parts(
    registry: &Registry,
    output: &mut Output,
    sections: &mut Vec<Section>,
) -> Result<(), Trouble> {
    let mut done = |section: Section, output: &mut Output| {
        section.show(registry, output);
        sections.push(section);
    };
    done(classes::broadcast_notify::show(registry).await?, output);
    done(classes::broadcast_collect::show(registry).await?, output);
    done(classes::chain::show(registry).await?, output);
    done(classes::singleton::show(registry).await?, output);
    done(classes::capability::show(registry).await?, output);
    done(classes::repository::show(registry).await?, output);
    Ok(())
}

/// What the metrics exporter counted: an application reads its own plugins as values.
fn counters(metrics: &MetricsExporter) -> Vec<(String, serde_json::Value)> {
    let text = metrics.render();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once(' '));
    pairs
        .filter_map(|(name, value)| Some((name.to_owned(), serde_json::from_str(value).ok()?)))
        .collect()
}
