//! `new plugin`: a crate with a plugin whose hooks answer as little as their schemas allow.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hookspec_codegen::{Signature, module_name, signatures, type_name};
use hookspec_contract::generate::{Generator, Sort};
use hookspec_spec::{DispatchClass, Hook, Kind, Schema};
use serde_json::Value;

use super::files::Plan;
use super::home::{self, Home};
use super::name::Name;
use super::place::{Place, quoted};

const CARGO: &str = include_str!("../../../templates/plugin/Cargo.toml.in");
const MANIFEST: &str = include_str!("../../../templates/plugin/plugin.toml.in");
const LIB: &str = include_str!("../../../templates/plugin/lib.rs.in");

/// Where `rustfmt` breaks a line.
const WIDTH: usize = 100;

/// How hosts load a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Way {
    /// Linked into the host
    InProcess,
    /// A shared library, which a host opens while it runs
    Dylib,
}

pub(super) fn plan(
    name: &Name,
    place: &Place,
    wanted: &str,
    way_in: Way,
    folders: &[PathBuf],
) -> Result<Plan, String> {
    let (kind, home) = home::find(wanted, folders, place)?;
    let author = type_name(kind.name.as_str());
    let module = module_name(kind.name.as_str()).to_string();
    let path = match &home {
        Home::Shipped => format!("hookspec::kinds::{module}"),
        Home::Crate { ident, .. } if *ident == name.ident => {
            return Err(format!(
                "`{}` is the crate of the kind; name the plugin otherwise",
                name.package
            ));
        }
        Home::Crate { ident, .. } => format!("{ident}::{module}"),
        Home::Lone => module.clone(),
    };
    let written = written(&kind, &author, &type_name(&name.ident), &module);
    let root = kind.source.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let way = place.way_to(root)?;
    let hookspecs = folder(&way);
    let own_kind = match home {
        Home::Lone => {
            let file = place.way_to(&kind.source)?;
            format!("\nhookspec::kind!({});\n", quoted(&file))
        }
        _ => String::new(),
    };
    let (dependencies, dev_dependencies) =
        dependencies(place, &home, way_in, written.answers_json)?;
    let version = format!("{}.{}.0", kind.api_version.major, kind.api_version.minor);
    let library = format!("lib{}.so", name.ident);
    let loaded = Loaded::of(way_in, name, &author, &written.own, &library);
    let values = [
        ("library", loaded.library.as_str()),
        ("runtime", loaded.runtime),
        ("entry_point", &loaded.entry_point),
        ("way", &loaded.way),
        ("export", &loaded.export),
        ("package", name.package.as_str()),
        ("ident", &name.ident),
        ("kind", kind.name.as_str()),
        ("kind_version", &version),
        ("type", &written.own),
        ("trait", &author),
        ("trait_path", &written.author),
        ("module_path", &path),
        ("own_kind", &own_kind),
        ("uses", &uses(&path, &written.imports)),
        ("test_imports", &format!("{author}Calls, {author}Plugin")),
        ("methods", &written.methods),
        ("calls", &written.calls),
        ("hookspecs", &hookspecs),
        ("way_to_hookspecs", &quoted(&way)),
        ("dependencies", &dependencies),
        ("dev_dependencies", &dev_dependencies),
    ];
    let mut plan = Plan::new(&place.folder);
    plan.file("Cargo.toml", CARGO, &values);
    plan.file("plugin.toml", MANIFEST, &values);
    plan.file("src/lib.rs", LIB, &values);
    if way_in == Way::Dylib {
        plan.next(format!(
            "cargo build --release, copy {library} from the target folder beside plugin.toml, and \
             give the folder above to a host: hookspec list --hookspecs KINDS --plugins FOLDER"
        ));
    }
    if matches!(home, Home::Lone) {
        plan.next(format!(
            "payloads of this kind are made anew in each crate that says `kind!`, and pass between \
             them as JSON; `hookspec new kind {}` makes a crate that all can share",
            kind.name
        ));
    }
    Ok(plan)
}

/// What differs with the way in which hosts load it.
struct Loaded {
    library: String,
    runtime: &'static str,
    entry_point: String,
    way: String,
    export: String,
}

