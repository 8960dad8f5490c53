//! An event type of a game's own, with its answer, in a crate that is not the library's: the whole of it.

use aghanim_hooks::{Rejection, Secret, WebhookEvent, Webhooks, webhook, webhooks};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, WebhookEvent)]
#[event("guild.joined", reply = GuildCard)]
struct GuildJoined {
    guild_id: String,
}

#[derive(Serialize)]
struct GuildCard {
    motto: String,
}

#[webhook("guild.joined")]
async fn joined(event: GuildJoined) -> Result<GuildCard, Rejection> {
    Ok(GuildCard { motto: format!("{} never sleeps", event.guild_id) })
}

fn app(secret: Secret) -> axum::Router {
    axum::Router::new().route("/webhook", axum::routing::post(Webhooks::new(secret, webhooks![joined])))
}

#[tokio::test]
async fn it_answers() {
    let secret = Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap();
    let server = aghanim_hooks_tests::Server::start(app(secret.clone())).await.unwrap();
    let body = r#"{"event_type":"guild.joined","event_data":{"guild_id":"owls"}}"#;
    let response = aghanim_hooks_tests::signed(&secret, body).send(server.address()).await.unwrap();
    assert_eq!((response.status, response.json()["motto"].as_str()), (200, Some("owls never sleeps")));
}
