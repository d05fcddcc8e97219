use super::*;

fn shown(metrics: &PluginMetrics) -> PluginMetricsSnapshot {
    metrics.snapshot(&PluginName::new("p"))
}

#[test]
fn metric_2_what_is_no_measurement_is_refused_and_counted() {
    let metrics = PluginMetrics::default();
    let long = "x".repeat(201);
    let many: Vec<String> = (0..17).map(|n| format!("l{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "")).collect();
    for name in ["", "1st", "a-b", "a b", "ä", "a\n", "_total", &long] {
        metrics.count(name, &[], 1);
    }
    let labels: [&[(&str, &str)]; 8] = [
        &[("", "")],
        &[("a.b", "")],
        &[("plugin", "other")],
        &[("le", "1")],
        &[("__name__", "x")],
        &[("a", "1"), ("a", "2")],
        &[("a", &long)],
        &many,
    ];
    for labels in labels {
        metrics.count("c", labels, 1);
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        metrics.gauge("g", &[], value);
        metrics.observe("h", &[], value);
    }
    let shown = shown(&metrics);
    assert_eq!((shown.series.len(), shown.refused, shown.dropped), (0, 22, 0));
}

#[test]
fn metric_2_a_name_is_of_one_sort() {
    let metrics = PluginMetrics::default();
    metrics.count("x_total", &[], 1);
    metrics.count("x", &[], 1);
    metrics.gauge("x", &[("a", "b")], 1.0);
    metrics.observe("x", &[], 1.0);
    let shown = shown(&metrics);
    assert_eq!(shown.series.len(), 1);
    assert_eq!(shown.series[0].value, Measurement::Counter(2));
    assert_eq!(shown.refused, 2);
}

#[test]
fn metric_1_series_beyond_the_bound_are_dropped_and_counted() {
    let metrics = PluginMetrics::default();
    for n in 0..SERIES + 5 {
        metrics.gauge("g", &[("n", &n.to_string())], 1.0);
    }
    metrics.gauge("g", &[("n", "0")], 2.0);
    let shown = shown(&metrics);
    assert_eq!((shown.series.len(), shown.dropped, shown.refused), (SERIES, 5, 0));
    assert_eq!(shown.series[0].value, Measurement::Gauge(2.0), "what is known goes on");
}

#[test]
fn labels_may_come_in_any_order() {
    let metrics = PluginMetrics::default();
    metrics.count("c", &[("b", "2"), ("a", "1")], 1);
    metrics.count("c", &[("a", "1"), ("b", "2")], u64::MAX);
    let shown = shown(&metrics);
    assert_eq!(shown.series.len(), 1);
    assert_eq!(shown.series[0].value, Measurement::Counter(u64::MAX));
}

#[test]
fn an_observation_falls_into_the_first_bucket_that_holds_it() {
    let metrics = PluginMetrics::default();
    for value in [-1.0, 0.5, 0.6, 1e9] {
        metrics.observe("h", &[], value);
    }
    let Measurement::Histogram { count, buckets, .. } = shown(&metrics).series[0].value.clone()
    else {
        panic!("it is no histogram");
    };
    let filled: Vec<_> = buckets.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!((count, filled), (4, vec![(0.000_1, 1), (0.5, 1), (1.0, 1)]));
}

#[test]
fn metrics_last_as_long_as_somebody_holds_them() {
    let store = MetricStore::default();
    let name = PluginName::new("p");
    let first = store.of(&name);
    first.count("c", &[], 1);
    store.of(&name).count("c", &[], 1);
    assert_eq!(store.snapshot().plugins[0].series[0].value, Measurement::Counter(2));
    drop(first);
    assert!(store.snapshot().plugins.is_empty());
    assert!(store.of(&name).lock().families.is_empty());
}
