use super::*;
use crate::Say;

fn script(text: &str) -> Script {
    Script::ssml(text, "es-CO", 1.0, &Lexicon::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The pieces in one line: words in brackets with language and rate where they are not the usual ones, pauses in ms.
fn shown(script: &Script) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Say(Say { text, language, rate }) => {
            let language = if language == "es-CO" { String::new() } else { format!("{language}:") };
            let rate = if (*rate - 1.0).abs() < 1e-6 { String::new() } else { format!("@{rate:.2}") };
            format!("[{language}{text}{rate}]")
        }
        Piece::Pause(length) => length.as_millis().to_string(),
        Piece::Mark(name) => format!("#{name}"),
    };
    script.pieces().iter().map(piece).collect::<Vec<_>>().join(" ")
}

#[test]
fn tags_become_words_silence_and_marks() {
    for (text, pieces) in [
        ("Hola", "[Hola]"),
        ("<speak>Hola</speak>", "[Hola]"),
        (
            "<?xml version='1.0'?>\n<speak version='1.1' xmlns='http://www.w3.org/2001/10/synthesis'>Hola</speak>",
            "[Hola]",
        ),
        ("Hola <break time='500ms'/> mundo", "[Hola] 500 [mundo]"),
        ("Hola<break time='1.5s'/><break time='.5s'/>mundo", "[Hola] 2000 [mundo]"),
        ("Hola <break/> a <break strength='none'/> b", "[Hola] 750 [a] [b]"),
        ("a <break strength='x-weak'/> b <break strength='x-strong' time='2s'/>", "[a] 250 [b] 2000"),
        ("<break time='10s'/>a", "10000 [a]"),
        ("<p>a</p><p>b</p>", "[a] 800 [b]"),
        ("<p><s>a</s><s>b</s></p>\n<p><s>c</s></p>", "[a] 400 [b] 800 [c]"),
        ("x <s>a</s> y", "[x] 400 [a] 400 [y]"),
        ("<s>a</s><break time='1s'/><s>b</s>", "[a] 1000 [b]"),
        ("<s>a</s><break strength='none'/><s>b</s>", "[a] [b]"),
        ("a <mark name='m.1'/> b", "[a] #m.1 [b]"),
        ("<s>a</s><mark name='m'/><s>b</s>", "[a] #m 400 [b]"),
        ("La <sub alias='i pe ese'>IPS</sub>, ya", "[La i pe ese, ya]"),
        ("x<sub alias='y'>IPS</sub>z", "[x y z]"),
        ("a <lang xml:lang='en-US'>hello</lang> b", "[a] [en-US:hello] [b]"),
        ("<p xml:lang='en'>hello <s xml:lang='fr'>salut</s></p>", "[en:hello] 400 [fr:salut]"),
        ("<speak xml:lang='en-GB'>hello</speak>", "[en-GB:hello]"),
        ("a <emphasis>b</emphasis>, c", "[a] 100 [b,@0.90] 100 [c]"),
        ("<emphasis level='strong'>b</emphasis>.", "[b.@0.80]"),
        ("a <emphasis level='none'>b</emphasis> <emphasis level='reduced'>c</emphasis>", "[a b] [c@1.10]"),
        ("<prosody rate='slow'>a</prosody> <prosody rate='150%'>b</prosody>", "[a@0.75] [b@1.50]"),
        ("<prosody rate='+20%'>a</prosody><prosody rate='-20%'>b</prosody>", "[a@1.20] [b@0.80]"),
        ("<prosody rate='0.5'><prosody rate='x-slow'>a</prosody></prosody>", "[a@0.50]"),
        ("<prosody rate='2'>a <prosody rate='0.6'>b</prosody></prosody>", "[a@2.00] [b@1.20]"),
        ("<prosody rate='2'>a <prosody rate='default'>b</prosody></prosody>", "[a@2.00] [b]"),
        ("<speak/>", ""),
        ("<s> </s><p/> <mark name='a'/>", "#a"),
        ("ca&#241;a ca&#xF1;o", "[caña caño]"),
        ("a <![CDATA[b]]> d", "[a b d]"),
        ("ab<!-- c -->d <?pi?>", "[abd]"),
        ("a <break time=\"1s\">  </break> b", "[a] 1000 [b]"),
    ] {
        assert_eq!(shown(&script(text)), pieces, "{text}");
    }
}

