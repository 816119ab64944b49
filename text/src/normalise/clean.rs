//! What has no sound in any language leaves: markup, emoji, control characters, odd spaces. What is written in several
//! ways is written in one: quotes, dashes, dots, full-width letters.

mod fold;
mod markup;
mod tidy;

pub(super) use tidy::tidy;

/// `text` on one line with single spaces, in the plain characters that the readings know. Takes time in proportion to
/// the text; applied to its own result it changes nothing.
pub(super) fn clean(text: &str) -> String {
    tidy(&markup::strip(&fold::fold(text)))
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[track_caller]
    fn assert_cleans(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(clean(text), *expected, "{text:?}");
            assert_eq!(clean(expected), *expected, "again: {text:?}");
        }
    }

    #[test]
    fn characters_have_one_form() {
        assert_cleans(&[
            ("“Hola”, dijo «ella» – y ‘ya’…", "\"Hola\", dijo \"ella\" - y 'ya'..."),
            ("10–15 y 3\u{2212}2", "10-15 y 3-2"),
            ("Ma\u{301}laga, Espan\u{303}a, pingu\u{308}ino", "Málaga, España, pingüino"),
            ("ｆｕｌｌ １２３ 𝐇𝐨𝐥𝐚 𝟏𝟐", "full 123 Hola 12"),
            ("a\u{a0}b\u{202f}c\u{2003}d\te", "a b c d e"),
            ("cero\u{200b}ancho, gui\u{ad}ón, \u{feff}marca\u{0}", "ceroancho, guión, marca"),
            ("25℃ y № 5", "25°C y No. 5"),
            ("hola—dijo—y", "hola - dijo - y"),
        ]);
    }

    #[test]
    fn emoji_leave_and_keycaps_keep_their_number() {
        assert_cleans(&[
            ("¡Hola! 👋🏽 Bienvenido 🇨🇴", "¡Hola! Bienvenido"),
            ("Familia 👨‍👩‍👧‍👦 unida ❤️.", "Familia unida."),
            ("Marque 1️⃣ para ventas", "Marque 1 para ventas"),
            ("Hola👋mundo", "Hola mundo"),
            ("Gracias :) y adiós ;-)", "Gracias y adiós"),
            ("🎉", ""),
        ]);
    }

    #[test]
    fn markup_leaves_its_text() {
        assert_cleans(&[
            ("<p>Su <b>pedido</b> llegó.</p>", "Su pedido llegó."),
            ("uno<br>Dos", "uno, Dos"),
            ("**Hoy** es *fiesta* y _gratis_ `ya` ~~no~~", "Hoy es fiesta y gratis ya no"),
            ("**50%** y *50 % hoy*", "50% y 50 % hoy"),
            ("Marque *611 o #123", "Marque *611 o #123"),
            ("juan_perez, _nada_", "juan_perez, nada"),
            ("Vea [el sitio](https://a.co/x) ya", "Vea el sitio ya"),
            ("P&amp;G &lt; 3 &nbsp;a&ntilde;o &amp;amp; &#233;", "P&G < 3 año & é"),
            ("# Aviso\n\nHay corte\n- agua\n- luz", "Aviso. Hay corte. agua. luz"),
            ("Hola Juan\nTu pedido llega\nhoy", "Hola Juan, Tu pedido llega hoy"),
            ("> cita\n> otra", "cita otra"),
            ("<<b>b>x", "b>x"),
            ("&am<b></b>p;", "&"),
        ]);
    }

    #[test]
    fn punctuation_is_said_once() {
        assert_cleans(&[
            ("¡¡¡Gol!!! ¿¿Sí??", "¡Gol! ¿Sí?"),
            ("¿Qué?!?!", "¿Qué?!"),
            ("Espere.... ya.. fin", "Espere... ya. fin"),
            ("uno , dos ; tres .", "uno, dos; tres."),
            ("hola ( ) y (  ya )", "hola y (ya)"),
            (", hola", "hola"),
        ]);
    }
}
