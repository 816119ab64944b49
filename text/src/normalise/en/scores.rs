//! Scores.

use super::{
    place::{Place, Said, among, capital, ends},
    quantity::whole_words,
};
use crate::normalise::scan::Token;

/// Words near two small numbers that make them a score.
#[rustfmt::skip]
const SCORES: [&str; 32] = [
    "win", "wins", "won", "winning", "beat", "beats", "beating", "lost", "lose", "loses", "losing", "loss",
    "defeat", "defeated", "victory", "draw", "drew", "drawn", "tie", "tied", "lead", "leads", "leading", "led",
    "score", "scored", "final", "aggregate", "down", "triumph", "thrashed", "ended",
];

/// Two small numbers that are a score: "beat Leeds 3-1". In Britain "three one", "two nil".
pub(super) fn score(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(ours), Token::Sign('-'), Token::Digits(theirs), rest @ ..] = place.rest() else {
        return None;
    };
    if ours.len() > 3
        || theirs.len() > 3
        || !ends(rest)
        || matches!(rest, [Token::Sign('-' | '/' | '%' | '°'), ..])
    {
        return None;
    }
    let small = ours.len() < 3 && theirs.len() < 3;
    let told = place.words_before().any(|(distance, word)| distance < 8 && among(word, &SCORES));
    let named = match rest {
        [Token::Space, Token::Word(word), ..] => {
            among(word, &SCORES) || small && capital(word) && place.word_before().is_some_and(capital)
        }
        _ => false,
    };
    if !(told || named) {
        return None;
    }
    let word = |figures: &str| match figures {
        "0" if place.british() => "nil".to_owned(),
        "0" => "nothing".to_owned(),
        _ => whole_words(figures, place.locale),
    };
    let link = if place.british() { " " } else { " to " };
    Some(Said::new(format!("{}{link}{}", word(ours), word(theirs)), 3))
}
