use serde_json::json;

use super::*;
use crate::problem::FieldError;
use crate::request::tests::rules;

/// What is made of a text with what stands beside it.
fn read(request: Value) -> Result<Wording, Vec<FieldError>> {
    let mut fields = Fields::of(request, "body").unwrap();
    let text = fields.need("text");
    let wording = wording(&mut fields, text, "es-CO", &rules());
    fields.finish(&[])?;
    Ok(wording.expect("a wording where there is no error"))
}

#[test]
fn plain_text_stays_as_it_is() {
    for text in ["Hola", "5 < 6 & 7", "<speak>Hola</speak>", "{{ name }}", "{% x %}", "¿?€ 5"] {
        let same = Wording { text: text.to_owned(), ssml: false };
        assert_eq!(read(json!({"text": text})), Ok(same.clone()), "{text}");
        assert_eq!(read(json!({"text": text, "ssml": false, "fields": null})), Ok(same), "{text}");
    }
}

#[test]
fn ssml_is_read_and_kept_as_it_was_written() {
    for text in
        ["<speak>Hola</speak>", "Hola <break time='1s'/>\n\tmundo\r\n", "<lang xml:lang='en'>hello</lang>"]
    {
        let kept = read(json!({"text": text, "ssml": true})).unwrap();
        assert_eq!(kept, Wording { text: text.to_owned(), ssml: true });
    }
}

#[test]
fn gaps_are_filled_for_the_language_of_the_text() {
    let filled = |request| read(request).unwrap().text;
    let values = json!({"name": "Ana", "amount": 45_000, "day": "2026-12-01", "note": null, "more": 1.5});
    let text =
        "{{ name }} debe {{ amount | currency }} el {{ day | date }}{{ note | default('.') }} {{ more }}";
    assert_eq!(
        filled(json!({"text": text, "fields": values})),
        "Ana debe $45000 el 1 de diciembre de 2026. 1,5"
    );
    let marked = json!({"text": "<s>{{ name }}</s>", "ssml": true, "fields": {"name": "<b>Ana & Eva</b>"}});
    assert_eq!(filled(marked), "<s>&lt;b&gt;Ana &amp; Eva&lt;/b&gt;</s>");
    assert_eq!(filled(json!({"text": "Hola", "fields": {}})), "Hola");
}

#[test]
fn what_cannot_be_spoken_names_its_field_and_the_fix() {
    let with = |text: &str, fields: Value| json!({"text": text, "fields": fields});
    let ssml = |text: &str| json!({"text": text, "ssml": true});
    for (request, field, why) in [
        (json!({"text": "Hola", "ssml": "yes"}), "ssml", "must be true or false"),
        (
            ssml("Hola <audio/>"),
            "text",
            "is not SSML that can be spoken: line 1, column 6: <audio> is not one of",
        ),
        (ssml("Pérez & Hijos"), "text", "a plain & is written &amp;"),
        (ssml("<!DOCTYPE a><speak>b</speak>"), "text", "a DOCTYPE is refused"),
        (ssml("<break time='1s'/>"), "text", "has nothing in it that can be spoken"),
        (ssml(" "), "text", "is empty"),
        (ssml("a\u{0}b"), "text", "contains the control character U+0000 at position 2"),
        (ssml("<lang xml:lang='tlh'>Qapla</lang> hola"), "text", "no configured engine speaks: es-CO, tlh"),
        (json!({"text": 5, "ssml": true}), "text", "must be a text in quotes"),
        (json!({"text": "..."}), "text", "has nothing in it that can be spoken"),
        (json!({"text": "Hola", "fields": []}), "fields", "must be an object in braces, not a list"),
        (with("{{ name }}", json!({})), "fields.name", "is missing, and the text has a gap for it"),
        (with("{{ name }}", json!({"name": " "})), "fields.name", "is missing"),
        (with("{{ name }}", json!({"name": "x".repeat(501)})), "fields.name", "may have 500 characters"),
        (with("{{ name }}", json!({"name": "a\u{202e}b"})), "fields.name", "control character U+202E"),
        (
            with("{{ name }}", json!({"name": true})),
            "fields.name",
            "must be a text in quotes or a number, not true",
        ),
        (with("{{ name }}", json!({"name": 1e300})), "fields.name", "is too large for a number"),
        (
            with("{{ day | date }}", json!({"day": "hoy"})),
            "fields.day",
            "\"hoy\" is not a day such as 2026-12-01",
        ),
        (with("{{ a | shout }}", json!({"a": "b"})), "text", "filter shout is unknown"),
        (with("{{ a", json!({})), "text", "has a gap at position 1 that cannot be read"),
        (with("{% if a %}", json!({})), "text", "only {{ field }} is known here"),
        (with("Hola", json!({"\u{0}": "b"})), "fields", "none of them invisible"),
        (with("Hola", json!({"x".repeat(61): "b"})), "fields", "names of 60 characters"),
    ] {
        let errors = read(request.clone()).expect_err("it cannot be spoken");
        let told = errors
            .iter()
            .find(|error| error.field == field)
            .unwrap_or_else(|| panic!("{request}: {errors:?}"));
        assert!(told.message.contains(why), "{request}: {}", told.message);
    }
}

#[test]
fn every_missing_field_is_named_at_once() {
    let request = json!({"text": "{{ a }} {{ b }} {{ c | date }} {{ d }}", "fields": {"c": "hoy", "d": "x"}});
    let fields: Vec<_> = read(request).unwrap_err().into_iter().map(|error| error.field).collect();
    assert_eq!(fields, ["fields.a", "fields.b", "fields.c"]);
    let many = (0..500).map(|n| format!("{{{{ f{n} }}}}")).collect::<Vec<_>>().concat();
    let errors = read(json!({"text": many, "fields": {}})).unwrap_err();
    assert_eq!((errors.len(), errors[20].message.as_str()), (21, "has 480 more errors"));
}

#[test]
fn the_text_is_bounded_before_and_after_it_is_filled() {
    let (most, more) = ("ñ".repeat(4_500), "ñ".repeat(4_501));
    for (text, good) in
        [(most.clone() + "{{ a }}", true), (more + "{{ a }}", false), ("x".repeat(5_001), false)]
    {
        let request = json!({"text": text, "fields": {"a": "x".repeat(500)}});
        assert_eq!(read(request).is_ok(), good, "{}", text.chars().count());
    }
    let ssml = format!("{}{{{{ a }}}}", "x".repeat(4_500));
    // Escaped, it is longer than it was.
    let request = json!({"text": ssml, "ssml": true, "fields": {"a": "<".repeat(200)}});
    assert_eq!(read(request).unwrap_err()[0].field, "text");
    let many: serde_json::Map<_, _> = (0..101).map(|n| (n.to_string(), json!("x"))).collect();
    assert_eq!(read(json!({"text": "Hola", "fields": many})).unwrap_err()[0].field, "fields");
}
