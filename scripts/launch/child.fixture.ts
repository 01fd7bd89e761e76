// A launcher with one child, which is this file again: `node child.fixture.ts`. Says the child's process ids.
import { Child } from "./child.ts";

if (process.argv[2] === "child") {
  setInterval(() => {}, 1 << 30);
} else {
  new Child({
    name: "fixture",
    color: "cyan",
    command: ["scripts/launch/child.fixture.ts", "child"],
    env: {},
    onStart: (pid) => console.log(`started ${pid}`),
  }).start();
}
