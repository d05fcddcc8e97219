//! What the gateway tells Prometheus, as OpenMetrics text.

use std::fmt::Write as _;

use hookspec::Registry;
use hookspec::metrics::exposition;
use metrics_exporter::MetricsExporter;

use crate::traffic::Traffic;

/// How the page is served.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The line after which nothing may come.
const END: &str = "# EOF\n";

/// One text: what the host and its plugins measure, the requests of the gateway, and what a plugin
/// of this application counted.
pub(crate) fn page(
    registry: &Registry,
    traffic: &Traffic,
    exporter: Option<&MetricsExporter>,
) -> String {
    let own = requests(traffic);
    joined([exposition(registry), own].into_iter().chain(exporter.map(MetricsExporter::render)))
}

/// Texts of which each may have an end, as one that has one.
fn joined(texts: impl Iterator<Item = String>) -> String {
    let mut page = String::new();
    for text in texts {
        page.push_str(text.strip_suffix(END).unwrap_or(&text));
    }
    page + END
}

/// The requests of the gateway itself. The sample of a counter has `_total` added to its name.
fn requests(traffic: &Traffic) -> String {
    let mut text = String::new();
    let in_flight = traffic.in_flight() as u64;
    for (name, kind, help, value) in [
        ("requests_in_flight", "gauge", "Requests without an answer yet.", in_flight),
        ("requests_answered", "counter", "Requests answered.", traffic.answered()),
        ("requests_failed", "counter", "Requests that ended unanswered.", traffic.failed()),
        ("events_untold", "counter", "Events nobody was told of.", traffic.untold()),
    ] {
        let ending = if kind == "counter" { "_total" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "# HELP gateway_{name} {help}\n# TYPE gateway_{name} {kind}\n\
             gateway_{name}{ending} {value}\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_and_without_an_end_are_one_that_ends_once() {
        for texts in [["a 1\n# EOF\n", "b 2\n"], ["a 1\n", "b 2\n# EOF\n"], ["a 1\n", "b 2\n"]] {
            let page = joined(texts.into_iter().map(str::to_owned));
            assert_eq!(page, "a 1\nb 2\n# EOF\n");
        }
    }
}
