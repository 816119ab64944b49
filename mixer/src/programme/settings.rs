//! Settings of the programme.

use std::path::PathBuf;

use super::MusicOrder;

/// The programme.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Programme")]
pub struct ProgrammeArgs {
    /// Folder of the music, with all folders in it: mp3, flac, ogg, opus, m4a, aac, wav. It is watched: what is added,
    /// changed or removed counts at once. Not set: the built-in demo loop plays
    #[arg(long, env = "MUSIC_DIR", value_name = "FOLDER")]
    pub music_dir: Option<PathBuf>,

    /// In which order it is played
    #[arg(long, env = "MUSIC_ORDER", value_enum, default_value_t)]
    pub music_order: MusicOrder,

    /// How long two tracks overlap, in seconds, 0 to 10; 0 joins them without a gap
    #[arg(long, env = "CROSSFADE_SECONDS", value_name = "SECONDS", default_value = "0", value_parser = parse_crossfade)]
    pub crossfade_seconds: f64,

    /// Loudness that every track is brought to, in LUFS, -40 to -5. Peaks stay below -1 dBTP, so a track with high
    /// peaks may stay softer
    #[arg(
        long, env = "RADIO_LUFS", value_name = "LUFS", default_value = "-16", allow_negative_numbers = true,
        value_parser = parse_lufs
    )]
    pub radio_lufs: f64,

    /// Whether the built-in demo loop plays when there is no music. If not, soft noise is sent
    #[arg(long, env = "MUSIC_DEMO", value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub music_demo: bool,
}

fn parse_crossfade(text: &str) -> Result<f64, String> {
    number_in(text, 0.0..=10.0)
}

fn parse_lufs(text: &str) -> Result<f64, String> {
    number_in(text, -40.0..=-5.0)
}

fn number_in(text: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("must be a number from {} to {}", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        programme: ProgrammeArgs,
    }

    fn read(args: &[&str]) -> Result<ProgrammeArgs, String> {
        let args = ["station"].iter().chain(args);
        Cli::try_parse_from(args).map(|cli| cli.programme).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_have_defaults_and_bounds() {
        let args = read(&[]).unwrap();
        assert_eq!((args.music_dir, args.music_order, args.music_demo), (None, MusicOrder::Shuffle, true));
        assert_eq!((args.crossfade_seconds, args.radio_lufs), (0.0, -16.0));
        let args = read(&["--radio-lufs", "-23", "--music-order", "name", "--music-demo", "false"]).unwrap();
        assert_eq!((args.radio_lufs, args.music_order, args.music_demo), (-23.0, MusicOrder::Name, false));
        for (args, word) in [
            (["--radio-lufs", "0"], "-40 to -5"),
            (["--crossfade-seconds", "11"], "0 to 10"),
            (["--crossfade-seconds", "NaN"], "0 to 10"),
            (["--music-order", "loud"], "shuffle"),
        ] {
            assert!(read(&args).unwrap_err().contains(word), "{args:?}");
        }
    }
}
