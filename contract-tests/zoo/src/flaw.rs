//! [`Flaw`]: what can be wrong with an animal, a line each.

use hookspec_plugin::Manifest;

use crate::manifests;

macro_rules! flaws {
    ($($(#[$doc:meta])+ $flaw:ident = $check:literal $name:literal $place:ident;)+) => {
        /// What is wrong with an animal: one check of the contract suite that it breaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Flaw {
            $($(#[$doc])+ $flaw,)+
        }

        /// All of them, in the order of the checks.
        pub(crate) const ALL: &[Flaw] = &[$(Flaw::$flaw),+];

        impl Flaw {
            /// The check that it breaks.
            pub const fn check(self) -> &'static str {
                match self { $(Self::$flaw => $check),+ }
            }

            /// The name of the animal that has it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$flaw => $name),+ }
            }

            pub(crate) fn manifest(self) -> fn() -> Manifest {
                match self { $(Self::$flaw => || manifests::of($name)),+ }
            }

            pub(crate) const fn in_library(self) -> bool {
                match self { $(Self::$flaw => Place::$place.in_library()),+ }
            }
        }
    };
}

/// Where a flaw shows.
enum Place {
    Anywhere,
    /// Linked in only: the C interface does not carry it, or hides it.
    Linked,
}

impl Place {
    const fn in_library(self) -> bool {
        matches!(self, Self::Anywhere)
    }
}

impl Flaw {
    /// The flaw of the animal of that name.
    pub fn of(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|flaw| flaw.name() == name)
    }
}

