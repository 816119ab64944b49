//! Addresses of mail and of pages.

use super::Token;

/// Longer than this, no address is looked for.
const LONGEST: usize = 256;

/// Ends of host names that are known without `www.` or a scheme (IANA's list has many more).
const ENDS: [&str; 48] = [
    "com", "org", "net", "edu", "gov", "gob", "mil", "int", "info", "biz", "app", "dev", "io", "ai", "tv",
    "fm", "me", "ly", "gl", "gd", "link", "page", "shop", "store", "online", "site", "web", "tech", "health",
    "bank", "club", "co", "mx", "es", "ar", "us", "uk", "cl", "pe", "ec", "ve", "uy", "bo", "py", "cr", "gt",
    "eu", "cat",
];

/// The address that `text` begins with, and its length in bytes.
pub(super) fn address(text: &str) -> Option<(Token<'_>, usize)> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_alphanumeric() {
        return None;
    }
    let end = bytes.iter().take(LONGEST).position(|byte| !is_part(*byte));
    let chunk = text
        .get(..end.unwrap_or(text.len().min(LONGEST)))?
        .trim_end_matches(['.', ',', ':', ';', '!', '?', '-']);
    let token = if is_mail(chunk) {
        Token::Mail(chunk)
    } else if is_link(chunk) {
        Token::Link(chunk)
    } else {
        return None;
    };
    Some((token, chunk.len()))
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte)
}

fn is_mail(chunk: &str) -> bool {
    let Some((name, host)) = chunk.split_once('@') else { return false };
    let named = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
    !name.is_empty() && name.chars().all(named) && is_host(host)
}

fn is_link(chunk: &str) -> bool {
    let bare = without_scheme(chunk);
    let host = bare.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let declared = bare.len() < chunk.len() || starts_with_www(bare);
    is_host(host) && (declared || known(host))
}

/// A link without `http://` or `https://`, which nobody says.
pub(in crate::normalise) fn without_scheme(link: &str) -> &str {
    let after = link.split_once("://");
    after
        .filter(|(scheme, _)| ["http", "https"].iter().any(|web| web.eq_ignore_ascii_case(scheme)))
        .map_or(link, |(_, rest)| rest)
}

fn starts_with_www(bare: &str) -> bool {
    bare.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.contains('.')
        && host.split('.').all(label)
        && host
            .rsplit('.')
            .next()
            .is_some_and(|end| end.len() >= 2 && end.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Whether a host without a scheme is one: `a.m.es` and the end of a sentence without its space are none.
fn known(host: &str) -> bool {
    let Some((name, end)) = host.rsplit_once('.') else { return false };
    let cased = |upper: bool| end.bytes().all(|byte| byte.is_ascii_uppercase() == upper);
    let end_known = ENDS.iter().any(|known| known.eq_ignore_ascii_case(end));
    let named =
        name.split('.').any(|label| label.len() > 1 && label.bytes().any(|byte| byte.is_ascii_alphabetic()));
    end_known && named && (cased(false) || cased(true) && !name.contains(|c: char| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_words() {
        for mail in ["info@banco.com.co", "ana.perez_1@x.es", "A@B.CO"] {
            assert_eq!(address(&format!("{mail}, y")), Some((Token::Mail(mail), mail.len())));
        }
        for link in [
            "https://a.co/x?y=1",
            "www.banco.com",
            "banco.com.co/pagos",
            "HTTP://X.ORG",
            "wa.me/57300",
            "t1.co",
        ] {
            assert_eq!(address(&format!("{link}. Y")), Some((Token::Link(link), link.len())));
        }
        for other in
            ["hola", "a.m.", "S.A.S.", "EE.UU.", "3.50", "a@", "@b.co", "1.º", "fin.Es", "No.5", "x.y"]
        {
            assert_eq!(address(other), None, "{other}");
        }
    }
}
