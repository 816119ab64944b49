//! What a number counts: whether the word after it is a noun, and of which gender.

use super::words::Form;

/// Words that no number counts. After one of these, or before it, a number stands alone.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "a", "ahora", "al", "allí", "anoche", "ante", "antes", "aquí", "así", "aun", "aún", "ayer", "bajo", "cada", "como", "con",
    "contra", "cuando", "de", "del", "desde", "después", "donde", "durante", "e", "el", "ella", "en", "entonces", "entre",
    "era", "es", "esa", "ese", "esta", "está", "estará", "estarán", "este", "están", "fue", "fueron", "ha", "hace", "han",
    "hasta", "hay", "hoy", "la", "las", "le", "les", "lo", "los", "luego", "mañana", "mediante", "mientras", "más", "menos",
    "mi", "ni", "no", "nos", "o", "para", "pero", "por", "porque", "que", "quedó", "qué", "se", "según", "ser", "será",
    "serán", "si", "sin", "sino", "sobre", "solo", "son", "su", "sus", "también", "te", "tiene", "tras", "tu", "u", "un",
    "una", "vence", "y", "ya", "yo",
];

/// Feminine, though the ending does not say so.
#[rustfmt::skip]
const FEMININE: &[&str] = &[
    "actrices", "aves", "bases", "calle", "calles", "cárceles", "catedrales", "clase", "clases", "clave", "claves",
    "credenciales", "cruces", "fase", "fases", "flores", "foto", "fotos", "frase", "frases", "fuente", "fuentes", "imagen",
    "imágenes", "ley", "leyes", "llave", "llaves", "luces", "luz", "madre", "madres", "mano", "manos", "moto", "motos",
    "muertes", "mujer", "mujeres", "naves", "noche", "noches", "nubes", "orden", "órdenes", "parte", "partes", "pieles",
    "radios", "raíces", "red", "redes", "sede", "sedes", "señal", "señales", "serie", "series", "sucursal", "sucursales",
    "tarde", "tardes", "tribus", "torre", "torres", "vacantes", "veces", "vez",
];

/// Masculine, though the ending does not say so.
#[rustfmt::skip]
const MASCULINE: &[&str] = &[
    "artistas", "atleta", "atletas", "clima", "climas", "colegas", "cometa", "cometas", "deportistas", "diagrama",
    "diagramas", "dilemas", "drama", "dramas", "día", "días", "electricistas", "especialistas", "futbolistas", "gramas",
    "guardias", "idioma", "idiomas", "mapa", "mapas", "mediodía", "periodista", "periodistas", "planeta", "planetas",
    "poema", "poemas", "policía", "policías", "problema", "problemas", "programa", "programas", "síntoma", "síntomas",
    "sistema", "sistemas", "taxistas", "telegramas", "tema", "temas", "tranvía", "tranvías", "turistas",
];

/// Endings of feminine nouns. Those in -ión lose their accent in the plural, as camiones does, which is masculine.
const FEMININE_ENDINGS: &[&str] = &[
    "a", "as", "ción", "ciones", "sión", "siones", "nión", "niones", "tión", "tiones", "gión", "giones",
    "xión", "xiones", "dad", "dades", "tad", "tades", "tud", "tudes",
];

/// The form of a number before `word`, in small letters; None where the word is not counted.
pub(super) fn form_before(word: &str) -> Option<Form> {
    if PARTICLES.contains(&word) || word.chars().count() < 2 {
        return None;
    }
    let feminine = FEMININE.contains(&word)
        || !MASCULINE.contains(&word) && FEMININE_ENDINGS.iter().any(|ending| word.ends_with(ending));
    Some(if feminine { Form::Feminine } else { Form::Masculine })
}

/// One of what `plural` names.
pub(super) fn singular(plural: &str) -> String {
    let ones = [
        ("ces", "z"),
        ("ciones", "ción"),
        ("siones", "sión"),
        ("dades", "dad"),
        ("res", "r"),
        ("les", "l"),
        ("meses", "mes"),
    ];
    let exact =
        ones.iter().find_map(|(many, one)| plural.strip_suffix(many).map(|stem| format!("{stem}{one}")));
    exact.unwrap_or_else(|| plural.strip_suffix('s').unwrap_or(plural).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_have_a_gender_and_particles_none() {
        for (word, form) in [
            ("hora", Some(Form::Feminine)),
            ("personas", Some(Form::Feminine)),
            ("días", Some(Form::Masculine)),
            ("habitaciones", Some(Form::Feminine)),
            ("veces", Some(Form::Feminine)),
            ("años", Some(Form::Masculine)),
            ("de", None),
            ("para", None),
        ] {
            assert_eq!(form_before(word), form, "{word}");
        }
    }
}