flaws! {
    /// Its manifest says both `tryfirst` and `trylast`.
    TwoBands = "MAN-001" "man-001" Anywhere;
    /// Its manifest names a major version of the kind that does not exist.
    UnknownMajor = "MAN-002" "man-002" Anywhere;
    /// It lists a hook that its kind does not have.
    UnknownHook = "MAN-003" "man-003" Anywhere;
    /// It does not list the hook that its kind requires.
    LacksRequired = "MAN-004" "man-004" Anywhere;
    /// It lists `gather`, and says that it does not implement it.
    ListsUnserved = "MAN-005" "man-005" Anywhere;
    /// It does not list `gather`, and serves it.
    ServesUnlisted = "MAN-006" "man-006" Anywhere;
    /// Every instance but the first describes itself otherwise. A library is asked once.
    ChangesItsMind = "MAN-007" "man-007" Linked;
    /// Its priority is that of middleware, which it is not.
    HighPriority = "MAN-008" "man-008" Anywhere;
    /// It declares an extension, and its kind has no hook that asks for one.
    IdleExtension = "MAN-009" "man-009" Anywhere;
    /// `ask` leaves out a field for ordinary inputs.
    WrongForOrdinary = "IO-001" "io-001" Anywhere;
    /// `ask` leaves out a field for the largest number.
    WrongForMaximum = "IO-002" "io-002" Anywhere;
    /// `ask` leaves out a field for trees deeper than 16.
    WrongForDeep = "IO-003" "io-003" Anywhere;
    /// `ask` leaves out a field for long texts and many tags.
    WrongForLarge = "IO-004" "io-004" Anywhere;
    /// `ask` refuses fields that the schema does not name.
    RefusesUnknown = "IO-005" "io-005" Anywhere;
    /// `ask` leaves out a field for texts that are not ASCII.
    WrongForUnicode = "IO-006" "io-006" Anywhere;
    /// `ask` refuses the examples of its hookspec.
    RefusesExamples = "IO-007" "io-007" Anywhere;
    /// `ask` answers ordinary inputs with a value that JSON loses a part of. What comes out of a
    /// library is JSON already.
    LossyAnswer = "IO-008" "io-008" Linked;
    /// `ask` answers ordinary inputs with `Unchanged`, as if it were a chain.
    WrongForm = "IO-009" "io-009" Anywhere;
    /// `ask` panics where the text is none, which the schema forbids.
    PanicsOnInvalid = "IO-010" "io-010" Anywhere;
    /// `pass` changes the number, which it may not.
    ChangesReadOnly = "CHN-001" "chn-001" Anywhere;
    /// `ask` tells how often the instance was called.
    TellsCalls = "DET-001" "det-001" Anywhere;
    /// `ask` tells which instance of the process it is.
    TellsInstance = "DET-002" "det-002" Anywhere;
    /// `ask` tells whether it runs on a thread of an async runtime.
    TellsThread = "DET-003" "det-003" Anywhere;
    /// `ask` tells the process that it runs in.
    TellsProcess = "DET-004" "det-004" Anywhere;
    /// `ask` tells the working directory.
    TellsFolder = "AMB-001" "amb-001" Anywhere;
    /// `ask` tells a digest of the environment, without what says time zone and locale.
    TellsEnvironment = "AMB-002" "amb-002" Anywhere;
    /// `ask` tells the time zone.
    TellsZone = "AMB-003" "amb-003" Anywhere;
    /// `ask` tells the locale.
    TellsLocale = "AMB-004" "amb-004" Anywhere;
    /// A call changes the working directory.
    ChangesFolder = "AMB-005" "amb-005" Anywhere;
    /// `ask` panics for the empty text.
    PanicsOnEmpty = "RES-001" "res-001" Anywhere;
    /// Once a call was refused, all are.
    Sulks = "RES-002" "res-002" Anywhere;
    /// `ask` never answers the empty text.
    NeverAnswers = "RES-003" "res-003" Anywhere;
    /// `slow` blocks its thread for three seconds, whoever cancels.
    IgnoresCancellation = "RES-004" "res-004" Anywhere;
    /// `slow` starts a thread that works on for three seconds after the call.
    WorksOn = "RES-005" "res-005" Anywhere;
    /// `ask` leaves out a field where calls overlap.
    MixesCalls = "RES-006" "res-006" Anywhere;
    /// Every call keeps four KiB.
    KeepsMemory = "RES-007" "res-007" Anywhere;
    /// Every hundredth call keeps a file open.
    KeepsFiles = "RES-008" "res-008" Anywhere;
    /// Setup fails.
    SetupFails = "LIF-001" "lif-001" Anywhere;
    /// Teardown never ends.
    TeardownHangs = "LIF-002" "lif-002" Anywhere;
    /// Setup starts a task that never ends. A library has no runtime to start it on.
    LeavesATask = "LIF-003" "lif-003" Linked;
    /// Setup starts a thread that never ends.
    LeavesAThread = "LIF-004" "lif-004" Anywhere;
    /// Setup opens a file that is never closed.
    LeavesAnOpenFile = "LIF-005" "lif-005" Anywhere;
    /// Setup writes a temporary file that is never removed.
    LeavesATemporaryFile = "LIF-006" "lif-006" Anywhere;
    /// Setup takes a MiB that is never given back.
    LeavesMemory = "LIF-007" "lif-007" Anywhere;
    /// A static keeps every instance. The far end of a library makes its own.
    KeepsItself = "LIF-008" "lif-008" Linked;
    /// It answers before its setup. A library's host does not ask before.
    AnswersBeforeSetup = "LIF-009" "lif-009" Linked;
    /// It can be set up twice. A library's host refuses that by itself.
    SetUpTwice = "LIF-010" "lif-010" Linked;
    /// A teardown before the setup panics. A library's host does not ask for it.
    PanicsWithoutSetup = "LIF-011" "lif-011" Linked;
    /// A second teardown panics.
    PanicsTornDownTwice = "LIF-012" "lif-012" Linked;
    /// It answers after its teardown.
    AnswersAfterTeardown = "LIF-013" "lif-013" Linked;
    /// Its state is a static, which the teardown of any instance clears.
    SharesState = "LIF-014" "lif-014" Anywhere;
    /// Its health never answers.
    HealthHangs = "LIF-015" "lif-015" Anywhere;
    /// Setup panics for a configuration of another shape.
    PanicsOnConfig = "LIF-016" "lif-016" Anywhere;
    /// It declares `zip`, and cannot read it.
    DeclaresTooMuch = "CAP-001" "cap-001" Anywhere;
    /// A fallback that panics for a file that is not text.
    PanicsOnBinary = "CAP-002" "cap-002" Anywhere;
    /// `ask` ends the process for long texts.
    EndsTheProcess = "SEC-001" "sec-001" Anywhere;
    /// `ask` writes 64 MiB to the standard output for the empty text.
    Floods = "SEC-002" "sec-002" Anywhere;
    /// Setup starts a process that lives for half a minute.
    LeavesAProcess = "SEC-003" "sec-003" Anywhere;
    /// `ask` takes all memory that it gets for the empty text, up to two GiB.
    TakesAllMemory = "SEC-004" "sec-004" Anywhere;
    /// `ask` tells the token in its configuration.
    TellsSecret = "SEC-005" "sec-005" Anywhere;
    /// Setup writes a file into the working directory.
    LeavesAFile = "SEC-006" "sec-006" Anywhere;
    /// It subscribes, and does not list `$event`.
    NoHandler = "EVT-001" "evt-001" Anywhere;
    /// It subscribes to a type that is misspelt.
    MisspeltPattern = "EVT-002" "evt-002" Anywhere;
    /// It panics when somebody arrives whose text is empty.
    PanicsOnEvent = "EVT-003" "evt-003" Anywhere;
    /// It answers an event with a text.
    AnswersNonsense = "EVT-004" "evt-004" Anywhere;
    /// It emits an event that its manifest does not allow, through the bus.
    EmitsUnlisted = "EVT-005" "evt-005" Anywhere;
    /// It emits an event whose data is not what the catalogue says.
    EmitsWrongData = "EVT-006" "evt-006" Anywhere;
    /// It answers an arrival with another one.
    SetsItselfOff = "EVT-007" "evt-007" Anywhere;
    /// It panics when the lion was fed and it is not said what, which the schema forbids.
    PanicsOnOtherData = "EVT-008" "evt-008" Anywhere;
    /// Each instance subscribes with another priority. A library is asked once what its code wants, for
    /// all instances.
    SubscribesOtherwise = "EVT-009" "evt-009" Linked;
    /// Setup starts a thread that emits events for some seconds. A library's host takes back at the
    /// teardown what it lent, so that nothing emitted later reaches a bus.
    EmitsOnAndOn = "EVT-010" "evt-010" Linked;
    /// It never ends to handle the arrival of an empty text.
    HandlesForever = "EVT-011" "evt-011" Anywhere;
    /// It wants only events with a field that no event has.
    VainFilter = "EVT-012" "evt-012" Anywhere;
}
