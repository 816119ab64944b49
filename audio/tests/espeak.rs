//! The whole way of a clip with a real voice: engine, trim, resample, level, file, and back.

use std::process::Command;
use std::time::Duration;

use pregon_audio::loudness::{CALL_LUFS, CALL_MAX_DBTP};
use pregon_audio::{Container, Encoding, decode, is_silent, level, measure, resample, trim, wav};

const TEXT: &str = "Buenas tardes. Le llamamos de la clínica del norte para recordarle su cita del próximo \
    martes, día doce de marzo, a las diez y media de la mañana. Por favor, traiga su documento de identidad \
    y la tarjeta sanitaria. Si no puede asistir, pulse uno para cambiar la fecha o dos para cancelarla. \
    Muchas gracias por su atención y que tenga un buen día.";

#[test]
fn a_spoken_reminder_reaches_the_call_file_loud_clear_and_unclipped() {
    let Ok(engine) = Command::new("espeak-ng").args(["-v", "es", "--stdout", TEXT]).output() else {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "espeak-ng is not on the PATH");
        println!("SKIPPED: espeak-ng is not on the PATH");
        return;
    };
    assert!(engine.status.success(), "{}", String::from_utf8_lossy(&engine.stderr));

    let master = decode(&engine.stdout, Some(Container::Wav), Duration::from_mins(2)).unwrap();
    assert_eq!(master.rate, 22_050);
    let trimmed = trim(&master);
    assert!(trimmed.seconds() > 15.0 && trimmed.seconds() <= master.seconds(), "{}", trimmed.seconds());

    let call = level(&resample(&trimmed, 8_000), CALL_LUFS, CALL_MAX_DBTP);
    let file = Encoding::Wav.encode(&call).unwrap();

    let info = wav::probe(file.as_slice()).unwrap();
    assert!(info.plays_on_calls(), "{info:?}");
    assert!((info.seconds() - trimmed.seconds()).abs() < 0.001);

    let heard = decode(&file, None, Duration::from_mins(2)).unwrap();
    let reading = measure(&heard);
    assert!((reading.lufs - CALL_LUFS).abs() <= 1.0, "{reading:?}");
    assert!(reading.true_peak_dbtp <= CALL_MAX_DBTP, "{reading:?}");
    assert!(heard.sample_peak() < 1.0 && !is_silent(&heard));
}

#[test]
fn the_same_voice_fits_every_telephone_format() {
    let Ok(engine) = Command::new("espeak-ng").args(["-v", "es", "--stdout", TEXT]).output() else {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "espeak-ng is not on the PATH");
        println!("SKIPPED: espeak-ng is not on the PATH");
        return;
    };
    let master = trim(&decode(&engine.stdout, None, Duration::from_mins(2)).unwrap());
    for encoding in Encoding::ALL {
        let clip = level(&resample(&master, encoding.rate()), CALL_LUFS, CALL_MAX_DBTP);
        let reading = measure(&clip);
        assert!((reading.lufs - CALL_LUFS).abs() <= 1.0, "{encoding:?}: {reading:?}");
        assert!(!encoding.encode(&clip).unwrap().is_empty(), "{encoding:?}");
    }
}
