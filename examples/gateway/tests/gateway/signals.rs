//! SIGTERM and Ctrl-C: during the start, under load, and again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use rustix::process::Signal;

use crate::client::Client;
use crate::process::Running;
use crate::{child, served};

#[test]
fn an_address_that_somebody_else_has_is_said_before_anything_is_set_up() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut gateway = Running::start(&address, &[]);
    assert!(gateway.complained("error: ").contains(&address));
    assert_eq!(gateway.wait().code(), Some(2));
}

#[test]
fn sigterm_during_the_start_tears_down_what_was_set_up() {
    let mut gateway = child::start(true);
    gateway.said("setup began");
    gateway.signal(Signal::TERM);
    gateway.complained("stopping");
    gateway.tell();
    gateway.said("setup ended");
    gateway.said("torn down");
    assert_eq!(gateway.wait().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut gateway = child::start(true);
    gateway.said("setup began");
    gateway.signal(Signal::INT);
    gateway.complained("stopping");
    gateway.signal(Signal::TERM);
    assert_eq!(gateway.wait().code(), Some(130));
}

#[test]
fn a_client_that_says_half_a_request_does_not_keep_it() {
    use std::io::Write as _;
    let mut gateway = child::start(false);
    let address = gateway.address();
    let mut half = std::net::TcpStream::connect(address).unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost: ").unwrap();
    gateway.signal(Signal::TERM);
    gateway.said("torn down");
    // Counted at the end: what plugins still answered while they were torn down was not cut off.
    let said = gateway.said("answered ");
    assert!(said.contains("0 requests; 0 are cut off"), "{said}");
    assert_eq!(gateway.wait().code(), Some(0), "it was no request yet");
}

/// How many answers one client got until it got no more.
async fn ask_on(address: SocketAddr, path: &str, answers: Arc<AtomicU64>) -> u64 {
    let mut got = 0;
    // A connection ends when the gateway stops, and then there is no other.
    while let Ok(mut client) = Client::connect(address).await {
        while let Ok(answer) = client.send("GET", path, &[]).await {
            assert_eq!(answer.status, 200, "{answer:?}");
            got += 1;
            answers.fetch_add(1, Ordering::Relaxed);
        }
    }
    got
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_loses_no_request_that_was_accepted() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut gateway = Running::start("127.0.0.1:0", &["--misbehaving"]);
        let address = gateway.address();
        let answers = Arc::new(AtomicU64::new(0));
        let paths = ["/search?q=Big+CAR", "/healthz", "/tools", "/plugins"];
        let clients: Vec<_> = (0..12)
            .map(|n| tokio::spawn(ask_on(address, paths[n % 4], Arc::clone(&answers))))
            .collect();
        served::until("it is under load", || answers.load(Ordering::Relaxed) >= 200).await;
        gateway.signal(signal);
        let got: u64 = join_all(clients).await.into_iter().map(Result::unwrap).sum();
        let said = gateway.said("answered ");
        let number = |word: usize| said.split(' ').nth(word).unwrap().parse::<u64>().unwrap();
        // As many as it answered arrived, and it left none that it had begun with.
        assert_eq!((number(0), number(2)), (got, 0), "{said}");
        assert_eq!(gateway.wait().code(), Some(0), "{signal:?}");
    }
}
