//! How the peer treats a call is told by the number that is called, so that a test has nothing to arrange beforehand:
//!
//! ```text
//! 3 MM AAA SSSS     two digits for the manner, three for its argument, four that make the number unique
//! ```
//!
//! Ten digits are a mobile number of Colombia. The peer looks at the last nine, so a country code or a dialling prefix
//! may stand before them.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// One way to treat a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Rings this long (a multiple of 0.1 s, below 100 s), answers, and listens until the caller hangs up.
    Answer { ring: Duration },
    /// Answers at once and presses these keys a second later: one to three digits, or three and a `#`.
    Press { keys: String },
    /// Answers at once and hangs up a second later.
    HangUp,
    /// Rings until the caller gives up.
    Ring,
    /// Says this SIP status at once.
    Refuse { status: u16 },
    /// Rings for a second, then says this SIP status.
    RingAndRefuse { status: u16 },
    /// Says nothing at all.
    Dead,
}

impl Manner {
    /// Answers at once.
    pub(crate) const ANSWER: Self = Self::Answer { ring: Duration::ZERO };

    /// The manner that a number asks for.
    pub(super) fn of(number: &str) -> Option<Self> {
        let told = number.get(number.len().checked_sub(9)?..)?;
        let (manner, argument) = (told.get(..2)?, told.get(2..5)?);
        let value: u16 = argument.parse().ok()?;
        let first = |count| Self::Press { keys: argument[..count].to_owned() };
        Some(match manner {
            "10" => Self::Answer { ring: Duration::from_millis(u64::from(value) * 100) },
            "11" => first(1),
            "12" => first(2),
            "13" => first(3),
            "14" => Self::Press { keys: format!("{argument}#") },
            "19" => Self::HangUp,
            "30" => Self::Ring,
            "40" => Self::Refuse { status: value },
            "43" => Self::RingAndRefuse { status: value },
            "90" => Self::Dead,
            _ => return None,
        })
    }

    /// A number that asks for it and that this process has not given away before.
    pub(crate) fn number(&self) -> String {
        // Not where the process before began: packets of its calls may still come.
        static SERIAL: LazyLock<AtomicU16> =
            LazyLock::new(|| AtomicU16::new(u16::try_from(std::process::id() % 10 * 1_000).unwrap_or(0)));
        let (manner, argument) = match self {
            Self::Answer { ring } => (10, format!("{:03}", ring.as_millis() / 100)),
            Self::Press { keys } if keys.ends_with('#') => (14, keys[..3].to_owned()),
            Self::Press { keys } => (10 + keys.len(), format!("{keys:0<3}")),
            Self::HangUp => (19, "000".to_owned()),
            Self::Ring => (30, "000".to_owned()),
            Self::Refuse { status } => (40, format!("{status:03}")),
            Self::RingAndRefuse { status } => (43, format!("{status:03}")),
            Self::Dead => (90, "000".to_owned()),
        };
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed) % 10_000;
        let number = format!("3{manner}{argument}{serial:04}");
        assert_eq!(Self::of(&number).as_ref(), Some(self), "{number}");
        number
    }
}

#[test]
fn a_number_tells_its_manner_with_any_prefix() {
    for manner in [
        Manner::ANSWER,
        Manner::Answer { ring: Duration::from_millis(2_300) },
        Manner::Press { keys: "5".to_owned() },
        Manner::Press { keys: "047#".to_owned() },
        Manner::HangUp,
        Manner::Ring,
        Manner::Refuse { status: 486 },
        Manner::RingAndRefuse { status: 480 },
        Manner::Dead,
    ] {
        let number = manner.number();
        assert_eq!(number.len(), 10);
        assert_ne!(number, manner.number());
        for prefix in ["57", "0057", "9"] {
            assert_eq!(Manner::of(&format!("{prefix}{number}")), Some(manner.clone()));
        }
    }
    assert_eq!(Manner::of("3005050149"), None);
    assert_eq!(Manner::of("101"), None);
}
