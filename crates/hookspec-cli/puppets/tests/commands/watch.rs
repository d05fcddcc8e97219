//! `watch`: plugins follow their folders while the application runs.

use std::fs;

use serde_json::Value;

use crate::run::{Folder, Running, puppets, run};

/// A watched folder.
struct Watched {
    folder: Folder,
    running: Running,
    journal: tempfile::TempDir,
}

impl Watched {
    /// Starts watching, with what the folder holds by then.
    fn start(folder: Folder) -> Self {
        let journal = tempfile::tempdir().unwrap();
        let mut command = puppets(&["watch", "--plugins", &folder.text(), "--format", "json"]);
        command.env("PUPPETS_JOURNAL", journal.path().join("journal"));
        Self { folder, running: Running::start(&mut command), journal }
    }

    /// What it says next, as `plugin step`.
    fn next(&self) -> (String, Value) {
        let record = self.running.record();
        let plugin = record["plugin"].as_str().unwrap_or("-");
        (format!("{plugin} {}", record["step"].as_str().unwrap()), record)
    }

    fn expect(&self, steps: &[&str]) -> Vec<Value> {
        let expect = |step: &&str| {
            let (said, record) = self.next();
            assert_eq!(said, *step, "{record:#}");
            record
        };
        steps.iter().map(expect).collect()
    }

    fn journal(&self) -> String {
        fs::read_to_string(self.journal.path().join("journal")).unwrap_or_default()
    }
}

const SWAP: [&str; 8] = [
    "a changed",
    "a opened",
    "a checked",
    "a quiesced",
    "a set_up",
    "a swapped",
    "a drained",
    "a torn_down",
];

#[test]
fn a_changed_file_is_swapped_in_step_by_step() {
    let folder = Folder::new();
    folder.plugin("a", "one");
    let watched = Watched::start(folder);
    watched.expect(&["- watching"]);
    watched.folder.write(&watched.folder.path().join("a/said.txt"), "two");
    let said = watched.expect(&SWAP);
    assert_eq!(said[0]["digest"].as_str().unwrap().len(), 64);
    assert_ne!(said[0]["digest"], said[0]["before"]);
    assert_eq!(watched.journal(), "a one set up\na two set up\na one torn down\n");
    // The manifest counts as well.
    let manifest = watched.folder.path().join("a/plugin.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    watched.folder.write(&manifest, &format!("{text}priority = 7\n"));
    watched.expect(&SWAP);
}

#[test]
fn what_changes_no_plugin_is_ignored() {
    let folder = Folder::new();
    let manifest = folder.plugin("a", "one");
    let watched = Watched::start(folder);
    watched.expect(&["- watching"]);
    let text = fs::read_to_string(&manifest).unwrap();
    watched.folder.write(&manifest, &text);
    for (file, text) in [("a/said.txt", "one"), ("a/notes.txt", "of nobody's concern")] {
        watched.folder.write(&watched.folder.path().join(file), text);
    }
    // Nothing is said of it, also not when something else is looked at.
    watched.folder.plugin("b", "new");
    watched.expect(&["b new", "b opened", "b ready"]);
}

#[test]
fn a_failure_keeps_the_old_one_and_a_later_file_is_tried_again() {
    let folder = Folder::new();
    let manifest = folder.plugin("a", "one");
    let watched = Watched::start(folder);
    watched.expect(&["- watching"]);
    let file = watched.folder.path().join("a/said.txt");
    watched.folder.write(&file, "broken: half a file");
    let said = watched.expect(&["a changed", "a kept"]);
    assert!(said[1]["reason"].as_str().unwrap().contains("half a file"), "{said:#?}");
    watched.folder.write(&file, "unready");
    let said = watched.expect(&["a changed", "a opened", "a checked", "a quiesced", "a kept"]);
    assert!(said[4]["reason"].as_str().unwrap().contains("no licence"), "{said:#?}");
    let text = fs::read_to_string(&manifest).unwrap();
    watched.folder.write(&manifest, "name = ");
    let said = watched.expect(&["a kept"]);
    assert!(said[0]["reason"].as_str().unwrap().contains("plugin.toml:1"), "{said:#?}");
    assert_eq!(watched.journal(), "a one set up\n", "nothing was torn down");
    // Nothing can be said of the file as long as the manifest does not name it.
    watched.folder.write(&file, "two");
    watched.folder.write(&manifest, &text);
    watched.expect(&SWAP);
}

#[test]
fn plugins_come_and_go_and_an_interrupt_stops_the_rest_in_order() {
    let folder = Folder::new();
    folder.plugin("a", "one");
    let watched = Watched::start(folder);
    watched.expect(&["- watching"]);
    watched.folder.plugin("bad", "broken");
    watched.expect(&["bad new", "bad skipped"]);
    watched.folder.plugin("bad", "good now");
    watched.expect(&["bad changed", "bad opened", "bad ready"]);
    // A name that another folder has takes nothing away.
    let manifest = fs::read_to_string(watched.folder.path().join("a/plugin.toml")).unwrap();
    watched.folder.manifest("twin", &manifest);
    let said = watched.expect(&["- kept"]);
    assert!(said[0]["reason"].as_str().unwrap().contains("HS-M031"), "{said:#?}");
    watched.folder.remove("twin");
    watched.folder.remove("a");
    watched.expect(&["a vanished", "a removed"]);
    let Watched { running, journal, folder: _folder } = watched;
    let (code, rest, stderr) = running.interrupt();
    assert_eq!((code, rest.len(), stderr.as_str()), (0, 1, ""), "{rest:?}");
    assert!(rest[0].contains("\"stopping\""), "{rest:?}");
    let life = fs::read_to_string(journal.path().join("journal")).unwrap();
    let expected = "a one set up\nbad good now set up\na one torn down\nbad good now torn down\n";
    assert_eq!(life, expected);
}

#[test]
fn what_cannot_be_watched_is_said() {
    let (code, stdout, stderr) = run(&["watch"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("--plugins DIR"), "{stderr}");
    let (code, _, stderr) = run(&["watch", "--plugins", "/does/not/exist"]);
    assert!(code == 1 && stderr.contains("HS-M030"), "{stderr}");
}
