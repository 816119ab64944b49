//! The trunks on the overview: how fast, and how many at once.

use pregon_dashboard::Gates;

use crate::house::House;
use crate::live::{Stream, sent};
use crate::sample::day::go_on;
use crate::sample::gates::gates;

const ROWS: &str = "#frag-trunks tbody tr";

#[tokio::test]
async fn each_trunk_shows_its_pace_and_its_slots() {
    let house = House::with_trunks(gates()).await;
    let page = house.get("/").await.page();
    assert_eq!(
        page.all(ROWS),
        [
            "claro CO · VE frenada por congestión2,5/s de 10/s17 de 20",
            "mundo todos los países5/s 3 de 4",
            "Todas juntas12/s20 de 20",
        ]
    );
    assert_eq!(page.count("#frag-trunks tr.warn"), 1);
    assert_eq!(page.count("#frag-trunks tr:nth-child(2) .slots i"), 4);
    assert_eq!(page.count("#frag-trunks tr:nth-child(2) .slots i.on"), 3);
    let english = house.get("/?lang=en").await.page();
    assert_eq!(english.text(ROWS), "claro CO · VE slowed down by congestion2.5/s of 10/s17 of 20");
    assert_eq!(english.all("#frag-trunks thead th"), ["Trunk", "Pace", "At once"]);
}

#[tokio::test]
async fn where_nothing_is_limited_nothing_is_counted() {
    let house = House::busy().await;
    assert_eq!(house.get("/").await.page().all(ROWS), ["trunk todos los paísessin límitesin límite"]);
    let one = Gates { trunks: gates().trunks.into_iter().take(1).collect(), ..Gates::default() };
    let house = House::with_trunks(one).await;
    assert_eq!(house.get("/").await.page().count(ROWS), 1, "nothing is shared");
}

#[tokio::test]
async fn a_trunk_that_slows_down_is_seen_on_the_open_page() {
    let house = House::with_trunks(gates()).await;
    let mut stream = Stream::open(&house, "/live?page=overview").await;
    assert!(sent(&stream.next().await.unwrap(), "frag-trunks"));
    house.memory.burden("mundo", 4, 1);
    go_on(&house.memory, pregon_core::clock::now()).await;
    let news = stream.next().await.unwrap();
    assert!(sent(&news, "frag-trunks") && news.contains("2,5/s") && news.contains("4 de 4"));
    house.memory.burden("mundo", 0, 0);
    go_on(&house.memory, pregon_core::clock::now()).await;
    let news = stream.next().await.unwrap();
    assert!(sent(&news, "frag-trunks") && news.contains("0 de 4"));
}
