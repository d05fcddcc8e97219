//! `test`: the contract suite over plugins: a folder's, a manifest's, or those of this program.

mod explain;
mod progress;
mod show;
mod subjects;

use std::path::{Path, PathBuf};

use hookspec_contract::cases::{Case, Mistake, read_folder};
use hookspec_contract::{Baseline, Launcher, Options, Profile, Subject, Suite, check};
use hookspec_host::RegistryBuilder;
use hookspec_plugin::CancellationToken;
use hookspec_spec::Catalog;

use crate::app::Status;
use crate::interrupt;
use crate::output::Output;
use crate::text::complain;

use self::progress::Progress;

/// Check that plugins keep their contract, whatever they are written in
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every MUST is kept, 1 one is broken or could not be verified, \
                        2 the suite could not do its work.\n\
                        Every check runs in a process of its own, under limits."
)]
pub(crate) struct Test {
    /// A plugin's folder or manifest, a folder of plugins, or the name of a plugin of this program;
    /// without it, all plugins of this program and of --plugins
    #[arg(value_name = "PLUGIN|DIR")]
    plugin: Option<String>,
    /// Run the checks of this profile; may be repeated
    #[arg(long, value_enum, default_value = "all")]
    profile: Vec<Wanted>,
    /// Run checks and cases with this id, where * stands for anything; may be repeated
    #[arg(long, value_name = "ID")]
    filter: Vec<String>,
    /// A folder of cases; may be repeated. The kinds' own, in `cases` beside their YAML, are always read
    #[arg(long, value_name = "DIR")]
    cases: Vec<PathBuf>,
    /// A file with the plugins' configurations: a JSON object, by plugin; without it, they are those
    /// of the application and its configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A file of failures that are expected, each with a reason and an end
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// What inputs are made of
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run every check so often, each time with the next seed
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    repeat: u32,
    /// End after the first MUST that is broken or unverified
    #[arg(long)]
    fail_fast: bool,
    /// Multiply every time that is allowed, for slow machines
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", value_parser = factor)]
    timeout_scale: f64,
    /// Run so many checks at once; without it, as many as there are processors
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Write the report as JSON too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as JUnit XML too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the report as a page too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// List the checks, and run nothing
    #[arg(long, conflicts_with = "plugin")]
    list: bool,
    /// Say what a check is about, and run nothing
    #[arg(long, value_name = "ID", conflicts_with = "plugin")]
    explain: Option<String>,
}

/// A profile, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Wanted {
    /// Manifest, hooks, what goes in and comes out
    Core,
    /// Setup, teardown, what is left behind
    Lifecycle,
    /// Panics, faults, deadlines, concurrency, many calls
    Resilience,
    /// What a stranger's plugin may not do to the process that it runs in
    Security,
    /// What a plugin receives and emits on the event bus
    Events,
    /// All of them
    All,
}

fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|error| format!("{error}"))?;
    match (0.1..=100.0).contains(&factor) {
        true => Ok(factor),
        false => Err("it is not between 0.1 and 100".into()),
    }
}

/// Runs the suite.
pub(crate) fn test(
    builder: &RegistryBuilder,
    folders: &[PathBuf],
    plugins: &[PathBuf],
    args: &Test,
    output: &mut Output,
) -> Status {
    if args.list {
        return explain::list(output);
    }
    if let Some(id) = &args.explain {
        return explain::explain(id, output);
    }
    match run(builder, folders, plugins, args, output) {
        Ok(status) => status,
        Err(why) => {
            complain(&format!("error: {}", why.trim_end()));
            Status::CouldNotRun
        }
    }
}

fn run(
    builder: &RegistryBuilder,
    folders: &[PathBuf],
    plugins: &[PathBuf],
    args: &Test,
    output: &mut Output,
) -> Result<Status, String> {
    let catalog = catalog(folders)?;
    let named = args.plugin.as_deref();
    let found = subjects::find(builder, named, plugins, &catalog)?;
    let config = args.config.as_deref().map(subjects::configurations).transpose()?;
    let subjects = match &config {
        Some(_) => subjects::configured(found, config.as_ref())?,
        None => subjects::as_in_application(builder, found)?,
    };
    let cases = cases(&catalog, &args.cases)?;
    let baseline = args.baseline.as_deref().map(|path| baseline(path, &cases)).transpose()?;
    unknown_filters(&args.filter)?;
    let launcher = Launcher::this_program().map_err(|error| error.to_string())?;
    let again = again(folders, plugins, args);
    let suite = Suite::new(catalog, subjects)
        .cases(cases)
        .options(args.options())
        .launcher(launcher)
        .program_digest()
        .reproduced_by(move |subject, id, seed| again(subject, id, seed));
    suite.perform_asked();
    let stop = CancellationToken::new();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.map_err(|error| format!("there is no async runtime: {error}"))?;
    runtime.block_on(async { interrupt::cancels(&stop) });
    let progress = Progress::new();
    let mut report = suite.run(&stop, &|event| progress.tell(event));
    progress.finish();
    if report.checks().next().is_none() && !stop.is_cancelled() {
        return Err(
            "nothing was run: no check and no case is both in the profiles and among what \
                    --filter asks for; `test --list` shows them"
                .into(),
        );
    }
    if let Some(baseline) = baseline {
        baseline.apply_today(&mut report);
    }
    show::files(&report, args)?;
    show::report(&report, output);
    Ok(match report.exit_code() {
        0 => Status::Fine,
        1 => Status::Failed,
        _ => Status::CouldNotRun,
    })
}

