//! Trees with everything in them that a tree can have.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use crate::run::{files, run, scan};

fn tree(contents: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in contents {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn a_plugin_that_panics_hangs_or_answers_nonsense_costs_one_row() {
    let folder = tree(&[
        ("a.rs", b"fn a() {}"),
        ("b.panic", b""),
        ("c.hang", b""),
        ("d.nonsense", b""),
        ("e.json", b"{ malformed"),
        ("f.md", b"# One"),
    ]);
    let scanned = scan(folder.path(), &["--misbehaving"]);
    scanned.has_rows(6);
    assert_eq!(scanned.code, Some(1));
    for (ending, plugin, cause) in [
        ("b.panic", "panicking-files", "panicked"),
        ("c.hang", "hanging-files", "timed_out"),
        ("d.nonsense", "nonsense-files", "invalid_output"),
        ("e.json", "json-files", "faulted"),
    ] {
        let row = scanned.row(ending);
        assert_eq!((&row["outcome"], &row["plugin"]), (&"failed".into(), &plugin.into()));
        assert_eq!(row["cause"], cause);
        assert_ne!(row["reason"], "");
    }
    for (ending, plugin) in [("a.rs", "rust-files"), ("f.md", "markdown-files")] {
        assert_eq!(scanned.row(ending)["plugin"], plugin);
    }
    assert_eq!((&scanned.total["read"], &scanned.total["failed"]), (&2.into(), &4.into()));
    // Without them, the fallback takes their files.
    assert_eq!(scan(folder.path(), &[]).row("b.panic")["plugin"], "any-file");
}

#[test]
fn every_file_is_a_row_whatever_it_is() {
    let folder = tree(&[
        (".hidden/.also", b"x"),
        ("empty", b""),
        ("map.geojson", b"{\"a\": 1}"),
        ("binary.bin", b"\x00\xff"),
        ("not-text.rs", b"\xff\xfe"),
        ("UPPER.RS", b"fn a() {}"),
        ("evil\x1b[31m\n.txt", b"x"),
    ]);
    let root = folder.path();
    symlink("empty", root.join("link")).unwrap();
    symlink("nowhere", root.join("broken")).unwrap();
    symlink(root, root.join("loop")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(root.join("pipe")).status().unwrap();
    assert!(pipe.success());
    fs::File::create(root.join("huge")).unwrap().set_len(1 << 40).unwrap();
    fs::write(root.join(OsStr::from_bytes(b"latin-\xe9.md")), "# One").unwrap();
    fs::write(root.join(OsStr::from_bytes(b"latin-\xe8.bin")), b"\xff").unwrap();

    let scanned = scan(root, &[]);
    scanned.has_rows(files(root, &[]).len());
    scanned.has_rows(15);
    for (ending, outcome, plugin) in [
        (".hidden/.also", "read", "any-file"),
        ("empty", "read", "any-file"),
        ("map.geojson", "read", "json-files"),
        ("binary.bin", "read", "any-file"),
        ("not-text.rs", "failed", "rust-files"),
        ("UPPER.RS", "read", "rust-files"),
        ("latin-\u{fffd}.md", "read", "markdown-files"),
        ("\n.txt", "read", "any-file"),
    ] {
        let row = scanned.row(ending);
        assert_eq!((&row["outcome"], &row["plugin"]), (&outcome.into(), &plugin.into()), "{row}");
    }
    for (ending, outcome, reason) in [
        ("/link", "passed_over", "not followed"),
        ("/broken", "passed_over", "not followed"),
        ("/loop", "passed_over", "not followed"),
        ("/socket", "passed_over", "not opened"),
        ("/pipe", "passed_over", "not opened"),
        ("latin-\u{fffd}.bin", "passed_over", "UTF-8"),
        ("/huge", "failed", "larger than 16777216 bytes"),
    ] {
        let row = scanned.row(ending);
        assert_eq!(row["outcome"], outcome, "{row}");
        assert!(row["reason"].as_str().unwrap().contains(reason), "{row}");
    }
    assert_eq!(scanned.code, Some(1));
    drop(socket);

    // The table holds the same rows, one line each, and nothing that moves a cursor.
    let output = run(root, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\x1b'), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 15 + 2, "a head, the rows, an empty line, the total:\n{text}");
    assert!(
        lines[17].starts_with("15 files found = 15 rows: 7 read, 6 passed over, 2 failed"),
        "{text}"
    );
}

#[test]
fn what_may_not_be_read_is_said() {
    let folder = tree(&[("closed/a.rs", b""), ("open/b.rs", b"fn b() {}"), ("secret.rs", b"")]);
    let root = folder.path();
    let set = |path: &str, mode| {
        fs::set_permissions(root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("closed", 0o000);
    set("secret.rs", 0o000);
    // The superuser may read everything: then there is nothing to see here.
    let restricted = fs::read_dir(root.join("closed")).is_err();
    let scanned = scan(root, &[]);
    set("closed", 0o700);
    if !restricted {
        scanned.has_rows(3);
        return;
    }
    scanned.has_rows(2);
    assert_eq!(scanned.row("secret.rs")["outcome"], "failed");
    assert!(scanned.errors.contains("closed"), "{}", scanned.errors);
    assert_eq!(scanned.total["unreadable_folders"], 1);
    assert_eq!(scanned.code, Some(1));
}

#[test]
fn what_cannot_be_walked_is_exit_code_2() {
    let folder = tree(&[("file", b"")]);
    for (path, expected) in [("absent", "No such file"), ("file", "is not a folder")] {
        let output = run(&folder.path().join(path), &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    for wrong in [&["--jobs", "0"][..], &["--plugins", "/does/not/exist"], &["--nonsense"]] {
        assert_eq!(run(folder.path(), wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn an_empty_folder_has_no_rows_and_all_is_well() {
    let folder = tree(&[]);
    let scanned = scan(folder.path(), &[]);
    scanned.has_rows(0);
    assert_eq!((scanned.code, scanned.errors.as_str()), (Some(0), ""));
}

#[test]
fn one_at_a_time_or_many_the_rows_are_the_same() {
    let contents: Vec<(String, Vec<u8>)> = (0..300)
        .map(|n| (format!("{}/{n}.rs", n % 7), format!("fn f{n}() {{}}").into_bytes()))
        .collect();
    let contents: Vec<(&str, &[u8])> = contents.iter().map(|(p, b)| (p.as_str(), &**b)).collect();
    let folder = tree(&contents);
    let mut all = Vec::new();
    for jobs in ["1", "64"] {
        let scanned = scan(folder.path(), &["--jobs", jobs]);
        scanned.has_rows(300);
        assert_eq!(scanned.code, Some(0));
        let mut rows: Vec<String> = scanned.rows.iter().map(ToString::to_string).collect();
        rows.sort();
        all.push(rows);
    }
    assert_eq!(all[0], all[1]);
}

#[test]
fn this_repository_has_a_row_for_each_of_its_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    // What is built there changes meanwhile.
    let excluded = ["target", ".git"];
    let expected = files(&root, &excluded);
    assert!(expected.len() > 500, "{}", expected.len());
    let scanned = scan(&root, &["--exclude", "target", "--exclude", ".git"]);
    scanned.has_rows(expected.len());
    let mut paths: Vec<_> = scanned.rows.iter().map(|row| row["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    let mut expected: Vec<_> = expected.iter().map(|path| path.to_str().unwrap()).collect();
    expected.sort_unstable();
    assert_eq!(paths, expected);
    assert_eq!(scanned.row("examples/filescan/src/main.rs")["plugin"], "rust-files");
}
