import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readWhileShown } from "./read-while-shown.ts";

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const read = vi.fn();
let isReading = false;
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", page);
  page.visibilityState = "visible";
  isReading = false;
  stop = readWhileShown({ read, isReading: () => isReading });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("reads every minute, not while nobody looks, and at once when one comes back", () => {
  vi.advanceTimersByTime(59_999);
  expect(read).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(read).toHaveBeenCalledTimes(1);
  page.visibilityState = "hidden";
  vi.advanceTimersByTime(300_000);
  expect(read).toHaveBeenCalledTimes(1);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  expect(read).toHaveBeenCalledTimes(2);
});

test("a clock that was set back does not stop it", () => {
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(15_000);
  expect(read).toHaveBeenCalledTimes(1);
});

test("what waits for a service that is away is not begun a second time; a minute after it is there, it is", () => {
  read.mockImplementationOnce(() => {
    isReading = true;
  });
  vi.advanceTimersByTime(3_600_000);
  expect(read).toHaveBeenCalledTimes(1);
  isReading = false;
  vi.advanceTimersByTime(59_999);
  expect(read).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(read).toHaveBeenCalledTimes(2);
});

test("ended is ended", () => {
  stop();
  vi.advanceTimersByTime(120_000);
  page.dispatchEvent(new Event("visibilitychange"));
  expect(read).not.toHaveBeenCalled();
});
