//! CHECKPOINT-1 where nothing can be written: an error, and what was there before.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use hookspec_host::FileCheckpoints;
use hookspec_plugin::CheckpointStore;
use serde_json::json;

use crate::again;

/// The child of the tests below: every save fails, and what was there before is there still.
#[test]
fn child_finds_no_room() {
    let Some(folder) = again::folder() else { return };
    let store = FileCheckpoints::new(folder);
    futures::executor::block_on(async {
        for _ in 0..2 {
            let failed = store.save("k", &json!("x".repeat(1 << 20))).await.unwrap_err();
            assert_eq!(failed.code(), "checkpoint_io");
            assert!(failed.is_retryable(), "{failed}");
            assert_eq!(store.load("k").await.unwrap().unwrap().state, json!("before"));
        }
    });
}

/// Runs the child above on a folder with a state; answers what is in it then.
fn fails_in(folder: &std::path::Path, shell: &str) -> Vec<String> {
    let child = again::child("scarce::child_finds_no_room", shell, folder).output().unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let said = said + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn with_a_state() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = FileCheckpoints::new(folder.path());
    futures::executor::block_on(store.save("k", &json!("before"))).unwrap();
    folder
}

#[test]
fn checkpoint_1_a_file_that_may_not_grow_changes_nothing() {
    let folder = with_a_state();
    // Writing beyond the limit would end the process by a signal; ignored, it is an error, as a
    // full disk is.
    let left = fails_in(folder.path(), "trap '' XFSZ; ulimit -f 16;");
    assert_eq!(left, [",lock", "k.checkpoint"], "nothing half-written is left");
}

#[test]
fn checkpoint_1_a_folder_that_cannot_be_written_changes_nothing() {
    let folder = with_a_state();
    let before = fs::metadata(folder.path()).unwrap().permissions();
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever may do everything can write there all the same.
    let left = fails_in(
        folder.path(),
        "[ \"$(id -u)\" -ne 0 ] || set -- setpriv --reuid 65534 --clear-groups; [ $# -eq 0 ] || exec \"$@\" \"$0\" --exact scarce::child_finds_no_room --nocapture;",
    );
    fs::set_permissions(folder.path(), before).unwrap();
    assert_eq!(left, [",lock", "k.checkpoint"]);
}
