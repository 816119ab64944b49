//! Short forms: abbreviations and initials.

use super::super::scan::Token;
use super::letters;
use super::place::{Place, Said};
use super::street;
use super::roman;
use super::words::{self, Form};
use crate::Locale;

/// What has to follow for a word to be a short form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// A stop, or a name: Sr. Gómez, Dra Ruiz.
    Title,
    /// A stop; what it introduces may have a capital: Col. Roma.
    Leads,
    /// A stop, or a number: pág. 3, Apto 301.
    Counts,
    /// A stop, which may end the sentence too: etc.
    Ends,
    /// Nothing.
    Always,
}

use When::{Always, Counts, Ends, Leads, Title};

/// In small letters.
#[rustfmt::skip]
const SHORT_FORMS: &[(&str, &str, When)] = &[
    ("sr", "señor", Title), ("srs", "señores", Title), ("ma", "María", Title), ("aux", "auxiliar", Leads), ("cons", "consultorio", Counts), ("ayto", "ayuntamiento", Leads), ("prob", "probabilidad", Leads), ("edo", "estado", Leads), ("sra", "señora", Title), ("srta", "señorita", Title), ("sres", "señores", Title), ("sras", "señoras", Title),
    ("dr", "doctor", Title), ("dra", "doctora", Title), ("dres", "doctores", Title), ("lic", "licenciado", Title), ("licda", "licenciada", Title),
    ("ing", "ingeniero", Title), ("inga", "ingeniera", Title), ("arq", "arquitecto", Title), ("prof", "profesor", Title), ("profa", "profesora", Title), ("abg", "abogado", Title),
    ("mtro", "maestro", Title), ("mtra", "maestra", Title), ("dña", "doña", Title), ("gral", "general", Title), ("cnel", "coronel", Title), ("tte", "teniente", Title),
    ("sgto", "sargento", Title), ("mons", "monseñor", Title), ("pbro", "presbítero", Title), ("hno", "hermano", Title), ("hna", "hermana", Title), ("sto", "santo", Title),
    ("sta", "santa", Title), ("excmo", "excelentísimo", Title), ("excma", "excelentísima", Title), ("ilmo", "ilustrísimo", Title), ("pdta", "presidenta", Title),
    ("ud", "usted", Always), ("uds", "ustedes", Always), ("vd", "usted", Always), ("vds", "ustedes", Always),
    ("urb", "urbanización", Leads), ("edif", "edificio", Leads), ("fracc", "fraccionamiento", Leads), ("mpio", "municipio", Leads), ("prov", "provincia", Leads), ("bo", "barrio", Leads),
    ("barr", "barrio", Leads), ("dept", "departamento", Leads), ("dep", "departamento", Leads), ("gob", "gobernador", Leads), ("hosp", "hospital", Leads), ("univ", "universidad", Leads), ("col", "colonia", Leads),
    ("ej", "ejemplo", Leads), ("atte", "atentamente", Leads), ("vda", "viuda", Leads), ("gta", "glorieta", Leads), ("rda", "ronda", Leads), ("trav", "travesía", Leads), ("pol", "polígono", Leads), ("cdad", "ciudad", Leads),
    ("ntra", "nuestra", Leads), ("ntro", "nuestro", Leads), ("pdte", "presidente", Leads), ("min", "minuto", Counts), ("sec", "secretaría", Leads), ("cap", "capítulo", Counts), ("dir", "dirección", Leads), ("adva", "administrativa", Leads),
    ("apto", "apartamento", Counts), ("apt", "apartamento", Counts), ("apdo", "apartado", Counts), ("dpto", "departamento", Counts), ("depto", "departamento", Counts), ("deptos", "departamentos", Leads), ("of", "oficina", Counts), ("ofic", "oficina", Counts),
    ("hab", "habitación", Counts), ("int", "interior", Counts), ("mz", "manzana", Counts), ("mza", "manzana", Counts), ("lt", "lote", Counts), ("bq", "bloque", Counts), ("bl", "bloque", Counts), ("esc", "escalera", Counts), ("pta", "puerta", Counts),
    ("tel", "teléfono", Counts), ("tels", "teléfonos", Counts), ("tlf", "teléfono", Counts), ("tfno", "teléfono", Counts), ("cel", "celular", Counts), ("ext", "extensión", Counts), ("exts", "extensiones", Counts),
    ("pág", "página", Counts), ("pag", "página", Counts), ("págs", "páginas", Counts), ("pp", "páginas", Counts), ("art", "artículo", Counts), ("arts", "artículos", Counts), ("núm", "número", Counts), ("nro", "número", Counts), ("nros", "números", Counts),
    ("núms", "números", Counts), ("ref", "referencia", Counts), ("fact", "factura", Counts), ("fac", "factura", Counts), ("cta", "cuenta", Leads), ("ctas", "cuentas", Leads), ("cte", "corriente", Ends), ("vol", "volumen", Counts), ("ed", "edición", Counts),
    ("etc", "etcétera", Ends), ("aprox", "aproximadamente", Ends), ("máx", "máximo", Ends), ("max", "máximo", Ends), ("mín", "mínimo", Ends), ("temp", "temperatura", Leads), ("dto", "descuento", Ends), ("dcto", "descuento", Ends), ("desc", "descuento", Ends),
    ("ltda", "limitada", Ends), ("cía", "compañía", Ends), ("cia", "compañía", Ends), ("inc", "incorporated", Ends), ("corp", "corporación", Ends), ("hnos", "hermanos", Ends), ("admón", "administración", Leads), ("admon", "administración", Leads), ("admin", "administración", Leads),
    ("incl", "incluido", Leads), ("nal", "nacional", Ends), ("nac", "nacional", Ends), ("internal", "internacional", Ends), ("obs", "observaciones", Leads), ("pto", "puerto", Leads), ("ptos", "puntos", Ends), ("seg", "seguridad", Leads), ("sig", "siguiente", Leads), ("sgte", "siguiente", Leads), ("sgtes", "siguientes", Leads),
    ("esq", "esquina", Leads), ("nte", "norte", Ends), ("ote", "oriente", Ends), ("pte", "poniente", Ends), ("izq", "izquierda", Ends), ("izda", "izquierda", Ends), ("der", "derecha", Ends), ("dcha", "derecha", Ends), ("ind", "industrial", Leads),
    ("prol", "prolongación", Leads), ("priv", "privada", Leads), ("gpo", "grupo", Leads), ("tít", "título", Leads), ("vs", "versus", Always), ("msi", "meses sin intereses", Always), ("cp", "código postal", Counts), ("eeuu", "Estados Unidos", Always), ("rrhh", "recursos humanos", Always), ("jjoo", "Juegos Olímpicos", Always), ("ofc", "oficina", Counts), ("nit", "nit", Leads),
    ("ene", "enero", Ends), ("feb", "febrero", Ends), ("abr", "abril", Ends), ("jun", "junio", Ends), ("jul", "julio", Ends), ("ago", "agosto", Ends), ("sept", "septiembre", Ends), ("oct", "octubre", Ends), ("nov", "noviembre", Ends), ("dic", "diciembre", Ends),
];

