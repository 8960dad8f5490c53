/// A delivery that was recorded; personal data is replaced.
#[tokio::test]
async fn recorded_item_add_1714147200() {
    let secret = aghanim_hooks::Secret::new("whsec_for_tests_only").unwrap();
    let client = aghanim_hooks::testing::TestClient::new(app(secret.clone()), secret);
    let data: serde_json::Value = serde_json::from_str(r#"{
  "item_id": "itm_eRhXkVsQjpT",
  "items": [
    {
      "currency": "USD",
      "description": "A pouch of gems",
      "id": "itm_eRhXkVsQjpT",
      "image_url": "https://cdn.example/items/gems_100.png",
      "name": "100 gems",
      "nested_items": [],
      "price": 499,
      "price_decimal": 4.99,
      "price_point": 5,
      "quantity": 2,
      "selected_plan_key": "monthly",
      "sku": "gems_100",
      "source": "order",
      "type": "virtual_currency"
    },
    {
      "currency": "USD",
      "description": "Everything to begin with",
      "id": "itm_eRhXkWbUndL",
      "image_url": "https://cdn.example/items/gems_100.png",
      "name": "Starter pack",
      "nested_items": [
        {
          "currency": "USD",
          "description": "A pouch of gems",
          "id": "itm_eRhXkVsQjpT",
          "image_url": "https://cdn.example/items/gems_100.png",
          "name": "100 gems",
          "nested_items": [],
          "price": 499,
          "price_decimal": 4.99,
          "price_point": 5,
          "quantity": 100,
          "selected_plan_key": "monthly",
          "sku": "gems_100",
          "source": "bundle",
          "type": "virtual_currency"
        },
        {
          "currency": "USD",
          "description": "It has seen better days",
          "id": "itm_eRhXkSwordQ",
          "image_url": "https://cdn.example/items/gems_100.png",
          "name": "Rusty sword",
          "nested_items": [],
          "price": 0,
          "price_decimal": 0.0,
          "price_point": 5,
          "quantity": 1,
          "selected_plan_key": "monthly",
          "sku": "rusty_sword",
          "source": "bundle",
          "type": "item"
        }
      ],
      "price": 999,
      "price_decimal": 9.99,
      "price_point": 5,
      "quantity": 1,
      "selected_plan_key": "monthly",
      "sku": "starter_pack",
      "source": "order",
      "type": "bundle"
    }
  ],
  "player_id": "player_id_1",
  "reason": "Order paid ord_eRhYXfPqWnc",
  "sku": "gems_100"
}"#).unwrap();
    let answer = client.send_json("item.add", &data).key("k1").id("whevt_k1").trigger("hub.purchase").answer().await;
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.json().unwrap()["status"], "ok");
}
