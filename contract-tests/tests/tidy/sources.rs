//! Rules of the source text.

use crate::tokens::{code, uncommented, without_tests, words};
use crate::workspace::{File, Package};

const LINES: usize = 400;
const INVOKE: &str = "crates/hookspec-host/src/dispatch/invoke.rs";
/// At work while something is compiled, when there is no plugin to call.
const MACROS: &str = "crates/hookspec-macros/";
const BRIDGE: &str = "crates/hookspec-bridge/";
/// The far end of a bridge: the plugin's side, in another program than the host.
const GUEST: &str = "crates/hookspec-bridge/src/dylib/guest/";
/// Of the contract suite: hands a call on, and looks at what comes back.
const WITNESS: &str = "crates/hookspec-contract/src/witness.rs";
/// Of the contract suite: calls as no host would, before setup and after teardown.
const DIRECT: &str = "crates/hookspec-contract/src/direct.rs";
/// Of the bus for tests: hands a call on to a plugin that it gave another kind.
const LODGER: &str = "crates/hookspec-host/src/testing/bus/lodger.rs";

pub(crate) fn too_long(files: &[File]) -> Vec<String> {
    rust(files)
        // Nobody reads what is generated from its first line to its last.
        .filter(|file| !file.text.starts_with("// @generated"))
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines >= LINES)
        .map(|(file, lines)| format!("{}: {lines} lines, and {LINES} are too many", file.path))
        .collect()
}

/// The keyword, outside of the one crate that may use it (invariant 3).
pub(crate) fn unsafe_code(files: &[File]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for file in rust(files).filter(|file| !file.path.starts_with(BRIDGE)) {
        let code = code(&file.text);
        let found = words(&code).filter(|(_, word)| *word == "unsafe");
        mistakes.extend(found.map(|(line, _)| format!("{}:{line}: unsafe", file.path)));
    }
    mistakes
}

/// Crates that do not say so themselves.
pub(crate) fn unforbidden(packages: &[Package], files: &[File]) -> Vec<String> {
    let roots = packages.iter().flat_map(|package| &package.roots);
    let lacks = |root: &&String| {
        let file = files.iter().find(|file| file.path == **root);
        let code = file.map(|file| code(&file.text)).unwrap_or_default();
        !root.starts_with(BRIDGE) && !code.contains("#![forbid(unsafe_code)]")
    };
    roots.filter(lacks).map(|root| format!("{root}: lacks #![forbid(unsafe_code)]")).collect()
}

/// `Plugin::call` has one caller, in one place (invariant 4). A method of that name is called
/// nowhere else in the libraries, on whatever it may be: so no type has to be known here.
pub(crate) fn callers(files: &[File]) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut calls = 0;
    let apart = |file: &&File| {
        [MACROS, GUEST, WITNESS, DIRECT, LODGER].iter().any(|part| file.path.starts_with(part))
    };
    for file in rust(files).filter(|file| !apart(file) && is_library(file)) {
        // Without blanks, so that no line break hides a call.
        let code: String = without_tests(&code(&file.text)).split_whitespace().collect();
        let found = [".call(", "::call(", "::call)", "::call,", "::call;", ".call::<"];
        let found: usize = found.iter().map(|each| code.matches(each).count()).sum();
        // A path to a module of that name is none: `crate::call::Call` ends in neither.
        match file.path == INVOKE {
            true => calls += found,
            false if found > 0 => {
                mistakes.push(format!("{}: {found} calls of `call`; only {INVOKE} may", file.path));
            }
            false => {}
        }
    }
    if calls != 1 {
        mistakes.push(format!("{INVOKE}: {calls} calls of `Plugin::call` instead of one"));
    }
    mistakes
}

/// What a plugin's own crate must not touch (invariant 1).
pub(crate) fn io_of_plugins(files: &[File]) -> Vec<String> {
    const MODULES: [&str; 7] = ["fs", "net", "process", "io", "env", "thread", "os"];
    let mut mistakes = Vec::new();
    for file in rust(files).filter(|file| file.path.starts_with("crates/hookspec-plugin/src/")) {
        let code: String = without_tests(&code(&file.text)).split_whitespace().collect();
        let used = MODULES.iter().filter(|module| {
            code.match_indices(&format!("std::{module}"))
                .any(|(at, found)| !code[at + found.len()..].starts_with(char::is_alphanumeric))
        });
        mistakes.extend(used.map(|module| format!("{}: std::{module}", file.path)));
    }
    mistakes
}