/// A short form, written out.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    if place.is_glued() && !matches!(place.before, [.., Token::Sign('.' | '/')]) {
        return None;
    }
    both_genders(place).or_else(|| times(place)).or_else(|| numbering(place)).or_else(|| strokes(place)).or_else(|| initials(place)).or_else(|| listed(place))
}

/// "Estimado(a)", "Sr(a).": both are addressed. A plural in brackets, "alumno(s)", is left out.
fn both_genders(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(word), Token::Sign('('), Token::Word(ending), Token::Sign(')'), rest @ ..] = place.ahead else { return None };
    let stop = usize::from(matches!(rest, [Token::Sign('.'), Token::Space, ..]));
    match (word.to_lowercase().as_str(), *ending) {
        ("sr" | "señor", "a") => Said::new("señor o señora", 4 + stop),
        ("dr" | "doctor", "a") => Said::new("doctor o doctora", 4 + stop),
        (lower, "a") => Said::new(lower.strip_suffix('o').map_or_else(|| (*word).to_owned(), |stem| format!("{word} o {stem}a")), 4),
        (lower, "as") => Said::new(lower.strip_suffix("os").map_or_else(|| (*word).to_owned(), |stem| format!("{word} y {stem}as")), 4),
        (_, "s" | "es" | "n" | "o" | "os") => Said::new(*word, 4),
        _ => None,
    }
}

