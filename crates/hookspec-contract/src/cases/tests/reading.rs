//! Every mistake of a file is reported at its place.

use super::*;

const CALL: &str = "call: { hook: chosen, input: 1 }, expect: { equals: 1 }";

/// A case of one line, complete but for what is given.
fn line(fields: &str) -> String {
    format!("  - {{ name: a, {fields} }}\n")
}

#[test]
fn each_mistake_has_its_place() {
    let given = "given: { plugin: any }";
    let expect = |text: &str| line(&format!("{given}, call: {{ hook: chosen, input: 1 }}, {text}"));
    for (text, place, message) in [
        (line(&format!("{given}, {CALL}, expects: 1")), 3, "unknown key `expects`"),
        (line(CALL), 3, "`given` is missing"),
        (line(&format!("given: {{}}, {CALL}")), 3, "`plugin` is missing"),
        (
            line(&format!("given: {{ plugin: any, priority: 3 }}, {CALL}")),
            3,
            "unknown key `priority`",
        ),
        (line(&format!("given: {{ plugin: [any, p] }}, {CALL}")), 3, "`any` stands alone"),
        (line(&format!("given: {{ plugin: 7 }}, {CALL}")), 3, "`plugin` must be a text, and is 7"),
        (
            line(&format!("given: {{ plugin: any, files: {{ ../a: b }} }}, {CALL}")),
            3,
            "no name of a file",
        ),
        (line(&format!("given: {{ plugin: any, deadline_ms: -1 }}, {CALL}")), 3, "a whole number"),
        (line(&format!("law: chain, {given}, {CALL}")), 3, "not the id of a law"),
        (
            line(&format!("{given}, call: {{ hook: rung, input: 1 }}, expect: {{ equals: 1 }}")),
            3,
            "it has: told, asked",
        ),
        (
            line(&format!("{given}, call: {{ hook: chosen }}, expect: {{ equals: 1 }}")),
            3,
            "`input` is missing",
        ),
        (
            line(&format!(
                "{given}, call: {{ hook: chosen, input: text }}, expect: {{ equals: 1 }}"
            )),
            3,
            "is not of type",
        ),
        (
            line(&format!(
                "{given}, call: {{ hook: chosen, input: \"${{nobody}}\" }}, expect: {{ equals: 1 }}"
            )),
            3,
            "stands for nothing",
        ),
        (line(&format!("{given}, expect: {{ equals: 1 }}")), 3, "there is no `call`"),
        (line(given), 3, "`call` is missing"),
        (expect("expect: {}"), 3, "0 outcomes are expected"),
        (
            expect("expect: { equals: 1, refused: { error: invalid_input } }"),
            3,
            "2 outcomes are expected",
        ),
        (expect("expect: [{ equals: 1 }, { equals: 2 }]"), 3, "1 calls, and 2 expectations"),
        (expect("expect: { delivered: true }"), 3, "never has the outcome `delivered`"),
        (expect("expect: { unchanged: true }"), 3, "never has the outcome `unchanged`"),
        (expect("expect: { equals: 1, alike: true }"), 3, "one outcome is always alike"),
        (expect("expect: { equals: 1, alike: false }"), 3, "true, or left out"),
        (
            expect("expect: { fails: { cause: tired } }"),
            3,
            "no cause is called `tired`; there are: faulted",
        ),
        (
            expect("expect: { fails: { cause: timed_out, code: x } }"),
            3,
            "only a plugin that `faulted`",
        ),
        (expect("expect: { fails: { message_contains: x } }"), 3, "`cause` is missing"),
        (expect("expect: { refused: { error: tired } }"), 3, "nothing is refused as `tired`"),
        (expect("expect: { matches: { $like: 1 } }"), 3, "unknown matcher `$like`; known: $any"),
        (expect("expect: { matches: { $not: 1, b: 2 } }"), 3, "must be the only key"),
        (expect("expect: { matches: { $schema: { type: nothing } } }"), 3, "not a JSON Schema"),
        (expect("expect: { schema: input }"), 3, "`output` or a JSON Schema"),
        (expect("expect: { any_of: [{ equals: 1 }] }"), 3, "at least two"),
        (
            expect("expect: { any_of: [{ equals: 1 }, { equals: 2, by: p }] }"),
            3,
            "unknown key `by`",
        ),
        (expect("expect: { equals: 1 }, after: {}"), 3, "checks nothing"),
        (expect("expect: { equals: 1 }, after: { state: tired }"), 3, "must be one of: ready"),
        (
            expect("expect: { equals: 1 }, after: { state: unavailable }"),
            3,
            "nobody calls a plugin",
        ),
        (expect("expect: { equals: 1 }, after: { files: { a: {} } }"), 3, "say one of: absent"),
        ("  - { name: A case, given: { plugin: any } }\n".into(), 3, "snake_case"),
        ("  - 7\n".into(), 3, "must be an object"),
        ("  - { name: a, name: b }\n".into(), 3, "name"),
    ] {
        let found = mistakes(&text);
        let there = found
            .iter()
            .any(|each| each.starts_with(&format!("{place}:")) && each.contains(message));
        assert!(there, "{message} is not in {found:#?} of\n{text}");
    }
}