/// Words by which a dispatcher would know how a plugin was loaded.
pub(crate) fn runtimes_in_dispatch(files: &[File]) -> Vec<String> {
    const RUNTIMES: [&str; 6] = ["dylib", "libloading", "mcp", "process", "runtimename", "wasm"];
    let mut mistakes = Vec::new();
    let dispatch = rust(files).filter(|f| f.path.starts_with("crates/hookspec-host/src/dispatch/"));
    for file in dispatch {
        let text = uncommented(&file.text);
        let found = words(&text).filter(|(_, word)| {
            let word = word.to_lowercase();
            RUNTIMES.iter().any(|runtime| word.contains(runtime))
        });
        mistakes.extend(found.map(|(line, word)| format!("{}:{line}: `{word}`", file.path)));
    }
    mistakes
}

pub(crate) fn unfinished(files: &[File]) -> Vec<String> {
    // In two parts each, because this file is looked at too.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("to", "do!"),
        concat!("unimplemented", "!"),
    ];
    let looked_at = files.iter().filter(|file| {
        [".rs", ".md", ".toml", ".yaml", "/run"].iter().any(|ending| file.is(ending))
    });
    let mut mistakes = Vec::new();
    for file in looked_at {
        for (index, line) in file.text.lines().enumerate() {
            let found = marks.iter().filter(|mark| line.contains(**mark));
            mistakes.extend(found.map(|mark| format!("{}:{}: {mark}", file.path, index + 1)));
        }
    }
    mistakes
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.is(".rs"))
}

/// Neither a test, a benchmark nor an example.
fn is_library(file: &File) -> bool {
    file.path.starts_with("crates/") && file.path.contains("/src/") && !file.is("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_long_file_is_found() {
        let lines = |count| [file("a.rs", &"\n".repeat(count)), file("b.md", &"\n".repeat(999))];
        assert!(too_long(&lines(LINES - 1)).is_empty());
        assert_eq!(too_long(&lines(LINES)), ["a.rs: 400 lines, and 400 are too many"]);
    }

    #[test]
    fn the_keyword_is_found_and_prose_is_not() {
        let files = [
            file("crates/a/src/lib.rs", "#![forbid(unsafe_code)]\n// unsafe\nlet x = \"unsafe\";"),
            file("crates/b/src/lib.rs", "\nunsafe { f() }"),
            file("crates/hookspec-bridge/src/lib.rs", "unsafe { f() }"),
        ];
        assert_eq!(unsafe_code(&files), ["crates/b/src/lib.rs:2: unsafe"]);
        let roots = files.iter().map(|file| file.path.clone()).collect();
        let (name, folder) = (String::new(), String::new());
        let package = Package { name, folder, dependencies: Vec::new(), roots };
        let expected = ["crates/b/src/lib.rs: lacks #![forbid(unsafe_code)]"];
        assert_eq!(unforbidden(&[package], &files), expected);
    }

    #[test]
    fn a_second_caller_is_found_however_it_is_written() {
        let one = || file(INVOKE, "entry.plugin().call(call)");
        let path = "crates/hookspec-host/src/other.rs";
        let innocent = "use crate::call::Call; fn call() {} // plugin.call(x)\n\
                        #[cfg(test)] mod tests { fn f() { plugin.call(x) } }";
        let elsewhere = file("crates/hookspec-host/tests/host/a.rs", "plugin.call(x)");
        assert!(callers(&[one(), file(path, innocent), elsewhere]).is_empty());
        for guilty in [
            "plugin\n    .call(x)",
            "Plugin::call(&*plugin, x)",
            "<dyn Plugin>::call (p, x)",
            "plugins.map(Plugin::call)",
        ] {
            assert_eq!(callers(&[one(), file(path, guilty)]).len(), 1, "{guilty}");
        }
        assert_eq!(callers(&[]).len(), 1, "nobody calls");
        assert_eq!(callers(&[file(INVOKE, "a.call(x); b.call(x)")]).len(), 1, "twice");
    }

    #[test]
    fn input_and_output_in_a_plugin_are_found() {
        let path = "crates/hookspec-plugin/src/a.rs";
        let files =
            [file(path, "/// std::fs::read\nuse std::iter; use std::any; std::fs::read(p)")];
        assert_eq!(io_of_plugins(&files), [format!("{path}: std::fs")]);
    }

    #[test]
    fn a_runtime_in_a_dispatcher_is_found() {
        let path = "crates/hookspec-host/src/dispatch/chain.rs";
        let files =
            [file(path, "// its process died\nif r == RuntimeName::Dylib || s == \"mcp_http\"")];
        let found = ["RuntimeName", "Dylib", "mcp_http"].map(|word| format!("{path}:2: `{word}`"));
        assert_eq!(runtimes_in_dispatch(&files), found);
    }

    #[test]
    fn what_is_left_for_later_is_found() {
        let mark = concat!("TO", "DO");
        let files = [file("a.md", &format!("fine\n{mark}: more")), file("b.json", mark)];
        assert_eq!(unfinished(&files), [format!("a.md:2: {mark}")]);
    }
}
