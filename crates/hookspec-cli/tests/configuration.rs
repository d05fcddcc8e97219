//! The commands around `hookspec.toml`, as people read them.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookspec"));
    let output = command
        .current_dir(folder)
        .args(arguments)
        .env_remove("RUST_LOG")
        .env("HOOKSPEC_AUDIT_LOGGER__PORT", "8080")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A folder with one plugin, whose hookspecs are nowhere: nothing here opens it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("plugins/audit");
    fs::create_dir_all(&own).unwrap();
    fs::create_dir(folder.path().join("hookspecs")).unwrap();
    let manifest = "[plugin]\nschema_version = \"1\"\nname = \"audit-logger\"\nkind = \"k\"\nkind_api_version = \"1\"\n\
        core_version = \"\"\nruntime = \"in_process\"\nentry_point = \"a:B\"\n[plugin.config_schema]\nrequired = [\"path\"]\n\
        properties.path = { type = \"string\" }\nproperties.port = { type = \"integer\" }\n\
        properties.level = { type = \"string\", default = \"info\" }\nproperties.token = { type = \"string\", writeOnly = true }\n";
    fs::write(own.join("plugin.toml"), manifest).unwrap();
    folder
}

#[test]
fn mistakes_of_a_configuration_are_listed_and_set_nothing_up() {
    let folder = folder();
    let check = |more: &[&str]| {
        run(folder.path(), &[&["config", "check", "--plugins", "plugins"], more].concat())
    };
    let (code, stdout, _) = check(&[]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("needs `path` in [plugins.audit-logger.config]"), "{stdout}");
    fs::write(folder.path().join("hookspec.toml"), "[plugins.audit-loger]\npriorty = 1\n").unwrap();
    let (code, stdout, stderr) = check(&[]);
    assert_eq!(code, 1);
    assert!(stdout.contains("hookspec.toml:1:10: error[HS-C006]"), "{stdout}");
    assert!(
        stdout.contains("did you mean `audit-logger`?")
            && stdout.contains("did you mean `priority`?")
    );
    assert!(stderr.contains("hookspec.toml: 3 errors"), "{stderr}");
    let (code, stdout, _) = check(&["--configuration", "none.toml"]);
    assert_eq!(code, 1);
    assert!(stdout.contains("HS-C001"), "{stdout}");
    fs::write(folder.path().join("good.toml"), "[plugins.audit-logger.config]\npath = \"a\"\n")
        .unwrap();
    let (code, stdout, stderr) = check(&["good.toml"]);
    assert_eq!((code, &*stdout), (0, ""), "{stderr}");
    assert!(stderr.ends_with("good.toml: no mistakes\n"), "{stderr}");
}

#[test]
fn a_configuration_is_shown_with_its_sources_and_without_its_secrets() {
    let folder = folder();
    let text = "[plugins.audit-logger]\npriority = 7\n[plugins.audit-logger.config]\npath = \"audit.log\"\ntoken = \"s3cret\"\n";
    fs::write(folder.path().join("hookspec.toml"), text).unwrap();
    let (code, stdout, stderr) =
        run(folder.path(), &["config", "show", "audit-logger", "--plugins", "plugins"]);
    assert_eq!(code, 0, "{stderr}");
    let rows: Vec<String> =
        stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for expected in [
        "path \"audit.log\" file",
        "token \"***\" file",
        "port 8080 HOOKSPEC_AUDIT_LOGGER__PORT",
        "level \"info\" default",
        "priority 7",
    ] {
        assert!(rows.iter().any(|row| row == expected), "{expected} is missing in:\n{stdout}");
    }
    assert!(!stdout.contains("s3cret") && !stderr.contains("s3cret"));
    let (code, _, stderr) =
        run(folder.path(), &["config", "show", "audit", "--plugins", "plugins"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("there is no plugin `audit`"), "{stderr}");
}

#[test]
fn plugins_are_switched_off_and_on_in_the_file() {
    let folder = folder();
    let switch = |what: &str, name: &str| {
        run(folder.path(), &["plugins", what, name, "--plugins", "plugins"])
    };
    let (code, stdout, stderr) = switch("disable", "audit-loger");
    assert_eq!((code, &*stdout), (2, ""));
    assert!(stderr.contains("did you mean `audit-logger`?"), "{stderr}");
    let file = folder.path().join("hookspec.toml");
    assert!(!file.exists());
    for (what, said) in [
        ("enable", "audit-logger is not disabled in hookspec.toml; nothing to do\n"),
        ("disable", "audit-logger is disabled in hookspec.toml, which is new\n"),
        ("disable", "audit-logger was disabled in hookspec.toml already; nothing to do\n"),
        ("enable", "audit-logger is enabled in hookspec.toml\n"),
    ] {
        assert_eq!(switch(what, "audit-logger"), (0, said.to_owned(), String::new()));
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "[plugins.audit-logger]\ndisabled = false\n");
    fs::write(&file, "[plugins").unwrap();
    let (code, _, stderr) = switch("disable", "audit-logger");
    assert_eq!(code, 2);
    assert!(stderr.contains("hookspec.toml:1:"), "{stderr}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "[plugins");
}
