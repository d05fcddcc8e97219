//! The zoo, out of one library: whoever can live there does, and is itself.

use std::sync::{Arc, OnceLock};

use contract_tests::library;
use hookspec::manifest::RuntimeName;
use hookspec::spec::Catalog;
use hookspec::{Caller, LoadEnv, LoadError, Manifest, Plugin, Registry};
use serde_json::{Value, json};
use zoo::Specimen;

use crate::support::Folder;

fn catalog() -> Catalog {
    Catalog::load([zoo::hookspecs()]).unwrap()
}

fn open(specimen: &Specimen) -> Result<Arc<dyn Plugin>, LoadError> {
    static BUILT: OnceLock<Folder> = OnceLock::new();
    let folder = BUILT.get_or_init(|| Folder::with(&library::build("zoo-dylib").unwrap()));
    let manifest = Manifest {
        runtime: RuntimeName::Dylib,
        entry_point: Some("library.so".into()),
        ..(specimen.manifest)()
    };
    let env = LoadEnv { kinds: catalog().known_kinds(), ..LoadEnv::default() };
    folder.open_in(&manifest, &env)
}

#[test]
fn every_inhabitant_is_there() {
    let all = zoo::honest().into_iter().chain(zoo::mutants());
    for specimen in all.filter(|specimen| specimen.dylib) {
        match open(&specimen) {
            Ok(plugin) => {
                let linked = (specimen.make)((specimen.manifest)());
                let mut hooks = linked.hooks().to_vec();
                hooks.sort();
                assert_eq!(plugin.hooks(), hooks, "{}", specimen.name);
            }
            // A runtime refuses by itself what a kind does not have.
            Err(why) => assert!(["man-002"].contains(&specimen.name), "{}: {why}", specimen.name),
        }
    }
}

/// What `ask` answers, in a registry of its own.
async fn ask(name: &str, input: Value) -> Result<Value, String> {
    let specimen = zoo::specimen(name).unwrap();
    let builder = Registry::builder().catalog(catalog()).config(name, (specimen.config)());
    let registry = builder.plugins([open(&specimen).unwrap()]).start().await.unwrap();
    let hook = registry.singleton::<Value, Value>("zoo", "ask").unwrap();
    let answer = hook.dispatch(&Caller::new(), input).await;
    let answer = answer.map(|answer| (*answer.value).clone());
    registry.stop().await.unwrap();
    answer.map_err(|error| error.to_string())
}

#[tokio::test]
async fn flaws_cross_the_interface() {
    let (ordinary, largest) =
        (json!({ "text": "a", "number": 5 }), json!({ "text": "a", "number": 10 }));
    for input in [&ordinary, &largest] {
        let answer = ask("honest", input.clone()).await.unwrap();
        assert_eq!((&answer["length"], answer.get("told")), (&json!(1), None));
    }
    assert!(ask("io-002", ordinary.clone()).await.is_ok());
    assert!(ask("io-002", largest).await.unwrap_err().contains("length"));
    let told = ask("sec-005", ordinary.clone()).await.unwrap()["told"].clone();
    assert_eq!(told, "zoo-secret-4711");
    let process = ask("det-004", ordinary).await.unwrap()["told"].clone();
    assert_eq!(process, std::process::id());
}
