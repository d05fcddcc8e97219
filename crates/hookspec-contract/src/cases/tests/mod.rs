//! The reader and the runner themselves: what is wrong is found, and shown at its place.

mod reading;
mod running;

use std::path::Path;

use hookspec_spec::{Catalog, Source};

use super::*;
use crate::Subject;

/// A kind with a hook of each class.
const KIND: &str = "
kind: sample
kind_api_version: 1.0.0
hooks:
  - { name: told, dispatch: broadcast_notify }
  - { name: asked, dispatch: broadcast_collect, output_schema: number.json, error_policy: best_effort }
  - { name: passed, dispatch: chain, input_schema: number.json }
  - { name: chosen, dispatch: singleton, input_schema: number.json, timeout_ms: 2000 }
  - { name: fitting, dispatch: capability }
";

fn catalog() -> Catalog {
    let schema = Source::new("sample/number.json", r#"{ "type": "number" }"#);
    Catalog::from_sources([Source::new("sample/v1.yaml", KIND), schema]).unwrap()
}

/// The cases of a file, whose first lines are written already.
fn cases(lines: &str) -> Result<Vec<Case>, Vec<Mistake>> {
    read(Path::new("cases/sample/own.yaml"), format!("kind: sample@1\ncases:\n{lines}"), &catalog())
}

/// The mistakes of a file, each as `line:column: message`.
fn mistakes(lines: &str) -> Vec<String> {
    shown(&cases(lines).unwrap_err())
}

fn shown(mistakes: &[Mistake]) -> Vec<String> {
    let place = |each: &Mistake| {
        each.position.map_or(String::new(), |at| format!("{}:{}: ", at.line, at.column))
    };
    mistakes.iter().map(|each| format!("{}{}", place(each), each.message)).collect()
}
