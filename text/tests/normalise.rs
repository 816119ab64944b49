//! The normaliser against tables of sentences that campaigns and stations send, and against any text at all.
//!
//! A line of a table is `locale<TAB>text<TAB>words`; `#` begins a comment.

use pregon_text::{Locale, normalise};
use proptest::prelude::*;

const LOCALES: [Locale; 7] =
    [Locale::EsCo, Locale::EsMx, Locale::EsEs, Locale::EsAr, Locale::EnUs, Locale::EnGb, Locale::Other];

/// Every line of a table is read as it says, and again as itself.
fn assert_table(table: &str) {
    let mut wrong = Vec::new();
    let mut lines = 0;
    for (number, line) in
        table.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    {
        let columns: Vec<_> = line.split('\t').collect();
        let [locale, text, expected] = *columns else {
            panic!("line {}: not three columns: {line}", number + 1)
        };
        let spoken = normalise(text, Locale::of(locale));
        let again = normalise(&spoken, Locale::of(locale));
        if spoken != expected {
            wrong.push(format!(
                "{:>4} {locale} {text}\n     expected {expected}\n     spoken   {spoken}",
                number + 1
            ));
        } else if again != spoken {
            wrong.push(format!(
                "{:>4} {locale} {text}\n     once     {spoken}\n     again    {again}",
                number + 1
            ));
        }
        lines += 1;
    }
    assert!(wrong.is_empty(), "{} of {lines} lines:\n{}", wrong.len(), wrong.join("\n"));
    assert!(lines >= 400, "only {lines} lines");
}

#[test]
fn spanish_is_read_as_people_say_it() {
    assert_table(include_str!("normalise/es.tsv"));
}

/// Text with the things in it that the rules look for, in any order.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned);
    let digits = "[0-9]{1,12}";
    let letters = "[A-Za-zñáéíóúÑ]{1,6}";
    let signs = "[-+.,:;/#*@$€%°ºª&_'\"()<>=½~ ]{1,3}";
    prop::collection::vec(
        prop_oneof![4 => pieces, 2 => digits, 2 => letters, 2 => signs, 1 => Just(" ".to_owned())],
        0..24,
    )
    .prop_map(|pieces| pieces.concat())
}

#[rustfmt::skip]
const PIECES: &[&str] = &[
    " ", " ", " ", "S.A.", "EE. UU.", "p.m.", "a. m.", "etc.", "Dr.", "Sra", "Av.", "Cra.", "No.", "n.º", "1.º", "3er", "2a", "C.P.", "siglo", "XXI", "Felipe VI", "II Guerra",
    "km/h", " kg", "°C", "%", "USD", "US$", "mill.", "k", "M", "mayo", "12 de ", "lun", "-vie", "código ", "línea ", "marque ", "placa ", "vuelo AV ", "www.", ".com", "@x.co", "https://",
    "1/2", "24/7", "15:30", "8 a 5", "2x1", "IB3456", "COVID-19", "#", "ABC", "y/o", "s/n", "c/u", "L-V", "...", "!!", "¿", "D.", "C", "de", "a las", "la ", "<b>", "&amp;", "**", "\n", "👋", "Nº", "mil", "millones", "personas",
    "St.", "Mr.", "p.m", "No", "ft", "Jan ", "1st", "the ", "am", "lb", "Ave", "I", "V", "x", "e", "o", "T",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in any::<String>(), locale in prop::sample::select(&LOCALES)) {
        assert_promises(&text, locale)?;
    }

    #[test]
    fn any_mixture_of_figures_and_signs_is_read(text in hostile(), locale in prop::sample::select(&LOCALES)) {
        assert_promises(&text, locale)?;
    }

    #[test]
    fn no_figure_is_left_in_spanish(text in "[ -~]{0,60}", locale in prop::sample::select(&LOCALES[..4])) {
        let spoken = normalise(&text, locale);
        prop_assert!(!spoken.contains(|c: char| c.is_ascii_digit()), "{spoken:?}");
    }
}

fn assert_promises(text: &str, locale: Locale) -> Result<(), TestCaseError> {
    let spoken = normalise(text, locale);
    prop_assert!(
        !spoken.contains(|c: char| c.is_control() || c != ' ' && c.is_whitespace()),
        "one line: {:?}",
        spoken
    );
    prop_assert!(!spoken.contains("  "), "single spaces: {:?}", spoken);
    prop_assert!(spoken.len() <= 24 * text.len(), "{} bytes of {}", spoken.len(), text.len());
    prop_assert_eq!(&normalise(&spoken, locale), &spoken, "again");
    Ok(())
}

#[test]
fn english_is_read_as_people_say_it() {
    assert_table(include_str!("normalise/en.tsv"));
}
