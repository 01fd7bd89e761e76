import type { Queue } from "pg-boss";
import { z } from "zod";

/**
 * The contract of a queue: what its jobs carry, how pg-boss keeps them, and when they come by themselves. Who enqueues
 * needs this and no more: what the worker does with a job is in worker/jobs/, so that enqueuing loads none of it.
 */
export interface JobDefinition<Name extends string, Payload extends z.ZodType> {
  /** The queue's name. */
  name: Name;
  /** What a job carries; checked when a worker takes it up. */
  payload: Payload;
  /** The queue as pg-boss shall have it. A function, since some of it comes from the environment. */
  queue(): Omit<Queue, "name" | "partition">;
  /** Of jobs with the same key that wait, the queue keeps one (with the policy "short"). */
  key?(payload: z.output<Payload>): string;
  /** Has pg-boss enqueue a job by itself, once for all workers. `missed`: what it does after everything was down. */
  schedule?: { cron: string; missed: "skip" | "once" };
}

export function defineJob<Name extends string, Payload extends z.ZodType>(
  definition: JobDefinition<Name, Payload>,
): JobDefinition<Name, Payload> {
  return definition;
}

/** The payload of a job that needs to know nothing: pg-boss sends null from a schedule. */
export const noPayload = z.object({}).nullish();
