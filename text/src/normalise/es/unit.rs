//! Units of measure.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::words::Form;

/// What a unit is called.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) one: &'static str,
    pub(super) many: &'static str,
    pub(super) form: Form,
}

/// A unit in the text.
pub(super) struct Found {
    pub(super) one: String,
    pub(super) many: String,
    pub(super) form: Form,
    pub(super) used: usize,
}

/// Symbols as they are written, with the names of one and of many. Feminine names end in -a or are listed as such.
#[rustfmt::skip]
const UNITS: &[(&str, &str, &str)] = &[
    ("km", "kilómetro", "kilómetros"), ("kms", "kilómetro", "kilómetros"), ("m", "metro", "metros"), ("mt", "metro", "metros"),
    ("mts", "metro", "metros"), ("cm", "centímetro", "centímetros"), ("hm", "hectómetro", "hectómetros"), ("cms", "centímetro", "centímetros"),
    ("mm", "milímetro", "milímetros"), ("kg", "kilogramo", "kilogramos"), ("kgs", "kilogramo", "kilogramos"),
    ("kilo", "kilo", "kilos"), ("g", "gramo", "gramos"), ("gr", "gramo", "gramos"), ("grs", "gramo", "gramos"), ("mg", "miligramo", "miligramos"),
    ("mcg", "microgramo", "microgramos"), ("t", "tonelada", "toneladas"), ("ton", "tonelada", "toneladas"),
    ("lb", "libra", "libras"), ("lbs", "libra", "libras"), ("oz", "onza", "onzas"), ("l", "litro", "litros"),
    ("L", "litro", "litros"), ("lt", "litro", "litros"), ("lts", "litro", "litros"), ("ml", "mililitro", "mililitros"),
    ("mL", "mililitro", "mililitros"), ("dl", "decilitro", "decilitros"), ("dL", "decilitro", "decilitros"),
    ("cl", "centilitro", "centilitros"), ("cc", "centímetro cúbico", "centímetros cúbicos"), ("ha", "hectárea", "hectáreas"),
    ("has", "hectárea", "hectáreas"), ("h", "hora", "horas"), ("hr", "hora", "horas"), ("hrs", "hora", "horas"), ("hs", "hora", "horas"),
    ("min", "minuto", "minutos"), ("mins", "minuto", "minutos"), ("s", "segundo", "segundos"), ("seg", "segundo", "segundos"),
    ("segs", "segundo", "segundos"), ("ms", "milisegundo", "milisegundos"), ("kWh", "kilovatio hora", "kilovatios hora"),
    ("MWh", "megavatio hora", "megavatios hora"), ("GWh", "gigavatio hora", "gigavatios hora"), ("kW", "kilovatio", "kilovatios"),
    ("MW", "megavatio", "megavatios"), ("GW", "gigavatio", "gigavatios"), ("W", "vatio", "vatios"), ("V", "voltio", "voltios"),
    ("kV", "kilovoltio", "kilovoltios"), ("mAh", "miliamperio hora", "miliamperios hora"), ("Hz", "hercio", "hercios"),
    ("kHz", "kilohercio", "kilohercios"), ("MHz", "megahercio", "megahercios"), ("GHz", "gigahercio", "gigahercios"),
    ("KB", "kilobyte", "kilobytes"), ("kB", "kilobyte", "kilobytes"), ("MB", "megabyte", "megabytes"), ("GB", "gigabyte", "gigabytes"),
    ("TB", "terabyte", "terabytes"), ("kbps", "kilobit por segundo", "kilobits por segundo"),
    ("Mbps", "megabit por segundo", "megabits por segundo"), ("Mb", "megabit", "megabits"), ("Gb", "gigabit", "gigabits"),
    ("Gbps", "gigabit por segundo", "gigabits por segundo"), ("dB", "decibelio", "decibelios"),
    ("hPa", "hectopascal", "hectopascales"), ("kPa", "kilopascal", "kilopascales"), ("psi", "libra por pulgada cuadrada", "libras por pulgada cuadrada"),
    ("rpm", "revolución por minuto", "revoluciones por minuto"), ("kcal", "kilocaloría", "kilocalorías"), ("cal", "caloría", "calorías"),
    ("mmHg", "milímetro de mercurio", "milímetros de mercurio"), ("UI", "unidad internacional", "unidades internacionales"),
    ("pulg", "pulgada", "pulgadas"), ("ft", "pie", "pies"), ("mph", "milla por hora", "millas por hora"),
    ("BTU", "be te u", "be te u"), ("pts", "punto", "puntos"), ("und", "unidad", "unidades"), ("unds", "unidad", "unidades"),
    ("kt", "nudo", "nudos"), ("hab", "habitación", "habitaciones"), ("amb", "ambiente", "ambientes"), ("ppm", "parte por millón", "partes por millón"),
];

