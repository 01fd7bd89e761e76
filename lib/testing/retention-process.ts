import { sweepRetention } from "#lib/retention/retention";

// A process that sweeps retention and empties the bin, again and again, until it is killed in the middle of it.
process.on("disconnect", () => process.exit(0));
for (;;) {
  process.send?.("sweeping");
  await sweepRetention({ older_than_days: 0 });
  process.send?.("swept");
}
