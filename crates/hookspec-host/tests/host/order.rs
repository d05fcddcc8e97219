//! ORDER-1: bands, priority descending, name by code point; total and stable.

use std::sync::Arc;

use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_plugin::{Manifest, Plugin};
use hookspec_spec::DispatchClass;
use proptest::prelude::*;

use crate::support::{builder, kind};

/// A plugin's place by the letter of the law.
fn expected(manifests: &[Manifest]) -> Vec<String> {
    let mut places: Vec<_> = manifests
        .iter()
        .map(|manifest| {
            let band = match (manifest.tryfirst, manifest.trylast) {
                (true, _) => 0,
                (false, false) => 1,
                (false, true) => 2,
            };
            (band, -i64::from(manifest.priority), manifest.name.to_string())
        })
        .collect();
    places.sort();
    places.into_iter().map(|(_, _, name)| name).collect()
}

fn manifests() -> impl Strategy<Value = Vec<Manifest>> {
    let one = ("[a-zA-Z0-9][a-zA-Z0-9_-]{0,3}", 0..4u32, 0..3u8);
    proptest::collection::btree_map(one.0, (one.1, one.2), 0..12).prop_map(|plugins| {
        plugins
            .into_iter()
            .map(|(name, (priority, band))| Manifest {
                priority,
                tryfirst: band == 1,
                trylast: band == 2,
                ..Manifest::new(name, "k")
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_1_is_total_and_does_not_depend_on_registration(
        (one, other) in manifests().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        let order = |manifests: &[Manifest]| {
            let puppets = manifests.iter().map(|manifest| {
                let puppet = Puppet::new(manifest.clone()).on("h", Behaviour::answer(1));
                Arc::new(puppet) as Arc<dyn Plugin>
            });
            let catalog = kind(DispatchClass::BroadcastNotify, "");
            let registry = builder(catalog, []).plugins(puppets).start_blocking().unwrap();
            let explained = registry.explain("k", "h").unwrap();
            explained.plugins.iter().map(|place| place.plugin.to_string()).collect::<Vec<_>>()
        };
        prop_assert_eq!(order(&one), expected(&one));
        prop_assert_eq!(order(&other), expected(&one));
    }
}
