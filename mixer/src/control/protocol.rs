//! The line protocol of the Liquidsoap server, as its version 2.1.3 speaks it: what a line asks for, and how an answer
//! looks on the wire. Pure; nothing here knows the station.

/// The queues that take files, under the names they have in `AzuraCast`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueName {
    /// Breaks into the programme at once.
    Interrupting,
    /// Plays when the current track has ended.
    Requests,
}

impl QueueName {
    /// The word before the dot.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interrupting => "interrupting_requests",
            Self::Requests => "requests",
        }
    }
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// `<queue>.push <uri>`: air a file.
    Push(QueueName, &'a str),
    /// `<queue>.queue`: which requests wait.
    Queue(QueueName),
    /// `<queue>.skip`: end what this queue has on air.
    Skip(QueueName),
    /// `<queue>.flush_and_skip`: the same, and drop what waits.
    FlushAndSkip(QueueName),
    /// `radio.skip`: end what is on air.
    SkipTrack,
    /// `request.all`: every request that is remembered.
    All,
    /// `request.alive`: those that still wait or play.
    Alive,
    /// `request.on_air`: those that play.
    OnAir,
    /// `request.resolving`: those whose files are being looked at.
    Resolving,
    /// `request.trace <rid>`: what happened to a request.
    Trace(&'a str),
    /// `request.metadata <rid>`: what is known of a request.
    Metadata(&'a str),
    /// `live.status`: whether somebody is connected as live input.
    LiveStatus,
    /// `version`.
    Version,
    /// `uptime`.
    Uptime,
    /// `help`, or `help <command>`.
    Help(&'a str),
    /// `exit` or `quit`.
    Exit,
    /// Anything else.
    Unknown,
    /// Bytes that are no text.
    NotText,
}

/// A command's name, what follows it on the line, and what it does.
type Described = (&'static str, &'static str, &'static str);

/// Every command, in the order in which `help` lists them.
const COMMANDS: [Described; 21] = [
    ("exit", "", "Close this connection."),
    ("help", "[<command>]", "Show the commands, or what one of them does."),
    ("interrupting_requests.flush_and_skip", "", "Drop what waits and end the announcement on air."),
    ("interrupting_requests.push", "<uri>", "Push a new request in the queue."),
    ("interrupting_requests.queue", "", "Show the requests that wait."),
    ("interrupting_requests.skip", "", "End the announcement on air."),
    ("live.status", "", "Tell whether a live source is connected."),
    ("quit", "", "Close this connection."),
    ("radio.skip", "", "End what is on air and go on with what follows."),
    ("request.alive", "", "Show the requests that wait or play."),
    ("request.all", "", "Show all requests, with the last ones that have ended."),
    ("request.metadata", "<rid>", "Show what is known of a request."),
    ("request.on_air", "", "Show the requests that are on air."),
    ("request.resolving", "", "Show the requests whose files are being opened."),
    ("request.trace", "<rid>", "Show what happened to a request."),
    ("requests.flush_and_skip", "", "Drop what waits and end the request on air."),
    ("requests.push", "<uri>", "Push a new request in the queue."),
    ("requests.queue", "", "Show the requests that wait."),
    ("requests.skip", "", "End the request on air."),
    ("uptime", "", "Show how long the station has been running."),
    ("version", "", "Show the version."),
];

/// Reads one line (without its end). `None` for a blank one, which gets no answer at all.
pub fn parse(line: &[u8]) -> Option<Command<'_>> {
    let Ok(text) = std::str::from_utf8(line) else { return Some(Command::NotText) };
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    Some(command(name, rest.trim()))
}

fn command<'a>(name: &str, rest: &'a str) -> Command<'a> {
    match name {
        "request.all" => Command::All,
        "request.alive" => Command::Alive,
        "request.on_air" => Command::OnAir,
        "request.resolving" => Command::Resolving,
        "request.trace" => Command::Trace(rest),
        "request.metadata" => Command::Metadata(rest),
        "radio.skip" => Command::SkipTrack,
        "live.status" => Command::LiveStatus,
        "version" => Command::Version,
        "uptime" => Command::Uptime,
        "help" => Command::Help(rest),
        "exit" | "quit" => Command::Exit,
        other => of_a_queue(other, rest).unwrap_or(Command::Unknown),
    }
}

fn of_a_queue<'a>(name: &str, rest: &'a str) -> Option<Command<'a>> {
    let (queue, verb) = name.split_once('.')?;
    let queue = [QueueName::Interrupting, QueueName::Requests].into_iter().find(|q| q.as_str() == queue)?;
    match verb {
        "push" => Some(Command::Push(queue, rest)),
        "queue" => Some(Command::Queue(queue)),
        "skip" => Some(Command::Skip(queue)),
        "flush_and_skip" => Some(Command::FlushAndSkip(queue)),
        _ => None,
    }
}

/// What goes back to the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A text, followed by `END`.
    Text(String),
    /// The last words; the connection is closed after them.
    Bye,
}

impl Answer {
    /// The answer to a file or a line that cannot be taken.
    pub fn error(why: impl std::fmt::Display) -> Self {
        Self::Text(format!("ERROR: {}", one_line(&why.to_string())))
    }

    /// The answer to [`Command::Unknown`].
    pub fn unknown() -> Self {
        Self::error(r#"unknown command, type "help" to get a list of commands."#)
    }

    /// The answer to a request number that is not remembered, or is no number.
    pub fn no_such_request() -> Self {
        Self::Text("No such request.".to_owned())
    }

    /// Request numbers, as `queue`, `request.on_air` and their like show them.
    pub fn rids(rids: impl IntoIterator<Item = u64>) -> Self {
        Self::Text(rids.into_iter().map(|rid| rid.to_string()).collect::<Vec<_>>().join(" "))
    }

    /// The answer to [`Command::Help`].
    pub fn help(about: &str) -> Self {
        if let Some((name, takes, does)) = COMMANDS.into_iter().find(|(name, ..)| *name == about) {
            return Self::Text(format!("Usage: {}\r\n  {does}", usage(name, takes)));
        }
        let unknown = if about.is_empty() {
            String::new()
        } else {
            format!("No such command: {}\r\n", one_line(about))
        };
        let list: Vec<String> =
            COMMANDS.into_iter().map(|(name, takes, _)| format!("| {}\r\n", usage(name, takes))).collect();
        let list = list.concat();
        Self::Text(format!(
            "{unknown}Available commands:\r\n{list}\r\nType \"help <command>\" for more information."
        ))
    }

    /// The answer to [`Command::Version`]. Clients cut it at the spaces or look for `Liquidsoap` and a number.
    pub fn version() -> Self {
        Self::Text(format!("Pregon {} (speaks as Liquidsoap 2.1.3)", env!("CARGO_PKG_VERSION")))
    }

    /// The answer to [`Command::Uptime`].
    pub fn uptime(running: std::time::Duration) -> Self {
        let seconds = running.as_secs();
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        Self::Text(format!("{days}d {hours:02}h {minutes:02}m {:02}s", seconds % 60))
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => format!("{text}\r\nEND\r\n").into_bytes(),
            Self::Bye => b"Bye!\r\n".to_vec(),
        }
    }
}

fn usage(name: &str, takes: &str) -> String {
    if takes.is_empty() { name.to_owned() } else { format!("{name} {takes}") }
}

/// A value between quotes, in which neither a quote nor a line end of its own can be mistaken for ours.
pub(super) fn quoted(value: &str) -> String {
    let escaped: String = value
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            c if c.is_control() => format!("\\x{:02X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// An answer's end is found by its line ends, so a text from outside (a file's name, a tag) brings none of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
