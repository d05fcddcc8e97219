//! Reads files of cases. Every mistake of every file is found at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_spec::{Catalog, Diagnostics, Document, Kind};
use serde_json::Value;

use super::expect::{self, file_name};
use super::mistake::{Fields, Mistake, Report, join, wrong};
use super::model::{After, Case, Given, Step, Wanted};
use super::pattern::Pattern;
use super::placeholder;
use hookspec_host::State;

/// Reads every `<kind>/*.yaml` below a folder, or the `*.yaml` of a folder that is one kind's:
/// named as the kind, or `cases` beside the hookspec.
///
/// # Errors
/// Every mistake of every file, each with file, line and column; a folder without cases.
pub fn read_folder(folder: &Path, catalog: &Catalog) -> Result<Vec<Case>, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut cases = Vec::new();
    for path in files(folder, depth(folder), &mut mistakes) {
        match std::fs::read_to_string(&path) {
            Err(error) => mistakes.push(Mistake::of_file(&path, error.to_string())),
            Ok(text) => match read(&path, text, catalog) {
                Ok(read) => cases.extend(read),
                Err(found) => mistakes.extend(found),
            },
        }
    }
    mistakes.extend(twice(&cases));
    if cases.is_empty() && mistakes.is_empty() {
        mistakes.push(Mistake::of_file(folder, "there is no case below this folder"));
    }
    if mistakes.is_empty() { Ok(cases) } else { Err(mistakes) }
}

/// Reads the text of one file of cases. The path's last folder names the kind, or, where that is
/// `cases`, the one before it.
///
/// # Errors
/// Every mistake, each with line and column.
pub fn read(
    path: &Path,
    text: impl Into<String>,
    catalog: &Catalog,
) -> Result<Vec<Case>, Vec<Mistake>> {
    let document = Arc::new(Document::yaml(path, text).map_err(unreadable)?);
    let mut report = Report::new(&document);
    let cases = cases(&document, catalog, &mut report).unwrap_or_default();
    let mut mistakes = report.finish();
    if cases.is_empty() && mistakes.is_empty() {
        mistakes.push(Mistake::at(&document, "/cases", "there is no case here"));
    }
    if mistakes.is_empty() { Ok(cases) } else { Err(mistakes) }
}

fn unreadable(found: Diagnostics) -> Vec<Mistake> {
    let mistake = |each: hookspec_spec::Diagnostic| Mistake {
        path: each.path.unwrap_or_default(),
        position: each.position,
        message: each.message,
        snippet: each.snippet,
    };
    found.into_iter().map(mistake).collect()
}

/// 1 for a folder of one kind, which holds files and no folder; 0 for a folder of kinds.
fn depth(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders: Vec<bool> = entries.map(|entry| entry.path().is_dir()).collect();
    usize::from(!folders.is_empty() && !folders.contains(&true))
}

/// The files of `<kind>/`, by path: folders of kinds hold no folders.
fn files(folder: &Path, depth: usize, mistakes: &mut Vec<Mistake>) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut found = Vec::new();
    match entries {
        Err(error) => mistakes.push(Mistake::of_file(folder, error.to_string())),
        Ok(mut entries) => {
            entries.sort_by_key(std::fs::DirEntry::path);
            for path in entries.into_iter().map(|entry| entry.path()) {
                let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
                if path.is_dir() && depth == 0 {
                    found.extend(files(&path, depth + 1, mistakes));
                } else if is_yaml && depth == 1 {
                    found.push(path);
                } else if is_yaml || depth == 1 {
                    // What is passed over in silence checks nothing.
                    let message = "cases are files named `<kind>/*.yaml`; this one is not read";
                    mistakes.push(Mistake::of_file(path, message));
                }
            }
        }
    }
    found
}

fn twice(cases: &[Case]) -> Vec<Mistake> {
    let mut first = BTreeMap::new();
    let mut found = Vec::new();
    for case in cases {
        let at = case.mistake("").position.map_or(0, |position| position.line);
        let place = format!("{}:{at}", case.document.path().display());
        if let Some(other) = first.insert((case.kind(), case.name()), place) {
            let message = format!("a case of this name is at {other} already; rename one of them");
            found.push(case.mistake(message));
        }
    }
    found
}

