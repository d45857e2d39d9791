//! Every page says where one is: one entry of the frame is the current one.

use axum::http::Method;

use super::World;
use super::world::SCHEDULE;
use crate::web::guard::Access;
use crate::web::routes;

#[tokio::test]
async fn every_page_has_one_current_entry_in_its_frame() {
    let world = World::new();
    let no = world.application(1, "").no;
    world.schedule();
    world.lend("yetkili", "sorumlu", 4);
    let (mut pages, mut wrong) = (0, Vec::new());
    for name in ["merkez", "yetkili", "sorumlu", "koordinasyon"] {
        let mut browser = world.login(name).await;
        for route in routes::table() {
            let file = route.path.ends_with(".csv") || route.path.ends_with(".xlsx");
            if route.method != Method::GET || route.access == Access::Public || file {
                continue;
            }
            let path = route.path.replace("{no}", no.as_str()).replace("{id}", "sorumlu");
            let path = path.replace("{schedule}", SCHEDULE);
            let page = browser.get(&path).await;
            if page.has(".top form") {
                pages += 1;
                let current = page.texts(".top [aria-current]");
                if current.len() != 1 {
                    wrong.push(format!("{name} {path}: {current:?}"));
                }
            }
        }
    }
    assert!(pages > 30, "only {pages} pages were looked at");
    assert!(wrong.is_empty(), "{wrong:#?}");
    let page = world.login("yetkili").await.get("/yetkimi-paylas").await;
    assert_eq!(page.text(".top nav [aria-current]"), "Kullanıcılar");
}
