//! An orderly stop delivers what was published.

use std::time::Duration;

use hookspec::events::EventDraft;
use serde_json::json;

use crate::Fixture;
use crate::webhook::Webhook;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_that_wait_when_it_stops_are_fifty_that_arrive() {
    let webhook = Webhook::start(Duration::from_millis(10));
    let fixture = Fixture::start(Some(&webhook.url), &[]).await;
    for number in 0..50 {
        let data = json!({
            "workflow": "w", "version": number.to_string(), "environment": "staging", "place": "p",
        });
        let draft = EventDraft::new("deploy.completed").json(data);
        assert_eq!(fixture.registry.bus().publish(draft).await.unwrap().dropped, 0);
    }
    let arrived = webhook.came().len();
    assert!(arrived < 25, "{arrived} arrived before the stop: it has nothing to wait for");
    let summary = fixture.stop().await;
    assert!(summary.is_complete(), "{summary:?}");
    let came = webhook.came();
    let versions: Vec<_> = came.iter().map(|event| event["data"]["version"].clone()).collect();
    let expected: Vec<_> = (0..50).map(|number| json!(number.to_string())).collect();
    assert_eq!(versions, expected, "all of them, each once, in order");
    let notifier = summary.bus.subscriptions.iter().find(|own| own.subscriber == "notifier");
    assert_eq!(notifier.unwrap().delivered, 50);
    assert_eq!(fixture.audit().len(), 50);
}
