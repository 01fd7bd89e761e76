// Starts a cluster, says its URL and waits to be killed: `node cluster.fixture.ts FOLDER`.
import { startCluster } from "./cluster.ts";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("Name the folder.");
const cluster = await startCluster({ folder, durable: false });
console.log(cluster.ownerUrl("postgres"));
setInterval(() => {}, 1 << 30);
