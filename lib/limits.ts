// Figures that people are told, in pages, answers and documents, beside the code that goes by them. What a single domain
// tells is its own (the bin's days in lib/sets/schema.ts, the bounds of a rule in lib/retention/rules.ts). Whoever tells
// one of them takes it from here, and scripts/figures.test.ts holds the documents to them.

/** What is begun with Microsoft has to be finished within this time, in minutes. */
export const entraIntentMinutes = 15;

/** How long a session lasts after signing in. It is not prolonged: who stays longer signs in again. */
export const sessionHours = 12;
/** After how many minutes without use it ends, where the environment says nothing else. */
export const sessionIdleMinutes = 120;
/** How long a membership lasts that a role rule made, from the last sign-in with Microsoft that confirmed it. */
export const ruleMembershipDays = 30;
/** How long a session is kept after its time, to look at. */
export const sessionKeptDays = 30;
/** How long a password works that was made for somebody, until they have chosen their own. */
export const initialPasswordDays = 7;
/** How long the link of an invitation can be used. */
export const invitationDays = 7;
/** How long the link works by which a person chooses a new password, in hours. */
export const resetLinkHours = 24;
/** How long the code works by which the first account is made, in hours. Another start of the web server says another. */
export const setupCodeHours = 24;

/** How many hours a tenant has to be archived before it can be deleted: unless whoever migrates says otherwise, and bounds. */
export const deletionWaitHours = { usual: 24, least: 1, most: 8760 } as const;

/** How long an API token works unless told otherwise, and at most, in days from when it is made or rotated. */
export const tokenLifetimeDays = { default: 90, most: 365 } as const;

/**
 * How many attempts to sign in may be counted, and for how long from the first. `pair`, of one address and one network, is
 * what a person meets who mistypes. The other two are for guessers who change the address, or the network; they are wide
 * enough for an office behind one address.
 */
export const signInLimits = {
  network: { attempts: 100, minutes: 15 },
  pair: { attempts: 10, minutes: 15 },
  address: { attempts: 200, minutes: 60 },
  /**
   * Of an account's codes, from all networks together but for those where its person signed in of late, which have a count each.
   * Three of a million codes are right at a time, so a guesser who knows the password has one chance in 350 a day.
   */
  code: { attempts: 10, minutes: 15 },
} as const;
/** How long the right password waits for its code, in minutes. */
export const codeMinutes = 5;
/** How long an authenticator app's first code is waited for while it is set up, in minutes. */
export const secondFactorSetUpMinutes = 15;
/** How many recovery codes a person has to begin with. */
export const recoveryCodeCount = 10;
/** How long a network stays known after somebody signed in from it. */
export const knownNetworkDays = 90;

/** Of wrong passwords for one person, so many get an audit entry each within so many hours; one more tells of the others. */
export const toldSignInFailures = { entries: 3, hours: 4 } as const;
/** How often the heads of audit logs are looked at, to be said in the service's log. */
export const auditWatchMinutes = 15;
/** How long runs without a backup set are kept, unless the environment says otherwise, and at least: the database refuses less. */
export const runKeptDays = { usual: 400, least: 30 } as const;
/** Audit entries are kept for so long at least: the database's function refuses less. */
export const auditKeptDays = 30;

/** Rows of a page of every list: unless told, and at most. */
export const pageSizes = { usual: 50, most: 200 } as const;
/** Of how many people the platform's list tells; a search finds the others. */
export const peopleListed = 200;
/** Schedules or notifications that one bulk action may name. */
export const bulkMost = 500;

/**
 * How a web server keeps idle connections, and stops. Longer than the 60 s for which nginx and the load balancers of AWS and
 * Azure keep theirs: who closes first must be the one who sends the requests.
 */
export const webDefaults = {
  keepAliveSeconds: 75,
  shutdownNoticeSeconds: 0,
  shutdownLimitSeconds: 30,
  maxHeapMegabytes: 384,
} as const;

/** Probes, scrapers and files of the build: of these no line is logged a request, unless the environment says otherwise. */
export const unloggedPaths = ["/api/health", "/api/ready", "/api/metrics", "/_next/"] as const;
/** How many tenants the metrics name one by one: each is a time series of its own. */
export const metricsTenants = 100;

