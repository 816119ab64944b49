use std::io::BufRead;
fn main() {
    let locale = pregon_text::Locale::of(&std::env::args().nth(1).unwrap());
    for line in std::io::stdin().lock().lines() {
        println!("{}", pregon_text::normalise(&line.unwrap(), locale));
    }
}
