import { runErrorCodes, runErrors } from "#lib/run-error-codes";
import classes from "./error-code-guide.module.css";

/** Every error code with all that is known of it, and a list to jump from. */
export function ErrorCodeGuide() {
  return (
    <div className={classes.root}>
      <nav aria-label="Error codes" className={`${classes.list} tp-no-print`}>
        <ul>
          {runErrorCodes.map((code) => (
            <li key={code}>
              <a href={`#${code}`}>
                <span className={classes.short}>{runErrors[code].title}</span>
                <span className={classes.code}>{code}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className={classes.codes}>
        {runErrorCodes.map((code) => {
          const { title, meaning, handling, remedy } = runErrors[code];
          return (
            <section key={code} id={code} className={classes.entry} aria-labelledby={`${code}-title`}>
              <h2 id={`${code}-title`} className={classes.title}>
                {title}{" "}
                <a href={`#${code}`} className={classes.anchor}>
                  {code}
                </a>
              </h2>
              <p>{meaning}</p>
              <dl>
                <dt>What TenantPilot does</dt>
                <dd>{handling}</dd>
                <dt>What you can do</dt>
                <dd>{remedy}</dd>
              </dl>
            </section>
          );
        })}
      </div>
    </div>
  );
}
