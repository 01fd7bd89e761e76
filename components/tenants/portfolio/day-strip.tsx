import { runTones } from "#components/runs/run-state.ts";
import { HiddenWords } from "#components/ui/hidden-words";
import type { PortfolioTenant } from "#lib/overview/portfolio";
import { dayText } from "../day-text.ts";
import classes from "./day-strip.module.css";

type Outcome = "none" | "success" | "partial" | "failed";

const step = 8;
const heights: Record<Outcome, number> = { none: 3, success: 18, partial: 13, failed: 9 };

/** The last days of a tenant as ticks, oldest left: the worse a day, the lower its tick, and in another color. */
export function DayStrip({ days }: { days: PortfolioTenant["days"] }) {
  return (
    <span className={classes.root}>
      <HiddenWords>{stripWords(days)}</HiddenWords>
      <svg width={days.length * step - 3} height={18} aria-hidden="true" focusable="false">
        {days.map((day, index) => {
          const outcome = outcomeOf(day);
          return (
            <rect
              key={day.date}
              className={classes.tick}
              data-tone={outcome === "none" ? undefined : runTones[outcome]}
              x={index * step}
              y={18 - heights[outcome]}
              width={step - 3}
              height={heights[outcome]}
              rx={1.5}
            >
              <title>{`${dayText(day.date)}: ${dayWords(day)}`}</title>
            </rect>
          );
        })}
      </svg>
    </span>
  );
}

type StripDay = PortfolioTenant["days"][number];

function outcomeOf(day: StripDay): Outcome {
  if (day.failed > 0) return "failed";
  if (day.partial > 0) return "partial";
  return day.success > 0 ? "success" : "none";
}

function dayWords(day: StripDay): string {
  const parts = [
    day.success ? `${day.success} complete` : null,
    day.partial ? `${day.partial} partial` : null,
    day.failed ? `${day.failed} failed` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "no run" : parts.join(", ");
}

/** `Last 14 days: 12 without a failure, 1 with failures, 1 without a run`. */
function stripWords(days: readonly StripDay[]): string {
  const count = (...outcomes: Outcome[]) => days.filter((day) => outcomes.includes(outcomeOf(day))).length;
  return `Last ${days.length} days: ${count("success")} without a failure, ${count("failed", "partial")} with failures, ${count("none")} without a run`;
}
