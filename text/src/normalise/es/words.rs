//! Numbers in words.

/// How a number agrees with what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// On its own: uno, veintiuno, doscientos.
    Alone,
    /// Before a masculine noun: un, veintiún, doscientos.
    Masculine,
    /// Before a feminine noun: una, veintiuna, doscientas.
    Feminine,
    /// The thousands before a feminine noun: doscientas, but veintiún (DPD, «cardinales»).
    FeminineThousands,
}

const UNDER_THIRTY: &[&str] = &[
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];

const TENS: &[&str] =
    &["", "", "veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];

const HUNDREDS: &[&str] = &[
    "",
    "ciento",
    "doscient",
    "trescient",
    "cuatrocient",
    "quinient",
    "seiscient",
    "setecient",
    "ochocient",
    "novecient",
];

/// The first number that has no words here: a thousand billion billions.
const TOO_BIG: u64 = 1_000_000_000_000_000_000;

/// `whole` in words; digit by digit where it is too long for a number or begins with a zero.
pub(super) fn number(whole: &str, form: Form) -> String {
    match whole.parse() {
        Ok(value) if value < TOO_BIG && (whole == "0" || !whole.starts_with('0')) => cardinal(value, form),
        _ => digits(whole),
    }
}

/// `value` in words.
pub(super) fn cardinal(value: u64, form: Form) -> String {
    let mut parts = Vec::new();
    for (scale, one, many) in [(1_000_000_000_000, "billón", "billones"), (1_000_000, "millón", "millones")]
    {
        let count = value / scale % 1_000_000;
        if count > 0 {
            thousands(&mut parts, count, Form::Masculine);
            parts.push(if count == 1 { one.to_owned() } else { many.to_owned() });
        }
    }
    thousands(&mut parts, value % 1_000_000, form);
    if parts.is_empty() { "cero".to_owned() } else { parts.join(" ") }
}

fn thousands(parts: &mut Vec<String>, value: u64, form: Form) {
    let many = if form == Form::Feminine { Form::FeminineThousands } else { Form::Masculine };
    match value / 1_000 {
        0 => {}
        1 => parts.push("mil".to_owned()),
        count => {
            hundreds(parts, count, many);
            parts.push("mil".to_owned());
        }
    }
    hundreds(parts, value % 1_000, form);
}

fn hundreds(parts: &mut Vec<String>, value: u64, form: Form) {
    if value == 100 {
        parts.push("cien".to_owned());
        return;
    }
    let stem = at(HUNDREDS, value / 100);
    match value / 100 {
        0 => {}
        1 => parts.push(stem.to_owned()),
        _ if matches!(form, Form::Feminine | Form::FeminineThousands) => parts.push(format!("{stem}as")),
        _ => parts.push(format!("{stem}os")),
    }
    match value % 100 {
        0 => {}
        rest @ (1 | 21) => parts.push(one(rest, form).to_owned()),
        rest @ ..30 => parts.push(at(UNDER_THIRTY, rest).to_owned()),
        rest if rest.is_multiple_of(10) => parts.push(at(TENS, rest / 10).to_owned()),
        rest if rest % 10 == 1 => parts.push(format!("{} y {}", at(TENS, rest / 10), one(1, form))),
        rest => parts.push(format!("{} y {}", at(TENS, rest / 10), at(UNDER_THIRTY, rest % 10))),
    }
}

fn one(value: u64, form: Form) -> &'static str {
    match (form, value) {
        (Form::Alone, 1) => "uno",
        (Form::Masculine | Form::FeminineThousands, 1) => "un",
        (Form::Feminine, 1) => "una",
        (Form::Alone, _) => "veintiuno",
        (Form::Masculine | Form::FeminineThousands, _) => "veintiún",
        (Form::Feminine, _) => "veintiuna",
    }
}

