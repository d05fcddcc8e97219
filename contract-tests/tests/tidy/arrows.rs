//! Who depends on whom: the arrows between the crates, and the crates that only one may know.

use crate::workspace::Package;

/// The crates of this project that a crate may depend on; its tests may use any.
///
/// Absent from the list is a mistake: whoever adds a crate says here where it belongs.
const ARROWS: &[(&str, &[&str])] = &[
    ("hookspec-plugin", &[]),
    ("hookspec-spec", &["hookspec-plugin"]),
    ("hookspec-codegen", &["hookspec-plugin", "hookspec-spec"]),
    ("hookspec-macros", &["hookspec-codegen", "hookspec-spec"]),
    ("hookspec-kinds", &["hookspec-host", "hookspec-plugin"]),
    ("agreement", &["hookspec-codegen", "hookspec-plugin", "hookspec-spec"]),
    ("hookspec-host", &["hookspec-plugin", "hookspec-spec"]),
    (
        "hookspec-cli",
        &[
            "hookspec-bridge",
            "hookspec-codegen",
            "hookspec-contract",
            "hookspec-host",
            "hookspec-plugin",
            "hookspec-spec",
        ],
    ),
    ("puppets", &["hookspec-cli", "hookspec-host", "hookspec-plugin"]),
    ("hookspec-bridge", &["hookspec-plugin"]),
    ("metrics-exporter-dylib", &["hookspec", "metrics-exporter"]),
    ("puppet", &["hookspec"]),
    ("zoo", &["hookspec-plugin"]),
    ("zoo-dylib", &["hookspec", "zoo"]),
    (
        "examples-dylib",
        &[
            "audit-logger",
            "file-processors",
            "hookspec",
            "metrics-exporter",
            "misbehaving",
            "query-rewriters",
            "tool-providers",
        ],
    ),
    (
        "hookspec",
        &[
            "hookspec-bridge",
            "hookspec-contract",
            "hookspec-host",
            "hookspec-kinds",
            "hookspec-macros",
            "hookspec-plugin",
            "hookspec-spec",
        ],
    ),
    ("hookspec-contract", &["hookspec-host", "hookspec-plugin", "hookspec-spec"]),
    (
        "contract-tests",
        &["hookspec", "hookspec-contract", "hookspec-host", "hookspec-plugin", "hookspec-spec"],
    ),
];

/// Crates below `examples/plugins/` need what a plugin is, and nothing of the host.
const OF_PLUGINS: &[&str] = &["hookspec", "hookspec-plugin"];
/// Other examples are applications: the front door, the commands, and the example plugins.
const OF_EXAMPLES: &[&str] = &["hookspec", "hookspec-cli"];

/// What reads YAML, TOML or JSON Schema (invariant 2).
const READERS: &[&str] = &[
    "basic-toml",
    "boon",
    "jsonschema",
    "saphyr",
    "saphyr-parser",
    "schemars",
    "serde-saphyr",
    "serde_norway",
    "serde_yaml",
    "serde_yaml_ng",
    "serde_yml",
    "toml",
    "toml_edit",
    "unsafe-libyaml",
    "valico",
    "yaml-rust",
    "yaml-rust2",
    "yaml_serde",
];

/// All that a plugin's own crate may need, its tests included (invariant 1).
const PURE: &[&str] = &["async-trait", "inventory", "serde", "serde_json"];

pub(crate) fn unexpected(packages: &[Package]) -> Vec<String> {
    let is_example_plugin = |name: &str| {
        packages.iter().any(|p| p.name == name && p.folder.starts_with("examples/plugins/"))
    };
    let mut mistakes = Vec::new();
    for package in packages {
        let listed = ARROWS.iter().find(|(name, _)| *name == package.name).map(|(_, to)| *to);
        let (allowed, plugins_too) = match listed {
            Some(allowed) => (allowed, false),
            None if package.folder.starts_with("examples/plugins/") => (OF_PLUGINS, false),
            None if package.folder.starts_with("examples/") => (OF_EXAMPLES, true),
            None => {
                mistakes
                    .push(format!("{}: no arrow of it is known; add it to ARROWS", package.name));
                continue;
            }
        };
        let own = |name: &str| packages.iter().any(|package| package.name == name);
        let wrong = package.dependencies.iter().filter(|each| {
            let known = allowed.contains(&each.name.as_str())
                || (plugins_too && is_example_plugin(&each.name));
            !each.dev && own(&each.name) && !known
        });
        mistakes
            .extend(wrong.map(|each| format!("{} must not depend on {}", package.name, each.name)));
    }
    mistakes
}

