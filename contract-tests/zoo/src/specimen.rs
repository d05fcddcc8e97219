//! [`Specimen`]: one inhabitant of the zoo.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use hookspec_plugin::{Manifest, Plugin};
use serde_json::{Value, json};

use crate::flaw::{ALL, Flaw};
use crate::manifests;
use crate::plugin::Animal;

/// One inhabitant of the zoo.
#[derive(Clone, Copy, Debug)]
pub struct Specimen {
    /// The name in its manifest, by which an instance knows what it is.
    pub name: &'static str,
    /// The check that it breaks; `None` for one that keeps them all.
    pub check: Option<&'static str>,
    /// What it says of itself.
    pub manifest: fn() -> Manifest,
    /// A new instance, for a manifest that may say otherwise how it is loaded.
    pub make: fn(Manifest) -> Arc<dyn Plugin>,
    /// A configuration that it takes. The token in it is secret.
    pub config: fn() -> Value,
    /// Whether it can live in a shared library, and be told there from an honest one.
    pub dylib: bool,
}

macro_rules! honest {
    ($($name:literal),+) => {
        [$(Specimen {
            name: $name,
            check: None,
            manifest: || manifests::of($name),
            make,
            config,
            dylib: true,
        }),+]
    };
}

/// Those that keep every check.
pub fn honest() -> Vec<Specimen> {
    honest!["honest", "honest-fallback", "honest-plain", "honest-stop", "honest-events"].to_vec()
}

/// Those that break one, in the order of the checks. Without the feature `tasks` one is missing.
pub fn mutants() -> Vec<Specimen> {
    let here = |flaw: &Flaw| cfg!(feature = "tasks") || *flaw != Flaw::LeavesATask;
    let mutant = |flaw: &Flaw| Specimen {
        name: flaw.name(),
        check: Some(flaw.check()),
        manifest: flaw.manifest(),
        make,
        config,
        dylib: flaw.in_library(),
    };
    ALL.iter().filter(|flaw| here(flaw)).map(mutant).collect()
}

/// The one of that name.
pub fn specimen(name: &str) -> Option<Specimen> {
    honest().into_iter().chain(mutants()).find(|each| each.name == name)
}

/// The folder of the kinds that they implement.
pub fn hookspecs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("hookspecs")
}

fn make(manifest: Manifest) -> Arc<dyn Plugin> {
    static KEPT: Mutex<Vec<Arc<dyn Plugin>>> = Mutex::new(Vec::new());

    let animal = Animal::new(manifest);
    let kept = animal.flaw() == Some(Flaw::KeepsItself);
    let plugin: Arc<dyn Plugin> = Arc::new(animal);
    if kept {
        KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&plugin));
    }
    plugin
}

fn config() -> Value {
    json!({ "token": "zoo-secret-4711", "volume": 3 })
}

/// Calls a macro with the names of all specimens that can live in a shared library.
#[macro_export]
macro_rules! in_library {
    ($callback:ident) => {
        $callback!(
            "honest",
            "honest-fallback",
            "honest-plain",
            "honest-stop",
            "honest-events",
            "man-001",
            "man-002",
            "man-003",
            "man-004",
            "man-005",
            "man-006",
            "man-008",
            "man-009",
            "io-001",
            "io-002",
            "io-003",
            "io-004",
            "io-005",
            "io-006",
            "io-007",
            "io-009",
            "io-010",
            "chn-001",
            "det-001",
            "det-002",
            "det-003",
            "det-004",
            "amb-001",
            "amb-002",
            "amb-003",
            "amb-004",
            "amb-005",
            "res-001",
            "res-002",
            "res-003",
            "res-004",
            "res-005",
            "res-006",
            "res-007",
            "res-008",
            "lif-001",
            "lif-002",
            "lif-004",
            "lif-005",
            "lif-006",
            "lif-007",
            "lif-014",
            "lif-015",
            "lif-016",
            "cap-001",
            "cap-002",
            "sec-001",
            "sec-002",
            "sec-003",
            "sec-004",
            "sec-005",
            "sec-006",
            "evt-001",
            "evt-002",
            "evt-003",
            "evt-004",
            "evt-005",
            "evt-006",
            "evt-007",
            "evt-008",
            "evt-011",
            "evt-012"
        );
    };
}
