//! Plugins below a folder: what is found, in which order, and what is not entered.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use hookspec_spec::{Discovery, PluginFolder, discover};

const FILE: &str = "plugin.toml";

/// Writes a manifest of a plugin into a folder.
fn plugin(root: &Path, folder: &str, name: &str, more: &str) {
    let base = "kind = \"k\"\ncore_version = \"\"\nruntime = \"in_process\"\nentry_point = \"a:B\"";
    write(root, &format!("{folder}/{FILE}"), &format!("name = \"{name}\"\n{base}\n{more}\n"));
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn names(discovery: &Discovery) -> Vec<&str> {
    discovery.found.iter().map(|found| found.manifest.name.as_str()).collect()
}

/// The paths of problems, relative to the root.
fn problems(root: &Path, discovery: &Discovery) -> Vec<String> {
    let relative = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
    discovery.problems.iter().map(|problem| relative(&problem.path)).collect()
}

#[test]
fn folders_are_categories_and_a_plugin_is_a_leaf() {
    let root = tempfile::tempdir().unwrap();
    plugin(root.path(), "store/pg", "pg", "");
    plugin(root.path(), "store/pg/inner", "inner", "");
    plugin(root.path(), "llm/deep/er", "ai", "");
    write(root.path(), "broken/plugin.toml", "not toml [");
    plugin(root.path(), "broken/inner", "below_broken", "");
    write(root.path(), "named_otherwise/dagstack_plugin.toml", "");
    fs::create_dir_all(root.path().join("folder/plugin.toml")).unwrap();
    let found = discover(root.path()).unwrap();
    assert_eq!(names(&found), ["ai", "pg"]);
    assert_eq!(found.found[1].folder(), root.path().join("store/pg"));
    assert_eq!(problems(root.path(), &found), ["broken/plugin.toml", "folder/plugin.toml"]);
    let text = found.problems[0].diagnostics.to_string();
    assert!(text.contains("HS-S004") && text.contains("broken"), "{text}");
}

#[test]
fn the_first_of_three_names_counts() {
    let root = tempfile::tempdir().unwrap();
    let json = r#"{ "name": "json", "kind": "k", "core_version": "", "runtime": "in_process",
                    "entry_point": "a:B" }"#;
    write(root.path(), "a/dagstack.json", json);
    write(root.path(), "b/dagstack.json", json);
    write(
        root.path(),
        "b/dagstack.toml",
        "[plugin]\nname = \"toml\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"in_process\"\nentry_point = \"a:B\"\n",
    );
    plugin(root.path(), "c", "ours", "");
    write(root.path(), "c/dagstack.json", json);
    assert_eq!(names(&discover(root.path()).unwrap()), ["json", "ours", "toml"]);
}

#[test]
fn what_tools_fill_is_skipped_and_what_is_hidden_is_not() {
    let root = tempfile::tempdir().unwrap();
    for folder in
        ["target", "node_modules", "build", "dist", ".git", ".venv-3.12", "x.egg-info", "drafts"]
    {
        plugin(root.path(), &format!("{folder}/a"), "never", "");
    }
    plugin(root.path(), ".hidden/h", "hidden", "");
    plugin(root.path(), "Target/t", "upper", "");
    let folder = PluginFolder::new(root.path()).ignore("draft?").ignore("experimental/*");
    assert_eq!(names(&folder.discover().unwrap()), ["hidden", "upper"]);
    assert_eq!(names(&folder.recursive(false).discover().unwrap()), [""; 0]);
    // The root itself is what somebody named.
    let named = discover(root.path().join("target")).unwrap();
    assert_eq!(names(&named), ["never"]);
    let leaf = PluginFolder::new(root.path().join("target/a")).recursive(false);
    assert_eq!(names(&leaf.discover().unwrap()), ["never"]);
}

