//! [`Again`]: how this program is started once more, and what it does then.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use hookspec_contract::{Launcher, Suite, is_child};
use serde_json::{Value, json};

use crate::suite::Scenario;
use crate::unserved::{Served, text, unserved};

/// How this program is started once more, so that what a plugin of a vector does to its process is
/// done to that one.
#[derive(Clone, Debug)]
pub struct Again {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Again {
    /// This program, with the arguments that bring it to [`perform_asked`](Self::perform_asked).
    ///
    /// # Errors
    /// The system does not say which program this is.
    pub fn new(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        Ok(Self { program, arguments: arguments.into_iter().collect() })
    }

    /// If this process was started for a check of a vector's plugin, does it and ends.
    pub fn perform_asked() {
        if !is_child() {
            return;
        }
        // The last argument names the scenario; a child that finds none says nothing, and its
        // parent reports that.
        let path = std::env::args_os().next_back().unwrap_or_default();
        if let (Ok(suite), Ok(launcher)) = (left(Path::new(&path)), Launcher::this_program()) {
            suite.launcher(launcher).perform_asked();
        }
    }

    /// Leaves a scenario where the started program finds it; in a folder that outlives the launcher.
    pub(crate) fn launcher(&self, folder: &Path, group: &str, input: &Value) -> Served<Launcher> {
        let path = folder.join("scenario.json");
        let scenario = json!({ "group": group, "input": input }).to_string();
        if let Err(error) = fs::write(&path, scenario) {
            return unserved(format!("cannot write {}: {error}", path.display()));
        }
        let arguments = self.arguments.iter().cloned().chain([path.into_os_string()]).collect();
        Ok(Launcher::new(&self.program, arguments))
    }
}

/// The suite of the scenario that was left in a file.
fn left(path: &Path) -> Served<Suite> {
    let read = fs::read(path).ok().and_then(|read| serde_json::from_slice::<Value>(&read).ok());
    let Some(scenario) = read else { return unserved("there is no scenario") };
    let group = text(scenario.get("group").unwrap_or(&Value::Null), "group")?;
    Scenario::read(group, scenario.get("input").unwrap_or(&Value::Null))?.suite()
}
