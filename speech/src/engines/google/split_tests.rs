use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;

/// What campaigns and stations send, and what trips a tokenizer.
const SENTENCES: [&str; 72] = [
    "Buenos días, Sr. Pérez. Le recordamos su cita con la Dra. Gómez mañana a las 15:30.",
    "¿Puede venir media hora antes? ¡Gracias!",
    "El copago es de $ 45.000,50: traiga efectivo; no aceptamos cheques.",
    "Su código es IB3456 (I, B, 3, 4, 5, 6).",
    "Llame al 300 505 0149, o al +57 (1) 234-5678, de 8 a.m. a 5 p.m., de lunes a viernes.",
    "Visite https://www.ejemplo.com.co/citas?id=42&x=1#y o escriba a info@ejemplo.com.",
    "EE. UU. y la U.E. firmaron el acuerdo n.º 12 del art. 3.º",
    "La S.A. de C.V. cotiza a 1.234,56 € y a 1,234.56 $.",
    "Av. Siempre Viva 742, 2.º izq., C.P. 28013, Madrid.",
    "Temperatura: -3 °C; humedad: 85 %; viento: 12 km/h.",
    "¡Atención! ¡Atención! Evacúe el edificio… por las escaleras — no use el ascensor.",
    "Nota:\nprimera línea\nsegunda línea",
    "Una pala-\nbra cortada al final del ren-\nglón.",
    "Sr.Díaz y Sra.López llegaron con el Prof.Ruiz y el Dr.Mora.",
    "Mr. Smith, Mrs. Jones, Ms. Lee and Msgr. Brown met Dr. Who on St. James St. at 10:01 a.m.",
    "John Smith Esq. and Jane Doe, Esq., are here; esq. too.",
    "Wait... what?! Really?!! No way!",
    "It's 5:30. Call 1-800-555-0199, ext. 7, or visit www.example.org/help.",
    "The U.S.A. and the U.K. agree: pay $1,234.56 by Jan. 5.",
    "\"Quoted text,\" she said; 'and again'.",
    "Él dijo: «no». Ella: “sí”.",
    "100% garantizado!!! Compre ya, ya, ya.",
    "a,b,c.d.e:f;g",
    "1:2:3 uno:dos",
    "¿¿Qué?? ¡¡Oh!!",
    "...",
    "- . , ; :",
    "(paréntesis) [corchetes] {llaves}",
    "Ratio 3:2, hora 07:45:10, escala 1:1000.",
    "No. 5 está en el piso no.5.",
    "Último. ",
    "Emoji 😀, bandera 🇨🇴. Fin 🎉!",
    "Café, naïve, coöperate, Øystein, Łódź.",
    "日本語のテキスト。これはテストです、はい：そうです？",
    "نص عربي، مع فاصلة عربية.",
    "Tab\tseparado\ty  espacios   dobles.",
    "Espacio\u{a0}duro\u{a0}aquí.",
    "p.m.. a.m.. etc..",
    "mrs.t. dr.. st.. prof..fin",
    "EST. DR. JR. SR. MSGR. PROF.",
    "mast. padr. cuadr. est. list. first. best.",
    "ſr. ſt. Eſq. MRſ.",
    "x.ı. y. x.K, z",
    "٣:٤ ３：４ ²: ½: 5:",
    "Dígito9: letra:",
    "El 21/11/2026 a las 15:30 h., en la sala 2-B.",
    "Precio: 3.000.000,00 COP (IVA incl.).",
    "Le habla Banco Uno. Su cuota de 250.000 pesos vence el 5 de enero. Evite recargos.",
    "Recuerde traer: documento de identidad, orden médica, exámenes previos y su carné.",
    "Marque 1 para confirmar, 2 para cancelar, 3 para hablar con un asesor.",
    "Press 1 to confirm, 2 to cancel, or stay on the line.",
    "This is a reminder from St. Mary's Hospital: your appointment is on Tuesday, at 3:15 p.m., with Dr. Brown.",
    "Due to heavy rain, school buses will run 20 minutes late; please wait indoors.",
    "The winning numbers are 4, 8, 15, 16, 23, and 42.",
    "palabra palabra palabra palabra palabra palabra palabra palabra palabra palabra palabra palabra palabra palabra",
    "antidisestablishmentarianism floccinaucinihilipilification pneumonoultramicroscopicsilicovolcanoconiosis",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "https://ejemplo.com/una/ruta/muy/larga/que/no/tiene/espacios/y/sigue/y/sigue/y/sigue/hasta/pasar/de/cien/caracteres",
    "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho",
    "Sí.",
    "No!",
    "¿Y?",
    "ok",
    "—",
    ": empieza con dos puntos",
    ", empieza con coma",
    "termina con coma,",
    "termina con dos puntos:",
    "guion- \n no pegado -\n",
    "mezcla ?! de ！？ signos",
    "A. B. C. D.",
    "あれ‥これ，それ、どれ。 Fin",
];

