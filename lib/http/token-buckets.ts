/** What is left to somebody after a request. */
export interface Allowance {
  isAllowed: boolean;
  /** Whole requests that may follow at once. */
  remaining: number;
  /** Seconds until another request may follow, when none is left; else until all of them may. */
  seconds: number;
}

interface Bucket {
  tokens: number;
  /** When the tokens were counted, in milliseconds. */
  at: number;
}

/** Beyond this many, full buckets are forgotten: they are as good as new ones. */
const sweepAbove = 10_000;

/**
 * Token buckets (RFC 3290, section 5.1.3), one for each of many: each request takes a token, and tokens come back at a steady
 * rate, up to what the bucket holds.
 */
export class TokenBuckets {
  readonly #capacity: number;
  readonly #perMs: number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = sweepAbove;

  constructor({ capacity, perMinute }: { capacity: number; perMinute: number }) {
    this.#capacity = capacity;
    this.#perMs = perMinute / 60_000;
  }

  /** Takes a token out of somebody's bucket, if there is one. @param now in milliseconds, never less than before */
  take(key: string, now: number): Allowance {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#capacity, at: now };
    bucket.tokens = this.#filled(bucket, now);
    bucket.at = now;
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens -= 1;
    this.#buckets.set(key, bucket);
    this.#sweep(now);
    const missing = isAllowed ? this.#capacity - bucket.tokens : 1 - bucket.tokens;
    return {
      isAllowed,
      remaining: Math.floor(bucket.tokens),
      seconds: Math.ceil(missing / this.#perMs / 1000),
    };
  }

  /** How many are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  #filled({ tokens, at }: Bucket, now: number): number {
    return Math.min(this.#capacity, tokens + (now - at) * this.#perMs);
  }

  #sweep(now: number): void {
    if (this.#buckets.size <= this.#sweepAt) return;
    for (const [key, bucket] of this.#buckets)
      if (this.#filled(bucket, now) >= this.#capacity) this.#buckets.delete(key);
    this.#sweepAt = Math.max(sweepAbove, this.#buckets.size * 2);
  }
}
