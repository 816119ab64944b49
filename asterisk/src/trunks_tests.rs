use clap::Parser as _;
use proptest::prelude::*;

use super::*;

const TWO: &str = "co channel=PJSIP/{number}@co number=national countries=CO caller_id=6015550100 per_second=5 \
    at_once=20; world number=e164 prefix=00* caller_id=\"Clínica; San José <+576015550000>\"";

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    trunks: TrunkArgs,
}

fn exchange(flags: &[&str]) -> Exchange {
    let args = Cli::parse_from(std::iter::once(&"pregon").chain(flags)).trunks;
    args.exchange(Duration::from_secs(45))
}

fn call(to: &str, caller_id: Option<&str>, trunk: Option<&str>) -> Call {
    let number = |text: &str| PhoneNumber::try_from(text.to_owned()).unwrap();
    Call {
        to: number(to),
        caller_id: caller_id.map(number),
        trunk: trunk.map(str::to_owned),
        interaction: None,
    }
}

#[test]
fn each_trunk_writes_numbers_in_its_own_way() {
    let two = format!("--trunks={}", TWO.replace("; San", " San"));
    let exchange = exchange(&[&two]);
    let (bogota, madrid) = ("+573005050149", "+34600123456");
    for (to, shown, trunk, channel, caller_id) in [
        (bogota, None, None, "PJSIP/3005050149@co", "<6015550100>"),
        (bogota, Some("+576011111111"), None, "PJSIP/3005050149@co", "<6011111111>"),
        (bogota, Some(madrid), None, "PJSIP/3005050149@co", "<34600123456>"),
        (madrid, None, None, "PJSIP/00*+34600123456@world", "\"Clínica San José\" <+576015550000>"),
        (bogota, Some(madrid), Some("world"), "PJSIP/00*+573005050149@world", "<+34600123456>"),
    ] {
        let (dialled, seen) = exchange.connect(&call(to, shown, trunk)).unwrap();
        assert_eq!((dialled.to_string().as_str(), seen.unwrap().to_string().as_str()), (channel, caller_id));
    }
    let line = exchange.line(&call(bogota, None, None)).unwrap();
    assert_eq!((line.trunk.as_str(), line.limits.at_once, line.ring.as_secs()), ("co", Some(20), 45));
    assert_eq!(line.limits.per_second, "5".parse().ok());
    assert!(exchange.line(&call(madrid, None, None)).unwrap().limits.none());
}

#[test]
fn a_call_that_no_trunk_takes_is_refused_with_the_reason() {
    let exchange = exchange(&["--trunks=co number=national countries=CO; ve countries=VE"]);
    for (to, trunk, why) in [
        ("+34600123456", None, "no trunk calls"),
        ("+34600123456", Some("co"), "trunk co does not call"),
        ("+573005050149", Some("tigo"), "is not one of the trunks: co, ve"),
    ] {
        let error = exchange.connect(&call(to, None, trunk)).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(exchange.line(&call(to, None, trunk)), None);
    }
}

#[test]
fn without_trunks_there_is_the_one_of_before() {
    let to = call("+573005050149", None, None);
    let plain = exchange(&["--asterisk-caller-id=6015550000"]);
    let (channel, caller_id) = plain.connect(&to).unwrap();
    assert_eq!(channel.to_string(), "PJSIP/573005050149@trunk");
    assert_eq!(caller_id.unwrap().to_string(), "<6015550000>");
    assert!(plain.line(&to).unwrap().limits.none());
    assert!(!plain.trunks.open);
    let any = exchange(&["--asterisk-channel=PJSIP/{e164}@{trunk}"]);
    assert!(any.trunks.open);
    let named = Call { trunk: Some("claro-2".into()), ..to };
    assert_eq!(any.connect(&named).unwrap().0.to_string(), "PJSIP/+573005050149@claro-2");
    assert_eq!(any.line(&named).unwrap().trunk, "claro-2");
}

#[test]
fn mistakes_name_the_trunk_and_the_key() {
    for (text, words) in [
        ("", "names no trunk"),
        (" ; ", "names no trunk"),
        ("channel=PJSIP/{number}@co", "name of a trunk"),
        ("c/o number=e164", "trunk name"),
        ("co; co", "trunk co: there are two"),
        ("co number=e164 number=e164", "trunk co: number: stands there twice"),
        ("co number=local", "trunk co: number: \"local\" is none of digits"),
        ("co number=national", "trunk co: number: national needs countries"),
        ("co channel=PJSIP/100", "trunk co: channel: \"PJSIP/100\" is not a channel"),
        ("co prefix=#9", "trunk co: prefix: \"#9\" is not a prefix"),
        ("co prefix=1234567890123", "prefix"),
        ("co countries=CO,Peru", "trunk co: countries: \"Peru\""),
        ("co caller_id=Ana", "trunk co: caller_id: \"Ana\""),
        ("co per_second=fast", "trunk co: per_second: \"fast\" is not a rate"),
        ("co at_once=0", "trunk co: at_once: \"0\""),
        ("co speed=9", "trunk co: speed: is not a setting of a trunk: channel"),
        ("co at_once", "trunk co: at_once: \"\""),
        ("co caller_id=\"Ana <6015550000>", "quote is not closed"),
    ] {
        let error = text.parse::<TrunkList>().unwrap_err().to_string();
        assert!(error.contains(words), "{text:?}: {error}");
        assert_eq!(error.lines().count(), 1);
    }
    assert!(
        TWO.parse::<TrunkList>().unwrap_err().to_string().contains("trunk world: caller_id"),
        "no ; in a name"
    );
}

proptest! {
    /// Whatever stands in the setting and whoever is called: only what Asterisk reads as one value is dialled.
    #[test]
    fn whatever_the_trunks_only_safe_text_is_dialled(
        name in "[a-z]{1,8}",
        settings in prop::collection::vec(
            prop_oneof![
                "number=(digits|e164|national)",
                "prefix=[0-9*#+ ]{0,8}",
                "countries=(CO|CO,ES|XX)",
                "caller_id=\"?[A-Za-z ;#\n]{0,9}<?\\+?[0-9]{2,12}>?\"?",
                "channel=PJSIP/[ -~]{0,12}\\{number\\}[ -~\\n]{0,12}",
            ],
            0..4,
        ),
        digits in "[0-9]{3,15}",
        shown in prop::option::of("[0-9]{3,15}"),
    ) {
        let text = format!("{name} {}", settings.join(" "));
        let Ok(list) = text.parse::<TrunkList>() else { return Ok(()) };
        let mut args = Cli::parse_from(["pregon"]).trunks;
        args.trunks = Some(list);
        let shown = shown.map(|digits| format!("+{digits}"));
        let call = call(&format!("+{digits}"), shown.as_deref(), None);
        let Ok((channel, caller_id)) = args.exchange(Duration::ZERO).connect(&call) else { return Ok(()) };
        let harmless = |text: &str| text.chars().all(|c| !c.is_control() && !";#&,\\".contains(c));
        prop_assert!(harmless(&channel.to_string()) && !channel.to_string().contains(' '), "{channel}");
        prop_assert!(caller_id.is_none_or(|shown| harmless(&shown.to_string())));
    }
}
