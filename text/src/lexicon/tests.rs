use super::*;

fn lexicon(pairs: &[(&str, &str)]) -> Lexicon {
    let (lexicon, unused) = Lexicon::of(pairs.iter().copied());
    assert_eq!(unused, [], "{pairs:?}");
    lexicon
}

#[test]
fn whole_words_are_exchanged_the_longest_first() {
    let lexicon = lexicon(&[
        ("IPS", "i pe ese"),
        ("IPS Norte", "la clínica del norte"),
        ("n.º", "número"),
        ("C++", "ce más más"),
        ("Polo", "el señor Polo"),
        ("polo", "el polo"),
        ("Dr.", "doctor"),
        ("José", "Joseph"),
    ]);
    for (text, spoken) in [
        ("La IPS.", "La i pe ese."),
        ("la ips, ya", "la i pe ese, ya"),
        ("IPSE y la IPS-1", "IPSE y la i pe ese-1"),
        ("IPS  Norte", "la clínica del norte"),
        ("IPS Norteña", "i pe ese Norteña"),
        ("ips NORTE e IPS", "la clínica del norte e i pe ese"),
        ("casa n.º 5", "casa número 5"),
        ("C++ y C", "ce más más y C"),
        ("Polo va al polo POLO", "el señor Polo va al el polo el señor Polo"),
        ("dr. JOSÉ", "doctor Joseph"),
        ("info@ips.gov.co", "info@ips.gov.co"),
        ("https://ips.co/ips", "https://ips.co/ips"),
        ("(IPS)", "(i pe ese)"),
        ("", ""),
        ("nada", "nada"),
    ] {
        assert_eq!(lexicon.apply(text), spoken, "{text}");
    }
}

#[test]
fn what_was_put_in_is_not_gone_over_again() {
    let lexicon = lexicon(&[("a", "a a b"), ("b", "a")]);
    assert_eq!(lexicon.apply("a b a"), "a a b a a a b");
}

#[test]
fn an_empty_one_changes_nothing() {
    assert!(matches!(Lexicon::default().apply("IPS"), Cow::Borrowed("IPS")));
    assert_eq!(lexicon(&[]).digest(), Lexicon::default().digest());
}

#[test]
fn the_digest_follows_what_it_does_and_not_the_order() {
    let one = lexicon(&[("IPS", "i pe ese"), ("EPS", "e pe ese"), ("eps", "otra")]);
    let same = lexicon(&[("eps", "otra"), ("EPS", "e pe ese"), ("IPS", "i  pe ese")]);
    assert_eq!(one.digest(), same.digest());
    assert_eq!(one, same);
    assert_eq!(one.digest().len(), 16);
    for other in [
        &[("IPS", "i pe ese"), ("EPS", "e pe ese")][..],
        &[("IPS", "i pe ese"), ("EPS", "e pe ese"), ("eps", "otro")],
        &[("IPSi", " pe ese"), ("EPS", "e pe ese"), ("eps", "otra")],
    ] {
        assert_ne!(lexicon(other).digest(), one.digest(), "{other:?}");
    }
}

#[test]
fn lines_that_cannot_be_used_say_why() {
    let long = "x".repeat(201);
    let pairs = [
        ("", "a"),
        ("a", " "),
        (&long, "a"),
        ("b", &long),
        ("c", "uno"),
        ("c", "dos"),
        (" c ", "tres"),
        ("d", "\0"),
    ];
    let (lexicon, unused) = Lexicon::of(pairs);
    assert_eq!(
        lexicon.entries().map(|e| (e.grapheme.as_str(), e.alias.as_str())).collect::<Vec<_>>(),
        [("c", "uno")]
    );
    let why: Vec<_> = unused.iter().map(|line| line.why).collect();
    assert_eq!(
        why,
        [
            "what is written is empty",
            "what is spoken is empty",
            "is longer than 200 characters",
            "is longer than 200 characters",
            "stands there twice; the first one counts",
            "stands there twice; the first one counts",
            "has a control character",
        ]
    );
    assert_eq!(unused[2].grapheme.len(), 60);
    let (lexicon, unused) = Lexicon::of((0..5_010).map(|n| (format!("w{n}"), "x")));
    assert_eq!((lexicon.entries().len(), unused.len()), (5_000, 10));
}

