//! README, laws and errors, against the code.

use std::collections::{BTreeMap, BTreeSet};

use hookspec_host::CauseClass;

use crate::scan::{error_codes, is_path, law_ids, quoted};
use crate::workspace::{File, Package};

pub(crate) const ERRORS: &str = "docs/errors.md";
const LAWS: &str = "docs/laws.md";

/// Members that the README's code map does not name.
pub(crate) fn unmapped(packages: &[Package], readme: &str) -> Vec<String> {
    let map = readme.split("\n## ").find(|section| section.starts_with("Code map"));
    let Some(map) = map else { return vec!["README.md: no section `Code map`".into()] };
    let named: BTreeSet<&str> = quoted(map).map(|(_, text)| text.trim_end_matches('/')).collect();
    let missing = packages.iter().filter(|package| !named.contains(package.folder.as_str()));
    missing.map(|package| format!("README.md: the code map lacks `{}`", package.folder)).collect()
}

/// Paths in documents that lead nowhere; `path::function` wants that function in that file.
pub(crate) fn dangling(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut mistakes = Vec::new();
    // Reference pages of kinds name schemas beside their hookspec.
    let pages = |file: &&File| file.is(".md") && !file.path.starts_with("docs/kinds/");
    for file in files.iter().filter(pages) {
        for (line, text) in quoted(&file.text).filter(|(_, text)| is_path(text)) {
            if is_to_be_written(&file.text, line) {
                continue;
            }
            let (path, function) = text.split_once("::").unwrap_or((text, ""));
            let has = |file: &File| file.text.contains(&format!("fn {function}("));
            let found = match function {
                "" => exists(path),
                _ => files.iter().any(|file| file.path == path && has(file)),
            };
            if !found {
                mistakes.push(format!("{}:{line}: there is no `{text}`", file.path));
            }
        }
    }
    mistakes
}

/// Whether a line names a file for the reader to write: its text follows.
fn is_to_be_written(text: &str, line: usize) -> bool {
    let mut from = text.lines().skip(line - 1);
    let names = from.next().is_some_and(|line| line.starts_with('`') && line.ends_with(':'));
    names && from.find(|line| !line.is_empty()).is_some_and(|line| line.starts_with("```"))
}

/// Laws that are cited and not defined, defined twice, or defined and cited nowhere.
pub(crate) fn laws(files: &[File]) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut defined = BTreeSet::new();
    for id in definitions(files) {
        if !defined.insert(id) {
            mistakes.push(format!("{LAWS}: {id} is defined twice"));
        }
    }
    let mut cited = BTreeSet::new();
    let others =
        files.iter().filter(|f| f.path != LAWS && (f.is(".rs") || f.is(".md") || is_case(f)));
    for file in others {
        for id in law_ids(&file.text) {
            if cited.insert(id) && !defined.contains(id) {
                mistakes.push(format!("{}: {id} is not defined in {LAWS}", file.path));
            }
        }
    }
    mistakes.extend(defined.difference(&cited).map(|id| format!("{LAWS}: nobody cites {id}")));
    mistakes
}

fn is_case(file: &File) -> bool {
    file.path.starts_with("contract-tests/cases/") && file.is(".yaml")
}

/// Laws that no test names: by id, in a range of ids, or as `fn chain_6_…`, `fn chain_1_to_4_…`.
pub(crate) fn unproved_laws(files: &[File]) -> Vec<String> {
    let mut proved = BTreeSet::new();
    for file in files.iter().filter(|file| file.is(".rs")) {
        let tests = match file.path.contains("/tests/") {
            true => &file.text,
            false => file.text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests),
        };
        let ids = tests.lines().flat_map(|line| numbers(line.split([' ', ',', '.', '(', ')'])));
        let names = tests.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
        let names = names.flat_map(|name| numbers(name.split('_')));
        proved.extend(ids.chain(names).map(|(family, number)| format!("{family}-{number}")));
    }
    let defined = definitions(files);
    if defined.is_empty() {
        return vec![format!("{LAWS}: it defines nothing")];
    }
    let unproved = defined.into_iter().filter(|id| !proved.contains(*id));
    unproved.map(|id| format!("{id}: no test names it")).collect()
}

/// The laws that words name: a family and a number, in one word or in two; more numbers may follow,
/// and `to` between two of them means those between.
fn numbers<'a>(words: impl Iterator<Item = &'a str>) -> Vec<(String, u32)> {
    let (mut found, mut family, mut is_range) = (Vec::new(), String::new(), false);
    for word in words {
        let (name, number) = match law_ids(word).next().and_then(|id| id.split_once('-')) {
            Some((name, number)) => (name, number),
            None => ("", word),
        };
        if !name.is_empty() && name != family {
            (family, is_range) = (name.to_owned(), false);
        }
        match number.parse::<u32>() {
            Ok(number) => {
                let last = found.last().map(|(_, last)| *last);
                let from = last.filter(|_| is_range).map_or(number, |last| last + 1);
                found.extend((from..=number).map(|each| (family.clone(), each)));
                is_range = false;
            }
            Err(_) if word == "to" => is_range = true,
            Err(_) if word == "and" || word.is_empty() => {}
            // A name of a function begins with the family, in small letters.
            Err(_) => (family, is_range) = (word.to_uppercase(), false),
        }
    }
    found
}

