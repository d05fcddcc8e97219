//! What is refused before any plugin of it is made: each with what is wrong and what to do.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use hookspec::{Manifest, PluginName};

use crate::support::{Folder, c_puppet, environment, manifest, puppet, puppet_c, rust_puppet};

fn assert_says(refusal: &str, all: &[&str]) {
    for text in all {
        assert!(refusal.contains(text), "`{text}` is not in: {refusal}");
    }
}

#[test]
fn what_is_no_library_is_refused() {
    let good = fs::read(c_puppet(&[]).library()).unwrap();
    let text = Folder::with(b"#!/bin/sh\necho no library\n");
    assert_says(&text.refusal(&puppet_c()), &["library.so", "no shared library", "cdylib"]);
    assert_says(&Folder::with(b"").refusal(&puppet_c()), &["no shared library"]);

    // Every way to cut it off ends before the loader of the system sees it.
    for keep in [4, 63, 64, 100, good.len() / 4, good.len() / 2, good.len() - 1] {
        let cut = Folder::with(&good[..keep]).refusal(&puppet_c());
        assert!(cut.contains("no shared library") || cut.contains("cut off"), "{keep}: {cut}");
    }

    let mut other = good.clone();
    // e_machine: AArch64.
    other[18..20].copy_from_slice(&183_u16.to_le_bytes());
    if cfg!(target_arch = "x86_64") {
        let refusal = Folder::with(&other).refusal(&puppet_c());
        assert_says(&refusal, &["Aarch64", "x86_64", "build it for this machine"]);
    }
}

#[test]
fn a_library_of_something_else_is_refused() {
    for (defines, all) in [
        (&["SYMBOL=other_symbol"][..], &["does not define `hookspec_plugins`", "export!"][..]),
        (&["LIBRARY=NULL"], &["cannot say what it holds"]),
        (&["ABI=0"], &["version 0", "older", "build the plugin again"]),
        (&["ABI=2"], &["version 2", "newer", "update this host"]),
        (&["LIBRARY_SIZE=8"], &["hookspec_library", "8 bytes"]),
        (&["PLUGIN_SIZE=8"], &["hookspec_plugin", "8 bytes"]),
        (&["FLAGS=1"], &["panic = \"abort\"", "panic = \"unwind\""]),
        (&["PLUGINS=NULL"], &["holds 1 plugins, and not where"]),
        (&["PLUGINS=nothing"], &["descriptor is null"]),
        (&["COUNT=99999999"], &["99999999 plugins"]),
        (&["COUNT=0"], &["holds no plugins", "use the_crate as _;"]),
        (&["CREATE=NULL"], &["`create` is null"]),
        (&["MANIFEST=\"not JSON\""], &["manifest is no JSON"]),
        (&["MANIFEST=\"{}\""], &["no text `name`"]),
        (&[r#"MANIFEST="{\"name\":\"a\\u0000b\",\"kind\":\"puppet\"}""#], &["holds a NUL"]),
        (&[r#"MANIFEST="{\"name\":\"other\",\"kind\":\"puppet\"}""#], &["`puppet-c`, but: other"]),
        (
            &[r#"MANIFEST="{\"name\":\"puppet-c\",\"kind\":\"tool\"}""#],
            &["kind `tool`", "`puppet`"],
        ),
        (&["HOOK=\"\""], &["no readable name"]),
        (&["HOOK=\"a\\0b\""], &["no readable name"]),
        (&["HOOK=\"\\xff\""], &["no readable name"]),
        (&["MAJOR=7"], &["version 7 of kind `puppet`", "this host has 1"]),
    ] {
        assert_says(&c_puppet(defines).refusal(&puppet_c()), all);
    }
    let unknown = c_puppet(&[r#"MANIFEST="{\"name\":\"puppet-c\",\"kind\":\"nobody\"}""#]);
    assert_says(&unknown.refusal(&manifest("puppet-c", "nobody")), &["no such kind"]);
}

/// Found out when it is opened, not when the first call ends the process.
#[test]
fn a_library_that_lacks_a_symbol_is_refused() {
    let folder = c_puppet(&["LACKS=1"]);
    assert_says(&folder.refusal(&puppet_c()), &["nobody_defines_this", "library.so"]);
}

#[test]
fn a_file_elsewhere_is_refused() {
    let folder = c_puppet(&[]);
    let elsewhere = Folder::with(&fs::read(folder.library()).unwrap());
    let at = |entry: &str| Manifest { entry_point: Some(entry.into()), ..puppet_c() };
    let absolute = elsewhere.library().display().to_string();
    for entry in ["../library.so", "a/../../library.so", absolute.as_str()] {
        assert_says(&folder.refusal(&at(entry)), &[entry, "leads out of the plugin's folder"]);
    }
    symlink(elsewhere.library(), folder.path().join("link.so")).unwrap();
    assert_says(&folder.refusal(&at("link.so")), &["link.so", "is a link to", &absolute]);
    symlink("library.so", folder.path().join("inner.so")).unwrap();
    assert!(folder.open(&at("inner.so")).is_ok(), "a link inside the folder leads nowhere else");
    assert_says(&folder.refusal(&at("missing.so")), &["missing.so", "No such file"]);
    assert_says(&folder.refusal(&at("li\0brary.so")), &["NUL"]);
    assert_says(&folder.refusal(&at(".")), &["no plain file"]);
    assert_says(&folder.refusal(&at("")), &["entry_point", "missing"]);
    let none = Manifest { entry_point: None, ..puppet_c() };
    assert_says(&folder.refusal(&none), &["entry_point", "missing"]);
}

#[test]
fn what_anybody_may_write_to_is_refused() {
    let folder = c_puppet(&[]);
    let open_to_all = |path: &std::path::Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        folder.refusal(&puppet_c())
    };
    assert_says(&open_to_all(&folder.library()), &["library.so", "chmod o-w"]);
    fs::set_permissions(folder.library(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(folder.open(&puppet_c()).is_ok());
    assert_says(&open_to_all(folder.path()), &["chmod o-w"]);
}

#[test]
fn another_digest_than_the_pinned_one_is_refused() {
    let folder = c_puppet(&[]);
    let facts = folder.open(&puppet_c()).unwrap().facts();
    let digest = facts["sha256"].as_str().unwrap().to_owned();
    assert_eq!(digest.len(), 64);
    assert_eq!(facts["built_with"], "C");

    let pinned = |sha256: String| Manifest { sha256: Some(sha256), ..puppet_c() };
    assert!(folder.open(&pinned(digest.to_uppercase())).is_ok());
    let wrong = folder.refusal(&pinned("0".repeat(64)));
    assert_says(&wrong, &[&digest, &"0".repeat(64), "its manifest pins"]);

    let mut env = environment();
    env.pinned.insert(PluginName::new("puppet-c"), "1".repeat(64));
    let refused = folder.open_in(&puppet_c(), &env).err().unwrap().to_string();
    assert_says(&refused, &["this host pins", &"1".repeat(64)]);
}

#[test]
fn a_rust_library_is_told_by_its_manifest() {
    let folder = rust_puppet();
    assert_says(&folder.refusal(&manifest("other", "puppet")), &["`other`, but: listener, puppet"]);
    let plugin = folder.open(&puppet()).unwrap();
    assert_eq!(plugin.hooks().len(), 5);
    assert!(plugin.facts()["built_with"].as_str().unwrap().contains("Rust"));
}
