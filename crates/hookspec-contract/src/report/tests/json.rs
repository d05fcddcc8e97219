//! The JSON form: it is read back as it was, and its schema describes it and nothing else.

use hookspec_spec::Schema;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::sample::{any_report, of_verdicts, report, rich};
use crate::report::{Report, json};
use crate::verdict::Verdict;

fn schema() -> Schema {
    let text = include_str!("../../../../../schemas/contract-report.schema.json");
    Schema::compile(serde_json::from_str(text).unwrap()).unwrap()
}

fn value(report: &Report) -> Value {
    serde_json::from_str(&json::write(report)).unwrap()
}

#[test]
fn what_is_wrong_in_a_report_is_refused() {
    let schema = schema();
    let mutilations: [(&str, Value); 13] = [
        ("/schema_version", json!("2")),
        ("/seed", json!(-1)),
        ("/started", json!("yesterday")),
        ("/environment/cpus", json!("2")),
        ("/environment/timeout_scale", json!(0)),
        ("/conformance", json!("mostly")),
        ("/subjects/0/sha256", json!("abc")),
        ("/subjects/0/profiles/core/counts/pass", json!(-1)),
        ("/subjects/0/checks/0/verdict", json!("passed")),
        ("/subjects/0/checks/0/level", json!("must")),
        ("/subjects/0/checks/0/findings/0/hook", json!(1)),
        ("/subjects/0/checks/0/transcript/0/elapsed_us", json!(1.5)),
        ("/baseline/0/why", Value::Null),
    ];
    for (pointer, wrong) in mutilations {
        let mut value = value(&rich());
        *value.pointer_mut(pointer).unwrap() = wrong;
        assert!(!schema.is_valid(&value), "{pointer}");
    }
}

#[test]
fn every_object_has_its_fields_and_no_others() {
    let schema = schema();
    for pointer in [
        "",
        "/environment",
        "/subjects/0",
        "/subjects/0/profiles",
        "/subjects/0/profiles/core",
        "/subjects/0/profiles/core/counts",
        "/subjects/0/checks/0",
        "/subjects/0/checks/0/findings/0",
        "/subjects/0/checks/0/transcript/0",
        "/baseline/0",
    ] {
        let whole = value(&rich());
        let mut more = whole.clone();
        more.pointer_mut(pointer).unwrap()["more"] = json!(1);
        assert!(!schema.is_valid(&more), "{pointer}: another field");
        let fields = whole.pointer(pointer).unwrap().as_object().unwrap();
        // Profiles that were not run, and verdicts that did not occur, are absent.
        // So is the input that there is none of.
        let is_optional = |field: &str| {
            pointer.contains("profiles") || (pointer.contains("findings") && field == "input")
        };
        for field in fields.keys().filter(|field| !is_optional(field)) {
            let mut less = whole.clone();
            less.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(field);
            assert!(!schema.is_valid(&less), "{pointer}: without {field}");
        }
    }
}

#[test]
fn reports_are_as_their_schema_says() {
    let schema = schema();
    for report in [rich(), report(vec![]), of_verdicts(&Verdict::ALL)] {
        schema.validate(&value(&report)).unwrap();
        assert_eq!(json::read(&json::write(&report)).unwrap(), report);
    }
}

#[test]
fn an_input_that_is_null_is_an_input() {
    let mut report = rich();
    for input in [None, Some(Value::Null)] {
        report.subjects[0].checks[0].findings[0].input = input;
        assert_eq!(json::read(&json::write(&report)).unwrap(), report);
    }
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_unicode_is_written_all_the_same() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut report = rich();
    report.subjects[0].path = Some(std::ffi::OsStr::from_bytes(b"/a\xffb").into());
    assert_eq!(value(&report)["subjects"][0]["path"], "/a\u{fffd}b");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_report_is_valid_and_read_back_as_it_was(report in any_report()) {
        let text = json::write(&report);
        prop_assert_eq!(json::read(&text).unwrap(), report);
        schema().validate(&serde_json::from_str(&text).unwrap()).unwrap();
    }
}
