import { Link } from "../navigation/link.tsx";
import classes from "./set-tabs.module.css";

/** The two places where backup sets are, each with how many. */
export function SetTabs({
  current,
  tabs,
}: {
  current: "kept" | "bin";
  tabs: Record<"kept" | "bin", { href: string; count: number }>;
}) {
  return (
    <nav className={classes.root} aria-label="Backup sets">
      {(["kept", "bin"] as const).map((key) => (
        <Link
          key={key}
          className={classes.tab}
          href={tabs[key].href}
          aria-current={key === current ? "page" : undefined}
          scroll={false}
        >
          {key === "kept" ? "Kept" : "Bin"} <span className={classes.count}>{tabs[key].count}</span>
        </Link>
      ))}
    </nav>
  );
}
