//! [`scan`]: from the walk, through the plugins, to the report. Bounded everywhere: the queue of what
//! was found, and how many files are read at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt;
use futures::stream;
use hookspec::kinds::file_processor::FileProcessorCalls;
use hookspec::{Caller, CancellationToken, Registry};
use hookspec_cli::cancel_on_signal;
use tokio::sync::mpsc;

use crate::bar::Bar;
use crate::process::Reading;
use crate::report::Report;
use crate::row::{Row, Totals};
use crate::walk::{Found, walk};
use crate::{Args, complain};

/// Scans the folder and shows what came of it.
///
/// # Errors
/// The registry lacks the kind, or the output cannot be written.
pub(crate) async fn scan(
    registry: &Registry,
    args: &Args,
    bar: &Bar,
) -> Result<Totals, Box<dyn std::error::Error>> {
    let stop = CancellationToken::new();
    // Where the system tells of no signals, it ends the process as ever.
    let _ = cancel_on_signal(&stop, || {});
    let reading = Reading {
        calls: FileProcessorCalls::new(registry)?,
        caller: Caller::new().with_cancellation(stop.clone()),
        max_bytes: args.max_bytes,
    };
    let jobs = usize::from(args.jobs);
    let (queue, mut waiting) = mpsc::channel(jobs * 4);
    let found = Arc::new(AtomicU64::new(0));
    let walked = {
        let (root, excluded) = (args.dir.clone(), args.exclude.clone());
        let (stop, found) = (stop.clone(), Arc::clone(&found));
        tokio::task::spawn_blocking(move || walk(&root, &excluded, &stop, &found, &queue))
    };

    let mut report = Report::new(args.json);
    let mut totals = Totals::default();
    let reading = &reading;
    let mut read = stream::poll_fn(|cx| waiting.poll_recv(cx))
        .map(|next| async move {
            match next {
                Found::Unreadable(why) => Err(why),
                Found::File { path, size, settled } => {
                    let outcome = match settled {
                        Some(outcome) => outcome,
                        None => reading.read(&path, size).await,
                    };
                    Ok(Row { path, size, outcome })
                }
            }
        })
        .buffer_unordered(jobs);
    while let Some(next) = read.next().await {
        bar.found(found.load(Ordering::Acquire));
        match next {
            Ok(row) => {
                bar.one_more();
                totals.count(&row);
                bar.aside(|| report.row(row))?;
            }
            Err(why) => {
                totals.unreadable_folders += 1;
                // A failing terminal is no reason to end.
                let _ = bar.aside(|| {
                    complain(&format!("cannot be read: {why}"));
                    Ok(())
                });
            }
        }
    }
    totals.is_partial = !walked.await?;
    totals.found = found.load(Ordering::Acquire);
    // The table stands alone.
    bar.clear();
    report.finish(&totals)?;
    Ok(totals)
}