pub(crate) fn readers(packages: &[Package]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for package in packages.iter().filter(|package| package.name != "hookspec-spec") {
        let wrong =
            package.dependencies.iter().filter(|each| READERS.contains(&each.name.as_str()));
        mistakes.extend(wrong.map(|each| {
            format!(
                "{} depends on {}; read documents through hookspec-spec",
                package.name, each.name
            )
        }));
    }
    mistakes
}

pub(crate) fn impure(packages: &[Package]) -> Vec<String> {
    let plugin = packages.iter().filter(|package| package.name == "hookspec-plugin");
    let needs = plugin.flat_map(|package| &package.dependencies);
    needs
        .filter(|each| !PURE.contains(&each.name.as_str()))
        .map(|each| format!("hookspec-plugin depends on {}", each.name))
        .collect()
}

pub(crate) fn misplaced(packages: &[Package]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| package.folder.rsplit('/').next() != Some(&package.name))
        .map(|package| format!("{} is in folder {}", package.name, package.folder))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(folder: &str, needs: &[&str]) -> Package {
        let dependencies = needs.iter().map(|name| match name.strip_prefix("dev ") {
            Some(name) => Dependency { name: name.into(), dev: true },
            None => Dependency { name: (*name).into(), dev: false },
        });
        Package {
            name: folder.rsplit('/').next().unwrap().into(),
            folder: folder.into(),
            dependencies: dependencies.collect(),
            roots: Vec::new(),
        }
    }

    #[test]
    fn an_arrow_that_is_not_allowed_is_found() {
        let packages = [
            package("crates/hookspec-plugin", &["hookspec-spec", "serde"]),
            package("crates/hookspec-spec", &["hookspec-plugin", "dev hookspec-host"]),
            package("crates/hookspec-host", &["hookspec-cli"]),
            package("crates/hookspec-cli", &[]),
            package("crates/hookspec-new", &[]),
            package("examples/plugins/own", &["hookspec-host", "other"]),
            package("examples/plugins/other", &["hookspec-plugin"]),
            package("examples/app", &["own", "hookspec-plugin"]),
        ];
        let expected = [
            "hookspec-plugin must not depend on hookspec-spec",
            "hookspec-host must not depend on hookspec-cli",
            "hookspec-new: no arrow of it is known; add it to ARROWS",
            "own must not depend on hookspec-host",
            "own must not depend on other",
            "app must not depend on hookspec-plugin",
        ];
        assert_eq!(unexpected(&packages), expected);
    }

    #[test]
    fn a_crate_that_only_one_may_know_is_found() {
        let packages = [
            package("crates/hookspec-spec", &["toml", "jsonschema"]),
            package("crates/hookspec-host", &["tokio", "dev toml"]),
        ];
        let found = readers(&packages);
        assert_eq!(found, ["hookspec-host depends on toml; read documents through hookspec-spec"]);
        let packages = [package("crates/hookspec-plugin", &["serde", "dev tokio"])];
        assert_eq!(impure(&packages), ["hookspec-plugin depends on tokio"]);
    }

    #[test]
    fn a_folder_of_another_name_is_found() {
        let mut moved = package("crates/hookspec-host", &[]);
        assert!(misplaced(std::slice::from_ref(&moved)).is_empty());
        moved.folder = "crates/host".into();
        assert_eq!(misplaced(&[moved]), ["hookspec-host is in folder crates/host"]);
    }
}