#[test]
fn the_rate_of_the_request_goes_through_all_of_it() {
    let script =
        Script::ssml("a <prosody rate='150%'>b</prosody>", "es-CO", 1.5, &Lexicon::default()).unwrap();
    assert_eq!(shown(&script), "[a@1.50] [b@2.00]");
    let plain = |rate| Script::plain("a", "es-CO", rate, &Lexicon::default());
    assert_eq!(
        ["[a@0.50]", "[a@2.00]", "[a]"],
        [0.1, 9.0, f32::NAN].map(|rate| shown(&plain(rate))).each_ref().map(String::as_str)
    );
}

#[test]
fn the_lexicon_is_for_what_was_written_in_its_language() {
    let (lexicon, _) = Lexicon::of([("Ruiz", "Ruis"), ("alias", "otro")]);
    let read = |text| shown(&Script::ssml(text, "es-CO", 1.0, &lexicon).unwrap());
    assert_eq!(read("La Ruiz <lang xml:lang='es-MX'>Ruiz</lang>"), "[La Ruis] [es-MX:Ruis]");
    assert_eq!(read("<lang xml:lang='en'>Ruiz</lang>"), "[en:Ruiz]");
    assert_eq!(read("<sub alias='un alias'>Ruiz</sub> alias"), "[un alias otro]");
}

#[test]
fn a_plain_text_has_no_tags_whatever_it_looks_like() {
    for text in ["uno <break time='1s'/> dos", "<speak>uno <mark name='a'/>dos</speak>", "uno & dos <"] {
        let script = Script::plain(text, "es-CO", 1.0, &Lexicon::default());
        assert!(matches!(script.pieces(), [Piece::Say(_)]), "{script:?}");
    }
}

#[test]
fn a_script_knows_its_words_and_languages() {
    let words = script("Uno <break/> <lang xml:lang='en'>two</lang> tres");
    assert_eq!(words.spoken(), "Uno two tres");
    assert_eq!(words.languages().collect::<Vec<_>>(), ["es-CO", "en", "es-CO"]);
    assert!(words.has_words());
    for silent in ["", "<break/>", " . , ", "<mark name='a'/>", "<s>!</s>"] {
        assert!(!script(silent).has_words(), "{silent}");
    }
}

/// The error about `text` begins so.
fn assert_refused(text: &str, message: &str) {
    let error = Script::ssml(text, "es", 1.0, &Lexicon::default()).unwrap_err().to_string();
    assert!(error.starts_with(message), "{text}: {error}");
}

#[test]
fn what_is_not_spoken_here_is_named_with_its_place() {
    for (text, message) in [
        (
            "Hola <audio src='a'/>",
            "line 1, column 6: <audio> is not one of the tags: break, emphasis, lang, mark, p, prosody, s, say-as, speak, sub",
        ),
        ("<speak>a\n  <voice name='x'>b</voice></speak>", "line 2, column 3: <voice> is not one of the tags"),
        ("<b xmlns='http://other'/>", "line 1, column 1: <b> is not one of the tags"),
        ("<html>a</html>", "line 1, column 1: <html> is not one of the tags"),
        ("<BREAK/>", "line 1, column 1: <BREAK> is not one of the tags"),
        ("ñ<prosody pitch='high'>a</prosody>", "line 1, column 2: <prosody> may not have pitch, only rate"),
        ("<prosody>a</prosody>", "line 1, column 1: <prosody> needs rate, such as rate=\"slow\""),
        (
            "<prosody rate='5%'>a</prosody>",
            "line 1, column 1: rate=\"5%\" of <prosody> must be x-slow, slow, medium, fast",
        ),
        ("<prosody rate='+200%'>a</prosody>", "line 1, column 1: rate=\"+200%\" of <prosody> must be"),
        ("<prosody rate='NaN'>a</prosody>", "line 1, column 1: rate=\"NaN\" of <prosody> must be"),
        ("<prosody rate='1e0'>a</prosody>", "line 1, column 1: rate=\"1e0\" of <prosody> must be"),
        (
            "<break time='11s'/>",
            "line 1, column 1: time=\"11s\" of <break> must be 500ms or 1.5s, and 10s at most",
        ),
        ("<break time='-1s'/>", "line 1, column 1: time=\"-1s\" of <break> must be"),
        ("<break time='5'/>", "line 1, column 1: time=\"5\" of <break> must be"),
        ("<break time=''/>", "line 1, column 1: time=\"\" of <break> must be"),
        ("<break strength='huge'/>", "line 1, column 1: strength=\"huge\" of <break> must be none, x-weak"),
        ("<break size='large'/>", "line 1, column 1: <break> may not have size, only time, strength"),
        ("<break>a</break>", "line 1, column 1: <break/> may have nothing inside"),
        ("<mark/>", "line 1, column 1: <mark> needs name, such as name=\"after-greeting\""),
        ("<mark name='a b'/>", "line 1, column 1: name=\"a b\" of <mark> must be 1 to 64 letters"),
    ] {
        assert_refused(text, message);
    }
}

