import { env } from "#lib/env";
import { database } from "./client.ts";

/** What is wrong with the login that a process came with. Either is one line that says what to do. */
export interface LoginVerdict {
  /** Why the process must not serve with it. */
  refusal: string | null;
  /** Why it should have another one. */
  warning: string | null;
}

const advice =
  'Set DATABASE_OWNER_URL to it for npm run migrate alone, and DATABASE_URL to a login of its own (docs/operating.md, "Two ' +
  'database logins").';

/**
 * Looks at what the login of this process may do beyond its work. Says nothing of a database that has not been migrated.
 * @param service whose work it shall do
 */
export async function judgeLogin(service: "web" | "worker"): Promise<LoginVerdict> {
  const group = `tenantpilot_${service}`;
  const [login] = await database().$queryRaw<Login[]>`
    SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypasses, r.rolcreaterole AS makes_roles,
           EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = to_regclass('audit_log')
                     AND pg_has_role(r.oid, c.relowner, 'MEMBER')) AS owns,
           (SELECT pg_has_role(r.oid, g.oid, 'USAGE') FROM pg_roles g WHERE g.rolname = ${group}) AS works
    FROM pg_roles r WHERE r.rolname = current_user`;
  return verdictOn(login, service);
}

interface Login {
  name: string;
  superuser: boolean;
  bypasses: boolean;
  makes_roles: boolean;
  owns: boolean;
  /** Null where the groups are missing: the migrations are. */
  works: boolean | null;
}

function verdictOn(login: Login | undefined, service: "web" | "worker"): LoginVerdict {
  if (!login || login.works === null) return { refusal: null, warning: null };
  const powers = [
    login.superuser && "is a superuser",
    login.bypasses && "passes row-level security by",
    login.makes_roles && "may create roles",
    login.owns && "owns the tables",
  ].filter((power) => power !== false);
  const who = `The database login ${login.name}`;
  const tooMuch = `${who} ${powers.join(", ")}, and so can switch off every guard. ${advice}`;
  if (login.superuser && !env().DATABASE_ALLOW_SUPERUSER)
    return {
      refusal: `${tooMuch} To go on nevertheless, set DATABASE_ALLOW_SUPERUSER=true.`,
      warning: null,
    };
  if (!login.works && !login.owns)
    return {
      refusal:
        `${who} may not do the work of ${service}. Let the database's owner run ` +
        `GRANT tenantpilot_${service} TO "${login.name}", or npm run migrate with DATABASE_OWNER_URL set.`,
      warning: null,
    };
  return { refusal: null, warning: powers.length > 0 ? tooMuch : null };
}
