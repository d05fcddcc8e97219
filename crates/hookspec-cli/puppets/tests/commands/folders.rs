//! `--plugins`: the plugins of a folder join those of the application.

use serde_json::{Value, json};

use crate::run::{Folder, json, run};

fn plugin<'a>(listed: &'a Value, name: &str) -> &'a Value {
    let plugins = listed["plugins"].as_array().unwrap();
    plugins.iter().find(|plugin| plugin["name"] == name).unwrap_or_else(|| panic!("{listed:#}"))
}

#[test]
fn plugins_of_folders_are_called_listed_and_explained_with_their_files() {
    let (one, two) = (Folder::new(), Folder::new());
    let manifest = one.plugin("early", "good morning");
    two.plugin("late", "good night");
    let folders = ["--plugins", &one.text(), "--plugins", &two.text()];
    let (code, said) = json(&[&["call", "stage.say", "--input", "0"][..], &folders].concat());
    let replies = json!([
        { "plugin": "early", "value": "good morning", "late": false },
        { "plugin": "late", "value": "good night", "late": false },
    ]);
    assert_eq!((code, &said["outcome"]["replies"]), (0, &replies));

    let (code, listed) = json(&[&["list"][..], &folders].concat());
    assert_eq!((code, &listed["skipped"]), (0, &json!([])));
    let early = plugin(&listed, "early");
    assert_eq!(early["manifest_path"], manifest.to_str().unwrap());
    assert_eq!(early["facts"]["sha256"], "0123456789abcdef");
    assert_eq!((&plugin(&listed, "anna")["manifest_path"]), &Value::Null);
    let (_, stdout, _) = run(&[&["list"][..], &folders].concat());
    let files = &stdout[stdout.find("Loaded from files").unwrap()..];
    assert!(files.contains("said.txt") && files.contains("0123456789ab\n"), "{stdout}");
    assert!(!files.contains("anna"), "{files}");
}

#[test]
fn what_cannot_be_opened_is_shown_with_the_reason_and_hides_nothing() {
    let folder = Folder::new();
    folder.plugin("good", "hello");
    folder.plugin("bad", "broken: wrong compiler");
    folder.plugin("poor", "unready");
    folder.plugin("anna", "me too");
    let unreadable = folder.manifest("torn", "name = ");
    let folders = ["--plugins", &folder.text()];

    let (code, listed) = json(&[&["list"][..], &folders].concat());
    assert_eq!((code, &listed["ok"]), (1, &false.into()));
    assert_eq!(plugin(&listed, "bad")["state"], "unavailable");
    assert!(plugin(&listed, "bad")["reason"].as_str().unwrap().contains("wrong compiler"));
    assert!(plugin(&listed, "poor")["reason"].as_str().unwrap().contains("no licence"));
    let skipped = listed["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 2, "{skipped:#?}");
    assert!(skipped.iter().any(|each| each["path"] == unreadable.to_str().unwrap()));
    assert!(skipped.iter().any(|each| each["plugin"] == "anna"));
    let (_, stdout, stderr) = run(&[&["list"][..], &folders].concat());
    assert!(stdout.contains("\nSkipped\n") && stdout.contains("wrong compiler"), "{stdout}");
    assert!(stderr.contains("2 of 7 plugins unavailable: bad, poor\n"), "{stderr}");

    let (code, stdout, _) = run(&[&["explain", "stage.say"][..], &folders].concat());
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("Who is not") && stdout.contains("wrong compiler"), "{stdout}");
    assert!(stdout.contains("\nSkipped\n"), "{stdout}");
    let (_, explained) = json(&[&["explain", "stage.say"][..], &folders].concat());
    assert_eq!(explained["skipped"].as_array().unwrap().len(), 2);
    let (code, said) = json(&[&["call", "stage.say", "--input", "0"][..], &folders].concat());
    assert_eq!((code, &said["outcome"]["replies"][0]["value"]), (0, &"hello".into()));
}

#[test]
fn a_folder_that_is_wrong_as_a_whole_is_said_once_and_first() {
    let (code, stdout, stderr) = run(&["list", "--plugins", "/does/not/exist"]);
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("/does/not/exist") && stderr.contains("HS-M030"), "{stderr}");
}
