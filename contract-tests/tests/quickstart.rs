//! The README's five minutes, followed word for word from an empty folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// What a step of the section is.
#[derive(Debug)]
enum Step {
    /// Lines for a shell.
    Shell(String),
    /// A file and its text.
    File(String, String),
    /// A command and what it prints.
    Prints(String, String),
}

/// The steps of the section, in order: every fenced block is one.
fn steps(readme: &str) -> Vec<Step> {
    let section = readme.split("\n## ").find(|part| part.starts_with("Five minutes")).unwrap();
    let mut steps = Vec::new();
    let mut named = String::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let block = block.join("\n") + "\n";
            let name = std::mem::take(&mut named);
            steps.push(match language {
                "sh" => Step::Shell(block),
                "text" => Step::Prints(name, block),
                _ => Step::File(name, block),
            });
        } else if let Some((name, _)) = line.strip_prefix('`').and_then(|rest| rest.split_once('`'))
        {
            named = name.to_owned();
        }
    }
    steps
}

#[test]
fn the_quick_start_does_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(&root, folder.path().join("hookspec")).unwrap();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    let hello = folder.path().join("hello");
    let run = |lines: &str, at: &Path| {
        let output = Command::new("bash")
            .args(["-euc", lines])
            .current_dir(at)
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{lines}\n{}", text(&output.stderr));
        text(&output.stdout)
    };
    let steps = steps(&fs::read_to_string(root.join("README.md")).unwrap());
    assert!(steps.len() >= 6, "{steps:#?}");
    for step in steps {
        match step {
            Step::Shell(lines) => drop(run(&lines, folder.path())),
            Step::File(name, text) => {
                let path = hello.join(&name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Step::Prints(command, expected) => {
                // The versions that are here already: nothing new is downloaded.
                fs::copy(root.join("Cargo.lock"), hello.join("Cargo.lock")).unwrap();
                assert_eq!(run(&command, &hello), expected, "{command}");
            }
        }
    }
}