fn cases(
    document: &Arc<Document>,
    catalog: &Catalog,
    report: &mut Report<'_>,
) -> Option<Vec<Case>> {
    let top = Fields::of(report, document.value(), "", &["kind", "cases"])?;
    top.required(report, "kind");
    top.required(report, "cases");
    let kind = kind(report, &top, document.path(), catalog)?;
    let value = top.get("cases")?;
    let Value::Array(items) = value else {
        wrong(report, "/cases", "a list", value);
        return None;
    };
    let read = |(index, item)| case(report, item, &format!("/cases/{index}"), &kind, document);
    Some(items.iter().enumerate().filter_map(read).collect())
}

/// `kind: tool@1`, which the folder repeats.
fn kind(
    report: &mut Report<'_>,
    top: &Fields<'_>,
    path: &Path,
    catalog: &Catalog,
) -> Option<Arc<Kind>> {
    let text = top.text(report, "kind")?;
    let Some((name, major)) = text.split_once('@').and_then(|(n, m)| Some((n, m.parse().ok()?)))
    else {
        let message = "`kind` is a name and a major version, such as `tool@1`";
        report.add("/kind", message);
        return None;
    };
    if !stands_with(path, name) {
        let message = format!(
            "cases of kind `{name}` stand in a folder of that name, or in `cases` inside of it"
        );
        report.add("/kind", message);
    }
    let found = catalog.kind(name, major).cloned();
    if found.is_none() {
        let known = catalog.kinds().map(|kind| format!("{}@{}", kind.name, kind.major()));
        let known = known.collect::<Vec<_>>().join(", ");
        report.add("/kind", format!("no hookspec declares `{text}`; declared are: {known}"));
    }
    found
}

/// Whether the folder of a file, or the one around its folder `cases`, is named as the kind. A path
/// that ends before says nothing else.
fn stands_with(path: &Path, kind: &str) -> bool {
    let mut folders = path.ancestors().skip(1).map_while(|at| at.file_name()?.to_str());
    match folders.next() {
        Some("cases") if kind != "cases" => folders.next().is_none_or(|folder| folder == kind),
        folder => folder.is_none_or(|folder| folder == kind),
    }
}

fn case(
    report: &mut Report<'_>,
    value: &Value,
    at: &str,
    kind: &Arc<Kind>,
    document: &Arc<Document>,
) -> Option<Case> {
    let known = ["name", "law", "why", "given", "call", "expect", "after"];
    let fields = Fields::of(report, value, at, &known)?;
    fields.required(report, "name");
    let name = fields.text(report, "name").unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if fields.has("name") && (name.is_empty() || !name.chars().all(plain)) {
        let message = "a name is in snake_case: it is part of the name of a test";
        report.add(&fields.at("name"), message);
    }
    fields.text(report, "why");
    let laws = laws(report, &fields);
    let given = match fields.required(report, "given") {
        Some(value) => given(report, value, &fields.at("given")),
        None => None,
    };
    let after = match fields.get("after") {
        Some(value) => expect::after(report, value, &fields.at("after")),
        None => Some(After::default()),
    };
    let steps = steps(report, &fields, kind);
    let (given, after, steps) = (given?, after?, steps?);
    if after.state == Some(State::Unavailable) && !steps.is_empty() {
        let message = "nobody calls a plugin that is unavailable; leave `call` and `expect` out";
        report.add(&fields.at("call"), message);
    }
    if after.state != Some(State::Unavailable) && steps.is_empty() {
        report.add(at, "`call` is missing");
    }
    let (name, at) = (name.to_owned(), at.to_owned());
    let (kind, document) = (Arc::clone(kind), Arc::clone(document));
    Some(Case { name, laws, kind, given, steps, after, document, at })
}

fn laws(report: &mut Report<'_>, fields: &Fields<'_>) -> Vec<String> {
    let texts = fields.texts(report, "law");
    for (at, text) in &texts {
        let is_law = text.split_once('-').is_some_and(|(family, number)| {
            let capitals = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
            capitals(family) && !family.is_empty() && number.parse::<u32>().is_ok()
        });
        if !is_law {
            report.add(at, format!("`{text}` is not the id of a law"));
        }
    }
    texts.into_iter().map(|(_, text)| text.to_owned()).collect()
}

