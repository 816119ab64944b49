//! Stations and queues that are away for a while.

use lapin::options::QueueDeleteOptions;
use lapin::{Connection, ConnectionProperties};
use serde_json::json;

use crate::air::{Air, Shape};
use crate::rig::{Backing, Rig};

async fn a_station_comes_back(backing: &Backing) {
    let mut air = Air::silent(backing, Shape::Roles).await;
    let ids = [air.announce(400.0, 0.5, json!({})).await, air.announce(500.0, 0.5, json!({})).await];
    for id in &ids {
        air.until_dispatched(id).await;
        let job = air.status(id).await;
        assert!(job["waiting_for"].as_str().unwrap().contains("with the station"), "{job}");
    }
    // Nobody could decide it before the station is there.
    let (status, answer) = air.rig.post(&format!("/jobs/{}/cancel", ids[0]), &json!({})).await.unwrap();
    assert_eq!((status, &answer["cancelled"]), (202, &json!(null)), "{answer}");
    air.switch_on().await;
    assert_eq!(air.ended(&ids[0]).await["status"], "cancelled");
    assert_eq!(air.ended(&ids[1]).await["status"], "completed");
    assert_eq!(air.aired(1).await, ids[1..]);
    assert_eq!(air.as_run().len(), 1, "the cancelled one never came to the air");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_comes_back_embedded() {
    a_station_comes_back(&Backing::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_comes_back_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    a_station_comes_back(&backing).await;
}

/// Deletes the station's queue with whatever is in it.
async fn delete_queue(rig: &Rig) {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect(rig.setting("RABBITMQ_URL"), properties).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let name = format!("{}air_main", rig.setting("QUEUE_PREFIX"));
    channel.queue_delete(name.as_str().into(), QueueDeleteOptions::default()).await.unwrap();
    connection.close(200, "done".into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_is_lost_with_its_messages_loses_no_announcement() {
    let Some(backing) = Backing::distributed() else { return };
    let mut air = Air::silent(&backing, Shape::Roles).await;
    let before = air.announce(400.0, 0.5, json!({})).await;
    air.until_dispatched(&before).await;
    delete_queue(&air.rig).await;
    air.switch_on().await;
    // And once more, under a station that has some.
    let long = air.announce(300.0, 6.0, json!({})).await;
    air.until_on_air(&long).await;
    let held = air.announce(500.0, 0.5, json!({})).await;
    air.until_waiting(&[&held]).await;
    delete_queue(&air.rig).await;
    for id in [&long, &held, &before] {
        let job = air.ended(id).await;
        assert_eq!(job["status"], "completed", "{job}");
    }
    let after = air.announce(600.0, 0.5, json!({})).await;
    air.ended(&after).await;
    assert_eq!(air.aired(4).await, [long, held, before, after]);
}