fn unit(symbol: &str) -> Option<Unit> {
    let exact = UNITS.iter().find(|(known, ..)| *known == symbol);
    let loose = || {
        UNITS
            .iter()
            .find(|(known, ..)| symbol.len() > 1 && symbol != "ML" && known.eq_ignore_ascii_case(symbol))
    };
    let (_, one, many) = exact.or_else(loose)?;
    let feminine =
        ["a", "as"].iter().any(|ending| many.split(' ').next().is_some_and(|noun| noun.ends_with(ending)))
            || ["unidad", "parte", "revolución", "habitación"].iter().any(|noun| one.starts_with(noun));
    Some(Unit { one, many, form: if feminine { Form::Feminine } else { Form::Masculine } })
}

impl Found {
    fn of(unit: Unit, used: usize) -> Self {
        Self { one: unit.one.to_owned(), many: unit.many.to_owned(), form: unit.form, used }
    }
}

/// The unit after a number, a space between them or not. A stop that belongs to it is taken with it.
pub(super) fn after(place: &Place<'_>) -> Option<Found> {
    let at = place.past_space();
    let spaces = place.distance(&at);
    let mut found = match at.ahead {
        [Token::Sign('%'), ..] => {
            Found::of(Unit { one: "por ciento", many: "por ciento", form: Form::Alone }, 1)
        }
        [Token::Sign('‰'), ..] => Found::of(Unit { one: "por mil", many: "por mil", form: Form::Alone }, 1),
        [Token::Sign('°' | 'º'), ..] => degrees(&at),
        [Token::Sign('"'), ..]
            if spaces == 0 && matches!(place.before, [.., Token::Sign('\''), Token::Space]) =>
        {
            Found::of(unit("seg")?, 1)
        }
        [Token::Sign('\''), ..] if spaces == 0 && !quoted(place) => Found::of(unit("min")?, 1),
        [Token::Sign('µ'), Token::Word("g"), ..] => Found::of(unit("mcg")?, 2),
        [Token::Sign('µ' | 'μ'), Token::Word("m"), ..] => {
            Found::of(Unit { one: "micrómetro", many: "micrómetros", form: Form::Masculine }, 2)
        }
        [Token::Word(_), ..] => compound(&at)?,
        _ => return None,
    };
    found.used += spaces;
    let rest = place.after(found.used);
    if !rest.is_loose_end() {
        return None;
    }
    let stops = match rest.ahead {
        [Token::Sign('.'), Token::Space, Token::Word(next), ..] => next.starts_with(char::is_lowercase),
        [Token::Sign('.'), Token::Sign(',' | ';' | ':' | ')'), ..] => true,
        _ => false,
    };
    if stops && matches!(at.ahead.first(), Some(Token::Word(_))) {
        found.used += 1;
    }
    Some(found)
}