/** What a run gets where the environment says nothing else. */
export const runDefaults = { maxAttempts: 4, timeoutMinutes: 120, retryDelaySeconds: 10 } as const;

/** An occurrence that is later than this was missed: the service was down. Ticks come every minute. */
export const missedAfterMinutes = 10;
/** An occurrence that is older than this is never caught up. */
export const caughtUpHours = 24;
/** A run that was due, and has not started since, puts the tenant at risk. */
export const overdueMinutes = 15;
/** The widest window in which runs may start after their time. */
export const startWindowMinutes = 720;
/** Failed runs in a row after which a schedule is paused: unless told, and at most. */
export const pauseAfterFailures = { usual: 5, most: 100 } as const;
/** The next runs that a preview shows. */
export const previewedRuns = 5;
/**
 * Sets that the preview of a schedule's retention names at most: of those that would go, of those that a rule keeps, and of those
 * that stay without one.
 */
export const previewedSets = 200;
/** The newest runs that the row of a schedule shows. */
export const recentRuns = 14;

/**
 * How long after an occurrence a complete backup may be missing: a day in which to put right what failed, and two hours
 * for the run itself. So a daily schedule may miss one occurrence and is in breach two hours after the second; a weekly
 * one is in breach a day after the first.
 */
export const breachGraceHours = 26;
/** The days of a tenant's overview. */
export const overviewDays = 30;
/** The days of a tenant's row in the list of all. Failures are worth a look as long. */
export const portfolioDays = 14;
/** The weeks whose growth the overview of storage shows. */
export const storageWeeks = 12;

/** How long names may hold a run up. */
export const namesSeconds = 60;
/**
 * When the audit logs are asked a second time. Events reach them late: within minutes mostly, half an hour after the change
 * at worst. So the first look, right after the run, shows most of them, and a second one fetches those that were late.
 * Beyond that nothing is waited for: the next run's look begins where this set's run began, and passes over the same time
 * once more.
 */
export const secondLookMinutes = 45;
/** How long the alert of changes waits for who made them: the first look takes seconds, where it may look at all. */
export const changesToldSeconds = 180;
/** At most this many of the newest events of one audit log are read. */
export const auditEventsRead = 2_000;
/** How long a test of the connection waits for an answer. */
export const connectionTestSeconds = 30;
/** A target that takes no alert for so many hours is disabled. */
export const alertDisabledAfterHours = 72;
/** So many days before a credential expires it is told, once each. */
export const expiryToldDays = [30, 7, 1] as const;
export const expiryToldText = new Intl.ListFormat("en").format(expiryToldDays.map(String));
/** A set that was not verified for so many days missed the weekly verification. */
export const verificationOverdueDays = 9;
/** So many minutes without any worker are told. */
export const workerMissingMinutes = 5;
/** A worker whose last heartbeat is older is dead or cut off. */
export const heartbeatSeconds = 30;

const words = "no one two three four five six seven eight nine ten eleven twelve".split(" ");

/** A number as a sentence has it: `four`, `14`. */
export function inWords(count: number): string {
  return words[count] ?? count.toLocaleString("en");
}

/** How often web looks for what has changed where it cannot be told: seconds. */
export const liveLookSeconds = 2.5;

/** Groups that a search by name answers with. */
export const groupsFound = 20;
/** Policies that one restore may name. */
export const restoreItemsMost = 1_000;
/** How long a connection for writing is kept that is only meant for the next restore: days. */
export const writeConnectionDays = 7;
/** How long a write waits for an approval in Intune; Microsoft forgets it then. Days. */
export const approvalDays = 3;
/** Policies that one baseline may hold. */
export const baselineItemsMost = 20_000;
/** How long a difference from the baseline is kept that is gone: days. */
export const driftKeptDays = 400;

/**
 * What a search in contents looks up behind a name: in the newest so many lists of names of kept sets, as most sets of a schedule share
 * theirs; and so many ids of the tenant's, since a text that more are called by tells nothing apart.
 */
export const namesSearched = { lists: 100, ids: 1_000 } as const;
