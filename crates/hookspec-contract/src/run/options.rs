//! [`Options`]: which checks are run, and how.

use crate::verdict::Profile;

/// Which checks are run, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The profiles; none means all of them.
    pub profiles: Vec<Profile>,
    /// Ids of checks and names of cases, where `*` stands for any characters; none means all of them.
    pub filter: Vec<String>,
    /// What generated inputs are made of.
    pub seed: u64,
    /// How often each check is run, each time with the next seed.
    pub repeat: u32,
    /// Ends after the first MUST that is broken or unverified.
    pub fail_fast: bool,
    /// What every time that is allowed is multiplied with.
    pub timeout_scale: f64,
    /// How many checks run at once.
    pub jobs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profiles: Vec::new(),
            filter: Vec::new(),
            seed: 1,
            repeat: 1,
            fail_fast: false,
            timeout_scale: 1.0,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

impl Options {
    /// Whether only some of the checks are asked for.
    pub(crate) fn is_filtered(&self) -> bool {
        !self.filter.is_empty() || Profile::ALL.iter().any(|each| !self.has(*each))
    }

    /// Whether a check, or a case, is asked for.
    pub(crate) fn wants(&self, id: &str, profile: Profile) -> bool {
        let asked = || self.filter.iter().any(|pattern| matches(pattern, id));
        self.has(profile) && (self.filter.is_empty() || asked())
    }

    /// Whether all checks of a profile are asked for.
    pub(crate) fn is_whole(&self, profile: Profile) -> bool {
        self.filter.is_empty() && self.has(profile)
    }

    fn has(&self, profile: Profile) -> bool {
        self.profiles.is_empty() || self.profiles.contains(&profile)
    }
}

/// Whether a pattern with `*` is the whole of a name, whatever the case.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, expected) in [
            ("IO-001", "IO-001", true),
            ("io-001", "IO-001", true),
            ("IO-00", "IO-001", false),
            ("IO-*", "IO-001", true),
            ("*-001", "IO-001", true),
            ("*0*1", "IO-001", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("case:*/x", "case:kind/x", true),
            ("case:*/y", "case:kind/x", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_wanted() {
        let all = Options::default();
        assert!(all.wants("IO-001", Profile::Core) && !all.is_filtered());
        let some = Options { profiles: vec![Profile::Lifecycle], ..Options::default() };
        assert!(some.is_filtered() && !some.wants("IO-001", Profile::Core));
        let one = Options { filter: vec!["LIF-*".into()], ..Options::default() };
        assert!(one.is_filtered() && one.wants("LIF-001", Profile::Lifecycle));
        assert!(!one.wants("IO-001", Profile::Core));
        let every = Options { profiles: Profile::ALL.into(), ..Options::default() };
        assert!(!every.is_filtered());
    }
}
