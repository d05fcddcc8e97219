//! METRIC-3: what plugins measure, and the host of them, as data and as text.

use async_trait::async_trait;
use hookspec_host::metrics::{Measurement, exposition};
use hookspec_plugin::{Context, Fault, Manifest};
use serde_json::{Value, json};

use crate::support::{Use, ask, builder};

/// Measures one name as another sort in each plugin.
struct Measures;

#[async_trait]
impl Use for Measures {
    async fn call(&self, ctx: &Context, _: &Value) -> Result<Value, Fault> {
        let metrics = ctx.metrics();
        metrics.count("hits_total", &[("path", "a\"b\\c\nd{},\u{e4}")], 2);
        metrics.count("bad name", &[], 1);
        match ctx.plugin().as_str() {
            "a" => metrics.count("x", &[], 1),
            "b" => metrics.gauge("x", &[], -0.5),
            _ => {
                metrics.observe("x", &[], 0.2);
                metrics.gauge("x_count", &[], 7.0);
                return Err(Fault::new("no", "it fails"));
            }
        }
        Ok(json!(null))
    }
}

#[tokio::test]
async fn metric_3_the_text_tells_everything_apart() {
    let plugins = ["a", "b", "c"].map(|name| (Manifest::new(name, "k"), Measures));
    let registry = builder(plugins).start().await.unwrap();
    ask(&registry, json!(null)).await;
    let data = registry.metrics();
    assert_eq!(data.plugins.len(), 3);
    assert_eq!(data.plugins[0].plugin, "a");
    assert_eq!(data.plugins[0].refused, 1);
    assert_eq!(data.plugins[0].series[0].value, Measurement::Counter(2));
    let text = exposition(&registry);
    for line in [
        "hookspec_plugin_calls_total{plugin=\"a\"} 1",
        "hookspec_plugin_failures_total{plugin=\"c\",cause=\"faulted\"} 1",
        "hookspec_plugin_in_flight{plugin=\"a\"} 0.0",
        "hookspec_plugin_abandoned{plugin=\"a\"} 0.0",
        "hookspec_plugin_waiting{plugin=\"a\"} 0.0",
        "hookspec_plugin_state{plugin=\"a\",state=\"ready\"} 1",
        "hookspec_plugin_metrics_refused_total{plugin=\"a\"} 1",
        "hookspec_detached 0",
        "plugin_hits_total{plugin=\"a\",path=\"a\\\"b\\\\c\\nd{},\u{e4}\"} 2",
        "plugin_x_total{plugin=\"a\"} 1",
        "plugin_x_gauge{plugin=\"b\"} -0.5",
        "plugin_x_histogram_bucket{le=\"0.1\",plugin=\"c\"} 0",
        "plugin_x_histogram_bucket{le=\"+Inf\",plugin=\"c\"} 1",
        "plugin_x_histogram_count{plugin=\"c\"} 1",
        "plugin_x_count{plugin=\"c\"} 7.0",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n\n{text}");
    }
    let seconds = registry.snapshot().plugins[0].total.as_secs_f64();
    let line = format!("hookspec_plugin_call_seconds_total{{plugin=\"a\"}} {seconds}\n");
    assert!(seconds > 0.0 && text.contains(&line), "{line}\n{text}");
    assert!(text.ends_with("# EOF\n"));
    let mut series: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    series.iter_mut().for_each(|line| *line = line.rsplit_once(' ').unwrap().0);
    let all = series.len();
    series.sort_unstable();
    series.dedup();
    assert_eq!(series.len(), all, "every series once:\n{text}");
    let types = text.lines().filter(|line| line.starts_with("# TYPE "));
    let mut families: Vec<&str> = types.map(|line| line.split(' ').nth(2).unwrap()).collect();
    let all = families.len();
    families.dedup();
    families.sort_unstable();
    families.dedup();
    assert_eq!(families.len(), all, "every family once:\n{text}");
}
