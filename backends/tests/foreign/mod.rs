//! The servers as somebody else sees them: another program on the broker, an operator at the keys.

use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, ExchangeDeleteOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};

/// Every queue there is, without prefix.
pub(crate) const QUEUES: [&str; 9] = [
    "tts_priority",
    "tts_calls",
    "tts_results",
    "tts_dead",
    "tts_delay_1s",
    "tts_delay_10s",
    "tts_delay_1m",
    "tts_delay_10m",
    "tts_delay_1h",
];

/// The URL in that variable; without it, says that the test is skipped, or fails if services are required.
pub(crate) fn server(variable: &str) -> Option<String> {
    let url = std::env::var_os(variable).map(|url| url.into_string().expect("a URL is text"));
    if url.is_none() {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none_or(|v| v != "1"), "{variable} is not set");
        println!("SKIPPED: {variable} is not set (tests/services.sh start DIR; . DIR/env)");
    }
    url
}

/// Removes what a test left under its prefix.
pub(crate) async fn remove_keys(url: &str, prefix: &str) {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut cursor = 0_u64;
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{{{prefix}*")).arg("COUNT").arg(10_000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(&mut connection).await.unwrap();
        if !keys.is_empty() {
            redis::cmd("UNLINK").arg(keys).exec_async(&mut connection).await.unwrap();
        }
        if next == 0 {
            return;
        }
        cursor = next;
    }
}

/// A program on the same broker.
pub(crate) struct Broker {
    connection: Connection,
    prefix: String,
}

impl Broker {
    pub(crate) async fn connect(url: &str, prefix: &str) -> Self {
        let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
        Self { connection, prefix: prefix.to_owned() }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    async fn channel(&self) -> Channel {
        self.connection.create_channel().await.unwrap()
    }

    /// Puts bytes into a queue.
    pub(crate) async fn publish(&self, queue: &str, body: &[u8]) {
        let channel = self.channel().await;
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        let (key, options) = (self.name(queue).into(), BasicPublishOptions::default());
        let sent = channel.basic_publish("".into(), key, options, body, BasicProperties::default());
        assert!(sent.await.unwrap().await.unwrap().is_ack());
    }

    /// Declares a queue of another kind.
    pub(crate) async fn declare_classic(&self, queue: &str) {
        let (name, options) = (self.name(queue).into(), QueueDeclareOptions::durable());
        self.channel().await.queue_declare(name, options, FieldTable::default()).await.unwrap();
    }

    pub(crate) async fn delete_queues(&self, queues: &[&str]) {
        for queue in queues {
            let (name, options) = (self.name(queue).into(), QueueDeleteOptions::default());
            self.channel().await.queue_delete(name, options).await.unwrap();
        }
    }

    pub(crate) async fn delete_exchange(&self, exchange: &str) {
        let (name, options) = (self.name(exchange).into(), ExchangeDeleteOptions::default());
        self.channel().await.exchange_delete(name, options).await.unwrap();
    }

    pub(crate) async fn remove_everything(&self) {
        self.delete_queues(&QUEUES).await;
        self.delete_exchange("tts").await;
        for rung in &QUEUES[4..] {
            self.delete_exchange(rung).await;
        }
    }
}