impl Test {
    fn options(&self) -> Options {
        let profiles = match self.profile.contains(&Wanted::All) {
            true => Vec::new(),
            false => self.profile.iter().filter_map(|wanted| wanted.profile()).collect(),
        };
        let standard = Options::default();
        Options {
            profiles,
            filter: self.filter.clone(),
            seed: self.seed,
            repeat: self.repeat,
            fail_fast: self.fail_fast,
            timeout_scale: self.timeout_scale,
            jobs: self.jobs.map_or(standard.jobs, usize::from),
        }
    }
}

impl Wanted {
    const fn profile(self) -> Option<Profile> {
        match self {
            Self::Core => Some(Profile::Core),
            Self::Lifecycle => Some(Profile::Lifecycle),
            Self::Resilience => Some(Profile::Resilience),
            Self::Security => Some(Profile::Security),
            Self::Events => Some(Profile::Events),
            Self::All => None,
        }
    }
}

/// The kinds, from the folders that were named, or from `hookspecs`.
fn catalog(folders: &[PathBuf]) -> Result<Catalog, String> {
    let own = Path::new("hookspecs");
    let folders = match folders.is_empty() {
        true if own.is_dir() => vec![own.to_path_buf()],
        true => {
            return Err(
                "which kinds there are is not known: name their folder with --hookspecs".into()
            );
        }
        false => folders.to_vec(),
    };
    Catalog::load(folders).map_err(|mistakes| mistakes.to_string())
}

/// The cases of the folders, and those that kinds bring along.
fn cases(catalog: &Catalog, folders: &[PathBuf]) -> Result<Vec<Case>, String> {
    let beside = catalog.kinds().filter_map(|kind| Some(kind.source.parent()?.join("cases")));
    let beside: Vec<PathBuf> = beside.filter(|folder| folder.is_dir()).collect();
    let (mut cases, mut mistakes) = (Vec::new(), Vec::new());
    for folder in beside.iter().chain(folders) {
        match read_folder(folder, catalog) {
            Ok(found) => cases.extend(found),
            Err(found) => mistakes.extend(found),
        }
    }
    match mistakes.is_empty() {
        true => Ok(cases),
        false => Err(mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn baseline(path: &Path, cases: &[Case]) -> Result<Baseline, String> {
    let is_case = |id: &str| {
        let name = id.strip_prefix("case:");
        name.is_some_and(|name| cases.iter().any(|c| name == format!("{}/{}", c.kind(), c.name())))
    };
    Baseline::read(path, |id| check(id).is_some() || is_case(id)).map_err(|error| error.to_string())
}

/// A filter without a star that names no check is a slip of the pen, not an empty selection.
fn unknown_filters(filters: &[String]) -> Result<(), String> {
    let unknown =
        |id: &&String| !id.contains('*') && !id.starts_with("case:") && check(id).is_none();
    match filters.iter().find(unknown) {
        None => Ok(()),
        Some(id) => Err(format!("there is no check `{id}`; `test --list` names them all")),
    }
}

/// The command that runs one check of one plugin again.
fn again(
    folders: &[PathBuf],
    plugins: &[PathBuf],
    args: &Test,
) -> impl Fn(&Subject, &str, u64) -> String + Send + Sync + 'static {
    let program = std::env::args().next().unwrap_or_else(|| "hookspec".into());
    let mut rest = String::new();
    let mut add = |flag: &str, path: &Path| {
        rest.push_str(&format!(" {flag} {}", quoted(&path.display().to_string())));
    };
    for folder in folders {
        add("--hookspecs", folder);
    }
    for folder in plugins {
        add("--plugins", folder);
    }
    for folder in &args.cases {
        add("--cases", folder);
    }
    if let Some(config) = &args.config {
        add("--config", config);
    }
    move |subject, id, seed| {
        let plugin = match subject.path() {
            Some(path) => quoted(&path.display().to_string()),
            None => quoted(subject.name()),
        };
        format!("{} test {plugin}{rest} --filter {} --seed {seed}", quoted(&program), quoted(id))
    }
}

/// A word of a command line.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
