//! The threads of one plugin on the `thread` executor.
//!
//! Threads are started when there is work and none is idle, up to a bound, and end when they had
//! nothing to do for a while. A thread whose call was abandoned takes no further call: it ends
//! when the call does, and until then counts against the bound, so that a plugin that hangs costs
//! a fixed number of threads and nobody but itself.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use hookspec_plugin::{BoxFuture, guard};
use tokio::runtime::Handle;

use super::Ticket;

const IDLE: Duration = Duration::from_secs(10);

/// The threads of one plugin.
pub(crate) struct Workers(Arc<Shared>);

struct Shared {
    name: String,
    threads: usize,
    queue: usize,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Task>,
    idle: usize,
    threads: usize,
    running: Vec<Arc<Ticket>>,
    closed: bool,
}

struct Task {
    runtime: Handle,
    future: BoxFuture<'static, ()>,
    ticket: Arc<Ticket>,
}

impl Workers {
    /// No thread is started before there is work.
    pub(crate) fn new(plugin: &str, threads: usize, queue: usize) -> Self {
        Self(Arc::new(Shared {
            name: format!("hookspec-{plugin}"),
            threads: threads.max(1),
            queue,
            state: Mutex::default(),
            work: Condvar::new(),
        }))
    }

    /// Queues a call.
    ///
    /// # Errors
    /// Which bound was reached.
    pub(crate) fn submit(
        &self,
        runtime: &Handle,
        future: BoxFuture<'static, ()>,
        ticket: Arc<Ticket>,
    ) -> Result<(), String> {
        let shared = &self.0;
        let mut state = shared.lock();
        if state.closed {
            return Err("the plugin is stopping".into());
        }
        let held = state.running.iter().filter(|ticket| ticket.is_abandoned()).count();
        if held >= shared.threads {
            return Err(format!("all {held} of its threads are held by abandoned calls"));
        }
        if state.waiting.len() >= shared.queue {
            return Err(format!("{} calls wait for one of its threads already", shared.queue));
        }
        // More waiting than idle: a thread that is about to take the work of another does not
        // count for this one.
        if state.waiting.len() >= state.idle && state.threads < shared.threads {
            shared.start().map_err(|error| format!("no thread could be started: {error}"))?;
            state.threads += 1;
        }
        state.waiting.push_back(Task { runtime: runtime.clone(), future, ticket });
        drop(state);
        shared.work.notify_one();
        Ok(())
    }

    /// Lets idle threads end and takes no more work.
    pub(crate) fn close(&self) {
        let waiting = {
            let mut state = self.0.lock();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        // Outside the lock: what waits holds a plugin's payloads.
        drop(waiting);
        self.0.work.notify_all();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing foreign runs under the lock, so a panic cannot leave it half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(self: &Arc<Self>) -> std::io::Result<()> {
        let own = Arc::clone(self);
        let builder = std::thread::Builder::new().name(self.name.clone());
        builder.spawn(move || own.run()).map(drop)
    }

    fn run(self: Arc<Self>) {
        while let Some(task) = self.next() {
            let ticket = task.ticket;
            let abandoned_before = ticket.is_abandoned();
            // Abandoned while it waited: dropping the future ends it.
            if !abandoned_before {
                let (runtime, future) = (task.runtime, task.future);
                // The plugin's own panics are contained inside; this one is the runtime's, when it
                // shut down under the call.
                let _ = guard::catch(move || runtime.block_on(future));
            }
            let held = !abandoned_before && ticket.is_abandoned();
            let mut state = self.lock();
            state.running.retain(|running| !Arc::ptr_eq(running, &ticket));
            if held {
                if state.waiting.is_empty() {
                    state.threads -= 1;
                    return;
                }
                // Who waits gets a fresh thread in its place; if none can be had, it serves on.
                if self.start().is_ok() {
                    return;
                }
            }
        }
    }

    /// The next call; `None`: this thread has to end and counts no more.
    fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        state.idle += 1;
        let task = loop {
            if let Some(task) = state.waiting.pop_front() {
                break Some(task);
            }
            if state.closed {
                break None;
            }
            let (guard, timeout) =
                self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = guard;
            if timeout.timed_out() && state.waiting.is_empty() {
                break None;
            }
        };
        state.idle -= 1;
        match &task {
            Some(task) => state.running.push(Arc::clone(&task.ticket)),
            // Under the lock that found nothing to do: whoever comes next starts a thread.
            None => state.threads -= 1,
        }
        task
    }
}
