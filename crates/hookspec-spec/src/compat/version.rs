//! [`Bump`]: the steps between two versions.

use std::fmt;

use semver::Version;

/// A step from one version to another; a greater one permits more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bump {
    /// The version stays.
    None,
    /// Nothing but words and repairs.
    Patch,
    /// Something is new, nobody is broken.
    Minor,
    /// Somebody is broken.
    Major,
}

impl Bump {
    /// `none`, `patch`, `minor` or `major`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The step that changes demand of a version: `0.2` to `0.3` may break, as may `0.0.2` to `0.0.3`.
pub(super) fn demanded(most: Bump, old: &Version) -> Bump {
    match (old.major, old.minor) {
        (0, 0) => most.min(Bump::Patch),
        (0, _) if most == Bump::Major => Bump::Minor,
        (0, _) => most.min(Bump::Patch),
        _ => most,
    }
}

pub(super) fn declared(old: &Version, new: &Version) -> Option<Bump> {
    // What stands behind `+` is no step.
    match old.cmp_precedence(new) {
        std::cmp::Ordering::Greater => None,
        std::cmp::Ordering::Equal => Some(Bump::None),
        std::cmp::Ordering::Less if !old.pre.is_empty() => Some(Bump::Major),
        std::cmp::Ordering::Less => Some(match () {
            () if old.major != new.major => Bump::Major,
            () if old.minor != new.minor => Bump::Minor,
            () => Bump::Patch,
        }),
    }
}

pub(super) fn least(demanded: Bump, old: &Version) -> Version {
    let next = |number: u64| number.saturating_add(1);
    if !old.pre.is_empty() && demanded != Bump::None {
        return Version::new(old.major, old.minor, old.patch);
    }
    match demanded {
        Bump::None => old.clone(),
        Bump::Patch => Version::new(old.major, old.minor, next(old.patch)),
        Bump::Minor => Version::new(old.major, next(old.minor), 0),
        Bump::Major => Version::new(next(old.major), 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_demanded_and_declared_as_semver_says() {
        let read = |text: &str| Version::parse(text).unwrap();
        for (old, new, most, fits, fewest) in [
            ("1.2.3", "2.0.0", Bump::Major, true, "2.0.0"),
            ("1.2.3", "1.3.0", Bump::Major, false, "2.0.0"),
            ("1.2.3", "1.3.0", Bump::Minor, true, "1.3.0"),
            ("1.2.3", "1.2.4", Bump::Minor, false, "1.3.0"),
            ("1.2.3", "1.2.4", Bump::Patch, true, "1.2.4"),
            ("1.2.3", "1.2.3", Bump::Patch, false, "1.2.4"),
            ("1.2.3", "1.2.3+b", Bump::None, true, "1.2.3"),
            ("1.2.3", "1.2.2", Bump::None, false, "1.2.3"),
            ("0.2.3", "0.3.0", Bump::Major, true, "0.3.0"),
            ("0.2.3", "0.2.4", Bump::Major, false, "0.3.0"),
            ("0.2.3", "0.2.4", Bump::Minor, true, "0.2.4"),
            ("0.0.3", "0.0.4", Bump::Major, true, "0.0.4"),
            ("0.2.3", "1.0.0", Bump::Major, true, "0.3.0"),
            ("2.0.0-rc.1", "2.0.0-rc.2", Bump::Major, true, "2.0.0"),
            ("2.0.0-rc.1", "2.0.0", Bump::Minor, true, "2.0.0"),
            ("2.0.0-rc.2", "2.0.0-rc.1", Bump::None, false, "2.0.0-rc.2"),
            ("1.2.3", "2.0.0-rc.1", Bump::Major, true, "2.0.0"),
        ] {
            let (old, new) = (read(old), read(new));
            let demanded = demanded(most, &old);
            let suffices = declared(&old, &new).is_some_and(|declared| declared >= demanded);
            assert_eq!(suffices, fits, "{old} to {new}: {most}");
            assert_eq!(least(demanded, &old), read(fewest), "{old}: {most}");
        }
    }
}