impl Loaded {
    fn of(way: Way, name: &Name, author: &str, own: &str, library: &str) -> Self {
        match way {
            Way::InProcess => Self {
                library: String::new(),
                runtime: "in_process",
                entry_point: format!("{}:{own}", name.ident),
                way: format!(
                    "//! A host that depends on this crate says `use {} as _;` and finds it \
                     through\n//! `Registry::builder().linked_plugins()`, or adds it with\n//! \
                     `.plugin({author}Plugin::from({own}))`.",
                    name.ident
                ),
                export: String::new(),
            },
            Way::Dylib => Self {
                library: "\n[lib]\ncrate-type = [\"cdylib\"]\n".into(),
                runtime: "dylib",
                entry_point: library.into(),
                way: format!(
                    "//! A host finds it by `plugin.toml`, in a folder with `{library}` beside it, \
                     and\n//! needs nothing else of it: `Registry::builder().plugin_folder(..)`."
                ),
                export: format!("\nhookspec::export!({own});\n"),
            },
        }
    }
}

/// What the plugin uses, in the order of `rustfmt`.
fn uses(path: &str, names: &[String]) -> String {
    let names = match names {
        [name] => name.clone(),
        _ => format!("{{{}}}", names.join(", ")),
    };
    let mut lines = ["use hookspec::prelude::*;".to_owned(), format!("use {path}::{names};")];
    lines.sort();
    lines.join("\n")
}

/// The folder of the hookspecs as an expression, broken where `rustfmt` breaks it.
fn folder(way: &str) -> String {
    // What `.hookspecs(concat!())` leaves of the width of arguments.
    const LONGEST: usize = 51;
    let parts = ["env!(\"CARGO_MANIFEST_DIR\")".to_owned(), quoted(&format!("/{way}"))];
    let line = parts.join(", ");
    match line.len() <= LONGEST {
        true => format!("concat!({line})"),
        false => format!(
            "concat!(\n                {}\n            )",
            parts.join(",\n                ")
        ),
    }
}

