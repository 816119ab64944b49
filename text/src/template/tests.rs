use super::*;
use crate::{Lexicon, Script};

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, FieldValue> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), FieldValue::Text((*text).to_owned()))).collect()
}

fn fill(source: &str, pairs: &[(&str, &str)]) -> Result<String, TemplateError> {
    Template::new(source)?.fill(&values(pairs), Locale::EsCo, Form::Plain)
}

#[test]
fn gaps_are_filled_with_what_the_language_reads_right() {
    for (source, filled) in [
        ("Hola {{ name }}.", "Hola Ana."),
        ("{{name}}{{ name }}", "AnaAna"),
        ("{{ nobody | default(\"cliente\") }}", "cliente"),
        ("{{ name | default('cliente') }}", "Ana"),
        ("{{ blank | default('cliente') }}", "cliente"),
        ("{{ nobody | default('2026-01-02') | date }}", "2 de enero de 2026"),
        ("{{ amount | currency }}", "$45000,50"),
        ("{{ amount | currency('USD') }}", "45000,50 USD"),
        ("{{ day | date }}", "1 de diciembre de 2026"),
        ("{{ us_day | date('mdy') }}", "1 de diciembre de 2026"),
        ("{{ day | date | default('x') }}", "1 de diciembre de 2026"),
        ("{{ hour | time }}", "15:30"),
        ("{{ turn | ordinal }}", "3.º"),
        ("{{ turn | cardinal }}", "3"),
        ("no gaps { at } all", "no gaps { at } all"),
        ("{{ tricky }}", "{{ name }} {% x %}"),
        ("{{ markup }}", "<b>&"),
    ] {
        let pairs = [
            ("name", "Ana"),
            ("blank", " "),
            ("amount", "45000.5"),
            ("day", "2026-12-01"),
            ("us_day", "12/01/2026"),
            ("hour", "15:30"),
            ("turn", "3"),
            ("tricky", "{{ name }} {% x %}"),
            ("markup", "<b>&"),
        ];
        assert_eq!(fill(source, &pairs).as_deref(), Ok(filled), "{source}");
    }
}

#[test]
fn numbers_have_the_mark_of_the_country() {
    let values = BTreeMap::from([
        ("n".to_owned(), FieldValue::Number(1234.5)),
        ("i".to_owned(), FieldValue::Number(3e9)),
    ]);
    let template = Template::new("{{ n }} {{ n | currency }} {{ i }}").unwrap();
    let fill = |locale| template.fill(&values, locale, Form::Plain).unwrap();
    assert_eq!(fill(Locale::EsCo), "1234,5 $1234,50 3000000000");
    assert_eq!(fill(Locale::EnGb), "1234.5 £1234.50 3000000000");
}

#[test]
fn everything_that_is_missing_or_wrong_is_named_at_once() {
    let long = "x".repeat(501);
    let pairs = [("day", "mañana"), ("blank", " "), ("long", long.as_str()), ("amount", "nada")];
    let source = "{{ name }} {{ day | date }} {{ blank }} {{ long }} {{ amount | currency | default('1') }} {{ name }}";
    let Err(TemplateError::Fields(faults)) = fill(source, &pairs) else { panic!("accepted") };
    let told: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.field, fault.why)).collect();
    assert_eq!(
        told,
        [
            "amount \"nada\" is not an amount such as 45000 or 45000.50",
            "blank is missing, and the text has a gap for it",
            "day \"mañana\" is not a day such as 2026-12-01",
            "long may have 500 characters",
            "name is missing, and the text has a gap for it",
        ]
    );
    assert_eq!(fill(source, &pairs).unwrap_err().to_string(), told.join("; "));
}

#[test]
fn a_value_in_ssml_brings_no_tag() {
    let template = Template::new("<sub alias=\"{{ name }}\">x</sub> {{ name }}").unwrap();
    let hostile = values(&[("name", "\"/><break time='9s'/>&amp;")]);
    let filled = template.fill(&hostile, Locale::EsCo, Form::Ssml).unwrap();
    let script = Script::ssml(&filled, "es-CO", 1.0, &Lexicon::default()).unwrap();
    assert_eq!(script.pieces().len(), 1, "{script:?}");
    let plain = template.fill(&hostile, Locale::EsCo, Form::Plain).unwrap();
    assert!(plain.ends_with("\"/><break time='9s'/>&amp;"), "{plain}");
}

#[test]
fn what_is_no_template_is_refused() {
    for (source, message) in [
        ("{{ a | shout }}", "filter shout is unknown; there are default, telephone"),
        ("{{ a | date('xyz') }}", "the option of date must be one of mdy"),
        ("{{ a | digits('x') }}", "the option of digits must be left out"),
        ("{{ a | currency('euro') }}", "currency takes the code of a currency"),
        ("{{ a | date('d', 'm') }}", "date takes one option at most"),
        ("{{ true }}", "only fields can be put in"),
        ("{{ true | date }}", "a filter goes behind the name of a field"),
        ("{{ not }}", ""),
        ("{{ a if b }}", "a gap may have a field name"),
        ("{{ a | default }}", ""),
        ("{% include 'a' %}", "only {{ field }} is known here"),
    ] {
        let error = fill(source, &[("a", "2026-12-01")]).unwrap_err();
        assert!(matches!(error, TemplateError::Malformed(_)), "{source}: {error:?}");
        let error = error.to_string();
        assert!(error.starts_with("has a gap ") && error.contains(message), "{source}: {error}");
    }
}

#[test]
fn the_fields_of_a_template_are_known_before_it_is_filled() {
    let fields = |source| Template::new(source).unwrap().fields();
    assert_eq!(fields("{{ b }} {{ a | default('c') }} {{ b | date }}"), ["a", "b"]);
    assert_eq!(fields("nothing"), [""; 0]);
}

#[test]
fn a_long_template_has_an_end() {
    let source = "{{ a | default('b') | default('c') }}".repeat(140);
    assert_eq!(fill(&source, &[("a", "x")]).unwrap(), "x".repeat(140));
    let source = "{{a}}".repeat(100_000);
    assert!(fill(&source, &[("a", "x")]).unwrap_err().to_string().contains("too many gaps"));
}
