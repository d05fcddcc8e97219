//! The schema of files of events.

use super::*;

fn events() -> Schema {
    schema(include_str!("../../../../schemas/events.schema.json"))
}

#[test]
fn the_schema_of_events_and_the_parser_agree() {
    let base = json!({
        "namespace": "deploy", "version": "1.2.3", "description": "d", "open": true,
        "events": [
            { "type": "deploy.eu.completed", "description": "d", "data_schema": "any.json",
              "since": "1.1", "deprecated": "use b", "metadata": { "run": "the run", "a b": "" },
              "security_level": "high" },
            { "type": "deploy.b", "data_schema": { "type": "object" } },
            { "type": "deploy.c" }
        ]
    });
    let mut rows = vec![base.clone()];
    type_mutations(&base, "", &base, &mut rows);
    for (pointer, values) in [
        ("/namespace", vec![json!("deploy."), json!(""), json!("de ploy"), json!("é")]),
        ("/version", vec![json!("1"), json!("1.0"), json!("1.0.0-rc.1+x"), json!("v1.0.0")]),
        (
            "/events/0/type",
            vec![
                json!("deploy.A_b-1"),
                json!("deploy..a"),
                json!("deploy.*"),
                json!(""),
                json!("deploy.a b"),
                json!("deploy.é"),
            ],
        ),
        ("/events/0/security_level", vec![json!("normal"), json!("High")]),
        ("/events/0/metadata", vec![json!({}), json!({ "a": 1 }), json!({ "a": null })]),
        ("/events/1/data_schema", vec![json!({}), json!(true), json!("any.json")]),
    ] {
        rows.extend(values.into_iter().map(|value| mutated(&base, pointer, Some(value))));
    }
    let schema = events();
    let read = |document: &Value| reads("events/deploy.yaml", document);
    assert!(schema.is_valid(&base) && read(&base).is_ok(), "{:?}", read(&base));
    assert!(rows.len() > 150);
    // What `main.rs` says that no schema can state.
    let unstated = ["HS-S03", "HS-V007", "HS-V010"];
    let stated =
        |line: &str| line.contains(" error[") && !unstated.iter().any(|each| line.contains(each));
    agree(&schema, rows, read, |text| !text.lines().any(stated));
}
