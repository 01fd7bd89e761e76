// The receiver of `npm run chaos:alerts`: notes what it gets in a file before it answers, so that a kill loses no note.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:https";

const [port = "0", notes = "", key = "", cert = ""] = process.argv.slice(2);
const tls = { key: readFileSync(key), cert: readFileSync(cert) };
const server = createServer(tls, async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { id: string; title: string } };
  appendFileSync(notes, `${JSON.stringify([request.headers["webhook-id"], data.id, data.title])}\n`);
  // Between its note and its answer there is time to die.
  setTimeout(() => response.writeHead(200).end("taken"), 5);
});
server.listen(Number(port), "127.0.0.1", () => process.send?.("ready"));
