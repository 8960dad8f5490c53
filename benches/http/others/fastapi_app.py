"""The endpoint as Aghanim's documentation shows it for Python: one function that takes the request, HMAC over the decoded
body, and a test of the type after the other; the answer is declared as a dictionary, which FastAPI checks.

The documentation installs `fastapi[all]`, whose uvicorn has uvloop and httptools, and runs one process with uvicorn's
defaults. Run: SECRET=… uvicorn fastapi_app:app --port PORT
"""

import hashlib
import hmac
import json
import os
from typing import Any

import fastapi

SECRET = os.environ["SECRET"]

app = fastapi.FastAPI()


@app.post("/webhook")
async def webhook(request: fastapi.Request) -> dict[str, Any]:
    body = (await request.body()).decode()
    timestamp = request.headers["x-aghanim-signature-timestamp"]
    if not is_signed(timestamp, body, request.headers["x-aghanim-signature"]):
        raise fastapi.HTTPException(status_code=403, detail="Invalid signature")
    event = json.loads(body)
    event_type, data = event["event_type"], event["event_data"]
    if event_type == "player.verify":
        return {"player_id": data["player_id"], "name": "Aria of the North", "attributes": {}}
    if event_type == "order.paid":
        return {"status": "ok"}
    if event_type == "item.add":
        return {"status": "ok"}
    raise fastapi.HTTPException(status_code=400, detail="Unknown event type")


def is_signed(timestamp: str, body: str, signature: str) -> bool:
    signed = hmac.new(SECRET.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(signed, signature)
