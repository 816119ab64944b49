//! The short forms of words, and when a word is one.

/// What has to follow for a word to be a short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
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

/// No short form has more bytes.
const LONGEST: usize = 8;

/// The word that `short`, in small letters, stands for.
pub(super) fn find(short: &str) -> Option<(&'static str, When)> {
    if short.len() > LONGEST {
        return None;
    }
    let at = SHORT_FORMS.binary_search_by_key(&short, |(known, ..)| known).ok()?;
    SHORT_FORMS.get(at).map(|(_, full, when)| (*full, *when))
}

/// In the order of their bytes.
#[rustfmt::skip]
const SHORT_FORMS: &[(&str, &str, When)] = &[
    ("abg", "abogado", Title), ("abr", "abril", Ends), ("admin", "administración", Leads),
    ("admon", "administración", Leads), ("admón", "administración", Leads), ("adva", "administrativa", Leads),
    ("ago", "agosto", Ends), ("ags", "Aguascalientes", Ends), ("apdo", "apartado", Counts),
    ("aprox", "aproximadamente", Ends), ("apt", "apartamento", Counts), ("apto", "apartamento", Counts),
    ("arq", "arquitecto", Title), ("art", "artículo", Counts), ("arts", "artículos", Counts),
    ("atte", "atentamente", Leads), ("aux", "auxiliar", Leads), ("ayto", "ayuntamiento", Leads),
    ("barr", "barrio", Leads), ("bl", "bloque", Counts), ("bo", "barrio", Leads), ("bq", "bloque", Counts),
    ("cap", "capítulo", Counts), ("cdad", "ciudad", Leads), ("cel", "celular", Counts),
    ("chih", "Chihuahua", Ends), ("cia", "compañía", Ends), ("cnel", "coronel", Title),
    ("coah", "Coahuila", Ends), ("col", "colonia", Leads), ("cons", "consultorio", Counts),
    ("corp", "corporación", Ends), ("cp", "código postal", Counts), ("cta", "cuenta", Leads),
    ("ctas", "cuentas", Leads), ("cte", "corriente", Ends), ("cía", "compañía", Ends),
    ("dcha", "derecha", Ends), ("dcto", "descuento", Ends), ("dep", "departamento", Leads),
    ("dept", "departamento", Leads), ("depto", "departamento", Counts), ("deptos", "departamentos", Leads),
    ("desc", "descuento", Ends), ("dgo", "Durango", Ends), ("dic", "diciembre", Ends),
    ("dir", "dirección", Leads), ("dpto", "departamento", Counts), ("dr", "doctor", Title),
    ("dra", "doctora", Title), ("dres", "doctores", Title), ("dto", "descuento", Ends), ("dña", "doña", Title),
    ("ed", "edición", Counts), ("edif", "edificio", Leads), ("edo", "estado", Leads),
    ("eeuu", "Estados Unidos", Always), ("ej", "ejemplo", Leads), ("ene", "enero", Ends),
    ("esc", "escalera", Counts), ("esq", "esquina", Leads), ("etc", "etcétera", Ends),
    ("excma", "excelentísima", Title), ("excmo", "excelentísimo", Title), ("exp", "expensas", Leads),
    ("ext", "extensión", Counts), ("exts", "extensiones", Counts), ("fac", "factura", Counts),
    ("fact", "factura", Counts), ("feb", "febrero", Ends), ("fracc", "fraccionamiento", Leads),
    ("gob", "gobernador", Leads), ("gpo", "grupo", Leads), ("gral", "general", Title),
    ("gro", "Guerrero", Ends), ("gta", "glorieta", Leads), ("gto", "Guanajuato", Ends),
    ("hab", "habitación", Counts), ("hgo", "Hidalgo", Ends), ("hna", "hermana", Title),
    ("hno", "hermano", Title), ("hnos", "hermanos", Ends), ("hosp", "hospital", Leads),
    ("ilmo", "ilustrísimo", Title), ("inc", "incorporated", Ends), ("incl", "incluido", Leads),
    ("ind", "industrial", Leads), ("ing", "ingeniero", Title), ("inga", "ingeniera", Title),
    ("int", "interior", Counts), ("internal", "internacional", Ends), ("izda", "izquierda", Ends),
    ("izq", "izquierda", Ends), ("jal", "Jalisco", Ends), ("jjoo", "Juegos Olímpicos", Always),
    ("jul", "julio", Ends), ("jun", "junio", Ends), ("lic", "licenciado", Title),
    ("licda", "licenciada", Title), ("lt", "lote", Counts), ("ltda", "limitada", Ends), ("ma", "María", Title),
    ("max", "máximo", Ends), ("mich", "Michoacán", Ends), ("min", "minuto", Counts),
    ("mons", "monseñor", Title), ("mpio", "municipio", Leads), ("msi", "meses sin intereses", Always),
    ("mtra", "maestra", Title), ("mtro", "maestro", Title), ("mz", "manzana", Counts),
    ("mza", "manzana", Counts), ("máx", "máximo", Ends), ("mín", "mínimo", Ends), ("nac", "nacional", Ends),
    ("nal", "nacional", Ends), ("nit", "nit", Leads), ("nov", "noviembre", Ends), ("nro", "número", Counts),
    ("nros", "números", Counts), ("nte", "norte", Ends), ("ntra", "nuestra", Leads), ("ntro", "nuestro", Leads),
    ("núm", "número", Counts), ("núms", "números", Counts), ("oax", "Oaxaca", Ends),
    ("obs", "observaciones", Leads), ("oct", "octubre", Ends), ("of", "oficina", Counts),
    ("ofc", "oficina", Counts), ("ofic", "oficina", Counts), ("ote", "oriente", Ends),
    ("pag", "página", Counts), ("pbro", "presbítero", Title), ("pdta", "presidenta", Title),
    ("pdte", "presidente", Leads), ("pol", "polígono", Leads), ("pp", "páginas", Counts),
    ("priv", "privada", Leads), ("prob", "probabilidad", Leads), ("prof", "profesor", Title),
    ("profa", "profesora", Title), ("prol", "prolongación", Leads), ("prov", "provincia", Leads),
    ("pta", "puerta", Counts), ("pte", "poniente", Ends), ("pto", "puerto", Leads), ("ptos", "puntos", Ends),
    ("pue", "Puebla", Ends), ("pág", "página", Counts), ("págs", "páginas", Counts), ("qro", "Querétaro", Ends),
    ("rda", "ronda", Leads), ("ref", "referencia", Counts), ("rrhh", "recursos humanos", Always),
    ("sec", "secretaría", Leads), ("seg", "seguridad", Leads), ("sept", "septiembre", Ends),
    ("sgte", "siguiente", Leads), ("sgtes", "siguientes", Leads), ("sgto", "sargento", Title),
    ("sig", "siguiente", Leads), ("sr", "señor", Title), ("sra", "señora", Title), ("sras", "señoras", Title),
    ("sres", "señores", Title), ("srs", "señores", Title), ("srta", "señorita", Title), ("sta", "santa", Title),
    ("sto", "santo", Title), ("tamps", "Tamaulipas", Ends), ("tel", "teléfono", Counts),
    ("tels", "teléfonos", Counts), ("temp", "temperatura", Leads), ("tfno", "teléfono", Counts),
    ("tlax", "Tlaxcala", Ends), ("tlf", "teléfono", Counts), ("trav", "travesía", Leads),
    ("tte", "teniente", Title), ("tít", "título", Leads), ("ud", "usted", Always), ("uds", "ustedes", Always),
    ("univ", "universidad", Leads), ("urb", "urbanización", Leads), ("vd", "usted", Always),
    ("vda", "viuda", Leads), ("vds", "ustedes", Always), ("vol", "volumen", Counts), ("vs", "versus", Always),
    ("yuc", "Yucatán", Ends), ("zac", "Zacatecas", Ends),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_short_form_is_found() {
        for (short, full, when) in SHORT_FORMS {
            assert_eq!(find(short), Some((*full, *when)), "{short} stands out of order");
        }
    }
}