/// The first cells of the rows of the page of laws.
fn definitions(files: &[File]) -> Vec<&str> {
    let page = files.iter().find(|file| file.path == LAWS).map_or("", |file| &file.text);
    let cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.filter(|cell| law_ids(cell).next() == Some(cell)).collect()
}

/// Codes in use that no list explains, and codes of the host's list that nothing answers.
pub(crate) fn unlisted_codes(files: &[File]) -> Vec<String> {
    const LIST: &str = "crates/hookspec-host/src/codes.rs";
    let mut mistakes = Vec::new();
    let listed: BTreeSet<&str> = all_codes().map(|(code, ..)| code).collect();
    let mut answered = BTreeSet::new();
    for file in files.iter().filter(|file| file.is(".rs") || file.is(".md")) {
        for code in error_codes(&file.text) {
            if !listed.contains(code) {
                mistakes.push(format!("{}: {code} is in no list of codes", file.path));
            }
            if file.path.starts_with("crates/hookspec-host/src/") && file.path != LIST {
                answered.insert(code);
            }
        }
    }
    let host = hookspec_host::codes::ALL.iter().map(|(code, ..)| *code);
    let idle = host.filter(|code| !answered.contains(code));
    mistakes.extend(idle.map(|code| format!("{LIST}: nothing answers {code}")));
    mistakes
}

fn all_codes() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lists =
        [hookspec_host::codes::ALL, hookspec_spec::codes::ALL, hookspec_contract::codes::ALL];
    lists.into_iter().flatten().copied()
}

const INTRODUCTION: &str = "\
# Error reference

Every error and every diagnostic has a code that never changes its meaning. This page is written by
`BLESS=1 cargo test -p contract-tests --test tidy` from the lists in
`crates/hookspec-host/src/codes.rs`, `crates/hookspec-spec/src/codes.rs` and
`crates/hookspec-contract/src/codes.rs`, and a test compares it with them.
";

const FAMILIES: [(char, &str, &str); 8] = [
    (
        'D',
        "Dispatching",
        "A `DispatchError`: a dispatcher was not obtained, or a dispatch has no outcome.",
    ),
    (
        'R',
        "The registry",
        "A `RegistrationError`, `StartError`, `RemoveError`, `ReloadError` or `TeardownErrors`: plugins and the \
         registry come and go.",
    ),
    (
        'E',
        "Events",
        "A `PublishError`, `SubscribeError` or `RequestError`: an event was not published, nobody subscribed, \
         or there is no reply.",
    ),
    (
        'S',
        "Hookspecs and schemas",
        "A `Diagnostic` about a text, a hookspec or a schema, with file, line and column.",
    ),
    ('M', "Manifests", "A `Diagnostic` about a plugin's manifest."),
    (
        'V',
        "Files of events",
        "A `Diagnostic` about `hookspecs/events/<namespace>.yaml`, with file, line and column.",
    ),
    (
        'C',
        "The host's configuration",
        "A `Diagnostic` about `hookspec.toml`, or about what a plugin is configured with.",
    ),
    (
        'B',
        "Baselines",
        "A `Diagnostic` about the contract suite's file of expected failures (`docs/contract-suite.md`).",
    ),
];

/// The page of all errors.
pub(crate) fn error_reference() -> String {
    let mut tables: BTreeMap<char, String> = BTreeMap::new();
    for (code, meaning, remedy) in all_codes() {
        let family = code.chars().nth(3).unwrap();
        let row = format!("| `{code}` | {} | {} |\n", sentence(meaning), sentence(remedy));
        tables.entry(family).or_default().push_str(&row);
    }
    let mut page = INTRODUCTION.to_owned();
    for (family, title, about) in FAMILIES {
        let rows = tables.remove(&family).unwrap_or_default();
        let head = "| code | meaning | what to do |\n|---|---|---|\n";
        page.push_str(&format!("\n## {title} (`HS-{family}`)\n\n{about}\n\n{head}{rows}"));
    }
    assert!(tables.is_empty(), "families without a title: {:?}", tables.keys());
    page.push_str(
        "\n## Why a plugin did not contribute\n\nA plugin that fails is not an error but data: a \
         `Failure` with its name, the hook, the time it\ntook, and one of these causes. The word is \
         the `outcome` of the call's span.\n\n| cause | what to do |\n|---|---|\n",
    );
    for cause in CauseClass::ALL {
        page.push_str(&format!("| `{cause}` | {} |\n", remedy(cause)));
    }
    page
}

