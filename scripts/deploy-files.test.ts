import { glob, readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { commands } from "./package.ts";

// Neither Docker nor a cluster is at hand where the tests run: what is written for them is read, and held against the code.

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string) => readFile(`${root}/${file}`, "utf8");

interface ComposeService {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
}

const compose = parse(await read("deploy/compose.yaml"), { merge: true }) as {
  services: Record<string, ComposeService>;
  networks: { default: { ipam: { config: { subnet: string }[] } } };
};
const ours = Object.entries(compose.services).filter(([, { image }]) => image === "tenantpilot");

interface KubernetesObject {
  kind: string;
  data?: Record<string, string>;
  spec?: {
    template?: {
      spec: {
        containers: {
          name: string;
          command?: string[];
          ports?: { name: string; containerPort: number }[];
          livenessProbe?: { httpGet: { path: string; port: string } };
          readinessProbe?: { httpGet: { path: string; port: string } };
        }[];
      };
    };
  };
}

const objects = parseAllDocuments(await read("deploy/kubernetes/tenantpilot.yaml")).map((document) => {
  expect(document.errors).toEqual([]);
  return document.toJS() as KubernetesObject;
});
const containers = objects.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);

/** The names in the schema of lib/env.ts, and those that choose the login of a process before it is read. */
const settings = [
  ...[...(await read("lib/env.ts")).matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name),
  "DATABASE_OWNER_URL",
  "DATABASE_WORKER_URL",
];

test("the Dockerfile has no fault that Docker's own rules know", async () => {
  expect(validate(await read("deploy/Dockerfile"))).toEqual([]);
});

test("a packaged folder has every command that operators are told to run there", async () => {
  const pages = await Promise.all(
    ["operating", "backup", "deploying"].map((page) => read(`docs/${page}.md`)),
  );
  const told = new Set(
    pages.flatMap((page) =>
      [...page.matchAll(/npm run ([a-z]+(?:[:-][a-z]+)*)/g)].map(([, name = ""]) => name),
    ),
  );
  // Of a checkout, where there is one.
  for (const name of ["bench", "build", "package", "pictures", "sandbox", "upgrade:check"]) told.delete(name);
  const { scripts } = JSON.parse(await read("package.json")) as { scripts: Record<string, string> };
  const packaged = await commands();
  expect(told.size).toBeGreaterThan(10);
  for (const name of told) {
    const file = /(\S+\.ts)$/.exec(scripts[name] ?? "")?.[1];
    expect(packaged, name).toContain(file);
    await expect(stat(`${root}/${file}`), name).resolves.toBeTruthy();
  }
});

test("units in the documents start as the ones that are there do", async () => {
  const [, start = ""] =
    /^ExecStart=(\S+) /m.exec(await read("deploy/systemd/tenantpilot-worker.service")) ?? [];
  expect(start).toBe("/usr/bin/node");
  for await (const page of glob("docs/*.md", { cwd: root }))
    for (const [, program] of (await read(page)).matchAll(/^ExecStart=(\S+)/gm))
      expect(program, page).toBe(start);
});

test("PostgreSQL is healthy where others reach it, and web believes the network that Caddy comes from", () => {
  expect(compose.services.postgres?.healthcheck?.test).toEqual(expect.arrayContaining(["-h", "127.0.0.1"]));
  const [network] = compose.networks.default.ipam.config;
  expect(compose.services.web?.environment?.TRUSTED_PROXIES).toBe(network?.subnet);
});

test("every setting that is given is one of the product's", () => {
  const given = [
    ...ours.flatMap(([, { environment }]) => Object.keys(environment ?? {})),
    ...objects.flatMap(({ kind, data }) => (kind === "ConfigMap" ? Object.keys(data ?? {}) : [])),
  ];
  expect(given.length).toBeGreaterThan(15);
  expect(given.filter((name) => !settings.includes(name))).toEqual([]);
});

test("the owner's login is given to migrate, and to nobody else", () => {
  const owners = ours.filter(([, { environment }]) => environment?.DATABASE_OWNER_URL).map(([name]) => name);
  expect(owners).toEqual(["migrate"]);
});

test("every variable of the compose file is in the example, and the other way round", async () => {
  const asked = [...(await read("deploy/compose.yaml")).matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
  const offered = [...(await read("deploy/example.env")).matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  expect([...new Set(asked)].sort()).toEqual(offered.sort());
});

test("every file that is started is there", async () => {
  const started: string[] = [];
  for await (const file of glob("deploy/**/{Dockerfile,*.yaml,*.service}", { cwd: root }))
    for (const [path] of (await read(file)).matchAll(/\b(scripts|worker|prisma)\/[\w/-]+\.ts\b/g))
      started.push(path);
  expect(new Set(started).size).toBeGreaterThanOrEqual(4);
  for (const path of started) expect((await stat(`${root}/${path}`)).isFile(), path).toBe(true);
});

test("probes ask addresses that answer", async () => {
  const worker = await read("worker/health-server.ts");
  const probes = containers.flatMap(({ ports, livenessProbe, readinessProbe }) =>
    [livenessProbe, readinessProbe].flatMap((probe) => {
      expect(probe ? ports?.map(({ name }) => name) : [undefined]).toContain(probe?.httpGet.port);
      return probe ? [probe.httpGet.path] : [];
    }),
  );
  expect(probes).toEqual(["/api/health", "/api/ready", "/health", "/ready"]);
  for (const path of probes)
    if (path.startsWith("/api/")) expect((await stat(`${root}/app${path}/route.ts`)).isFile()).toBe(true);
    else expect(worker).toContain(`case "${path}":`);
});

test("copies of sets are made by a command of a packaged folder, by one at a time, and not as the owner", async () => {
  const [document, ...others] = parseAllDocuments(await read("deploy/kubernetes/copies.yaml"));
  expect(others).toEqual([]);
  expect(document?.errors).toEqual([]);
  if (!document) throw new Error("The file holds no document");
  const { kind, spec } = document.toJS() as {
    kind: string;
    spec: {
      concurrencyPolicy: string;
      jobTemplate: {
        spec: {
          template: {
            spec: { containers: { command: string[]; envFrom: { secretRef: { name: string } }[] }[] };
          };
        };
      };
    };
  };
  expect({ kind, policy: spec.concurrencyPolicy }).toEqual({ kind: "CronJob", policy: "Forbid" });
  const [container, ...more] = spec.jobTemplate.spec.template.spec.containers;
  expect(more).toEqual([]);
  expect(container?.command.slice(0, 2)).toEqual(["node", "scripts/run.ts"]);
  expect(await commands()).toContain(container?.command[2]);
  expect(container?.envFrom.map(({ secretRef }) => secretRef.name)).toEqual([
    "tenantpilot",
    "tenantpilot-copies",
  ]);
});
