//! Loading, starting and listing: the cost of a plugin must not grow with their number.

use std::sync::Arc;
use std::time::Instant;

use hookspec_host::Registry;
use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_plugin::{Manifest, Plugin};
use hookspec_spec::{Catalog, Source};

use crate::harness::{Budget, Row};

const FEW: usize = 100;
const MANY: usize = 1000;

/// A row for loading and starting, one for listing: per plugin, of 1 000 against of 100.
pub(crate) fn rows(filter: &str) -> Vec<Row> {
    let names = ["1 000 plugins: load and start, per plugin", "1 000 plugins: list, per plugin"];
    if !names.iter().any(|name| name.contains(filter)) {
        return Vec::new();
    }
    let rounds: Vec<[[f64; 2]; 2]> = (0..15).map(|_| [once(FEW), once(MANY)]).collect();
    let of = |which: usize| rounds.iter().map(move |[few, many]| [few[which], many[which]]);
    // Linear, with room for sorting and for caches that a thousand outgrow.
    let row =
        |which: usize| Row::new(names[which], Budget::Ratio(2.0), &of(which).collect::<Vec<_>>());
    vec![row(0), row(1)]
}

fn once(count: usize) -> [f64; 2] {
    let yaml =
        "kind: k\nkind_api_version: 1.0.0\nhooks:\n  - name: h\n    dispatch: broadcast_notify\n";
    let catalog =
        Catalog::from_sources([Source::new("kinds/k/v1.yaml", yaml)]).expect("it is valid");
    let plugins = (0..count).map(|index| {
        let puppet = Puppet::new(Manifest::new(format!("plugin-{index:04}"), "k"));
        Arc::new(puppet.on("h", Behaviour::answer(1))) as Arc<dyn Plugin>
    });
    let plugins: Vec<_> = plugins.collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime can be made");
    let begin = Instant::now();
    let builder = Registry::builder().catalog(catalog).plugins(plugins);
    let registry = runtime.block_on(builder.start()).expect("the plugins are valid");
    let start = begin.elapsed().as_nanos() as f64 / count as f64;
    let begin = Instant::now();
    std::hint::black_box(registry.snapshot());
    [start, begin.elapsed().as_nanos() as f64 / count as f64]
}
