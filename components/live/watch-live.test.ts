import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchLive } from "./watch-live.ts";

class FakeStream extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeStream[] = [];
  readyState = 0;
  constructor() {
    super();
    FakeStream.all.push(this);
  }
  say(event: string, readyState = this.readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event(event));
  }
  close() {
    this.readyState = FakeStream.CLOSED;
  }
}

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const listener = { onOpen: vi.fn(), onLost: vi.fn(), onRefused: vi.fn(), onChange: vi.fn() };
const answer = vi.fn(async () => ({ status: 502 }));
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeStream);
  vi.stubGlobal("window", page);
  vi.stubGlobal("document", page);
  vi.stubGlobal("fetch", answer);
  FakeStream.all = [];
  stop = watchLive("/live", listener);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

const newest = () => FakeStream.all.at(-1) as FakeStream;
const giveUp = () => newest().say("error", FakeStream.CLOSED);

test("hears that it is open, what changes, and that the connection is lost and there again", () => {
  newest().say("open", 1);
  newest().say("run");
  newest().say("notification");
  expect(listener.onOpen).toHaveBeenCalledTimes(1);
  expect(listener.onChange).toHaveBeenCalledTimes(2);
  newest().say("error", 0);
  newest().say("open", 1);
  expect(listener.onLost).toHaveBeenCalledTimes(1);
  expect(listener.onOpen).toHaveBeenCalledTimes(2);
  // The browser reconnected by itself.
  expect(FakeStream.all).toHaveLength(1);
});

test("where the browser gives up, it tries again: after 2 s, then ever later, up to 30 s", async () => {
  for (const wait of [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    const before = FakeStream.all.length;
    giveUp();
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(FakeStream.all).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeStream.all).toHaveLength(before + 1);
  }
  newest().say("open", 1);
  giveUp();
  await vi.advanceTimersByTimeAsync(2_000);
  newest().say("open", 1);
  expect(listener.onOpen).toHaveBeenCalledTimes(2);
});

test("at once when the network or the tab comes back, and only then", async () => {
  page.dispatchEvent(new Event("online"));
  expect(FakeStream.all).toHaveLength(1);
  giveUp();
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(FakeStream.all).toHaveLength(1);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(FakeStream.all).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeStream.all).toHaveLength(2);
});

test("a hidden tab gives its connection back, looks once a minute, and catches up when it is shown", async () => {
  newest().say("open", 1);
  const show = (state: string) => {
    page.visibilityState = state;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  // Only passed by.
  show("hidden");
  await vi.advanceTimersByTimeAsync(1_900);
  show("visible");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(newest().readyState).toBe(1);

  show("hidden");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(newest().readyState).toBe(FakeStream.CLOSED);
  expect(listener.onChange).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(listener.onChange).toHaveBeenCalledTimes(2);
  // Not something to tell: nobody waits.
  expect(listener.onLost).not.toHaveBeenCalled();
  page.dispatchEvent(new Event("online"));
  expect(FakeStream.all).toHaveLength(1);

  show("visible");
  expect(FakeStream.all).toHaveLength(2);
  newest().say("open", 1);
  expect(listener.onOpen).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(listener.onChange).toHaveBeenCalledTimes(2);
});

test("tells when the service refuses, not when it is merely away", async () => {
  giveUp();
  await vi.advanceTimersByTimeAsync(0);
  expect(listener.onRefused).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_000);
  newest().say("open", 1);
  answer.mockResolvedValueOnce({ status: 401 });
  giveUp();
  await vi.advanceTimersByTimeAsync(0);
  expect(listener.onRefused).toHaveBeenCalledTimes(1);
});

test("ended is ended", async () => {
  giveUp();
  stop();
  page.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeStream.all).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
