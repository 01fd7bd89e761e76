// A process that speaks in every way there is: what it is asked to say may begin with a line of its own.
import { recordOutput } from "#lib/log-output";

recordOutput();
const said = process.argv[2] ?? "";
console.log(said);
console.error("%s happened:", "it", new Error(said), { said });
console.warn(`\u001b[31m${said}\u001b[39m`);
process.stdout.write(said);
process.stderr.write(Buffer.from(said), () => {
  process.emitWarning(said);
  setImmediate(() => {
    throw new Error(said);
  });
});
