import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Actor } from "#lib/access/actor";
import { AppError } from "#lib/errors";
import { endWhatIsOpen } from "#lib/stopping";
import { eventStream } from "./event-stream.ts";
import type { Heard } from "./listen.ts";

const hub = vi.hoisted(() => ({ tell: (_: unknown) => {}, tellOfAccess: () => {}, subscribers: 0 }));
vi.mock("./listen.ts", () => ({
  subscribe: (
    _tenant: number,
    _reader: Actor,
    _since: string | null,
    on: { event(event: Heard): void; access(): void },
  ) => {
    hub.subscribers += 1;
    hub.tell = on.event as (event: unknown) => void;
    hub.tellOfAccess = on.access;
    return () => {
      hub.subscribers -= 1;
    };
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  hub.subscribers = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

function open(recheck: () => Promise<unknown> = async () => {}) {
  const leave = new AbortController();
  const stream = eventStream({
    tenantId: 1,
    reader: { kind: "user", user_id: 2 },
    mostPerCaller: 10,
    signal: leave.signal,
    recheck,
  });
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => (await reader.read()).value;
  return { leave, next, reader };
}

test("a silent stream says every 15 seconds that it is there", async () => {
  const { next, leave } = open();
  expect(await next()).toMatch(/^retry: (1[5-9]|2\d)\d\d\n\n$/);
  const comment = next();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await comment).toMatch(/^: .*\n\n$/);
  leave.abort();
  expect(await next()).toBeUndefined();
  expect(hub.subscribers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("it ends within a minute of the membership, and not because the database restarts", async () => {
  let verdict = new AppError("UNAVAILABLE", "The database restarts.");
  const { reader } = open(() => Promise.reject(verdict));
  const rest = (async () => {
    while (!(await reader.read()).done);
  })();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(hub.subscribers).toBe(1);
  verdict = new AppError("NOT_FOUND", "No longer a member.");
  await vi.advanceTimersByTimeAsync(60_000);
  await rest;
  expect(hub.subscribers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("it ends at once when there is news of the reader's access, if that has ended", async () => {
  let ended = false;
  const { next } = open(async () => {
    if (ended) throw new AppError("UNAUTHENTICATED", "Signed out.");
  });
  expect(await next()).toContain("retry");
  hub.tellOfAccess();
  await vi.advanceTimersByTimeAsync(0);
  expect(hub.subscribers).toBe(1);
  ended = true;
  hub.tellOfAccess();
  expect(await next()).toBeUndefined();
  expect(hub.subscribers).toBe(0);
});

test("a reader who stops reading does not fill the memory: the stream ends", async () => {
  const { leave } = open();
  for (let id = 1; id <= 5_000 && hub.subscribers > 0; id += 1) hub.tell({ tenant_id: 1, topic: "run", id });
  expect(hub.subscribers).toBe(0);
  leave.abort();
});

test("a reader who goes frees everything", async () => {
  const signal = new AbortController().signal;
  const stream = eventStream({
    tenantId: 1,
    reader: { kind: "token", token_id: 1, tenant_id: 1 },
    mostPerCaller: 10,
    signal,
    recheck: async () => {},
  });
  await stream.cancel();
  expect(hub.subscribers).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("a process that is told to stop ends its streams, so that it can", async () => {
  const { next } = open();
  expect(await next()).toContain("retry");
  endWhatIsOpen();
  expect(await next()).toBeUndefined();
  expect(hub.subscribers).toBe(0);
});

test("one caller has no more streams than may be, and another one is not held up", () => {
  const leaves: AbortController[] = [];
  const openAs = (token_id: number) => {
    const leave = new AbortController();
    leaves.push(leave);
    return eventStream({
      tenantId: 1,
      reader: { kind: "token", token_id, tenant_id: 1 },
      mostPerCaller: 2,
      signal: leave.signal,
      recheck: async () => {},
    });
  };
  openAs(7);
  openAs(7);
  expect(() => openAs(7)).toThrow("You have 2 event streams open");
  openAs(8);
  leaves[0]?.abort();
  openAs(7);
  for (const leave of leaves) leave.abort();
});
