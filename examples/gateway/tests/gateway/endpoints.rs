//! Every endpoint, and every way in which a request is wrong.

use hookspec::Manifest;
use hookspec::testing::{Behaviour, Puppet};
use serde_json::{Value, json};

use crate::client::{Client, get};
use crate::served::Served;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_request_is_said_as_problem_details() {
    let served = Served::start(|builder| builder).await;
    for (method, path, headers, status, detail) in [
        ("GET", "/nothing", &[][..], 404, "/nothing"),
        ("POST", "/search?q=a", &[], 405, "read"),
        ("GET", "/search", &[], 400, "q"),
        ("GET", "/search?q=a&q=b", &[], 400, "q"),
        ("GET", "/search?q=a&limit=1", &[], 400, "limit"),
        ("GET", "/search?q=a", &[("x-request-timeout-ms", "soon")], 400, "x-request-timeout-ms"),
        ("GET", "/tools", &[("x-request-timeout-ms", "0")], 400, "x-request-timeout-ms"),
        ("GET", "/search?q=a&tenant=", &[], 422, "does not fit"),
    ] {
        let mut client = Client::connect(served.address).await.unwrap();
        let got = client.send(method, path, headers).await.unwrap();
        assert_eq!(got.status, status, "{method} {path}: {got:?}");
        assert_eq!(got.header("content-type"), "application/problem+json", "{path}");
        assert_ne!(got.header("x-request-id"), "", "{path}");
        let problem = got.json();
        assert_eq!(problem["status"], status, "{path}");
        assert!(problem["detail"].as_str().unwrap().contains(detail), "{path}: {problem}");
        assert!(!problem["title"].as_str().unwrap().is_empty(), "{path}");
        if status == 422 {
            assert_eq!(problem["errors"][0]["pointer"], "/tenant_id", "{problem}");
            assert_eq!(problem["code"], "HS-D004");
        }
    }
    assert!(served.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_answers_what_the_rewriters_made_of_it_and_who_they_are() {
    let served = Served::start(|builder| builder).await;
    let got = get(served.address, "/search?q=%20Cheap%20%20CAR&language=en", &[]).await;
    assert_eq!((got.status, got.header("content-type")), (200, "application/json"));
    let answer = got.json();
    assert_eq!(answer["value"]["text"], "cheap car");
    assert_eq!(answer["value"]["language"], "en");
    assert_eq!(answer["changed_by"][0], "normaliser");
    assert_eq!(answer["ran"].as_array().unwrap().len(), 3);
    assert_eq!(answer["failures"], json!([]));
    assert!(served.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_name_who_brings_them() {
    let served = Served::start(|builder| builder).await;
    let answer = get(served.address, "/tools", &[]).await.json();
    let of = |plugin: &str| {
        let tools = answer["tools"].as_array().unwrap();
        tools.iter().filter(|tool| tool["plugin"] == plugin).count()
    };
    assert_eq!((of("file-tools"), of("web-and-math-tools")), (3, 3), "{answer}");
    assert!(served.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_health_plugins_and_metrics() {
    let odd = Puppet::new(Manifest::new("odd", "query_rewriter"))
        .on("rewrite", Behaviour::fault("not today"));
    let served = Served::start(|builder| builder.plugin(odd)).await;
    let mut client = Client::connect(served.address).await.unwrap();
    for _ in 0..3 {
        assert_eq!(client.send("GET", "/search?q=a", &[]).await.unwrap().status, 200);
    }
    let health = client.send("GET", "/healthz", &[]).await.unwrap().json();
    assert_eq!(health, json!({ "status": "ok", "plugins": 6, "callable": 6 }));

    let plugins = client.send("GET", "/plugins", &[]).await.unwrap().json();
    let find = |name: &str| -> Value {
        let plugins = plugins["plugins"].as_array().unwrap();
        plugins.iter().find(|plugin| plugin["name"] == name).unwrap().clone()
    };
    assert_eq!(find("odd")["failures"], json!({ "faulted": 3 }));
    assert_eq!(find("normaliser")["calls"], 3);

    let got = client.send("GET", "/metrics", &[]).await.unwrap();
    assert!(got.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    for line in [
        "hookspec_plugin_calls_total{plugin=\"normaliser\"} 3",
        "hookspec_plugin_failures_total{plugin=\"odd\",cause=\"faulted\"} 3",
        "gateway_requests_answered_total 5",
        "gateway_requests_in_flight 1",
        "requests_started_total 0",
    ] {
        assert!(got.text.lines().any(|found| found == line), "{line} in:\n{}", got.text);
    }
    open_metrics(&got.text);
    assert!(served.stop().await);
}

/// Each line is a comment or a sample, each sample's family was announced just before, each family
/// once, a counter's samples and only those end in `_total`, and the text ends once.
fn open_metrics(text: &str) {
    let lines = text.strip_suffix("# EOF\n").unwrap();
    let mut families: Vec<(&str, &str)> = Vec::new();
    for line in lines.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let (name, sort) = family.split_once(' ').unwrap();
            assert!(!families.iter().any(|(own, _)| *own == name), "{name} twice:\n{text}");
            families.push((name, sort));
        } else if !line.starts_with("# HELP ") {
            let (family, sort) = families.last().unwrap();
            let ending = line.split(['{', ' ']).next().unwrap().strip_prefix(family);
            let endings: &[&str] = match *sort {
                "counter" => &["_total"],
                "gauge" => &[""],
                "summary" => &["_sum", "_count"],
                other => panic!("{other}: {line}"),
            };
            assert!(ending.is_some_and(|ending| endings.contains(&ending)), "{sort}: {line}");
            assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_has_stopped_is_503_everywhere() {
    let served = Served::start(|builder| builder).await;
    served.registry.stop().await.unwrap();
    for path in ["/search?q=a", "/tools", "/healthz"] {
        let got = get(served.address, path, &[]).await;
        assert_eq!((got.status, got.header("retry-after")), (503, "1"), "{path}: {got:?}");
        assert_eq!(got.json()["code"], "HS-D012");
    }
    assert_eq!(get(served.address, "/plugins", &[]).await.json()["closed"], true);
}
