// Loaded before a worker (`node --import`): its clock jumps when its parent says so, and time that passes stays as long.
const Real = Date;
let shift = 0;

class Shifted extends Real {
  constructor(...given: [] | [value: number | string | Date]) {
    if (given.length === 0) super(Real.now() + shift);
    else super(...(given as unknown as [number]));
  }

  static override now(): number {
    return Real.now() + shift;
  }
}
globalThis.Date = Shifted as DateConstructor;

process.on("message", (message: unknown) => {
  if (message && typeof message === "object" && "clock" in message) shift = Number(message.clock);
});
