import classes from "./measure-bar.module.css";
import toneClasses from "./tone.module.css";
import type { Tone } from "./tone.tsx";

/** A labelled number with a bar as long as its share. The words say it all; the bar is to be looked at. */
export function MeasureBar({
  label,
  text,
  share,
  tone,
}: {
  label: string;
  text: string;
  /** 0 to 1 of the bar's length. */
  share: number;
  tone: Tone;
}) {
  return (
    <div>
      <p className={classes.line}>
        <span>{label}</span>
        <strong>{text}</strong>
      </p>
      <svg className={classes.bar} aria-hidden="true" focusable="false">
        <rect className={classes.track} width="100%" height="100%" rx="4" />
        {share > 0 ? (
          <rect
            className={toneClasses.fill}
            data-tone={tone}
            width={`${Math.max(0.6, share * 100)}%`}
            height="100%"
            rx="4"
          />
        ) : null}
      </svg>
    </div>
  );
}
