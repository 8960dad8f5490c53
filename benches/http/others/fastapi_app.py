"""The endpoint as Aghanim's documentation shows it for FastAPI: one function, the raw body, HMAC, a match on the type.

Needs `pip install fastapi 'uvicorn[standard]'`. Run: SECRET=… uvicorn fastapi_app:app --port PORT --no-access-log
"""

import hashlib
import hmac
import json
import os

from fastapi import FastAPI, Header, HTTPException, Request

SECRET = os.environ["SECRET"].encode()

app = FastAPI()


@app.post("/webhook")
async def webhook(
    request: Request,
    x_aghanim_signature: str = Header(),
    x_aghanim_signature_timestamp: str = Header(),
):
    body = await request.body()
    signed = hmac.new(SECRET, x_aghanim_signature_timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed, x_aghanim_signature):
        raise HTTPException(status_code=403, detail="Invalid signature")
    event = json.loads(body)
    data = event["event_data"]
    match event["event_type"]:
        case "player.verify":
            return {"player_id": data["player_id"], "name": "Aria of the North", "attributes": {}}
        case "order.paid" | "item.add":
            return {"status": "ok"}
    raise HTTPException(status_code=400, detail="Unknown event type")