fn at(words: &[&'static str], place: u64) -> &'static str {
    usize::try_from(place).ok().and_then(|place| words.get(place)).copied().unwrap_or_default()
}

/// Each digit by its name.
pub(super) fn digits(run: &str) -> String {
    let names: Vec<_> =
        run.bytes().map(|byte| at(UNDER_THIRTY, u64::from(byte.wrapping_sub(b'0')))).collect();
    names.join(" ")
}

/// A number that identifies: digit by digit, with a pause after each three or four where it is long.
pub(super) fn dictated(run: &str) -> String {
    let size = if run.len().is_multiple_of(4) || run.len() > 15 { 4 } else { 3 };
    if run.len() <= 4 {
        return digits(run);
    }
    let mut groups = Vec::new();
    let mut rest = run;
    while rest.len() > size + 1 {
        let (group, after) = rest.split_at(size);
        groups.push(digits(group));
        rest = after;
    }
    groups.push(digits(rest));
    groups.join(", ")
}

/// Two digits as a number, the zero of `05` too.
pub(super) fn pair(run: &str) -> String {
    match run.strip_prefix('0') {
        Some(_) => digits(run),
        None => number(run, Form::Alone),
    }
}

const ORDINAL_UNITS: &[&str] =
    &["", "primer", "segund", "tercer", "cuart", "quint", "sext", "séptim", "octav", "noven"];
const ORDINAL_TENS: &[&str] = &[
    "",
    "décim",
    "vigésim",
    "trigésim",
    "cuadragésim",
    "quincuagésim",
    "sexagésim",
    "septuagésim",
    "octogésim",
    "nonagésim",
];
const ORDINAL_HUNDREDS: &[&str] = &[
    "",
    "centésim",
    "ducentésim",
    "tricentésim",
    "cuadringentésim",
    "quingentésim",
    "sexcentésim",
    "septingentésim",
    "octingentésim",
    "noningentésim",
];

/// The ordinal of a number below a thousand; beyond, people count on: the cardinal. `Masculine` is the form before a
/// noun: primer, tercer.
pub(super) fn ordinal(value: u64, form: Form) -> String {
    if value == 0 || value > 999 {
        return cardinal(value, Form::Alone);
    }
    let ending = if form == Form::Feminine { "a" } else { "o" };
    let mut parts = Vec::new();
    if value >= 100 {
        parts.push(format!("{}{ending}", at(ORDINAL_HUNDREDS, value / 100)));
    }
    match value % 100 {
        0 => {}
        11 => parts.push(format!("undécim{ending}")),
        12 => parts.push(format!("duodécim{ending}")),
        rest => {
            if rest >= 10 {
                parts.push(format!("{}{ending}", at(ORDINAL_TENS, rest / 10)));
            }
            match rest % 10 {
                0 => {}
                unit @ (1 | 3) if form == Form::Masculine => parts.push(at(ORDINAL_UNITS, unit).to_owned()),
                unit => parts.push(format!("{}{ending}", at(ORDINAL_UNITS, unit))),
            }
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cardinals_agree() {
        for (value, form, expected) in [
            (0, Form::Alone, "cero"),
            (1, Form::Feminine, "una"),
            (21, Form::Masculine, "veintiún"),
            (31, Form::Feminine, "treinta y una"),
            (100, Form::Alone, "cien"),
            (101_000, Form::Masculine, "ciento un mil"),
            (200, Form::Feminine, "doscientas"),
            (221_500, Form::Feminine, "doscientas veintiún mil quinientas"),
            (1_000_000, Form::Alone, "un millón"),
            (1_250_001, Form::Alone, "un millón doscientos cincuenta mil uno"),
            (21_000_000, Form::Feminine, "veintiún millones"),
            (1_000_000_000, Form::Alone, "mil millones"),
            (1_000_000_000_000_000, Form::Alone, "mil billones"),
        ] {
            assert_eq!(cardinal(value, form), expected);
        }
    }

    #[test]
    fn ordinals_agree() {
        for (value, form, expected) in [
            (1, Form::Masculine, "primer"),
            (3, Form::Alone, "tercero"),
            (21, Form::Masculine, "vigésimo primer"),
            (12, Form::Feminine, "duodécima"),
            (150, Form::Alone, "centésimo quincuagésimo"),
            (1_500, Form::Alone, "mil quinientos"),
        ] {
            assert_eq!(ordinal(value, form), expected);
        }
    }

    #[test]
    fn long_numbers_are_dictated_with_pauses() {
        assert_eq!(dictated("0482"), "cero cuatro ocho dos");
        assert_eq!(dictated("482910"), "cuatro ocho dos, nueve uno cero");
        assert_eq!(dictated("1234567"), "uno dos tres, cuatro cinco seis siete");
    }
}
