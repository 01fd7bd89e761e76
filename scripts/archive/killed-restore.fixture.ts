// node scripts/archive/killed-restore.fixture.ts OWNER_URL FILE TABLE: begins to restore and kills itself without warning
// once this table is loaded.
import { restoreBackup } from "./load-backup.ts";

const [ownerUrl = "", from = "", last] = process.argv.slice(2);
let isLoading = false;
await restoreBackup(ownerUrl, {
  from,
  log(line) {
    isLoading ||= line === "Loading.";
  },
  onProgress({ table, done }) {
    if (isLoading && done && table === last) process.kill(process.pid, "SIGKILL");
  },
});
