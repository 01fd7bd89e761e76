import { Link } from "#components/navigation/link";
import { ErrorCodeLink } from "#components/runs/error-code-link";
import { RunStatusBadge } from "#components/runs/run-status-badge";
import { RelativeTime } from "#components/time/instant";
import { Panel } from "#components/ui/panel";
import { PhoneFold } from "#components/ui/phone-fold";
import type { Standing } from "#lib/access/permissions";
import { type FailureCause, failureDays } from "#lib/overview/failure-causes";
import { runErrors } from "#lib/run-error-codes";
import classes from "./failure-causes.module.css";
import { extentWords, remedyPage, remedyWords } from "./failure-words.ts";

/** What a phone shows at first. */
const shownOnPhones = 2;

/** Why runs failed in the last days: one entry a cause, with its newest run and what to do. */
export function FailureCauses({
  causes,
  tenantId,
  viewer,
}: {
  causes: readonly FailureCause[];
  tenantId: number;
  viewer: Standing;
}) {
  const base = `/tenants/${tenantId}`;
  return (
    <div id="failures" className={classes.anchor}>
      <Panel
        title="Latest failures"
        flush
        action={
          causes.length > 0 ? (
            <Link className="tp-link" href={`${base}/runs?status=failed`}>
              All failed runs
            </Link>
          ) : undefined
        }
      >
        {causes.length === 0 ? (
          <p className={classes.none}>
            No run has failed in the last {failureDays} days. Failed and partial runs appear here with what to
            do about them.
          </p>
        ) : (
          <>
            <Causes causes={causes.slice(0, shownOnPhones)} tenantId={tenantId} viewer={viewer} />
            {causes.length > shownOnPhones ? (
              <PhoneFold label={`${causes.length - shownOnPhones} more`}>
                <Causes causes={causes.slice(shownOnPhones)} tenantId={tenantId} viewer={viewer} />
              </PhoneFold>
            ) : null}
          </>
        )}
      </Panel>
    </div>
  );
}

function Causes({
  causes,
  tenantId,
  viewer,
}: {
  causes: readonly FailureCause[];
  tenantId: number;
  viewer: Standing;
}) {
  const base = `/tenants/${tenantId}`;
  return (
    <ul className={classes.list}>
      {causes.map((cause) => (
        <li key={cause.error_code} className={classes.entry}>
          <div className={classes.head}>
            <Link className={classes.name} href={`${base}/runs/${cause.newest.run_id}`} scroll={false}>
              {cause.newest.schedule_name}
            </Link>
            <RunStatusBadge state={cause.newest.status} />
            <span className={classes.when}>
              <RelativeTime at={cause.newest.finished_at} />
            </span>
          </div>
          <p className={classes.text}>{cause.newest.error_message ?? runErrors[cause.error_code].meaning}</p>
          <p className={classes.text}>
            <strong>What to do:</strong> {remedyWords(cause)}
          </p>
          <p className={classes.foot}>
            <span>{extentWords(cause)}</span>
            <ErrorCodeLink code={cause.error_code} />
            <RemedyLink base={base} cause={cause} viewer={viewer} />
          </p>
        </li>
      ))}
    </ul>
  );
}

function RemedyLink({ base, cause, viewer }: { base: string; cause: FailureCause; viewer: Standing }) {
  const page = remedyPage(cause, viewer);
  return page ? (
    <Link className="tp-link" href={`${base}${page.path}`} scroll={page.scroll}>
      {page.label}
    </Link>
  ) : null;
}