/// The lines of `[dependencies]` and of `[dev-dependencies]`.
fn dependencies(
    place: &Place,
    home: &Home,
    way: Way,
    json: bool,
) -> Result<(String, String), String> {
    let features = match (home, way) {
        (Home::Shipped, Way::InProcess) => "[\"macros\", \"kinds\"]",
        (Home::Shipped, Way::Dylib) => "[\"macros\", \"kinds\", \"plugin\"]",
        (_, Way::InProcess) => "[\"macros\"]",
        (_, Way::Dylib) => "[\"macros\", \"plugin\"]",
    };
    let mut own =
        vec![place.dependency(&format!(", default-features = false, features = {features}"))];
    // The test needs a host; what is built of the plugin for others does not.
    let mut dev = vec![place.dependency(", features = [\"contract\"]")];
    let serde_json = "serde_json = \"1\"".to_owned();
    if json {
        own.push(serde_json)
    } else {
        dev.push(serde_json)
    }
    if let Home::Crate { package, folder, .. } = home {
        own.push(format!("{package} = {{ path = {} }}", quoted(&place.way_to(folder)?)));
    }
    let lines = |mut lines: Vec<String>| {
        lines.sort();
        lines.iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    Ok((lines(own), lines(dev).trim_end().to_owned()))
}

/// The parts of the source that depend on the kind.
struct Written {
    /// The plugin's type.
    own: String,
    /// The author's trait.
    author: String,
    imports: Vec<String>,
    methods: String,
    calls: String,
    /// Whether an answer is read from JSON, or a payload is JSON.
    answers_json: bool,
}

fn written(kind: &Kind, author: &str, own: &str, module: &str) -> Written {
    let signatures = signatures(kind);
    let taken = |name: &str| {
        let payload = |own: &Option<String>| own.as_deref() == Some(name);
        name == author
            || signatures.iter().any(|each| payload(&each.input) || payload(&each.output))
    };
    let mut own = own.to_owned();
    while taken(&own) || COMMON.contains(&own.as_str()) {
        own.push_str("Plugin");
    }
    let mut written = Written {
        own,
        imports: Vec::new(),
        author: String::new(),
        methods: String::new(),
        calls: String::new(),
        answers_json: false,
    };
    written.author = written.type_name(Some(author), module, true);
    for (hook, signature) in kind.hooks.iter().zip(&signatures) {
        let input = written.type_name(signature.input.as_deref(), module, true);
        let has_answer =
            !matches!(hook.dispatch, DispatchClass::BroadcastNotify | DispatchClass::Chain);
        let output = written.type_name(signature.output.as_deref(), module, has_answer);
        let answer = match hook.dispatch {
            DispatchClass::BroadcastNotify => "()".to_owned(),
            DispatchClass::Chain => format!("Flow<{input}>"),
            _ => output,
        };
        let body = body(hook);
        written.answers_json |= body.contains("serde_json");
        written.method(signature, &input, &answer, &body);
        written.sample_call(hook, signature, &input, body.contains("Err("));
    }
    written.imports.sort();
    written.imports.dedup();
    written
}

/// Names that the source has anyway.
const COMMON: [&str; 5] = ["CallContext", "Caller", "Fault", "Flow", "Registry"];

impl Written {
    /// How the source names a type of the kind.
    fn type_name(&mut self, name: Option<&str>, module: &str, used: bool) -> String {
        let Some(name) = name else {
            self.answers_json |= used;
            return "serde_json::Value".to_owned();
        };
        if !used {
            return name.to_owned();
        }
        if COMMON.contains(&name) {
            self.imports.push("self".to_owned());
            return format!("{module}::{name}");
        }
        self.imports.push(name.to_owned());
        name.to_owned()
    }

    fn method(&mut self, signature: &Signature, input: &str, answer: &str, body: &str) {
        let Signature { method, is_async, parameter, .. } = signature;
        let asynchronous = if *is_async { "async " } else { "" };
        let parameters = [
            "&self".to_owned(),
            "_ctx: &CallContext<'_>".to_owned(),
            format!("_{parameter}: &{input}"),
        ];
        let line = format!(
            "    {asynchronous}fn {method}({}) -> Result<{answer}, Fault> {{",
            parameters.join(", ")
        );
        let line = match line.len() <= WIDTH {
            true => line,
            false => format!(
                "    {asynchronous}fn {method}(\n        {},\n    ) -> Result<{answer}, Fault> {{",
                parameters.join(",\n        ")
            ),
        };
        let apart = if self.methods.is_empty() { "" } else { "\n" };
        // Writing to a text cannot fail.
        let _ = write!(self.methods, "{apart}{line}\n{body}    }}\n");
    }

    /// A call in the test, and what is expected of it.
    fn sample_call(&mut self, hook: &Hook, signature: &Signature, input: &str, fails: bool) {
        let examples = hook.examples.iter().map(|example| &example.input);
        let name = &hook.name;
        let Some(value) = sample(&hook.input, examples).filter(|_| !fails) else {
            let _ = write!(
                self.calls,
                "\n        // Write a call of `{name}` here: no payload could be made up for it.\n"
            );
            return;
        };
        let (text, call) = (let_text("text", &value), &signature.call);
        let expected = match hook.dispatch {
            DispatchClass::BroadcastNotify => {
                "assert_eq!((outcome.delivered, outcome.failures.len()), (1, 0));"
            }
            DispatchClass::BroadcastCollect => {
                "assert_eq!(outcome.replies.len(), 1, \"{:?}\", outcome.failures);"
            }
            DispatchClass::Chain => {
                "assert!(outcome.failures.is_empty(), \"{:?}\", outcome.failures);"
            }
            DispatchClass::Singleton | DispatchClass::Capability => {
                "assert_eq!(outcome.plugin, env!(\"CARGO_PKG_NAME\"));"
            }
        };
        let _ = write!(
            self.calls,
            "\n{text}        let input: {input} = serde_json::from_str(text)?;\n        \
             let outcome = registry.block_on(calls.{call}(&caller, input))?;\n        {expected}\n",
        );
    }
}

/// A value that a schema accepts: the first of the examples, or one that was made up.
fn sample<'a>(schema: &Schema, examples: impl Iterator<Item = &'a Value>) -> Option<Value> {
    let examples: Vec<Value> = examples.cloned().collect();
    Generator::new(schema, &examples, 0).samples(Sort::Valid, 1).ok()?.into_iter().next()
}

/// What a hook does at first.
fn body(hook: &Hook) -> String {
    match hook.dispatch {
        DispatchClass::BroadcastNotify => "        Ok(())\n".to_owned(),
        DispatchClass::Chain => "        Ok(Flow::Unchanged)\n".to_owned(),
        _ => {
            let examples = hook.examples.iter().filter_map(|example| example.output.as_ref());
            match sample(&hook.output, examples) {
                Some(value) => format!(
                    "        // An answer that the schema accepts; write your own.\n{}        \
                     serde_json::from_str(answer).map_err(|error| Fault::new(\"answer\", error.to_string()))\n",
                    let_text("answer", &value)
                ),
                None => "        Err(Fault::new(\"unwritten\", \"no answer could be made up for the schema\"))\n".to_owned(),
            }
        }
    }
}

/// A variable that holds a value as JSON, broken where `rustfmt` breaks it.
fn let_text(name: &str, value: &serde_json::Value) -> String {
    let text = raw(&value.to_string());
    let line = format!("        let {name} = {text};\n");
    let (fits, fits_below) = (line.len() <= WIDTH + 1, text.len() + 13 <= WIDTH);
    if fits || !fits_below { line } else { line.replacen(" = ", " =\n            ", 1) }
}

/// A text as a raw literal.
fn raw(text: &str) -> String {
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}
