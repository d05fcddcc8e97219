//! `docs/contract-suite.md` lists the checks that there are, as they are.

#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;

use hookspec_contract::{Check, checks};

const BEGIN: &str = "<!-- checks -->\n";
const END: &str = "<!-- end of checks -->";

const FAMILIES: [(&str, &str); 10] = [
    ("MAN", "the manifest"),
    ("IO", "what goes in and comes out"),
    ("CHN", "chains"),
    ("CAP", "choice by capability"),
    ("DET", "the same input, the same answer"),
    ("AMB", "what surrounds the process"),
    ("RES", "resilience"),
    ("LIF", "lifecycle"),
    ("SEC", "security"),
    ("EVT", "events"),
];

/// `BLESS=1` writes the tables instead.
#[test]
fn the_document_lists_the_checks() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract-suite.md");
    let found = fs::read_to_string(&path).unwrap();
    let wanted = with_tables(&found, &tables()).unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
        return;
    }
    let again = "run `BLESS=1 cargo test -p hookspec-contract --test documents`";
    assert!(found == wanted, "{} is stale: {again}", path.display());
}

#[test]
fn every_check_is_in_a_table_of_its_family() {
    let rows = tables().lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, checks().count());
}

#[test]
fn only_what_stands_between_the_marks_is_written() {
    let page = format!("a\n{BEGIN}old\n{END}\nb\n");
    assert_eq!(with_tables(&page, "new\n").unwrap(), format!("a\n{BEGIN}new\n{END}\nb\n"));
    assert_eq!(with_tables("a\n", "new\n"), None);
}

/// The page with other tables; nothing where a mark is missing.
fn with_tables(page: &str, tables: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{tables}{END}{after}"))
}

fn tables() -> String {
    let tables: String = FAMILIES.iter().map(|(family, title)| table(family, title)).collect();
    format!("{tables}\n")
}

fn table(family: &str, title: &str) -> String {
    let own = checks().filter(|check| check.id.split('-').next() == Some(family));
    let rows: String = own.map(row).collect();
    format!(
        "\n### {family}: {title}\n\n| id | level | profile | what must hold | proves |\n\
         |---|---|---|---|---|\n{rows}"
    )
}

fn row(check: &Check) -> String {
    let (id, level, profile) = (check.id, check.level, check.profile);
    format!("| `{id}` | {level} | {profile} | {} | {} |\n", check.title, check.laws.join(", "))
}