/// Whether a quotation is open, so that the mark after a figure closes it.
fn quoted(place: &Place<'_>) -> bool {
    let near = place.before.get(place.before.len().saturating_sub(40)..).unwrap_or_default();
    near.windows(2).any(|pair| matches!(pair, [Token::Space | Token::Sign(_), Token::Sign('\'')]))
        || near.first() == Some(&Token::Sign('\''))
}

fn degrees(place: &Place<'_>) -> Found {
    let (scale, used) = match place.after(1).past_space().ahead {
        [Token::Word("C" | "c"), ..] => (" Celsius", place.distance(&place.after(1).past_space()) + 1),
        [Token::Word("F" | "f"), ..] => (" Fahrenheit", place.distance(&place.after(1).past_space()) + 1),
        _ => ("", 1),
    };
    Found { one: format!("grado{scale}"), many: format!("grados{scale}"), form: Form::Masculine, used }
}

/// A unit with its power and what it is divided by: m², km/h, mg/dL.
fn compound(place: &Place<'_>) -> Option<Found> {
    let mut found = power(place)?;
    // "Carretera 57 Km 12": the number before names the road.
    let road =
        || place.word_before().is_some_and(|word| ["carretera", "ruta", "autopista"].contains(&&*word));
    if matches!(place.after(found.used).ahead, [Token::Space, Token::Digits(_), ..]) && road() {
        return None;
    }
    if let [Token::Sign('/'), Token::Word(_), ..] = place.after(found.used).ahead {
        let divisor = power(&place.after(found.used + 1))?;
        // A kilowatt per hour is what people write for a kilowatt hour.
        let joint = if found.one == "kilovatio" && divisor.one == "hora" { " " } else { " por " };
        found.one = format!("{}{joint}{}", found.one, divisor.one);
        found.many = format!("{}{joint}{}", found.many, divisor.one);
        found.used += 1 + divisor.used;
    }
    Some(found)
}

fn power(place: &Place<'_>) -> Option<Found> {
    let symbol = place.ahead.first()?.word()?;
    let unit = unit(symbol)?;
    let length = matches!(symbol, "km" | "hm" | "m" | "cm" | "mm" | "mt" | "mts");
    let (adjective, used) = match place.ahead.get(1) {
        Some(Token::Sign('²') | Token::Digits("2")) if length => ("cuadrado", 2),
        Some(Token::Sign('³') | Token::Digits("3")) if length => ("cúbico", 2),
        _ => return Some(Found::of(unit, 1)),
    };
    Some(Found {
        one: format!("{} {adjective}", unit.one),
        many: format!("{} {adjective}s", unit.many),
        form: unit.form,
        used,
    })
}

/// The name of one of the unit `symbol`.
pub(super) fn name_of_one(symbol: &str) -> Option<&'static str> {
    unit(symbol).map(|unit| unit.one)
}

/// A unit that stands before its number, or without one: km 12, el kg.
pub(super) fn read_before(place: &Place<'_>) -> Option<Said> {
    if matches!(place.before, [.., Token::Word("el" | "la" | "por" | "cada"), Token::Space])
        && let [Token::Word("kg" | "lb" | "km" | "lt" | "l" | "L" | "ml" | "kWh" | "GB" | "m"), ..] =
            place.ahead
        && let Some(found) = compound(place)
        && !matches!(
            place.after(found.used).ahead,
            [Token::Word(_) | Token::Digits(_), ..]
                | [Token::Space | Token::Sign('.'), Token::Digits(_), ..]
                | [Token::Sign('.'), Token::Word(_), ..]
        )
    {
        return Said::new(found.one, found.used);
    }
    let [Token::Word("km" | "Km" | "KM" | "kms"), rest @ ..] = place.ahead else { return None };
    let used = match rest {
        [Token::Space, Token::Digits(_), ..] | [Token::Digits(_), ..] => 1,
        [Token::Sign('.'), Token::Space, Token::Digits(_), ..] => 2,
        _ => return None,
    };
    Said::new("kilómetro", used)
}
