//! `watch`: keeps the application running and its plugin folders loaded as they are now.
//!
//! **Absent on purpose**: how a plugin is replaced (`Registry::reload`). Folders that are reached
//! through links are searched, and changes behind a link are not noticed.

mod apply;
mod scan;

use std::path::PathBuf;
use std::time::Duration;

use hookspec_host::RegistryBuilder;
use hookspec_plugin::CancellationToken;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use self::apply::{Said, Watched};
use crate::app::Status;
use crate::interrupt;
use crate::output::Output;
use crate::session::Session;
use crate::text::{complain, plural};

/// How long a folder has to be quiet: builds and copies write a file in many steps.
const QUIET: Duration = Duration::from_millis(200);
/// How long it is waited for at most: something may write for ever.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn watch(
    builder: RegistryBuilder,
    hookspecs: &[PathBuf],
    folders: &[PathBuf],
    output: &mut Output,
) -> Status {
    if folders.is_empty() {
        complain("error: there is nothing to watch; name a folder with --plugins DIR");
        return Status::CouldNotRun;
    }
    // Before the plugins are opened: what changes from here on is noticed.
    let mut watched: Vec<Watched> = folders.iter().map(|folder| Watched::new(folder)).collect();
    let session = match Session::start(builder, hookspecs, folders) {
        Ok(session) => session,
        Err(status) => return status,
    };
    let (sender, mut changes) = mpsc::channel(1);
    let watcher = match listen(folders, sender) {
        Ok(watcher) => watcher,
        Err(problem) => {
            complain(&format!("error: {problem}"));
            return session.stop(Status::CouldNotRun);
        }
    };
    let plugins = session.registry.snapshot().plugins;
    for plugin in plugins.iter().filter(|plugin| !plugin.state.is_callable()) {
        let said = Said::new("unavailable").of(&plugin.name).because(&plugin.reason);
        said.say(output);
    }
    let token = CancellationToken::new();
    session.block_on(async {
        interrupt::cancels(&token);
        let detail = format!("{}; Ctrl-C ends it", plural(plugins.len(), "plugin"));
        Said::new("watching").because(&detail).say(output);
        while !token.is_cancelled() && !output.is_closed() {
            for folder in &mut watched {
                folder.apply(&session.registry, output).await;
            }
            tokio::select! {
                () = token.cancelled() => {}
                _ = changes.recv() => settle(&mut changes).await,
            }
        }
    });
    drop(watcher);
    Said::new("stopping").say(output);
    session.stop(Status::Fine)
}

/// Tells of every change below the folders, as long as it is held.
fn listen(folders: &[PathBuf], sender: mpsc::Sender<()>) -> Result<RecommendedWatcher, String> {
    let tell = move |event: notify::Result<Event>| {
        // An error says that something was missed. A full channel says that it is known already.
        if event.map_or(true, |event| !matches!(event.kind, EventKind::Access(_))) {
            let _ = sender.try_send(());
        }
    };
    let mut watcher = notify::recommended_watcher(tell)
        .map_err(|error| format!("changes of files cannot be watched: {error}"))?;
    for folder in folders {
        watcher
            .watch(folder, RecursiveMode::Recursive)
            .map_err(|error| format!("`{}` cannot be watched: {error}", folder.display()))?;
    }
    Ok(watcher)
}

/// Waits until nothing has changed for a while.
async fn settle(changes: &mut mpsc::Receiver<()>) {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if timeout(QUIET, changes.recv()).await.is_err() {
            return;
        }
    }
}
