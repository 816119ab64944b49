//! What `say-as` makes of a text, in words: those of a text that is clear by itself.

use pregon_text::{Lexicon, Script};

/// Language; text, with `<digits>1</digits>` for `<say-as interpret-as='digits'>1</say-as>`; words.
const SPANISH: &[(&str, &str, &str)] = &[
    (
        "es-CO",
        "Llame al <telephone>3005050149</telephone>.",
        "Llame al tres cero cero, cinco cero cinco, cero uno cuarenta y nueve.",
    ),
    (
        "es-CO",
        "Llame al <telephone>+57 (300) 505-0149</telephone>, ya.",
        "Llame al más cincuenta y siete, tres cero cero, cinco cero cinco, cero uno cuarenta y nueve, ya.",
    ),
    (
        "es-ES",
        "Llame al <telephone>600 123 456</telephone>",
        "Llame al seis cero cero, uno dos tres, cuatro cinco seis",
    ),
    ("es-CO", "Marque <telephone>123</telephone>", "Marque uno dos tres"),
    (
        "es-CO",
        "Su código es <digits>1234-50</digits>, guárdelo.",
        "Su código es uno dos tres cuatro, cinco cero, guárdelo.",
    ),
    ("es-CO", "Placa <characters>IBY345</characters>.", "Placa i be ye tres cuatro cinco."),
    ("es-AR", "Placa <characters>vw 1</characters>.", "Placa ve corta doble ve, uno."),
    (
        "es-ES",
        "Usuario <spell-out>ana_w-1@ñ.x/y</spell-out>",
        "Usuario a ene a guion bajo uve doble guion uno arroba eñe punto equis barra i griega",
    ),
    ("es-CO", "Capítulo <characters>XVI</characters>", "Capítulo equis uve i"),
    ("es-CO", "El <date>2026-12-01</date>.", "El primero de diciembre de dos mil veintiséis."),
    ("es-ES", "El <date>01/12/2026</date>.", "El uno de diciembre de dos mil veintiséis."),
    ("es-CO", "A las <time>15:30</time>.", "A las quince y treinta."),
    ("es-CO", "A las <time>3:30 p. m.</time>, en punto.", "A las tres y media de la tarde, en punto."),
    ("es-CO", "Son <currency>45000.5</currency>.", "Son cuarenta y cinco mil pesos con cincuenta centavos."),
    (
        "es-MX",
        "Son <currency>$1,234.50</currency>.",
        "Son mil doscientos treinta y cuatro pesos con cincuenta centavos.",
    ),
    ("es-ES", "Son <currency>2.75</currency>.", "Son dos euros con setenta y cinco céntimos."),
    ("es-CO", "Son <currency>USD 20</currency>.", "Son veinte dólares."),
    (
        "es-CO",
        "El <ordinal>3</ordinal> piso y la <ordinal>2.ª</ordinal> puerta",
        "El tercer piso y la segunda puerta",
    ),
    ("es-CO", "Vienen <cardinal>21</cardinal> personas", "Vienen veintiuna personas"),
];

const ENGLISH: &[(&str, &str, &str)] = &[
    (
        "en-US",
        "Call <telephone>(212) 555-0147</telephone>.",
        "Call two one two, five five five, zero one four seven.",
    ),
    ("en-GB", "Dial <telephone>999</telephone>.", "Dial nine nine nine."),
    ("en-US", "Your code is <digits>1234</digits>.", "Your code is one two three four."),
    ("en-US", "Plate <characters>ab-1_A</characters>.", "Plate A, B dash one underscore A."),
    ("en-US", "On <date>2026-12-01</date>.", "On December first, twenty twenty-six."),
    ("en-GB", "On <date>01/12/2026</date>.", "On the first of December twenty twenty-six."),
    ("en-US", "At <time>15:30</time>.", "At three thirty PM."),
    ("en-US", "It is <currency>45000.5</currency>.", "It is forty-five thousand dollars and fifty cents."),
    ("en-GB", "It is <currency>20</currency>.", "It is twenty pounds."),
    ("en-US", "The <ordinal>22</ordinal> floor", "The twenty-second floor"),
    ("en-GB", "<cardinal>1,250</cardinal> people", "one thousand two hundred and fifty people"),
];

#[test]
fn every_meaning_has_its_words() {
    for (language, short, spoken) in SPANISH.iter().chain(ENGLISH) {
        let ssml = marked_up(short).expect("a short form");
        let script = Script::ssml(&ssml, language, 1.0, &Lexicon::default()).unwrap();
        assert_eq!(script.pieces().len(), 1, "{short}");
        assert_eq!(script.spoken(), *spoken, "{short}");
    }
}

fn marked_up(short: &str) -> Option<String> {
    let Some((before, rest)) = short.split_once('<') else { return Some(short.to_owned()) };
    let (name, rest) = rest.split_once('>')?;
    let (text, rest) = rest.split_once(&format!("</{name}>"))?;
    Some(format!("{before}<say-as interpret-as='{name}'>{text}</say-as>{}", marked_up(rest)?))
}
