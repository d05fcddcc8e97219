//! `KILL-MATRIX.md`: for each check the mutant that it was proved on, and what it said of it.
//!
//! The page is made of what the tests of this program see, so it is compared once all of them ran;
//! a run that chose among them compares nothing. `BLESS=1` writes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use hookspec_contract::{Verdict, checks};

/// What was seen: by check, and by runtime.
static SEEN: Mutex<BTreeMap<(String, String), Verdict>> = Mutex::new(BTreeMap::new());

/// Remembers what a check said of its mutant.
pub(crate) fn saw(check: &str, runtime: &str, verdict: Verdict) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.insert((check.to_owned(), runtime.to_owned()), verdict);
}

/// Compares the page with what was seen, or writes it.
///
/// # Errors
/// It is another, and how to write it.
pub(crate) fn compare() -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("KILL-MATRIX.md");
    let page = page();
    if std::env::var_os("BLESS").is_some_and(|bless| !bless.is_empty()) {
        return fs::write(&path, page).map_err(|error| format!("{}: {error}", path.display()));
    }
    match fs::read_to_string(&path) {
        Ok(there) if there == page => Ok(()),
        _ => Err(format!("{} is not what was seen; BLESS=1 writes it:\n{page}", path.display())),
    }
}

fn page() -> String {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut page = "# Kill matrix\n\n\
        Each check of the contract suite, and what it says of the plugin of the zoo that breaks it \
        (`contract-tests/zoo`), linked in and in a shared library. A check that passed its mutant would \
        be a survivor; there is none. The honest plugins of the zoo pass every check in both.\n\n\
        Where there is a dash, the C interface or the host's end of it hides the flaw. Written by \
        `BLESS=1 cargo test -p contract-tests --test contract`; a test compares it.\n\n\
        | check | level | what must hold | in_process | dylib |\n|---|---|---|---|---|\n"
        .to_owned();
    let mut survivors = 0;
    for check in checks() {
        let said = |runtime: &str| match seen.get(&(check.id.to_owned(), runtime.to_owned())) {
            None => "—",
            Some(Verdict::Fail | Verdict::Warn) => "killed",
            Some(_) => "survived",
        };
        let (linked, library) = (said("in_process"), said("dylib"));
        survivors += usize::from(linked != "killed") + usize::from(library == "survived");
        let (id, level, title) = (check.id, check.level, check.title);
        page.push_str(&format!("| {id} | {level} | {title} | {linked} | {library} |\n"));
    }
    page.push_str(&format!("\n{} checks, {survivors} survivors.\n", checks().count()));
    page
}