/// "3 x $10.000", "6 x 2".
fn times(place: &Place<'_>) -> Option<Said> {
    let counted = matches!(place.before, [.., Token::Digits(_), Token::Space]);
    let [Token::Word("x" | "X"), Token::Space, Token::Digits(_) | Token::Sign('$' | '€'), ..] = place.ahead else { return None };
    (counted || place.word() == "x" && place.ahead.first() == Some(&Token::Word("x"))).then(|| Said { words: "por".to_owned(), used: 1 })
}

fn listed(place: &Place<'_>) -> Option<Said> {
    let word = place.word();
    let (_, full, when) = SHORT_FORMS.iter().find(|(short, ..)| *short == word)?;
    let full = match (word.as_str(), place.locale) {
        ("col" | "esq", locale) if locale != Locale::EsMx && word == "col" => return None,
        ("prof", _) if matches!(place.after(2).past_space().ahead.first(), Some(Token::Digits(_))) => return Said::new("profundidad", 2),
        ("dto" | "dcto" | "desc", _) if matches!(place.before, [.., Token::Sign('%'), Token::Space]) => "de descuento",
        ("pte", locale) if locale != Locale::EsMx => return titled_president(place),
        ("msi", Locale::EsMx) => "meses sin intereses",
        ("msi", _) => return None,
        ("int", Locale::EsAr) => "interno",
        ("ext", Locale::EsMx) if matches!(place.before, [.., Token::Word("No" | "Núm" | "Num"), Token::Sign('.'), Token::Space]) => "exterior",
        ("máx" | "max", _) if after_feminine(place) || before_degrees(place) => "máxima",
        ("mín", _) if after_feminine(place) || before_degrees(place) => "mínima",
        _ => full,
    };
    let rest = place.after(1);
    let stop = rest.ahead.first() == Some(&Token::Sign('.'));
    let names = |rest: &Place<'_>| matches!(rest.ahead, [Token::Space, Token::Word(next), ..] if next.starts_with(char::is_uppercase));
    let stands = match when {
        Always => true,
        Title => stop && (is_capital(place) || names(&rest.after(1)) || word.starts_with('s') || word.starts_with("dr")) || names(&rest) && is_capital(place),
        Leads | Ends => stop,
        _ if rest.ahead.first() == Some(&Token::Sign(':')) => ["tel", "tels", "tlf", "tfno", "cel", "ext", "ref", "dir", "obs", "nro", "núm", "cta", "fact", "máx", "mín"].contains(&word.as_str()),
        Counts => (stop && counts(&word, &rest.after(1))) || matches!(rest.ahead, [Token::Space, Token::Digits(_), ..] | [Token::Sign('#'), ..]),
    };
    if !stands || !rest.is_loose_end() {
        return None;
    }
    let used = 1 + usize::from(stop);
    let after = place.after(used);
    let full = if *when == Title && place.word_before().as_deref() == Some("la") { feminine(full) } else { full };
    let ends = stop && match when {
        Title => false,
        Leads | Counts => after.ahead.is_empty(),
        Ends => after.ends_sentence(),
        Always => after.ends_sentence() && !word.starts_with('v'),
    };
    Said::new(format!("{full}{}", if ends { "." } else { "" }), used)
}

/// "Pte.", which in Mexico is a quarter of the compass.
fn titled_president(place: &Place<'_>) -> Option<Said> {
    (place.ahead.get(1) == Some(&Token::Sign('.'))).then(|| Said { words: "presidente".to_owned(), used: 2 })
}

fn is_capital(place: &Place<'_>) -> bool {
    place.ahead.first().and_then(|token| token.word()).is_some_and(|word| word.starts_with(char::is_uppercase))
}

