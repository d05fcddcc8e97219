//! [`Asked`]: what a library was asked, until it is answered.
//!
//! Whoever awaits it also drives what the library asks of resources meanwhile: on the host's own
//! executor, within the call's deadline, and not beyond its cancellation.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use hookspec_plugin::Fault;

use super::calls::Completion;
use super::plugin::DylibPlugin;
use super::requests::Request;
use super::requests::faulted;
use crate::dylib::abi::{Bytes, HOOKSPEC_FAULT};

/// What was asked, until it is answered. Dropped before that, it is cancelled.
pub(super) struct Asked<'a> {
    plugin: &'a DylibPlugin,
    id: u64,
    ended: bool,
    requests: Vec<Request>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(plugin: &'a DylibPlugin, id: u64) -> Self {
        Self { plugin, id, ended: false, requests: Vec::new() }
    }

    /// The answer, if it is there already.
    pub(super) fn at_once(mut self) -> Result<Result<Completion, Fault>, Self> {
        match self.plugin.side.calls.poll(self.id, None) {
            Poll::Ready(completion) => {
                self.ended = true;
                Ok(completion.ok_or_else(forgotten))
            }
            Poll::Pending => Err(self),
        }
    }

    /// Drives what the library asked, and hands over what came of it.
    fn serve(&mut self, cx: &mut task::Context<'_>) {
        self.requests.extend(self.plugin.side.requests.take(self.id));
        let mut index = 0;
        while let Some(request) = self.requests.get_mut(index) {
            match request.poll(cx) {
                Poll::Pending => index += 1,
                Poll::Ready((status, answer)) => {
                    let number = self.requests.swap_remove(index).number;
                    self.hand_over(number, status, &answer);
                }
            }
        }
    }

    fn hand_over(&self, number: u64, status: i32, answer: &[u8]) {
        let (answered, instance) =
            (self.plugin.found.descriptor.answered, self.plugin.instance.get());
        if let (Some(answered), Some(instance)) = (answered, instance) {
            // SAFETY: as the interface says; the answer is lent until it returns.
            unsafe { answered(instance.0, number, status, Bytes::of(answer)) }
        }
    }
}

impl Future for Asked<'_> {
    type Output = Result<Completion, Fault>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let side = &self.plugin.side;
        match side.calls.poll(self.id, Some(cx.waker())) {
            Poll::Ready(completion) => {
                self.ended = true;
                Poll::Ready(completion.ok_or_else(forgotten))
            }
            Poll::Pending => {
                // After the waker is known, so that none that comes meanwhile is overlooked.
                if side.requests.any() {
                    self.serve(cx);
                }
                Poll::Pending
            }
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let side = &self.plugin.side;
        let at_work = !self.ended && side.calls.abandon(self.id);
        // Nothing is taken for this number from here on.
        if side.requests.any() {
            let mut open = std::mem::take(&mut self.requests);
            open.extend(side.requests.take(self.id));
            let gone = Fault::new("cancelled", "the call that asked the resource has ended");
            let answer = faulted(&gone);
            for request in open {
                let number = request.number;
                drop(request);
                self.hand_over(number, HOOKSPEC_FAULT, &answer);
            }
        }
        if at_work
            && let (Some(cancel), Some(instance)) =
                (self.plugin.found.descriptor.cancel, self.plugin.instance.get())
        {
            // SAFETY: as the interface says.
            let ended = unsafe { cancel(instance.0, self.id) };
            if ended != 0 {
                side.calls.ended(self.id);
            }
        }
    }
}

fn forgotten() -> Fault {
    Fault::new("abi", "the call was forgotten before it was answered")
}
