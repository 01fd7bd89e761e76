import classes from "./tone.module.css";

/** What a part of a chart stands for. Each has a color and a texture, so that color is never the only sign. */
export type Tone = "good" | "notable" | "warning" | "bad" | "accent" | "plain";

/** The texture and color of a tone, for `fill="url(#id)"`. The pattern is in pixels: it never stretches. */
export function TonePattern({ tone, id }: { tone: Tone; id: string }) {
  return (
    <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse">
      <rect width="6" height="6" className={classes.fill} data-tone={tone} />
      {tone === "notable" ? (
        <g className={classes.mark}>
          <circle cx="1.5" cy="1.5" r="0.7" />
          <circle cx="4.5" cy="4.5" r="0.7" />
        </g>
      ) : null}
      {tone === "warning" ? <path className={classes.stroke} d="M-1 1L1 -1M-1 7L7 -1M5 7L7 5" /> : null}
      {tone === "bad" ? <path className={classes.stroke} d="M0 3H6M3 0V6" /> : null}
    </pattern>
  );
}

/** A tone as the legend shows it. */
export function ToneSwatch({ tone, id }: { tone: Tone; id: string }) {
  return (
    <svg className={classes.swatch} width="12" height="12" aria-hidden="true" focusable="false">
      <defs>
        <TonePattern tone={tone} id={id} />
      </defs>
      <rect width="12" height="12" rx="2.5" fill={`url(#${id})`} />
    </svg>
  );
}