/// What a woman of that title is called.
fn feminine(title: &'static str) -> &'static str {
    match title {
        "licenciado" => "licenciada",
        "ingeniero" => "ingeniera",
        "arquitecto" => "arquitecta",
        "profesor" => "profesora",
        "abogado" => "abogada",
        "maestro" => "maestra",
        other => other,
    }
}

/// Whether a temperature follows.
fn before_degrees(place: &Place<'_>) -> bool {
    let at = place.after(2).past_space();
    let at = if at.ahead.first() == Some(&Token::Sign('-')) { at.after(1) } else { at };
    matches!(at.ahead.first(), Some(Token::Digits(_))) && matches!(at.after(1).past_space().ahead.first(), Some(Token::Sign('°' | 'º')))
}

/// Whether a short form with a stop is one: of some, only before what they number.
fn counts(word: &str, after: &Place<'_>) -> bool {
    !matches!(word, "of" | "min" | "int" | "cap" | "ed" | "lt" | "bl" | "art") || matches!(after.past_space().ahead, [Token::Digits(_), ..])
}

fn after_feminine(place: &Place<'_>) -> bool {
    place.words_before().next().is_some_and(|word| matches!(word.as_str(), "temp" | "temperatura" | "velocidad" | "edad" | "cuota"))
}

/// n.º, N°, No., D.ª and their like.
fn numbering(place: &Place<'_>) -> Option<Said> {
    let used = match place.ahead {
        [Token::Word("n" | "N"), Token::Sign('º' | '°'), Token::Sign('.'), ..] => 3,
        [Token::Word("n" | "N"), Token::Sign('º' | '°'), ..] => 2,
        [Token::Word("n" | "N" | "No" | "no"), Token::Sign('.'), Token::Sign('º' | '°'), ..] => 3,
        [Token::Word("n" | "N"), Token::Sign('.'), Token::Word("os"), ..] => return Said::new("números", 3),
        [Token::Word("No" | "no" | "NO" | "Num" | "num"), Token::Sign('.'), rest @ ..]
            if matches!(rest, [Token::Digits(_), ..] | [Token::Space, Token::Digits(_), ..] | [Token::Space, Token::Word("Ext" | "Int"), ..])
                || matches!(rest, [Token::Space, Token::Word(letters), Token::Digits(_) | Token::Sign('-'), ..] if letters::is_capitals(letters)) =>
        {
            2
        }
        [Token::Word("B"), Token::Sign('º' | '°'), Token::Space, Token::Word(_), ..] => return Said::new("barrio", 2),
        [Token::Word("D" | "Dña"), Token::Sign('.'), Token::Sign('ª'), ..] => return Said::new("doña", 3),
        [Token::Word("s" | "S"), Token::Sign('.'), Token::Space, Token::Word(century), ..] => {
            let value = roman::value(century)?;
            return Said::new(format!("siglo {}", words::cardinal(value, Form::Alone)), 4);
        }
        [Token::Word("M"), Token::Sign('.'), Token::Sign('ª'), ..] => return Said::new("María", 3),
        [Token::Word("P"), Token::Sign('.'), Token::Sign('º'), ..] => return Said::new("paseo", 3),
        [Token::Word("D"), Token::Sign('.'), Token::Space, Token::Word(name), ..]
            if place.locale == Locale::EsEs && name.len() > 2 && name.starts_with(char::is_uppercase) =>
        {
            return Said::new("don", 2);
        }
        _ => return None,
    };
    let house = place.after(used).past_space();
    if let Some((plate, more)) = street::plate(&house) {
        return Said::new(format!("número {plate}"), place.distance(&house) + more);
    }
    Said::new("número", used)
}

/// Short forms with a stroke.
fn strokes(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(first), Token::Sign('/'), rest @ ..] = place.ahead else { return None };
    let spoken = match (first.to_lowercase().as_str(), rest) {
        ("c", [Token::Word("u" | "U"), ..]) => "cada uno",
        ("s", [Token::Word("n" | "N"), ..]) => "sin número",
        ("s", [Token::Word(_), ..]) => return Said::new("sin", 2),
        ("c", [Token::Digits(_), ..] | [Token::Space, Token::Digits(_), ..]) => return Said::new("cada", 2),
        ("y", [Token::Word("o"), ..]) => "y o",
        ("c", [Token::Word(name), ..] | [Token::Space, Token::Word(name), ..]) if place.locale == Locale::EsEs && name.starts_with(char::is_uppercase) => {
            return Said::new("calle", 2);
        }
        ("c", [Token::Word(_), ..]) => return Said::new("con", 2),
        ("av", [Token::Space, Token::Word(_), ..]) => return Said::new("avenida", 2),
        _ => return None,
    };
    place.after(3).is_loose_end().then(|| Said { words: spoken.to_owned(), used: 3 })
}

