//! What listeners are told, over real requests.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hookspec::testing::{Behaviour, Gate, Puppet};
use hookspec::{Limits, Manifest, Reply};
use serde_json::Value;

use crate::client::{Client, get};
use crate::served::{Served, listener, until};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_ends_its_request_as_failed() {
    let gate = Gate::new();
    let slow = Puppet::new(Manifest::new("slow", "query_rewriter"))
        .on("rewrite", Behaviour::Wait(gate.clone(), Box::new(Behaviour::Unchanged)));
    let (ear, heard) = listener();
    let served = Served::start(|builder| builder.plugin(slow).plugin(ear)).await;
    let address = served.address;
    let request =
        tokio::spawn(async move { get(address, "/search?q=a", &[("x-request-id", "gone")]).await });
    until("a request is in flight", || served.traffic.in_flight() == 1).await;
    request.abort();
    until("it ended", || served.traffic.failed() == 1).await;
    until("it was told", || heard.lock().unwrap().len() == 2).await;
    let failed =
        heard.lock().unwrap().iter().find(|one| one["hook"] == "on_request_failed").cloned();
    let event = &failed.unwrap()["event"];
    assert_eq!((&event["request_id"], &event["code"]), (&"gone".into(), &"unanswered".into()));
    assert_eq!((served.traffic.in_flight(), served.traffic.answered()), (0, 0));
    gate.open();
    assert!(served.stop().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn id_method_path_status_duration_and_trace_arrive() {
    let (ear, heard) = listener();
    let deep = Arc::new(Mutex::new(Value::Null));
    let seen = deep.clone();
    let inner = Puppet::new(Manifest::new("inner", "query_rewriter")).on(
        "rewrite",
        Behaviour::compute(move |call| {
            *seen.lock().unwrap() = Value::Object(call.context.caller().metadata().clone());
            Ok(Reply::Unchanged)
        }),
    );
    let served = Served::start(|builder| builder.plugin(ear).plugin(inner)).await;
    let headers = [("x-request-id", "req-7"), ("traceparent", PARENT), ("tracestate", "a=1")];
    let got = get(served.address, "/search?q=secret", &headers).await;
    assert_eq!((got.status, got.header("x-request-id")), (200, "req-7"));
    get(served.address, "/nothing", &[]).await;
    // What is detached is drained when the registry stops.
    assert!(served.stop().await);

    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 4, "{heard:?}");
    let find = |hook: &str, path: &str| {
        heard.iter().find(|one| one["hook"] == hook && one["event"]["path"] == path).unwrap()
    };
    for hook in ["on_request_started", "on_request_finished"] {
        let told = find(hook, "/search");
        assert_eq!(told["event"]["request_id"], "req-7");
        assert_eq!(told["metadata"]["request_id"], "req-7");
        assert_eq!(told["metadata"]["http.request.method"], "GET");
        assert_eq!(told["metadata"]["trace_context"]["traceparent"], PARENT);
        assert_eq!(told["metadata"]["trace_context"]["tracestate"], "a=1");
        assert!(!told.to_string().contains("secret"), "a query is nobody's business: {told}");
    }
    let finished = find("on_request_finished", "/search");
    assert_eq!(finished["metadata"]["http.response.status_code"], 200);
    assert!(finished["event"]["duration_ms"].as_f64().unwrap() > 0.0);
    let unknown = find("on_request_finished", "/nothing");
    assert_eq!(unknown["metadata"]["http.response.status_code"], 404);
    assert_eq!(unknown["metadata"].get("trace_context"), None);
    let deep = deep.lock().unwrap();
    assert_eq!(deep["trace_context"]["traceparent"], PARENT, "it goes on into the dispatch");
    assert_eq!(deep["request_id"], "req-7");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_listener_delays_an_answer_and_what_is_too_much_is_counted() {
    let never = Puppet::new(Manifest {
        timeout_ms: Some(500),
        ..Manifest::new("never", "lifecycle_listener")
    })
    .on("on_request_started", Behaviour::Hang)
    .on("on_request_finished", Behaviour::Hang);
    let limits = Limits { detached: 8, ..Limits::default() };
    let served = Served::start(|builder| builder.plugin(never).limits(limits)).await;
    let mut client = Client::connect(served.address).await.unwrap();
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(client.send("GET", "/healthz", &[]).await.unwrap().status, 200);
    }
    // Each of the 40 events would take half a second.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(served.traffic.untold() > 0, "8 may be outstanding, and 40 were told");
    assert!(served.stop().await);
}
