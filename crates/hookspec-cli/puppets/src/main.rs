//! The commands over puppets: plugins that answer, fail, panic and hang on demand, so that the
//! tests beside this see what their users would.

#![forbid(unsafe_code)]

mod echo;
mod files;

use std::process::ExitCode;

use hookspec_cli::App;
use hookspec_host::Registry;
use hookspec_host::testing::{Behaviour, Puppet};
use hookspec_plugin::{Fault, Manifest, Reply};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let builder = Registry::builder()
        .plugin(anna())
        .plugin(bert())
        .plugin(carl())
        .plugin(echo::Echo::new())
        .runtime(files::Files)
        .environment(|_| None);
    App::new(builder).hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/hookspecs")).main()
}

/// Does everything well.
fn anna() -> Puppet {
    let whom = Behaviour::compute(|call| {
        let metadata = Value::Object(call.context.caller().metadata().clone());
        Ok(Reply::value(json!({ "input": call.input.json()?, "metadata": metadata })))
    });
    let mut manifest = Manifest::new("anna", "stage");
    manifest.supports_extensions = vec!["rs".into()];
    Puppet::new(manifest)
        .on("ring", Behaviour::answer(Value::Null))
        .on("ask", Behaviour::answer("yes"))
        .on("vote", Behaviour::answer(1))
        .on("edit", added("anna"))
        .on("fix", added("anna"))
        .on("answer", whom)
        .on("read", Behaviour::answer("rust"))
        .on("wait", Behaviour::Hang)
}

/// Fails in the ways in which one can; as good a candidate as anna where one is chosen.
fn bert() -> Puppet {
    let mut manifest = Manifest::new("bert", "stage");
    manifest.fallback = true;
    Puppet::new(manifest)
        .on("ring", Behaviour::fault("no\x1b[2Jt now"))
        .on("ask", Behaviour::panic("what a question"))
        .on(
            "vote",
            Behaviour::Fault(Fault::new("absent", "has left").retryable().with_data(json!([7]))),
        )
        .on("edit", Behaviour::fault("cannot spell"))
        .on("fix", Behaviour::fault("cannot spell"))
        .on("answer", Behaviour::answer("bert"))
        .on("read", Behaviour::answer("anything"))
}

/// Answers what its hooks do not allow, and ends chains.
fn carl() -> Puppet {
    Puppet::new(Manifest::new("carl", "stage"))
        .on("ask", Behaviour::answer(json!({ "no": "text" })))
        .on("edit", Behaviour::Stop)
}

/// Adds a name to the text of a note.
fn added(name: &'static str) -> Behaviour {
    Behaviour::compute(move |call| {
        let mut note = call.input.json()?.clone();
        let text = format!("{} {name}", note["text"].as_str().unwrap_or_default());
        note["text"] = text.into();
        Ok(Reply::value(note))
    })
}