/// Letters with stops: S.A., EE. UU., p. ej., D.C.
fn initials(place: &Place<'_>) -> Option<Said> {
    let mut letters = String::new();
    let mut used = 0;
    let mut groups = 0;
    while let [Token::Word(word), Token::Sign('.'), ..] = place.after(used).past_space().ahead
        && word.chars().count() <= 2
        && groups < 8
        && (groups == 0 || same_case(word, &letters))
    {
        let at = place.after(used).past_space();
        // A space only joins what is known with one: "S. A.", "a. C.", not "plan B. A las".
        if groups > 0 && at.ahead.len() < place.after(used).ahead.len() && !spaced(&format!("{letters}{word}")) && known(&letters, place).is_some() {
            break;
        }
        letters.push_str(word);
        used = place.distance(&at) + 2;
        groups += 1;
    }
    if let [Token::Word(last), ..] = place.after(used).ahead
        && groups >= 1
        && last.chars().count() == 1
        && same_case(last, &letters)
        && place.after(used + 1).is_loose_end()
    {
        letters.push_str(last); // "S.A" without its last stop
        used += 1;
        groups += 1;
    }
    if groups < 2 {
        return None;
    }
    let (full, used) = match place.after(used).ahead {
        [Token::Space, Token::Word("de"), Token::Space, Token::Word("C"), Token::Sign('.'), Token::Word("V"), Token::Sign('.'), ..]
            if matches!(letters.as_str(), "SA" | "SRL" | "SAPI") =>
        {
            (format!("{} de capital variable", known(&letters, place)?), used + 7)
        }
        [Token::Space, Token::Digits(area), ..] if letters == "CP" => (format!("código postal {}", words::dictated(area)), used + 2),
        _ => match known(&letters, place) {
            Some(full) => (full.to_owned(), used),
            None if letters::is_capitals(&letters) => (letters::spelled(&letters, place.locale), used),
            None => return None,
        },
    };
    let last = place.after(used);
    let ended = place.ahead.get(used - 1) == Some(&Token::Sign('.'))
        && (last.ahead.is_empty() || known(&letters, place).is_some_and(|_| letters != "IE") && last.ends_sentence());
    Said::new(format!("{full}{}", if ended { "." } else { "" }), used)
}

fn same_case(word: &str, letters: &str) -> bool {
    letters::is_capitals(word) == letters::is_capitals(letters) || matches!((letters, word), ("a" | "d", "C"))
}

/// Initials that are written with spaces between them.
fn spaced(letters: &str) -> bool {
    matches!(letters, "SA" | "SAS" | "SL" | "EEUU" | "RRHH" | "JJOO" | "FFAA" | "FFMM" | "CCAA" | "aC" | "dC" | "DC" | "DF" | "CV" | "CP" | "CC" | "pej")
}

/// What initials stand for.
fn known(letters: &str, place: &Place<'_>) -> Option<&'static str> {
    Some(match letters {
        "SA" => "sociedad anónima",
        "SAS" => "ese a ese",
        "SL" => "sociedad limitada",
        "EEUU" | "EU" => "Estados Unidos",
        "RRHH" => "recursos humanos",
        "JJOO" => "Juegos Olímpicos",
        "FFAA" => "Fuerzas Armadas",
        "FFMM" => "Fuerzas Militares",
        "CCAA" => "comunidades autónomas",
        "DC" => "Distrito Capital",
        "IE" if place.locale == Locale::EsCo => "institución educativa",
        "MV" if place.locale == Locale::EsCo => "mes vencido",
        "EA" if place.locale == Locale::EsCo => "efectivo anual",
        "CV" => "capital variable",
        "CP" => "código postal",
        "CC" if place.locale == Locale::EsCo => "cédula de ciudadanía",
        "aC" => "antes de Cristo",
        "dC" => "después de Cristo",
        "pej" => "por ejemplo",
        "qepd" => "que en paz descanse",
        _ => return None,
    })
}
