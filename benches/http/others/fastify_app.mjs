// The usual endpoint on Fastify: the raw body, HMAC, a switch on the type.
//
// Needs `npm install fastify`. Run: SECRET=… PORT=… node fastify_app.mjs

import { createHmac, timingSafeEqual } from "node:crypto";
import Fastify from "fastify";

const app = Fastify({ bodyLimit: 2 * 1024 * 1024 });
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

app.post("/webhook", async (request, reply) => {
  const hmac = createHmac("sha256", process.env.SECRET);
  hmac.update(request.headers["x-aghanim-signature-timestamp"] ?? "").update(".").update(request.body);
  const signature = Buffer.from(request.headers["x-aghanim-signature"] ?? "", "hex");
  const signed = hmac.digest();
  if (signature.length !== signed.length || !timingSafeEqual(signed, signature)) {
    return reply.code(403).send("Invalid signature");
  }
  const event = JSON.parse(request.body);
  switch (event.event_type) {
    case "player.verify":
      return { player_id: event.event_data.player_id, name: "Aria of the North", attributes: {} };
    case "order.paid":
    case "item.add":
      return { status: "ok" };
  }
  return reply.code(400).send("Unknown event type");
});

await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