fn remedy(cause: CauseClass) -> &'static str {
    match cause {
        CauseClass::Faulted => {
            "The plugin says why, with a code of its own; `is_retryable` says whether to repeat."
        }
        CauseClass::Panicked => "A defect of the plugin. `install_panic_hook` adds file and line.",
        CauseClass::TimedOut => {
            "Give it more time, or find what it waits for; `late` says that it did end."
        }
        CauseClass::InvalidOutput => {
            "The plugin contradicts its hook's schema at the pointers given."
        }
        CauseClass::Gone => "What ran it ended: look for why its thread, task or process did.",
        CauseClass::Cancelled => {
            "Nothing: the caller, or the registry while stopping, no longer wanted the answer."
        }
        CauseClass::Rejected => {
            "A bound was reached, and the plugin was not called; the reason names the bound."
        }
    }
}

/// A text of a list as a sentence that Markdown shows as it is.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| match text.split(' ').next() {
        // The name of a field stays as it is written.
        Some(word) if word.contains('_') => c.to_string(),
        _ => c.to_uppercase().to_string(),
    });
    let first = first.unwrap_or_default();
    let end = if text.ends_with(['.', '?']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str()).replace('|', "\\|").replace('<', "\\<")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: impl Into<String>) -> File {
        File { path: path.into(), text: text.into() }
    }

    fn law(number: u32) -> String {
        // In parts, because this file is looked at too.
        format!("CHAIN-{number}")
    }

    #[test]
    fn a_crate_that_the_map_lacks_is_found() {
        let package = Package {
            name: "a".into(),
            folder: "crates/a".into(),
            dependencies: Vec::new(),
            roots: Vec::new(),
        };
        let packages = [package];
        assert!(unmapped(&packages, "# A\n\n## Code map\n\n| `crates/a/` | a |\n").is_empty());
        assert_eq!(unmapped(&packages, "`crates/a`\n\n## Code map\n\n## B\n\n`crates/a`").len(), 1);
        assert_eq!(unmapped(&packages, "").len(), 1);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_found() {
        let page = "`crates/a.rs` `crates/b.rs` `crates/a.rs::f` `crates/a.rs::g`";
        let files = [file("crates/a.rs", "fn f() {}"), file("a.md", page)];
        let expected =
            ["a.md:1: there is no `crates/b.rs`", "a.md:1: there is no `crates/a.rs::g`"];
        assert_eq!(dangling(&files, |path| path == "crates/a.rs"), expected);
    }

    #[test]
    fn laws_that_are_cited_defined_or_proved_alone_are_found() {
        let page = [1, 1, 2, 3].map(|n| format!("| {} | what holds |\n", law(n))).concat();
        let code = format!("// {}, {}", law(1), law(4));
        let test = format!("// {}\n#[test] fn chain_2_holds() {{}}", law(1));
        let case = format!("law: {}", law(5));
        let files = [
            file(LAWS, page),
            file("a.rs", code),
            file("contract-tests/cases/tool/a.yaml", case),
            file("crates/a/tests/b.rs", test),
        ];
        let expected = [
            format!("{LAWS}: {} is defined twice", law(1)),
            format!("a.rs: {} is not defined in {LAWS}", law(4)),
            format!("contract-tests/cases/tool/a.yaml: {} is not defined in {LAWS}", law(5)),
            format!("{LAWS}: nobody cites {}", law(2)),
            format!("{LAWS}: nobody cites {}", law(3)),
        ];
        assert_eq!(laws(&files), expected);
        assert_eq!(unproved_laws(&files), [format!("{}: no test names it", law(3))]);
        assert_eq!(unproved_laws(&[]).len(), 1, "no page, no proof");
    }

    #[test]
    fn laws_are_named_alone_and_in_ranges() {
        let of = |text: &str, between: char| -> Vec<String> {
            let found = numbers(text.split(between)).into_iter();
            found.map(|(family, number)| format!("{family} {number}")).collect()
        };
        assert_eq!(of("chain_2_4_and_5_hold", '_'), ["CHAIN 2", "CHAIN 4", "CHAIN 5"]);
        assert_eq!(of("chain_1_to_3_hold", '_'), ["CHAIN 1", "CHAIN 2", "CHAIN 3"]);
        let text = format!("`chain`: {} to {} and more", law(8), law(10));
        assert_eq!(of(&text, ' '), ["CHAIN 8", "CHAIN 9", "CHAIN 10"]);
    }

    #[test]
    fn codes_that_are_listed_or_answered_alone_are_found() {
        let known = format!("HS-{}", "D001");
        let new = format!("HS-{}", "Z999");
        let path = "crates/hookspec-host/src/error.rs";
        let found = unlisted_codes(&[file(path, format!("{known} {new}"))]);
        assert_eq!(found[0], format!("{path}: {new} is in no list of codes"));
        assert!(found.iter().all(|each| !each.ends_with(&known)));
        assert_eq!(found.len(), hookspec_host::codes::ALL.len());
    }

    #[test]
    fn the_page_shows_what_the_lists_say() {
        assert_eq!(sentence("a | <b>"), "A \\| \\<b>.");
        let page = error_reference();
        let rows = page.lines().filter(|line| line.starts_with("| `HS-")).count();
        assert_eq!(rows, all_codes().count());
    }
}
