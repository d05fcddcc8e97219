//! [`Webhook`]: a server on loopback that keeps what is sent to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

#[derive(Default)]
struct Kept {
    /// What was sent, as it came.
    came: Vec<Value>,
    /// How many it answers; then it keeps the others waiting.
    answers: usize,
}

/// A server on loopback that keeps what is sent to it.
pub(crate) struct Webhook {
    pub(crate) url: String,
    kept: Arc<(Mutex<Kept>, Condvar)>,
}

impl Webhook {
    /// Answers everything, each after a while.
    pub(crate) fn start(pause: Duration) -> Self {
        Self::with(usize::MAX, pause)
    }

    /// Answers nothing until it is told to.
    pub(crate) fn stuck() -> Self {
        Self::with(0, Duration::ZERO)
    }

    fn with(answers: usize, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let kept = Arc::new((Mutex::new(Kept { came: Vec::new(), answers }), Condvar::new()));
        let own = Arc::clone(&kept);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let own = Arc::clone(&own);
                thread::spawn(move || serve(stream, &own, pause));
            }
        });
        Self { url, kept }
    }

    /// What was sent, as it came.
    pub(crate) fn came(&self) -> Vec<Value> {
        self.kept.0.lock().unwrap().came.clone()
    }

    /// Waits until so many events came.
    pub(crate) fn wait_for(&self, events: usize) {
        let (lock, changed) = &*self.kept;
        let short = |kept: &mut Kept| kept.came.len() < events;
        let limit = Duration::from_secs(30);
        let (_kept, waited) =
            changed.wait_timeout_while(lock.lock().unwrap(), limit, short).unwrap();
        assert!(!waited.timed_out(), "{events} events never came");
    }

    /// Answers whatever came and comes.
    pub(crate) fn let_go(&self) {
        self.kept.0.lock().unwrap().answers = usize::MAX;
        self.kept.1.notify_all();
    }
}

fn serve(stream: TcpStream, kept: &(Mutex<Kept>, Condvar), pause: Duration) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    if length == 0 || reader.read_exact(&mut body).is_err() {
        return;
    }
    let (lock, changed) = kept;
    let mut kept = lock.lock().unwrap();
    kept.came.push(serde_json::from_slice(&body).unwrap());
    let number = kept.came.len();
    changed.notify_all();
    drop(changed.wait_while(kept, |kept| kept.answers < number).unwrap());
    thread::sleep(pause);
    let mut stream = stream;
    let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
}
