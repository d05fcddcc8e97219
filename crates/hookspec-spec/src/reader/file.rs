//! [`read_yaml`]: one file and the schemas it names, read into what they declare.

use std::path::Path;

use super::{Codes, Report};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::schema::Loader;

/// Reads one file and the schemas it names. What is made of it is there when nothing in it is an
/// error.
pub(crate) fn read_yaml<T>(
    path: &Path,
    loader: &mut Loader<'_>,
    codes: &'static Codes,
    make: impl FnOnce(&Document, &mut Loader<'_>, &mut Report<'_>) -> Option<T>,
) -> (Option<T>, Vec<Diagnostic>) {
    let text = match loader.files().read(path) {
        Ok(text) => text,
        Err(diagnostic) => return (None, vec![*diagnostic]),
    };
    let document = match Document::yaml(path, text) {
        Ok(document) => document,
        Err(diagnostics) => return (None, diagnostics.into_vec()),
    };
    let mut report = Report::new(Some(&document), codes);
    let made = make(&document, loader, &mut report);
    let mut found = report.finish();
    found.extend(loader.take_found());
    let broken = found.iter().any(|each| each.severity == Severity::Error);
    (made.filter(|_| !broken), found)
}