const PLS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon"
    xmlns:own="http://example.com" alphabet="ipa" xml:lang="es-CO">
  <meta name="author" content="x"/>
  <!-- two ways to write it -->
  <lexeme><grapheme>IPS</grapheme><grapheme>I.P.S.</grapheme><alias>i pe ese</alias><example>La IPS</example></lexeme>
  <lexeme><grapheme>Xóchitl</grapheme><phoneme>ˈsot͡ʃitl</phoneme></lexeme>
  <lexeme><grapheme>AT&amp;T</grapheme><alias>a</alias><alias prefer="true">éi ti <![CDATA[and]]> ti</alias></lexeme>
  <lexeme><grapheme>vacío</grapheme></lexeme>
  <lexeme><alias>nada</alias><own:note>n</own:note></lexeme>
</lexicon>"#;

#[test]
fn a_w3c_lexicon_is_read_and_says_what_has_no_effect() {
    let Imported { lexicon, language, unused } = Lexicon::pls(PLS).unwrap();
    assert_eq!(language.as_deref(), Some("es-CO"));
    assert_eq!(lexicon.apply("IPS I.P.S. AT&T Xóchitl"), "i pe ese i pe ese éi ti and ti Xóchitl");
    let unused: Vec<_> = unused.iter().map(|line| format!("{} {}", line.grapheme, line.why)).collect();
    assert_eq!(
        unused,
        [
            "Xóchitl has phonemes only, which engines do not share: give it an alias",
            "vacío has no alias",
            " has no grapheme",
        ]
    );
}

#[test]
fn what_is_no_lexicon_is_refused_with_its_place() {
    for (document, message) in [
        ("<speak/>", "begins with <speak>; a W3C lexicon (PLS 1.0) begins with <lexicon>"),
        (
            "<lexicon><lexeme>",
            "line 1, column 1: the text ends before every tag is closed; a plain < is written &lt;",
        ),
        (
            "<lexicon>\n <word/></lexicon>",
            "line 2, column 2: <word> does not belong into <lexicon>; lexicon may have meta, metadata and lexeme",
        ),
        (
            "<lexicon><lexeme><word/></lexeme></lexicon>",
            "line 1, column 18: <word> does not belong into <lexeme>; lexeme may have grapheme, alias, phoneme and example",
        ),
        ("<!DOCTYPE lexicon><lexicon/>", "line 1, column 1: a DOCTYPE is refused; leave it out"),
        ("", "line 1, column 1: there is no tag"),
        ("IPS,i pe ese", "line 1, column 1: there is something outside of the first tag"),
    ] {
        assert_eq!(Lexicon::pls(document).unwrap_err().to_string(), message, "{document}");
    }
    assert_eq!(Lexicon::pls(&" ".repeat((1 << 20) + 1)).unwrap_err(), LexiconError::TooLong);
}

#[test]
fn hostile_lexicons_and_texts_end() {
    let pairs = (1..100).map(|n| ("a ".repeat(n).trim_end().to_owned(), "b"));
    let (lexicon, _) = Lexicon::of(pairs);
    let text = "a ".repeat(2_500);
    assert_eq!(lexicon.apply(&text).split(' ').filter(|word| *word == "b").count(), 2_500_usize.div_ceil(99));
    let (lexicon, _) = Lexicon::of((0..5_000).map(|n| (format!(".{n}"), "x")));
    assert_eq!(lexicon.apply(&".".repeat(5_000)), ".".repeat(5_000));
}
