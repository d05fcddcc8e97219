//! `EVT-003`, `EVT-004`: what a plugin makes of events that are as declared.

use hookspec_plugin::{Handled, Payload};

use super::Listener;
use super::ran::{Ran, run, shown, wrong};
use crate::found::{Checked, Found, Tally};
use crate::observer::Came;
use crate::scene::Scene;

/// What a run says, where nothing was wrong: without an event nobody knows.
fn tally(ran: &Ran) -> Result<Tally, Found> {
    if ran.told.is_empty() && ran.missing.is_empty() {
        return Err(Found::not_verified("no event reached it"));
    }
    Ok(Tally { missing: ran.missing.clone(), ..Tally::default() })
}

pub(super) async fn without_panic(scene: &Scene) -> Checked {
    let ran = run(scene, Listener::subscribed(scene).await?).await?;
    let mut tally = tally(&ran)?;
    for told in &ran.told {
        let event = shown(told);
        match &told.came {
            Came::Panicked => {
                tally.findings.push(wrong(event, "it panicked when it was told of this"));
            }
            Came::Fault(fault)
                if fault.code().trim().is_empty() || fault.message().trim().is_empty() =>
            {
                let message = format!("its fault has no code or no message: {fault}");
                tally.findings.push(wrong(event, message));
            }
            Came::Fault(fault) => tally.refused(&event, fault.to_string()),
            Came::Answered(_) | Came::Nothing => tally.looked_at += 1,
            // EVT-011.
            Came::Unfinished => {}
        }
    }
    Ok(tally.found("events"))
}

pub(super) async fn with_an_answer(scene: &Scene) -> Checked {
    let ran = run(scene, Listener::subscribed(scene).await?).await?;
    let mut tally = tally(&ran)?;
    for told in &ran.told {
        match &told.came {
            Came::Answered(answer) => {
                tally.looked_at += 1;
                if let Err(why) = read(answer) {
                    let message = format!("what it answers is no answer to an event: {why}");
                    tally.findings.push(wrong(shown(told), message));
                }
            }
            Came::Nothing => tally.looked_at += 1,
            Came::Fault(fault) => tally.refused(&shown(told), fault.to_string()),
            Came::Panicked | Came::Unfinished => {}
        }
    }
    Ok(tally.found("answers"))
}

/// An answer as a bus reads it.
///
/// # Errors
/// It is none.
pub(super) fn read(answer: &Payload) -> Result<Handled, String> {
    let handled = answer.typed::<Handled>();
    handled.map(|handled| handled.clone()).map_err(|fault| fault.message().to_owned())
}
