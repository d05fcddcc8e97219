//! The schemas that exist: those that are shipped, and the suite that payload types are checked
//! with.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hookspec_contract::generate::{Generator, Nothing, Sort};
use hookspec_spec::Schema;
use serde_json::Value;

use super::keeps_the_laws;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn the_shipped_schemas_keep_the_laws() {
    let mut seen = 0;
    for kind in files(&workspace().join("hookspecs")) {
        let folder = kind.join("schemas");
        for path in folder.is_dir().then(|| files(&folder)).into_iter().flatten() {
            let name = path.display().to_string();
            let schema = Schema::compile(read(&path)).unwrap();
            let start = Instant::now();
            keeps_the_laws(&name, &schema, &[], 11);
            assert!(start.elapsed() < Duration::from_secs(60), "{name} took {:?}", start.elapsed());
            let generator = Generator::new(&schema, &[], 11);
            for sort in [Sort::Valid, Sort::Boundary] {
                assert!(generator.samples(sort, 10).is_ok(), "{name}: {sort}");
            }
            for sort in Sort::ALL {
                let nothing = generator.samples(sort, 10).err();
                let fine = matches!(nothing, None | Some(Nothing::NotOfThisSort(_)));
                assert!(fine, "{name}: {sort}: {nothing:?}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 17, "only {seen} schemas were found");
}

#[test]
fn the_suite_keeps_the_laws_and_values_are_found() {
    let suite = workspace().join("crates/hookspec-codegen/agreement/suite");
    let (mut seen, mut missed) = (0, Vec::new());
    for file in ["draft2020-12.json", "own.json"] {
        for case in read(&suite.join(file)).as_array().unwrap() {
            let name = case["name"].as_str().unwrap();
            let schema = Schema::compile(case["schema"].clone()).unwrap();
            keeps_the_laws(name, &schema, &[], 5);
            let nothing = Generator::new(&schema, &[], 5).samples(Sort::Valid, 20);
            let data = case["data"].as_array().unwrap();
            let some = data.iter().any(|value| schema.is_valid(value));
            match nothing {
                Err(Nothing::Unsatisfiable(why)) if some => panic!("{name}: {why}"),
                Err(why) if some => missed.push(format!("{name}: {why}")),
                _ => {}
            }
            let wrong = data.iter().any(|value| !schema.is_valid(value));
            if wrong && Generator::new(&schema, &[], 5).invalid(100).is_empty() {
                missed.push(format!("{name}: nothing invalid"));
            }
            seen += 1;
        }
    }
    assert!(seen > 250, "only {seen} schemas were found");
    assert!(missed.len() <= 12, "{}: {missed:#?}", missed.len());
}