#[test]
fn the_same_goes_for_what_stands_inside() {
    for (text, message) in [
        ("<sub>a</sub>", "line 1, column 1: <sub> needs alias"),
        ("<sub alias='a'><break/></sub>", "line 1, column 16: <sub> may have text inside, but no <break>"),
        ("<lang>a</lang>", "line 1, column 1: <lang> needs xml:lang, such as xml:lang=\"en-US\""),
        ("<lang lang='en'>a</lang>", "line 1, column 1: <lang> may not have lang, only xml:lang"),
        (
            "<lang xml:lang='e n'>a</lang>",
            "line 1, column 1: xml:lang=\"e n\" of <lang> must be a language tag",
        ),
        (
            "<emphasis level='loud'>a</emphasis>",
            "line 1, column 1: level=\"loud\" of <emphasis> must be strong",
        ),
        ("<say-as>a</say-as>", "line 1, column 1: <say-as> needs interpret-as"),
        (
            "<say-as interpret-as='address'>a</say-as>",
            "line 1, column 1: interpret-as=\"address\" of <say-as> must be telephone, digits",
        ),
        (
            "<say-as interpret-as='date' format='xyz'>a</say-as>",
            "line 1, column 1: format=\"xyz\" of <say-as> must be one of mdy",
        ),
        (
            "<say-as interpret-as='digits' format='1'>1</say-as>",
            "line 1, column 1: format=\"1\" of <say-as> must be left out",
        ),
        (
            "<say-as interpret-as='date'>hoy</say-as>",
            "line 1, column 1: \"hoy\" is not a day such as 2026-12-01",
        ),
        ("a <speak>b</speak>", "line 1, column 3: <speak> may only stand around the whole text"),
    ] {
        assert_refused(text, message);
    }
}

#[test]
fn what_is_no_xml_is_refused_with_its_place() {
    for (text, message) in [
        ("Pérez & Hijos", "line 1, column 7: & begins an entity; a plain & is written &amp;"),
        ("a &nbsp; b", "line 1, column 3: &nbsp; is not known; there are &amp; &lt;"),
        ("5 < 6", "line 1, column 4: is not a tag that is well formed; a plain < is written &lt;"),
        ("<s>a", "line 1, column 5: <s> is open, but </speak> stands here"),
        ("a</s>", "line 1, column 2: <speak> is open, but </s> stands here"),
        ("<speak>a", "line 1, column 1: the text ends before every tag is closed"),
        ("<speak>a</speak>b", "line 1, column 17: there is something outside of the first tag"),
        (
            "<amazon:effect>a</amazon:effect>",
            "line 1, column 2: nothing with the prefix amazon: is known here",
        ),
        ("<break time='1s' time='2s'/>", "line 1, column 18: time stands there twice"),
        ("<!DOCTYPE speak><speak/>", "line 1, column 1: a DOCTYPE is refused; leave it out"),
        (
            "<?xml version='1.0'?>\n<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>",
            "line 2, column 1: a DOCTYPE",
        ),
        ("a\u{0}", "line 1, column 2: U+0000 may not stand in XML"),
        ("a]]>", "line 1, column 5: ']]>' is not allowed inside a character data"),
    ] {
        assert_refused(text, message);
    }
}

#[test]
fn everything_has_a_bound() {
    let deep = |levels: usize| format!("{}a{}", "<s>".repeat(levels), "</s>".repeat(levels));
    script(&deep(MAX_DEPTH - 1));
    let fault = |text: &str| Script::ssml(text, "es", 1.0, &Lexicon::default()).unwrap_err().fault;
    assert_eq!(fault(&deep(MAX_DEPTH)), Fault::TooDeep(MAX_DEPTH));
    // Far deeper than any stack.
    assert_eq!(fault(&deep(9_000)), Fault::TooDeep(MAX_DEPTH));
    assert_eq!(fault(&"<break time='10s'/>".repeat(7)), Fault::TooMuchSilence(MAX_SILENCE));
    script(&"<break time='10s'/>".repeat(6));
    assert_eq!(fault(&"a<mark name='a'/>".repeat(251)), Fault::TooManyPieces(MAX_PIECES));
    assert_eq!(fault(&"a".repeat(MAX_SOURCE + 1)), Fault::TooLong);
}
