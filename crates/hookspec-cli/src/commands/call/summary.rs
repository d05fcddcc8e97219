//! [`Summary`]: what each plugin did in a run of lines, on standard error.

use std::time::Duration;

use hookspec_host::{CauseClass, PluginSnapshot, RegistrySnapshot};

use super::lines::Counts;
use crate::grid::{Cell, Grid};
use crate::output::Tone;
use crate::recorder::Recorder;
use crate::text::{complain, duration};

/// What each plugin did between two snapshots.
pub(super) struct Summary {
    plugins: Vec<Row>,
}

struct Row {
    name: String,
    calls: u64,
    failures: Vec<(CauseClass, u64)>,
    p50: Option<Duration>,
    p99: Option<Duration>,
}

impl Summary {
    pub(super) fn new(
        before: &RegistrySnapshot,
        after: &RegistrySnapshot,
        recorder: &Recorder,
    ) -> Self {
        let row = |now: &PluginSnapshot| {
            let then = before.plugins.iter().find(|plugin| plugin.name == now.name);
            let failures = now.failures.iter().map(|(cause, count)| {
                let then = then.and_then(|then| then.failures.get(cause)).copied().unwrap_or(0);
                (*cause, count.saturating_sub(then))
            });
            Row {
                name: now.name.clone(),
                calls: now.calls.saturating_sub(then.map_or(0, |then| then.calls)),
                failures: failures.filter(|(_, count)| *count > 0).collect(),
                p50: recorder.percentile(&now.name, 50),
                p99: recorder.percentile(&now.name, 99),
            }
        };
        let rows = after.plugins.iter().map(row).filter(|row| row.calls > 0);
        Self { plugins: rows.collect() }
    }

    pub(super) fn complain(&self, counts: &Counts, elapsed: Duration, width: usize) {
        let Counts { lines, ok, not_json } = counts;
        let rate = *lines as f64 / elapsed.as_secs_f64().max(1e-9);
        let mut first = format!("{lines} lines in {}, {rate:.0}/s: {ok} fine", duration(elapsed));
        let failed = lines - ok - not_json;
        for (count, what) in [(failed, "with a failure"), (*not_json, "not JSON")] {
            if count > 0 {
                first.push_str(&format!(", {count} {what}"));
            }
        }
        complain(&first);
        let mut grid = Grid::new(["plugin", ">calls", ">failed", "by cause", ">p50", ">p99"]);
        for row in &self.plugins {
            let causes = row.failures.iter().map(|(cause, count)| format!("{count} {cause}"));
            let time = |time: Option<Duration>| time.map_or("-".into(), duration);
            grid.row([
                Cell::new(&row.name, Tone::Strong),
                row.calls.to_string().into(),
                row.failures.iter().map(|(_, count)| count).sum::<u64>().to_string().into(),
                causes.collect::<Vec<_>>().join(", ").into(),
                time(row.p50).into(),
                time(row.p99).into(),
            ]);
        }
        if !grid.is_empty() {
            for line in grid.lines(width, false) {
                complain(&line);
            }
        }
    }
}
