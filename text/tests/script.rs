//! Whatever is sent: nothing panics, and what goes to an engine is words.

use std::time::Duration;

use pregon_text::{FieldValue, Form, Lexicon, Locale, Piece, Script, Template};
use proptest::prelude::*;

/// Languages with a reading of their own, and one without.
const LANGUAGES: [&str; 4] = ["es-CO", "es-MX", "en-US", "fr"];

/// A text that is nearly SSML: its own words, tags that are right, tags that are wrong, and loose ends of either.
fn nearly_ssml() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-zñ0-9 .,&<>]{0,12}",
        "[ -~]{0,8}",
        Just("<break time='500ms'/>".to_owned()),
        Just("<break strength='weak'/>".to_owned()),
        Just("<mark name='a'/>".to_owned()),
        "[a-z ]{1,8}".prop_map(|text| format!("<s>{text}</s>")),
        "[a-z ]{1,8}".prop_map(|text| format!("<emphasis>{text}</emphasis>")),
        "[a-z]{1,8}".prop_map(|text| format!("<sub alias='{text}'>x</sub>")),
        "[0-9:/. -]{1,12}".prop_map(|text| format!("<say-as interpret-as='date'>{text}</say-as>")),
        "[0-9A-Z+ -]{1,12}".prop_map(|text| format!("<say-as interpret-as='characters'>{text}</say-as>")),
        "[a-z ]{1,8}".prop_map(|text| format!("<lang xml:lang='en'>{text}</lang>")),
        "[a-z]{1,8}".prop_map(|text| format!("<![CDATA[<b>{text}]]>")),
        Just("&amp;&lt;b&gt;&#60;i&#62;".to_owned()),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// What holds of any script.
fn assert_sound(script: &Script) {
    let mut silent_before = false;
    for piece in script.pieces() {
        if let Piece::Say(say) = piece {
            assert!(say.text.contains(char::is_alphanumeric), "{say:?}");
            assert!(!say.text.contains(char::is_control), "{say:?}");
            assert!((0.5..=2.0).contains(&say.rate), "{say:?}");
            let tag = say
                .text
                .split('<')
                .skip(1)
                .any(|rest| rest.contains('>') && rest.starts_with(char::is_alphabetic));
            assert!(!tag, "{say:?}");
        }
        let silent = piece.silence() > Duration::ZERO;
        assert!(!(silent && silent_before), "two pauses beside each other: {script:?}");
        silent_before = silent;
    }
    assert_eq!(script.has_words(), !script.spoken().is_empty());
}

proptest! {
    #[test]
    fn any_text_becomes_a_script_or_an_error(text in nearly_ssml(), rate in 0.1_f32..4.0) {
        let (lexicon, _) = Lexicon::of([("a", "uno dos"), ("b c", "tres")]);
        for language in LANGUAGES {
            assert_sound(&Script::plain(&text, language, rate, &lexicon));
            match Script::ssml(&text, language, rate, &lexicon) {
                Ok(script) => assert_sound(&script),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn any_text_is_a_lexicon_or_an_error(document in "(<lexicon>|<lexeme>|<grapheme>|</grapheme>|<alias/>|[a-z&<>]){0,20}") {
        drop(Lexicon::pls(&document));
    }

    #[test]
    fn a_lexicon_leaves_the_rest_of_a_text_alone(text in "[a-cA-C .,']{0,40}", word in "[a-c]{1,3}") {
        let (lexicon, _) = Lexicon::of([(word.as_str(), "Ñ")]);
        let applied = lexicon.apply(&text);
        let rest = |text: &str| text.chars().filter(|c| " .,".contains(*c)).collect::<String>();
        prop_assert_eq!(rest(&applied), rest(&text));
    }

    #[test]
    fn any_text_is_a_template_or_an_error(
        text in "(\\{\\{|\\}\\}|\\{%|name|amount| |\\||date|currency|default|\\('x'\\)|[a-z\"'\\\\<&]){0,16}",
        value in "\\PC{0,20}",
    ) {
        let value = FieldValue::Text(value);
        let values = [("name".to_owned(), value.clone()), ("amount".to_owned(), value)].into();
        if let Ok(template) = Template::new(&text) {
            for form in [Form::Plain, Form::Ssml] {
                drop(template.fill(&values, Locale::EsCo, form));
            }
        }
    }

    #[test]
    fn a_value_says_no_more_in_ssml_than_in_a_plain_text(value in "\\PC{1,20}") {
        let values = [("a".to_owned(), FieldValue::Text(value))].into();
        if let Ok(filled) = Template::new("x {{ a }} y").unwrap().fill(&values, Locale::EsCo, Form::Ssml) {
            let script = Script::ssml(&filled, "es-CO", 1.0, &Lexicon::default()).unwrap();
            prop_assert_eq!(script.pieces().len(), 1);
        }
    }
}