fn given(report: &mut Report<'_>, value: &Value, at: &str) -> Option<Given> {
    let known = ["plugin", "manifest", "beside", "config", "files", "metadata", "deadline_ms"];
    let fields = Fields::of(report, value, at, &known)?;
    if fields.required(report, "plugin").is_none() {
        report.add(at, "say `plugin: any`, or which");
    }
    let names = |texts: Vec<(String, &str)>| -> Vec<String> {
        texts.into_iter().map(|(_, text)| text.to_owned()).collect()
    };
    let mut plugins = names(fields.texts(report, "plugin"));
    if plugins == ["any"] {
        plugins.clear();
    } else if plugins.iter().any(|name| name == "any") {
        report.add(&fields.at("plugin"), "`any` stands alone");
    }
    let manifest = fields.get("manifest");
    let manifest = manifest.and_then(|value| Pattern::read(report, value, &fields.at("manifest")));
    let beside = names(fields.texts(report, "beside"));
    let config = fields.get("config").cloned();
    if let Some(config) = &config {
        placeholder::check(report, config, &fields.at("config"));
    }
    let mut files = Vec::new();
    for (name, text) in fields.object(report, "files").into_iter().flatten() {
        let at = join(&fields.at("files"), name);
        file_name(report, name, &at);
        match text.as_str() {
            Some(text) => files.push((name.clone(), text.to_owned())),
            None => wrong(report, &at, "the text of the file", text),
        }
    }
    let metadata = fields.object(report, "metadata").cloned().unwrap_or_default();
    let deadline = fields.milliseconds(report, "deadline_ms");
    Some(Given { plugins, manifest, beside, config, files, metadata, deadline })
}

/// The calls with their expectations: one for all of them, or a list as long as that of the calls.
fn steps(report: &mut Report<'_>, fields: &Fields<'_>, kind: &Kind) -> Option<Vec<Step>> {
    let items = |key: &str| -> Vec<(String, &Value)> {
        let at = fields.at(key);
        match fields.get(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                items.iter().enumerate().map(|(i, item)| (format!("{at}/{i}"), item)).collect()
            }
            Some(one) => vec![(at, one)],
        }
    };
    let (calls, mut expected) = (items("call"), items("expect"));
    let is_list = fields.get("expect").is_some_and(Value::is_array);
    if !calls.is_empty() && expected.is_empty() {
        report.add(&fields.at, "`expect` is missing");
        return None;
    }
    if is_list && calls.len() != expected.len() {
        let message = format!("{} calls, and {} expectations", calls.len(), expected.len());
        report.add(&fields.at("expect"), message);
        return None;
    }
    if calls.is_empty() && !expected.is_empty() {
        report.add(&fields.at("expect"), "there is no `call` that this could be expected of");
    }
    if !is_list && let [one] = expected.as_slice() {
        expected = vec![one.clone(); calls.len()];
    }
    let read: Vec<_> = calls
        .into_iter()
        .zip(expected)
        .map(|(call, expected)| step(report, call, expected, kind))
        .collect();
    read.into_iter().collect()
}

fn step(
    report: &mut Report<'_>,
    (at, value): (String, &Value),
    (expect_at, expected): (String, &Value),
    kind: &Kind,
) -> Option<Step> {
    let fields = Fields::of(report, value, at, &["hook", "input", "times", "concurrently"])?;
    fields.required(report, "hook");
    if let Some(input) = fields.required(report, "input") {
        placeholder::check(report, input, &fields.at("input"));
    }
    if fields.has("times") && fields.has("concurrently") {
        report.add(&fields.at("times"), "`times` is one after another; not with `concurrently`");
    }
    let mut count = |key| fields.whole(report, key, (1, 10_000)).unwrap_or(1);
    let (times, concurrently) = (count("times"), count("concurrently"));
    let name = fields.text(report, "hook")?;
    let Some(hook) = kind.hook(name) else {
        let known = kind.hooks.iter().map(|hook| hook.name.as_str()).collect::<Vec<_>>();
        let message = format!("`{}` has no hook `{name}`; it has: {}", kind.name, known.join(", "));
        report.add(&fields.at("hook"), message);
        return None;
    };
    let expect = expect::read(report, expected, &expect_at, hook)?;
    let input = fields.get("input")?;
    let refused =
        matches!(&expect.wanted, Wanted::Refused { error, .. } if error == "invalid_input");
    // Otherwise a typing error in an input would be found only where a plugin is there to refuse it.
    if placeholder::is_constant(input) && !refused {
        for violation in hook.input.validate(input).err().iter().flatten() {
            report.add(
                &format!("{}{}", fields.at("input"), violation.instance),
                violation.message.clone(),
            );
        }
    }
    if expect.alike && times.max(concurrently) == 1 {
        let message = "one outcome is always alike; say `times` or `concurrently`";
        report.add(&join(&expect_at, "alike"), message);
    }
    Some(Step {
        hook: Arc::clone(hook),
        input: input.clone(),
        times: usize::try_from(times).unwrap_or(usize::MAX),
        concurrently: usize::try_from(concurrently).unwrap_or(usize::MAX),
        expect,
    })
}