#[test]
fn the_order_is_the_one_in_which_they_would_start() {
    let root = tempfile::tempdir().unwrap();
    plugin(root.path(), "1", "needs_z", "depends_on = [\"z\", \"elsewhere\"]");
    plugin(root.path(), "2", "z", "");
    plugin(root.path(), "3", "b", "");
    plugin(root.path(), "4", "high", "priority = 5");
    write(
        root.path(),
        "5/plugin.toml",
        "name = \"a\"\nkind = \"k\"\ncore_version = \"\"\nruntime = \"dylib\"\nentry_point = \"a.so\"\npriority = 9\n",
    );
    let found = discover(root.path()).unwrap();
    assert_eq!(names(&found), ["high", "b", "z", "needs_z", "a"]);
}

#[test]
fn a_name_found_twice_fails_the_whole_discovery() {
    let root = tempfile::tempdir().unwrap();
    for (folder, name) in [("x", "dup"), ("y", "dup"), ("z", "z"), ("v", "two"), ("w", "two")] {
        plugin(root.path(), folder, name, "");
    }
    let error = discover(root.path()).unwrap_err();
    let codes: Vec<_> = error.iter().map(|each| each.code).collect();
    assert_eq!(codes, ["HS-M031", "HS-M031"]);
    let text = error.to_string();
    for part in ["`dup`", "`two`", "x/plugin.toml", "y/plugin.toml"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_circle_fails_the_whole_discovery_and_is_shown() {
    let root = tempfile::tempdir().unwrap();
    for (name, need) in [("free", ""), ("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")] {
        plugin(root.path(), name, name, &format!("depends_on = [\"{need}\"]"));
    }
    let error = discover(root.path()).unwrap_err();
    let first = error.iter().next().unwrap();
    assert_eq!((first.code, first.message.as_str()), ("HS-M032", "dependency cycle: b -> c -> b"));
    assert!(first.path.as_ref().unwrap().ends_with("b/plugin.toml"));
}

#[test]
fn a_root_that_is_no_folder_is_an_error_that_names_it() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "file", "");
    for (path, why) in [("absent", "not found"), ("file", "it is not a folder")] {
        let error = discover(root.path().join(path)).unwrap_err();
        let first = error.iter().next().unwrap();
        assert_eq!(first.code, "HS-M030");
        assert!(first.message.contains(path) && first.message.contains(why), "{error}");
    }
    assert_eq!(discover(root.path()).unwrap().found, []);
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_loops_end() {
    use std::os::unix::fs::symlink;

    let elsewhere = tempfile::tempdir().unwrap();
    plugin(elsewhere.path(), "linked", "linked", "");
    let root = tempfile::tempdir().unwrap();
    plugin(root.path(), "b/own", "own", "");
    symlink(root.path(), root.path().join("b/loop")).unwrap();
    symlink(root.path().join("b"), root.path().join("again")).unwrap();
    symlink(elsewhere.path().join("linked"), root.path().join("l")).unwrap();
    symlink(elsewhere.path().join("nowhere"), root.path().join("dangling")).unwrap();
    fs::create_dir(root.path().join("m")).unwrap();
    symlink(elsewhere.path().join("nowhere"), root.path().join("m").join(FILE)).unwrap();
    let found = discover(root.path()).unwrap();
    assert_eq!(names(&found), ["linked", "own"]);
    // Where it is, not where a link to it is.
    assert_eq!(found.found[1].folder(), root.path().join("b/own"));
    assert_eq!(problems(root.path(), &found), ["m/plugin.toml"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_entered_does_not_hide_the_rest() {
    use std::os::unix::fs::PermissionsExt;

    let root = tempfile::tempdir().unwrap();
    plugin(root.path(), "locked/a", "a", "");
    plugin(root.path(), "b", "b", "");
    let deep = "d/".repeat(40);
    plugin(root.path(), &deep, "deep", "");
    let locked = root.path().join("locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever may do everything may read this, too.
    let privileged = fs::read_dir(&locked).is_ok();
    let found = discover(root.path()).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    let expected: &[&str] = if privileged { &["a", "b"] } else { &["b"] };
    assert_eq!(names(&found), expected);
    let too_deep = vec!["d"; 32].join("/");
    let expected: &[&str] = if privileged { &[&too_deep] } else { &[&too_deep, "locked"] };
    assert_eq!(problems(root.path(), &found), expected);
}