#[test]
fn the_head_of_a_file_is_checked() {
    let of = |path: &str, text: &str| shown(&read(Path::new(path), text, &catalog()).unwrap_err());
    let found = of("a/tool/x.yaml", "kind: sample@1\ncases: []\n");
    assert_eq!(
        found,
        ["1:1: cases of kind `sample` stand in a folder of that name, or in `cases` inside of it"]
    );
    let found = of("sample/x.yaml", "kind: sample\ncases: []\n");
    assert_eq!(found, ["1:1: `kind` is a name and a major version, such as `tool@1`"]);
    let found = of("sample/x.yaml", "kind: sample@2\ncases: []\n");
    assert_eq!(found, ["1:1: no hookspec declares `sample@2`; declared are: sample@1"]);
    assert_eq!(of("sample/x.yaml", "kind: sample@1\ncases: []\n"), ["2:1: there is no case here"]);
    assert!(of("sample/x.yaml", "kind: [").concat().contains("1:"), "a syntax error has a place");
}

#[test]
fn all_mistakes_of_a_file_come_at_once_in_its_order() {
    let text = "  - name: First
    given: { plugin: any }
    call: { hook: chosen, input: 1 }
    expect:
      equal: 1
  - name: second
    given: { plugin: any, beside: [] }
    call: [{ hook: rung, input: 1 }, { hook: told, input: 1, times: 0 }]
    expect: [{ equals: 1 }, { delivered: true }]
";
    let found = mistakes(text);
    let places: Vec<&str> = found.iter().filter_map(|each| each.split(": ").next()).collect();
    assert_eq!(places, ["3:5", "6:5", "7:7", "9:27", "10:14", "10:62"], "{found:#?}");
    let shown = cases(text).unwrap_err()[2].to_string();
    assert!(shown.starts_with("cases/sample/own.yaml:7:7: unknown key `equal`"), "{shown}");
    assert!(shown.ends_with("\n          equal: 1\n          ^"), "{shown}");
}

#[test]
fn two_cases_of_one_name_and_files_that_are_not_read_are_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let kind = folder.path().join("sample");
    std::fs::create_dir(&kind).unwrap();
    let text =
        format!("kind: sample@1\ncases:\n{}", line(&format!("given: {{ plugin: any }}, {CALL}")));
    for file in ["sample/a.yaml", "sample/b.yaml", "sample/c.yml", "d.yaml"] {
        std::fs::write(folder.path().join(file), &text).unwrap();
    }
    let found = read_folder(folder.path(), &catalog()).unwrap_err();
    let found: Vec<String> = found.iter().map(Mistake::to_string).collect();
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("d.yaml: cases are files named"), "{found:#?}");
    assert!(found[1].contains("c.yml: cases are files named"), "{found:#?}");
    assert!(found[2].contains("b.yaml:3:5: a case of this name is at"), "{found:#?}");
}

/// A kind's cases may stand with its hookspec.
#[test]
fn one_kinds_own_folder_is_read_too() {
    let root = tempfile::tempdir().unwrap();
    let text =
        format!("kind: sample@1\ncases:\n{}", line(&format!("given: {{ plugin: any }}, {CALL}")));
    for (folder, mistakes) in
        [("sample", 0), ("sample/cases", 0), ("cases/sample", 0), ("other", 1), ("other/cases", 1)]
    {
        let folder = root.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("v1.yaml"), &text).unwrap();
        let found = read_folder(&folder, &catalog());
        let found = found.map(|cases| assert_eq!(cases.len(), 1)).err().unwrap_or_default();
        assert_eq!(found.len(), mistakes, "{}: {found:?}", folder.display());
    }
}

#[test]
fn a_folder_without_cases_is_a_mistake() {
    let empty = tempfile::tempdir().unwrap();
    let found = read_folder(empty.path(), &catalog()).unwrap_err();
    assert!(found[0].to_string().contains("there is no case"), "{found:?}");
}