/// 200 texts: each sentence, and then mixtures of one to nine of them, the same ones every time.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = SENTENCES.map(str::to_owned).to_vec();
    let mut seed = 5_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    while texts.len() < 200 {
        let mut text = String::new();
        for _ in 0..=next(9) {
            text.push_str(SENTENCES[next(SENTENCES.len())]);
            text.push_str([" ", "  ", "\n", "", " ", " "][next(6)]);
        }
        texts.push(text);
    }
    texts
}

fn chunks(text: &str) -> Vec<String> {
    pieces(text).into_iter().map(|piece| piece.text).collect()
}

/// Reads a list of texts, writes the chunks of each.
const REFERENCE: &str = "import json, sys; from gtts import gTTS
json.dump([gTTS(t, lang_check=False)._tokenize(t) for t in json.load(sys.stdin)], sys.stdout)";

#[test]
fn the_chunks_are_those_of_gtts() {
    let Some(python) = std::env::var_os("TEST_PYTHON") else {
        let why = "TEST_PYTHON names no Python with gTTS: run `tests/python.sh DIR`";
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "{why}");
        eprintln!("SKIPPED: {why}");
        return;
    };
    let texts = texts();
    let mut program = Command::new(python)
        .args(["-c", REFERENCE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(serde_json::json!(texts).to_string().as_bytes()).unwrap();
    let answer = program.wait_with_output().unwrap();
    assert!(answer.status.success(), "gTTS did not run");
    let reference: Vec<Vec<String>> = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!((texts.len(), reference.len()), (200, 200));
    for (text, expected) in texts.iter().zip(&reference) {
        assert_eq!(&chunks(text), expected, "{text:?}");
    }
    println!("200 texts, {} chunks, all equal", reference.iter().map(Vec::len).sum::<usize>());
}

/// As gTTS 2.5.4 cuts them.
#[test]
fn long_text_is_cut_where_a_speaker_pauses() {
    let text = "Buenos días, Sr. Pérez. Le recordamos su cita con la Dra. Gómez mañana a las 15:30, o a las \
                4 p.m. si prefiere. ¿Puede confirmar? El copago es de $ 45.000,50: traiga efectivo.";
    let found: Vec<_> = pieces(text).into_iter().map(|piece| (piece.text, piece.end)).collect();
    let expected = [
        ("Buenos días", End::Clause),
        ("Sr Pérez", End::Sentence),
        ("Le recordamos su cita con la Dra", End::Word),
        ("Gómez mañana a las 15:30", End::Clause),
        ("o a las 4 p.m. si prefiere", End::Sentence),
        ("Puede confirmar?", End::Sentence),
        ("El copago es de $ 45.000,50: traiga efectivo.", End::Sentence),
    ];
    assert_eq!(found, expected.map(|(text, end)| (text.to_owned(), end)));
}

#[test]
fn text_that_fits_is_sent_as_it_is() {
    let exactly = "ñ".repeat(MOST);
    for text in ["Sí (no), claro.", exactly.as_str()] {
        assert_eq!(chunks(text), [text]);
    }
}

#[test]
fn without_pauses_the_last_space_that_fits_is_taken_and_without_spaces_none() {
    let words = "palabra ".repeat(30);
    assert!(chunks(&words).iter().all(|piece| piece.split(' ').all(|word| word == "palabra")));
    let hard: Vec<usize> = chunks(&"é".repeat(250)).iter().map(|piece| piece.chars().count()).collect();
    assert_eq!(hard, [100, 100, 50]);
}

#[test]
fn punctuation_alone_is_left_out() {
    assert!(pieces("").is_empty());
    assert!(pieces("… — !").is_empty());
    assert_eq!(chunks("\n"), Vec::<String>::new());
}

proptest! {
    #[test]
    fn every_piece_fits_and_no_letter_is_lost(text in "([a-zñ0-9]{1,120}|[ .,:;?!¿¡()…—\\[\\]😀-]{1,3}){0,60}") {
        let chunks = chunks(&text);
        prop_assert!(chunks.iter().all(|piece| (1..=MOST).contains(&piece.chars().count())));
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        // Esq. is spelt out.
        prop_assume!(!text.contains("esq."));
        prop_assert_eq!(letters(&chunks.concat()), letters(&text));
    }
}
