import { staticChecks } from "./checks/static-checks.ts";
import { runStep } from "./checks/steps.ts";

for (const [title, work] of staticChecks) {
  const { failed } = await runStep(title, work);
  if (failed) process.exitCode = 1;
}
