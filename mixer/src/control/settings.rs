//! Settings of the control.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Control without keys, from this machine.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Station control")]
pub struct ControlArgs {
    /// Address and port of the Liquidsoap server protocol. It has no passwords, so it must be
    /// a loopback address
    #[arg(long, env = "TELNET_ADDR", value_name = "ADDRESS", default_value = "127.0.0.1:1234")]
    pub telnet_addr: SocketAddr,

    /// Unix socket of the same protocol; its owner and group may use it. Not set: mixer.sock in the data folder
    #[arg(long, env = "MIXER_SOCKET", value_name = "PATH")]
    pub mixer_socket: Option<PathBuf>,
}

impl ControlArgs {
    /// Where the socket is.
    pub fn socket(&self, data_dir: &Path) -> PathBuf {
        self.mixer_socket.clone().unwrap_or_else(|| data_dir.join("mixer.sock"))
    }
}
