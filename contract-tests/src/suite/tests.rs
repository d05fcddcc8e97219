use hookspec_contract::Verdict;
use hookspec_plugin::CancellationToken;

use super::*;
use crate::again::Again;

/// What processes come to that a suite of these tests starts.
#[test]
fn a_process_of_its_own() {
    Again::perform_asked();
}

/// The checks that a scenario keeps, and those that it does not, by how they ended.
fn verdicts(group: &str, input: &Value) -> Vec<(String, Verdict)> {
    hookspec_host::install_panic_hook();
    let arguments = ["suite::tests::a_process_of_its_own", "--exact", "--nocapture"];
    let again = Again::new(arguments.map(Into::into)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let launcher = again.launcher(folder.path(), group, input).unwrap();
    let suite = Scenario::read(group, input).unwrap().suite().unwrap().launcher(launcher);
    let report = suite.run(&CancellationToken::new(), &|_| {});
    report.checks().map(|(_, check)| (check.id.clone(), check.verdict)).collect()
}

fn ended(all: &[(String, Verdict)], verdict: Verdict) -> Vec<&str> {
    all.iter().filter(|(_, own)| *own == verdict).map(|(id, _)| id.as_str()).collect()
}

#[test]
fn a_scenario_breaks_the_check_that_it_was_written_for_and_no_other() {
    let rows = [
        ("contract_serialization", json!({ "hook_returns_special": "nan" }), vec!["IO-008"]),
        ("contract_serialization", json!({ "hook_absent": true }), vec!["MAN-004"]),
        ("contract_determinism", json!({ "behaviour": "random" }), vec!["DET-002"]),
        ("contract_determinism", json!({ "behaviour": "global_counter" }), vec!["DET-002"]),
        ("contract_determinism", json!({ "behaviour": "now" }), vec!["DET-002"]),
        ("contract_determinism", json!({ "behaviour": "absent" }), vec!["MAN-004"]),
        (
            "contract_determinism",
            json!({ "behaviour": "constant", "expected_output": { "a": 2, "b": 2 } }),
            vec!["case:k/answers_as_expected"],
        ),
        ("contract_lifecycle", json!({ "setup": "stores_self_globally" }), vec!["LIF-008"]),
        ("contract_lifecycle", json!({ "setup": "opens_file_globally" }), vec!["LIF-005"]),
        ("contract_lifecycle", json!({ "setup": "raise" }), vec!["LIF-001"]),
        ("contract_lifecycle", json!({ "setup": "ok", "teardown": "raise" }), vec!["LIF-002"]),
        (
            "contract_suite",
            json!({ "checks": ["manifest"], "plugin": "good", "manifest": "invalid" }),
            vec!["MAN-001"],
        ),
    ];
    for (group, input, broken) in rows {
        assert_eq!(ended(&verdicts(group, &input), Verdict::Fail), broken, "{input}");
    }
}

#[test]
fn a_plugin_that_keeps_everything_has_it_verified() {
    let rows = [
        ("contract_serialization", json!({ "hook_returns": { "a": [1, { "b": null }] } })),
        ("contract_serialization", json!({ "hook_returns_special": "string_11mb" })),
        ("contract_serialization", json!({ "hook_returns": 1, "hook_args": [{ "x": 1 }] })),
        ("contract_determinism", json!({ "behaviour": "instance_counter" })),
        ("contract_lifecycle", json!({ "setup": { "sleep_ms": 1 }, "teardown": "async" })),
        ("contract_suite", json!({ "checks": "all", "plugin": "good" })),
    ];
    for (group, input) in rows {
        let all = verdicts(group, &input);
        let well = [ended(&all, Verdict::Pass), ended(&all, Verdict::NotApplicable)].concat();
        assert_eq!(well.len(), all.len(), "{input}: {all:?}");
        assert!(!ended(&all, Verdict::Pass).is_empty(), "{input}: {all:?}");
    }
}

#[test]
fn words_that_nobody_knows_are_no_scenario() {
    let rows = [
        ("contract_serialization", json!({})),
        ("contract_serialization", json!({ "hook_returns": 1, "hook_absent": true })),
        ("contract_serialization", json!({ "hook_returns_special": "string_11tb" })),
        ("contract_serialization", json!({ "hook_returns_special": "string_99999mb" })),
        ("contract_serialization", json!({ "hook_samples": { "h": 1 } })),
        ("contract_serialization", json!({ "hook_returns": 1, "more": 1 })),
        ("contract_determinism", json!({})),
        ("contract_determinism", json!({ "behaviour": "perhaps" })),
        ("contract_lifecycle", json!({ "setup": "perhaps" })),
        ("contract_lifecycle", json!({ "setup": "return_false" })),
        ("contract_lifecycle", json!({ "teardown": {} })),
        ("contract_suite", json!({ "checks": "some", "plugin": "good" })),
        ("contract_suite", json!({ "checks": [], "plugin": "good" })),
        ("contract_suite", json!({ "checks": ["perhaps"], "plugin": "good" })),
        ("contract_suite", json!({ "checks": "all", "plugin": "perhaps" })),
        ("contract_suite", json!({ "checks": "all", "plugin": "good", "manifest": "perhaps" })),
        ("contract_anything", json!({})),
    ];
    for (group, input) in rows {
        assert!(Scenario::read(group, &input).is_err(), "{group} {input}");
    }
}
