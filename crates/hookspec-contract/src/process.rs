//! What this process holds: threads, descriptors, memory, children. Read from `/proc`, so on Linux.

use std::fs;
use std::path::Path;

/// What this process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) threads: usize,
    pub(crate) descriptors: usize,
    /// Resident memory, in bytes.
    pub(crate) memory: usize,
}

/// What this process holds now, where the system tells.
pub(crate) fn held() -> Option<Held> {
    let count = |path: &str| fs::read_dir(path).ok().map(Iterator::count);
    // The folder itself is open while it is counted.
    let descriptors = count("/proc/self/fd")?.saturating_sub(1);
    Some(Held { threads: count("/proc/self/task")?, descriptors, memory: memory()? })
}

fn memory() -> Option<usize> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size())
}

/// The processor time that this process has used, in clock ticks of a hundredth of a second.
pub(crate) fn ticks() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may hold anything; what follows its last bracket does not.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The processes that this one has started and that still run, with the names of their programs.
pub(crate) fn children() -> Vec<(u32, String)> {
    let own = std::process::id();
    everybody()
        .filter_map(|id| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            let (start, rest) = stat.rsplit_once(')')?;
            let mut fields = rest.split_whitespace();
            let (state, parent) = (fields.next()?, fields.next()?.parse::<u32>().ok()?);
            let name = start.split_once('(')?.1.to_owned();
            (parent == own && state != "Z").then_some((id, name))
        })
        .collect()
}

/// The processes that were started with a variable of this value, wherever they are now.
pub(crate) fn with_variable(name: &str, value: &Path) -> Vec<u32> {
    let wanted = [name.as_bytes(), b"=", value.as_os_str().as_encoded_bytes()].concat();
    let has = |id: &u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
    };
    everybody().filter(has).collect()
}

/// Every process there is, by its number.
fn everybody() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|each| each.file_name().to_str()?.parse().ok())
}

/// The names of what is in a folder, however deep, in order.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            }
            found.push(name);
        }
    }
    found.sort();
    found
}
