//! The HTTP client, against a server of this test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use hookspec_host::resources::{HttpLimits, UreqClient};
use hookspec_plugin::resources::{HttpClient, HttpRequest};

/// What it was sent, and the connections that it answered nothing on.
type Server = thread::JoinHandle<(Vec<String>, Vec<TcpStream>)>;

/// Answers every connection with these bytes, as often as asked, and tells what it was sent.
fn serve(answer: Option<&'static str>, times: usize) -> (String, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let mut silent: Vec<TcpStream> = Vec::new();
        let mut heard = Vec::new();
        for _ in 0..times {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let mut sent = String::new();
            // A body may come in a piece of its own.
            let whole = |sent: &str| match sent.starts_with("POST") {
                true => sent.ends_with("payload"),
                false => sent.ends_with("\r\n\r\n"),
            };
            while !whole(&sent) {
                let length = stream.read(&mut buffer).unwrap();
                sent.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
                if length == 0 {
                    break;
                }
            }
            heard.push(sent);
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                None => silent.push(stream),
            }
        }
        (heard, silent)
    });
    (url, server)
}

fn quick() -> HttpLimits {
    HttpLimits { timeout: Duration::from_millis(300), response_bytes: 10, redirects: 1 }
}

#[tokio::test]
async fn lend_7_what_is_no_response_is_a_fault_that_says_which() {
    let http = UreqClient::new(quick());
    for url in ["", "no url", "http://", "ftp://localhost/"] {
        assert!(http.get(url).await.is_err(), "{url}");
    }
    assert_eq!(http.get("http://[").await.unwrap_err().code(), "http_request");
    let bad = HttpRequest::get("http://localhost/").header("a\nb", "c");
    assert_eq!(http.send(bad).await.unwrap_err().code(), "http_request");
    // A port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = http.get(&format!("http://{free}/")).await.unwrap_err();
    assert!(refused.code() == "http_io" && refused.is_retryable(), "{refused:?}");
    let (url, server) = serve(None, 2);
    let silent = http.get(&url).await.unwrap_err();
    assert!(silent.code() == "http_timeout" && silent.is_retryable(), "{silent:?}");
    let patient = UreqClient::default();
    let own = HttpRequest::get(&url).timeout(Duration::from_millis(50));
    assert_eq!(patient.send(own).await.unwrap_err().code(), "http_timeout");
    server.join().unwrap();
    let (url, server) = serve(Some("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world"), 1);
    assert_eq!(http.get(&url).await.unwrap_err().code(), "http_size");
    server.join().unwrap();
}

#[tokio::test]
async fn a_status_is_a_response() {
    let http = UreqClient::new(quick());
    let (url, server) = serve(
        Some(
            "HTTP/1.1 404 Not Found\r\nX-Why: gone\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno",
        ),
        2,
    );
    let response = http.send(HttpRequest::get(&url).header("x-own", "1")).await.unwrap();
    assert_eq!((response.status, response.text().unwrap()), (404, "no"));
    assert_eq!(response.header("x-why"), Some("gone"));
    http.post(&url, b"payload".to_vec()).await.unwrap();
    let (heard, _) = server.join().unwrap();
    assert!(
        heard[0].starts_with("GET / HTTP/1.1\r\n") && heard[0].contains("x-own: 1"),
        "{heard:?}"
    );
    assert!(heard[1].starts_with("POST /") && heard[1].ends_with("payload"), "{heard:?}");
}
