//! `call`: one dispatch of every class.

use std::fs;

use serde_json::{Value, json};

use crate::run::{json, run, run_with};

const NOTE: &str = r#"{"text":"hi"}"#;

#[test]
fn every_class_answers_in_its_shape() {
    let (code, rung) = json(&["call", "stage", "ring", "--input", NOTE]);
    assert_eq!((code, &rung["ok"], &rung["class"]), (1, &false.into(), &"broadcast_notify".into()));
    assert_eq!(rung["outcome"], json!({ "delivered": 1, "late": [] }));
    assert_eq!(rung["failures"][0]["plugin"], "bert");
    assert_eq!(rung["error"], Value::Null);

    let (code, asked) = json(&["call", "stage.ask", "--input", "null"]);
    assert_eq!(code, 1);
    let replies = json!([{ "plugin": "anna", "value": "yes", "late": false }]);
    assert_eq!(asked["outcome"], json!({ "replies": replies }));
    let failures = asked["failures"].as_array().unwrap();
    assert_eq!(failures[0]["cause"], "panicked");
    assert!(failures[0]["location"].as_str().unwrap().contains("behaviour.rs:"), "{asked:#}");
    assert_eq!(failures[1]["cause"], "invalid_output");
    assert_eq!(failures[1]["violations"][0]["pointer"], "");

    let (code, edited) = json(&["call", "stage@1.edit", "--input", NOTE]);
    assert_eq!(code, 1);
    let expected = json!({
        "value": { "text": "hi anna" }, "ran": ["anna", "carl"], "changed": ["anna"],
        "stopped_by": "carl", "late": [],
    });
    assert_eq!(edited["outcome"], expected);
    assert_eq!(edited["failures"][0]["code"], "puppet");

    let (code, read) = json(&["call", "stage", "read", "--input", r#"{"extension": "rs"}"#]);
    let expected = json!({ "plugin": "anna", "value": "rust", "late": false });
    assert_eq!((code, &read["outcome"], &read["failures"]), (0, &expected, &json!([])));
    let (code, read) = json(&["call", "stage", "read", "--input", r#"{"extension": "md"}"#]);
    assert_eq!((code, &read["outcome"]["plugin"]), (0, &"bert".into()));
    assert_eq!((&read["command"], &read["kind_major"]), (&"call".into(), &1.into()));
}

#[test]
fn a_failure_that_ends_the_dispatch_comes_with_what_there_was() {
    let (code, voted) = json(&["call", "stage.vote", "--input", "{}"]);
    assert_eq!((code, &voted["outcome"]), (1, &Value::Null));
    assert_eq!(voted["error"]["code"], "HS-D009");
    let before = json!({ "replies": [{ "plugin": "anna", "value": 1 }] });
    assert_eq!(voted["error"]["partial"], before);
    let failure = &voted["failures"][0];
    let said = (&failure["code"], &failure["retryable"], &failure["data"]);
    assert_eq!(said, (&"absent".into(), &true.into(), &json!([7])));

    let (code, stdout, stderr) = run(&["call", "stage.fix", "--input", NOTE]);
    assert_eq!(code, 1);
    assert!(stdout.contains("Value before the failure\n    {\"text\":\"hi anna\"}\n"), "{stdout}");
    assert!(stderr.contains("HS-D009") && stderr.contains("cannot spell"), "{stderr}");
}

#[test]
fn people_see_who_did_what_and_no_control_characters() {
    let (code, stdout, stderr) = run(&["call", "stage.edit", "--input", NOTE]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    let first = stdout.lines().next().unwrap();
    assert!(first.starts_with("stage@1.edit: chain, "), "{stdout}");
    for expected in ["ran: anna, carl", "changed it: anna", "stopped it: carl", "1 failure"] {
        assert!(stdout.contains(expected), "{expected} is missing in:\n{stdout}");
    }
    let (_, stdout, stderr) = run(&["call", "stage.ring", "--input", NOTE]);
    assert_eq!(stderr, "", "what is shown is not logged as well");
    assert!(stdout.contains("delivered to 1 plugin\n") && stdout.contains("faulted"), "{stdout}");
    assert!(!stdout.contains('\x1b'), "{stdout:?}");
}

#[test]
fn input_comes_from_an_argument_a_file_or_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("note.json");
    fs::write(&path, NOTE).unwrap();
    let at = format!("@{}", path.display());
    let (code, stdout, _) = run(&["call", "stage.echo", "--input", &at]);
    assert!(code == 0 && stdout.contains(NOTE), "{stdout}");
    let (code, stdout, _) = run_with(&["call", "stage.echo", "--input", "-"], "\u{feff} [1,\n2]");
    assert!(code == 0 && stdout.contains("    [1,2]\n"), "{stdout}");
    let (code, stdout, _) = run(&["call", "stage.echo", "--input", "-7"]);
    assert!(code == 0 && stdout.contains("    -7\n"), "{stdout}");
}

#[test]
fn what_is_not_json_has_its_place_and_calls_nobody() {
    let (code, stdout, stderr) =
        run_with(&["call", "stage.echo", "--input", "-"], "{\n \"a\": nul }");
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("standard input is not JSON (line 2, column 10): "), "{stderr}");
    let (code, _, stderr) = run(&["call", "stage.echo", "--input", "{a: 1}"]);
    assert!(code == 2 && stderr.contains("(line 1, column 2)"), "{stderr}");
    assert!(stderr.contains("@FILE"), "{stderr}");
    let (code, _, stderr) = run(&["call", "stage.echo", "--input", "@/no/such"]);
    assert!(code == 2 && stderr.contains("`/no/such` cannot be read"), "{stderr}");
    let (code, _, stderr) = run(&["call", "stage.echo"]);
    assert!(code == 2 && stderr.contains("--input"), "{stderr}");
}

#[test]
fn an_input_that_the_schema_refuses_shows_every_violation_with_its_pointer() {
    let bad = r#"{"tags": ["a", 1, null]}"#;
    let (code, stdout, stderr) = run(&["call", "stage.ring", "--input", bad]);
    assert_eq!(code, 1, "{stdout}");
    for expected in ["HS-D004", "text", "\n  /tags/1: ", "\n  /tags/2: ", "explain stage.ring"] {
        assert!(stderr.contains(expected), "{expected} is missing in:\n{stderr}");
    }
    let (code, refused) = json(&["call", "stage.ring", "--input", bad]);
    assert_eq!((code, &refused["error"]["code"]), (1, &"HS-D004".into()));
    let violations = refused["error"]["violations"].as_array().unwrap();
    let pointers: Vec<&str> = violations.iter().map(|v| v["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers.len(), 3, "{pointers:?}");
    assert!(pointers.contains(&"/tags/1") && pointers.contains(&"/tags/2"), "{pointers:?}");
}

#[test]
fn a_name_chooses_where_one_answers_and_metadata_arrives() {
    let (code, _, stderr) = run(&["call", "stage.answer", "--input", "1"]);
    assert!(code == 1 && stderr.contains("HS-D005") && stderr.contains("anna, bert"), "{stderr}");
    let named = ["call", "stage.answer", "--input", "1", "--plugin", "anna"];
    let metadata = ["--metadata", "tenant_id=\"acme\"", "--metadata", "n={\"a\":[1]}"];
    let (code, answered) = json(&[&named[..], &metadata].concat());
    let expected = json!({ "input": 1, "metadata": { "tenant_id": "acme", "n": { "a": [1] } } });
    assert_eq!((code, &answered["outcome"]["value"]), (0, &expected));

    let wrong = ["call", "stage.answer", "--input", "1", "--plugin", "berd"];
    let (code, _, stderr) = run(&wrong);
    assert!(code == 1 && stderr.contains("HS-D006"), "{stderr}");
    assert!(stderr.contains("did you mean `bert`?"), "{stderr}");
    let everybody = ["call", "stage.ask", "--input", "1", "--plugin", "anna"];
    let (code, _, stderr) = run(&everybody);
    assert!(code == 2 && stderr.contains("leave --plugin out"), "{stderr}");
    let (code, _, stderr) = run(&["call", "stage.answer", "--input", "1", "--metadata", "a=b"]);
    assert!(code == 2 && stderr.contains("a='\"...\"'"), "{stderr}");
}

#[test]
fn a_timeout_bounds_the_dispatch() {
    let (code, waited) = json(&["call", "stage.wait", "--input", "1", "--timeout", "50"]);
    assert_eq!((code, &waited["failures"][0]["cause"]), (1, &"timed_out".into()));
    assert!(waited["elapsed_ms"].as_f64().unwrap() < 10_000.0, "{waited:#}");
}

#[test]
fn wrong_names_say_what_was_meant() {
    for (name, near) in [
        (&["stage", "rings"][..], "stage.ring"),
        (&["stage.rings"], "stage.ring"),
        (&["stag", "ring"], "stage.ring"),
        (&["stage"], "stage.ring"),
        (&["bell", "ring"], "bell.ring"),
    ] {
        let (code, stdout, stderr) = run(&[&["call"], name, &["--input", "1"]].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{name:?}");
        assert!(stderr.contains(&format!("did you mean `{near}")), "{name:?}: {stderr}");
    }
    let (code, rung) = json(&["call", "bell@1", "ring", "--input", "1"]);
    assert_eq!((code, &rung["kind_major"]), (0, &1.into()), "the older major is there");
    let (code, rung) = json(&["call", "bell.ring_twice", "--input", "1"]);
    assert_eq!((code, &rung["kind_major"]), (0, &2.into()));
    assert_eq!(rung["outcome"]["delivered"], 0);
}
