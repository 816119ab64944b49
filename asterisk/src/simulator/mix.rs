//! How often each outcome comes.

use std::str::FromStr;

use pregon_core::OutcomeKind;
use rand::Rng;

/// Weighted outcomes, such as `answered=80,busy=10,no_answer=8,failed=2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeMix {
    weights: Vec<(OutcomeKind, u32)>,
    total: u32,
}

/// The text is not a mix of outcomes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAMix {
    /// A part is not `outcome=weight`.
    #[error("{0:?} is not outcome=weight, such as answered=80")]
    Part(String),
    /// An outcome that does not exist, or that a simulation cannot give.
    #[error(
        "{0:?} cannot be simulated: use answered, busy, no_answer, failed, rejected, invalid_number, congestion, silent or unreachable"
    )]
    Outcome(String),
    /// A weight that is none.
    #[error("the weight {0:?} is not a whole number from 0 to 1000000")]
    Weight(String),
    /// Nothing could ever be drawn.
    #[error("at least one outcome needs a weight above 0")]
    Nothing,
}

/// Ten outcomes of this weight still fit.
const MAX_WEIGHT: u32 = 1_000_000;

impl OutcomeMix {
    pub(crate) fn draw(&self, random: &mut impl Rng) -> OutcomeKind {
        let mut at = random.random_range(0..self.total);
        for (kind, weight) in &self.weights {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *kind,
            }
        }
        OutcomeKind::Unreachable
    }
}

impl FromStr for OutcomeMix {
    type Err = NotAMix;

    fn from_str(text: &str) -> Result<Self, NotAMix> {
        let (mut weights, mut total) = (Vec::new(), 0_u32);
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (word, weight) = part.split_once('=').ok_or_else(|| NotAMix::Part(part.to_owned()))?;
            let kind = kind(word.trim()).ok_or_else(|| NotAMix::Outcome(word.to_owned()))?;
            let weight = weight.trim().parse().ok().filter(|w| *w <= MAX_WEIGHT);
            let weight = weight.ok_or_else(|| NotAMix::Weight(part.to_owned()))?;
            total = total.saturating_add(weight);
            weights.push((kind, weight));
        }
        if total == 0 { Err(NotAMix::Nothing) } else { Ok(Self { weights, total }) }
    }
}

/// `failed` is any call that could not be set up.
fn kind(word: &str) -> Option<OutcomeKind> {
    let word = if word == "failed" { OutcomeKind::Unreachable.as_str() } else { word };
    let kind = OutcomeKind::ALL.into_iter().find(|kind| kind.as_str() == word)?;
    match kind {
        OutcomeKind::Answered
        | OutcomeKind::Busy
        | OutcomeKind::NoAnswer
        | OutcomeKind::Rejected
        | OutcomeKind::InvalidNumber
        | OutcomeKind::Congestion
        | OutcomeKind::Unreachable
        | OutcomeKind::Silent => Some(kind),
        OutcomeKind::Expired
        | OutcomeKind::Uncertain
        | OutcomeKind::Aired
        | OutcomeKind::Skipped
        | OutcomeKind::Failed => None,
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn outcomes_come_as_often_as_their_weights_say() {
        let mix: OutcomeMix = "answered=80, busy=10,no_answer=8,failed=2".parse().unwrap();
        let mut random = StdRng::seed_from_u64(1);
        let drawn: Vec<_> = (0..10_000).map(|_| mix.draw(&mut random)).collect();
        for (kind, expected) in [
            (OutcomeKind::Answered, 8_000_i32),
            (OutcomeKind::Busy, 1_000),
            (OutcomeKind::NoAnswer, 800),
            (OutcomeKind::Unreachable, 200),
        ] {
            let count = i32::try_from(drawn.iter().filter(|k| **k == kind).count()).unwrap();
            assert!((count - expected).abs() < expected / 10 + 50, "{kind:?}: {count}");
        }
        let mut again = StdRng::seed_from_u64(1);
        assert!(drawn.iter().all(|kind| mix.draw(&mut again) == *kind), "a seed fixes the draws");
    }

    #[test]
    fn a_bad_mix_says_what_is_wrong() {
        for (text, word) in [
            ("", "at least one"),
            ("answered=0", "at least one"),
            ("answered", "outcome=weight"),
            ("answred=1", "cannot be simulated"),
            ("uncertain=1", "cannot be simulated"),
            ("busy=-1", "weight"),
            ("busy=1.5", "weight"),
            ("busy=1000001", "weight"),
        ] {
            let error = text.parse::<OutcomeMix>().unwrap_err().to_string();
            assert!(error.contains(word), "{text:?}: {error}");
        }
    }
}
