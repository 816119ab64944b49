//! Which trunks there are, and which one a call goes by.

use crate::phone::{PhoneNumber, Region};

/// What everybody may know of a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkInfo {
    /// Its name.
    pub name: String,
    /// The countries it calls; all when empty. Countries that share a calling code count as one.
    pub countries: Vec<Region>,
}

impl TrunkInfo {
    /// Whether it calls that number's country.
    pub fn calls(&self, number: &PhoneNumber) -> bool {
        self.countries.is_empty() || self.countries.iter().any(|c| number.national(*c).is_some())
    }
}

/// The trunks, in the order of preference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trunks {
    /// Those that are configured.
    pub known: Vec<TrunkInfo>,
    /// Whether a call may name others too: the one channel that is configured takes any name.
    pub open: bool,
}

/// Why no trunk takes a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRouted {
    /// The one asked for is not configured.
    #[error("is not one of the trunks: {0}")]
    Unknown(String),
    /// The one asked for does not call there.
    #[error("trunk {0} does not call that number's country")]
    Abroad(String),
    /// None does.
    #[error("no trunk calls that number's country")]
    Nowhere,
}

impl NotRouted {
    /// Whether another trunk, rather than another number, would help.
    pub const fn is_about_the_trunk(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Abroad(_) => true,
            Self::Nowhere => false,
        }
    }
}

impl Trunks {
    /// The place in the list of the trunk that a call goes by: the one it names, or the first that calls its country.
    /// Where any name goes, a name that is not in the list goes by the first.
    pub fn choose(&self, to: &PhoneNumber, trunk: Option<&str>) -> Result<usize, NotRouted> {
        let Some(name) = trunk else {
            return self.known.iter().position(|t| t.calls(to)).ok_or(NotRouted::Nowhere);
        };
        match self.known.iter().position(|t| t.name == name) {
            Some(at) if self.known.get(at).is_some_and(|t| t.calls(to)) => Ok(at),
            Some(_) => Err(NotRouted::Abroad(name.to_owned())),
            None => self.knows(name).map(|()| 0),
        }
    }

    /// Whether a call may name that trunk.
    pub fn knows(&self, name: &str) -> Result<(), NotRouted> {
        if self.open || self.known.iter().any(|t| t.name == name) {
            Ok(())
        } else {
            Err(NotRouted::Unknown(self.names().join(", ")))
        }
    }

    /// Their names.
    pub fn names(&self) -> Vec<String> {
        self.known.iter().map(|t| t.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trunk(name: &str, countries: &[&str]) -> TrunkInfo {
        let countries = countries.iter().map(|c| c.parse().unwrap()).collect();
        TrunkInfo { name: name.to_owned(), countries }
    }

    #[test]
    fn a_call_goes_by_the_trunk_it_names_or_the_first_that_calls_its_country() {
        let co_only = Trunks { known: vec![trunk("co", &["CO"])], open: false };
        let both = Trunks { known: vec![trunk("co", &["CO"]), trunk("world", &[])], open: false };
        let open = Trunks { known: vec![trunk("trunk", &[])], open: true };
        let (bogota, madrid) = ("+573005050149", "+34600123456");
        for (trunks, to, named, chosen) in [
            (&both, bogota, None, Ok(0)),
            (&both, madrid, None, Ok(1)),
            (&both, bogota, Some("world"), Ok(1)),
            (&both, madrid, Some("co"), Err(NotRouted::Abroad("co".into()))),
            (&both, bogota, Some("claro"), Err(NotRouted::Unknown("co, world".into()))),
            (&co_only, madrid, None, Err(NotRouted::Nowhere)),
            (&open, madrid, Some("claro"), Ok(0)),
        ] {
            let number = PhoneNumber::try_from(to.to_owned()).unwrap();
            assert_eq!(trunks.choose(&number, named), chosen, "{to} {named:?}");
        }
    }
}
