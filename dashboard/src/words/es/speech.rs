//! What the page of the voices says in Spanish.

use super::es;
use crate::words::SpeechWords;

pub(super) const SPEECH: SpeechWords = SpeechWords {
    title: "Voces",
    lede: |first, others| match others {
        0 => format!("Habla {first}; nadie lo releva."),
        1 => format!("Habla {first}; otro motor lo releva."),
        n => format!("Habla {first}; otros {} motores lo relevan.", es(n)),
    },
    attempt: "Probar un texto",
    attempt_hint: "Como se oiría por teléfono",
    text: "Texto",
    voice: "Voz",
    usual_voice: "la habitual del idioma",
    ssml: "El texto es SSML",
    hear: "Escucharlo",
    read: "Solo leerlo",
    characters: |n| match n {
        0 => "ya se dijo antes: no cuesta nada".to_owned(),
        1 => "1 carácter por decir".to_owned(),
        n => format!("{} caracteres por decir", es(n)),
    },
    voices: "Voces",
    no_voices: "Este motor elige la voz según el idioma:",
    more_voices: |n| format!("Y {} más: GET /voices las enumera.", es(n)),
    engines: "Motores",
    engine: "Motor",
    used: "Caracteres este mes",
    ready: "listo",
    missing: "le falta algo",
    resting: |left| format!("descansa {left}"),
    probing: "a prueba",
    of: |used, limit| format!("{used} de {limit}"),
    cache: "Lo que se guarda",
    cache_down: "La carpeta de audio no se puede usar: el registro dice por qué.",
    size: "Espacio",
    files: "Archivos",
    hits: "No hubo que decirlo otra vez",
    evicted: "Dejaron sitio",
    damaged: "Dañados y hechos de nuevo",
};
